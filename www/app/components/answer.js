import { css, html } from 'lit';
import { live } from 'lit/directives/live.js';
import { base, controls, tables } from '../styles/base.js';
import { BenchElement } from './element.js';
import { partsOf } from './parts.js';

/**
 * @import { Run, ThresholdRow } from '../../api/types.js'
 * @import { PartName } from './parts.js'
 */

/**
 * What the model is good for, in words, and the threshold that decides it. Fires `threshold` and
 * `part` with what was chosen.
 */
export class Answer extends BenchElement {
  static properties = { run: { attribute: false }, partName: { attribute: false }, row: { attribute: false } };
  static styles = [
    base,
    controls,
    tables,
    css`
      .answer {
        font-size: clamp(1.25rem, 1rem + 1vw, 1.625rem);
        line-height: 1.4;
        font-weight: 600;
        letter-spacing: -0.01em;
        text-wrap: balance;
        /* Chinese breaks at punctuation, where there is room for it. */
        word-break: keep-all;
        overflow-wrap: anywhere;
      }
      .both {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: 24px 48px;
        align-items: start;
      }
      input[type='range'] {
        display: block;
        width: 100%;
        margin: 8px 0;
      }
      output {
        font-weight: 650;
        font-variant-numeric: tabular-nums;
      }
      @media (max-width: 760px) {
        .both {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Run} */
    this.run = /** @type {any} */ (undefined);
    /** @type {PartName} */
    this.partName = 'test';
    /** @type {ThresholdRow} */
    this.row = /** @type {any} */ (undefined);
  }

  /** @param {number} threshold */
  #choose(threshold) {
    this.dispatchEvent(new CustomEvent('threshold', { detail: threshold }));
  }

  #confusion() {
    const { i18n, row } = this;
    /** @param {'tp' | 'fp' | 'tn' | 'fn'} cell */
    const count = (cell) => html`<td class="number" data-testid="confusion-${cell}">${i18n.count(row[cell])}</td>`;
    return html`<div class="scroll">
      <table data-testid="confusion">
        <thead>
          <tr>
            <th scope="col">${this.t(this.bench.journeys ? 'confusion.journeys' : 'confusion.title')}</th>
            <th scope="col" class="number">${this.t('confusion.called')}</th>
            <th scope="col" class="number">${this.t('confusion.notCalled')}</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">${this.t('confusion.converted')}</th>
            ${count('tp')}${count('fn')}
          </tr>
          <tr>
            <th scope="row">${this.t('confusion.notConverted')}</th>
            ${count('fp')}${count('tn')}
          </tr>
        </tbody>
      </table>
    </div>`;
  }

  render() {
    const { i18n, row, run, partName: part } = this;
    const metrics = run.metrics[part];
    const rows = run.curves[part]?.thresholds ?? [];
    const proposed = nearest(rows, run.threshold.value);
    const isProposed = proposed?.threshold === row.threshold;
    const written = (/** @type {number} */ threshold) => i18n.threshold(threshold, rows[1]?.threshold);
    const values = {
      found: i18n.inHundred(row.recall),
      contacted: i18n.percent(row.flagged, row.flagged < 0.1 ? 1 : 0),
      precision: i18n.inHundred(row.precision),
      rate: i18n.inHundred(metrics?.baseRate),
    };
    const key = row.tp + row.fp === 0 ? 'nobody' : row.fn + row.tn === 0 ? 'everybody' : 'found';
    // An interval that holds a coin toss, or none at all.
    const unable = metrics && !(metrics.aucInterval[0] > 0.5);
    const auc = {
      auc: i18n.decimal(metrics?.auc, 2),
      low: i18n.decimal(metrics?.aucInterval[0], 2),
      high: i18n.decimal(metrics?.aucInterval[1], 2),
    };
    return html`<section class="card stack" aria-labelledby="answer">
      <h3 class="answer" id="answer" data-testid="train-answer">${this.t(unable ? 'answer.unable' : `answer.${key}`, values)}</h3>
      ${unable ? html`<p>${this.t('answer.coin', auc)} ${this.t(`answer.${key}`, values)}</p>` : ''}
      ${key === 'nobody' ? '' : html`<p>${this.t('answer.precision', values)}</p>`}
      <div class="row between">
        <p class="small soft">${this.t(`answer.${this.bench.journeys ? 'journeys' : 'on'}.${part}`)}</p>
        <cw-segmented
          label=${this.t('part.shown')}
          name="part"
          .value=${part}
          .choices=${partsOf(run).map((value) => ({ value, label: this.t(`part.${value}`) }))}
          @choose=${(/** @type {CustomEvent<PartName>} */ event) =>
            this.dispatchEvent(new CustomEvent('part', { detail: event.detail }))}
        ></cw-segmented>
      </div>
      <div class="both">
        <div>
          <label for="threshold" class="row between">
            <span>${this.t('threshold.label')}</span>
            <output for="threshold" data-testid="threshold-value">${written(row.threshold)}</output>
          </label>
          <input
            id="threshold"
            data-testid="threshold"
            type="range"
            min="0"
            max=${Math.max(rows.length - 1, 0)}
            step="1"
            aria-valuetext=${written(row.threshold)}
            .value=${live(String(rows.indexOf(row)))}
            @input=${(/** @type {Event} */ event) =>
              this.#choose(rows[Number(/** @type {HTMLInputElement} */ (event.target).value)].threshold)}
          />
          <p class="small soft" data-testid="threshold-note">
            ${this.t(`threshold.proposed.${run.threshold.chosenOn}`, { value: written(proposed?.threshold ?? run.threshold.value) })}
            ${isProposed || !proposed
              ? ''
              : html`<button type="button" class="link" @click=${() => this.#choose(proposed.threshold)}>${this.t('threshold.back')}</button>`}
          </p>
          <p class="small">
            ${this.t('threshold.figures', {
              precision: i18n.percent(row.precision),
              recall: i18n.percent(row.recall),
              f1: i18n.decimal(row.f1, 3),
              accuracy: i18n.percent(row.accuracy),
            })}
          </p>
        </div>
        ${this.#confusion()}
      </div>
    </section>`;
  }
}

/**
 * The row of the threshold table nearest to a threshold.
 * @param {readonly ThresholdRow[]} rows
 * @param {number} threshold
 * @returns {ThresholdRow | undefined}
 */
export function nearest(rows, threshold) {
  const distance = (/** @type {ThresholdRow} */ row) => Math.abs(row.threshold - threshold);
  return rows.reduce((best, row) => (distance(row) < distance(best) ? row : best), rows[0]);
}
