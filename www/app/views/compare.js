import { css, html, nothing } from 'lit';
import { channelRows, channelsChart, channelsChartLines } from '../charts/channels.js';
import { lookOf } from '../charts/common.js';
import { BenchElement } from '../components/element.js';
import { methodName } from '../components/credit/words.js';
import { menu } from '../components/menu.js';
import { unbroken } from '../components/unbroken.js';
import { methodsOf } from '../credit.js';
import { csv, json } from '../download.js';
import { isMemoryLost } from '../job.js';
import { columnOf } from '../mapping.js';
import { base, controls, tables } from '../styles/base.js';

/**
 * @import { Comparison } from '../../api/types.js'
 * @import { ChannelRow } from '../charts/channels.js'
 */

/** Channels that are named in one sentence. */
const shownNames = 4;
/** Findings beside the answer that are shown unasked: the chart should not have to be looked for. */
const shownFindings = 3;

/** The third step: which channel converts best, and how sure that is. */
export class CompareView extends BenchElement {
  static properties = { allNames: { state: true }, allFindings: { state: true }, open: { state: true } };
  static styles = [
    base,
    controls,
    tables,
    css`
      .hero {
        display: flex;
        flex-direction: column;
        align-items: center;
        gap: 24px;
        padding: 48px 24px;
        text-align: center;
      }
      .hero .row {
        justify-content: center;
      }
      .hero p {
        max-width: 40em;
        text-wrap: pretty;
      }
      .answer {
        font-size: clamp(1.25rem, 1rem + 1vw, 1.625rem);
        line-height: 1.4;
        font-weight: 600;
        letter-spacing: -0.01em;
        text-wrap: balance;
        /* Chinese breaks at punctuation, where there is room for it. */
        word-break: keep-all;
        overflow-wrap: anywhere;
      }
      .more {
        padding-left: 20px;
        list-style: disc;
      }
      .more li {
        padding: 4px 0;
        text-wrap: pretty;
      }
      .links:not(:has(button)) {
        display: none;
      }
      .more li::marker {
        color: var(--cw-strong);
      }
      .stale {
        padding: 8px 16px;
        border-radius: var(--cw-radius);
        background: var(--cw-warn-soft);
      }
      .next {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 4px 24px;
        padding-top: 16px;
        border-top: 1px solid var(--cw-line);
      }
      .fold {
        scroll-margin-top: 88px;
        border: 1px solid var(--cw-line);
        border-radius: var(--cw-radius);
        background: var(--cw-paper);
      }
      .fold > summary {
        width: auto;
        padding: 16px 24px;
        color: var(--cw-ink);
      }
      .fold > summary::marker {
        color: var(--cw-accent);
      }
      .fold > summary h3 {
        display: inline;
      }
      .fold > summary span {
        margin-left: 12px;
      }
      .fold > div {
        padding: 8px 24px 24px;
      }
      .busy {
        opacity: 0.55;
        transition: opacity 120ms 300ms;
      }
      @media (max-width: 600px) {
        .next {
          flex-direction: column;
          gap: 8px;
        }
        .next button {
          text-align: left;
        }
        .fold > summary {
          padding: 12px 16px;
        }
        .fold > summary span {
          display: block;
          margin: 0 0 0 16px;
        }
        .fold > div {
          padding: 0 16px 16px;
        }
      }
      .explain p {
        max-width: 64em;
        padding-top: 8px;
        text-wrap: pretty;
      }
    `,
  ];

  constructor() {
    super();
    /** Whether long lists of channels are written out. */
    this.allNames = false;
    /** Whether more than the first findings are shown. */
    this.allFindings = false;
    /** The parts that were unfolded; they are drawn only then. @type {ReadonlySet<string>} */
    this.open = new Set();
  }

  /**
   * @param {string} key
   * @param {unknown} actions
   */
  #hero(key, actions) {
    return html`<div class="card hero" data-testid="compare-empty">
      <h3>${this.t(`${key}.title`)}</h3>
      <p class="soft">${this.t(`${key}.text`)}</p>
      <div class="row">${actions}</div>
    </div>
    <div class="stack">${this.#fold('selfTest', this.t('selfTest.hint'), () => html`<cw-self-test .bench=${this.bench}></cw-self-test>`)}</div>`;
  }

  /** @param {'data' | 'train'} step @param {string} key */
  #goTo(step, key) {
    return html`<button type="button" class="primary" @click=${() => this.bench.go(step)}>${this.t(key)}</button>`;
  }

  /** @param {Comparison['findings'][number]} finding */
  #words(finding) {
    const { i18n } = this;
    // What a leader's credit ranges over are shares; elsewhere `low` and `high` are odds.
    const shares = finding.code.startsWith('credit-');
    const figures = Object.entries(finding.figures ?? {}).map(([name, value]) => [
      name,
      shares && (name === 'low' || name === 'high') ? i18n.percent(value) : i18n.figure(name, value),
    ]);
    // A channel that is called 20 needs quotes to be told from a figure.
    const names = finding.channels.map((name) => (/^\p{L}/u.test(name) ? name : `“${name}”`));
    const [first = '', ...others] = names;
    return i18n.coded('finding', finding, {
      ...Object.fromEntries(figures),
      channels: this.#list(names),
      first,
      others: this.#list(others),
      methodNames: i18n.list((finding.methods ?? []).map((method) => methodName(method, i18n))),
      n: finding.channels.length,
    });
  }

  /** The names, the first few of many unless all are asked for. @param {string[]} names */
  #list(names) {
    const more = names.length - shownNames;
    if (this.allNames || more < 2) return this.i18n.list(names);
    return this.i18n.list([...names.slice(0, shownNames), this.t('compare.others', { n: more })]);
  }

  /** @param {Comparison} comparison */
  #answer(comparison) {
    const [first, ...more] = comparison.findings;
    if (!first) return html`<h3 class="answer" data-testid="compare-answer">${this.t('compare.noFinding')}</h3>`;
    const shown = this.allFindings || more.length <= shownFindings + 1 ? more : more.slice(0, shownFindings);
    return html`<h3 class="answer" data-testid="compare-answer">${unbroken(this.#words(first))}</h3>
      ${more.length
        ? html`<ul class="more" data-testid="compare-findings">
            ${shown.map((finding) => html`<li data-testid="finding-${finding.code}">${unbroken(this.#words(finding))}</li>`)}
          </ul>`
        : nothing}
      <div class="row links">
        ${more.length > shown.length
          ? html`<button type="button" class="link" data-testid="all-findings" @click=${() => (this.allFindings = true)}>
              ${this.t('findings.more', { n: more.length - shown.length })}
            </button>`
          : nothing}
        ${comparison.findings.some(({ channels }) => channels.length > shownNames + 2)
          ? html`<button type="button" class="link" data-testid="all-names" @click=${() => (this.allNames = !this.allNames)}>
              ${this.t(this.allNames ? 'compare.fewerNames' : 'compare.allNames')}
            </button>`
          : nothing}
      </div>`;
  }

  /** @param {ChannelRow[]} rows */
  #chart(rows) {
    const { bench } = this;
    const both = rows.some((row) => row.effect);
    const narrow = window.matchMedia('(max-width: 720px)').matches;
    return html`<cw-chart
        data-testid="compare-chart"
        .lines=${channelsChartLines(rows.length, both, narrow)}
        .build=${channelsChart(rows, bench.dataset?.baseRate ?? 0, lookOf(bench))}
      ></cw-chart>
      <p class="small soft">${this.t(both ? 'compare.legend' : 'compare.legendRates')}</p>`;
  }

  /** Unfolds a part and leads there. @param {string} id */
  async #lead(id) {
    this.open = new Set([...this.open, id]);
    await this.updateComplete;
    // What is in it is drawn a moment later, and makes room to scroll.
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const part = this.renderRoot.querySelector(`[data-testid="fold-${id}"]`);
    part?.scrollIntoView({ block: 'start' });
    /** @type {HTMLElement | null | undefined} */ (part?.querySelector('summary'))?.focus({ preventScroll: true });
  }

  /** What somebody who has read the answer may want next, as far as it is not done. @param {Comparison} comparison */
  #next(comparison) {
    const { bench } = this;
    const modelled = !bench.journeys || comparison.credit.some(({ runId }) => runId);
    const responses = comparison.money?.responses?.some(({ available }) => available);
    /** @type {[string, boolean, () => unknown][]} */
    const steps = [
      ['costs', !comparison.money, () => this.#lead('money')],
      ['budget', Boolean(responses), () => this.#lead('money')],
      ['money', Boolean(comparison.money && !responses), () => this.#lead('money')],
      ['methods', comparison.findings.some(({ code }) => code === 'credit-leader-depends'), () => this.#lead('selfTest')],
      ['model', !modelled, () => bench.go('train')],
      ['lift', Boolean(comparison.lift), () => this.#lead('lift')],
      ['experiment', !comparison.lift && bench.table?.layout !== 'paths', () => this.#lead('lift')],
      ['paths', Boolean(comparison.paths), () => this.#lead('paths')],
    ];
    const offered = steps.filter(([, there]) => there).slice(0, 5);
    return html`<nav class="next" aria-label=${this.t('lead.title')} data-testid="next-steps">
      <span class="small soft">${this.t('lead.title')}</span>
      ${offered.map(([key, , go]) => html`<button type="button" class="link small" data-testid="next-${key}" @click=${go}>${this.t(`lead.${key}`)}</button>`)}
    </nav>`;
  }

  /** What goes for every way to give credit. */
  #notLift() {
    const { totals, credit } = this.bench.comparison ?? {};
    const { i18n } = this;
    const resamples = Math.max(0, ...(credit ?? []).map((one) => one.resamples));
    return html`<div class="stack" data-testid="not-lift">
      <p><strong>${this.t('credit.notLift')}</strong>${i18n.gap}${this.t('credit.notLiftText')}</p>
      ${totals
        ? html`<p class="small soft" data-testid="credit-totals">
            ${this.t('credit.observed', {
              n: totals.conversions,
              conversions: i18n.count(totals.conversions),
              journeys: i18n.count(totals.journeys),
              sequences: i18n.count(totals.sequences),
            })}${resamples ? i18n.gap + this.t('credit.sureness', { resamples: i18n.count(resamples) }) : nothing}
          </p>`
        : nothing}
    </div>`;
  }

  #explain() {
    return html`<details class="explain" data-testid="explain-adjusted">
      <summary>${this.t('compare.explain.title')}</summary>
      <p>${this.t('compare.explain.adjusted')}</p>
      <p>${this.t('compare.explain.odds')}</p>
      <p>${this.t('compare.explain.interval')}</p>
      <p>${this.t('compare.explain.not')}</p>
    </details>`;
  }

  #runPicker() {
    const { bench } = this;
    if (bench.records.length < 2 || bench.journeys) return nothing;
    return html`<label class="row small" for="run-picker"
      >${this.t('compare.by')}
      ${menu({
        label: this.t('compare.by'),
        value: bench.selectedRun ?? '',
        choices: bench.records.map(({ run, number }) => ({ value: run.id, label: this.t('runs.number', { number }) })),
        choose: (id) => bench.select(id),
        testid: 'run-picker',
        look: '',
      })}
    </label>`;
  }

  /**
   * A part that is folded until wanted, and not drawn before.
   * @param {string} id
   * @param {string} hint
   * @param {() => unknown} content
   */
  #fold(id, hint, content) {
    /** @param {Event} event */
    const toggled = (event) => {
      const { open } = /** @type {HTMLDetailsElement} */ (event.target);
      if (open === this.open.has(id)) return;
      const others = [...this.open].filter((one) => one !== id);
      this.open = new Set(open ? [...others, id] : others);
    };
    return html`<details class="fold" data-testid="fold-${id}" ?open=${this.open.has(id)} @toggle=${toggled}>
      <summary>
        <h3>${this.t(`${id}.title`)}</h3>
        <span class="small soft">${hint}</span>
      </summary>
      <div class="stack">${this.open.has(id) ? content() : nothing}</div>
    </details>`;
  }

  /** Journeys: credit first, then all that can be unfolded. @param {Comparison} comparison */
  #journeys(comparison) {
    const { bench } = this;
    return html`<div class=${bench.comparing.running ? 'stack wide busy' : 'stack wide'}>
      <cw-credit .bench=${bench} .comparison=${comparison}></cw-credit>
      <div class="stack">${this.#folds(comparison)}</div>
    </div>`;
  }

  /** All that can be unfolded, where the data carry it. @param {Comparison} comparison */
  #folds(comparison) {
    const { bench } = this;
    const { markov, paths, advantages, lift, liftRefused } = comparison;
    const worth = comparison.totals?.value !== undefined;
    const ranked = methodsOf(comparison).filter(({ channels }) => channels.length > 1 && channels.some(({ rankProbability }) => rankProbability));
    /** @type {[string, boolean, () => unknown][]} */
    const parts = [
      ['lift', Boolean(lift ?? liftRefused), () => html`<cw-lift .bench=${bench} .lift=${lift} .refused=${liftRefused}></cw-lift>`],
      ['paths', Boolean(paths), () => html`<cw-paths .bench=${bench} .paths=${paths} .worth=${worth}></cw-paths>`],
      ['advantage', Boolean(advantages?.length), () => html`<cw-advantages .bench=${bench} .advantages=${advantages}></cw-advantages>`],
      ['money', comparison.channels.length > 0, () => html`<cw-money .bench=${bench} .comparison=${comparison}></cw-money>`],
      ['ranking', ranked.length > 0, () => html`<cw-ranking .bench=${bench} .methods=${ranked}></cw-ranking>`],
      ['markov', Boolean(markov), () => html`<cw-markov .bench=${bench} .markov=${markov}></cw-markov>`],
      ['lift', !lift && !liftRefused && bench.table?.layout !== 'paths', () => html`<cw-lift .bench=${bench}></cw-lift>`],
      ['selfTest', true, () => html`<cw-self-test .bench=${bench}></cw-self-test>`],
    ];
    return parts.filter(([, there]) => there).map(([id, , content]) => this.#fold(id, this.t(`${id}.hint`), content));
  }

  /** Rows: what the model says of the channels. @param {Comparison} comparison @param {ChannelRow[]} rows */
  #rows(comparison, rows) {
    return html`<section class="stack">
        <div class="row">
          <cw-segmented
            label=${this.t('credit.level')}
            name="level"
            .value=${this.bench.level}
            .choices=${['channel', 'group', 'broad'].map((value) => ({ value, label: this.t(`credit.level.${value}`) }))}
            @choose=${(/** @type {CustomEvent<'channel' | 'group' | 'broad'>} */ event) => this.bench.compareBy({ level: event.detail })}
          ></cw-segmented>
          ${this.bench.channelList.length ? html`<cw-groups .bench=${this.bench} .channels=${this.bench.channelList}></cw-groups>` : nothing}
        </div>
        ${this.#chart(rows)}
      </section>
      <cw-channel-table .bench=${this.bench} .comparison=${comparison} .rows=${rows}></cw-channel-table>
      <div class="stack">${this.#folds(comparison)}</div>`;
  }

  /** @param {Comparison} comparison */
  #creditCsv(comparison) {
    return csv(
      comparison.credit.flatMap(({ method, channels }) =>
        channels.map((one) => ({
          method,
          channel: one.name,
          conversions: one.conversions,
          conversionsLow: one.conversionsInterval?.[0],
          conversionsHigh: one.conversionsInterval?.[1],
          share: one.share,
          shareLow: one.shareInterval?.[0],
          shareHigh: one.shareInterval?.[1],
          value: one.value,
          valueLow: one.valueInterval?.[0],
          valueHigh: one.valueInterval?.[1],
        })),
      ),
    );
  }

  /** @param {Comparison} comparison @param {ChannelRow[]} rows */
  #exports(comparison, rows) {
    if (comparison.credit.length) {
      return [
        { name: 'credit-csv', label: this.t('export.credit-csv'), file: 'channelwise-credit.csv', make: () => this.#creditCsv(comparison) },
        { name: 'channels-json', label: this.t('export.channels-json'), file: 'channelwise-channels.json', make: () => json(comparison) },
      ];
    }
    const table = () =>
      csv(
        rows.map(({ name, raw, effect }) => ({
          channel: name,
          group: raw.group,
          rows: raw.rows,
          conversions: raw.conversions,
          rate: raw.rate,
          rateLow: raw.rateInterval[0],
          rateHigh: raw.rateInterval[1],
          oddsRatio: effect?.oddsRatio,
          oddsRatioLow: effect?.interval[0],
          oddsRatioHigh: effect?.interval[1],
          verdict: effect?.verdict,
        })),
      );
    return [
      { name: 'channels-csv', label: this.t('export.channels-csv'), file: 'channelwise-channels.csv', make: table },
      { name: 'channels-json', label: this.t('export.channels-json'), file: 'channelwise-channels.json', make: () => json(comparison) },
    ];
  }

  #stale() {
    const { bench } = this;
    if (!bench.comparisonStale || bench.comparing.running) return nothing;
    const { journeys } = bench;
    return html`<div class="stale row between" role="status" data-testid="stale">
      <p>${this.t(journeys ? 'stale.journeys' : 'stale.compare')}</p>
      <button type="button" class="small" data-testid="compare-again" @click=${() => (journeys ? bench.compare() : bench.train())}>
        ${this.t(journeys ? 'compare.again' : 'train.again')}
      </button>
    </div>`;
  }

  #error() {
    const { bench } = this;
    if (!bench.comparing.error) return nothing;
    const crashed = isMemoryLost(bench.comparing.error);
    const runs = { name: bench.table?.name ?? '', n: bench.records.length };
    return html`<cw-error
      .failure=${bench.comparing.error}
      .i18n=${this.i18n}
      kept=${crashed ? this.t('kept.crashed') : this.t('kept.runs', runs)}
    >
      <button type="button" @click=${() => (crashed ? bench.reread() : bench.compare())}>
        ${this.t(crashed ? 'failure.reread' : 'failure.retry')}
      </button>
    </cw-error>`;
  }

  /** What stands where there is no comparison to show yet. */
  #waiting() {
    const { bench } = this;
    const { record, mapping, journeys } = bench;
    if (!bench.table) {
      return this.#hero(
        'compare.noData',
        html`${this.#goTo('data', 'train.noData.go')}
          <button type="button" data-testid="try-sample" @click=${() => bench.trySample()}>${this.t('data.sample')}</button>`,
      );
    }
    if (!record && !journeys) {
      return this.#hero(bench.training.running ? 'compare.training' : 'compare.noRun', this.#goTo('train', 'compare.toTrain'));
    }
    if (journeys && bench.preparing.error) return this.#hero('compare.notPrepared', this.#goTo('data', 'train.toData'));
    if (!journeys && mapping && !columnOf(mapping, 'channel')) return this.#hero('compare.noChannel', this.#goTo('data', 'train.toData'));
    const idle = !bench.comparing.running && !bench.comparing.error && (journeys || !bench.stale);
    return html`${journeys ? nothing : this.#stale()} ${this.#error()} ${this.#progress()}
    ${idle
      ? html`<div><button type="button" class="primary" @click=${() => bench.compare()}>${this.t('compare.start')}</button></div>`
      : nothing}`;
  }

  #progress() {
    const { bench } = this;
    if (!bench.comparing.running) return nothing;
    const behind = bench.controlling
      ? html`<p class="row small" data-testid="behind-controls">
          ${this.t('compare.behindControls')}
          <button type="button" class="small" @click=${() => bench.training.cancel()}>${this.t('compare.skipControls')}</button>
        </p>`
      : nothing;
    return html`${behind}<cw-progress .bench=${bench} .job=${bench.comparing} words=${this.t('phase.compare')}></cw-progress>`;
  }

  // The heading is one element whatever stands under it, so that focus stays on it.
  render() {
    const { bench } = this;
    const { comparison } = bench;
    const rows = comparison ? channelRows(comparison, (name) => bench.channelIndex(name)) : [];
    return html`<div class="stack wide" data-testid=${comparison ? 'compare-result' : 'compare-view'} aria-busy=${bench.comparing.running}>
      <div class="row between">
        <h2 tabindex="-1">${this.t('compare.title')}</h2>
        <div class="row">
          ${this.#runPicker()}
          ${comparison
            ? html`<cw-export label=${this.t('export.title')} .items=${this.#exports(comparison, rows)}></cw-export>`
            : nothing}
        </div>
      </div>
      ${comparison
        ? html`${this.#stale()} ${this.#error()} ${this.#progress()}
            <section class="card stack">${this.#answer(comparison)} ${comparison.credit.length ? this.#notLift() : this.#explain()} ${this.#next(comparison)}</section>
            ${comparison.credit.length ? this.#journeys(comparison) : this.#rows(comparison, rows)}
            ${comparison.warnings.length
              ? html`<cw-findings .bench=${bench} .warnings=${comparison.warnings}></cw-findings>`
              : nothing}`
        : this.#waiting()}
    </div>`;
  }
}
