import { css, html, svg } from 'lit';
import { base, controls, tables } from '../styles/base.js';
import { BenchElement } from './element.js';
import { featureName } from './parts.js';

/** @import { Coefficient } from '../../api/types.js' */

const shownAtFirst = 10;

/** What moves the odds most, by the size of the coefficient. */
export class Coefficients extends BenchElement {
  static properties = { coefficients: { attribute: false }, all: { state: true } };
  static styles = [
    base,
    controls,
    tables,
    css`
      .bar {
        width: 50%;
      }
      svg {
        display: block;
        width: 100%;
        height: 12px;
        color: var(--cw-accent);
      }
      svg line {
        stroke: var(--cw-strong);
        vector-effect: non-scaling-stroke;
      }
      tbody th {
        width: 1%;
        max-width: 320px;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      @media (max-width: 600px) {
        tbody th {
          max-width: 160px;
        }
        .bar {
          display: none;
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Coefficient[]} */
    this.coefficients = [];
    this.all = false;
  }

  /** @param {number} value @param {number} largest */
  #bar(value, largest) {
    const length = (Math.abs(value) / largest) * 58;
    return svg`<svg viewBox="0 0 120 12" preserveAspectRatio="none" aria-hidden="true">
      <rect x=${value < 0 ? 60 - length : 60} y="2" width=${length} height="8" fill="currentColor"></rect>
      <line x1="60" y1="0" x2="60" y2="12"></line>
    </svg>`;
  }

  render() {
    const { i18n } = this;
    const sorted = [...this.coefficients].sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
    const shown = this.all ? sorted : sorted.slice(0, shownAtFirst);
    const largest = Math.abs(sorted[0]?.value ?? 1) || 1;
    return html`<section class="stack" aria-labelledby="title">
      <h3 id="title">${this.t('coefficients.title')}</h3>
      <p class="small soft">${this.t('coefficients.help')}</p>
      <div class="scroll" tabindex="0" role="group" aria-labelledby="title">
        <table data-testid="coefficients">
          <thead>
            <tr>
              <th scope="col">${this.t('coefficients.feature')}</th>
              <th scope="col" class="bar"><span class="visually-hidden">${this.t('coefficients.bar')}</span></th>
              <th scope="col" class="number">${this.t('coefficients.oddsRatio')}</th>
              <th scope="col" class="number">${this.t('interval', { confidence: i18n.percent(0.95, 0) })}</th>
              <th scope="col" class="number">${this.t('coefficients.value')}</th>
            </tr>
          </thead>
          <tbody>
            ${shown.map(
              (one) =>
                html`<tr>
                  <th scope="row" title=${one.feature}>${this.bench.journeys ? featureName(one.feature, i18n) : one.feature}</th>
                  <td class="bar">${this.#bar(one.value, largest)}</td>
                  <td class="number">${i18n.ratio(one.oddsRatio)}</td>
                  <td class="number soft">
                    ${one.oddsRatioInterval
                      ? `${i18n.ratio(one.oddsRatioInterval[0])} – ${i18n.ratio(one.oddsRatioInterval[1])}`
                      : this.t('coefficients.noInterval')}
                  </td>
                  <td class="number">${i18n.decimal(one.value, 3)}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
      ${sorted.length > shown.length
        ? html`<p>
            <button type="button" class="quiet" data-testid="all-coefficients" @click=${() => (this.all = true)}>
              ${this.t('coefficients.all', { n: sorted.length })}
            </button>
          </p>`
        : ''}
    </section>`;
  }
}
