import { css, html, LitElement, nothing } from 'lit';
import { base, controls } from '../styles/base.js';
import { icon } from './icon.js';
import { marked } from './marked.js';

/**
 * @import { Failure } from '../job.js'
 * @import { Translator } from '../i18n/index.js'
 */

/** What happened, what is still there, what to do next; details to copy. The slot holds the ways on. */
export class ErrorPanel extends LitElement {
  static properties = { failure: { attribute: false }, i18n: { attribute: false }, kept: { type: String }, copied: { state: true }, bare: { state: true } };
  static styles = [
    base,
    controls,
    css`
      section {
        padding: 16px 24px;
        border: 1px solid var(--cw-bad);
        border-radius: var(--cw-radius);
        background: var(--cw-bad-soft);
      }
      .said {
        display: flex;
        flex-direction: column;
        gap: 4px;
        max-width: 72ch;
        text-wrap: pretty;
      }
      .what {
        display: flex;
        font-weight: 650;
        align-items: baseline;
        gap: 8px;
      }
      .what svg {
        color: var(--cw-bad);
      }
      pre {
        margin: 8px 0 0;
        padding: 8px;
        overflow-x: auto;
        max-height: 200px;
        border-radius: 4px;
        background: var(--cw-paper);
        font: 0.8125rem/1.25rem var(--cw-mono);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      @media (max-width: 600px) {
        section {
          padding: 16px;
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Failure} */
    this.failure = { code: '', message: '' };
    /** @type {Translator} */
    this.i18n = /** @type {any} */ (undefined);
    this.kept = '';
    this.copied = false;
    this.bare = true;
  }

  /** For a report: no user data, so `detail` stays behind. */
  get #report() {
    const { code, message } = this.failure;
    return `Channelwise: ${code}\n${message}\n${navigator.userAgent}`;
  }

  /** What is filled into the words: figures, and the names of columns as code. */
  get #values() {
    const { i18n } = this;
    const { figures = {}, columns = [] } = this.failure;
    const written = Object.entries(figures).map(([name, value]) => [name, i18n.figure(name, value)]);
    const names = columns.map((name) => `\`${name.replaceAll('`', "'")}\``);
    return { ...Object.fromEntries(written), ...(names.length ? { columns: i18n.list(names) } : {}) };
  }

  /** @param {Event} event */
  #slotted(event) {
    this.bare = /** @type {HTMLSlotElement} */ (event.target).assignedElements().length === 0;
  }

  async #copy() {
    this.copied = await navigator.clipboard.writeText(this.#report).then(
      () => true,
      () => false,
    );
    // Where the clipboard is out of reach, the lines stand selected for the keyboard.
    const lines = this.renderRoot.querySelector('pre');
    if (!this.copied && lines) getSelection()?.selectAllChildren(lines);
  }

  render() {
    const { failure, i18n } = this;
    const next = `next.${failure.code}`;
    const detail = failure.detail === undefined || failure.detail === null ? '' : failure.detail;
    return html`<section class="stack" role="alert" data-testid="error-panel" data-code=${failure.code}>
      <div class="said"><p class="what">${icon('warn')} <span data-testid="error-message">${marked(i18n.coded('error', failure, this.#values))}</span></p>
      ${this.kept ? html`<p data-testid="error-kept">${this.kept}</p>` : nothing}
      ${i18n.has(next) ? html`<p>${i18n.t(next)}</p>` : nothing}</div>
      <div class="row" ?hidden=${this.bare}><slot @slotchange=${this.#slotted}></slot></div>
      <details>
        <summary class="small">${i18n.t('failure.details')}</summary>
        <pre>${this.#report}</pre>
        <p class="row small">
          <button type="button" class="small" @click=${this.#copy}>
            ${i18n.t(this.copied ? 'failure.copied' : 'failure.copy')}
          </button>
          ${i18n.t('failure.noData')}
        </p>
        ${detail
          ? html`<details>
              <summary class="small">${i18n.t('failure.showData')}</summary>
              <pre data-testid="error-detail">${typeof detail === 'string' ? detail : JSON.stringify(detail, null, 2)}</pre>
            </details>`
          : nothing}
      </details>
    </section>`;
  }
}
