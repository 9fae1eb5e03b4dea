import { css, html, nothing } from 'lit';
import { columnTypes, offeredUses } from '../mapping.js';
import { base, controls, tables } from '../styles/base.js';
import { BenchElement } from './element.js';
import { menu } from './menu.js';

/**
 * @import { ColumnSummary, ColumnType } from '../../api/types.js'
 * @import { MappedColumn, Use } from '../mapping.js'
 */

/** Every column with its guessed use and type, open to correction: as a list, or above the first rows. */
export class MappingTable extends BenchElement {
  static properties = { layout: { state: true } };
  static styles = [
    base,
    controls,
    tables,
    css`
      .name {
        position: sticky;
        left: 0;
        z-index: 1;
        background: var(--cw-paper);
        max-width: 200px;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      thead .name {
        z-index: 2;
      }
      tr.label .name {
        box-shadow: inset 4px 0 var(--cw-accent);
      }
      tr.channel .name {
        box-shadow: inset 4px 0 var(--cw-test);
      }
      tr.ignore td:not(.use),
      tr.ignore th {
        color: var(--cw-faint);
      }
      .use,
      .use > span {
        white-space: nowrap;
      }
      .use > span {
        display: inline-flex;
        align-items: center;
        gap: 4px;
      }
      td select {
        field-sizing: content;
        min-width: 5em;
      }
      .examples {
        max-width: 320px;
        overflow: hidden;
        text-overflow: ellipsis;
        color: var(--cw-soft);
      }
      .preview th {
        vertical-align: top;
      }
      .preview th > span {
        display: flex;
        flex-direction: column;
        align-items: flex-start;
        gap: 4px;
        color: var(--cw-ink);
      }
      .preview th.number > span {
        align-items: flex-end;
      }
      .preview td {
        max-width: 200px;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .preview td.ignored {
        color: var(--cw-faint);
      }
      .preview small {
        font-size: 0.8125rem;
        font-weight: 400;
        color: var(--cw-soft);
      }
      @media (max-width: 600px) {
        .name {
          max-width: 112px;
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {string} */
    this.layout = 'columns';
  }

  /** @param {MappedColumn} column */
  #useMenu(column) {
    const { name, use } = column;
    const offered = offeredUses[this.bench.table?.layout ?? 'rows'];
    const uses = offered.includes(use) ? offered : [...offered, use];
    return menu({
      label: this.t('mapping.useOf', { column: name }),
      value: use,
      choices: uses.map((value) => ({ value, label: this.t(`use.${value}`) })),
      choose: (value) => this.bench.setUse(name, /** @type {Use} */ (value)),
      testid: `role-${name}`,
    });
  }

  /** @param {MappedColumn} column */
  #typeMenu(column) {
    const { name, type } = column;
    return menu({
      label: this.t('mapping.typeOf', { column: name }),
      value: type,
      choices: columnTypes.map((value) => ({ value, label: this.t(`type.${value}`) })),
      choose: (value) => this.bench.setType(name, /** @type {ColumnType} */ (value)),
      testid: `type-${name}`,
    });
  }

  /**
   * Why the column has this use: the guess's reason, or that a person chose it.
   * @param {MappedColumn} column
   * @param {ColumnSummary} summary
   */
  #why(column, summary) {
    const { use, guessedUse, type, guessedType } = column;
    const figures = Object.entries(summary.reason?.figures ?? {}).map(([name, value]) => [
      name,
      this.i18n.figure(name, value),
    ]);
    const chosen = use !== guessedUse || type !== guessedType;
    const guess = summary.reason
      ? this.i18n.coded('reason', summary.reason, { column: column.name, ...Object.fromEntries(figures) })
      : '';
    const text = chosen ? this.t('mapping.chosen', { use: this.t(`use.${guessedUse}`), type: this.t(`type.${guessedType}`), reason: guess }) : guess;
    if (!text) return nothing;
    return html`<cw-tip label=${this.t('mapping.why', { column: column.name })} .text=${text.replaceAll('`', '')}></cw-tip>`;
  }

  /** @param {number} count */
  #missing(count) {
    const total = this.bench.table?.rows ?? 0;
    return count ? this.i18n.percent(count / Math.max(total, 1)) : '0';
  }

  /** @returns {{ column: MappedColumn, summary: ColumnSummary }[]} */
  get #rows() {
    const { mapping, table } = this.bench;
    return (mapping?.columns ?? []).flatMap((column, at) => {
      const summary = table?.columns[at];
      return summary ? [{ column, summary }] : [];
    });
  }

  #list() {
    return html`<div class="scroll" tabindex="0" role="group" aria-label=${this.t('mapping.caption')}>
      <table data-testid="mapping-table">
        <thead>
          <tr>
            <th scope="col" class="name">${this.t('mapping.column')}</th>
            <th scope="col">${this.t('mapping.use')}</th>
            <th scope="col">${this.t('mapping.type')}</th>
            <th scope="col" class="number">${this.t('mapping.missing')}</th>
            <th scope="col" class="number">${this.t('mapping.distinct')}</th>
            <th scope="col">${this.t('mapping.examples')}</th>
          </tr>
        </thead>
        <tbody>
          ${this.#rows.map(
            ({ column, summary }) =>
              html`<tr class=${column.use}>
                <th scope="row" class="name" title=${column.name}>${column.name}</th>
                <td class="use"><span>${this.#useMenu(column)} ${this.#why(column, summary)}</span></td>
                <td>${this.#typeMenu(column)}</td>
                <td class="number">${this.#missing(summary.missing)}</td>
                <td class="number">${this.i18n.count(summary.distinct)}</td>
                <td class="examples">${summary.examples.slice(0, 5).map((value) => this.i18n.cell(summary.type, value)).join(' · ')}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  #preview() {
    const rows = this.#rows;
    return html`<div class="scroll" tabindex="0" role="group" aria-label=${this.t('mapping.preview')}>
      <table class="preview" data-testid="preview-table">
        <thead>
          <tr>
            ${rows.map(
              ({ column, summary }) =>
                html`<th scope="col" class=${column.type === 'number' ? 'number' : ''}>
                  <span>
                    <span>${column.name} ${this.#why(column, summary)}</span>
                    ${this.#useMenu(column)} ${this.#typeMenu(column)}
                    <small>${this.t('mapping.short', { n: summary.distinct, distinct: this.i18n.count(summary.distinct), missing: this.#missing(summary.missing) })}</small>
                  </span>
                </th>`,
            )}
          </tr>
        </thead>
        <tbody>
          ${this.bench.table?.preview.map(
            (cells) =>
              html`<tr>
                ${cells.map((cell, at) => {
                  const column = rows[at]?.column;
                  const look = `${column?.type === 'number' ? 'number' : ''} ${column?.use === 'ignore' ? 'ignored' : ''}`;
                  return html`<td class=${look}>${cell}</td>`;
                })}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  render() {
    return html`<section class="stack" aria-labelledby="title">
      <div class="row between">
        <h3 id="title">${this.t('mapping.caption')}</h3>
        <cw-segmented
          label=${this.t('mapping.layout')}
          name="mapping-layout"
          .value=${this.layout}
          .choices=${['columns', 'rows'].map((value) => ({ value, label: this.t(`mapping.layout.${value}`) }))}
          @choose=${(/** @type {CustomEvent<string>} */ event) => (this.layout = event.detail)}
        ></cw-segmented>
      </div>
      ${this.layout === 'rows' ? this.#preview() : this.#list()}
    </section>`;
  }
}
