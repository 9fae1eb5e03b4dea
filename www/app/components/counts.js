import { css, html, nothing } from 'lit';
import { base, controls, tables } from '../styles/base.js';
import { BenchElement } from './element.js';
import { marked } from './marked.js';

/** Steps of the report that the table of rows counts. */
const counted = new Set([
  'table-rows', 'file-rows', 'duplicate', 'missing-outcome', 'missing-user', 'missing-time', 'bad-weight', 'rows-used',
  'touches-without-outcome', 'conversion-rows', 'after-outcome', 'outside-window', 'collapsed', 'over-length', 'touches-used',
]);

/** What became of each row, in counts that add up: in the file, rejected, left out, used. */
export class Counts extends BenchElement {
  static properties = { unfolded: { state: true } };
  static styles = [
    base,
    controls,
    tables,
    css`
      .counts {
        display: flex;
        flex-wrap: wrap;
        align-items: flex-end;
        gap: 8px 16px;
      }
      .counts div {
        display: flex;
        flex-direction: column-reverse;
      }
      .counts dt {
        font-size: 0.875rem;
        color: var(--cw-soft);
      }
      .counts dd,
      .counts .sign {
        font-size: 1.25rem;
        font-variant-numeric: tabular-nums;
        line-height: 1.75rem;
      }
      .counts .sign {
        align-self: flex-start;
        color: var(--cw-faint);
      }
      .parts {
        color: var(--cw-soft);
        text-wrap: pretty;
      }
      .reasons {
        display: grid;
        grid-template-columns: max-content 1fr;
        gap: 0 12px;
      }
      .reasons div {
        display: grid;
        grid-column: 1 / -1;
        grid-template-columns: subgrid;
      }
      .reasons dt {
        grid-area: 1 / 2;
      }
      .reasons dd {
        grid-area: 1 / 1;
        text-align: right;
        font-variant-numeric: tabular-nums;
      }
      tfoot th,
      tfoot td {
        border-top: 1px solid var(--cw-strong);
        border-bottom: 0;
        font-weight: 600;
      }
      .steps {
        padding-left: 20px;
        list-style: decimal;
      }
      .steps li {
        padding: 2px 0;
      }
      @media (max-width: 600px) {
        .counts {
          gap: 8px 10px;
        }
        .counts dd,
        .counts .sign {
          font-size: 1.125rem;
        }
      }
    `,
  ];

  constructor() {
    super();
    /** Whether the report is; it stays so while the data are prepared anew. */
    this.unfolded = false;
  }

  /** Rows left out, by reason. */
  get #dropped() {
    return this.bench.dataset?.dropped.filter(({ count }) => count > 0) ?? [];
  }

  /** Touches that are no part of a journey, by reason. @returns {[string, number][]} */
  get #unused() {
    const { table, dataset } = this.bench;
    const touches = dataset?.touches;
    // Of whole paths, rows and touches are counted apart.
    if (!touches || table?.layout !== 'events') return [];
    const { withoutOutcome, conversions, afterOutcome, outsideWindow, collapsed, overLength } = touches;
    return Object.entries({ withoutOutcome, conversions, afterOutcome, outsideWindow, collapsed, overLength }).filter(([, count]) => count > 0);
  }

  /** What is left out, in words, and how much. @returns {[string, number][]} */
  get #leftOut() {
    const { i18n } = this;
    return [
      ...this.#dropped.map((one) => /** @type {[string, number]} */ ([i18n.coded('dropped', one), one.count])),
      ...this.#unused.map(([name, count]) => /** @type {[string, number]} */ ([this.t(`touches.${name}`), count])),
    ];
  }

  /** @param {string} key @param {string} value */
  #item(key, value) {
    return html`<div data-testid="count-${key}"><dt>${this.t(`count.${key}`)}</dt><dd>${value}</dd></div>`;
  }

  /** @param {string} sign */
  #sign(sign) {
    return html`<span class="sign" aria-hidden="true">${sign}</span>`;
  }

  #sum() {
    const { table, dataset, preparing } = this.bench;
    if (!table) return nothing;
    const { i18n } = this;
    const { count: rejected } = table.rejected;
    const left = this.#dropped.reduce((sum, { count }) => sum + count, 0) + this.#unused.reduce((sum, [, count]) => sum + count, 0);
    const used = dataset ? i18n.count(table.layout === 'rows' ? dataset.rows : table.rows - left) : preparing.error ? '–' : '…';
    return html`<dl class="counts">
      ${this.#item('read', i18n.count(table.rows + rejected))} ${this.#sign('−')} ${this.#item('rejected', i18n.count(rejected))}
      ${left ? html`${this.#sign('−')} ${this.#item('dropped', i18n.count(left))}` : nothing}
      ${this.#sign('=')} ${this.#item(table.layout === 'events' ? 'touches' : 'used', used)}
      ${dataset?.journeys === undefined ? nothing : html`${this.#sign('→')} ${this.#item('journeys', i18n.count(dataset.journeys))}`}
    </dl>`;
  }

  #parts() {
    const { dataset, journeys } = this.bench;
    if (!dataset) return nothing;
    const { i18n } = this;
    return html`<p class="parts small" data-testid="parts">
      ${this.t(`data.parts${{ rows: '', events: 'Journeys', paths: 'Paths' }[this.bench.table?.layout ?? 'rows']}`, {
        train: i18n.count(dataset.train),
        validation: i18n.count(dataset.validation),
        test: i18n.count(dataset.test),
        rate: i18n.percent(dataset.baseRate),
        n: journeys ? dataset.channels.length : dataset.features.length,
      })}${dataset.splitBy && journeys ? i18n.gap + this.t(`data.splitBy.${dataset.splitBy}`) : nothing}
    </p>`;
  }

  #rejected() {
    const { table } = this.bench;
    const { i18n } = this;
    const count = table?.rejected.count;
    if (!table || !count) return nothing;
    return html`<details data-testid="rejected">
      <summary class="small">${this.t('data.showRejected', { n: count, count: i18n.count(count) })}</summary>
      <div class="scroll tall" tabindex="0" role="group" aria-label=${this.t('count.rejected')}>
        <table>
          <thead>
            <tr>
              <th scope="col" class="number">${this.t('data.rejectedRow')}</th>
              <th scope="col">${this.t('data.rejectedWhy')}</th>
            </tr>
          </thead>
          <tbody>
            ${table.rejected.examples.map(
              (one) => html`<tr><td class="number">${i18n.count(one.row + 1)}</td><td>${i18n.coded('rejected', one)}</td></tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>`;
  }

  /** Why rows were left out. */
  #reasons() {
    const { i18n } = this;
    const lines = this.#leftOut;
    if (!lines.length) return nothing;
    return html`<dl class="reasons small soft" data-testid="left-out" aria-label=${this.t('count.dropped')}>
      ${lines.map(([words, count]) => html`<div><dt>${words}</dt><dd>${i18n.count(count)}</dd></div>`)}
    </dl>`;
  }

  /** What was done, step by step, but for what the table above counts. */
  #steps() {
    const { i18n } = this;
    const { table, dataset } = this.bench;
    const steps = table ? (dataset?.report?.filter(({ code }) => !counted.has(code)) ?? []) : [];
    if (!steps.length) return nothing;
    return html`<ol class="small steps">
      ${steps.map((step) => {
        const figures = Object.entries(step.figures).map(([name, value]) => [name, i18n.figure(name, value)]);
        const columns = i18n.list((step.columns ?? []).map((name) => `\`${name.replaceAll('`', "'")}\``));
        const n = step.figures.rows ?? step.figures.inputs ?? step.figures.journeys ?? 2;
        return html`<li data-testid="report-${step.code}">${marked(i18n.coded('report', step, { ...Object.fromEntries(figures), columns, n }))}</li>`;
      })}
    </ol>`;
  }

  /** The folded report. @param {unknown} content */
  #folded(content) {
    return html`<details
      data-testid="report"
      ?open=${this.unfolded}
      @toggle=${(/** @type {Event} */ event) => (this.unfolded = /** @type {HTMLDetailsElement} */ (event.target).open)}
    >
      <summary class="small">${this.t('report.title')}</summary>
      <div class="stack">${content}</div>
    </details>`;
  }

  /** What became of every row of the file, in lines that add up, and what else was done. */
  #report() {
    const { table, dataset } = this.bench;
    const touches = dataset?.touches;
    const { i18n } = this;
    const steps = this.#steps();
    if (!table || !dataset) return nothing;
    const dropped = this.#dropped.reduce((sum, { count }) => sum + count, 0);
    const used = { rows: dataset.rows, events: touches?.used ?? 0, paths: table.rows - dropped }[table.layout];
    /** @type {[string, number][]} */
    const lines = [
      [this.t('report.rejected'), table.rejected.count],
      ...this.#leftOut,
      [this.t(table.layout === 'events' ? 'touches.used' : 'report.used'), used],
    ];
    const shown = lines.filter(([, count], at) => count > 0 || at === lines.length - 1);
    const notes = touches ? /** @type {const} */ (['merged', 'emptied', 'afterConversion']).filter((name) => touches[name] > 0) : [];
    const cut = table.layout === 'paths' && touches ? touches.overLength + touches.collapsed : 0;
    return this.#folded(html`
        <div class="scroll">
          <table>
            <tbody>
              ${shown.map(([words, count]) => html`<tr><th scope="row">${words}</th><td class="number">${i18n.count(count)}</td></tr>`)}
            </tbody>
            <tfoot>
              <tr>
                <th scope="row">${this.t('count.read')}</th>
                <td class="number" data-testid="report-sum">${i18n.count(lines.reduce((sum, [, count]) => sum + count, 0))}</td>
              </tr>
            </tfoot>
          </table>
        </div>
        ${steps}
        ${touches && (notes.length || cut)
          ? html`<ul class="small soft">
              ${notes.map((name) => html`<li>${this.t(`touches.${name}`, { n: touches[name], count: i18n.count(touches[name]) })}</li>`)}
              ${cut ? html`<li>${this.t('touches.cut', { n: cut, count: i18n.count(cut) })}</li>` : nothing}
            </ul>`
          : nothing}`);
  }

  render() {
    return html`<div class="stack">${this.#sum()} ${this.#parts()} ${this.#rejected()} ${this.#reasons()} ${this.#report()}</div>`;
  }
}
