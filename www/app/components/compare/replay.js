import { css, html, nothing } from 'lit';
import { base, controls, tables } from '../../styles/base.js';
import { methodName } from '../credit/words.js';
import { BenchElement } from '../element.js';

/** @import { Replay } from '../../../api/types.js' */

/** A budget as people say it: a half, a quarter. @param {number} share */
function part(share) {
  const whole = Math.round(1 / share);
  return Math.abs(whole * share - 1) < 1e-9 ? `1/${whole}` : String(share);
}

/** Methods held against each other by what their budgets would have bought on journeys that were held out. */
export class ReplayView extends BenchElement {
  static properties = { replay: { attribute: false } };
  static styles = [
    base,
    controls,
    tables,
    css`
      @media (max-width: 600px) {
        tbody th {
          min-width: 88px;
          white-space: normal;
        }
      }
      .interval {
        display: block;
        font-size: 0.8125rem;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Replay | undefined} */
    this.replay = undefined;
  }

  /** @param {readonly [number, number | null] | null | undefined} ends @param {(value: number | null) => string} write */
  #between(ends, write) {
    return ends ? `${write(ends[0])} – ${ends[1] === null || !Number.isFinite(ends[1]) ? '∞' : write(ends[1])}` : '';
  }

  /** @param {NonNullable<Replay['methods']>[number]} one @param {number} at */
  #cell(one, at) {
    const { i18n } = this;
    const kept = this.#between(one.conversionsInterval?.[at], (value) => i18n.count(value ?? NaN));
    const known = one.cac[at] !== null && one.cac[at] !== undefined;
    const cost = known ? this.#between(one.cacInterval?.[at], (value) => i18n.money(value)) : '';
    return html`<td class="number">
      ${i18n.count(one.conversions[at])}${kept ? html` <span class="soft">(${kept})</span>` : nothing}
      <span class="interval">${i18n.money(one.cac[at])}${cost ? ` (${cost})` : nothing}</span>
    </td>`;
  }

  /** @param {Replay} replay */
  #table({ methods = [], budgets = [], journeys = 0, resamples, resampled }) {
    const { i18n } = this;
    return html`<p class="small soft">${this.t('replay.text', { n: journeys, journeys: i18n.count(journeys) })}</p>
      <div class="scroll" tabindex="0" role="group" aria-label=${this.t('replay.title')}>
        <table data-testid="replay">
          <thead>
            <tr>
              <th scope="col">${this.t('credit.pair.from')}</th>
              ${budgets.map((share) => html`<th scope="col" class="number">${this.t('replay.budget', { share: part(share) })}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${methods.map(
              (one) => html`<tr data-testid="replay-${one.method}"><th scope="row">${methodName(one.method, i18n)}</th>${budgets.map((_, at) => this.#cell(one, at))}</tr>`,
            )}
          </tbody>
        </table>
      </div>
      <p class="small soft">
        ${this.t('replay.cell')}
        ${resamples ? this.t(`replay.drawn.${resampled ?? 'journeys'}`, { n: resamples, resamples: i18n.count(resamples) }) : this.t('replay.noInterval')}
      </p>
      <cw-terms .bench=${this.bench} .keys=${['term.kept', 'term.keptCost', 'term.keptInterval', ...methods.map(({ method }) => `method.${method}`)]}></cw-terms>`;
  }

  render() {
    const { replay, i18n } = this;
    if (!replay) return nothing;
    const figures = Object.entries(replay.reason?.figures ?? {}).map(([name, value]) => [name, i18n.figure(name, value)]);
    return html`<section class="stack">
      <h4>${this.t('replay.title')}</h4>
      ${replay.available
        ? this.#table(replay)
        : html`<p class="small soft" data-testid="replay-refused">${this.t('replay.none')} ${replay.reason ? i18n.coded('reason', replay.reason, Object.fromEntries(figures)) : nothing}</p>`}
    </section>`;
  }
}
