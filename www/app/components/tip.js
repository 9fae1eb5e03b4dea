import { css, html, LitElement } from 'lit';
import { base } from '../styles/base.js';
import { icon } from './icon.js';
import { place } from './popover.js';

/** A short explanation on hover, focus or tap: `<cw-tip label="Why" text="…">`. */
export class Tip extends LitElement {
  static properties = { label: { type: String }, text: { type: String } };
  static styles = [
    base,
    css`
      :host {
        display: inline-block;
      }
      button {
        display: inline-flex;
        align-items: center;
        justify-content: center;
        width: 24px;
        height: 24px;
        padding: 0;
        border: 0;
        border-radius: 12px;
        background: none;
        color: var(--cw-faint);
        font: inherit;
        cursor: help;
      }
      button:hover,
      button:focus-visible {
        color: var(--cw-accent);
      }
      [popover] {
        position: fixed;
        inset: auto;
        margin: 0;
        max-width: min(320px, calc(100vw - 16px));
        padding: 8px 12px;
        border: 0;
        border-radius: 6px;
        background: var(--cw-ink);
        color: var(--cw-paper);
        font-size: 0.875rem;
        font-weight: 400;
        line-height: 1.25rem;
        white-space: normal;
        text-align: left;
      }
    `,
  ];

  constructor() {
    super();
    this.label = '';
    this.text = '';
  }

  #show() {
    const [button, bubble] = /** @type {HTMLElement[]} */ ([...this.renderRoot.querySelectorAll('button, [popover]')]);
    if (bubble.matches(':popover-open')) return;
    bubble.showPopover();
    place(button, bubble, 'start');
  }

  #hide() {
    const bubble = /** @type {HTMLElement} */ (this.renderRoot.querySelector('[popover]'));
    if (bubble.matches(':popover-open')) bubble.hidePopover();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === 'Escape') this.#hide();
  }

  render() {
    return html`<button
        type="button"
        aria-label=${this.label}
        aria-describedby="text"
        @mouseenter=${this.#show}
        @mouseleave=${this.#hide}
        @focus=${this.#show}
        @click=${this.#show}
        @blur=${this.#hide}
        @keydown=${this.#key}
      >
        ${icon('info')}
      </button>
      <div id="text" popover="manual" role="tooltip">${this.text}</div>`;
  }
}
