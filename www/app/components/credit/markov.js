import { css, html, nothing, svg } from 'lit';
import { base, controls, tables } from '../../styles/base.js';
import { BenchElement } from '../element.js';
import { dot, inline } from '../inline.js';

/** @import { Markov } from '../../../api/types.js' */

/** Up to so many names, the transitions fit a square table. */
const square = 14;
const shownAtFirst = 30;
const ends = ['(conversion)', '(null)'];

/** What the Markov method saw: removal effects, transitions, and which order forecasts best. */
export class MarkovDetails extends BenchElement {
  static properties = { markov: { attribute: false }, all: { state: true } };
  static styles = [
    base,
    controls,
    tables,
    inline,
    css`
      .bar {
        width: 40%;
        min-width: 96px;
      }
      .bar svg {
        display: block;
        width: 100%;
        height: 12px;
        fill: var(--cw-accent);
      }
      .p-1 { background: color-mix(in srgb, var(--cw-accent) 6%, transparent); }
      .p-2 { background: color-mix(in srgb, var(--cw-accent) 14%, transparent); }
      .p-3 { background: color-mix(in srgb, var(--cw-accent) 24%, transparent); }
      .p-4 { background: color-mix(in srgb, var(--cw-accent) 36%, transparent); }
      p {
        max-width: 64em;
      }
      @media (max-width: 600px) {
        .bar {
          display: none;
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Markov} */
    this.markov = /** @type {any} */ (undefined);
    this.all = false;
  }

  /** @param {string} name */
  #name(name) {
    const key = `markov.${name}`;
    return this.i18n.has(key) ? this.t(key) : name;
  }

  #effects() {
    const { i18n } = this;
    const { removalEffect, valueRemovalEffect } = this.markov;
    const rows = Object.entries(removalEffect).sort(([, a], [, b]) => b - a);
    return html`<div class="scroll" tabindex="0" role="group" aria-label=${this.t('markov.effect')}>
      <table data-testid="removal-effects">
        <thead>
          <tr>
            <th scope="col">${this.unitName}</th>
            <th scope="col" class="number">${this.t('markov.effect')}</th>
            ${valueRemovalEffect ? html`<th scope="col" class="number">${this.t('markov.valueEffect')}</th>` : nothing}
            <th scope="col" class="bar"><span class="visually-hidden">${this.t('markov.effect')}</span></th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ([name, effect]) =>
              html`<tr>
                <th scope="row">${dot(this.bench, name)}${name}</th>
                <td class="number">${i18n.percent(effect)}</td>
                ${valueRemovalEffect ? html`<td class="number">${i18n.percent(valueRemovalEffect[name])}</td>` : nothing}
                <td class="bar">${svg`<svg viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true"><rect y="2" height="8" width=${Math.min(100, effect * 100)}></rect></svg>`}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  #matrix() {
    const { i18n } = this;
    const { transitions } = this.markov;
    const channels = [...new Set(transitions.flatMap(({ from, to }) => [from, to]))].filter((name) => !name.startsWith('('));
    const known = new Map(transitions.map((one) => [JSON.stringify([one.from, one.to]), one]));
    const columns = [...channels, ...ends];
    return html`<div class="scroll" tabindex="0" role="group" aria-label=${this.t('markov.transitions')}>
      <table data-testid="transitions">
        <thead>
          <tr>
            <th scope="col">${this.t('markov.from')}</th>
            ${columns.map((to) => html`<th scope="col" class="number">${this.#name(to)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${['(start)', ...channels].map(
            (from) =>
              html`<tr>
                <th scope="row">${this.#name(from)}</th>
                ${columns.map((to) => {
                  const share = known.get(JSON.stringify([from, to]))?.probability ?? 0;
                  const heat = share > 0.005 ? `p-${Math.min(4, Math.ceil(share * 5))}` : '';
                  return html`<td class="number ${heat}">${share ? i18n.percent(share, 1) : '·'}</td>`;
                })}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  #list() {
    const { i18n } = this;
    const sorted = [...this.markov.transitions].sort((a, b) => b.count - a.count);
    const shown = this.all ? sorted : sorted.slice(0, shownAtFirst);
    return html`<div class="scroll tall" tabindex="0" role="group" aria-label=${this.t('markov.transitions')}>
        <table data-testid="transitions">
          <thead>
            <tr>
              <th scope="col">${this.t('markov.from')}</th>
              <th scope="col">${this.t('markov.to')}</th>
              <th scope="col" class="number">${this.t('markov.probability')}</th>
              <th scope="col" class="number">${this.t('markov.count')}</th>
            </tr>
          </thead>
          <tbody>
            ${shown.map(
              ({ from, to, probability, count }) =>
                html`<tr>
                  <th scope="row">${this.#name(from)}</th>
                  <td>${this.#name(to)}</td>
                  <td class="number">${i18n.percent(probability)}</td>
                  <td class="number">${i18n.count(count)}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
      ${sorted.length > shown.length
        ? html`<p><button type="button" class="quiet" @click=${() => (this.all = true)}>${this.t('markov.more', { n: sorted.length })}</button></p>`
        : nothing}`;
  }

  #orders() {
    const { i18n } = this;
    const { orders, order } = this.markov;
    if (!orders?.length) return nothing;
    return html`<h4>${this.t('markov.orders')}</h4>
      <p class="small soft">${this.t('markov.scoreText')}</p>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col" class="number">${this.t('markov.order')}</th>
              <th scope="col" class="number">${this.t('train.parameters')}</th>
              <th scope="col" class="number">${this.t('markov.score')}</th>
              <th scope="col"></th>
            </tr>
          </thead>
          <tbody>
            ${orders.map(
              (one) =>
                html`<tr>
                  <td class="number">${one.order}</td>
                  <td class="number">${i18n.count(one.parameters)}</td>
                  <td class="number">${i18n.decimal(one.score, 4)}</td>
                  <td>${one.order === order ? this.t('markov.taken') : nothing}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>`;
  }

  render() {
    const { markov, i18n } = this;
    const names = new Set(markov.transitions.map(({ to }) => to));
    return html`<div class="stack">
      <p>${this.t('markov.text', { n: markov.order, order: markov.order, probability: i18n.percent(markov.conversionProbability) })}</p>
      ${this.#effects()}
      <h4>${this.t('markov.transitions')}</h4>
      <p class="small soft">${this.t('markov.transitionsText')}</p>
      ${names.size <= square ? this.#matrix() : this.#list()} ${this.#orders()}
      <cw-terms .bench=${this.bench} .keys=${['term.removal', ...(markov.valueRemovalEffect ? ['term.valueRemoval'] : []), 'term.transition', ...(markov.orders?.length ? ['term.score'] : []), 'method.markov']}></cw-terms>
    </div>`;
  }
}
