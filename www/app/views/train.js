import { css, html, nothing } from 'lit';
import { lookOf } from '../charts/common.js';
import { points, curveNames } from '../charts/curves.js';
import { lossChart } from '../charts/loss.js';
import { nearest } from '../components/answer.js';
import { BenchElement } from '../components/element.js';
import { shownMetrics } from '../components/metrics-table.js';
import { deviceOf, deviceReason, honestPart, partsOf } from '../components/parts.js';
import { csv, json } from '../download.js';
import { base, controls, tables } from '../styles/base.js';
import { failure, isMemoryLost } from '../job.js';

/**
 * @import { Run } from '../../api/types.js'
 * @import { ExportItem } from '../components/export-menu.js'
 * @import { PartName } from '../components/parts.js'
 * @import { RunRecord } from '../bench/train.js'
 */

/** The second step: a model, and what it is worth. */
export class TrainView extends BenchElement {
  static properties = { partName: { state: true }, threshold: { state: true }, exportFailure: { state: true } };
  static styles = [
    base,
    controls,
    tables,
    css`
      .hero {
        display: flex;
        flex-direction: column;
        align-items: center;
        gap: 24px;
        padding: 48px 24px;
        text-align: center;
      }
      .hero + cw-train-options {
        margin-top: 16px;
      }
      .hero .row {
        justify-content: center;
      }
      .hero p {
        max-width: 40em;
        text-wrap: pretty;
      }
      .columns {
        display: grid;
        grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
        gap: 32px;
        align-items: start;
      }
      .stale {
        padding: 8px 16px;
        border-radius: var(--cw-radius);
        background: var(--cw-warn-soft);
        color: var(--cw-ink);
      }
      @media (max-width: 900px) {
        .columns {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];

  /** @type {string | null} */
  #shownRun = null;
  #inTraining = false;

  constructor() {
    super();
    /** @type {PartName | null} */
    this.partName = null;
    /** @type {number | null} */
    this.threshold = null;
    /** @type {import('../job.js').Failure | null} */
    this.exportFailure = null;
  }

  willUpdate() {
    this.#inTraining = Boolean(this.renderRoot?.querySelector('cw-training:focus-within'));
    const id = this.bench.selectedRun;
    if (id === this.#shownRun) return;
    this.#shownRun = id;
    this.partName = null;
    this.threshold = null;
    this.exportFailure = null;
  }

  updated() {
    // The buttons of a training go when it ends; focus must not go with them.
    if (!this.#inTraining || this.renderRoot.querySelector('cw-training')) return;
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector('h2'))?.focus({ preventScroll: true });
  }

  #noData() {
    return html`<div class="card hero">
      <p class="soft">${this.t('train.noData.text')}</p>
      <div class="row">
        <button type="button" class="primary" @click=${() => this.bench.go('data')}>${this.t('train.noData.go')}</button>
        <button type="button" data-testid="try-sample" @click=${() => this.bench.trySample()}>${this.t('data.sample')}</button>
      </div>
    </div>`;
  }

  #trainButton(/** @type {boolean} */ again) {
    const { bench } = this;
    return html`<button
      type="button"
      class="primary ${again ? '' : 'big'}"
      data-testid="train-button"
      ?disabled=${!bench.trainable || bench.training.running}
      @click=${() => bench.train()}
    >
      ${this.t(again ? 'train.again' : 'train.start')}
    </button>`;
  }

  #first() {
    const { dataset, journeys } = this.bench;
    return html`<div class="card">
      <div class="hero">
        ${journeys ? html`<cw-model-choice .bench=${this.bench}></cw-model-choice>` : nothing}
        <p class="soft">
          ${dataset
            ? this.t(journeys ? 'train.readyJourneys' : 'train.ready', { rows: this.i18n.roughly(dataset.train), n: dataset.features.length })
            : this.t('train.readySoon')}
        </p>
        ${this.#trainButton(false)}
        ${journeys ? nothing : html`<p class="small soft" data-testid="rows-note">${this.t('layout.rows.trains')}</p>`}
      </div>
      <cw-train-options .bench=${this.bench}></cw-train-options>
    </div>`;
  }

  #errors() {
    const { bench } = this;
    const error = bench.training.error ?? bench.preparing.error ?? this.exportFailure;
    if (!error) return nothing;
    const crashed = isMemoryLost(error);
    const kept = crashed
      ? this.t('kept.crashed')
      : bench.records.length
      ? this.t('kept.runs', { name: bench.table?.name ?? '', n: bench.records.length })
      : this.t('kept.table', { name: bench.table?.name ?? '' });
    return html`<cw-error .failure=${error} .i18n=${this.i18n} kept=${kept}>
      ${crashed
        ? html`<button type="button" @click=${() => bench.reread()}>${this.t('failure.reread')}</button>`
        : error === bench.preparing.error
        ? html`<button type="button" @click=${() => bench.go('data')}>${this.t('train.toData')}</button>`
        : html`<button type="button" @click=${() => bench.train()}>${this.t('failure.retry')}</button>`}
    </cw-error>`;
  }

  /**
   * @param {Run} run
   * @param {PartName} part
   * @returns {ExportItem[]}
   */
  #exports(run, part) {
    const { bench } = this;
    const { number } = bench.record ?? { number: 1 };
    const name = (/** @type {string} */ what) => `channelwise-run-${number}-${what}`;
    const metrics = () =>
      csv(
        partsOf(run).map((one) => {
          const { aucInterval, ...rest } = /** @type {any} */ (run.metrics[one]);
          const figures = Object.fromEntries(shownMetrics.map((metric) => [metric.name, rest[metric.name]]));
          return { part: one, ...figures, aucLow: aucInterval[0], aucHigh: aucInterval[1], threshold: rest.threshold };
        }),
      );
    const curves = () =>
      csv(
        curveNames.flatMap((curve) => points(/** @type {any} */ (run.curves[part]), curve).map(([x, y]) => ({ part, curve, x, y }))),
      );
    const coefficients = () =>
      csv(
        (run.coefficients ?? []).map(({ oddsRatioInterval, ...one }) => ({
          ...one,
          oddsRatioLow: oddsRatioInterval?.[0],
          oddsRatioHigh: oddsRatioInterval?.[1],
        })),
      );
    /** @type {[string, string, () => Blob | Promise<Blob>][]} */
    const items = [
      ['metrics', 'metrics.csv', metrics],
      ['curves', 'curves.csv', curves],
      ['coefficients', 'coefficients.csv', coefficients],
      ['run', 'run.json', () => json(run)],
      ['model-safetensors', 'model.safetensors', () => bench.exportRun(run.id, 'safetensors')],
      ['model-json', 'model.json', () => bench.exportRun(run.id, 'json')],
    ];
    return items.map(([key, file, make]) => ({ name: key, label: this.t(`export.${key}`), file: name(file), make }));
  }

  /** @param {Run} run */
  #result(run) {
    const { bench, i18n } = this;
    const part = this.partName && run.metrics[this.partName] ? this.partName : honestPart(run);
    const rows = run.curves[part]?.thresholds ?? [];
    const row = nearest(rows, this.threshold ?? run.threshold.value);
    return html`${bench.stale
        ? html`<div class="stale row between" role="status" data-testid="stale">
            <p>${this.t('stale.train')}</p>
            <button type="button" class="small" @click=${() => bench.train()}>${this.t('train.again')}</button>
          </div>`
        : nothing}
      ${row
        ? html`<cw-answer
            .bench=${bench}
            .run=${run}
            .partName=${part}
            .row=${row}
            @part=${(/** @type {CustomEvent<PartName>} */ event) => (this.partName = event.detail)}
            @threshold=${(/** @type {CustomEvent<number>} */ event) => (this.threshold = event.detail)}
          ></cw-answer>`
        : nothing}
      ${run.ceiling ? html`<cw-verdict .bench=${bench} .run=${run}></cw-verdict>` : nothing}
      ${run.warnings.length ? html`<cw-findings .bench=${bench} .warnings=${run.warnings}></cw-findings>` : nothing}
      <div class="columns">
        <cw-metrics-table .bench=${bench} .run=${run}></cw-metrics-table>
        ${row
          ? html`<cw-curve-panel .bench=${bench} .run=${run} .partName=${part} .row=${row}></cw-curve-panel>`
          : nothing}
      </div>
      ${run.coefficients?.length
        ? html`<cw-coefficients .bench=${bench} .coefficients=${run.coefficients}></cw-coefficients>`
        : nothing}
      <section class="stack" aria-labelledby="loss">
        <h3 id="loss">${this.t('chart.loss.title')}</h3>
        <p class="small soft" data-testid="run-summary">
          ${this.t('train.summary', {
            n: run.epochs.length,
            device: this.t(`device.${deviceOf(run)}`),
            time: i18n.seconds(run.seconds),
            parameters: i18n.count(run.parameters),
            ended: i18n.has(`ended.${run.ended}`) ? this.t(`ended.${run.ended}`) : run.ended,
            reason: bench.record?.device ? deviceReason(bench.record.device, i18n) : run.deviceReason,
          })}
        </p>
        <cw-chart lines="8" .build=${lossChart(run.epochs, lookOf(bench), true)}></cw-chart>
      </section>`;
  }

  /** What stands under the heading. */
  #content() {
    const { bench } = this;
    if (!bench.table) {
      return bench.reading.running
        ? html`<cw-progress .bench=${bench} .job=${bench.reading} words=${this.t('phase.open')}></cw-progress>`
        : this.#noData();
    }
    const training = bench.training.running && !bench.controlling ? html`<cw-training .bench=${bench}></cw-training>` : nothing;
    if (!bench.record) return html`${this.#errors()} ${bench.training.running ? training : this.#first()}`;
    return html`${training} ${this.#errors()} ${this.#result(bench.record.run)}
      <cw-run-table .bench=${bench}></cw-run-table>
      <div class="card stack">
        <h3>${this.t('train.another')}</h3>
        ${bench.journeys ? html`<cw-model-choice .bench=${bench}></cw-model-choice>` : nothing}
        <cw-train-options .bench=${bench}></cw-train-options>
        <div>${this.#trainButton(true)}</div>
      </div>`;
  }

  /** @param {RunRecord} record */
  #actions({ run }) {
    const part = this.partName && run.metrics[this.partName] ? this.partName : honestPart(run);
    return html`<div class="row">
      <button type="button" class="primary" data-testid="to-compare" @click=${() => this.bench.go('compare')}>
        ${this.t('train.toCompare')}
      </button>
      <cw-export
        label=${this.t('export.title')}
        .items=${this.#exports(run, part)}
        @failed=${(/** @type {CustomEvent} */ event) => (this.exportFailure = failure(event.detail))}
      ></cw-export>
    </div>`;
  }

  // The heading is one element whatever stands under it, so that focus stays on it.
  render() {
    const { record, table } = this.bench;
    const title = record
      ? this.t('train.result', { number: record.number })
      : this.t(table || this.bench.reading.running ? 'train.title' : 'train.noData.title');
    return html`<div class="stack wide" data-testid=${record ? 'train-result' : 'train-view'}>
      <div class="row between">
        <h2 tabindex="-1">${title}</h2>
        ${record ? this.#actions(record) : nothing}
      </div>
      ${this.#content()}
    </div>`;
  }
}
