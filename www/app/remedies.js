/**
 * What one click does about a finding, and undoes: options of `prepare`, by their path.
 *
 * @import { ColumnType, Layout, LoadOptions, Warning } from '../api/types.js'
 * @import { DataBench } from './bench/data.js'
 * @import { Use } from './mapping.js'
 * @import { SettingName } from './settings.js'
 */
import { defaults } from './settings.js';

/**
 * @typedef {{ kind: 'ignore', column: string } | { kind: 'type', column: string, type: ColumnType }
 *   | { kind: 'role', column: string, role: Use } | { kind: 'setting', name: SettingName, value: string }
 *   | { kind: 'positive', value: string | string[] } | { kind: 'layout', value: Layout }
 *   | { kind: 'load', option: keyof LoadOptions, value: any } | { kind: 'pool', channels: string[] }} Change
 */

/** What helps where the finding itself does not say. @type {{ [code: string]: 'ignore' | 'category' | 'number' | 'splitByUser' }} */
const usual = {
  'possible-leak': 'ignore',
  'constant-column': 'ignore',
  'too-many-levels': 'ignore',
  'many-missing': 'ignore',
  separation: 'ignore',
  'code-like-number': 'category',
  'almost-number': 'number',
  'users-on-both-sides': 'splitByUser',
};

/** Settings by the option they stand for. @type {{ [option: string]: SettingName }} */
const settings = {
  'split.by': 'splitBy',
  'split.test': 'test',
  'split.validation': 'validation',
  lookbackDays: 'lookbackDays',
  maxLength: 'maxLength',
  collapseRepeats: 'collapseRepeats',
  duplicates: 'duplicates',
  impossible: 'impossible',
  poolBelow: 'poolBelow',
  outcomeOf: 'outcomeOf',
  blankOutcome: 'blankOutcome',
};

/** The two ways of each kind of mark. */
const ways = { 'load.dates': ['dayFirst', 'monthFirst'], 'load.decimal': ['.', ','] };

/**
 * How something was read that can be read two ways: not as its finding offers to read it.
 * @param {Warning} warning
 * @returns {string | undefined} as an option of `load`
 */
export function takenAs({ code, remedy = {} }) {
  if (!/^(ambiguous-|dates-)/.test(code)) return undefined;
  const [option, both] = Object.entries(ways).find(([name]) => name in remedy) ?? [];
  return option && both?.find((way) => way !== remedy[option]);
}

/**
 * The changes that mend what was noticed; none where nothing does.
 * @param {Warning} warning
 * @returns {Change[]}
 */
export function changesOf(warning) {
  if (warning.remedy) return Object.entries(warning.remedy).flatMap(([option, value]) => changes(option, value));
  const remedy = usual[warning.code];
  if (!remedy) return [];
  if (remedy === 'splitByUser') return [{ kind: 'setting', name: 'splitBy', value: 'user' }];
  return (warning.columns ?? []).map((column) => (remedy === 'ignore' ? { kind: 'ignore', column } : { kind: 'type', column, type: remedy }));
}

/**
 * @param {string} option
 * @param {unknown} value
 * @returns {Change[]}
 */
function changes(option, value) {
  const [first, ...rest] = option.split('.');
  const name = rest.join('.');
  if (option === 'ignore' || option === 'roles.ignore') return [value].flat().map((column) => ({ kind: 'ignore', column: String(column) }));
  if (option === 'positive') return [{ kind: 'positive', value: Array.isArray(value) ? value.map(String) : String(value) }];
  if (option === 'poolChannels') return [{ kind: 'pool', channels: [value].flat().map(String) }];
  if (first === 'load') return [{ kind: 'load', option: /** @type {keyof LoadOptions} */ (name), value }];
  if (option === 'layout') return [{ kind: 'layout', value: /** @type {Layout} */ (value) }];
  if (first === 'types') return [{ kind: 'type', column: name, type: /** @type {ColumnType} */ (value) }];
  if (first === 'roles') return [{ kind: 'role', column: String(value), role: /** @type {Use} */ (name) }];
  if (!settings[option]) return [];
  const written =
    typeof value === 'boolean' ? (value ? 'on' : 'off') : first === 'split' && typeof value === 'number' ? String(100 * value) : String(value);
  return [{ kind: 'setting', name: settings[option], value: written }];
}

/**
 * Whether a change is how things stand.
 * @param {DataBench} bench
 * @param {Change} change
 */
function stands(bench, change) {
  const column = 'column' in change ? bench.mapping?.columns.find(({ name }) => name === change.column) : undefined;
  if (change.kind === 'ignore') return column?.use === 'ignore';
  // A column that is left out needs no type.
  if (change.kind === 'type') return column?.type === change.type || column?.use === 'ignore';
  if (change.kind === 'role') return column?.use === change.role;
  if (change.kind === 'setting') return bench.settings[change.name] === change.value;
  if (change.kind === 'positive') return JSON.stringify([bench.positives].flat()) === JSON.stringify([change.value].flat());
  if (change.kind === 'pool') return change.channels.every((channel) => bench.pooled.includes(channel));
  if (change.kind === 'load') return JSON.stringify(bench.file?.options[change.option]) === JSON.stringify(change.value);
  return bench.table?.layout === change.value;
}

/**
 * How a remedy stands: whether it can be taken, has been, and can be undone.
 * @param {DataBench} bench
 * @param {Change[]} changes
 */
export function stateOf(bench, changes) {
  const columns = bench.mapping?.columns ?? [];
  const there = changes.filter((change) => !('column' in change) || columns.some(({ name }) => name === change.column));
  const done = there.length > 0 && there.every((change) => stands(bench, change));
  // A guess that already left the column out needs no undoing, only saying.
  const undoable = there.some((change) => change.kind !== 'ignore' || columns.find(({ name }) => name === change.column)?.guessedUse !== 'ignore');
  return { there, done, undoable };
}

/**
 * Takes a remedy, or takes it back.
 * @param {DataBench} bench
 * @param {Change[]} changes
 * @param {boolean} undo
 */
export function take(bench, changes, undo) {
  for (const change of changes) {
    const column = 'column' in change ? bench.mapping?.columns.find(({ name }) => name === change.column) : undefined;
    if (change.kind === 'ignore') bench.setUse(change.column, undo && column ? column.guessedUse : 'ignore');
    else if (change.kind === 'type') bench.setType(change.column, undo && column ? column.guessedType : change.type);
    else if (change.kind === 'role') bench.setUse(change.column, undo && column ? column.guessedUse : change.role);
    else if (change.kind === 'positive') bench.setPositive(undo ? (bench.mapping?.guessedPositive ?? '') : change.value);
    else if (change.kind === 'setting') {
      bench.set(change.name, undo ? defaults[change.name] : change.value);
      bench.prepareSoon();
    } else if (change.kind === 'pool') bench.pool(undo ? [] : change.channels);
    else if (change.kind === 'load') void bench.readAs({ [change.option]: undo ? undefined : change.value });
    else void bench.setLayout(undo ? bench.guessedLayout : change.value);
  }
}

/**
 * The key of a remedy's words, and what is filled into them.
 * @param {Change} change
 * @returns {{ key: string, value: string }}
 */
export function wordsOf(change) {
  if (change.kind === 'ignore') return { key: 'ignore', value: '' };
  if (change.kind === 'type') return { key: change.type === 'category' || change.type === 'number' ? change.type : 'type', value: `type.${change.type}` };
  if (change.kind === 'role') return { key: 'role', value: `use.${change.role}` };
  if (change.kind === 'positive') return { key: 'positive', value: [change.value].flat().join(', ') };
  if (change.kind === 'pool') return { key: 'poolChannels', value: String(change.channels.length) };
  if (change.kind === 'load') return { key: `load.${change.option}`, value: `read.${change.option}.${change.value}` };
  if (change.kind === 'layout') return { key: 'layout', value: `layout.${change.value}` };
  if (change.name === 'splitBy') return { key: `splitBy${change.value.slice(0, 1).toUpperCase()}${change.value.slice(1)}`, value: '' };
  const named = `option.${change.name}.${change.value}`;
  return { key: change.name, value: change.name === 'outcomeOf' || change.name === 'blankOutcome' ? named : change.value };
}
