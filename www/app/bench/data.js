import { Connection } from '../connection.js';
import { Translator } from '../i18n/index.js';
import { Job } from '../job.js';
import { asOptions, columnOf, guessed, withType, withUse } from '../mapping.js';
import { Proof } from '../proof.js';
import { cleaningOptions, defaults, journeyOptions, splitOptions } from '../settings.js';

/**
 * @import { ColumnType, DatasetSummary, Layout, LoadOptions, Progress, Session, Source, TableSummary } from '../../api/types.js'
 * @import { Mapping, Use } from '../mapping.js'
 * @import { SettingName, Settings } from '../settings.js'
 */

/** @typedef {'data' | 'train' | 'compare'} Step */

/** The first step: a file, what its columns are for, and the data set that is made of it. */
export class DataBench extends EventTarget {
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

  reading = new Job((progress) => this.tell(progress));
  preparing = new Job((progress) => this.tell(progress));

  /** What was noticed when the file was read, before any choice. @type {import('../../api/types.js').Warning[]} */
  firstWarnings = [];

  /** The channels in the order of their colours. @type {string[]} */
  channelOrder = [];
  /** Of which table, mapping and options the data set is. */
  preparedKey = '';

  /** @type {{ source: Source, name: string, options: LoadOptions } | null} */
  #file = null;
  #tableNumber = 0;
  /** What a row was chosen to stand for. @type {Layout | null} */
  #layout = null;
  #touched = false;
  /** @type {number | undefined} */
  #soon;

  /** What stands on the data, and is given up with them. @returns {Job[]} */
  get dependents() {
    return [this.preparing];
  }

  /** @param {Progress | null} progress */
  tell(progress) {
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
    for (const job of [this.reading, ...this.dependents]) job.cancel();
    await this.connection.close();
  }

  /** Something new is in view: whoever reads starts at its heading. */
  arrive() {
    this.dispatchEvent(new Event('arrive'));
  }

  /** @param {Step} step */
  go(step) {
    if (step === this.step) return;
    this.step = step;
    this.changed();
    this.arrive();
  }

  /** @param {SettingName} name @param {string} value */
  set(name, value) {
    this.settings = { ...this.settings, [name]: value };
    this.changed();
  }

  /** Whether the data are journeys: then channels can be compared without a model. */
  get journeys() {
    return this.table !== null && this.table.layout !== 'rows';
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
      ...(this.table?.layout === 'paths' ? {} : cleaningOptions(this.settings)),
      split: splitOptions(this.settings),
    };
  }

  /**
   * Reads a file. The table before stays until this one is read.
   * @param {Source} source
   * @param {string} name
   * @param {LoadOptions} [options] what is not to be found out
   */
  async read(source, name, options = {}) {
    return (await this.#load(source, name, options)) && this.prepare();
  }

  /** @param {Source} source @param {string} name @param {LoadOptions} options */
  async #load(source, name, options) {
    for (const job of this.dependents) job.cancel();
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
    this.forget();
    this.changed();
    if (this.step === 'data') this.arrive();
    return true;
  }

  /** What another file makes void. */
  forget() {
    this.dataset = null;
    this.preparedKey = '';
    this.channelOrder = [];
    for (const job of this.dependents) job.reset();
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
    if (!(await this.#load(this.#file.source, this.#file.name, this.#file.options))) return;
    this.#layout = layout;
    if (layout && this.table) this.table = { ...this.table, layout };
    if (mapping) this.mapping = mapping;
    this.#touched = true;
    this.changed();
    await this.prepare();
  }

  /** Prepares the data as mapped, unless that has been done. Resolves to whether it stands. */
  async prepare() {
    clearTimeout(this.#soon);
    if (!this.mapping) return false;
    const key = this.dataKey;
    if (key === this.preparedKey && this.dataset) return true;
    const options = { ...asOptions(this.mapping), ...this.#preparing };
    const dataset = await this.preparing.run((hooks) =>
      this.connection.inTurn(async (session) => {
        if (this.#touched) await this.#describeAnew(session, options);
        return session.prepare(options, hooks);
      }),
    );
    if (!dataset) return false;
    this.dataset = dataset;
    this.preparedKey = key;
    for (const name of dataset.channels) if (!this.channelOrder.includes(name)) this.channelOrder.push(name);
    this.changed();
    return true;
  }

  /**
   * The table as it looks under the corrected uses and types.
   * @param {Session} session
   * @param {import('../../api/types.js').PrepareOptions} options
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
    this.preparedKey = '';
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
    this.preparedKey = '';
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
}
