import { css, html } from 'lit';
import { base, controls, tables } from '../styles/base.js';
import { BenchElement } from './element.js';
import { partsOf } from './parts.js';

/** @import { Metrics, Run } from '../../api/types.js' */

/**
 * The figures in the order of the table, each with how it is written.
 * @type {{ name: keyof Metrics, kind: 'decimal' | 'percent' | 'count', cut?: boolean }[]}
 */
export const shownMetrics = [
  { name: 'auc', kind: 'decimal' },
  { name: 'loss', kind: 'decimal' },
  { name: 'prAuc', kind: 'decimal' },
  { name: 'brier', kind: 'decimal' },
  { name: 'ece', kind: 'decimal' },
  { name: 'accuracy', kind: 'percent', cut: true },
  { name: 'precision', kind: 'percent', cut: true },
  { name: 'recall', kind: 'percent', cut: true },
  { name: 'f1', kind: 'decimal', cut: true },
  { name: 'baseRate', kind: 'percent' },
  { name: 'n', kind: 'count' },
];

/** Metrics on train, validation and test. */
export class MetricsTable extends BenchElement {
  static properties = { run: { attribute: false } };
  static styles = [
    base,
    controls,
    tables,
    css`
      th,
      td {
        padding: 6px 10px;
      }
      .term {
        display: inline-flex;
        align-items: center;
        gap: 4px;
      }
      .interval {
        display: block;
        font-size: 0.8125rem;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Run} */
    this.run = /** @type {any} */ (undefined);
  }

  /** @param {Metrics} metrics @param {(typeof shownMetrics)[number]} metric */
  #value(metrics, { name, kind }) {
    const value = /** @type {number} */ (metrics[name]);
    const { i18n } = this;
    return kind === 'percent' ? i18n.percent(value) : kind === 'count' ? i18n.count(value) : i18n.figureOfMerit(value);
  }

  render() {
    const { run, i18n } = this;
    const parts = partsOf(run);
    return html`<section class="stack" aria-labelledby="title">
      <h3 id="title">${this.t('metrics.title')}</h3>
      <div class="scroll" tabindex="0" role="group" aria-labelledby="title">
        <table data-testid="metrics">
          <thead>
            <tr>
              <th scope="col">${this.t('metrics.metric')}</th>
              ${parts.map((part) => html`<th scope="col" class="number">${this.t(`part.${part}`)}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${shownMetrics.map(
              (metric) =>
                html`<tr>
                  <th scope="row">
                    <span class="term"
                      >${metric.cut
                        ? this.t('metrics.atHalf', {
                            metric: this.t(`metric.${metric.name}`),
                            threshold: i18n.decimal(run.metrics.train.threshold, 1),
                          })
                        : this.t(`metric.${metric.name}`)}
                      <cw-tip
                        label=${this.t('define', { term: this.t(`metric.${metric.name}`) })}
                        text=${this.t(`metric.${metric.name}.help`)}
                      ></cw-tip
                    ></span>
                  </th>
                  ${parts.map((part) => {
                    const metrics = run.metrics[part];
                    if (!metrics) return html`<td></td>`;
                    const { aucInterval } = metrics;
                    return html`<td class="number">
                      <span data-testid="metric-${part}-${metric.name}">${this.#value(metrics, metric)}</span>
                      ${metric.name === 'auc' && Number.isFinite(aucInterval[0])
                        ? html`<span class="interval" data-testid="metric-${part}-aucInterval"
                            >${i18n.decimal(aucInterval[0], 3)} – ${i18n.decimal(aucInterval[1], 3)}</span
                          >`
                        : ''}
                    </td>`;
                  })}
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </section>`;
  }
}
