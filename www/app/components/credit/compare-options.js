import { css, html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { base, controls } from '../../styles/base.js';
import { BenchElement } from '../element.js';
import { menu } from '../menu.js';

/** @import { CompareOptions as Options } from '../../../api/types.js' */

/** Ways in which a trained model is asked without touches. */
export const modelRules = /** @type {const} */ (['sampledShapley', 'leaveOneChannelOut', 'leaveOneOut']);

/** What can be chosen of the methods themselves, folded; each change counts at once. */
export class CompareOptions extends BenchElement {
  static properties = { models: { type: Boolean } };
  static styles = [
    base,
    controls,
    css`
      .fields {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(320px, 100%), 1fr));
        gap: 8px 48px;
        padding: 8px 0;
      }
      .field {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 16px;
        min-height: 40px;
        font-size: 0.875rem;
      }
      .field > :first-child {
        display: inline-flex;
        align-items: center;
        gap: 4px;
      }
      input,
      select {
        width: 128px;
      }
      .weights {
        display: flex;
        gap: 4px;
      }
      .weights input {
        width: 56px;
      }
    `,
  ];

  constructor() {
    super();
    /** Whether a trained model gives credit. */
    this.models = false;
  }

  /** @param {string} name @param {unknown} control */
  #field(name, control) {
    const label = this.t(`compareOption.${name}`);
    return html`<div class="field">
      <span>${label} <cw-tip label=${this.t('define', { term: label })} text=${this.t(`compareOption.${name}.help`)}></cw-tip></span>
      ${control}
    </div>`;
  }

  /**
   * @param {'halfLife' | 'resamples' | 'seed'} name
   * @param {{ min: number, max?: number, step: string, placeholder: string }} limits
   */
  #number(name, { min, max, step, placeholder }) {
    const { bench } = this;
    /** @param {Event} event */
    const changed = (event) => {
      const input = /** @type {HTMLInputElement} */ (event.target);
      if (input.reportValidity()) bench.compareBy({ [name]: input.value.trim() ? Number(input.value) : undefined });
    };
    return this.#field(
      name,
      html`<input
        type="number"
        class="small"
        aria-label=${this.t(`compareOption.${name}`)}
        data-testid="compare-${name}"
        min=${min}
        max=${max ?? ''}
        step=${step}
        placeholder=${placeholder}
        .value=${live(String(bench.compareOptions[name] ?? ''))}
        @change=${changed}
      />`,
    );
  }

  #weights() {
    const { bench } = this;
    const weights = bench.compareOptions.positionWeights ?? [40, 20, 40];
    /** @param {number} at @param {Event} event */
    const changed = (at, event) => {
      const input = /** @type {HTMLInputElement} */ (event.target);
      if (!input.value.trim() || !input.reportValidity()) return;
      const others = weights.map((weight, other) => (other === at ? Number(input.value) : weight));
      bench.compareBy({ positionWeights: /** @type {[number, number, number]} */ (others) });
    };
    return this.#field(
      'positionWeights',
      html`<span class="weights">
        ${['first', 'middle', 'last'].map(
          (place, at) =>
            html`<input
              type="number"
              class="small"
              min="0"
              step="any"
              aria-label=${this.t(`compareOption.positionWeights.${place}`)}
              data-testid="weight-${place}"
              .value=${live(String(weights[at]))}
              @change=${(/** @type {Event} */ event) => changed(at, event)}
            />`,
        )}
      </span>`,
    );
  }

  #order() {
    const { bench } = this;
    const label = this.t('compareOption.markovOrder');
    return this.#field(
      'markovOrder',
      menu({
        label,
        value: String(bench.compareOptions.markovOrder ?? 1),
        choices: ['1', '2', '3', '4', 'auto'].map((value) => ({ value, label: value === 'auto' ? this.t('compareOption.markovOrder.auto') : value })),
        choose: (value) => bench.compareBy({ markovOrder: value === 'auto' ? 'auto' : Number(value) }),
        testid: 'compare-markovOrder',
      }),
    );
  }

  /** How trained models give credit: only where one does. */
  #rule() {
    const { bench } = this;
    if (!this.models) return nothing;
    const label = this.t('compareOption.modelRule');
    return this.#field(
      'modelRule',
      menu({
        label,
        value: bench.compareOptions.modelRule ?? 'sampledShapley',
        choices: modelRules.map((value) => ({ value, label: this.t(`compareOption.modelRule.${value}`) })),
        choose: (value) => bench.compareBy({ modelRule: /** @type {Options['modelRule']} */ (value === 'sampledShapley' ? undefined : value) }),
        testid: 'compare-modelRule',
      }),
    );
  }

  #confidence() {
    const { bench, i18n } = this;
    return this.#field(
      'confidence',
      menu({
        label: this.t('compareOption.confidence'),
        value: String(bench.compareOptions.confidence ?? 0.95),
        choices: ['0.8', '0.9', '0.95', '0.99'].map((value) => ({ value, label: i18n.percent(Number(value), 0) })),
        choose: (value) => bench.compareBy({ confidence: Number(value) }),
        testid: 'compare-confidence',
      }),
    );
  }

  render() {
    const names = /** @type {(keyof Options)[]} */ (['halfLife', 'positionWeights', 'markovOrder', 'modelRule', 'resamples', 'confidence', 'seed']);
    const changed = names.filter((name) => this.bench.compareOptions[name] !== undefined).length;
    const reset = () => this.bench.compareBy(Object.fromEntries(names.map((name) => [name, undefined])));
    return html`<details data-testid="compare-options">
      <summary>${this.t('options.title')}${changed ? ` (${this.t('options.changed', { n: changed })})` : ''}</summary>
      <div class="fields">
        ${this.#number('halfLife', { min: 0.001, step: 'any', placeholder: this.t('option.auto') })} ${this.#weights()} ${this.#order()}
        ${this.#rule()} ${this.#number('resamples', { min: 0, max: 20000, step: '1', placeholder: '500' })} ${this.#confidence()}
        ${this.#number('seed', { min: 0, max: 4294967295, step: '1', placeholder: '42' })}
      </div>
      ${changed ? html`<button type="button" class="quiet small" data-testid="compare-options-reset" @click=${reset}>${this.t('options.reset')}</button>` : ''}
    </details>`;
  }
}
