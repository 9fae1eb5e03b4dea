import { css, html, nothing } from 'lit';
import { lookOf } from '../../charts/common.js';
import { responseChart } from '../../charts/response.js';
import { base, controls, tables } from '../../styles/base.js';
import { BenchElement } from '../element.js';
import { colourOf, dot, inline } from '../inline.js';

/** @import { ChannelResponse, CompareOptions } from '../../../api/types.js' */

/** @typedef {NonNullable<ChannelResponse['fit']>} Fit */
/** @typedef {{ key: string, value: string, interval?: string }} Line */

/** What spending more or less on a channel would bring, or why that can't be told. */
export class Responses extends BenchElement {
  static properties = { responses: { attribute: false } };
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
        grid-template-columns: repeat(auto-fit, minmax(min(360px, 100%), 1fr));
        gap: 24px;
        align-items: start;
      }
      .off {
        padding: 16px;
        border: 1px dashed var(--cw-strong);
        border-radius: var(--cw-radius);
        color: var(--cw-soft);
      }
      .say {
        font-weight: 600;
        text-wrap: pretty;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {readonly ChannelResponse[]} */
    this.responses = [];
  }

  /** @param {Fit} fit @param {ChannelResponse} response @returns {Line[]} */
  #parameters(fit, { marginal, marginalInterval, outcome }) {
    const { i18n } = this;
    const between = (/** @type {readonly [number, number] | undefined} */ ends) => (ends ? `${i18n.money(ends[0])} – ${i18n.money(ends[1])}` : undefined);
    return [
      { key: `marginal.${outcome}`, value: i18n.money(marginal), interval: between(marginalInterval) },
      { key: 'half', value: i18n.money(fit.half) },
      { key: 'slope', value: i18n.decimal(fit.slope, 2) },
      { key: 'decay', value: i18n.percent(fit.decay, 0) },
      { key: 'base', value: i18n.amount(fit.base) },
      { key: 'scale', value: i18n.amount(fit.scale) },
      { key: 'r2', value: i18n.decimal(fit.r2, 2) },
      { key: 'heldOutR2', value: i18n.decimal(fit.heldOutR2, 2) },
      { key: 'p', value: fit.p < 0.001 ? '< 0.001' : i18n.decimal(fit.p, 3) },
      { key: 'periods', value: i18n.count(fit.periods) },
    ];
  }

  /** @param {ChannelResponse} response @param {Fit} fit */
  #tables(response, fit) {
    const { i18n } = this;
    return html`<details>
      <summary class="small">${this.t('chart.table')}</summary>
      <div class="stack">
        <div class="scroll">
          <table data-testid="fit-${response.name}">
            <tbody>
              ${this.#parameters(fit, response).map(
                ({ key, value, interval }) =>
                  html`<tr>
                    <th scope="row">${this.t(`fit.${key}`)} <cw-tip label=${this.t('define', { term: this.t(`fit.${key}`) })} text=${this.t(`fit.${key}.help`)}></cw-tip></th>
                    <td class="number" data-testid="fit-${response.name}-${key}">${value}${interval ? html`<span class="interval">${interval}</span>` : nothing}</td>
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>
        <p class="small soft">${this.t('fit.noInterval')}</p>
        <div class="scroll tall" tabindex="0" role="group" aria-label=${this.t('fit.curve')}>
          <table data-testid="curve-${response.name}">
            <thead>
              <tr>
                <th scope="col" class="number">${this.t('money.spend')}</th>
                <th scope="col" class="number">${this.t(`credit.unit.${response.outcome}`)}</th>
                <th scope="col" class="number">${this.t('fit.oneMore')}</th>
              </tr>
            </thead>
            <tbody>
              ${(response.curve ?? [])
                .filter((_, at) => at % 5 === 0)
                .map(
                  ({ spend, outcome, interval, marginal }) =>
                    html`<tr>
                      <td class="number">${i18n.amount(spend)}</td>
                      <td class="number">${i18n.amount(outcome)}${interval ? html`<span class="interval">${i18n.amount(interval[0])} – ${i18n.amount(interval[1])}</span>` : nothing}</td>
                      <td class="number">${i18n.money(marginal)}</td>
                    </tr>`,
                )}
            </tbody>
          </table>
        </div>
        <cw-terms .bench=${this.bench} .keys=${['term.curve', 'fit.oneMore']}></cw-terms>
      </div>
    </details>`;
  }

  /** @param {ChannelResponse} response */
  #response(response) {
    const { bench, i18n } = this;
    const { fit, marginal = NaN, marginalInterval, outcome } = response;
    if (!response.available || !fit) {
      const figures = Object.entries(response.reason?.figures ?? {}).map(([name, value]) => [name, i18n.figure(name, value)]);
      return html`<div class="off" data-testid="refused-${response.name}">
        <strong>${dot(bench, response.name)}${response.name}</strong>
        <p class="small">${response.reason ? i18n.coded('reason', response.reason, Object.fromEntries(figures)) : nothing}</p>
        ${fit ? this.#tables(response, fit) : nothing}
      </div>`;
    }
    const plan = bench.plan?.channels.find(({ name }) => name === response.name);
    return html`<section class="stack" data-testid="response-${response.name}">
      <strong>${dot(bench, response.name)}${response.name}</strong>
      <p class="small say">
        ${this.t(`fit.say.${outcome}`, {
          marginal: i18n.money(marginal),
          low: i18n.money(marginalInterval?.[0]),
          high: i18n.money(marginalInterval?.[1]),
          spend: i18n.amount(response.meanSpend),
        })}
      </p>
      <cw-chart lines="7" .build=${responseChart(response, { now: plan?.now, planned: plan?.spend }, colourOf(bench, response.name), lookOf(bench))}></cw-chart>
      ${this.#tables(response, fit)}
    </section>`;
  }

  /** Channels that one reason keeps from a curve share it; one whose fit was tried has figures of its own. @param {readonly ChannelResponse[]} refused */
  #refused(refused) {
    const { bench, i18n } = this;
    /** @type {Map<string, ChannelResponse[]>} */
    const alike = new Map();
    for (const one of refused) {
      const key = one.fit ? one.name : JSON.stringify(one.reason);
      alike.set(key, [...(alike.get(key) ?? []), one]);
    }
    return [...alike.values()].map((group) => {
      const [first] = group;
      if (!first || group.length === 1) return this.#response(group[0]);
      const figures = Object.entries(first.reason?.figures ?? {}).map(([name, value]) => [name, i18n.figure(name, value)]);
      return html`<div class="off">
        <p class="row">${group.map(({ name }) => html`<strong data-testid="refused-${name}">${dot(bench, name)}${name}</strong>`)}</p>
        <p class="small">${first.reason ? i18n.coded('reason', first.reason, Object.fromEntries(figures)) : nothing}</p>
      </div>`;
    });
  }

  #outcome() {
    const { bench } = this;
    const now = bench.compareOptions.responseOutcome ?? 'total';
    const label = this.t('fit.outcome');
    return html`<div class="row small">
      <span>${label} <cw-tip label=${this.t('define', { term: label })} text=${this.t('fit.outcome.help')}></cw-tip></span>
      <cw-segmented
        label=${label}
        name="response-outcome"
        .value=${now}
        .choices=${['total', 'credited'].map((value) => ({ value, label: this.t(`fit.outcome.${value}`) }))}
        @choose=${(/** @type {CustomEvent<CompareOptions['responseOutcome']>} */ event) => bench.compareBy({ responseOutcome: event.detail })}
      ></cw-segmented>
    </div>`;
  }

  render() {
    const { responses } = this;
    if (!responses.length) {
      return html`<section class="stack"><h4>${this.t('money.responses')}</h4><p class="small soft">${this.t('money.noResponses')}</p></section>`;
    }
    const fitted = responses.filter(({ available }) => available);
    const refused = responses.filter(({ available }) => !available);
    return html`<section class="stack">
      <h4>${this.t('money.responses')}</h4>
      ${this.#outcome()}
      <p class="small soft">${this.t('money.responsesText')}</p>
      ${fitted.length ? html`<cw-budget .bench=${this.bench} .responses=${fitted}></cw-budget>` : nothing}
      <div class="grid">${fitted.map((one) => this.#response(one))}</div>
      ${refused.length
        ? html`<h4>${this.t('money.refused', { n: refused.length })}</h4>
            <div class="grid">${this.#refused(refused)}</div>`
        : nothing}
    </section>`;
  }
}
