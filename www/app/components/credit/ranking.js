import { css, html, nothing } from 'lit';
import { base, controls, tables } from '../../styles/base.js';
import { BenchElement } from '../element.js';
import { dot, inline } from '../inline.js';
import { menu } from '../menu.js';
import { intervalTerms, methodName } from './words.js';

/** @import { MethodCredit } from '../../../api/types.js' */

/** Ranks that are told apart; the others are summed up. */
const shownRanks = 8;

/** How sure a method's ranking is: in what part of the resamples a channel has each rank. */
export class Ranking extends BenchElement {
  static properties = { methods: { attribute: false }, method: { state: true } };
  static styles = [
    base,
    controls,
    tables,
    inline,
    css`
      .say {
        font-weight: 600;
        text-wrap: balance;
      }
      th.number {
        white-space: nowrap;
      }
      .r-1 { background: color-mix(in srgb, var(--cw-accent) 6%, transparent); }
      .r-2 { background: color-mix(in srgb, var(--cw-accent) 14%, transparent); }
      .r-3 { background: color-mix(in srgb, var(--cw-accent) 24%, transparent); }
      .r-4 { background: color-mix(in srgb, var(--cw-accent) 36%, transparent); }
    `,
  ];

  constructor() {
    super();
    /** Those with resamples. @type {readonly MethodCredit[]} */
    this.methods = [];
    /** @type {string} */
    this.method = '';
  }

  render() {
    const { i18n, methods } = this;
    const shown = methods.find(({ method }) => method === this.method) ?? methods.find(({ method }) => method === 'markov') ?? methods[0];
    if (!shown) return nothing;
    const rows = [...shown.channels].sort((a, b) => b.share - a.share);
    const ranks = Math.min(shownRanks, rows.length);
    // The likeliest first of all, which need not be the one with most credit.
    const first = [...rows].sort((a, b) => (b.rankProbability?.[0] ?? 0) - (a.rankProbability?.[0] ?? 0))[0];
    const chance = first?.rankProbability?.[0] ?? 0;
    return html`<div class="stack">
      <p class="say" data-testid="ranking-answer">
        ${this.t(chance >= 0.95 ? 'ranking.sure' : chance >= 0.75 ? 'ranking.likely' : 'ranking.open', { method: methodName(shown.method, i18n), channel: first?.name ?? '', share: i18n.percent(Math.min(chance, 1), 0) })}
      </p>
      <label class="row small" for="ranking-method"
        >${this.t('credit.pair.from')}
        ${menu({
          label: this.t('credit.pair.from'),
          value: shown.method,
          choices: methods.map(({ method }) => ({ value: method, label: methodName(method, i18n) })),
          choose: (method) => (this.method = method),
          testid: 'ranking-method',
          look: '',
        })}
      </label>
      <div class="scroll" tabindex="0" role="group" aria-label=${this.t('ranking.title')}>
        <table data-testid="ranking">
          <thead>
            <tr>
              <th scope="col">${this.unitName}</th>
              ${Array.from({ length: ranks }, (_, at) => html`<th scope="col" class="number">${this.t('ranking.rank', { rank: at + 1 })}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${rows.map(
              ({ name, rankProbability = [] }) =>
                html`<tr>
                  <th scope="row">${dot(this.bench, name)}${name}</th>
                  ${Array.from({ length: ranks }, (_, at) => {
                    const share = rankProbability[at] ?? 0;
                    return html`<td class="number ${share >= 0.005 ? `r-${Math.min(4, Math.max(1, Math.ceil(share * 4)))}` : ''}">${share >= 0.005 ? i18n.percent(share, 0) : '·'}</td>`;
                  })}
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
      <p class="small soft">${this.t('ranking.text', { n: shown.resamples, resamples: i18n.count(shown.resamples) })}</p>
      <cw-terms .bench=${this.bench} .keys=${['term.rankChance', ...intervalTerms([shown]), `method.${shown.method}`]}></cw-terms>
    </div>`;
  }
}
