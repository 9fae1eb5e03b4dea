import { css, html, LitElement } from 'lit';
import { download } from '../download.js';
import { base, controls } from '../styles/base.js';
import { icon } from './icon.js';

/** @typedef {{ name: string, label: string, file: string, make: () => Blob | Promise<Blob> }} ExportItem */

/** The export corner: the same place in every step. */
export class ExportMenu extends LitElement {
  static properties = { items: { attribute: false }, label: { type: String } };
  static styles = [
    base,
    controls,
    css`
      :host {
        display: inline-block;
      }
      .face {
        display: inline-flex;
        align-items: center;
        gap: 8px;
      }
      li button {
        width: 100%;
        justify-content: flex-start;
        color: var(--cw-ink);
        min-height: 32px;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {ExportItem[]} */
    this.items = [];
    this.label = '';
  }

  /** @param {ExportItem} item */
  async #take(item) {
    /** @type {import('./popover.js').Popover} */ (this.renderRoot.querySelector('cw-popover')).close();
    try {
      download(await item.make(), item.file);
    } catch (error) {
      this.dispatchEvent(new CustomEvent('failed', { detail: error }));
    }
  }

  render() {
    return html`<cw-popover label=${this.label} look="plain">
      <span slot="button" class="face" data-testid="export">${icon('down')} ${this.label}</span>
      <ul>
        ${this.items.map(
          (item) =>
            html`<li>
              <button type="button" class="quiet" data-testid="export-${item.name}" @click=${() => this.#take(item)}>
                ${item.label}
              </button>
            </li>`,
        )}
      </ul>
    </cw-popover>`;
  }
}
