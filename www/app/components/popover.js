import { css, html, LitElement } from 'lit';
import { base, controls } from '../styles/base.js';

/**
 * Puts a floating box under what it belongs to, inside the window.
 * @param {HTMLElement} anchor
 * @param {HTMLElement} box in the top layer, already shown
 * @param {'start' | 'end'} side which edges line up
 */
export function place(anchor, box, side) {
  const gap = 8;
  const from = anchor.getBoundingClientRect();
  const { width, height } = box.getBoundingClientRect();
  const wanted = side === 'end' ? from.right - width : from.left;
  const left = Math.max(gap, Math.min(wanted, document.documentElement.clientWidth - width - gap));
  const below = from.bottom + gap;
  const top = below + height > window.innerHeight && from.top > height + gap ? from.top - height - gap : below;
  box.style.left = `${left}px`;
  box.style.top = `${top}px`;
}

/** A button (slot `button`) and the panel it opens (the rest); Escape and a click elsewhere close it. */
export class Popover extends LitElement {
  static properties = { label: { type: String }, look: { type: String }, side: { type: String }, open: { state: true } };
  static styles = [
    base,
    controls,
    css`
      :host {
        display: inline-block;
      }
      button {
        min-height: 32px;
        padding: 0 12px;
        font-size: 0.875rem;
        border-color: var(--cw-line);
        border-radius: 16px;
        white-space: nowrap;
      }
      button.plain {
        min-height: 40px;
        padding: 0 16px;
        font-size: 1rem;
        border-color: var(--cw-strong);
        border-radius: var(--cw-radius);
      }
      button.field {
        min-height: 40px;
        max-width: 100%;
        padding: 0 8px;
        font-size: inherit;
        line-height: 1.5rem;
        font-weight: 600;
        border-color: var(--cw-accent);
        border-radius: 6px;
        background: var(--cw-accent-soft);
        text-align: left;
      }
      [popover] {
        position: fixed;
        inset: auto;
        margin: 0;
        width: max-content;
        max-width: min(400px, calc(100vw - 16px));
        max-height: calc(100vh - 80px);
        overflow-y: auto;
        padding: 16px;
        border: 1px solid var(--cw-strong);
        border-radius: var(--cw-radius);
        background: var(--cw-paper);
        color: var(--cw-ink);
        font-size: 0.875rem;
        line-height: 1.25rem;
      }
      @media (max-width: 480px) {
        button {
          padding: 0 8px;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.label = '';
    this.look = '';
    /** Which edge lines up with the button's. @type {'start' | 'end'} */
    this.side = 'end';
    this.open = false;
  }

  /** @returns {HTMLElement} */
  get #panel() {
    return /** @type {HTMLElement} */ (this.renderRoot.querySelector('[popover]'));
  }

  close() {
    this.#panel.hidePopover();
  }

  show() {
    this.#panel.showPopover();
  }

  /** @param {ToggleEvent} event */
  #toggled(event) {
    this.open = event.newState === 'open';
    if (!this.open) return;
    const button = /** @type {HTMLElement} */ (this.renderRoot.querySelector('button'));
    place(button, this.#panel, this.side);
    this.dispatchEvent(new CustomEvent('opened'));
  }

  render() {
    return html`<button
        type="button"
        class=${this.look}
        popovertarget="panel"
        aria-expanded=${this.open}
        aria-label=${this.label}
      >
        <slot name="button"></slot>
      </button>
      <div id="panel" popover role="group" aria-label=${this.label} @toggle=${this.#toggled}>
        <slot></slot>
      </div>`;
  }
}
