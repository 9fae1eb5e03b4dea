import { Connection } from '../connection.js';
import { Translator } from '../i18n/index.js';
import { Job } from '../job.js';
import { asOptions, chosenTypes, columnOf, guessed, isMadeOf, relaid, renewed, reread, withType, withUse } from '../mapping.js';
import { Proof } from '../proof.js';
import { cleaningOptions, defaults, journeyOptions, outcomeOptions, splitOptions } from '../settings.js';

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

  /** What has been noticed of this file so far, before remedies were taken. @type {import('../../api/types.js').Warning[]} */
  firstWarnings = [];
  /** Channels that count as one. @type {readonly string[]} */
  pooled = [];
  /** What a row was taken for at first. @type {Layout} */
  guessedLayout = 'rows';

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
      ...(!this.table || this.table.layout === 'paths' ? {} : { ...outcomeOptions(this.settings, this.table.layout), ...cleaningOptions(this.settings) }),
      ...(this.pooled.length && this.table?.layout !== 'paths' ? { poolChannels: [...this.pooled] } : {}),
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
    if (!(await this.#load(source, name, options))) return false;
    if (this.step === 'data') this.arrive();
    return this.prepare();
  }

  /**
   * @param {Source} source
   * @param {string} name
   * @param {LoadOptions} options
   * @param {(table: TableSummary) => Mapping} [mapped] what its columns are for
   * @param {boolean} [anew] whether nothing stays of what was made of the file before
   */
  async #load(source, name, options, mapped = guessed, anew = true) {
    for (const job of this.dependents) job.cancel();
    const table = await this.reading.run((hooks) =>
      this.connection.inTurn((session) => session.load(source, { layout: 'auto', ...options, name }, hooks)),
    );
    if (!table) return false;
    this.#file = { source, name, options };
    if (anew) this.firstWarnings = [];
    this.#notice(table.warnings);
    if (!options.layout || options.layout === 'auto') this.guessedLayout = table.layout;
    this.#tableNumber += 1;
    this.#layout = null;
    this.table = { ...table, name: table.name ?? name };
    this.mapping = mapped(table);
    if (anew) this.forget();
    else this.void();
    this.changed();
    return true;
  }

  /**
   * Takes another table of the same file in the place of the one that is shown.
   * @param {TableSummary} table
   * @param {Mapping} mapping
   */
  async retake(table, mapping) {
    this.#notice(table.warnings);
    this.table = table;
    this.mapping = mapping;
    await this.#anew();
  }

  /** Prepares what is shown, whatever was prepared before. */
  async #anew() {
    clearTimeout(this.#soon);
    this.dataset = null;
    this.preparedKey = '';
    this.preparing.reset();
    this.#touched = true;
    this.changed();
    return this.prepare();
  }

  /** What another file makes void. */
  forget() {
    this.void();
    this.channelOrder = [];
    this.pooled = [];
  }

  /** What the same file, read otherwise, makes void; what was trained on it is stale. */
  void() {
    this.dataset = null;
    this.preparedKey = '';
    for (const job of this.dependents) job.reset();
  }

  /** Keeps what was noticed, so that its remedy can be undone. @param {import('../../api/types.js').Warning[]} warnings */
  #notice(warnings) {
    const key = (/** @type {import('../../api/types.js').Warning} */ { code, columns }) => JSON.stringify([code, columns]);
    // Each keeps its place.
    const noticed = new Map(this.firstWarnings.map((one) => [key(one), one]));
    for (const warning of warnings) noticed.set(key(warning), warning);
    this.firstWarnings = [...noticed.values()];
  }

  /** The file that is shown, and how it is read as far as that was chosen. */
  get file() {
    return this.#file;
  }

  /** Whether what is shown was read of this source. @param {Source} source */
  isOf(source) {
    return this.#file?.source === source;
  }

  /**
   * Reads the same file in another way. What was chosen for its columns stays, unless they are those of another table.
   * Resolves to whether it was read.
   * @param {LoadOptions} change
   */
  async readAs(change) {
    const file = this.#file;
    const before = this.mapping;
    if (!file || !before) return false;
    const { source, name, options } = file;
    if ('sheet' in change || 'member' in change) {
      return this.readAgain(async () => (await this.#load(source, name, { ...options, ...change, types: {} })) && (await this.prepare(), true));
    }
    // Cells read otherwise are the same columns; another separator may make others.
    const gentle = Object.keys(change).every((name) => ['types', 'dates', 'decimal'].includes(name));
    return this.readAgain(() => this.#readOver({ ...options, types: this.#ownTypes(before), ...change }, before, gentle ? 'cells' : 'columns'));
  }

  /** The chosen types of the file's own columns. @param {Mapping} mapping */
  #ownTypes(mapping) {
    const added = new Set(this.table?.joined?.columns);
    return Object.fromEntries(Object.entries(chosenTypes(mapping)).filter(([name]) => !added.has(name)));
  }

  /**
   * @param {LoadOptions} options
   * @param {Mapping} before
   * @param {'cells' | 'columns' | 'memory'} what is new; where memory was lost, nothing stays of what was made before
   */
  async #readOver(options, before, what) {
    const file = this.#file;
    const layout = this.#layout;
    const { layout: now, layoutReason } = this.table ?? {};
    if (!file || !now || !layoutReason) return false;
    const held = what === 'columns' ? layout : now;
    const mapped = (/** @type {TableSummary} */ table) => (what === 'columns' ? renewed(before, table) : reread(before, table));
    const asked = held ? { ...options, layout: held } : options;
    if (!(await this.#load(file.source, file.name, asked, mapped, what === 'memory'))) return false;
    this.#file = { ...file, options };
    this.#layout = layout;
    // That it was held is no choice of anybody.
    if (held && this.table) this.table = { ...this.table, layoutReason };
    await this.#anew();
    return true;
  }

  /** What a file that is read again brings with it. @param {() => Promise<boolean>} reading */
  readAgain(reading) {
    return reading();
  }

  /** Reads the same file again, after the memory behind it was lost. */
  async reread() {
    const { mapping } = this;
    const file = this.#file;
    if (!file || !mapping) return;
    this.go('data');
    await this.readAgain(() => this.#readOver({ ...file.options, types: this.#ownTypes(mapping) }, mapping, 'memory'));
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
    this.#notice(dataset.warnings);
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
    const before = this.mapping;
    const left = before?.columns.filter(({ use, guessedUse }) => use === 'ignore' && guessedUse !== 'ignore') ?? [];
    const { types = {} } = before ? asOptions(before) : {};
    const roles = left.length ? { ignore: left.map(({ name }) => name) } : {};
    const seen = await this.preparing.run(() => this.connection.inTurn((session) => session.describe({ layout, types, roles })));
    if (!seen || !this.table) return this.changed();
    this.#layout = layout;
    this.table = { ...this.table, ...seen, name: this.table.name, seconds: this.table.seconds };
    this.mapping = before ? relaid(before, seen) : guessed(seen);
    this.#notice(seen.warnings);
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

  /**
   * Takes a column for another type: of its cells as they were read, or, where those have lost what the type needs, of
   * the file once more.
   * @param {string} name
   * @param {ColumnType} type
   */
  setType(name, type) {
    const before = this.mapping;
    const column = before?.columns.find((one) => one.name === name);
    if (!before || !column || column.type === type) return;
    this.mapping = withType(before, name, type);
    if (isMadeOf(column, type)) return this.prepareSoon();
    this.changed();
    void this.readTyped(name, type).then((read) => {
      if (read || this.mapping?.columns.find((one) => one.name === name)?.loadedType === type) return;
      // It was cancelled, or failed: what is shown is how the cells were read.
      if (this.mapping) this.mapping = withType(this.mapping, name, column.type);
      this.changed();
    });
  }

  /**
   * Reads the file again for a column in another type.
   * @param {string} _column
   * @param {ColumnType} _type
   * @returns {Promise<boolean>}
   */
  readTyped(_column, _type) {
    return this.readAs({});
  }

  /** Lets channels count as one, or as many again. @param {readonly string[]} channels */
  pool(channels) {
    this.pooled = channels;
    this.prepareSoon();
  }

  /** The values of the outcome that count as converted. @returns {readonly string[]} */
  get positives() {
    const { mapping, dataset } = this;
    return [mapping?.positive ?? dataset?.positives ?? []].flat();
  }

  /** @param {string | string[]} positive */
  setPositive(positive) {
    if (!this.mapping) return;
    this.mapping = { ...this.mapping, positive: positive.length ? positive : undefined };
    this.prepareSoon();
  }

  /** Whether a training could start now. */
  get trainable() {
    if (!this.mapping || this.preparing.error) return false;
    // Of touches, an event type may be the outcome; of paths, a count of conversions.
    return this.journeys ? this.dataset !== null : Boolean(columnOf(this.mapping, 'label'));
  }
}
