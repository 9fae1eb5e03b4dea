import { css, html, nothing } from 'lit';
import { methodOrder } from '../../credit.js';
import { base, controls, tables } from '../../styles/base.js';
import { modelRules } from '../credit/compare-options.js';
import { methodName } from '../credit/words.js';
import { BenchElement } from '../element.js';
import { bar, inline } from '../inline.js';
import { menu } from '../menu.js';

/** @import { CompareOptions, SelfTest, SelfTestOptions } from '../../../api/types.js' */

/** @typedef {NonNullable<SelfTestOptions['scenarios']>[number]} Scenario */

/** @type {readonly Scenario[]} */
const scenarios = ['additive', 'interacting', 'ordered', 'confounded'];
const sizes = [5_000, 20_000, 60_000];
const trained = /** @type {const} */ (['logistic', 'journey', 'transformer']);
/** Methods that need no model. */
const rules = methodOrder.filter((method) => method !== 'shapleyOrdered' && !trained.some((model) => model === method));

/** @typedef {Pick<SelfTest['scenarios'][number]['methods'][number], 'method' | 'rule'>} Way a method, and how a model is asked */

/** @param {Way} way */
const wayOf = ({ method, rule }) => (rule ? `${method}-${rule}` : method);

/** How far each method is from the truth, on journeys whose truth is known because they were simulated. */
export class SelfTestView extends BenchElement {
  static properties = { asked: { state: true } };
  static styles = [
    base,
    controls,
    tables,
    inline,
    css`
      @media (max-width: 600px) {
        tbody th {
          min-width: 88px;
          white-space: normal;
        }
      }
      .best {
        font-weight: 650;
      }
      .best::after {
        content: ' ✓';
        color: var(--cw-good);
      }
      .e-1 { background: color-mix(in srgb, var(--cw-less) 6%, transparent); }
      .e-2 { background: color-mix(in srgb, var(--cw-less) 14%, transparent); }
      .e-3 { background: color-mix(in srgb, var(--cw-less) 24%, transparent); }
      .e-4 { background: color-mix(in srgb, var(--cw-less) 34%, transparent); }
    `,
  ];

  constructor() {
    super();
    /** @type {{ scenario: Scenario | '', journeys: number, model: string, modelRule: string }} */
    this.asked = { scenario: '', journeys: 20_000, model: 'logistic', modelRule: 'sampledShapley' };
  }

  #start() {
    const { scenario, journeys, model, modelRule } = this.asked;
    void this.bench.testMethods({
      ...(scenario ? { scenarios: [scenario] } : {}),
      journeys,
      methods: /** @type {SelfTestOptions['methods']} */ (model ? [...rules, model] : [...rules]),
      modelRule: /** @type {CompareOptions['modelRule']} */ (modelRule),
    });
  }

  #choices() {
    const { i18n, asked } = this;
    /** @param {keyof typeof this.asked} name @param {{ value: string, label: string }[]} choices */
    const field = (name, choices) =>
      html`<label class="row small" for="self-test-${name}"
        >${this.t(`selfTest.${name}`)}
        ${menu({
          label: this.t(`selfTest.${name}`),
          value: String(asked[name]),
          choices,
          choose: (value) => (this.asked = { ...asked, [name]: name === 'journeys' ? Number(value) : value }),
          testid: `self-test-${name}`,
          look: '',
        })}
      </label>`;
    return html`<div class="row">
      ${field('scenario', [{ value: '', label: this.t('selfTest.allScenarios') }, ...scenarios.map((value) => ({ value, label: this.t(`scenario.${value}`) }))])}
      ${field('journeys', sizes.map((size) => ({ value: String(size), label: i18n.count(size) })))}
      ${field('model', [{ value: '', label: this.t('selfTest.noModel') }, ...trained.map((value) => ({ value, label: methodName(value, i18n) }))])}
      ${asked.model ? field('modelRule', modelRules.map((value) => ({ value, label: this.t(`compareOption.modelRule.${value}`) }))) : nothing}
    </div>
    ${asked.model && asked.model !== 'logistic' ? html`<p class="small soft">${this.t('selfTest.slow')}</p>` : nothing}`;
  }

  /** @param {SelfTest} test */
  #errors(test) {
    const { i18n } = this;
    const asked = test.scenarios.flatMap((one) => one.methods);
    const ways = [...new Map(asked.map((one) => [wayOf(one), one])).values()];
    ways.sort((a, b) => methodOrder.indexOf(a.method) - methodOrder.indexOf(b.method) || wayOf(a).localeCompare(wayOf(b)));
    const errors = new Map(test.scenarios.map((one) => [one.scenario, new Map(one.methods.map((method) => [wayOf(method), method]))]));
    const all = test.scenarios.flatMap((one) => one.methods.map(({ meanAbsoluteError }) => meanAbsoluteError));
    const most = Math.max(...all, 1e-9);
    return html`<div class="scroll" tabindex="0" role="group" aria-label=${this.t('selfTest.title')}>
      <table data-testid="self-test">
        <thead>
          <tr>
            <th scope="col">${this.t('credit.pair.from')}</th>
            ${test.scenarios.map(({ scenario }) => html`<th scope="col" class="number">${this.t(`scenario.${scenario}`)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${ways.map(
            (way) =>
              html`<tr>
                <th scope="row">${this.#name(way)}</th>
                ${test.scenarios.map(({ scenario }) => {
                  const known = errors.get(scenario);
                  const own = known?.get(wayOf(way));
                  const error = own?.meanAbsoluteError ?? NaN;
                  const best = known && error === Math.min(...[...known.values()].map((one) => one.meanAbsoluteError));
                  const heat = Number.isFinite(error) ? `e-${Math.max(1, Math.ceil((error / most) * 4))}` : '';
                  return html`<td class="number ${heat}" data-testid="error-${scenario}-${wayOf(way)}">
                    <span class=${best ? 'best' : ''}>${i18n.decimal(error, 4)}</span>
                    ${own
                      ? html`<br /><span class="small soft"
                            >${this.t(`selfTest.other.${own.estimand}`, {
                              error: i18n.decimal(own.estimand === 'removal' ? own.shapleyError : own.removalError, 4),
                            })}</span
                          >`
                      : nothing}
                  </td>`;
                })}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  /** @param {Way} way */
  #name({ method, rule }) {
    const name = methodName(method, this.i18n);
    return rule ? this.t('selfTest.way', { method: name, rule: this.t(`modelRule.${rule}`) }) : name;
  }

  /** @param {SelfTest['scenarios'][number]} scenario */
  #scenario({ scenario, truth, methods, journeys, conversions }) {
    const { i18n } = this;
    const most = Math.max(...truth.map(({ share }) => share), 1e-9);
    const shares = methods.map(({ method, rule, shares }) => ({ name: this.#name({ method, rule }), by: new Map(shares.map(({ channel, share }) => [channel, share])) }));
    return html`<details>
      <summary class="small">${this.t(`scenario.${scenario}`)}</summary>
      <div class="stack">
        <p class="small">${this.t(`scenario.${scenario}.meaning`)}</p>
        <p class="small soft">${this.t('selfTest.observed', { n: conversions, journeys: i18n.count(journeys), conversions: i18n.count(conversions) })}</p>
        <div class="scroll" tabindex="0" role="group" aria-label=${this.t(`scenario.${scenario}`)}>
          <table>
            <thead>
              <tr>
                <th scope="col">${this.t('credit.channel')}</th>
                <th scope="col" class="number">${this.t('selfTest.truth')}</th>
                <th scope="col" class="picture"><span class="visually-hidden">${this.t('selfTest.truth')}</span></th>
                <th scope="col" class="number">${this.t('selfTest.shapleyTruth')}</th>
                ${shares.map(({ name }) => html`<th scope="col" class="number">${name}</th>`)}
              </tr>
            </thead>
            <tbody>
              ${truth.map(
                ({ channel, share, shapleyShare }) =>
                  html`<tr>
                    <th scope="row">${channel}</th>
                    <td class="number">${i18n.percent(share)}</td>
                    <td class="picture">${bar(share, most, 'var(--cw-accent)')}</td>
                    <td class="number">${i18n.percent(shapleyShare)}</td>
                    ${shares.map(({ by }) => html`<td class="number">${i18n.percent(by.get(channel))}</td>`)}
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>
      </div>
    </details>`;
  }

  render() {
    const { bench } = this;
    const { selfTest: test, testing } = bench;
    return html`<div class="stack">
      <p>${this.t('selfTest.text')}</p>
      ${testing.error
        ? html`<cw-error .failure=${testing.error} .i18n=${this.i18n} kept=${this.t('kept.selfTest')}></cw-error>`
        : nothing}
      ${testing.running
        ? html`<cw-progress .bench=${bench} .job=${testing} words=${this.t('phase.selfTest')}></cw-progress>`
        : html`${this.#choices()}
            <div><button type="button" class=${test ? '' : 'primary'} data-testid="run-self-test" @click=${this.#start}>${this.t(test ? 'selfTest.again' : 'selfTest.start')}</button></div>`}
      ${test
        ? html`${this.#errors(test)}
            <p class="small soft">${this.t('selfTest.legend')}</p>
            <cw-terms .bench=${bench} .keys=${['term.error', 'term.truth', 'term.shapleyTruth', ...(test.scenarios[0]?.methods.map(({ method }) => `method.${method}`) ?? [])]}></cw-terms>
            ${test.scenarios.map((one) => this.#scenario(one))}`
        : nothing}
    </div>`;
  }
}
