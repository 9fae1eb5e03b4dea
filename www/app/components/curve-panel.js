import { html } from 'lit';
import { lookOf } from '../charts/common.js';
import { curveChart, curveNames, points } from '../charts/curves.js';
import { BenchElement } from './element.js';

/**
 * @import { Run, ThresholdRow } from '../../api/types.js'
 * @import { CurveName } from '../charts/curves.js'
 * @import { PartName } from './parts.js'
 */

/** How many rows of a curve's table are worth reading; the export has them all. */
const tableRows = 41;

/** One curve at a time, with what it says and its table. */
export class CurvePanel extends BenchElement {
  static properties = {
    run: { attribute: false },
    partName: { attribute: false },
    row: { attribute: false },
    curve: { state: true },
  };

  constructor() {
    super();
    /** @type {Run} */
    this.run = /** @type {any} */ (undefined);
    /** @type {PartName} */
    this.partName = 'test';
    /** @type {ThresholdRow} */
    this.row = /** @type {any} */ (undefined);
    /** @type {CurveName} */
    this.curve = 'gain';
  }

  /** @param {[number, number][]} all */
  #table(all) {
    const every = Math.max(1, Math.ceil(all.length / tableRows));
    const shown = all.filter((_, at) => at % every === 0 || at === all.length - 1);
    return html`<details>
      <summary class="small">${this.t('chart.table')}</summary>
      <div class="scroll tall" tabindex="0" role="group" aria-label=${this.t(`curve.${this.curve}`)}>
        <table data-testid="curve-table">
          <thead>
            <tr>
              <th scope="col" class="number">${this.t(`chart.${this.curve}.x`)}</th>
              <th scope="col" class="number">${this.t(`chart.${this.curve}.y`)}</th>
            </tr>
          </thead>
          <tbody>
            ${shown.map(
              ([x, y]) =>
                html`<tr><td class="number">${this.i18n.percent(x)}</td><td class="number">${this.i18n.percent(y)}</td></tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>`;
  }

  render() {
    const { run, partName: part, row, curve, bench } = this;
    const curves = run.curves[part];
    const metrics = run.metrics[part];
    if (!curves || !metrics) return html``;
    return html`<section class="stack" aria-labelledby="title">
      <div class="row between">
        <h3 id="title">${this.t('curves.title')}</h3>
        <cw-segmented
          label=${this.t('curves.title')}
          name="curve"
          .value=${curve}
          .choices=${curveNames.map((value) => ({ value, label: this.t(`curve.${value}`) }))}
          @choose=${(/** @type {CustomEvent<CurveName>} */ event) => (this.curve = event.detail)}
        ></cw-segmented>
      </div>
      <p class="small soft">${this.t(`curve.${curve}.help`)}</p>
      <cw-chart
        lines="11"
        data-testid="curve-chart"
        .build=${curveChart(curves, curve, row, metrics.baseRate, lookOf(bench))}
      ></cw-chart>
      ${this.#table(points(curves, curve))}
    </section>`;
  }
}
