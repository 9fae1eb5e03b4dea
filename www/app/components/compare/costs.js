import { css, html } from 'lit';
import { live } from 'lit/directives/live.js';
import { base, controls } from '../../styles/base.js';
import { BenchElement } from '../element.js';
import { dot, inline } from '../inline.js';

/** @import { ComparedChannel } from '../../../api/types.js' */

/** What each channel cost, to be written in. */
export class Costs extends BenchElement {
  static properties = { channels: { attribute: false } };
  static styles = [
    base,
    controls,
    inline,
    css`
      ul {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(280px, 100%), 1fr));
        gap: 4px 32px;
        padding: 8px 0;
      }
      li {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 16px;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {readonly ComparedChannel[]} */
    this.channels = [];
  }

  #done() {
    const inputs = /** @type {HTMLInputElement[]} */ ([...this.renderRoot.querySelectorAll('input')]);
    if (inputs.some((input) => !input.reportValidity())) return;
    const costs = inputs.filter(({ value }) => value.trim()).map((input) => ({ channel: input.name, cost: Number(input.value) }));
    this.bench.compareBy({ costs: costs.length ? costs : undefined });
  }

  render() {
    // Costs from a file come by day or period.
    /** @type {Map<string, number>} */
    const known = new Map();
    for (const { channel, cost } of this.bench.compareOptions.costs ?? []) known.set(channel, (known.get(channel) ?? 0) + cost);
    return html`<details ?open=${known.size === 0}>
      <summary>${this.t('money.costs')}</summary>
      <form
        @submit=${(/** @type {Event} */ event) => {
          event.preventDefault();
          this.#done();
        }}
      >
        <p class="small soft">${this.t('money.costsText')}</p>
        <ul>
          ${this.channels.map(
            ({ name }) =>
              html`<li>
                <label for="cost-${name}">${dot(this.bench, name)}${name}</label>
                <input
                  type="number"
                  class="small"
                  id="cost-${name}"
                  name=${name}
                  data-testid="cost-${name}"
                  min="0"
                  step="any"
                  inputmode="decimal"
                  .value=${live(String(known.get(name) ?? ''))}
                />
              </li>`,
          )}
        </ul>
        <button type="submit" class="small" data-testid="costs-done">${this.t('money.costsDone')}</button>
      </form>
    </details>`;
  }
}
