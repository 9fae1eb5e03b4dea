import { css, html, nothing } from 'lit';
import { base, controls } from '../styles/base.js';
import { BenchElement } from './element.js';
import { takenAs } from '../remedies.js';
import { menu } from './menu.js';

/** @import { LoadOptions } from '../../api/types.js' */

/** Encodings that exports come in, by their names in the WHATWG Encoding Standard. */
const encodings = ['UTF-8', 'UTF-16LE', 'windows-1252', 'GBK', 'gb18030', 'Big5', 'Shift_JIS', 'EUC-KR', 'windows-1250', 'windows-1251', 'ISO-8859-2'];
const delimiters = [',', ';', '\t', '|', ':', ' '];
const quotes = ['"', "'", ''];
/** What is chosen to have a part found out. */
const found = ' found';
/** Findings that tell the order of day and month. */
const orders = ['dates-day-first', 'dates-month-first', 'ambiguous-dates'];
/** Delimiters that can't be seen, by the names of their words. @type {{ [delimiter: string]: string }} */
const unseen = { '\t': 'tab', ' ': 'space' };

/** How the file was read, part by part, each to be changed in place. */
export class ReadAs extends BenchElement {
  static properties = { all: { state: true } };
  static styles = [
    base,
    controls,
    css`
      p {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0 16px;
        padding-top: 4px;
        color: var(--cw-soft);
      }
      label,
      .fact {
        display: inline-flex;
        align-items: center;
        gap: 4px;
        min-height: 32px;
        white-space: nowrap;
      }
      select {
        width: auto;
        max-width: 14em;
        field-sizing: content;
        padding: 0 4px;
        border-color: transparent;
        border-bottom: 1px dotted var(--cw-strong);
        border-radius: 4px 4px 0 0;
        background: transparent;
        color: var(--cw-ink);
        text-align: left;
      }
      select:hover {
        border-color: var(--cw-strong);
        border-radius: 4px;
        background: var(--cw-paper);
      }
      .changed select {
        color: var(--cw-accent);
        font-weight: 600;
      }
    `,
  ];

  constructor() {
    super();
    /** Whether parts that were found out without a doubt are shown as well. */
    this.all = false;
  }

  /**
   * One part, with what it was read as and what else it could be.
   * @param {keyof LoadOptions} option
   * @param {string | undefined} value where it is known
   * @param {readonly { value: string, label: string }[]} choices
   * @param {(value: string) => Partial<LoadOptions>} change
   */
  #part(option, value, choices, change) {
    const { bench } = this;
    const chosen = bench.file?.options[option] !== undefined;
    const open = chosen || value === undefined;
    if (value === undefined && !this.all) return nothing;
    return html`<label class=${chosen ? 'changed' : ''}
      >${this.t(`read.${option}`)}
      ${menu({
        label: this.t(`read.${option}`),
        value: value ?? found,
        choices: open ? [{ value: found, label: this.t('read.undo') }, ...choices] : choices,
        choose: (now) => void bench.readAs(now === found ? { [option]: undefined } : change(now)),
        testid: option === 'sheet' || option === 'member' ? option : `read-${option}`,
        disabled: bench.reading.running,
      })}</label
    >`;
  }

  /** @param {'sheet' | 'member'} what */
  #inside(what) {
    const { table } = this.bench;
    const all = table?.[`${what}s`] ?? [];
    if (all.length < 2) return table?.[what] ? html`<span class="fact">${this.t(`read.${what}`)} ${table[what]}</span>` : nothing;
    const choices = all.map((name) => ({ value: name, label: name }));
    return this.#part(what, table?.[what] ?? '', choices, (name) => ({ [what]: name, ...(what === 'member' ? { sheet: undefined } : {}) }));
  }

  #encoding() {
    const { table } = this.bench;
    if (!table || table.format === 'xlsx' || table.format === 'parquet') return nothing;
    const names = encodings.includes(table.encoding) ? encodings : [table.encoding, ...encodings];
    return this.#part('encoding', table.encoding, names.map((name) => ({ value: name, label: name })), (encoding) => ({ encoding }));
  }

  #delimiter() {
    const { table } = this.bench;
    if (!table || table.format !== 'csv' || table.delimiter === undefined) return nothing;
    const all = delimiters.includes(table.delimiter) ? delimiters : [table.delimiter, ...delimiters];
    const label = (/** @type {string} */ one) => {
      const key = `delimiter.${unseen[one] ?? one}`;
      if (!this.i18n.has(key)) return one;
      return unseen[one] ? this.t(key) : `${this.t(key)} ${one}`;
    };
    return this.#part('delimiter', table.delimiter, all.map((one) => ({ value: one, label: label(one) })), (delimiter) => ({ delimiter }));
  }

  #quote() {
    const { table, file } = this.bench;
    if (!table || table.format !== 'csv') return nothing;
    const choices = quotes.map((quote) => ({ value: quote, label: this.t(quote ? `read.quote.${quote}` : 'read.none') }));
    return this.#part('quote', file?.options.quote, choices, (quote) => ({ quote }));
  }

  #header() {
    const { table } = this.bench;
    if (!table || (table.format !== 'csv' && table.format !== 'xlsx')) return nothing;
    const choices = ['true', 'false'].map((value) => ({ value, label: this.t(`read.header.${value}`) }));
    return this.#part('header', String(table.header), choices, (header) => ({ header: header === 'true' }));
  }

  /** The order of day and month, where there are points in time. */
  #dates() {
    const { table, mapping, file } = this.bench;
    if (!table || table.format === 'parquet' || !mapping?.columns.some(({ loadedType }) => loadedType === 'time')) return nothing;
    const told = table.warnings.filter(({ code }) => orders.includes(code)).map(takenAs).find(Boolean);
    const choices = ['dayFirst', 'monthFirst'].map((value) => ({ value, label: this.t(`read.dates.${value}`) }));
    return this.#part('dates', file?.options.dates ?? told, choices, (dates) => ({ dates: /** @type {LoadOptions['dates']} */ (dates) }));
  }

  /** What stands before the decimals, where there are numbers. */
  #decimal() {
    const { table, mapping, file } = this.bench;
    if (!table || table.format === 'parquet' || table.format === 'xlsx' || !mapping?.columns.some(({ loadedType }) => loadedType === 'number')) return nothing;
    const told = table.warnings.filter(({ code }) => code === 'ambiguous-numbers').map(takenAs).find(Boolean);
    const choices = ['.', ','].map((value) => ({ value, label: this.t(`read.decimal.${value}`) }));
    return this.#part('decimal', file?.options.decimal ?? told, choices, (decimal) => ({ decimal: /** @type {LoadOptions['decimal']} */ (decimal) }));
  }

  render() {
    const { table } = this.bench;
    if (!table) return nothing;
    const format = this.t(`format.${table.format}`);
    const facts = [
      table.container ? this.t(`container.${table.container}`, { format }) : format,
      this.i18n.bytes(table.bytes),
      this.t('data.readIn', { time: this.i18n.seconds(table.seconds) }),
    ];
    return html`<p class="small" role="group" aria-label=${this.t('read.title')} data-testid="read-as">
      <span class="fact" data-testid="read-facts">${facts.join(' · ')}</span>
      ${this.#inside('member')} ${this.#inside('sheet')} ${this.#encoding()} ${this.#delimiter()}
      ${this.#quote()} ${this.#header()} ${this.#dates()} ${this.#decimal()}
      ${this.all || (table.format !== 'csv' && table.format !== 'json' && table.format !== 'jsonl')
        ? nothing
        : html`<button type="button" class="quiet small" data-testid="read-more" @click=${() => (this.all = true)}>${this.t('read.more')}</button>`}
      ${table.header ? nothing : html`<span class="fact">${this.t('data.noHeader')}</span>`}
    </p>`;
  }
}
