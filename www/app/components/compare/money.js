import { css, html, nothing } from 'lit';
import { lookOf } from '../../charts/common.js';
import { responseChart } from '../../charts/response.js';
import { base, controls, tables } from '../../styles/base.js';
import { methodName } from '../credit/words.js';
import { BenchElement } from '../element.js';
import { colourOf, dot, estimate, inline, scaleOf } from '../inline.js';
import { menu } from '../menu.js';

/** @import { ChannelResponse, Comparison, Money } from '../../../api/types.js' */

/** @typedef {Money['methods'][number]['channels'][number]} MoneyRow */

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
      .grid {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(320px, 100%), 1fr));
        gap: 24px;
      }
      .off {
        padding: 16px;
        border: 1px dashed var(--cw-strong);
        border-radius: var(--cw-radius);
        color: var(--cw-soft);
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
    return html`${i18n.money(value)}${interval ? html`<span class="interval">${i18n.money(interval[0])} – ${interval[1] === null ? '∞' : i18n.money(interval[1])}</span>` : nothing}`;
  }

  /** @param {Money} money */
  #table(money) {
    const { i18n } = this;
    const shown = money.methods.find(({ method }) => method === this.method) ?? money.methods.find(({ method }) => method === 'markov') ?? money.methods[0];
    if (!shown) return nothing;
    const rows = [...shown.channels].sort((a, b) => b.cost - a.cost);
    const worth = rows.some(({ roas }) => roas !== undefined);
    const scale = scaleOf(rows.map(({ cac, cacInterval }) => ({ value: cac, interval: cacInterval })));
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
      </label>
      <div class="scroll" tabindex="0" role="group" aria-label=${this.t('money.title')}>
        <table data-testid="money">
          <thead>
            <tr>
              <th scope="col">${this.t('credit.channel')}</th>
              <th scope="col" class="number">${this.t('use.cost')}</th>
              <th scope="col" class="number">${this.t('credit.unit.conversions')}</th>
              ${this.#term('cac')}
              <th scope="col" class="picture"><span class="visually-hidden">${this.t('money.cac')}</span></th>
              ${worth ? html`${this.#term('roas')} ${this.#term('profit')}` : nothing}
            </tr>
          </thead>
          <tbody>
            ${rows.map(
              (row) =>
                html`<tr data-testid="money-${row.name}">
                  <th scope="row">${dot(this.bench, row.name)}${row.name}</th>
                  <td class="number">${i18n.amount(row.cost)}</td>
                  <td class="number">${i18n.amount(row.conversions)}</td>
                  <td class="number">${this.#figure(row.cac, row.cacInterval)}</td>
                  <td class="picture">${estimate(row.cac, row.cacInterval, scale, colourOf(this.bench, row.name))}</td>
                  ${worth
                    ? html`<td class="number">${this.#figure(row.roas, row.roasInterval)}</td>
                        <td class="number">${this.#figure(row.profit, row.profitInterval)}</td>`
                    : nothing}
                </tr>`,
            )}
          </tbody>
        </table>
      </div>`;
  }

  /** @param {'cac' | 'roas' | 'profit'} key */
  #term(key) {
    return html`<th scope="col" class="number">
      ${this.t(`money.${key}`)} <cw-tip label=${this.t('define', { term: this.t(`money.${key}`) })} text=${this.t(`money.${key}.help`)}></cw-tip>
    </th>`;
  }

  /** @param {Money} money */
  #periods(money) {
    const { periods } = money;
    if (!periods?.starts.length) return nothing;
    const { i18n } = this;
    return html`<details>
      <summary class="small">${this.t('money.periods', { method: methodName(money.periodMethod ?? '', i18n) })}</summary>
      <div class="scroll tall" tabindex="0" role="group" aria-label=${this.t('money.title')}>
        <table data-testid="money-periods">
          <thead>
            <tr>
              <th scope="col">${this.t('credit.channel')}</th>
              <th scope="col">${this.t('money.period')}</th>
              <th scope="col" class="number">${this.t('use.cost')}</th>
              <th scope="col" class="number">${this.t('credit.unit.conversions')}</th>
              <th scope="col" class="number">${this.t('money.marginalCac')}</th>
            </tr>
          </thead>
          <tbody>
            ${periods.channels.flatMap((channel) =>
              periods.starts.map(
                (start, at) =>
                  html`<tr>
                    <th scope="row">${channel.name}</th>
                    <td>${start}</td>
                    <td class="number">${i18n.amount(channel.cost[at])}</td>
                    <td class="number">${i18n.amount(channel.conversions[at])}</td>
                    <td class="number">${this.#figure(channel.marginalCac[at])}</td>
                  </tr>`,
              ),
            )}
          </tbody>
        </table>
      </div>
    </details>`;
  }

  /** @param {ChannelResponse} response */
  #response(response) {
    const { bench, i18n } = this;
    if (!response.available || !response.fit) {
      const figures = Object.entries(response.reason?.figures ?? {}).map(([name, value]) => [name, i18n.figure(name, value)]);
      return html`<div class="off" data-testid="refused-${response.name}">
        <strong>${dot(bench, response.name)}${response.name}</strong>
        <p class="small">${response.reason ? i18n.coded('reason', response.reason, Object.fromEntries(figures)) : nothing}</p>
      </div>`;
    }
    const plan = bench.plan?.channels.find(({ name }) => name === response.name);
    const { r2, heldOutR2, periods } = response.fit;
    return html`<section data-testid="response-${response.name}">
      <strong>${dot(bench, response.name)}${response.name}</strong>
      <cw-chart lines="7" .build=${responseChart(response, { now: plan?.now, planned: plan?.spend }, colourOf(bench, response.name), lookOf(bench))}></cw-chart>
      <p class="small soft">
        ${this.t('money.fit', { n: periods, periods, r2: i18n.decimal(r2, 2) })}
        ${heldOutR2 === undefined ? nothing : this.t('money.heldOut', { r2: i18n.decimal(heldOutR2, 2) })}
      </p>
    </section>`;
  }

  /** @param {Money} money */
  #responses(money) {
    const { responses } = money;
    if (!responses?.length) return html`<p class="small soft">${this.t('money.noResponses')}</p>`;
    const fitted = responses.filter(({ available }) => available);
    const refused = responses.filter(({ available }) => !available);
    return html`<h4>${this.t('money.responses')}</h4>
      <p class="small soft">${this.t('money.responsesText')}</p>
      ${fitted.length ? html`<cw-budget .bench=${this.bench} .responses=${fitted}></cw-budget>` : nothing}
      <div class="grid">${fitted.map((one) => this.#response(one))}</div>
      ${refused.length
        ? html`<h4>${this.t('money.refused', { n: refused.length })}</h4>
            <div class="grid">${refused.map((one) => this.#response(one))}</div>`
        : nothing}`;
  }

  #replay() {
    const { replay } = this.comparison;
    const { i18n } = this;
    if (!replay) return nothing;
    if (!replay.available || !replay.methods || !replay.budgets) {
      return replay.reason ? html`<p class="small soft">${this.t('replay.none')} ${i18n.coded('reason', replay.reason)}</p>` : nothing;
    }
    const { methods, budgets } = replay;
    return html`<details>
      <summary class="small">${this.t('replay.title')}</summary>
      <div class="stack">
        <p class="small soft">${this.t('replay.text', { n: replay.journeys ?? 0, journeys: i18n.count(replay.journeys ?? 0) })}</p>
        <div class="scroll" tabindex="0" role="group" aria-label=${this.t('replay.title')}>
          <table data-testid="replay">
            <thead>
              <tr>
                <th scope="col">${this.t('credit.pair.from')}</th>
                ${budgets.map((share) => html`<th scope="col" class="number">${i18n.percentTick(share)}</th>`)}
              </tr>
            </thead>
            <tbody>
              ${methods.map(
                (one) =>
                  html`<tr>
                    <th scope="row">${methodName(one.method, i18n)}</th>
                    ${one.conversions.map(
                      (count, at) => html`<td class="number">${i18n.count(count)}<span class="interval">${this.t('money.cac')} ${i18n.money(one.cac[at])}</span></td>`,
                    )}
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>
      </div>
    </details>`;
  }

  render() {
    const { money } = this.comparison;
    const entered = money?.source === 'column' ? nothing : html`<cw-costs .bench=${this.bench} .channels=${this.bench.channelList}></cw-costs>`;
    if (!money) return html`<div class="stack"><p>${this.t('money.none')}</p>${entered}</div>`;
    return html`<div class="stack">
      ${entered} ${money.warnings.length ? html`<cw-findings .bench=${this.bench} .warnings=${money.warnings}></cw-findings>` : nothing}
      ${this.#table(money)} ${this.#periods(money)} ${this.#responses(money)} ${this.#replay()}
    </div>`;
  }
}
