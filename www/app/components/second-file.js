import { css, html, nothing } from 'lit';
import { base, controls } from '../styles/base.js';
import { BenchElement } from './element.js';
import { icon } from './icon.js';
import { marked } from './marked.js';
import { menu } from './menu.js';

/** @import { Second } from '../bench/second.js' */

/** Columns that are named in one sentence. */
const shownNames = 8;
const repeatedKeys = /** @type {const} */ (['refuse', 'first', 'last', 'sum']);

/** A second file beside the first: which rows belong together, and what comes of it, before and after. */
export class SecondFile extends BenchElement {
  static styles = [
    base,
    controls,
    css`
      section {
        padding: 16px 24px 24px;
      }
      .says {
        font-size: 1.125rem;
        line-height: 2.5rem;
        text-wrap: pretty;
      }
      .says select {
        width: auto;
        max-width: min(14em, 100%);
        field-sizing: content;
        font-weight: 600;
        border-color: var(--cw-accent);
        background: var(--cw-accent-soft);
      }
      dl {
        display: flex;
        flex-wrap: wrap;
        gap: 8px 32px;
      }
      dl div {
        display: flex;
        flex-direction: column-reverse;
      }
      dt {
        font-size: 0.875rem;
        color: var(--cw-soft);
      }
      dd {
        font-size: 1.25rem;
        line-height: 1.75rem;
        font-variant-numeric: tabular-nums;
      }
      .wrong {
        display: flex;
        gap: 8px;
        align-items: baseline;
      }
      .wrong svg {
        color: var(--cw-warn);
      }
      .head {
        flex-wrap: nowrap;
        align-items: flex-start;
      }
      .head button {
        flex: none;
        margin: -4px -8px 0 0;
      }
      .done svg {
        color: var(--cw-good);
      }
      p {
        overflow-wrap: anywhere;
      }
      @media (max-width: 600px) {
        section {
          padding: 16px;
        }
        .says {
          font-size: 1rem;
        }
        dl {
          gap: 8px 24px;
        }
      }
    `,
  ];

  constructor() {
    super();
    /** Keys of which one has been chosen, and the other not yet. @type {string | undefined} */
    this.chosenLeft = undefined;
    /** @type {string | undefined} */
    this.chosenRight = undefined;
  }

  /** @param {readonly string[]} names */
  #names(names) {
    const shown = names.slice(0, names.length > shownNames + 1 ? shownNames : undefined).map((name) => `\`${name.replaceAll('`', "'")}\``);
    const more = names.length - shown.length;
    return this.i18n.list(more ? [...shown, this.t('findings.others', { n: more })] : shown);
  }

  /**
   * @param {string} testid
   * @param {string} label
   * @param {string} value
   * @param {readonly string[]} names
   * @param {(name: string) => void} choose
   * @param {string} [none] what no column is called
   */
  #columns(testid, label, value, names, choose, none) {
    return menu({
      label: this.t(label),
      value,
      choices: [
        ...(value && !none ? [] : [{ value: '', label: this.t(none ?? 'data.choosePlease'), disabled: !none || !value }]),
        ...names.map((name) => ({ value: name, label: name })),
      ],
      choose,
      testid,
      look: '',
    });
  }

  /** @param {string} name @param {number} count */
  #figure(name, count) {
    return html`<div data-testid="second-${name}"><dt>${this.t(`second.${name}`, { n: count })}</dt><dd>${this.i18n.count(count)}</dd></div>`;
  }

  /** What stands in the way of joining. @param {Second} second @returns {string} */
  #obstacle({ seen: { pair }, joinedBy, duplicates }) {
    if (joinedBy) return '';
    if (!pair) return 'noKey';
    if (pair.repeated > 0 && duplicates === 'refuse') return 'repeated';
    return pair.matched === 0 ? 'nothing' : '';
  }

  /** @param {Second} second */
  #join(second) {
    const { bench } = this;
    const { seen, joinedBy } = second;
    const { pair } = seen;
    const left = this.chosenLeft ?? pair?.left ?? '';
    const right = this.chosenRight ?? pair?.right ?? '';
    const added = new Set(bench.table?.joined?.columns);
    const own = bench.table?.columns.map(({ name }) => name).filter((name) => !added.has(name)) ?? [];
    const others = seen.table.columns.map(({ name }) => name);
    /** @param {{ left?: string, right?: string }} change */
    const choose = (change) => {
      this.chosenLeft = change.left ?? left;
      this.chosenRight = change.right ?? right;
      if (this.chosenLeft && this.chosenRight) {
        const keys = { left: this.chosenLeft, right: this.chosenRight };
        void bench.keyBy(keys).finally(() => this.#forgetChoice());
      } else this.requestUpdate();
    };
    const obstacle = this.#obstacle(second);
    const values = {
      left: `\`${left}\``, right: `\`${right}\``, name: second.name, first: bench.table?.name ?? '',
      n: pair?.repeated ?? 0, count: this.i18n.count(pair?.repeated ?? 0),
    };
    const names = others.filter((name) => name !== pair?.right);
    const repeats = pair?.repeated
      ? menu({
          label: this.t('second.repeats'),
          value: second.duplicates,
          choices: repeatedKeys.map((value) => ({ value, label: this.t(`second.repeats.${value}`), disabled: value === 'refuse' })),
          choose: (value) => void bench.joinRepeated(/** @type {import('../bench/second.js').Duplicates} */ (value)),
          testid: 'second-repeats',
          look: '',
        })
      : nothing;
    return html`<p class="says" data-testid="second-keys">
        ${this.i18n.rich('second.keys', {
          left: this.#columns('left-key', 'second.leftKey', left, own, (name) => choose({ left: name })),
          right: this.#columns('right-key', 'second.rightKey', right, others, (name) => choose({ right: name })),
          name: second.name,
        })}
      </p>
      ${pair && obstacle !== 'nothing'
        ? html`<dl>
            ${this.#figure('matched', pair.matched)} ${this.#figure('unmatched', pair.unmatched)} ${this.#figure('unused', pair.unused)}
          </dl>`
        : nothing}
      ${repeats === nothing ? nothing : html`<p class="says">${this.i18n.rich('second.repeatsSay', { count: this.i18n.count(pair?.repeated ?? 0), n: pair?.repeated ?? 0, repeats })}</p>`}
      ${obstacle
        ? html`<p class="wrong" role="status" data-testid="second-obstacle" data-code=${obstacle}>${icon('warn')} <span>${marked(this.t(`second.${obstacle}`, values))}</span></p>`
        : nothing}
      ${joinedBy
        ? html`<p class="done" role="status" data-testid="second-added">${icon('check')} ${marked(this.t('second.added', { n: bench.table?.joined?.columns.length ?? 0, columns: this.#names(bench.table?.joined?.columns ?? []) }))}</p>`
        : obstacle
          ? nothing
          : html`<p class="soft">${marked(this.t('second.would', { n: names.length, columns: this.#names(names) }))}</p>`}
      <div class="row">
        ${this.#takeOrUndo(joinedBy !== null, Boolean(obstacle), 'second.take')}
        ${obstacle === 'repeated'
          ? html`<button type="button" data-testid="second-swap" @click=${() => bench.swapFiles()}>${this.t('second.swap')}</button>`
          : nothing}
        ${seen.costs && !joinedBy ? this.#otherUse('costs') : nothing}
      </div>`;
  }

  #forgetChoice() {
    this.chosenLeft = undefined;
    this.chosenRight = undefined;
    this.requestUpdate();
  }

  /** @param {Second} second */
  #costs(second) {
    const { bench, i18n } = this;
    const { costs, costsUsed } = second;
    const { journeys } = bench;
    if (!costs) return nothing;
    const names = second.seen.table.columns.map(({ name }) => name);
    const { columns, matched, unmatched, without } = costs;
    const column = (/** @type {'channel' | 'cost' | 'period'} */ what, /** @type {string | undefined} */ none) =>
      this.#columns(`spend-${what}`, `second.${what}Column`, columns[what] ?? '', names, (name) => void bench.costsFrom({ [what]: name }), none);
    const renamed = matched.map(({ name, channel }) => `${name} → ${channel}`);
    const missed = unmatched.map(({ name }) => name);
    const channels = new Set(costs.costs.map(({ channel }) => channel)).size;
    return html`<p class="says" data-testid="second-costs">
        ${i18n.rich('second.costs', { cost: column('cost', undefined), channel: column('channel', undefined), period: column('period', 'second.noDate'), name: second.name })}
      </p>
      <dl>
        <div data-testid="second-cost"><dt>${this.t('second.cost')}</dt><dd>${i18n.money(costs.cost)}</dd></div>
        ${this.#figure('channels', channels)} ${this.#figure('costRows', costs.used)}
        ${costs.leftOut ? this.#figure('leftOut', costs.leftOut) : nothing}
      </dl>
      ${renamed.length ? html`<p class="small soft" data-testid="second-renamed">${this.t('second.renamed', { n: renamed.length, channels: i18n.list(renamed) })}</p>` : nothing}
      ${missed.length
        ? html`<p class="wrong" data-testid="second-unknown">
            ${icon('warn')}
            <span>${this.t('second.unknown', { n: missed.length, channels: i18n.list(missed.slice(0, shownNames)), cost: i18n.money(unmatched.reduce((all, { cost }) => all + cost, 0)) })}</span>
          </p>`
        : nothing}
      ${without.length ? html`<p class="small soft" data-testid="second-without">${this.t('second.without', { n: without.length, channels: i18n.list(without.slice(0, shownNames)) })}</p>` : nothing}
      ${journeys ? nothing : html`<p class="small soft">${this.t('second.costsNeedJourneys')}</p>`}
      ${costsUsed ? html`<p class="done" role="status" data-testid="second-added">${icon('check')} ${this.t('second.costsAdded')}</p>` : nothing}
      <div class="row">
        ${this.#takeOrUndo(costsUsed, !journeys, 'second.takeCosts')}
        ${costsUsed ? nothing : this.#otherUse('columns')}
      </div>`;
  }

  /** One button, so that the focus stays on it. @param {boolean} taken @param {boolean} disabled @param {string} words */
  #takeOrUndo(taken, disabled, words) {
    const { bench } = this;
    return html`<button
      type="button"
      class=${taken ? '' : 'primary'}
      data-testid=${taken ? 'second-undo' : 'second-take'}
      ?disabled=${(disabled && !taken) || bench.joining.running}
      @click=${() => (taken ? bench.undoSecond() : bench.takeSecond())}
    >
      ${this.t(taken ? 'second.undo' : words)}
    </button>`;
  }

  async #remove() {
    await this.bench.removeSecond();
    this.dispatchEvent(new CustomEvent('removed'));
  }

  /** Whoever added a file is taken to what became of it. */
  updated() {
    const { second } = this.bench;
    const name = second?.name ?? null;
    if (name !== null && this.#shown !== name) /** @type {HTMLElement | null} */ (this.renderRoot.querySelector('h3'))?.focus();
    this.#shown = name;
  }

  /** @type {string | null} */
  #shown = null;

  /** @param {import('../bench/second.js').SecondUse} use */
  #otherUse(use) {
    return html`<button type="button" class="link" data-testid="second-as-${use}" @click=${() => this.bench.secondAs(use)}>${this.t(`second.as.${use}`)}</button>`;
  }

  render() {
    const { bench } = this;
    const { second, joining } = bench;
    this.hidden = !second && !joining.running && !joining.error;
    if (this.hidden) return nothing;
    const shown = second?.use === 'costs' ? this.#costs(second) : second ? this.#join(second) : nothing;
    const facts = second
      ? [this.t('state.rows', { n: second.seen.table.rows, rows: this.i18n.roughly(second.seen.table.rows) }), this.t('second.columns', { n: second.seen.table.columns.length })]
      : [];
    return html`<section class="card stack" aria-labelledby="title" data-testid="second-file">
      <div class="row between head">
        <div>
          <h3 id="title" tabindex="-1">${second ? this.t('second.title', { name: second.name }) : this.t('second.titleOpen')}</h3>
          ${facts.length ? html`<p class="small soft">${facts.join(' · ')}</p>` : nothing}
        </div>
        ${second
          ? html`<button type="button" class="quiet small" data-testid="second-remove" @click=${() => this.#remove()}>${icon('cross')} ${this.t('second.remove')}</button>`
          : nothing}
      </div>
      ${shown}
      ${joining.running ? html`<cw-progress .bench=${bench} .job=${joining} words=${this.t('phase.second')}></cw-progress>` : nothing}
      ${joining.error
        ? html`<cw-error .failure=${joining.error} .i18n=${this.i18n} kept=${this.t('kept.table', { name: bench.table?.name ?? '' })}>
            ${second ? nothing : html`<button type="button" @click=${() => this.dispatchEvent(new CustomEvent('pick-second', { bubbles: true, composed: true }))}>${this.t('data.chooseOther')}</button>`}
            <button type="button" @click=${() => this.#remove()}>${this.t('second.close')}</button>
          </cw-error>`
        : nothing}
    </section>`;
  }
}
