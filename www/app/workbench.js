import { Connection } from './connection.js';
import { remember } from './history.js';
import { Translator } from './i18n/index.js';
import { Job } from './job.js';
import { Proof } from './proof.js';
import { asOptions, columnOf, guessed, withType, withUse } from './mapping.js';
import { light } from './styles/palette.js';
import { defaults, journeyOptions, splitOptions, trainOptions } from './settings.js';

/**
 * @import { BudgetPlan, ColumnType, CompareOptions, Comparison, DatasetSummary, Layout, LoadOptions, PlanOptions, Progress, Run, SelfTest, Session, Source, TableSummary } from '../api/types.js'
 * @import { Epoch } from './history.js'
 * @import { Mapping, Use } from './mapping.js'
 * @import { SettingName, Settings } from './settings.js'
 */

/** @typedef {'data' | 'train' | 'compare'} Step */
/** @typedef {{ run: Run, number: number, dataKey: string, device: Session['device'] | null }} RunRecord */

/** The methods that need no model. */
const rules = /** @type {const} */ ([
  'first', 'last', 'lastNonDirect', 'linear', 'timeDecay', 'position', 'markov', 'shapley',
]);

/** What the third step shows of what was compared. @typedef {typeof firstView} CompareShown */
const firstView = {
  /** @type {'share' | 'conversions' | 'value'} */
  unit: 'share',
  /** @type {'all' | 'pair'} */
  mode: 'all',
  /** @type {'difference' | 'interval'} */
  under: 'difference',
  baseline: 'last',
  /** The other of two methods side by side. */
  other: '',
  /** Those that are shown; by themselves until somebody chooses. @type {string[] | null} */
  methods: null,
};

/**
 * What the page knows, and the one session it knows it from. Views draw it and call its methods; it tells
 * them by `change`, and of progress (many a second) by `progress`.
 */
export class Workbench extends EventTarget {
  i18n = new Translator('en');
  /** @type {Step} */
  step = 'data';
  dark = false;
  proof = new Proof();

  connection = new Connection(() => this.changed());

  /** @type {TableSummary | null} */
  table = null;
  /** @type {Mapping | null} */
  mapping = null;
  /** @type {DatasetSummary | null} */
  dataset = null;
  /** @type {Settings} */
  settings = { ...defaults };

  /** @type {RunRecord[]} */
  records = [];
  /** @type {string | null} */
  selectedRun = null;
  /** @type {Epoch[]} */
  history = [];
  paused = false;
  stopping = false;
  /** Whether the run is there already, and what it is held against is being trained. */
  controlling = false;
  /** By what they were asked of. @type {Map<string, Comparison>} */
  comparisons = new Map();
  /** How journeys are compared; changes are asked for at once. @type {CompareOptions} */
  compareOptions = {};
  view = { ...firstView };
  /** The channels with their groups, whatever level is compared. @type {Comparison['channels']} */
  channelList = [];

  reading = new Job((progress) => this.#tell(progress));
  preparing = new Job((progress) => this.#tell(progress));
  training = new Job((progress) => this.#tell(progress));
  comparing = new Job((progress) => this.#tell(progress));
  planning = new Job((progress) => this.#tell(progress));
  testing = new Job((progress) => this.#tell(progress));
  /** The best spend under what the last comparison fitted. @type {BudgetPlan | null} */
  plan = null;
  /** How far the methods are from the truth of simulated journeys; of no file. @type {SelfTest | null} */
  selfTest = null;

  /** What was noticed when the file was read, before any choice. @type {import('../api/types.js').Warning[]} */
  firstWarnings = [];

  /** @type {{ source: Source, name: string, options: LoadOptions } | null} */
  #file = null;
  #tableNumber = 0;
  /** What a row was chosen to stand for. @type {Layout | null} */
  #layout = null;
  #preparedKey = '';
  #touched = false;
  /** @type {string[]} */
  #channelOrder = [];
  /** @type {Comparison | null} */
  #lastComparison = null;
  /** The data of the last comparison of journeys. */
  #comparedKey = '';
  /** @type {number | undefined} */
  #soon;

  /** @param {Progress | null} progress */
  #tell(progress) {
    if (progress) this.dispatchEvent(new CustomEvent('progress', { detail: progress }));
    else this.changed();
  }

  /** Says that something is different now. */
  changed() {
    this.dispatchEvent(new Event('change'));
  }

  get session() {
    return this.connection.session;
  }

  /** Frees the worker. */
  async close() {
    for (const job of [this.reading, this.preparing, this.training, this.comparing, this.planning, this.testing]) job.cancel();
    await this.connection.close();
  }

  /** Something new is in view: whoever reads starts at its heading. */
  #arrive() {
    this.dispatchEvent(new Event('arrive'));
  }

  /** @param {Step} step */
  go(step) {
    if (step === this.step) return;
    this.step = step;
    this.changed();
    this.#arrive();
    if (step === 'compare') this.compareIfReady();
  }

  /** @param {SettingName} name @param {string} value */
  set(name, value) {
    this.settings = { ...this.settings, [name]: value };
    this.changed();
  }

  /** Names the data a run is trained on, so that runs on other data can be told. */
  get dataKey() {
    if (!this.mapping) return '';
    return JSON.stringify([this.#tableNumber, asOptions(this.mapping), this.#preparing]);
  }

  /** How the table becomes a data set, besides its columns' uses. */
  get #preparing() {
    return {
      ...(this.#layout ? { layout: this.#layout } : {}),
      ...(this.journeys ? journeyOptions(this.settings) : {}),
      split: splitOptions(this.settings),
    };
  }

  /** The run that is shown. */
  get record() {
    return this.records.find(({ run }) => run.id === this.selectedRun) ?? null;
  }

  /** Whether the shown run was trained on something other than what the first step says now. */
  get stale() {
    return this.record !== null && this.record.dataKey !== this.dataKey;
  }

  /** Whether the data are journeys: then channels can be compared without a model. */
  get journeys() {
    return this.table !== null && this.table.layout !== 'rows';
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
    if (!this.journeys) return this.record?.run.id ?? '';
    return JSON.stringify([this.dataKey, this.#voices.map(({ id }) => id), this.compareOptions]);
  }

  /** The comparison of what is shown; for journeys, the last one while another is under way. */
  get comparison() {
    return this.comparisons.get(this.#question) ?? (this.journeys ? this.#lastComparison : null);
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
    const order = groups ? (this.comparison?.channels.map(({ name }) => name) ?? []) : this.#channelOrder;
    // Of rows, grey says that a channel is too small to be judged.
    return !this.journeys && order.length > light.channels.length ? -1 : order.indexOf(channel);
  }

  /** @param {Partial<CompareShown>} change */
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

  /**
   * Reads a file. The table before stays until this one is read.
   * @param {Source} source
   * @param {string} name
   * @param {LoadOptions} [options] what is not to be found out
   */
  async read(source, name, options = {}) {
    for (const job of [this.preparing, this.training, this.comparing]) job.cancel();
    const table = await this.reading.run((hooks) =>
      this.connection.inTurn((session) => session.load(source, { layout: 'auto', ...options, name }, hooks)),
    );
    if (!table) return false;
    this.#file = { source, name, options };
    this.firstWarnings = table.warnings;
    this.#tableNumber += 1;
    this.#layout = null;
    this.table = { ...table, name: table.name ?? name };
    this.mapping = guessed(table);
    this.dataset = null;
    this.#preparedKey = '';
    this.records = [];
    this.selectedRun = null;
    this.#channelOrder = [];
    this.#lastComparison = null;
    this.#comparedKey = '';
    this.channelList = [];
    this.compareOptions = {};
    this.comparisons.clear();
    for (const job of [this.preparing, this.training, this.comparing, this.planning]) job.reset();
    this.plan = null;
    this.changed();
    if (this.step === 'data') this.#arrive();
    return this.prepare();
  }

  /** How the file is read, as far as that was chosen. @returns {LoadOptions} */
  get reads() {
    return this.#file?.options ?? {};
  }

  /** Reads the same file in another way. @param {LoadOptions} change */
  async readAs(change) {
    if (!this.#file) return;
    const { source, name, options } = this.#file;
    await this.read(source, name, { ...options, ...change });
  }

  /** Reads the same file again, after the memory behind it was lost. */
  async reread() {
    if (!this.#file) return;
    const { mapping } = this;
    const layout = this.#layout;
    this.go('data');
    await this.read(this.#file.source, this.#file.name, this.#file.options);
    if (layout) await this.setLayout(layout);
    if (mapping && this.mapping) this.mapping = mapping;
    await this.prepare();
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

  /** Prepares the data as mapped, unless that has been done. Resolves to whether it stands. */
  async prepare() {
    clearTimeout(this.#soon);
    if (!this.mapping) return false;
    const key = this.dataKey;
    if (key === this.#preparedKey && this.dataset) return true;
    const options = { ...asOptions(this.mapping), ...this.#preparing };
    const dataset = await this.preparing.run((hooks) =>
      this.connection.inTurn(async (session) => {
        if (this.#touched) await this.#describeAnew(session, options);
        return session.prepare(options, hooks);
      }),
    );
    if (!dataset) return false;
    this.dataset = dataset;
    this.#preparedKey = key;
    for (const name of dataset.channels) if (!this.#channelOrder.includes(name)) this.#channelOrder.push(name);
    this.changed();
    return true;
  }

  /**
   * The table as it looks under the corrected uses and types.
   * @param {Session} session
   * @param {import('../api/types.js').PrepareOptions} options
   */
  async #describeAnew(session, options) {
    const { columns, warnings } = await session.describe(options);
    const { table } = this;
    // The reason stays that of the guess: the menus show what was chosen.
    const seen = columns.map((column, at) => ({ ...column, reason: table?.columns[at]?.reason ?? column.reason }));
    if (table) this.table = { ...table, columns: seen, warnings };
    this.#touched = false;
  }

  /** Prepares once the hands are off the menus for a moment. */
  prepareSoon() {
    this.#touched = true;
    this.dataset = null;
    this.#preparedKey = '';
    this.preparing.reset();
    this.changed();
    clearTimeout(this.#soon);
    this.#soon = window.setTimeout(() => void this.prepare(), 250);
  }

  /** Takes the rows for something else, with the uses that go with it. @param {Layout} layout */
  async setLayout(layout) {
    if (!this.table || layout === this.table.layout) return;
    clearTimeout(this.#soon);
    const seen = await this.preparing.run(() => this.connection.inTurn((session) => session.describe({ layout })));
    if (!seen || !this.table) return this.changed();
    this.#layout = layout;
    this.table = { ...this.table, ...seen, name: this.table.name };
    this.mapping = guessed(seen);
    this.firstWarnings = seen.warnings;
    this.dataset = null;
    this.#preparedKey = '';
    this.#touched = false;
    this.changed();
    await this.prepare();
  }

  /** @param {string} column @param {Use} use */
  setUse(column, use) {
    if (!this.mapping) return;
    this.mapping = withUse(this.mapping, column, use);
    this.prepareSoon();
  }

  /** @param {string} column @param {ColumnType} type */
  setType(column, type) {
    if (!this.mapping) return;
    this.mapping = withType(this.mapping, column, type);
    this.prepareSoon();
  }

  /** @param {string} positive */
  setPositive(positive) {
    if (!this.mapping) return;
    this.mapping = { ...this.mapping, positive: positive || undefined };
    this.prepareSoon();
  }

  /** Whether a training could start now. */
  get trainable() {
    if (!this.mapping || this.preparing.error) return false;
    // Of touches, an event type may be the outcome; of paths, a count of conversions.
    return this.journeys ? this.dataset !== null : Boolean(columnOf(this.mapping, 'label'));
  }

  /** Trains with the settings as they are, and shows the run. */
  async train() {
    if (!this.mapping || this.training.running) return;
    if (this.step === 'train') this.#arrive();
    this.go('train');
    this.comparing.cancel();
    this.history = [];
    this.paused = false;
    this.stopping = false;
    /** @type {RunRecord | undefined} */
    let kept;
    const run = await this.training.run(async (hooks) => {
      if (!(await this.prepare())) return null;
      if (hooks.signal?.aborted) return null;
      // A network is shown as soon as it is there; what it is held against is trained after it.
      const onRun = (/** @type {Run} */ run) => {
        kept = this.#keep(run);
        this.controlling = true;
        this.changed();
      };
      return this.connection.inTurn((session) => session.train(trainOptions(this.settings, this.journeys), { ...this.#watch(hooks), onRun }));
    });
    this.controlling = false;
    if (run && kept) this.#renew(run);
    else if (run) this.#keep(run);
    else if (!kept && this.training.status === 'done') this.training.reset();
    this.changed();
    if (run || kept) this.compareIfReady();
  }

  /** Takes a run among those of this file, and shows it. @param {Run} run */
  #keep(run) {
    const device = this.session && { ...this.session.device };
    const record = { run, number: this.records.length + 1, dataKey: this.#preparedKey, device };
    this.records = [...this.records, record];
    this.selectedRun = run.id;
    this.changed();
    this.dispatchEvent(new CustomEvent('run', { detail: run }));
    return record;
  }

  /** Puts a run that knows more in the place of the one it was. @param {Run} run */
  #renew(run) {
    this.records = this.records.map((record) => (record.run.id === run.id ? { ...record, run } : record));
  }

  /** Trains what a network is held against, where that was left out. @param {string} id */
  async trainControls(id) {
    if (this.training.running) return;
    this.controlling = true;
    this.paused = false;
    this.stopping = false;
    const run = await this.training.run((hooks) => this.connection.inTurn((session) => session.controls(id, hooks)));
    this.controlling = false;
    if (run) this.#renew(run);
    this.changed();
  }

  /**
   * Keeps the loss curve while the reports pass by.
   * @param {import('../api/types.js').Hooks} hooks
   */
  #watch(hooks) {
    return {
      signal: hooks.signal,
      /** @param {Progress} progress */
      onProgress: (progress) => {
        remember(this.history, progress);
        hooks.onProgress?.(progress);
      },
    };
  }

  async pauseOrResume() {
    this.paused = !this.paused;
    this.changed();
    await (this.paused ? this.session?.pause() : this.session?.resume());
  }

  async stopEarly() {
    this.stopping = true;
    this.paused = false;
    this.changed();
    await this.session?.stop();
  }

  /** @param {string} id */
  select(id) {
    this.selectedRun = id;
    this.changed();
    if (this.step === 'compare') this.compareIfReady();
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
    if (this.journeys) {
      this.#lastComparison = shown;
      this.plan = null;
      if (shown.level === 'channel') this.#know(shown.channels);
      this.#comparedKey = dataKey;
    }
    this.changed();
    this.dispatchEvent(new CustomEvent('comparison', { detail: shown }));
  }

  /** Of more channels than can be told apart by colour, the largest get one. @param {Comparison['channels']} channels */
  #know(channels) {
    this.channelList = channels;
    if (this.#channelOrder.length <= light.channels.length) return;
    const sizes = new Map(channels.map(({ name, rows }) => [name, rows]));
    this.#channelOrder.sort((a, b) => (sizes.get(b) ?? 0) - (sizes.get(a) ?? 0));
  }

  /** Asks for the best spend under the responses that were fitted. @param {PlanOptions} options */
  async planBudget(options) {
    const plan = await this.planning.run(() => this.connection.inTurn((session) => there(session.plan).call(session, options)));
    if (plan) this.plan = plan;
    this.changed();
  }

  /** Holds every method against journeys whose truth is known. */
  async testMethods() {
    const test = await this.testing.run((hooks) =>
      this.connection.inTurn((session) => there(session.selfTest).call(session, {}, hooks)),
    );
    if (test) this.selfTest = test;
    this.changed();
  }

  /** @returns {CompareOptions} */
  #asked() {
    if (!this.journeys) return { runIds: this.record ? [this.record.run.id] : [] };
    const runs = this.#voices;
    const models = /** @type {('logistic' | 'journey')[]} */ ([...new Set(runs.map(({ model }) => model))]);
    return { ...this.compareOptions, methods: [...rules, ...models], runIds: runs.map(({ id }) => id) };
  }

  /**
   * @param {string} id
   * @param {'safetensors' | 'json'} format
   */
  exportRun(id, format) {
    return this.connection.inTurn((session) => session.exportRun(id, format));
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
