import { css, html, nothing } from 'lit';
import { barChart } from '../../charts/bars.js';
import { lookOf } from '../../charts/common.js';
import { flowChart } from '../../charts/flow.js';
import { base, controls, tables } from '../../styles/base.js';
import { BenchElement } from '../element.js';
import { bar, colourOf, dot, inline } from '../inline.js';

/** @import { PathsView } from '../../../api/types.js' */

/** @typedef {'top' | 'roles' | 'flow' | 'length' | 'funnel' | 'cohorts'} Part */

const shownAtFirst = 10;
/** Touches of a path that are written out. */
const shownTouches = 8;

/** What journeys look like: top paths, roles, flow, lengths and lags, funnel, cohorts. */
export class Paths extends BenchElement {
  static properties = { paths: { attribute: false }, worth: { type: Boolean }, shown: { state: true }, all: { state: true } };
  static styles = [
    base,
    controls,
    tables,
    inline,
    css`
      .path {
        white-space: normal;
        min-width: 120px;
      }
      .path span {
        white-space: nowrap;
      }
      .path i {
        margin: 0 6px;
        font-style: normal;
        color: var(--cw-faint);
      }
      .wide {
        min-width: 640px;
      }
      .flow {
        overflow-x: auto;
      }
      .share {
        display: block;
        font-size: 0.8125rem;
        color: var(--cw-soft);
      }
      .c-1 { background: color-mix(in srgb, var(--cw-accent) 6%, transparent); }
      .c-2 { background: color-mix(in srgb, var(--cw-accent) 14%, transparent); }
      .c-3 { background: color-mix(in srgb, var(--cw-accent) 24%, transparent); }
      .c-4 { background: color-mix(in srgb, var(--cw-accent) 36%, transparent); }
      .two {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(360px, 100%), 1fr));
        gap: 24px;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {PathsView} */
    this.paths = /** @type {any} */ (undefined);
    /** Whether conversions have a value. */
    this.worth = false;
    /** @type {Part} */
    this.shown = 'top';
    this.all = false;
  }

  /** @param {string} name of a channel or an end */
  #name(name) {
    const key = `markov.${name}`;
    return this.i18n.has(key) ? this.t(key) : name;
  }

  /** @param {string[]} channels */
  #path(channels) {
    const more = channels.length - shownTouches;
    const shown = more > 1 ? channels.slice(0, shownTouches) : channels;
    return html`${shown.map((name, at) => html`${at ? html`<i aria-label=${this.t('paths.then')}>→</i>` : nothing}<span>${dot(this.bench, name)}${name}</span>`)}
    ${more > 1 ? html`<i>→</i>${this.t('paths.more', { n: more })}` : nothing}`;
  }

  #top() {
    const { i18n } = this;
    const { top, sequences } = this.paths;
    const shown = this.all ? top : top.slice(0, shownAtFirst);
    const most = Math.max(...top.map(({ conversions }) => conversions));
    return html`<div class="scroll" tabindex="0" role="group" aria-label=${this.t('paths.top')}>
        <table data-testid="top-paths">
          <thead>
            <tr>
              <th scope="col">${this.t('paths.path')}</th>
              <th scope="col" class="number">${this.t('credit.unit.conversions')}</th>
              <th scope="col" class="picture"><span class="visually-hidden">${this.t('credit.unit.conversions')}</span></th>
              <th scope="col" class="number">${this.t('paths.rate')}</th>
              ${this.worth ? html`<th scope="col" class="number">${this.t('credit.unit.value')}</th>` : nothing}
            </tr>
          </thead>
          <tbody>
            ${shown.map(
              (one) =>
                html`<tr>
                  <td class="path">${this.#path(one.channels)}</td>
                  <td class="number">${i18n.count(one.conversions)}<span class="share">${i18n.percent(one.share)}</span></td>
                  <td class="picture">${bar(one.conversions, most, 'var(--cw-accent)')}</td>
                  <td class="number">${i18n.percent(one.rate)}<span class="share">${i18n.percents(one.rateInterval, one.rate)}</span></td>
                  ${this.worth ? html`<td class="number">${i18n.amount(one.value)}</td>` : nothing}
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
      <cw-terms .bench=${this.bench} .keys=${['term.pathCount', 'term.pathRate', ...(this.worth ? ['term.value'] : [])]}></cw-terms>
      <p class="small soft">
        ${this.t('paths.topOf', { n: sequences, shown: i18n.count(shown.length), sequences: i18n.count(sequences) })}
        ${shown.length < top.length
          ? html`<button type="button" class="link" data-testid="all-paths" @click=${() => (this.all = true)}>${this.t('paths.all', { n: top.length })}</button>`
          : nothing}
      </p>`;
  }

  #roles() {
    const { i18n } = this;
    const keys = /** @type {const} */ (['opens', 'assists', 'closes', 'alone']);
    const rows = [...this.paths.roles].sort((a, b) => b.conversions - a.conversions);
    return html`<p class="small soft">${this.t('paths.rolesText')}</p>
      <div class="scroll" tabindex="0" role="group" aria-label=${this.t('paths.roles')}>
        <table data-testid="roles">
          <thead>
            <tr>
              <th scope="col">${this.unitName}</th>
              <th scope="col" class="number">${this.t('paths.takesPart')}</th>
              ${keys.map((key) => html`<th scope="col" class="number">${this.t(`paths.${key}`)}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${rows.map(
              (row) =>
                html`<tr>
                  <th scope="row">${dot(this.bench, row.name)}${row.name}</th>
                  <td class="number">${i18n.count(row.conversions)}</td>
                  ${keys.map((key) => {
                    const share = row.conversions ? row[key] / row.conversions : 0;
                    return html`<td class="number ${share ? `c-${Math.max(1, Math.ceil(share * 4))}` : ''}">
                      ${i18n.count(row[key])}<span class="share">${i18n.percent(share, 0)}</span>
                    </td>`;
                  })}
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
      <cw-terms .bench=${this.bench} .keys=${['term.takesPart', 'term.opens', 'term.assists', 'term.alone']}></cw-terms>`;
  }

  #flow() {
    const { flow } = this.paths;
    const { i18n } = this;
    const steps = [...flow].sort((a, b) => a.position - b.position || b.count - a.count);
    return html`<p class="small soft">${this.t('paths.flowText')}</p>
      <div class="flow" tabindex="0" role="group" aria-label=${this.t('paths.flow')}>
        <div class="wide">
          <cw-chart
            data-testid="flow-chart"
            lines="14"
            .build=${flowChart(flow, (name) => this.#name(name), (name) => colourOf(this.bench, name), lookOf(this.bench))}
          ></cw-chart>
        </div>
      </div>
      <details>
        <summary class="small">${this.t('chart.table')}</summary>
        <div class="scroll tall" tabindex="0" role="group" aria-label=${this.t('paths.flow')}>
          <table data-testid="flow-table">
            <thead>
              <tr>
                <th scope="col" class="number">${this.t('paths.position')}</th>
                <th scope="col">${this.t('markov.from')}</th>
                <th scope="col">${this.t('markov.to')}</th>
                <th scope="col" class="number">${this.t('count.journeys')}</th>
              </tr>
            </thead>
            <tbody>
              ${steps.map(
                (step) =>
                  html`<tr>
                    <td class="number">${step.position}</td>
                    <td>${this.#name(step.from)}</td>
                    <td>${this.#name(step.to)}</td>
                    <td class="number">${i18n.count(step.count)}</td>
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>
      </details>
      <cw-terms .bench=${this.bench} .keys=${['term.flow']}></cw-terms>`;
  }

  /**
   * @param {string} key
   * @param {{ name: string, conversions: number, share: number, interval?: [number, number] }[]} bars
   * @param {string} words
   */
  #histogram(key, bars, words) {
    const { i18n } = this;
    const chart = {
      names: bars.map(({ name }) => name),
      values: bars.map(({ share }) => share),
      x: this.t(`paths.${key}.x`),
      write: (/** @type {number} */ value) => i18n.percentTick(Math.round(value * 1000) / 1000),
      description: this.t(`paths.${key}.title`),
    };
    return html`<section class="stack">
      <h4>${this.t(`paths.${key}.title`)}</h4>
      <p class="small">${words}</p>
      <cw-chart lines="7" .build=${barChart(chart, lookOf(this.bench))}></cw-chart>
      <details>
        <summary class="small">${this.t('chart.table')}</summary>
        <div class="scroll tall">
          <table data-testid=${key}>
            <thead>
              <tr>
                <th scope="col">${this.t(`paths.${key}.x`)}</th>
                <th scope="col" class="number">${this.t('credit.unit.conversions')}</th>
                <th scope="col" class="number">${this.t('credit.unit.share')}</th>
              </tr>
            </thead>
            <tbody>
              ${bars.map(
                ({ name, conversions, share, interval }) =>
                  html`<tr>
                    <td>${name}</td>
                    <td class="number">${i18n.count(conversions)}</td>
                    <td class="number">${i18n.percent(share)}${interval ? html`<span class="share">${i18n.percents(interval, share)}</span>` : nothing}</td>
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>
      </details>
    </section>`;
  }

  /** A stretch of days in words: below a day, hours. @param {number} from @param {number} [to] */
  #days(from, to) {
    const { i18n } = this;
    if (from === 0 && to !== undefined && to < 1) return this.t('paths.underHour');
    if (from < 1 && to !== undefined) return this.t('paths.hoursToDay', { from: i18n.amount(Math.round(from * 24)), to: i18n.amount(Math.round(to * 24)) });
    return to === undefined ? `${i18n.amount(from)}+` : `${i18n.amount(from)}–${i18n.amount(to)}`;
  }

  #length() {
    const { i18n } = this;
    const { lengths, lags, meanLength, medianLength, medianLag, meanLengthInterval, meanLag, meanLagInterval } = this.paths;
    const around = (/** @type {readonly [number, number] | undefined} */ ends) => (ends ? ` (${i18n.decimal(ends[0], 1)} – ${i18n.decimal(ends[1], 1)})` : '');
    const byLength = lengths.map((one) => ({ ...one, name: one.more ? `${one.touches}+` : String(one.touches) }));
    const byLag = lags?.map((one) => ({ ...one, name: this.#days(one.from, one.to) }));
    return html`<div class="two">
      ${this.#histogram('lengths', byLength, this.t('paths.lengths.words', { median: i18n.amount(medianLength), mean: i18n.decimal(meanLength, 1) + around(meanLengthInterval) }))}
      ${byLag
        ? this.#histogram('lags', byLag, this.t('paths.lags.words', { median: i18n.decimal(medianLag, 1), mean: i18n.decimal(meanLag, 1) + around(meanLagInterval) }))
        : html`<p class="small soft">${this.t('paths.noLags')}</p>`}
    </div>
    <cw-terms .bench=${this.bench} .keys=${['term.length', ...(byLag ? ['term.lag'] : [])]}></cw-terms>`;
  }

  #funnel() {
    const { i18n } = this;
    const { funnel } = this.paths;
    if (!funnel) return html`<p class="soft">${this.t('paths.noFunnel')}</p>`;
    /** @param {number[]} counts @param {NonNullable<PathsView['funnel']>['passages']} passages @param {number} at */
    const cell = (counts, passages, at) => {
      const { share, interval } = passages[at - 1] ?? {};
      const known = share !== null && share !== undefined;
      return html`<td class="number">
        ${i18n.count(counts[at])}${at && known
          ? html`<span class="share">${i18n.percent(share)}${interval ? ` (${i18n.percents(interval, share)})` : nothing}</span>`
          : nothing}
      </td>`;
    };
    return html`<p class="small soft">${this.t('paths.funnelText')}</p>
      <div class="scroll" tabindex="0" role="group" aria-label=${this.t('paths.funnel')}>
        <table data-testid="funnel">
          <thead>
            <tr>
              <th scope="col">${this.unitName}</th>
              ${funnel.stages.map((stage) => html`<th scope="col" class="number">${this.t(`paths.stage.${stage}`)}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${[...funnel.channels].sort((a, b) => (b.counts[0] ?? 0) - (a.counts[0] ?? 0)).map(
              ({ name, counts, passages }) =>
                html`<tr><th scope="row">${dot(this.bench, name)}${name}</th>${counts.map((_, at) => cell(counts, passages, at))}</tr>`,
            )}
            <tr>
              <th scope="row">${this.t('credit.sum')}</th>
              ${funnel.total.map((_, at) => cell(funnel.total, funnel.passages, at))}
            </tr>
          </tbody>
        </table>
      </div>
      <cw-terms .bench=${this.bench} .keys=${['term.funnel', 'term.passage']}></cw-terms>`;
  }

  #cohorts() {
    const { i18n } = this;
    const { cohorts } = this.paths;
    if (!cohorts?.channels.length) return html`<p class="soft">${this.t('paths.noCohorts')}</p>`;
    const ages = Math.max(...cohorts.channels.map(({ ages }) => ages.length));
    const rate = (/** @type {{ users: number, conversions: number } | undefined} */ age) => (age?.users ? age.conversions / age.users : NaN);
    const most = Math.max(...cohorts.channels.flatMap((one) => one.ages.map(rate)).filter(Number.isFinite), 1e-9);
    return html`<p class="small soft">${this.t('paths.cohortsText', { period: this.t(`period.${cohorts.period}`) })}</p>
      <div class="scroll" tabindex="0" role="group" aria-label=${this.t('paths.cohorts')}>
        <table data-testid="cohorts">
          <thead>
            <tr>
              <th scope="col">${this.t('paths.firstChannel')}</th>
              <th scope="col" class="number">${this.t('paths.users')}</th>
              ${Array.from({ length: ages }, (_, age) => html`<th scope="col" class="number">${age ? `+${age}` : this.t('paths.samePeriod')}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${[...cohorts.channels].sort((a, b) => b.users - a.users).map(
              (one) =>
                html`<tr>
                  <th scope="row">${dot(this.bench, one.channel)}${one.channel}</th>
                  <td class="number">${i18n.count(one.users)}</td>
                  ${Array.from({ length: ages }, (_, age) => {
                    const share = rate(one.ages[age]);
                    return html`<td class="number ${share > 0 ? `c-${Math.max(1, Math.ceil((share / most) * 4))}` : ''}">${i18n.percent(share)}</td>`;
                  })}
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
      <cw-terms .bench=${this.bench} .keys=${['term.cohort']}></cw-terms>`;
  }

  render() {
    const { paths } = this;
    /** @type {{ [part in Part]: () => unknown }} */
    const parts = {
      top: () => this.#top(),
      roles: () => this.#roles(),
      flow: () => this.#flow(),
      length: () => this.#length(),
      funnel: () => this.#funnel(),
      cohorts: () => this.#cohorts(),
    };
    const offered = /** @type {Part[]} */ (Object.keys(parts)).filter((part) => part !== 'funnel' || paths.funnel).filter((part) => part !== 'cohorts' || paths.cohorts);
    return html`<div class="stack">
      <cw-segmented
        label=${this.t('paths.title')}
        name="paths"
        .value=${this.shown}
        .choices=${offered.map((value) => ({ value, label: this.t(`paths.${value}`) }))}
        @choose=${(/** @type {CustomEvent<Part>} */ event) => (this.shown = event.detail)}
      ></cw-segmented>
      ${parts[this.shown]()}
    </div>`;
  }
}
