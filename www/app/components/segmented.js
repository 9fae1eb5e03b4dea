import { css, html, LitElement } from 'lit';
import { live } from 'lit/directives/live.js';
import { base } from '../styles/base.js';

/** @typedef {{ value: string, label: string }} Choice */

/** One of a few, side by side: radio buttons in a row. Fires `choose` with the value. */
export class Segmented extends LitElement {
  static properties = {
    label: { type: String },
    name: { type: String },
    value: { type: String },
    choices: { attribute: false },
  };
  static styles = [
    base,
    css`
      :host {
        display: inline-block;
        max-width: 100%;
      }
      fieldset {
        display: flex;
        flex-wrap: wrap;
        margin: 0;
        padding: 2px;
        border: 0;
        border-radius: var(--cw-radius);
        background: var(--cw-sunk);
      }
      label {
        position: relative;
        padding: 4px 12px;
        border-radius: 6px;
        font-size: 0.875rem;
        line-height: 1.5rem;
        color: var(--cw-soft);
        cursor: pointer;
        white-space: nowrap;
      }
      label:has(:checked) {
        background: var(--cw-paper);
        color: var(--cw-ink);
        font-weight: 600;
      }
      label:has(:focus-visible) {
        outline: 2px solid var(--cw-accent);
      }
      input {
        position: absolute;
        inset: 0;
        opacity: 0;
        margin: 0;
        cursor: pointer;
      }
    `,
  ];

  constructor() {
    super();
    this.label = '';
    this.name = '';
    this.value = '';
    /** @type {Choice[]} */
    this.choices = [];
  }

  /** @param {string} value */
  #choose(value) {
    this.dispatchEvent(new CustomEvent('choose', { detail: value }));
  }

  render() {
    return html`<fieldset>
      <legend class="visually-hidden">${this.label}</legend>
      ${this.choices.map(
        ({ value, label }) =>
          html`<label data-testid="${this.name}-${value}"
            ><input
              type="radio"
              name="choice"
              .checked=${live(value === this.value)}
              @change=${() => this.#choose(value)}
            />${label}</label
          >`,
      )}
    </fieldset>`;
  }
}
