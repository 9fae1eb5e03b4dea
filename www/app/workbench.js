import { Connection } from './connection.js';
import { remember } from './history.js';
import { Translator } from './i18n/index.js';
import { Job } from './job.js';
import { Proof } from './proof.js';
import { asOptions, columnOf, guessed, withType, withUse } from './mapping.js';
import { light } from './styles/palette.js';
import { defaults, splitOptions, trainOptions } from './settings.js';

/**
 * @import { ColumnType, Comparison, DatasetSummary, Progress, Run, Session, Source, TableSummary } from '../api/types.js'
 * @import { Epoch } from './history.js'
 * @import { Mapping, Use } from './mapping.js'
 * @import { SettingName, Settings } from './settings.js'
 */

/** @typedef {'data' | 'train' | 'compare'} Step */
/** @typedef {{ run: Run, number: number, dataKey: string, device: Session['device'] | null }} RunRecord */

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
  /** @type {Map<string, Comparison>} */
  comparisons = new Map();

  reading = new Job((progress) => this.#tell(progress));
  preparing = new Job((progress) => this.#tell(progress));
  training = new Job((progress) => this.#tell(progress));
  comparing = new Job((progress) => this.#tell(progress));

  /** What was noticed when the file was read, before any choice. @type {import('../api/types.js').Warning[]} */
  firstWarnings = [];

  /** @type {{ source: Source, name: string } | null} */
  #file = null;
  #tableNumber = 0;
  #preparedKey = '';
  #touched = false;
  /** @type {string[]} */
  #channelOrder = [];
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
    for (const job of [this.reading, this.preparing, this.training, this.comparing]) job.cancel();
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

  resetSettings() {
    this.settings = { ...defaults };
    this.changed();
  }

  /** Names the data a run is trained on, so that runs on other data can be told. */
  get dataKey() {
    if (!this.mapping) return '';
    return JSON.stringify([this.#tableNumber, asOptions(this.mapping), splitOptions(this.settings)]);
  }

  /** The run that is shown. */
  get record() {
    return this.records.find(({ run }) => run.id === this.selectedRun) ?? null;
  }

  /** Whether the shown run was trained on something other than what the first step says now. */
  get stale() {
    return this.record !== null && this.record.dataKey !== this.dataKey;
  }

  /** The comparison of the shown run. */
  get comparison() {
    return (this.record && this.comparisons.get(this.record.run.id)) ?? null;
  }

  /**
   * The place of a channel in the colour order: the same in every view. -1 where there are more channels than
   * colours that can be told apart.
   * @param {string} channel
   */
  channelIndex(channel) {
    return this.#channelOrder.length > light.channels.length ? -1 : this.#channelOrder.indexOf(channel);
  }

  /**
   * Reads a file. The table before stays until this one is read.
   * @param {Source} source
   * @param {string} name
   */
  async read(source, name) {
    for (const job of [this.preparing, this.training, this.comparing]) job.cancel();
    const table = await this.reading.run((hooks) =>
      this.connection.inTurn((session) => session.load(source, { name, layout: 'auto' }, hooks)),
    );
    if (!table) return false;
    this.#file = { source, name };
    this.firstWarnings = table.warnings;
    this.#tableNumber += 1;
    this.table = { ...table, name: table.name ?? name };
    this.mapping = guessed(table);
    this.dataset = null;
    this.#preparedKey = '';
    this.records = [];
    this.selectedRun = null;
    this.#channelOrder = [];
    this.comparisons.clear();
    for (const job of [this.preparing, this.training, this.comparing]) job.reset();
    this.changed();
    if (this.step === 'data') this.#arrive();
    return this.prepare();
  }

  /** Reads the same file again, after the memory behind it was lost. */
  async reread() {
    if (!this.#file) return;
    const { mapping } = this;
    this.go('data');
    await this.read(this.#file.source, this.#file.name);
    if (mapping && this.mapping) this.mapping = mapping;
    await this.prepare();
  }

  /** The sample, from one click to a trained model. */
  async trySample() {
    /** @type {string} */
    let name = 'sample.csv';
    const csv = await this.reading.run(() =>
      this.connection.inTurn(async (session) => {
        const sample = await session.sample();
        name = sample.name;
        return sample.csv;
      }),
    );
    if (csv && (await this.read(csv, name))) await this.train();
  }

  /** Prepares the data as mapped, unless that has been done. Resolves to whether it stands. */
  async prepare() {
    clearTimeout(this.#soon);
    if (!this.mapping) return false;
    const key = this.dataKey;
    if (key === this.#preparedKey && this.dataset) return true;
    const options = { ...asOptions(this.mapping), split: splitOptions(this.settings) };
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
  #prepareSoon() {
    this.#touched = true;
    this.dataset = null;
    this.#preparedKey = '';
    this.preparing.reset();
    this.changed();
    clearTimeout(this.#soon);
    this.#soon = window.setTimeout(() => void this.prepare(), 250);
  }

  /** @param {string} column @param {Use} use */
  setUse(column, use) {
    if (!this.mapping) return;
    this.mapping = withUse(this.mapping, column, use);
    this.#prepareSoon();
  }

  /** @param {string} column @param {ColumnType} type */
  setType(column, type) {
    if (!this.mapping) return;
    this.mapping = withType(this.mapping, column, type);
    this.#prepareSoon();
  }

  /** @param {string} positive */
  setPositive(positive) {
    if (!this.mapping) return;
    this.mapping = { ...this.mapping, positive: positive || undefined };
    this.#prepareSoon();
  }

  /** Whether a training could start now. */
  get trainable() {
    return Boolean(this.mapping && columnOf(this.mapping, 'label') && !this.preparing.error);
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
    const run = await this.training.run(async (hooks) => {
      if (!(await this.prepare())) return null;
      if (hooks.signal?.aborted) return null;
      return this.connection.inTurn((session) => session.train(trainOptions(this.settings), this.#watch(hooks)));
    });
    if (!run) {
      if (this.training.status === 'done') this.training.reset();
      this.changed();
      return;
    }
    const device = this.session && { ...this.session.device };
    const number = this.records.length + 1;
    this.records = [...this.records, { run, number, dataKey: this.#preparedKey, device }];
    this.selectedRun = run.id;
    this.changed();
    this.dispatchEvent(new CustomEvent('run', { detail: run }));
    this.compareIfReady();
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

  /** Compares the channels by the shown run, unless that is done, under way, or would be on other data. */
  compareIfReady() {
    const { record } = this;
    const channel = this.mapping && columnOf(this.mapping, 'channel');
    if (!record || !channel || this.stale || this.comparison || this.comparing.running) return;
    void this.compare();
  }

  /** Compares the channels by the shown run. */
  async compare() {
    const { record } = this;
    if (!record) return;
    const { id } = record.run;
    const comparison = await this.comparing.run((hooks) =>
      this.connection.inTurn((session) => session.compare({ runIds: [id] }, hooks)),
    );
    if (!comparison) return;
    // Data that was changed and changed back is prepared anew, and counts as other data below; here it is the same.
    const warnings = comparison.warnings.filter(({ code }) => this.stale || code !== 'run-of-other-data');
    const shown = { ...comparison, warnings };
    this.comparisons.set(id, shown);
    this.changed();
    this.dispatchEvent(new CustomEvent('comparison', { detail: shown }));
  }

  /**
   * @param {string} id
   * @param {'safetensors' | 'json'} format
   */
  exportRun(id, format) {
    return this.connection.inTurn((session) => session.exportRun(id, format));
  }
}
