import { css, html, nothing } from 'lit';
import { base, controls, tables } from '../styles/base.js';
import { BenchElement } from './element.js';
import { icon } from './icon.js';

/** @import { BaselineFigures, Baselines, Ceiling, Run, Verdict as Judgement } from '../../api/types.js' */

const questions = /** @type {const} */ (['earnsItsKeep', 'orderMatters', 'timeMatters']);
const marks = /** @type {const} */ ({ yes: 'check', no: 'cross', unclear: 'info' });

/** Whether order and time matter in these journeys, and whether the network is worth its while. */
export class Verdict extends BenchElement {
  static properties = { run: { attribute: false } };
  static styles = [
    base,
    controls,
    tables,
    css`
      li {
        display: grid;
        grid-template-columns: 24px minmax(0, 1fr);
        gap: 0 8px;
        padding: 8px 0;
        border-top: 1px solid var(--cw-line);
      }
      li:first-child {
        border-top: 0;
      }
      li svg {
        margin-top: 4px;
        color: var(--cw-faint);
      }
      li.yes svg {
        color: var(--cw-good);
      }
      li strong {
        font-size: 1.0625rem;
      }
      tr.own > * {
        background: var(--cw-accent-soft);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Run} */
    this.run = /** @type {any} */ (undefined);
  }

  /** @param {typeof questions[number]} question @param {Judgement} judgement */
  #answer(question, { answer, difference, interval, margin, against }) {
    const { i18n } = this;
    // Only this question names the model itself.
    const of = question === 'earnsItsKeep' && this.run.model === 'transformer' ? `${question}.transformer` : question;
    const with_ = against === 'shuffledWithGaps' ? 'figuresWithGaps' : 'figures';
    const figures = {
      difference: i18n.decimal(difference, 4),
      low: i18n.decimal(interval[0], 4),
      high: i18n.decimal(interval[1], 4),
      margin: i18n.decimal(margin, 4),
    };
    return html`<li class=${answer} data-testid="verdict-${question}" data-answer=${answer}>
      ${icon(marks[answer])}
      <div>
        <strong>${this.t(`verdict.${of}.${answer}`)}</strong>
        <p class="small soft">${this.t(`verdict.${of}.${with_}`, figures)}</p>
      </div>
    </li>`;
  }

  /** @param {string} key @param {BaselineFigures | undefined} figures */
  #row(key, figures) {
    if (!figures) return nothing;
    const { i18n } = this;
    return html`<tr class=${key === 'model' ? 'own' : ''} data-testid="baseline-${key}">
      <th scope="row">${this.t(key === 'model' ? `model.${this.run.model}` : `baseline.${key}`)}</th>
      <td class="number">${i18n.decimal(figures.loss, 4)}</td>
      <td class="number">${i18n.decimal(figures.auc, 3)}</td>
      <td class="number">${i18n.percent(figures.accuracy)}</td>
    </tr>`;
  }

  /** @param {Baselines} baselines */
  #table(baselines) {
    const { i18n } = this;
    const { ceiling, part, drawn } = baselines;
    return html`<details>
      <summary>${this.t('verdict.figures')}</summary>
      <div class="stack">
        <div class="scroll" tabindex="0" role="group" aria-label=${this.t('verdict.figures')}>
          <table data-testid="baselines">
            <thead>
              <tr>
                <th scope="col">${this.t('runs.run')}</th>
                <th scope="col" class="number">${this.t('metric.loss')}</th>
                <th scope="col" class="number">${this.t('metric.auc')}</th>
                <th scope="col" class="number">${this.t('metric.accuracy')}</th>
              </tr>
            </thead>
            <tbody>
              ${this.#row('model', baselines.model)} ${this.#row('logistic', baselines.logistic)} ${this.#row('drawn', drawn?.model)}
              ${this.#row('withoutGaps', baselines.withoutGaps)} ${this.#row('shuffled', baselines.shuffled)}
              ${this.#row('shuffledWithGaps', baselines.shuffledWithGaps)}
              <tr data-testid="baseline-ceiling">
                <th scope="row">${this.t('baseline.ceiling')}</th>
                <td class="number">–</td>
                <td class="number">–</td>
                <td class="number">${i18n.percent(ceiling.accuracy)}</td>
              </tr>
              <tr data-testid="baseline-floor">
                <th scope="row">${this.t('baseline.floor')}</th>
                <td class="number">–</td>
                <td class="number">0.500</td>
                <td class="number">${i18n.percent(ceiling.floor)}</td>
              </tr>
            </tbody>
          </table>
        </div>
        <p class="small soft">
          ${this.t(`answer.journeys.${part}`)}${baselines.shuffledWithGaps ? html`${i18n.gap}${this.t('verdict.twoWays')}` : nothing}
        </p>
      </div>
    </details>`;
  }

  /** What can be known from the sequence alone: there with the run, whatever else is. @param {Ceiling} ceiling */
  #ceiling({ part, accuracy, floor, sequences, unique }) {
    const { i18n, run } = this;
    const own = run.metrics[part]?.accuracy ?? run.metrics.train.accuracy;
    const figures = { ceiling: i18n.percent(accuracy), floor: i18n.percent(floor), model: i18n.percent(own) };
    return html`<p class="small" data-testid="ceiling">
      ${this.t('verdict.ceiling.figures', figures)}${i18n.gap}<span class="soft">${this.t('verdict.ceiling', { n: sequences, sequences: i18n.count(sequences), unique: i18n.percent(unique, 0) })}</span>
    </p>`;
  }

  #progress() {
    const { bench } = this;
    return html`<p class="small soft">${this.t('verdict.working')}</p>
      <cw-progress .bench=${bench} .job=${bench.training} words=${this.t('phase.controls')}></cw-progress>`;
  }

  render() {
    const { bench, i18n, run } = this;
    const { baselines, ceiling } = run;
    const working = bench.controlling && bench.selectedRun === run.id;
    return html`<section class="card stack" aria-labelledby="title" data-testid="verdict">
      <h3 id="title">${this.t('verdict.title')}</h3>
      ${baselines
        ? html`<ul>
              ${questions.map((question) => (baselines[question] ? this.#answer(question, /** @type {Judgement} */ (baselines[question])) : nothing))}
            </ul>
            ${baselines.complete ? nothing : html`<p class="small soft">${this.t('verdict.incomplete')}</p>`}
            ${baselines.drawn
              ? html`<p class="small soft" data-testid="verdict-drawn">${this.t('verdict.drawn', { rows: i18n.count(baselines.drawn.rows), of: i18n.count(baselines.drawn.of) })}</p>`
              : nothing}
            ${baselines.warnings?.length ? html`<cw-findings .bench=${bench} .warnings=${baselines.warnings}></cw-findings>` : nothing}
            ${this.#table(baselines)}`
        : working
          ? this.#progress()
          : html`<p class="soft">${this.t('verdict.none')}</p>
              <div><button type="button" data-testid="train-controls" ?disabled=${bench.stale || bench.training.running} @click=${() => bench.trainControls(run.id)}>${this.t('verdict.start')}</button></div>`}
      ${ceiling ? this.#ceiling(ceiling) : nothing}
    </section>`;
  }
}
