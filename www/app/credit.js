/**
 * What the page chooses to show of the credit. The figures are Rust's; here is only which of them stand side by
 * side.
 *
 * @import { Comparison, CreditedChannel, MethodCredit, MethodDifference } from '../api/types.js'
 */

/** @typedef {'share' | 'conversions' | 'value'} Unit */
/** @typedef {'up' | 'down' | 'same' | 'none'} Direction */
/** @typedef {{ figure: number, difference: number, direction: Direction, heat: number }} Cell */

/** Every method, in the order in which they are shown. @type {readonly MethodCredit['method'][]} */
export const methodOrder = [
  'last', 'lastNonDirect', 'first', 'linear', 'timeDecay', 'position', 'markov', 'shapley', 'shapleyOrdered',
  'logistic', 'journey', 'transformer',
];

/** Shown until somebody chooses: one rule for each end, and those that look at the whole journey. */
/** @type {readonly MethodCredit['method'][]} */
const shownAtFirst = ['last', 'first', 'linear', 'markov', 'shapley', 'logistic', 'journey', 'transformer'];

/**
 * The methods of a comparison, in the order in which they are shown. Models of the same kind keep theirs.
 * @param {Comparison} comparison
 * @returns {MethodCredit[]}
 */
export function methodsOf(comparison) {
  return [...comparison.credit].sort((a, b) => methodOrder.indexOf(a.method) - methodOrder.indexOf(b.method));
}

/**
 * The baseline and the methods to show, of those there are.
 * @param {readonly MethodCredit[]} methods
 * @param {{ baseline: string, methods: readonly string[] | null }} view what was chosen
 */
export function chosen(methods, view) {
  /** @type {string[]} */
  const names = methods.map(({ method }) => method);
  const baseline = names.includes(view.baseline) ? view.baseline : (names[0] ?? '');
  const wanted = view.methods ?? names.filter((name) => shownAtFirst.some((one) => one === name));
  const shown = names.filter((name) => name !== baseline && wanted.includes(name));
  return { baseline, shown: [baseline, ...shown] };
}

/**
 * @param {CreditedChannel | undefined} channel
 * @param {Unit} unit
 */
export function figureOf(channel, unit) {
  return channel?.[unit] ?? NaN;
}

/**
 * @param {CreditedChannel | undefined} channel
 * @param {Unit} unit
 * @returns {[number, number] | undefined}
 */
export function intervalOf(channel, unit) {
  return channel?.[`${unit}Interval`];
}

/** The steps of the heat marks. */
const steps = 4;
/** The strongest mark is for no less than this part of the whole. */
const notable = 0.04;

/**
 * The figures of all channels by the methods, each with its difference to the baseline's, and how strong that is
 * beside the largest of the table.
 * @param {readonly MethodCredit[]} methods the baseline first
 * @param {Unit} unit
 * @returns {Map<string, Cell[]>} by channel, a cell per method
 */
export function grid(methods, unit) {
  const names = methods[0]?.channels.map(({ name }) => name) ?? [];
  const columns = methods.map(({ channels }) => new Map(channels.map((channel) => [channel.name, channel])));
  const rows = names.map((name) => {
    const figures = columns.map((column) => figureOf(column.get(name), unit));
    return { name, figures, differences: figures.map((figure) => figure - figures[0]) };
  });
  const all = rows.flatMap(({ differences }) => differences.map(Math.abs)).filter(Number.isFinite);
  // Small differences stay pale, however large they are beside the others.
  const total = rows.reduce((sum, { figures }) => sum + (figures[0] || 0), 0);
  const most = Math.max(...all, total * notable, 1e-12);
  /** @param {number} difference @param {number} at */
  const mark = (difference, at) => {
    /** @type {Direction} */
    const direction = at === 0 || !Number.isFinite(difference) ? 'none' : Math.abs(difference) < most * 0.005 ? 'same' : difference > 0 ? 'up' : 'down';
    const heat = direction === 'up' || direction === 'down' ? Math.max(1, Math.ceil((Math.abs(difference) / most) * steps)) : 0;
    return { direction, heat };
  };
  return new Map(
    rows.map(({ name, figures, differences }) => [
      name,
      figures.map((figure, at) => ({ figure, difference: differences[at], ...mark(differences[at], at) })),
    ]),
  );
}

/**
 * What is known of one method against another, channel by channel; nothing where no resamples were drawn.
 * @param {readonly MethodDifference[]} differences
 * @param {MethodCredit} method
 * @param {MethodCredit} baseline
 * @returns {Map<string, MethodDifference['channels'][number]>}
 */
export function against(differences, method, baseline) {
  const found = differences.find(
    (one) => one.method === method.method && one.runId === method.runId && one.baseline === baseline.method && one.baselineRunId === baseline.runId,
  );
  return new Map(found && found.resamples > 0 ? found.channels.map((channel) => [channel.name, channel]) : []);
}

/**
 * By how much one method's figure is above another's, as a part of the other's; NaN where that is zero.
 * @param {number} from
 * @param {number} to
 */
export function change(from, to) {
  return from > 0 ? to / from - 1 : NaN;
}
