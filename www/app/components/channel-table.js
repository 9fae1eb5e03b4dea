import { css, html, nothing, svg } from 'lit';
import { channelColour, dark, light } from '../styles/palette.js';
import { base, controls, tables } from '../styles/base.js';
import { BenchElement } from './element.js';
import { icon } from './icon.js';

/**
 * @import { Comparison } from '../../api/types.js'
 * @import { ChannelRow } from '../charts/channels.js'
 */

/** @typedef {'name' | 'group' | 'rows' | 'conversions' | 'rate' | 'odds' | 'verdict'} SortKey */

/** @type {{ key: SortKey, number: boolean, value: (row: ChannelRow) => string | number }[]} */
const columns = [
  { key: 'name', number: false, value: (row) => row.name },
  { key: 'odds', number: true, value: (row) => row.effect?.oddsRatio ?? -1 },
  { key: 'verdict', number: false, value: (row) => ['below', 'unclear', 'above'].indexOf(row.effect?.verdict ?? '') },
  { key: 'rate', number: true, value: (row) => row.raw.rate },
  { key: 'conversions', number: true, value: (row) => row.raw.conversions },
  { key: 'rows', number: true, value: (row) => row.raw.rows },
  { key: 'group', number: false, value: (row) => row.raw.group },
];

/** The comparison as a table, sortable by every column. */
export class ChannelTable extends BenchElement {
  static properties = {
    comparison: { attribute: false },
    rows: { attribute: false },
    sortBy: { state: true },
    down: { state: true },
  };
  static styles = [
    base,
    controls,
    tables,
    css`
      .dot {
        width: 10px;
        height: 10px;
        margin-right: 8px;
        vertical-align: 0;
      }
      .above,
      .below {
        font-weight: 600;
      }
      .unclear {
        color: var(--cw-soft);
      }
      .interval {
        margin-left: 8px;
      }
      @media (max-width: 600px) {
        .interval {
          display: block;
          font-size: 0.8125rem;
        }
        thead th {
          white-space: normal;
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Comparison} */
    this.comparison = /** @type {any} */ (undefined);
    /** @type {ChannelRow[]} */
    this.rows = [];
    /** @type {SortKey} */
    this.sortBy = 'odds';
    this.down = true;
  }

  /** @param {SortKey} key */
  #sort(key) {
    this.down = this.sortBy === key ? !this.down : key !== 'name' && key !== 'group';
    this.sortBy = key;
  }

  get #sorted() {
    const value = columns.find(({ key }) => key === this.sortBy)?.value ?? (() => 0);
    const sign = this.down ? -1 : 1;
    const judging = this.sortBy === 'odds' || this.sortBy === 'verdict';
    return [...this.rows].sort((a, b) => {
      if (judging && a.small !== b.small) return a.small ? 1 : -1;
      const [x, y] = [value(a), value(b)];
      const order = typeof x === 'string' ? x.localeCompare(String(y), this.i18n.lang) : x - Number(y);
      return sign * order;
    });
  }

  /** @param {ChannelRow['raw']} raw */
  #group(raw) {
    const { group, subgroup } = raw;
    const word = (/** @type {string} */ key) => (this.i18n.has(`group.${key}`) ? this.t(`group.${key}`) : key);
    return subgroup ? `${word(group)} · ${word(subgroup)}` : word(group);
  }

  /** @param {ChannelRow} row */
  #row({ name, raw, effect, index, small }) {
    const { i18n } = this;
    const palette = this.bench.dark ? dark : light;
    const colour = small ? palette.faint : channelColour(palette, index);
    const verdict = small ? 'small' : effect?.verdict;
    return html`<tr data-testid="channel-${name}">
      <th scope="row">
        ${svg`<svg class="dot" viewBox="0 0 10 10" aria-hidden="true"><circle cx="5" cy="5" r="5" fill=${colour}></circle></svg>`}${name}
      </th>
      <td class="number">
        ${effect
          ? html`<span data-testid="odds-${name}">${i18n.ratio(effect.oddsRatio)}</span
              ><span class="interval">${i18n.ratio(effect.interval[0])} – ${i18n.ratio(effect.interval[1])}</span>`
          : this.t('compare.noEffect')}
      </td>
      <td class=${small ? 'unclear' : (verdict ?? '')} data-testid="verdict-${name}">${verdict ? this.t(`verdict.${verdict}`) : '–'}</td>
      <td class="number">
        ${i18n.percent(raw.rate)}<span class="interval">${i18n.percents(raw.rateInterval, raw.rate)}</span>
      </td>
      <td class="number">${i18n.count(raw.conversions)}</td>
      <td class="number">${i18n.count(raw.rows)}</td>
      ${this.bench.level === 'channel' ? html`<td>${this.#group(raw)}</td>` : nothing}
    </tr>`;
  }

  render() {
    // A group has no group.
    const shown = columns.filter(({ key }) => key !== 'group' || this.bench.level === 'channel');
    const confidence = this.i18n.percent(this.comparison.confidence, 0);
    return html`<section class="stack" aria-labelledby="title">
      <h3 id="title">${this.t(this.bench.level === 'channel' ? 'compare.table' : 'compare.tableGroups')}</h3>
      <div class="scroll" tabindex="0" role="group" aria-labelledby="title">
        <table data-testid="channels">
          <thead>
            <tr>
              ${shown.map(
                ({ key, number }) =>
                  html`<th
                    scope="col"
                    class=${number ? 'number' : ''}
                    aria-sort=${this.sortBy === key ? (this.down ? 'descending' : 'ascending') : 'none'}
                  >
                    <button type="button" class="sort" data-testid="sort-${key}" @click=${() => this.#sort(key)}>
                      ${key === 'name' ? this.unitName : this.t(`channels.${key}`, { confidence })}
                      ${this.sortBy === key ? icon(this.down ? 'descending' : 'ascending') : ''}
                    </button>
                  </th>`,
              )}
            </tr>
          </thead>
          <tbody>
            ${this.#sorted.map((row) => this.#row(row))}
          </tbody>
        </table>
      </div>
      <cw-terms .bench=${this.bench} .keys=${['term.odds', 'term.verdict', 'term.rate']}></cw-terms>
    </section>`;
  }
}
