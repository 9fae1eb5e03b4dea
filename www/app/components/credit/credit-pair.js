import { css, html, nothing, svg } from 'lit';
import { against, change, intervalOf } from '../../credit.js';
import { base, controls, tables } from '../../styles/base.js';
import { BenchElement } from '../element.js';
import { icon } from '../icon.js';
import { dot, inline } from '../inline.js';
import { menu } from '../menu.js';
import { amount, intervalTerms, methodName } from './words.js';

/**
 * @import { CreditedChannel, MethodCredit, MethodDifference } from '../../../api/types.js'
 * @import { Unit } from '../../credit.js'
 */

/** Two methods side by side, and by how much the second differs from the first in per cent. */
export class CreditPair extends BenchElement {
  static properties = {
    methods: { attribute: false },
    differences: { attribute: false },
    unit: { type: String },
    label: { type: String },
    byChange: { state: true },
  };
  static styles = [
    base,
    controls,
    tables,
    inline,
    css`
      .change {
        white-space: nowrap;
        min-width: 88px;
      }
      .bar {
        width: 25%;
        min-width: 96px;
      }
      .bar svg {
        display: block;
        width: 100%;
        height: 14px;
      }
      .bar .up {
        fill: var(--cw-more);
      }
      .bar .down {
        fill: var(--cw-less);
      }
      .bar line {
        stroke: var(--cw-strong);
        vector-effect: non-scaling-stroke;
      }
      .interval {
        display: block;
        font-size: 0.8125rem;
      }
      @media (max-width: 600px) {
        .bar {
          display: none;
        }
        .change {
          min-width: 0;
        }
        .change .interval {
          min-width: 5.5em;
        }
      }
    `,
  ];

  constructor() {
    super();
    /** All there are, in order. @type {readonly MethodCredit[]} */
    this.methods = [];
    /** Every method against every other. @type {readonly MethodDifference[]} */
    this.differences = [];
    /** Sorted by the change, or by the first method's figure. @type {'up' | 'down' | ''} */
    this.byChange = '';
    /** @type {Unit} */
    this.unit = 'share';
    this.label = '';
  }

  /** The two that are compared. @returns {[MethodCredit, MethodCredit]} */
  get #pair() {
    const { view } = this.bench;
    const by = (/** @type {string} */ name) => this.methods.find(({ method }) => method === name);
    const from = by(view.baseline) ?? this.methods[0];
    const others = this.methods.filter((one) => one !== from);
    const wanted = by(view.other);
    const to = wanted && wanted !== from ? wanted : (others.findLast(({ method }) => method === 'markov' || method === 'journey') ?? others[0] ?? from);
    return [from, to];
  }

  /** @param {'baseline' | 'other'} which @param {MethodCredit} now @param {MethodCredit} not */
  #menu(which, now, not) {
    const label = this.t(which === 'baseline' ? 'credit.pair.from' : 'credit.pair.to');
    return html`<label class="row small" for="pair-${which}"
      >${label}
      ${menu({
        label,
        value: now.method,
        choices: this.methods.map(({ method }) => ({ value: method, label: methodName(method, this.i18n), disabled: method === not.method })),
        choose: (method) => this.bench.show({ [which]: method }),
        testid: `pair-${which}`,
        look: '',
      })}
    </label>`;
  }

  /** @param {number} value @param {number} most */
  #bar(value, most) {
    if (!Number.isFinite(value)) return nothing;
    const length = Math.min(1, Math.abs(value) / most) * 58;
    return svg`<svg viewBox="0 0 120 14" preserveAspectRatio="none" aria-hidden="true">
      <rect class=${value < 0 ? 'down' : 'up'} x=${value < 0 ? 60 - length : 60} y="3" width=${length} height="8"></rect>
      <line x1="60" y1="0" x2="60" y2="14"></line>
    </svg>`;
  }

  /** @param {number} value @param {number} to */
  #change(value, to) {
    if (!Number.isFinite(value)) return to > 0 ? this.t('credit.pair.new') : '–';
    const words = this.i18n.percent(Math.abs(value), 1);
    return value > 0 ? `+${words}` : value < 0 ? `−${words}` : words;
  }

  /** @param {CreditedChannel | undefined} channel */
  #figure(channel) {
    const interval = intervalOf(channel, this.unit);
    const write = (/** @type {number | undefined} */ value) => amount(value ?? NaN, this.unit, this.i18n);
    return html`<td class="number">
      ${write(channel?.[this.unit])}${interval ? html`<span class="interval">${write(interval[0])} – ${write(interval[1])}</span>` : nothing}
    </td>`;
  }

  render() {
    const [from, to] = this.#pair;
    if (!from || !to) return nothing;
    const { i18n, unit } = this;
    const second = new Map(to.channels.map((channel) => [channel.name, channel]));
    const known = against(this.differences, to, from);
    const rows = from.channels
      .map((channel) => ({ channel, other: second.get(channel.name) }))
      .sort((a, b) => (b.channel[unit] ?? 0) - (a.channel[unit] ?? 0))
      .map((row) => {
        const base = row.channel[unit] ?? 0;
        const difference = known.get(row.channel.name);
        const ends = base > 0 ? difference?.[`${unit}Interval`] : undefined;
        /** @type {[number, number] | undefined} */
        const interval = ends && [ends[0] / base, ends[1] / base];
        return { ...row, by: change(base, row.other?.[unit] ?? 0), interval, clear: difference?.clear };
      });
    if (this.byChange) {
      // A channel that is new by the other method changed most of all.
      const size = (/** @type {number} */ by) => (Number.isFinite(by) ? by : 1e18);
      rows.sort((a, b) => (this.byChange === 'down' ? size(b.by) - size(a.by) : size(a.by) - size(b.by)));
    }
    // A small channel's change may be huge; the bars of the others should still be seen.
    const most = Math.min(1, Math.max(0.05, ...rows.map(({ by }) => Math.abs(by)).filter(Number.isFinite)));
    return html`<div class="stack">
      <div class="row">
        ${this.#menu('baseline', from, to)} ${this.#menu('other', to, from)}
        <button type="button" class="small" data-testid="pair-swap" @click=${() => this.bench.show({ baseline: to.method, other: from.method })}>
          ${this.t('credit.pair.swap')}
        </button>
      </div>
      <div class="scroll" tabindex="0" role="group" aria-label=${this.label}>
        <table data-testid="credit-pair">
          <thead>
            <tr>
              <th scope="col">${this.label}</th>
              <th scope="col" class="number">${methodName(from.method, i18n)}</th>
              <th scope="col" class="number">${methodName(to.method, i18n)}</th>
              <th scope="col" class="number change" aria-sort=${this.byChange === 'down' ? 'descending' : this.byChange === 'up' ? 'ascending' : 'none'}>
                <button type="button" class="sort" data-testid="pair-sort" @click=${() => (this.byChange = this.byChange === 'down' ? 'up' : 'down')}>
                  ${this.t('credit.pair.change')} ${this.byChange ? icon(this.byChange === 'down' ? 'descending' : 'ascending') : nothing}
                </button>
              </th>
              <th scope="col" class="bar"><span class="visually-hidden">${this.t('credit.pair.change')}</span></th>
            </tr>
          </thead>
          <tbody>
            ${rows.map(
              ({ channel, other, by, interval, clear }) =>
                html`<tr data-testid="pair-${channel.name}">
                  <th scope="row">
                    ${dot(this.bench, channel.name)}${channel.name}
                  </th>
                  ${this.#figure(channel)} ${this.#figure(other)}
                  <td class="number change ${clear === false ? 'soft' : ''}">
                    ${this.#change(by, other?.[unit] ?? 0)}${interval
                      ? html`<span class="interval">${i18n.between(this.#change(interval[0], 0), this.#change(interval[1], 0))}</span>`
                      : nothing}
                  </td>
                  <td class="bar">${clear === false ? nothing : this.#bar(by, most)}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
      <p class="small soft">${this.t(!known.size ? 'credit.pair.noInterval' : from.intervals || to.intervals ? 'credit.pair.legendApart' : 'credit.pair.legend')}</p>
      <cw-terms .bench=${this.bench} .keys=${[unit === 'share' ? 'term.share' : unit === 'value' ? 'term.value' : 'term.credited', 'term.change', ...intervalTerms([from, to]), `method.${from.method}`, `method.${to.method}`]}></cw-terms>
    </div>`;
  }
}
