import { css, html, nothing } from 'lit';
import { against, grid, intervalOf } from '../../credit.js';
import { base, controls, tables } from '../../styles/base.js';
import { BenchElement } from '../element.js';
import { icon } from '../icon.js';
import { dot, inline } from '../inline.js';
import { place } from '../popover.js';
import { amount, difference, methodName } from './words.js';

/**
 * @import { CreditedChannel, MethodCredit, MethodDifference } from '../../../api/types.js'
 * @import { Cell, Unit } from '../../credit.js'
 */

/** Channels by methods: figures, what they are above or below the baseline, and on each cell its interval. */
export class CreditTable extends BenchElement {
  static properties = {
    methods: { attribute: false },
    differences: { attribute: false },
    unit: { type: String },
    under: { type: String },
    label: { type: String },
    confidence: { type: Number },
    sortBy: { state: true },
    down: { state: true },
    hot: { state: true },
  };
  static styles = [
    base,
    controls,
    tables,
    inline,
    css`
      td.number {
        min-width: 92px;
      }
      td.number:focus-visible {
        outline-offset: -2px;
      }
      .under {
        display: block;
        font-size: 0.8125rem;
        color: var(--cw-soft);
      }
      .up-1 { background: color-mix(in srgb, var(--cw-more) 7%, transparent); }
      .up-2 { background: color-mix(in srgb, var(--cw-more) 15%, transparent); }
      .up-3 { background: color-mix(in srgb, var(--cw-more) 24%, transparent); }
      .up-4 { background: color-mix(in srgb, var(--cw-more) 34%, transparent); }
      .down-1 { background: color-mix(in srgb, var(--cw-less) 7%, transparent); }
      .down-2 { background: color-mix(in srgb, var(--cw-less) 15%, transparent); }
      .down-3 { background: color-mix(in srgb, var(--cw-less) 24%, transparent); }
      .down-4 { background: color-mix(in srgb, var(--cw-less) 34%, transparent); }
      .heat .under {
        color: var(--cw-ink);
      }
      thead small {
        display: block;
        font-weight: 400;
        font-size: 0.8125rem;
      }
      tfoot th,
      tfoot td {
        border-top: 1px solid var(--cw-strong);
        border-bottom: 0;
        color: var(--cw-soft);
        font-weight: 400;
      }
      tfoot th {
        position: sticky;
        left: 0;
        background: var(--cw-paper);
      }
      [popover] {
        position: fixed;
        inset: auto;
        margin: 0;
        max-width: min(320px, calc(100vw - 16px));
        padding: 8px 12px;
        border: 0;
        border-radius: 6px;
        background: var(--cw-ink);
        color: var(--cw-paper);
        font-size: 0.875rem;
        line-height: 1.25rem;
        pointer-events: none;
      }
    `,
  ];

  constructor() {
    super();
    /** The baseline first. @type {readonly MethodCredit[]} */
    this.methods = [];
    /** Every method against every other. @type {readonly MethodDifference[]} */
    this.differences = [];
    /** @type {Unit} */
    this.unit = 'share';
    /** @type {string} */
    this.under = 'difference';
    this.label = '';
    this.confidence = 0.95;
    /** A method, or nothing for the name. */
    this.sortBy = 0;
    this.down = true;
    /** The cell that tells more. @type {{ name: string, at: number } | null} */
    this.hot = null;
    /** The cell that Tab leads to: row and column. @type {[number, number]} */
    this.stop = [0, 0];
  }

  willUpdate() {
    if (this.sortBy >= this.methods.length) this.sortBy = 0;
  }

  /** @param {number} column -1 for the name */
  #sort(column) {
    this.down = this.sortBy === column ? !this.down : column >= 0;
    this.sortBy = column;
  }

  /** @param {Map<string, Cell[]>} cells @returns {[string, Cell[]][]} */
  #sorted(cells) {
    const sign = this.down ? -1 : 1;
    return [...cells].sort(([a, x], [b, y]) =>
      this.sortBy < 0
        ? sign * a.localeCompare(b, this.i18n.lang)
        : sign * ((x[this.sortBy]?.figure || 0) - (y[this.sortBy]?.figure || 0)) || a.localeCompare(b, this.i18n.lang),
    );
  }

  /** @param {HTMLElement} cell @param {string} name @param {number} at */
  async #show(cell, name, at) {
    this.hot = { name, at };
    await this.updateComplete;
    const bubble = /** @type {HTMLElement} */ (this.renderRoot.querySelector('[popover]'));
    if (!bubble.matches(':popover-open')) bubble.showPopover();
    place(cell, bubble, 'end');
  }

  #hide() {
    const bubble = /** @type {HTMLElement | null} */ (this.renderRoot.querySelector('[popover]'));
    if (bubble?.matches(':popover-open')) bubble.hidePopover();
  }

  /** Arrow keys lead from cell to cell. @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === 'Escape') return this.#hide();
    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const move = moves[/** @type {keyof typeof moves} */ (event.key)];
    if (!move) return;
    const rows = [...this.renderRoot.querySelectorAll('tbody tr')];
    const [row, column] = [this.stop[0] + move[0], this.stop[1] + move[1]];
    const cell = /** @type {HTMLElement | undefined} */ (rows[row]?.querySelectorAll('td')[column]);
    if (!cell) return;
    event.preventDefault();
    this.stop = [row, column];
    this.requestUpdate();
    cell.tabIndex = 0;
    cell.focus();
  }

  /** What the cell under pointer or focus tells. */
  #detail() {
    if (!this.hot) return nothing;
    const { i18n } = this;
    const { name, at } = this.hot;
    const method = this.methods[at];
    const channel = method?.channels.find((one) => one.name === name);
    if (!channel) return nothing;
    const interval = intervalOf(channel, this.unit);
    const write = (/** @type {number} */ value) => amount(value, this.unit, i18n);
    const ranks = channel.rankProbability ?? [];
    const best = ranks.indexOf(Math.max(...ranks));
    const by = this.#against(name, at);
    const ends = by?.[`${this.unit}Interval`];
    const signed = (/** @type {number} */ value) => `${value < 0 ? '−' : '+'}${difference(Math.abs(value), this.unit, i18n)}`;
    const lines = [
      ...(by && ends
        ? [
            this.t(by.clear ? 'credit.detail.difference' : 'credit.detail.unclear', {
              baseline: methodName(this.methods[0].method, i18n),
              difference: signed(by[this.unit] ?? NaN),
              low: signed(ends[0]),
              high: signed(ends[1]),
            }),
          ]
        : []),
      interval
        ? this.t('credit.detail.interval', { confidence: i18n.percent(this.confidence, 0), interval: `${write(interval[0])} – ${write(interval[1])}` })
        : this.t('credit.detail.noInterval'),
      this.t('credit.detail.conversions', { conversions: i18n.amount(channel.conversions), share: i18n.percent(channel.share) }),
      ...(channel.value === undefined ? [] : [this.t('credit.detail.value', { value: i18n.amount(channel.value) })]),
      ...(ranks.length ? [this.t('credit.detail.rank', { rank: best + 1, share: i18n.percent(ranks[best], 0) })] : []),
    ];
    return html`<strong>${name} · ${methodName(method.method, i18n)}: ${write(channel[this.unit] ?? NaN)}</strong>
      ${lines.map((line) => html`<div>${line}</div>`)}`;
  }

  /** The difference to the baseline, where draws were made. @param {string} name @param {number} at */
  #against(name, at) {
    return at === 0 ? undefined : against(this.differences, this.methods[at], this.methods[0]).get(name);
  }

  /** @param {Cell} cell @param {number} at @param {string} name */
  #under({ direction, difference: by }, at, name) {
    if (at === 0 || direction === 'none') return nothing;
    const { i18n } = this;
    if (this.#against(name, at)?.clear === false && direction !== 'same') {
      return html`<span class="under" title=${this.t('credit.unclear')}>${by < 0 ? '−' : '+'}${difference(Math.abs(by), this.unit, i18n)}</span>`;
    }
    const words = difference(Math.abs(by), this.unit, i18n);
    const baseline = methodName(this.methods[0].method, i18n);
    if (direction === 'same') return html`<span class="under" aria-label=${this.t('credit.equal', { baseline })}>=</span>`;
    const key = direction === 'up' ? 'credit.higher' : 'credit.lower';
    return html`<span class="under"
      ><span aria-hidden="true">${direction === 'up' ? '▲' : '▼'} ${words}</span
      ><span class="visually-hidden">${this.t(key, { difference: words, baseline })}</span></span
    >`;
  }

  /** @param {CreditedChannel | undefined} channel */
  #interval(channel) {
    const interval = intervalOf(channel, this.unit);
    if (!interval) return html`<span class="under">–</span>`;
    return html`<span class="under">${amount(interval[0], this.unit, this.i18n)} – ${amount(interval[1], this.unit, this.i18n)}</span>`;
  }

  /** @param {[string, Cell[]]} row @param {number} rowAt */
  #row([name, cells], rowAt) {
    return html`<tr data-testid="credit-${name}">
      <th scope="row">
        ${dot(this.bench, name)}${name}
      </th>
      ${cells.map((cell, at) => {
        const { method, channels } = this.methods[at];
        const unclear = this.#against(name, at)?.clear === false;
        const heat = cell.heat && !unclear && this.under === 'difference' ? `heat ${cell.direction}-${cell.heat}` : '';
        const isStop = this.stop[0] === rowAt && this.stop[1] === at;
        const show = (/** @type {Event} */ event) => void this.#show(/** @type {HTMLElement} */ (event.currentTarget), name, at);
        return html`<td
          class="number ${heat}"
          data-testid="credit-${name}-${method}"
          tabindex=${isStop ? 0 : -1}
          aria-describedby="detail"
          @mouseenter=${show}
          @mouseleave=${this.#hide}
          @focus=${(/** @type {Event} */ event) => {
            this.stop = [rowAt, at];
            show(event);
          }}
          @blur=${this.#hide}
        >
          ${amount(cell.figure, this.unit, this.i18n)}
          ${this.under === 'interval' ? this.#interval(channels.find((one) => one.name === name)) : this.#under(cell, at, name)}
        </td>`;
      })}
    </tr>`;
  }

  /** @param {number} column @param {unknown} words @param {string} testid */
  #head(column, words, testid) {
    const sorted = this.sortBy === column;
    return html`<th scope="col" class=${column < 0 ? '' : 'number'} aria-sort=${sorted ? (this.down ? 'descending' : 'ascending') : 'none'}>
      <button type="button" class="sort" data-testid=${testid} @click=${() => this.#sort(column)}>
        ${words} ${sorted ? icon(this.down ? 'descending' : 'ascending') : nothing}
      </button>
      ${column === 0 ? html`<small>${this.t('credit.isBaseline')}</small>` : nothing}
    </th>`;
  }

  render() {
    const { i18n, methods, unit } = this;
    if (!methods.length) return nothing;
    const rows = this.#sorted(grid(methods, unit));
    const sum = (/** @type {MethodCredit} */ { channels }) => channels.reduce((total, channel) => total + (channel[unit] ?? 0), 0);
    return html`<div class="scroll" tabindex="0" role="group" aria-label=${this.label} @keydown=${this.#key}>
        <table data-testid="credit-table">
          <thead>
            <tr>
              ${this.#head(-1, this.label, 'sort-credit-name')}
              ${methods.map(({ method }, at) => this.#head(at, methodName(method, i18n), `sort-credit-${method}`))}
            </tr>
          </thead>
          <tbody>
            ${rows.map((row, at) => this.#row(row, at))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">${this.t('credit.sum')}</th>
              ${methods.map((method) => html`<td class="number">${amount(sum(method), unit, i18n)}</td>`)}
            </tr>
          </tfoot>
        </table>
      </div>
      <p class="visually-hidden">${this.t('credit.keys')}</p>
      <div id="detail" popover="manual" role="tooltip">${this.#detail()}</div>`;
  }
}
