import { Job } from '../job.js';
import { renewed } from '../mapping.js';
import { DataBench } from './data.js';

/**
 * @import { ColumnType, CompareOptions, LoadOptions, SecondFile, Source, Spend, SpendOptions } from '../../api/types.js'
 * @import { Mapping } from '../mapping.js'
 */

/** @typedef {'columns' | 'costs'} SecondUse */
/** @typedef {{ left: string, right: string }} Keys */
/** What becomes of rows of the second file that have one key. @typedef {'refuse' | 'first' | 'last' | 'sum'} Duplicates */
/**
 * A second file: what it could be for, what it is taken for, and what has been taken from it.
 * @typedef {object} Second
 * @property {Source} source
 * @property {string} name
 * @property {LoadOptions} load how it is read
 * @property {SecondFile} seen
 * @property {SecondUse} use
 * @property {Duplicates} duplicates
 * @property {Keys | null} joinedBy
 * @property {Mapping | null} before what the first file's columns were for, before the join
 * @property {Spend | null} costs
 * @property {SpendOptions} spend which of its columns say what channels cost
 * @property {boolean} costsUsed
 */

/** The first step, with a second file beside the first: columns to add, or what channels cost. */
export class SecondBench extends DataBench {
  /** @type {Second | null} */
  second = null;
  /** Looking at a second file, and joining it. */
  joining = new Job((progress) => this.tell(progress));

  get dependents() {
    return [...super.dependents, this.joining];
  }

  get dataKey() {
    const { joinedBy, name, duplicates, load } = this.second ?? {};
    const key = super.dataKey;
    return key && joinedBy ? JSON.stringify([key, joinedBy, name, duplicates, load]) : key;
  }

  forget() {
    super.forget();
    this.second = null;
  }

  /** Takes costs for the comparison, or gives them up. @param {CompareOptions['costs']} _costs */
  takeCosts(_costs) {}

  /**
   * Reads one file, or two: the larger one first, the other beside it.
   * @param {readonly File[]} files
   */
  async readAll(files) {
    const [first, second] = [...files].sort((a, b) => b.size - a.size);
    if (!first) return;
    await this.read(first, first.name);
    // Also where nothing can be prepared of the first alone: the outcome may stand in the second.
    if (second && !this.reading.error && this.isOf(first)) await this.addSecond(second, second.name);
  }

  /**
   * Looks at a second file, without changing anything.
   * @param {Source} source
   * @param {string} name
   */
  async addSecond(source, name) {
    if (!this.table) return;
    await this.#giveBack();
    this.second = null;
    const seen = await this.#look(source, {}, name);
    if (!seen) return;
    this.second = {
      source, name, load: {}, seen, use: seen.use ?? 'columns', duplicates: 'refuse', joinedBy: null, before: null, costs: null, spend: {}, costsUsed: false,
    };
    if (this.second.use === 'costs') await this.#readCosts();
    this.changed();
  }

  /**
   * @param {Source | null} source
   * @param {LoadOptions} load
   * @param {string} name
   * @param {Partial<Keys>} [keys]
   */
  #look(source, load, name, { left, right } = {}) {
    const keys = left && right ? { leftKey: left, rightKey: right } : {};
    return this.joining.run((hooks) =>
      this.connection.inTurn((session) => session.look(source, { ...keys, load: { ...load, name } }, hooks)),
    );
  }

  /** What it says of the cost of channels; then it can't be taken for anything else. */
  async #readCosts() {
    const { second } = this;
    if (!second) return;
    // Channels are known once the first file is prepared.
    await this.prepare();
    const costs = await this.joining.run((hooks) =>
      this.connection.inTurn((session) => session.costs(second.source, { ...second.spend, load: { ...second.load, name: second.name } }, hooks)),
    );
    if (!costs || !this.second) return this.changed();
    this.second = { ...this.second, costs };
    if (this.second.costsUsed) this.takeCosts(costs.costs);
    this.changed();
  }

  /** Holds the files against each other by other columns. @param {Keys} keys */
  async keyBy(keys) {
    await this.#giveBack();
    const { second } = this;
    if (!second) return;
    const seen = await this.#look(null, second.load, second.name, keys);
    if (seen && this.second) this.second = { ...this.second, seen: { ...this.second.seen, pair: seen.pair }, duplicates: 'refuse' };
    this.changed();
  }

  /** Says what becomes of rows that have one key. @param {Duplicates} duplicates */
  async joinRepeated(duplicates) {
    await this.#giveBack();
    if (this.second) this.second = { ...this.second, duplicates };
    this.changed();
  }

  /** Takes other columns of the second file for channel, cost or period. @param {SpendOptions} change */
  async costsFrom(change) {
    if (!this.second) return;
    this.second = { ...this.second, spend: { ...this.second.spend, ...change } };
    await this.#readCosts();
  }

  /** @param {SecondUse} use */
  async secondAs(use) {
    await this.#giveBack();
    if (!this.second) return;
    this.second = { ...this.second, use };
    if (use === 'costs' && !this.second.costs) await this.#readCosts();
    this.changed();
  }

  /** Takes from the second file what it is there for. */
  async takeSecond() {
    const { second } = this;
    if (!second) return;
    if (second.use === 'costs' && second.costs) {
      this.second = { ...second, costsUsed: true };
      this.takeCosts(second.costs.costs);
      this.changed();
    } else if (second.seen.pair) await this.#join(second, second.seen.pair);
  }

  /**
   * @param {Second} second
   * @param {Keys} keys
   * @param {Mapping | null} [chosen] what was chosen for the columns of both
   */
  async #join(second, { left, right }, chosen = this.mapping) {
    const { mapping, table } = this;
    if (!mapping || !table || !chosen) return false;
    const options = { leftKey: left, rightKey: right, ...(second.duplicates === 'refuse' ? {} : { duplicates: second.duplicates }) };
    const joined = await this.joining.run((hooks) => this.connection.inTurn((session) => session.join(null, options, hooks)));
    if (!joined) return false;
    this.second = { ...second, joinedBy: { left, right }, before: mapping };
    await this.retake({ ...joined, name: table.name, seconds: table.seconds }, renewed(chosen, joined));
    return true;
  }

  /** The first file alone again, as it was; the second stays in sight. */
  async undoSecond() {
    await this.#giveBack();
    this.changed();
  }

  async #giveBack() {
    const { second, table } = this;
    if (!second) return;
    if (second.costsUsed) {
      this.takeCosts(undefined);
      this.second = { ...second, costsUsed: false };
    }
    if (!second.joinedBy || !table) return;
    const alone = await this.joining.run(() => this.connection.inTurn((session) => session.unjoin()));
    if (!alone || !this.second) return;
    this.second = { ...this.second, joinedBy: null, before: null };
    await this.retake({ ...alone, name: table.name, seconds: table.seconds }, second.before ?? renewed({ columns: [] }, alone));
  }

  /** Puts the second file away. */
  async removeSecond() {
    await this.#giveBack();
    this.second = null;
    this.joining.reset();
    this.changed();
  }

  /** The second file first, and the first beside it. */
  async swapFiles() {
    const { second, file } = this;
    if (!second || !file) return;
    await this.read(second.source, second.name, second.load);
    if (this.isOf(second.source)) await this.addSecond(file.source, file.name);
  }

  /** What was joined is joined again to the file as it is read now. @param {() => Promise<boolean>} reading */
  async readAgain(reading) {
    const { second, mapping } = this;
    if (!(await super.readAgain(reading))) return false;
    if (!second) return true;
    this.second = { ...second, joinedBy: null, before: null };
    if (second.costsUsed) this.takeCosts(second.costs?.costs);
    if ((await this.#lookAgain(second.load, second.joinedBy)) && second.joinedBy && this.second) await this.#join(this.second, second.joinedBy, mapping);
    return true;
  }

  /** Reads the second file once more. @param {LoadOptions} load @param {Keys | null} keys */
  async #lookAgain(load, keys) {
    const { second } = this;
    if (!second) return false;
    const seen = await this.#look(second.source, load, second.name, keys ?? {});
    if (!seen || !this.second) return false;
    this.second = { ...this.second, load, seen };
    return true;
  }

  /**
   * A column of the second file is read anew in that file.
   * @param {string} column
   * @param {ColumnType} type
   */
  async readTyped(column, type) {
    const { second, table, mapping } = this;
    const at = table?.joined?.columns.indexOf(column) ?? -1;
    if (at < 0 || !second?.joinedBy) return super.readTyped(column, type);
    const { joinedBy, before } = second;
    const own = second.seen.table.columns.filter(({ name }) => name !== joinedBy.right)[at];
    const load = { ...second.load, types: { ...second.load.types, [own?.name ?? column]: type } };
    await this.#giveBack();
    const read = (await this.#lookAgain(load, joinedBy)) && this.second && (await this.#join(this.second, joinedBy, mapping));
    if (read && this.second) this.second = { ...this.second, before };
    return Boolean(read);
  }
}
