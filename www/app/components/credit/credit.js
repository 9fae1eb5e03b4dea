import { css, html, nothing } from 'lit';
import { creditChart, creditChartLines } from '../../charts/credit.js';
import { lookOf } from '../../charts/common.js';
import { chosen, figureOf, methodsOf } from '../../credit.js';
import { base, controls, tables } from '../../styles/base.js';
import { BenchElement } from '../element.js';
import { dot, inline } from '../inline.js';
import { menu } from '../menu.js';
import { amount, differenceTerm, intervalTerms, methodName } from './words.js';

/**
 * @import { Comparison, MethodCredit } from '../../../api/types.js'
 * @import { Unit } from '../../credit.js'
 */

/** The credit of every channel by every method: chart and table, or two methods side by side. */
export class Credit extends BenchElement {
  static properties = { comparison: { attribute: false } };
  static styles = [
    base,
    controls,
    tables,
    inline,
    css`
      .controls {
        gap: 8px 24px;
      }
      .pickers {
        margin-left: auto;
      }
      @media (max-width: 600px) {
        .pickers {
          margin-left: 0;
        }
      }
    `,
  ];

  #resized = () => this.requestUpdate();
  #width = new ResizeObserver(this.#resized);

  constructor() {
    super();
    /** @type {Comparison} */
    this.comparison = /** @type {any} */ (undefined);
  }

  connectedCallback() {
    super.connectedCallback();
    this.#width.observe(this);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#width.disconnect();
  }

  /** @param {string} name @param {string} label @param {string} value @param {string[]} choices @param {(value: any) => void} choose */
  #switch(name, label, value, choices, choose) {
    return html`<cw-segmented
      label=${this.t(label)}
      name=${name}
      .value=${value}
      .choices=${choices.map((one) => ({ value: one, label: this.t(`${label}.${one}`) }))}
      @choose=${(/** @type {CustomEvent<string>} */ event) => choose(event.detail)}
    ></cw-segmented>`;
  }

  /** @param {Unit} unit */
  #controls(unit) {
    const { bench, comparison } = this;
    const { view } = bench;
    const worth = comparison.credit.some(({ channels }) => channels.some(({ value }) => value !== undefined));
    return html`<div class="row controls">
      ${this.#switch('unit', 'credit.unit', unit, ['share', 'conversions', ...(worth ? ['value'] : [])], (value) => bench.show({ unit: value }))}
      ${this.#switch('level', 'credit.level', bench.compareOptions.level ?? 'channel', ['channel', 'group', 'broad'], (level) => bench.compareBy({ level }))}
      ${bench.channelList.length ? html`<cw-groups .bench=${bench} .channels=${bench.channelList}></cw-groups>` : nothing}
      ${this.#switch('mode', 'credit.mode', view.mode, ['all', 'pair'], (mode) => bench.show({ mode }))}
    </div>`;
  }

  /** @param {{ method: string }[]} methods @param {string[]} shown */
  #pickers(methods, shown) {
    const { bench, i18n } = this;
    return html`<div class="row">
      <cw-method-picker .bench=${bench} .available=${methods.map(({ method }) => method)} .shown=${shown}></cw-method-picker>
      <label class="row small" for="baseline"
        >${this.t('credit.baseline')}
        ${menu({
          label: this.t('credit.baseline'),
          value: shown[0],
          choices: methods.map(({ method }) => ({ value: method, label: methodName(method, i18n) })),
          choose: (baseline) => bench.show({ baseline, methods: [...new Set([...(bench.view.methods ?? shown), baseline])] }),
          testid: 'baseline',
          look: '',
        })}
      </label>
      <span class="pickers">
        ${this.#switch('under', 'credit.under', bench.view.under, ['difference', 'interval'], (under) => bench.show({ under }))}
      </span>
    </div>`;
  }

  /** What a model's credit is made of: what it expects without any touch, and above that. @param {MethodCredit} credit */
  #model({ method, baseline, incremental, rule, intervals, resamples }) {
    if (baseline === undefined || incremental === undefined) return nothing;
    const { i18n } = this;
    return html`<p class="small soft" data-testid="model-credit-${method}">
      ${this.t(`credit.model.${rule ?? 'leaveOneOut'}`, {
        method: methodName(method, i18n),
        baseline: i18n.amount(baseline),
        incremental: i18n.amount(incremental),
      })}
      ${intervals && resamples > 0 ? this.t(`credit.intervals.${intervals}`) : nothing}
    </p>`;
  }

  /** Where in the journey the Shapley value was earned. @param {MethodCredit} credit */
  #positions({ channels }) {
    const { i18n } = this;
    const last = Math.max(0, ...channels.map(({ byPosition = [] }) => byPosition.findLastIndex((part) => part > 0) + 1));
    const places = Array.from({ length: Math.min(last, 10) }, (_, at) => at);
    const rest = (/** @type {readonly number[]} */ parts) => parts.slice(10).reduce((sum, part) => sum + part, 0);
    const rows = [...channels].sort((a, b) => b.conversions - a.conversions);
    return html`<details data-testid="by-position">
      <summary class="small">${this.t('credit.byPosition')}</summary>
      <div class="stack">
        <p class="small soft">${this.t('credit.byPositionText')}</p>
        <cw-terms .bench=${this.bench} .keys=${['term.position', 'method.shapleyOrdered']}></cw-terms>
        <div class="scroll" tabindex="0" role="group" aria-label=${this.t('credit.byPosition')}>
          <table>
            <thead>
              <tr>
                <th scope="col">${this.unitName}</th>
                ${places.map((at) => html`<th scope="col" class="number">${at + 1}</th>`)}
                ${last > 10 ? html`<th scope="col" class="number">11+</th>` : nothing}
              </tr>
            </thead>
            <tbody>
              ${rows.map(
                ({ name, byPosition = [] }) =>
                  html`<tr>
                    <th scope="row">${dot(this.bench, name)}${name}</th>
                    ${places.map((at) => html`<td class="number">${i18n.amount(byPosition[at] ?? 0)}</td>`)}
                    ${last > 10 ? html`<td class="number">${i18n.amount(rest(byPosition))}</td>` : nothing}
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>
      </div>
    </details>`;
  }

  render() {
    const { bench, comparison, i18n } = this;
    const { view } = bench;
    const methods = methodsOf(comparison);
    const { baseline, shown } = chosen(methods, view);
    const worth = methods[0]?.channels.some(({ value }) => value !== undefined);
    /** @type {Unit} */
    const unit = view.unit === 'value' && !worth ? 'share' : view.unit;
    const columns = shown.flatMap((name) => methods.filter(({ method }) => method === name));
    const label = this.t((bench.compareOptions.level ?? 'channel') === 'channel' ? 'credit.channel' : 'credit.group');
    if (!columns.length) return nothing;
    const order = [...columns[0].channels].sort((a, b) => figureOf(b, unit) - figureOf(a, unit)).map(({ name }) => name);
    const sure = columns.some(({ channels }) => channels.some(({ shareInterval }) => shareInterval));
    const words = { confidence: i18n.percent(comparison.confidence, 0), baseline: methodName(baseline, i18n) };
    return html`<section class="stack" aria-labelledby="title">
      <h3 id="title">${this.t('credit.title')}</h3>
      ${this.#controls(unit)}
      ${view.mode === 'pair'
        ? html`<cw-credit-pair .bench=${bench} .methods=${methods} .differences=${comparison.differences ?? []} .unit=${unit} .label=${label}></cw-credit-pair>`
        : html`<cw-chart
              data-testid="credit-chart"
              .lines=${creditChartLines(this.clientWidth || 1120, columns.length, order.length)}
              .build=${creditChart(
                {
                  methods: columns,
                  titles: columns.map(({ method }) => methodName(method, i18n)),
                  channels: order,
                  unit,
                  indexOf: (name) => bench.channelIndex(name),
                  write: (value) => amount(value, unit, i18n),
                },
                lookOf(bench),
              )}
            ></cw-chart>
            ${this.#pickers(methods, shown)}
            <cw-credit-table
              .bench=${bench}
              .methods=${columns}
              .differences=${comparison.differences ?? []}
              .unit=${unit}
              .under=${view.under}
              .label=${label}
              .confidence=${comparison.confidence}
            ></cw-credit-table>
            <p class="small soft">${this.t(sure ? 'credit.legend' : 'credit.legendNoInterval', words)}</p>
            <cw-terms .bench=${bench} .keys=${[...(unit === 'share' ? [] : [unit === 'value' ? 'term.value' : 'term.credited']), 'term.share', ...intervalTerms(columns), differenceTerm(columns), 'term.rankChance', ...columns.map(({ method }) => `method.${method}`), ...new Set(columns.flatMap(({ rule }) => (rule ? [`term.rule.${rule}`] : [])))]}></cw-terms>`}
      ${columns.map((one) => this.#model(one))}
      ${methods.filter(({ method }) => method === 'shapleyOrdered' && shown.includes(method)).map((one) => this.#positions(one))}
      <cw-compare-options .bench=${bench} .models=${methods.some(({ runId }) => runId)}></cw-compare-options>
    </section>`;
  }
}
