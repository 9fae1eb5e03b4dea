import { TrainBench } from './bench/train.js';
import { isGroup, kinds, unnamed, withNames } from './groups.js';
import { Job } from './job.js';
import { columnOf } from './mapping.js';
import { light } from './styles/palette.js';
import { firstView } from './view.js';

/**
 * @import { BudgetPlan, CompareOptions, Comparison, PlanOptions, SelfTest, SelfTestOptions } from '../api/types.js'
 * @import { Step } from './bench/data.js'
 * @import { View } from './view.js'
 */

/**
 * What a table of spend says of the channels.
 * @typedef {{
 *   costs: NonNullable<CompareOptions['costs']>, period?: string, rows: number, used: number, cost: number,
 *   matched: { name: string, channel: string }[], unmatched: { name: string }[], without: string[],
 *   warnings: Comparison['warnings'],
 * }} Spend
 */

/** The methods that need no model. */
const rules = /** @type {const} */ ([
  'first', 'last', 'lastNonDirect', 'linear', 'timeDecay', 'position', 'markov', 'shapley', 'shapleyOrdered',
]);

/**
 * What the page knows, and the one session it knows it from. Views draw it and call its methods; it tells
 * them by `change`, and of progress (many a second) by `progress`.
 */
export class Workbench extends TrainBench {
  /** By what they were asked of. @type {Map<string, Comparison>} */
  comparisons = new Map();
  /** How channels are compared; changes are asked for at once. @type {CompareOptions} */
  compareOptions = {};
  view = { ...firstView };
  /** The channels with their groups, whatever level is compared. @type {Comparison['channels']} */
  channelList = [];

  comparing = new Job((progress) => this.tell(progress));
  planning = new Job((progress) => this.tell(progress));
  testing = new Job((progress) => this.tell(progress));
  costing = new Job((progress) => this.tell(progress));
  /** The best spend under what the last comparison fitted. @type {BudgetPlan | null} */
  plan = null;
  /** How far the methods are from the truth of simulated journeys; of no file. @type {SelfTest | null} */
  selfTest = null;
  /** What the last table of spend said. @type {Spend | null} */
  spend = null;

  /** @type {Comparison | null} */
  #lastComparison = null;
  #lastSubject = '';
  /** @type {{ of: Comparison, lang: string, comparison: Comparison } | null} */
  #words = null;
  /** The data of the last comparison of journeys. */
  #comparedKey = '';

  get dependents() {
    return [...super.dependents, this.comparing, this.planning, this.costing];
  }

  forget() {
    super.forget();
    this.plan = null;
    this.spend = null;
    this.#lastComparison = null;
    this.#comparedKey = '';
    this.channelList = [];
    this.compareOptions = {};
    this.comparisons.clear();
  }

  async close() {
    this.testing.cancel();
    await super.close();
  }

  /** @param {Step} step */
  go(step) {
    super.go(step);
    if (this.step === 'compare') this.compareIfReady();
  }

  /** A sample, from one click to a trained model; of journeys, to their comparison. @param {'sessions' | 'journeys'} [kind] */
  async trySample(kind = 'sessions') {
    /** @type {string} */
    let name = 'sample.csv';
    const csv = await this.reading.run(() =>
      this.connection.inTurn(async (session) => {
        const sample = await session.sample({ kind });
        name = sample.name;
        return sample.csv;
      }),
    );
    if (!csv || !(await this.read(csv, name))) return;
    if (this.journeys) this.go('compare');
    else await this.train();
  }

  /** Trains with the settings as they are, and shows the run. */
  async train() {
    if (!this.training.running) this.comparing.cancel();
    await super.train();
    this.compareIfReady();
  }

  /** @param {string} id */
  select(id) {
    super.select(id);
    if (this.step === 'compare') this.compareIfReady();
  }

  /** Runs whose say is asked for when journeys are compared: the shown one, and the newest of each other model. */
  get #voices() {
    const known = this.records.filter(({ dataKey }) => dataKey === this.dataKey).map(({ run }) => run);
    const shown = known.find(({ id }) => id === this.selectedRun);
    const others = known.filter(({ model }, at) => model !== shown?.model && known.findLastIndex((run) => run.model === model) === at);
    return shown ? [shown, ...others] : others;
  }

  /** What a comparison is asked of: the shown run, or for journeys data, runs and options. */
  get #question() {
    const { compareOptions } = this;
    if (!this.journeys) return JSON.stringify([this.record?.run.id, compareOptions]);
    return JSON.stringify([this.dataKey, this.#voices.map(({ id }) => id), compareOptions]);
  }

  /** What a comparison is about: journeys as they are, or rows as a run sees them. */
  get #subject() {
    return this.journeys ? 'journeys' : (this.record?.run.id ?? '');
  }

  /** The comparison of what is shown; the last one while it is asked for otherwise. */
  get comparison() {
    const found = this.comparisons.get(this.#question) ?? (this.#lastSubject === this.#subject ? this.#lastComparison : null);
    return found && this.#worded(found);
  }

  /** What people read for a channel's or group's name. @param {string} name */
  nameOf(name) {
    const { i18n } = this;
    if (unnamed.includes(name)) return i18n.t(`channel.${name}`);
    return this.level !== 'channel' && isGroup(name) && i18n.has(`group.${name}`) ? i18n.t(`group.${name}`) : name;
  }

  /** A comparison under the names that people read. @param {Comparison} comparison */
  #worded(comparison) {
    const { i18n } = this;
    const asGroups = comparison.level && comparison.level !== 'channel';
    if (!asGroups && !comparison.channels.some(({ name }) => unnamed.includes(name))) return comparison;
    if (this.#words?.of !== comparison || this.#words.lang !== i18n.code) {
      this.#words = { of: comparison, lang: i18n.code, comparison: withNames(comparison, (name) => this.nameOf(name)) };
    }
    return this.#words.comparison;
  }

  /** Whether the comparison is of other data than the first step says now. */
  get comparisonStale() {
    if (!this.journeys) return this.stale;
    return this.#comparedKey !== this.dataKey;
  }

  /**
   * The place of a channel (or group of channels) in the colour order: the same in every view. -1 where none is
   * told by its colour.
   * @param {string} channel
   */
  channelIndex(channel) {
    const groups = this.compareOptions.level && this.compareOptions.level !== 'channel';
    const order = groups ? (this.comparison?.channels.map(({ name }) => name) ?? []) : this.channelOrder;
    // Of rows, grey says that a channel is too small to be judged.
    return !this.journeys && order.length > light.channels.length ? -1 : order.findIndex((name) => name === channel || (unnamed.includes(name) && this.nameOf(name) === channel));
  }

  /** @param {Partial<View>} change */
  show(change) {
    this.view = { ...this.view, ...change };
    this.changed();
  }

  /** Compares otherwise, at once. @param {CompareOptions} change */
  compareBy(change) {
    this.compareOptions = { ...this.compareOptions, ...change };
    this.changed();
    if (!this.comparisons.has(this.#question)) void this.compare();
  }

  /** Takes what channels cost from a file, or gives it up. @param {CompareOptions['costs']} costs */
  takeCosts(costs) {
    this.compareOptions = { ...this.compareOptions, costs };
  }

  /** Whether a comparison could start now. */
  get comparable() {
    if (this.journeys) return this.dataset !== null && this.dataset.channels.length > 0;
    return this.record !== null && Boolean(this.mapping && columnOf(this.mapping, 'channel')) && !this.stale;
  }

  /** Compares the channels, unless that is done, under way, or would be on other data than is shown. */
  compareIfReady() {
    if (!this.comparable || this.comparisons.has(this.#question) || this.comparing.running) return;
    if (this.journeys && this.#comparedKey && this.comparisonStale) return;
    void this.compare();
  }

  /** Compares the channels: journeys by every method, rows by the shown run. */
  async compare() {
    if (!this.journeys && !this.record) return;
    const question = this.#question;
    const { dataKey } = this;
    const options = this.#asked();
    const comparison = await this.comparing.run(async (hooks) => {
      if (this.journeys && !(await this.prepare())) return null;
      return this.connection.inTurn((session) => session.compare(options, hooks));
    });
    if (!comparison) {
      if (this.comparing.status === 'done') this.comparing.reset();
      this.changed();
      return;
    }
    // Data that was changed and changed back is prepared anew, and counts as other data below; here it is the same.
    const warnings = comparison.warnings.filter(({ code }) => this.stale || code !== 'run-of-other-data');
    const shown = { ...comparison, warnings };
    this.comparisons.set(question, shown);
    this.#lastComparison = shown;
    this.#lastSubject = this.#subject;
    this.plan = null;
    if (this.journeys) {
      if (shown.level === 'channel') this.#know(shown.channels);
      this.#comparedKey = dataKey;
    } else if (this.level === 'channel') {
      this.channelList = shown.channels;
    }
    this.changed();
    this.dispatchEvent(new CustomEvent('comparison', { detail: shown }));
  }

  /** Of more channels than can be told apart by colour, the largest get one. @param {Comparison['channels']} channels */
  #know(channels) {
    this.channelList = channels;
    if (this.channelOrder.length <= light.channels.length) return;
    const sizes = new Map(channels.map(({ name, rows }) => [name, rows]));
    this.channelOrder.sort((a, b) => (sizes.get(b) ?? 0) - (sizes.get(a) ?? 0));
  }

  /** The level that is compared can be of rows, too. */
  get level() {
    return this.compareOptions.level ?? 'channel';
  }

  /** @returns {CompareOptions} */
  #asked() {
    if (!this.journeys) return { ...this.compareOptions, runIds: this.record ? [this.record.run.id] : [] };
    const runs = this.#voices;
    const models = /** @type {('logistic' | 'journey' | 'transformer')[]} */ ([...new Set(runs.map(({ model }) => model))]);
    return { ...this.compareOptions, methods: [...rules, ...models], runIds: runs.map(({ id }) => id) };
  }

  /** The name that Rust knows a channel or group by. @param {string} name */
  #codeOf(name) {
    const without = unnamed.find((code) => this.i18n.t(`channel.${code}`) === name);
    if (without) return without;
    if (this.level === 'channel') return name;
    const codes = Object.entries(kinds).flat(2);
    return codes.find((code) => this.i18n.has(`group.${code}`) && this.i18n.t(`group.${code}`) === name) ?? name;
  }

  /** Asks for the best spend under the responses that were fitted. @param {PlanOptions} asked */
  async planBudget(asked) {
    const options = { ...asked, bounds: asked.bounds?.map((bound) => ({ ...bound, channel: this.#codeOf(bound.channel) })) };
    const plan = await this.planning.run(() => this.connection.inTurn((session) => there(session.plan).call(session, options)));
    if (plan) this.plan = plan;
    this.changed();
  }

  /** Reads a table of spend, and compares with it. @param {Blob | string} source */
  async readCosts(source) {
    const spend = await this.costing.run((hooks) => this.connection.inTurn((session) => there(/** @type {any} */ (session).costs).call(session, source, {}, hooks)));
    if (spend) {
      this.spend = spend;
      if (spend.costs.length) this.compareBy({ costs: spend.costs });
    }
    this.changed();
  }

  /** Holds every method against journeys whose truth is known. @param {SelfTestOptions} [options] */
  async testMethods(options = {}) {
    const test = await this.testing.run((hooks) =>
      this.connection.inTurn((session) => there(session.selfTest).call(session, options, hooks)),
    );
    if (test) this.selfTest = test;
    this.changed();
  }
}

/**
 * What a session may not offer yet.
 * @template {Function} T
 * @param {T | undefined} call
 * @returns {T}
 */
function there(call) {
  if (!call) throw Object.assign(new Error('This is not built yet.'), { code: 'not-implemented' });
  return call;
}
