import { css, html } from 'lit';
import { live } from 'lit/directives/live.js';
import { modelOf } from '../settings.js';
import { base, controls } from '../styles/base.js';
import { BenchElement } from './element.js';

const models = /** @type {const} */ (['journey', 'transformer', 'logistic']);

/** Which model is trained on journeys, in words of what it looks at. */
export class ModelChoice extends BenchElement {
  static styles = [
    base,
    controls,
    css`
      fieldset {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(280px, 100%), 1fr));
        gap: 16px;
        margin: 0;
        padding: 0;
        border: 0;
        text-align: left;
      }
      label {
        position: relative;
        display: grid;
        grid-template-columns: 24px minmax(0, 1fr);
        gap: 0 8px;
        padding: 16px;
        border: 1px solid var(--cw-line);
        border-radius: var(--cw-radius);
      }
      label:hover {
        border-color: var(--cw-strong);
      }
      label:has(:checked) {
        border-color: var(--cw-accent);
        box-shadow: inset 0 0 0 1px var(--cw-accent);
      }
      label:has(:focus-visible) {
        outline: 2px solid var(--cw-accent);
        outline-offset: 2px;
      }
      input {
        align-self: start;
        margin: 5px 0 0;
      }
      input:focus-visible {
        outline: none;
      }
      strong {
        display: block;
      }
    `,
  ];

  render() {
    const { bench } = this;
    const chosen = modelOf(bench.settings, bench.journeys);
    return html`<fieldset>
      <legend class="visually-hidden">${this.t('model.choose')}</legend>
      ${models.map(
        (model) =>
          html`<label data-testid="model-${model}">
            <input
              type="radio"
              name="model"
              .checked=${live(model === chosen)}
              @change=${() => bench.set('model', model)}
            />
            <span>
              <strong>${this.t(`model.${model}`)}</strong>
              <span class="small soft">${this.t(`model.${model}.meaning`)}</span>
            </span>
          </label>`,
      )}
    </fieldset>`;
  }
}
