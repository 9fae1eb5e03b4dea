import { css, html, nothing } from 'lit';
import { formulas } from '../formulas.js';
import { base, controls } from '../styles/base.js';
import { BenchElement } from './element.js';

/** @typedef {{ term: string, text: string, formula?: string }} Term */

/**
 * What the numbers of a table mean: each term with its definition and, where there is one, its formula. `keys` name
 * texts of the catalogue that have a `.help` (of methods, a `.definition`) beside them.
 */
export class Terms extends BenchElement {
  static properties = { keys: { attribute: false } };
  static styles = [
    base,
    controls,
    css`
      dl {
        display: grid;
        gap: 12px 32px;
        grid-template-columns: repeat(auto-fill, minmax(min(320px, 100%), 1fr));
        margin: 0;
        font-size: 0.875rem;
        line-height: 1.25rem;
      }
      dl + p {
        padding-top: 12px;
      }
      dt {
        font-weight: 600;
      }
      dd {
        margin: 0;
        color: var(--cw-soft);
        text-wrap: pretty;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {readonly string[]} */
    this.keys = [];
  }

  /** @param {string} key @returns {Term | null} */
  #term(key) {
    const { i18n } = this;
    const text = [`${key}.help`, `${key}.definition`].find((one) => i18n.has(one));
    if (!text || !i18n.has(key)) return null;
    return { term: this.t(key), text: this.t(text), formula: formulas[key] };
  }

  render() {
    const terms = this.keys.flatMap((key) => this.#term(key) ?? []);
    const methods = this.keys.some((key) => key.startsWith('method.'));
    return html`<details data-testid="terms">
      <summary class="small">${this.t('terms.title')}</summary>
      <dl>
        ${terms.map(
          ({ term, text, formula }) => html`<div>
            <dt>${term}</dt>
            <dd>${text}${formula ? html`<code class="formula">${formula}</code>` : nothing}</dd>
          </div>`,
        )}
      </dl>
      ${methods ? html`<p class="small soft">${this.t('terms.where')}</p>` : nothing}
    </details>`;
  }
}
