import { css, html } from 'lit';
import { lookOf } from '../charts/common.js';
import { lossChart } from '../charts/loss.js';
import { base, controls } from '../styles/base.js';
import { BenchElement } from './element.js';
import { icon } from './icon.js';

/** A training under way: where it stands, its curve, and the four ways to hold it. */
export class Training extends BenchElement {
  static styles = [
    base,
    controls,
    css`
      progress {
        display: block;
        width: 100%;
        height: 8px;
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
      }
      progress::-moz-progress-bar {
        background: var(--cw-accent);
      }
      dl {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(112px, 1fr));
        gap: 8px 24px;
      }
      dt {
        font-size: 0.875rem;
        color: var(--cw-soft);
      }
      dd {
        font-size: 1.125rem;
        font-variant-numeric: tabular-nums;
      }
    `,
  ];

  #onProgress = () => this.requestUpdate();

  connectedCallback() {
    super.connectedCallback();
    this.bench.addEventListener('progress', this.#onProgress);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.bench.removeEventListener('progress', this.#onProgress);
  }

  render() {
    const { bench, i18n } = this;
    const progress = bench.training.progress ?? bench.preparing.progress;
    const phase = progress?.phase ?? 'prepare';
    const key = bench.paused ? 'phase.paused' : bench.stopping ? 'phase.stopping' : `phase.${phase}`;
    const words = this.t(i18n.has(key) ? key : 'phase.train');
    const last = bench.history.at(-1);
    /** @param {string} name @param {string} value */
    const figure = (name, value) => html`<div><dt>${this.t(`progress.${name}`)}</dt><dd data-testid="live-${name}">${value}</dd></div>`;
    const quarter = Math.floor((progress?.fraction ?? 0) * 4) * 25;
    const training = phase === 'train';
    return html`<section class="card stack" data-testid="training">
      <div class="row between">
        <h3>${words}</h3>
        <div class="row">
          <button type="button" class="small" data-testid="pause" aria-pressed=${bench.paused} ?disabled=${!training} @click=${() => bench.pauseOrResume()}>
            ${icon(bench.paused ? 'play' : 'pause')} ${this.t(bench.paused ? 'train.resume' : 'train.pause')}
          </button>
          <button type="button" class="small" data-testid="stop" ?disabled=${!training || bench.stopping} @click=${() => bench.stopEarly()}>
            ${icon('stop')} ${this.t('train.stop')}
          </button>
          <button type="button" class="small" data-testid="cancel" @click=${() => bench.training.cancel()}>
            ${icon('cross')} ${this.t('train.cancel')}
          </button>
        </div>
      </div>
      ${progress
        ? html`<progress max="1" .value=${progress.fraction} aria-label=${words}></progress>`
        : html`<progress aria-label=${words}></progress>`}
      <dl>
        ${figure('epoch', progress?.epoch ? i18n.count(progress.epoch) : '–')}
        ${figure('trainLoss', i18n.decimal(progress?.trainLoss ?? last?.trainLoss, 4))}
        ${figure('validationLoss', i18n.decimal(last?.validationLoss, 4))}
        ${figure('rows', progress?.rowsPerSecond ? i18n.count(progress.rowsPerSecond) : '–')}
        ${figure('time', bench.paused ? '–' : i18n.seconds(progress?.etaSeconds))}
      </dl>
      <cw-chart lines="9" .build=${lossChart(bench.history, lookOf(bench))}></cw-chart>
      <p class="visually-hidden" role="status">${words}${quarter ? ` ${i18n.percent(quarter / 100, 0)}` : ''}</p>
    </section>`;
  }
}
