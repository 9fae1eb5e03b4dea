import { css, html, nothing } from 'lit';
import { methodOrder } from '../../credit.js';
import { formulas } from '../../formulas.js';
import { base, controls } from '../../styles/base.js';
import { BenchElement } from '../element.js';
import { methodName, methodWords } from './words.js';

/** Every method with what it means, to be shown or not. Those that need a model say so. */
export class MethodPicker extends BenchElement {
  static properties = { available: { attribute: false }, shown: { attribute: false } };
  static styles = [
    base,
    controls,
    css`
      :host {
        display: inline-block;
      }
      li {
        display: grid;
        grid-template-columns: 20px minmax(0, 1fr);
        gap: 0 12px;
        padding: 8px 0;
        border-top: 1px solid var(--cw-line);
      }
      li:first-child {
        border-top: 0;
      }
      input {
        align-self: start;
        width: 16px;
        height: 16px;
        margin: 2px 0 0;
      }
      label {
        display: block;
        font-weight: 600;
      }
      summary {
        padding: 2px 0;
      }
      .baseline {
        font-weight: 400;
      }
      .where {
        padding-top: 8px;
        border-top: 1px solid var(--cw-line);
      }
      .off label {
        color: var(--cw-faint);
        cursor: default;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {readonly string[]} */
    this.available = [];
    /** The baseline first. @type {readonly string[]} */
    this.shown = [];
  }

  /** @param {string} method @param {boolean} on */
  #toggle(method, on) {
    const rest = this.shown.filter((one) => one !== method);
    this.bench.show({ methods: on ? [...rest, method] : rest });
  }

  /** @param {string} method */
  #item(method) {
    const { i18n } = this;
    const there = this.available.includes(method);
    const baseline = method === this.shown[0];
    return html`<li class=${there ? '' : 'off'}>
      <input
        type="checkbox"
        id="show-${method}"
        data-testid="show-${method}"
        .checked=${this.shown.includes(method)}
        ?disabled=${!there || baseline}
        @change=${(/** @type {Event} */ event) => this.#toggle(method, /** @type {HTMLInputElement} */ (event.target).checked)}
      />
      <div>
        <label for="show-${method}"
          >${methodName(method, i18n)}${baseline ? html` <span class="soft small baseline">· ${this.t('credit.isBaseline')}</span>` : nothing}</label
        >
        <p class="small">${methodWords(method, 'meaning', i18n)}</p>
        ${there ? nothing : html`<p class="small soft">${this.t('credit.needsModel')}</p>`}
        <details>
          <summary class="small">${this.t('credit.definition')}</summary>
          <p class="small soft">${methodWords(method, 'definition', i18n)}<code class="formula">${formulas[`method.${method}`]}</code></p>
        </details>
      </div>
    </li>`;
  }

  render() {
    const offered = methodOrder.filter((method) => this.available.includes(method) || ['logistic', 'journey', 'transformer'].includes(method));
    return html`<cw-popover label=${this.t('credit.methodsShown')} look="plain" side="start">
      <span slot="button" data-testid="methods">${this.t('credit.methods', { n: this.shown.length })}</span>
      <ul>
        ${offered.map((method) => this.#item(method))}
      </ul>
      <p class="small soft where">${this.t('terms.where')}</p>
    </cw-popover>`;
  }
}
