import { css, html, nothing } from 'lit';
import { base, controls } from '../styles/base.js';
import { BenchElement } from './element.js';

/** @import { Job } from '../job.js' */

/** Says what is happening, how far it is, how long it takes, and offers to give it up. */
export class JobProgress extends BenchElement {
  static properties = { job: { attribute: false }, words: { type: String } };
  static styles = [
    base,
    controls,
    css`
      /* What is over in a third of a second need not be announced. */
      :host {
        animation: appear 0.1s 0.3s backwards;
      }
      @keyframes appear {
        from {
          visibility: hidden;
        }
      }
      progress {
        display: block;
        width: 100%;
        height: 8px;
        margin: 8px 0;
        border: 0;
        border-radius: 4px;
        overflow: hidden;
        background: var(--cw-sunk);
        accent-color: var(--cw-accent);
      }
      progress::-webkit-progress-bar {
        background: var(--cw-sunk);
      }
      progress::-webkit-progress-value {
        background: var(--cw-accent);
        border-radius: 4px;
      }
      progress::-moz-progress-bar {
        background: var(--cw-accent);
      }
      [data-testid='progress'] {
        min-width: min(400px, 100%);
      }
      .figures {
        font-variant-numeric: tabular-nums;
        min-height: 1.25rem;
      }
    `,
  ];

  #onProgress = () => this.requestUpdate();

  constructor() {
    super();
    /** @type {Job} */
    this.job = /** @type {any} */ (undefined);
    this.words = '';
  }

  connectedCallback() {
    super.connectedCallback();
    this.bench.addEventListener('progress', this.#onProgress);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.bench.removeEventListener('progress', this.#onProgress);
  }

  render() {
    const { progress, startedAt } = this.job;
    const { i18n } = this;
    const phase = progress ? `phase.${progress.phase}` : '';
    const words = phase && i18n.has(phase) ? this.t(phase) : this.words;
    const elapsed = (performance.now() - startedAt) / 1000;
    const left = progress?.etaSeconds;
    const figures = [
      progress?.rowsPerSecond ? this.t('progress.rate', { rate: i18n.count(progress.rowsPerSecond) }) : '',
      left !== undefined && left + elapsed > 3 ? this.t('progress.left', { time: i18n.seconds(left) }) : '',
    ].filter(Boolean);
    const quarter = Math.floor((progress?.fraction ?? 0) * 4) * 25;
    return html`<div data-testid="progress">
      <div class="row between">
        <span>${words}</span>
        <button type="button" class="small" data-testid="cancel" @click=${() => this.job.cancel()}>
          ${this.t('progress.cancel')}
        </button>
      </div>
      ${progress
        ? html`<progress max="1" .value=${progress.fraction} aria-label=${words}></progress>`
        : html`<progress aria-label=${words}></progress>`}
      <p class="figures small soft">${figures.join(' · ')}</p>
      <p class="visually-hidden" role="status">${words}${quarter ? ` ${i18n.percent(quarter / 100, 0)}` : nothing}</p>
    </div>`;
  }
}
