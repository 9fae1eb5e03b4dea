import { css, html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { base, controls } from '../styles/base.js';
import { BenchElement } from './element.js';
import { icon } from './icon.js';

/** @import { ColumnSummary } from '../../api/types.js' */

/** With more values than this, there is a field to look for one. */
const fewValues = 10;
/** Chosen values that are named on the button. */
const named = 2;

/** Which values of the outcome count as converted: one or several of all that occur, the most frequent first. */
export class Values extends BenchElement {
  static properties = { column: { attribute: false }, chosen: { attribute: false }, sought: { state: true } };
  static styles = [
    base,
    controls,
    css`
      :host {
        display: inline-block;
        max-width: 100%;
      }
      .face {
        display: inline-flex;
        align-items: center;
        gap: 8px;
        line-height: 1.5rem;
        max-width: min(22em, 70vw);
      }
      .face span {
        overflow: hidden;
        text-overflow: ellipsis;
      }
      ul {
        max-height: 320px;
        overflow-y: auto;
        margin: 8px -8px 0;
      }
      label {
        display: flex;
        align-items: center;
        gap: 12px;
        min-height: 32px;
        padding: 4px 8px;
        border-radius: 4px;
        line-height: 1.25rem;
      }
      label:hover {
        background: var(--cw-sunk);
      }
      label input {
        flex: none;
        width: 16px;
        height: 16px;
        margin: 0;
      }
      label span {
        flex: 1;
        overflow-wrap: anywhere;
      }
      label b {
        font-weight: 400;
        color: var(--cw-soft);
        font-variant-numeric: tabular-nums;
      }
      fieldset {
        margin: 0;
        padding: 0;
        border: 0;
        min-width: min(280px, 70vw);
      }
      legend {
        padding: 0;
        font-weight: 650;
      }
      input[type='text'] {
        width: 100%;
        margin-top: 8px;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {ColumnSummary} */
    this.column = /** @type {any} */ (undefined);
    /** @type {readonly string[]} */
    this.chosen = [];
    this.sought = '';
  }

  /** @param {string} value @param {boolean} on */
  #choose(value, on) {
    const values = on ? [...this.chosen, value] : this.chosen.filter((one) => one !== value);
    // Someone has to have converted.
    if (values.length) this.bench.setPositive(values.length > 1 ? values : values[0]);
    else this.requestUpdate();
  }

  /** @param {string} value */
  #said(value) {
    return this.i18n.cell(this.column.type, value);
  }

  get #face() {
    const { chosen, i18n } = this;
    if (!chosen.length) return this.t('data.choosePlease');
    if (chosen.length > named + 1) return this.t('values.many', { value: this.#said(chosen[0]), n: chosen.length - 1 });
    return i18n.either(chosen.map((value) => this.#said(value)));
  }

  render() {
    const { i18n, column, chosen } = this;
    const levels = column.levels ?? [];
    const wanted = this.sought.trim().toLowerCase();
    const shown = levels.filter(({ value }) => !wanted || value.toLowerCase().includes(wanted) || chosen.includes(value));
    return html`<cw-popover look="field" side="start" label="${this.t('data.outcomeValue')}: ${this.#face}">
      <span slot="button" class="face" data-testid="outcome-values"><span>${this.#face}</span> ${icon('open')}</span>
      <fieldset data-testid="outcome-values-panel">
        <legend>${this.t('values.title')}</legend>
        ${levels.length > fewValues
          ? html`<input
              type="text"
              class="small"
              aria-label=${this.t('values.seek')}
              placeholder=${this.t('values.seek')}
              .value=${live(this.sought)}
              @input=${(/** @type {Event} */ event) => (this.sought = /** @type {HTMLInputElement} */ (event.target).value)}
            />`
          : nothing}
        <ul>
          ${shown.map(
            ({ value, count }) =>
              html`<li>
                <label
                  ><input
                    type="checkbox"
                    data-testid="value-${value}"
                    .checked=${live(chosen.includes(value))}
                    ?disabled=${chosen.length === 1 && chosen[0] === value}
                    @change=${(/** @type {Event} */ event) => this.#choose(value, /** @type {HTMLInputElement} */ (event.target).checked)}
                  /><span>${this.#said(value)}</span> <b>${i18n.count(count)}</b></label
                >
              </li>`,
          )}
        </ul>
        ${column.distinct > levels.length ? html`<p class="small soft">${this.t('values.some', { shown: i18n.count(levels.length), all: i18n.count(column.distinct) })}</p>` : nothing}
      </fieldset>
    </cw-popover>`;
  }
}
