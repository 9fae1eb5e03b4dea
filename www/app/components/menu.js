import { html } from 'lit';
import { live } from 'lit/directives/live.js';

/**
 * A native menu.
 * @param {object} options
 * @param {string} options.label for screen readers
 * @param {string} options.value
 * @param {readonly { value: string, label: string, disabled?: boolean }[]} options.choices
 * @param {(value: string) => void} options.choose
 * @param {string} options.testid
 * @param {string} [options.id]
 * @param {string} [options.look]
 * @param {boolean} [options.disabled]
 */
export function menu({ label, value, choices, choose, testid, id, look = 'small', disabled = false }) {
  /** @param {Event} event */
  const changed = (event) => choose(/** @type {HTMLSelectElement} */ (event.target).value);
  return html`<select
    id=${id ?? testid}
    class=${look}
    aria-label=${label}
    data-testid=${testid}
    ?disabled=${disabled}
    .value=${live(value)}
    @change=${changed}
  >
    ${choices.map(
      (choice) =>
        html`<option value=${choice.value} ?selected=${choice.value === value} ?disabled=${choice.disabled}>
          ${choice.label}
        </option>`,
    )}
  </select>`;
}
