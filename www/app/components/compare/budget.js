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
    const input = /** @type {HTMLInputElement} */ (this.renderRoot.querySelector('input[type=number]'));
    if (!input.reportValidity()) return;
    const amount = input.value.trim() ? Number(input.value) : undefined;
    void this.bench.planBudget(this.goal === 'budget' ? { goal: 'budget', budget: amount } : { goal: 'return', targetReturn: amount });
  }

  /** @param {BudgetPlan} plan */
  #plan(plan) {
    const { i18n } = this;
    if (!plan.feasible) return html`<p class="mark" data-testid="plan-refused">${plan.reason ? i18n.coded('reason', plan.reason) : this.t('budget.infeasible')}</p>`;
    const sign = (/** @type {number} */ value) => `${value < 0 ? '−' : '+'}${i18n.amount(Math.abs(value))}`;
    const beyond = plan.channels.some(({ beyondSeen }) => beyondSeen);
    return html`<p class="say" data-testid="plan-answer">
        ${this.t('budget.answer', {
          spend: i18n.amount(plan.spend),
          now: i18n.amount(plan.spendNow),
          outcome: i18n.amount(plan.outcomePlanned),
          change: sign(plan.outcomePlanned - plan.outcomeNow),
          what: this.t(`budget.${plan.outcome}`),
        })}
      </p>
      <div class="scroll" tabindex="0" role="group" aria-label=${this.t('budget.title')}>
        <table data-testid="plan">
          <thead>
            <tr>
              <th scope="col">${this.t('credit.channel')}</th>
              <th scope="col" class="number">${this.t('money.now')}</th>
              <th scope="col" class="number">${this.t('money.planned')}</th>
              <th scope="col" class="number">${this.t('budget.change')}</th>
              <th scope="col" class="number">${this.t(`credit.unit.${plan.outcome}`)}</th>
              <th scope="col" class="number">${this.t('budget.change')}</th>
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
                  <td class="number">${sign(one.outcome - one.outcomeNow)}</td>
                  <td>
                    ${one.beyondSeen ? html`<span class="mark">${this.t('budget.beyond')}</span>` : one.atBound ? html`<span class="soft">${this.t(`budget.at.${one.atBound}`)}</span>` : nothing}
                  </td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
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
      ${planning.error ? html`<cw-error .failure=${planning.error} .i18n=${this.i18n} kept=${this.t('kept.compared')}></cw-error>` : nothing}
      ${plan ? this.#plan(plan) : nothing}
    </form>`;
  }
}
