import { css, html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { base, controls } from '../../styles/base.js';
import { BenchElement } from '../element.js';
import { dot, inline } from '../inline.js';

/**
 * @import { ComparedChannel } from '../../../api/types.js'
 * @import { Spend } from '../../workbench.js'
 */

/** What each channel cost: a table of spend, dropped or pasted, or sums to be written in. */
export class Costs extends BenchElement {
  static properties = { channels: { attribute: false }, over: { state: true } };
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
      .drop {
        display: flex;
        flex-direction: column;
        gap: 8px;
        padding: 16px;
        border: 1px dashed var(--cw-strong);
        border-radius: var(--cw-radius);
      }
      .drop.over {
        border-color: var(--cw-accent);
        background: var(--cw-accent-soft);
      }
      textarea {
        width: 100%;
        min-height: 72px;
        padding: 8px;
        border: 1px solid var(--cw-strong);
        border-radius: 6px;
        background: var(--cw-paper);
        color: var(--cw-ink);
        font: 0.875rem/1.4 ui-monospace, monospace;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {readonly ComparedChannel[]} */
    this.channels = [];
    /** Whether a file is held over the target. */
    this.over = false;
  }

  #done() {
    const inputs = /** @type {HTMLInputElement[]} */ ([...this.renderRoot.querySelectorAll('input[type=number]')]);
    if (inputs.some((input) => !input.reportValidity())) return;
    const costs = inputs.filter(({ value }) => value.trim()).map((input) => ({ channel: input.name, cost: Number(input.value) }));
    this.bench.compareBy({ costs: costs.length ? costs : undefined });
  }

  /** @param {DragEvent} event */
  #dropped(event) {
    event.preventDefault();
    // What is dropped here is no data set: the page's own drop target must not see it.
    event.stopPropagation();
    this.over = false;
    const file = event.dataTransfer?.files[0];
    const text = event.dataTransfer?.getData('text');
    if (file ?? text) void this.bench.readCosts(file ?? text ?? '');
  }

  #table() {
    const { bench } = this;
    const { costing, spend } = bench;
    /** @param {DragEvent} event */
    const over = (event) => {
      event.preventDefault();
      event.stopPropagation();
      this.over = true;
    };
    /** @param {Event} event */
    const pasted = (event) => {
      const { value } = /** @type {HTMLTextAreaElement} */ (event.target);
      if (value.includes('\n')) void bench.readCosts(value);
    };
    /** @param {Event} event */
    const chosen = (event) => {
      const file = /** @type {HTMLInputElement} */ (event.target).files?.[0];
      if (file) void bench.readCosts(file);
    };
    return html`<div class="drop ${this.over ? 'over' : ''}" data-testid="spend-drop" @dragover=${over} @dragleave=${() => (this.over = false)} @drop=${this.#dropped}>
      <label class="small" for="spend">${this.t('spend.text')}</label>
      <textarea id="spend" data-testid="spend-paste" spellcheck="false" placeholder="channel,date,cost" @input=${pasted}></textarea>
      <div>
        <button type="button" class="small" data-testid="spend-choose" @click=${() => /** @type {HTMLInputElement} */ (this.renderRoot.querySelector('#spend-file')).click()}>
          ${this.t('spend.file')}
        </button>
        <input type="file" hidden id="spend-file" data-testid="spend-file" aria-label=${this.t('spend.file')} accept=".csv,.tsv,.txt,.json,.xlsx,.gz,.zip,.parquet" @change=${chosen} />
      </div>
      ${costing.running ? html`<cw-progress .bench=${bench} .job=${costing} words=${this.t('spend.reading')}></cw-progress>` : nothing}
      ${costing.error ? html`<cw-error .failure=${costing.error} .i18n=${this.i18n} kept=${this.t('kept.compared')}></cw-error>` : nothing}
      ${spend ? this.#spend(spend) : nothing}
    </div>`;
  }

  /** What was read. @param {Spend} spend */
  #spend(spend) {
    const { i18n } = this;
    const names = (/** @type {readonly string[]} */ list) => i18n.list(list.slice(0, 6));
    return html`<div class="small" role="status" data-testid="spend-read">
      <p>
        ${this.t(spend.period ? 'spend.read.dated' : 'spend.read', {
          n: spend.rows,
          used: i18n.count(spend.used),
          rows: i18n.count(spend.rows),
          cost: i18n.amount(spend.cost),
          period: spend.period ? this.t(`period.${spend.period}`) : '',
        })}
      </p>
      ${spend.matched.length ? html`<p>${this.t('spend.matched', { pairs: names(spend.matched.map(({ name, channel }) => `${name} → ${channel}`)) })}</p>` : nothing}
      ${spend.unmatched.length ? html`<p>${this.t('spend.unmatched', { n: spend.unmatched.length, names: names(spend.unmatched.map(({ name }) => name)) })}</p>` : nothing}
      ${spend.without.length ? html`<p>${this.t('spend.without', { n: spend.without.length, names: names(spend.without) })}</p>` : nothing}
      ${spend.warnings.length ? html`<cw-findings .bench=${this.bench} .warnings=${spend.warnings}></cw-findings>` : nothing}
    </div>`;
  }

  render() {
    // Costs from a file come by day or period.
    /** @type {Map<string, number>} */
    const known = new Map();
    for (const { channel, cost } of this.bench.compareOptions.costs ?? []) known.set(channel, (known.get(channel) ?? 0) + cost);
    return html`<details ?open=${known.size === 0}>
      <summary>${this.t('money.costs')}</summary>
      <div class="stack">
        ${this.#table()}
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
                  <label for="cost-${name}">${dot(this.bench, name)}${this.bench.nameOf(name)}</label>
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
      </div>
    </details>`;
  }
}
