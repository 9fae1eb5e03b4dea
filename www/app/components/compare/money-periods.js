import { css, html, nothing } from 'lit';
import { lookOf } from '../../charts/common.js';
import { periodsChart } from '../../charts/periods.js';
import { base, controls, tables } from '../../styles/base.js';
import { methodName } from '../credit/words.js';
import { BenchElement } from '../element.js';
import { colourOf, dot, inline } from '../inline.js';
import { menu } from '../menu.js';

/** @import { CompareOptions, Money } from '../../../api/types.js' */

/** @typedef {NonNullable<Money['periods']>} Periods */
/** @typedef {'cac' | 'costPerConversion' | 'roas' | 'profit' | 'marginalCac' | 'marginalRoas' | 'cost' | 'conversions'} Figure */

/** Methods that can credit the journeys of a period on their own. */
const methods = ['shapley', 'last', 'lastNonDirect', 'first', 'linear', 'timeDecay', 'position', 'markov'];
/** @type {readonly Figure[]} */
const figures = ['cac', 'costPerConversion', 'roas', 'profit', 'marginalCac', 'marginalRoas', 'cost', 'conversions'];

/** What channels cost and bring from period to period. */
export class MoneyPeriodsView extends BenchElement {
  static properties = { money: { attribute: false }, figure: { state: true } };
  static styles = [
    base,
    controls,
    tables,
    inline,
    css`
      .partial {
        color: var(--cw-faint);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Money} */
    this.money = /** @type {any} */ (undefined);
    /** @type {Figure | ''} */
    this.figure = '';
  }

  /** @param {Periods} periods */
  #offered(periods) {
    return figures.filter((figure) => periods.channels.some((channel) => channel[figure] !== undefined));
  }

  /** @param {Figure} figure @param {number | null | undefined} value */
  #write(figure, value) {
    const { i18n } = this;
    if (value === null || value === undefined) return '–';
    return figure === 'conversions' ? i18n.amount(value) : i18n.money(value);
  }

  /** @param {Periods} periods @param {Figure} figure @param {readonly Figure[]} offered */
  #controls(periods, figure, offered) {
    const { bench, i18n } = this;
    const period = this.t('money.periodLength');
    const by = this.t('money.periodMethod');
    const what = this.t('money.figure');
    return html`<div class="row">
      <label class="row small" for="money-figure"
        >${what}
        ${menu({ label: what, value: figure, choices: offered.map((value) => ({ value, label: this.t(`money.${value}`) })), choose: (value) => (this.figure = /** @type {Figure} */ (value)), testid: 'money-figure', look: '' })}
      </label>
      <label class="row small" for="money-period"
        >${period}
        ${menu({
          label: period,
          value: bench.compareOptions.period ?? '',
          choices: [{ value: '', label: this.t('money.periodAuto', { period: this.t(`period.${this.money.period ?? 'week'}`) }) }, ...['day', 'week', 'month', 'quarter'].map((value) => ({ value, label: this.t(`period.${value}`) }))],
          choose: (value) => bench.compareBy({ period: /** @type {CompareOptions['period']} */ (value || undefined) }),
          testid: 'money-period',
          look: '',
        })}
      </label>
      <label class="row small" for="period-method"
        >${by}
        ${menu({
          label: by,
          value: this.money.periodMethod ?? 'shapley',
          choices: methods.map((value) => ({ value, label: methodName(value, i18n) })),
          choose: (value) => bench.compareBy({ periodMethod: /** @type {CompareOptions['periodMethod']} */ (value) }),
          testid: 'period-method',
          look: '',
        })}
      </label>
    </div>`;
  }

  /** @param {Periods} periods @param {Figure} figure */
  #table(periods, figure) {
    return html`<details>
      <summary class="small">${this.t('chart.table')}</summary>
      <div class="scroll tall" tabindex="0" role="group" aria-label=${this.t(`money.${figure}`)}>
        <table data-testid="money-periods">
          <thead>
            <tr>
              <th scope="col">${this.t('money.period')}</th>
              ${periods.channels.map(({ name }) => html`<th scope="col" class="number">${dot(this.bench, name)}${name}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${periods.starts.map(
              (start, at) =>
                html`<tr class=${periods.partial[at] ? 'partial' : ''}>
                  <th scope="row">${start}${periods.partial[at] ? html` <span class="small">${this.t('money.partial')}</span>` : nothing}</th>
                  ${periods.channels.map((channel) => html`<td class="number">${this.#write(figure, channel[figure]?.[at])}</td>`)}
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>`;
  }

  render() {
    const { periods } = this.money;
    if (!periods?.starts.length || !periods.channels.length) return nothing;
    const offered = this.#offered(periods);
    const figure = offered.find((one) => one === this.figure) ?? offered[0];
    const chart = {
      starts: periods.starts,
      partial: periods.partial,
      lines: periods.channels.map((channel) => ({ name: channel.name, colour: colourOf(this.bench, channel.name), values: channel[figure] ?? [] })),
      title: this.t(`money.${figure}`),
      write: (/** @type {number} */ value) => this.#write(figure, value),
    };
    // A method may credit nothing to what costs.
    const drawn = chart.lines.some(({ values }) => values.some((value) => value !== null && value !== undefined && Number.isFinite(value)));
    return html`<section class="stack" aria-labelledby="periods">
      <h4 id="periods">${this.t('money.periods')}</h4>
      ${this.#controls(periods, figure, offered)}
      ${drawn
        ? html`<cw-chart data-testid="periods-chart" lines="10" .build=${periodsChart(chart, lookOf(this.bench))}></cw-chart>`
        : html`<p class="soft" data-testid="periods-none">${this.t('money.periodsNone', { method: methodName(this.money.periodMethod ?? 'shapley', this.i18n) })}</p>`}
      <p class="row small">${periods.channels.map(({ name }) => html`<span>${dot(this.bench, name)}${name}</span>`)}</p>
      <p class="small soft">${this.t('money.periodsText')}</p>
      ${this.#table(periods, figure)}
      <cw-terms .bench=${this.bench} .keys=${[`money.${figure}`, `method.${this.money.periodMethod ?? 'shapley'}`]}></cw-terms>
    </section>`;
  }
}
