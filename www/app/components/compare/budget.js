import { css, html, nothing } from 'lit';
import { base, controls, tables } from '../../styles/base.js';
import { BenchElement } from '../element.js';
import { dot, inline } from '../inline.js';

/** @import { BudgetPlan, ChannelResponse } from '../../../api/types.js' */

/** What another budget would bring under the fitted responses, and how it is best spread. */
export class Budget extends BenchElement {
  static properties = { responses: { attribute: false }, goal: { state: true } };
  static styles = [
    base,
    controls,
    tables,
    inline,
    css`
      .say {
        font-size: 1.125rem;
        font-weight: 600;
        text-wrap: balance;
      }
      table input {
        width: 112px;
        text-align: right;
      }
      .interval {
        display: block;
        font-size: 0.8125rem;
      }
      .slope {
        min-width: 88px;
      }
      .mark {
        color: var(--cw-warn);
      }
    `,
  ];

  constructor() {
    super();
    /** The fitted ones. @type {readonly ChannelResponse[]} */
    this.responses = [];
    /** @type {'budget' | 'return'} */
    this.goal = 'budget';
  }

  /** @param {Event} event */
  #ask(event) {
    event.preventDefault();
    const inputs = /** @type {HTMLInputElement[]} */ ([...this.renderRoot.querySelectorAll('input[type=number]')]);
    if (inputs.some((input) => !input.reportValidity())) return;
    const given = (/** @type {HTMLInputElement | undefined} */ input) => (input?.value.trim() ? Number(input.value) : undefined);
    const amount = given(inputs.find(({ id }) => id === 'amount'));
    const end = (/** @type {string} */ name, /** @type {string} */ which) => given(inputs.find(({ dataset }) => dataset.channel === name && dataset.end === which));
    const bounds = this.responses
      .map(({ name }) => ({ channel: name, min: end(name, 'min'), max: end(name, 'max') }))
      .filter(({ min, max }) => min !== undefined || max !== undefined);
    void this.bench.planBudget(this.goal === 'budget' ? { goal: 'budget', budget: amount, bounds } : { goal: 'return', targetReturn: amount, bounds });
  }

  /** How little and how much each channel may get. */
  #bounds() {
    const { i18n } = this;
    /** @param {ChannelResponse} response @param {'min' | 'max'} end @param {number} part */
    const input = ({ name, meanSpend }, end, part) =>
      html`<input
        type="number"
        class="small"
        min="0"
        step="any"
        inputmode="decimal"
        data-channel=${name}
        data-end=${end}
        data-testid="bound-${end}-${name}"
        aria-label=${this.t(`budget.bound.${end}`, { channel: name })}
        placeholder=${i18n.amount(part * meanSpend)}
      />`;
    return html`<details>
      <summary class="small">${this.t('budget.bounds')}</summary>
      <p class="small soft">${this.t('budget.boundsText')}</p>
      <div class="scroll">
        <table data-testid="bounds">
          <thead>
            <tr>
              <th scope="col">${this.unitName}</th>
              <th scope="col" class="number">${this.t('money.now')}</th>
              <th scope="col" class="number">${this.t('budget.least')}</th>
              <th scope="col" class="number">${this.t('budget.most')}</th>
            </tr>
          </thead>
          <tbody>
            ${this.responses.map(
              (one) =>
                html`<tr>
                  <th scope="row">${dot(this.bench, one.name)}${one.name}</th>
                  <td class="number">${i18n.amount(one.meanSpend)}</td>
                  <td class="number">${input(one, 'min', 0.5)}</td>
                  <td class="number">${input(one, 'max', 1.5)}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>`;
  }

  /** @param {BudgetPlan} plan */
  #plan(plan) {
    const { i18n } = this;
    if (!plan.feasible) return html`<p class="mark" data-testid="plan-refused">${plan.reason ? i18n.coded('reason', plan.reason) : this.t('budget.infeasible')}</p>`;
    const sign = (/** @type {number} */ value) => `${value < 0 ? '−' : '+'}${i18n.amount(Math.abs(value))}`;
    const beyond = plan.channels.some(({ beyondSeen }) => beyondSeen);
    // A spend that stays where it is needs no change to be told.
    const still = plan.channels.every(({ spend, now }) => Math.abs(spend - now) <= 1e-3 * Math.max(now, 1e-9));
    const only = plan.channels.length === 1 ? plan.channels[0] : undefined;
    const held = still && plan.channels.some(({ atBound }) => atBound);
    const fixed = plan.goal === 'budget';
    const answer = !still ? 'answer' : only && fixed ? 'onlyOne' : held ? 'held' : fixed ? 'still' : 'stillReturn';
    // Where nothing is to move, and no bound is the reason, there is no change to be unsure of.
    const sure = still && answer !== 'held';
    const credited = this.responses.some(({ of }) => of === 'credited');
    return html`<p class="say" data-testid="plan-answer">
        ${this.t(`budget.${answer}`, {
          channel: only?.name ?? '',
          spend: i18n.amount(plan.spend),
          now: i18n.amount(plan.spendNow),
          outcome: i18n.amount(plan.outcomePlanned),
          change: sign(plan.outcomePlanned - plan.outcomeNow),
          what: this.t(`budget.${plan.outcome}`),
        })}
        ${plan.changeInterval && !sure ? this.t('budget.between', { low: sign(plan.changeInterval[0]), high: sign(plan.changeInterval[1]) }) : nothing}
      </p>
      <p class="small soft" data-testid="plan-marginal">
        ${this.t('budget.marginal', { marginal: i18n.money(plan.marginal), what: this.t(`budget.${plan.outcome}`) })}
      </p>
      <div class="scroll" tabindex="0" role="group" aria-label=${this.t('budget.title')}>
        <table data-testid="plan">
          <thead>
            <tr>
              <th scope="col">${this.unitName}</th>
              <th scope="col" class="number">${this.t('money.now')}</th>
              <th scope="col" class="number">${this.t('money.planned')}</th>
              <th scope="col" class="number">${this.t('budget.change')}</th>
              <th scope="col" class="number">${this.t(`credit.unit.${plan.outcome}`)}</th>
              <th scope="col" class="number">${this.t('budget.change')}</th>
              <th scope="col" class="number slope">${this.t('fit.oneMore')}</th>
              <th scope="col"></th>
            </tr>
          </thead>
          <tbody>
            ${plan.channels.map(
              (one) =>
                html`<tr>
                  <th scope="row">${dot(this.bench, one.name)}${one.name}</th>
                  <td class="number">${i18n.amount(one.now)}</td>
                  <td class="number">${i18n.amount(one.spend)}</td>
                  <td class="number">${sign(one.spend - one.now)}</td>
                  <td class="number">${i18n.amount(one.outcome)}</td>
                  <td class="number">
                    ${sign(one.outcome - one.outcomeNow)}${one.changeInterval && !sure
                      ? html`<span class="interval">${i18n.between(sign(one.changeInterval[0]), sign(one.changeInterval[1]))}</span>`
                      : nothing}
                  </td>
                  <td class="number">${i18n.money(one.marginal)}</td>
                  <td>
                    ${one.beyondSeen ? html`<span class="mark">${this.t('budget.beyond')}</span>` : one.atBound ? html`<span class="soft">${this.t(`budget.at.${one.atBound}`)}</span>` : nothing}
                  </td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
      <cw-terms .bench=${this.bench} .keys=${['term.now', fixed ? 'term.planned' : 'term.planned.return', credited ? 'term.outcome.credited' : 'term.outcome', 'term.planInterval', 'fit.oneMore']}></cw-terms>
      ${beyond ? html`<p class="small soft">${this.t('budget.beyondText')}</p>` : nothing}
      ${plan.warnings.length ? html`<cw-findings .bench=${this.bench} .warnings=${plan.warnings}></cw-findings>` : nothing}`;
  }

  render() {
    const { bench } = this;
    const { plan, planning } = bench;
    return html`<form class="stack" @submit=${this.#ask}>
      <h4>${this.t('budget.title')}</h4>
      <div class="row">
        <cw-segmented
          label=${this.t('budget.goal')}
          name="goal"
          .value=${this.goal}
          .choices=${['budget', 'return'].map((value) => ({ value, label: this.t(`budget.goal.${value}`) }))}
          @choose=${(/** @type {CustomEvent<'budget' | 'return'>} */ event) => (this.goal = event.detail)}
        ></cw-segmented>
        <label class="row small" for="amount">
          ${this.t(`budget.amount.${this.goal}`)}
          <input type="number" class="small" id="amount" data-testid="budget-amount" min="0" step="any" inputmode="decimal" ?required=${this.goal === 'return'} placeholder=${this.goal === 'budget' ? this.t('budget.asNow') : ''} />
        </label>
        <button type="submit" class="small" data-testid="plan-budget" ?disabled=${planning.running}>${this.t('budget.plan')}</button>
      </div>
      ${this.#bounds()}
      ${planning.error ? html`<cw-error .failure=${planning.error} .i18n=${this.i18n} kept=${this.t('kept.compared')}></cw-error>` : nothing}
      ${plan ? this.#plan(plan) : nothing}
    </form>`;
  }
}
