import { css, html } from 'lit';
import { live } from 'lit/directives/live.js';
import { applies, dataGroups, defaults, modelOf, trainGroups } from '../settings.js';
import { base, controls } from '../styles/base.js';
import { BenchElement } from './element.js';
import { menu } from './menu.js';

/** @import { Field, Group } from '../settings.js' */

/** Everything that can be set, folded; nothing here needs to be. `of`: of the training, or of the journeys. */
export class TrainOptions extends BenchElement {
  static properties = { of: { type: String } };
  static styles = [
    base,
    controls,
    css`
      .groups {
        columns: 3 248px;
        column-gap: 32px;
        padding-top: 16px;
      }
      fieldset {
        break-inside: avoid;
        margin: 0 0 24px;
        padding: 0;
        border: 0;
        min-width: 0;
      }
      legend {
        padding: 0 0 8px;
        font-weight: 650;
      }
      .field {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 16px;
        min-height: 40px;
        font-size: 0.875rem;
      }
      .reset {
        margin-left: -12px;
      }
      .field.off {
        color: var(--cw-faint);
      }
      .field label {
        display: inline-flex;
        align-items: center;
        gap: 4px;
      }
      .field input,
      .field select {
        flex: none;
        width: 120px;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {'train' | 'data'} */
    this.of = 'train';
  }

  get #model() {
    return modelOf(this.bench.settings, this.bench.journeys);
  }

  /** @returns {Group[]} */
  get #groups() {
    return this.of === 'data' ? dataGroups(this.bench.table?.layout ?? 'rows') : trainGroups(this.#model);
  }

  /** @param {Field['name']} name @param {string} value */
  #set(name, value) {
    this.bench.set(name, value);
    if (this.of === 'data') this.bench.prepareSoon();
  }

  /** @param {Field} field */
  #input({ name, choices, min, max, step }) {
    const { bench } = this;
    const value = bench.settings[name];
    const disabled = !applies(bench.settings, name, this.#model);
    if (choices) {
      const blocked = (/** @type {string} */ choice) =>
        name === 'optimizer' && choice === 'lbfgs' && bench.settings.device === 'webgpu';
      return menu({
        label: this.t(`option.${name}`),
        value,
        choices: choices.map((choice) => ({
          value: choice,
          label: this.t(`option.${name}.${choice || 'auto'}`),
          disabled: blocked(choice),
        })),
        choose: (chosen) => this.#set(name, chosen),
        testid: `option-${name}`,
        disabled,
      });
    }
    return html`<input
      type="number"
      class="small"
      id="option-${name}"
      data-testid="option-${name}"
      min=${min ?? ''}
      max=${max ?? ''}
      step=${step ?? 'any'}
      placeholder=${defaults[name] || this.t('option.auto')}
      ?disabled=${disabled}
      .value=${live(value)}
      @change=${(/** @type {Event} */ event) => this.#changed(name, /** @type {HTMLInputElement} */ (event.target))}
    />`;
  }

  /** @param {Field['name']} name @param {HTMLInputElement} input */
  #changed(name, input) {
    if (input.reportValidity()) this.#set(name, input.value);
  }

  /** @param {Field['name'][]} names */
  #reset(names) {
    for (const name of names) this.bench.set(name, defaults[name]);
    if (this.of === 'data') this.bench.prepareSoon();
  }

  render() {
    const groups = this.#groups;
    const names = groups.flatMap(({ fields }) => fields.map(({ name }) => name));
    const changed = names.filter((name) => this.bench.settings[name] !== defaults[name]).length;
    return html`<details data-testid=${this.of === 'data' ? 'data-options' : 'options'}>
      <summary>${this.t('options.title')}${changed ? ` (${this.t('options.changed', { n: changed })})` : ''}</summary>
      <div class="groups">
        ${groups.map(
          ({ group, fields }) =>
            html`<fieldset>
              <legend>${this.t(`options.${group}`)}</legend>
              ${fields.map(
                (field) =>
                  html`<div class="field ${applies(this.bench.settings, field.name, this.#model) ? '' : 'off'}">
                    <label for="option-${field.name}">${this.t(`option.${field.name}`)}
                      <cw-tip label=${this.t('define', { term: this.t(`option.${field.name}`) })} text=${this.t(`option.${field.name}.help`)}></cw-tip></label>
                    ${this.#input(field)}
                  </div>`,
              )}
            </fieldset>`,
        )}
      </div>
      ${changed
        ? html`<p>
            <button type="button" class="quiet small reset" data-testid="options-reset" @click=${() => this.#reset(names)}>${this.t('options.reset')}</button>
          </p>`
        : ''}
    </details>`;
  }
}
