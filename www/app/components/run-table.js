import { css, html, nothing } from 'lit';
import { base, controls, tables } from '../styles/base.js';
import { BenchElement } from './element.js';
import { deviceOf, honestPart } from './parts.js';

/**
 * @import { Contrast } from '../../api/types.js'
 * @import { RunRecord } from '../bench/train.js'
 */

/** All runs on this file, to compare and to show again. */
export class RunTable extends BenchElement {
  static styles = [
    base,
    controls,
    tables,
    css`
      .mark {
        color: var(--cw-warn);
      }
    `,
  ];

  /** @param {RunRecord} record */
  #row({ run, number, dataKey }) {
    const { bench, i18n } = this;
    const selected = bench.selectedRun === run.id;
    const metrics = run.metrics[honestPart(run)] ?? run.metrics.train;
    const stale = dataKey !== bench.dataKey;
    const ended = `ended.${run.ended}`;
    const optimizer = run.options.optimizer?.kind;
    return html`<tr aria-selected=${selected} data-testid="run-${number}">
      <th scope="row">
        <button type="button" class="link" aria-pressed=${selected} @click=${() => bench.select(run.id)}>
          ${this.t('runs.number', { number })}
        </button>
        ${stale ? html`<span class="mark">${this.t('stale.mark')}</span>` : ''}
      </th>
      ${bench.journeys ? html`<td>${this.t(`model.${run.model}`)}</td>` : ''}
      <td class="number" data-testid="run-${number}-auc">
        ${i18n.decimal(metrics.auc, 3)}
        <span class="interval">${i18n.decimal(metrics.aucInterval[0], 3)} – ${i18n.decimal(metrics.aucInterval[1], 3)}</span>
      </td>
      <td class="number">${i18n.decimal(metrics.loss, 4)}</td>
      <td>${optimizer ? this.t(`option.optimizer.${optimizer}`) : '–'}</td>
      <td title=${run.device}>${this.t(`device.${deviceOf(run)}`)}</td>
      <td class="number">${i18n.count(run.epochs.length)}</td>
      <td class="number">${i18n.seconds(run.seconds)}</td>
      <td>${i18n.has(ended) ? this.t(ended) : run.ended}</td>
    </tr>`;
  }

  /** An LSTM and a Transformer on the same journeys. @param {Contrast} contrast */
  #contrast({ better, difference, interval, margin, part }) {
    const { i18n } = this;
    const figures = {
      difference: i18n.decimal(difference, 4),
      low: i18n.decimal(interval[0], 4),
      high: i18n.decimal(interval[1], 4),
      margin: i18n.decimal(margin, 4),
    };
    return html`<p data-testid="contrast" data-better=${better}>
      <strong>${this.t(`contrast.${better}`)}</strong>
      <span class="small soft">${this.t(`answer.journeys.${part}`)}${i18n.gap}${this.t('contrast.figures', figures)}</span>
    </p>`;
  }

  render() {
    const { records, contrast } = this.bench;
    const part = records[0] ? honestPart(records[0].run) : 'test';
    return html`<section class="stack" aria-labelledby="title">
      <h3 id="title">${this.t('runs.title')}</h3>
      <div class="scroll" tabindex="0" role="group" aria-labelledby="title">
        <table data-testid="runs">
          <thead>
            <tr>
              <th scope="col">${this.t('runs.run')}</th>
              ${this.bench.journeys ? html`<th scope="col">${this.t('runs.model')}</th>` : ''}
              <th scope="col" class="number">${this.t('runs.auc', { part: this.t(`part.${part}`) })}</th>
              <th scope="col" class="number">${this.t('metric.loss')}</th>
              <th scope="col">${this.t('option.optimizer')}</th>
              <th scope="col">${this.t('option.device')}</th>
              <th scope="col" class="number">${this.t('option.epochs')}</th>
              <th scope="col" class="number">${this.t('runs.time')}</th>
              <th scope="col">${this.t('runs.ended')}</th>
            </tr>
          </thead>
          <tbody>
            ${records.map((record) => this.#row(record))}
          </tbody>
        </table>
      </div>
      ${contrast ? this.#contrast(contrast.found) : nothing}
    </section>`;
  }
}
