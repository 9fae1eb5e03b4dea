import { css, html, nothing } from 'lit';
import { base, controls, tables } from '../../styles/base.js';
import { methodName } from '../credit/words.js';
import { BenchElement } from '../element.js';
import { colourOf, dot, estimate, inline, scaleOf } from '../inline.js';
import { menu } from '../menu.js';

/** @import { Comparison, Money } from '../../../api/types.js' */

/** What channels cost and bring: CAC, ROAS, profit; their responses to spend, and what another budget would bring. */
export class MoneyView extends BenchElement {
  static properties = { comparison: { attribute: false }, method: { state: true } };
  static styles = [
    base,
    controls,
    tables,
    inline,
    css`
      .interval {
        display: block;
        font-size: 0.8125rem;
      }
      td.picture {
        width: 16%;
        min-width: 64px;
      }
      thead th {
        white-space: normal;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Comparison} */
    this.comparison = /** @type {any} */ (undefined);
    /** @type {string} */
    this.method = '';
  }

  /** @param {number | null | undefined} value @param {readonly [number | null, number | null]} [interval] */
  #figure(value, interval) {
    const { i18n } = this;
    if (value === null || value === undefined) return '–';
    return html`${i18n.money(value)}${interval ? html`<span class="interval">${i18n.between(i18n.money(interval[0]), interval[1] === null ? '∞' : i18n.money(interval[1]))}</span>` : nothing}`;
  }

  /** @param {string} key */
  #term(key) {
    return html`<th scope="col" class="number">${this.t(`money.${key}`)}</th>`;
  }

  /** @param {Money} money @param {Money['methods'][number]} shown */
  #by(money, shown) {
    const { i18n } = this;
    if (money.methods.length < 2) return nothing;
    return html`<label class="row small" for="money-method"
      >${this.t('money.by')}
      ${menu({
        label: this.t('money.by'),
        value: shown.method,
        choices: money.methods.map(({ method }) => ({ value: method, label: methodName(method, i18n) })),
        choose: (method) => (this.method = method),
        testid: 'money-method',
        look: '',
      })}
    </label>`;
  }

  /**
   * How much of the cost of a channel or kind was given: of all its channels, some, or none. What nobody gave need not
   * be nothing.
   * @param {Money} money
   * @returns {(name: string) => 'all' | 'some' | 'none'}
   */
  #given({ source }) {
    const { bench } = this;
    if (source === 'column') return () => 'all';
    const given = new Set((bench.compareOptions.costs ?? []).flatMap(({ channel }) => [channel, bench.nameOf(channel)]));
    return (name) => {
      const members = bench.comparison?.channels.find((unit) => unit.name === name)?.members ?? [name];
      const told = members.filter((member) => given.has(member)).length;
      return told === 0 ? 'none' : told < members.length ? 'some' : 'all';
    };
  }

  /** @param {Money} money */
  #table(money) {
    const { i18n } = this;
    const shown = money.methods.find(({ method }) => method === this.method) ?? money.methods.find(({ method }) => method === 'markov') ?? money.methods[0];
    if (!shown) return nothing;
    const rows = [...shown.channels].sort((a, b) => b.cost - a.cost);
    const worth = rows.some(({ roas }) => roas !== undefined);
    // Acquisition is about new customers; where nobody knows who is new, it is plainly the cost of a conversion.
    const won = rows.some(({ customers }) => customers !== undefined);
    // Where nobody converts twice, all conversions are new customers: once is enough.
    const twice = won && rows.some(({ customers, conversions }) => customers === undefined || Math.abs(customers - conversions) > 1e-6 * Math.max(1, conversions));
    const given = this.#given(money);
    const unknown = (/** @type {string} */ name) => given(name) === 'none';
    /** @param {typeof rows[number]} row @returns {[number | null, [number, number] | undefined]} */
    const cost = (row) => (won ? [row.cac, row.cacInterval] : [row.costPerConversion, row.costPerConversionInterval]);
    const scale = scaleOf(rows.map((row) => ({ value: cost(row)[0], interval: cost(row)[1] })));
    return html`${this.#by(money, shown)}
      <div class="scroll" tabindex="0" role="group" aria-label=${this.t('money.title')}>
        <table data-testid="money">
          <thead>
            <tr>
              <th scope="col">${this.unitName}</th>
              <th scope="col" class="number">${this.t('term.spend')}</th>
              ${this.#term(won ? 'cac' : 'costPerConversion')}
              <th scope="col" class="picture"><span class="visually-hidden">${this.t(won ? 'money.cac' : 'money.costPerConversion')}</span></th>
              ${worth ? html`${this.#term('roas')} ${this.#term('profit')}` : nothing} ${twice ? this.#term('customers') : nothing}
              <th scope="col" class="number">${this.t('credit.unit.conversions')}</th>
              ${twice ? this.#term('costPerConversion') : nothing}
            </tr>
          </thead>
          <tbody>
            ${rows.map((row) => {
              const [value, interval] = cost(row);
              return html`<tr data-testid="money-${row.name}">
                <th scope="row">${dot(this.bench, row.name)}${row.name}</th>
                <td class="number">${unknown(row.name) ? '–' : i18n.amount(row.cost)}</td>
                <td class="number">${this.#figure(value, interval)}</td>
                <td class="picture">${estimate(value, interval, scale, colourOf(this.bench, row.name))}</td>
                ${worth
                  ? html`<td class="number">${this.#figure(row.roas, row.roasInterval)}</td>
                      <td class="number">${unknown(row.name) ? '–' : this.#figure(row.profit, row.profitInterval)}</td>`
                  : nothing}
                ${twice ? html`<td class="number">${row.customers === undefined ? '–' : i18n.amount(row.customers)}</td>` : nothing}
                <td class="number">${i18n.amount(row.conversions)}</td>
                ${twice ? html`<td class="number">${this.#figure(row.costPerConversion, row.costPerConversionInterval)}</td>` : nothing}
              </tr>`;
            })}
          </tbody>
        </table>
      </div>
      <cw-terms .bench=${this.bench} .keys=${['term.spend', ...(won ? ['money.cac'] : []), ...(twice ? ['money.customers'] : []), ...(twice || !won ? ['money.costPerConversion'] : []), ...(worth ? ['money.roas', 'money.profit'] : []), 'term.costInterval', `method.${shown.method}`]}></cw-terms>
      ${rows.some(({ name }) => unknown(name)) ? html`<p class="small soft">${this.t('money.notGiven')}</p>` : nothing}
      ${rows.some(({ name }) => given(name) === 'some') ? html`<p class="small soft">${this.t('money.partly')}</p>` : nothing}
      ${won || shown.method === 'observed' ? nothing : html`<p class="small soft">${this.t('money.noUsers')}</p>`}`;
  }

  render() {
    const { comparison, bench } = this;
    const { money, replay } = comparison;
    const entered = money?.source === 'column' ? nothing : html`<cw-costs .bench=${bench} .channels=${bench.channelList.length ? bench.channelList : comparison.channels}></cw-costs>`;
    if (!money) return html`<div class="stack"><p>${this.t('money.none')}</p>${entered}</div>`;
    const journeys = comparison.credit.length > 0;
    return html`<div class="stack">
      ${entered} ${money.warnings.length ? html`<cw-findings .bench=${bench} .warnings=${money.warnings}></cw-findings>` : nothing}
      ${this.#table(money)}
      ${money.periods ? html`<cw-money-periods .bench=${bench} .money=${money}></cw-money-periods>` : nothing}
      ${journeys ? html`<cw-responses .bench=${bench} .responses=${money.responses ?? []}></cw-responses>` : nothing}
      ${replay ? html`<cw-replay .bench=${bench} .replay=${replay}></cw-replay>` : nothing}
    </div>`;
  }
}
