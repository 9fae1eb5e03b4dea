import { css, html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { changesOf, stateOf, take, takenAs, wordsOf } from '../remedies.js';
import { base, controls } from '../styles/base.js';
import { BenchElement } from './element.js';
import { icon } from './icon.js';
import { marked } from './marked.js';

/** @import { Warning } from '../../api/types.js' */

/** Good to know, with nothing to decide. */
const notes = new Set([
  'constant-column', 'duplicate-names', 'empty-names', 'header-short', 'lookback-without-times',
  'mostly-one-channel-paths', 'no-direct-channel', 'one-channel-paths', 'order-of-file', 'paths-rows-without-path', 'several-members',
  'preamble-skipped', 'sorted-by-label', 'unseen-levels', 'varies-within-journeys', 'weights-as-frequencies',
]);

const shownAtFirst = 5;
/** Columns that are named in one finding. */
const shownNames = 4;
/** The figures that a finding may be about one or many of; without any, it is about its columns. */
const counts = ['lines', 'missing', 'places', 'cells', 'users', 'rows', 'conversions', 'channels'];

/** Findings that an error tells as well. @type {{ [code: string]: string }} */
const toldBy = { 'one-class-label': 'one-class' };

/** What was noticed about the data, each with its figure and, where there is one, its remedy. */
export class Findings extends BenchElement {
  static properties = { warnings: { attribute: false }, earlier: { attribute: false }, all: { state: true } };
  static styles = [
    base,
    controls,
    css`
      ul {
        border: 1px solid var(--cw-line);
        border-radius: var(--cw-radius);
        background: var(--cw-paper);
      }
      li {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) auto;
        align-items: start;
        gap: 8px 16px;
        padding: 8px 16px;
        border-top: 1px solid var(--cw-line);
      }
      li:first-child {
        border-top: 0;
      }
      li p {
        padding: 4px 0;
        overflow-wrap: anywhere;
        text-wrap: pretty;
      }
      li > svg {
        margin-top: 8px;
        color: var(--cw-warn);
      }
      li.note > svg {
        color: var(--cw-faint);
      }
      li.done > svg {
        color: var(--cw-good);
      }
      li.done p {
        color: var(--cw-soft);
      }
      @media (max-width: 600px) {
        li {
          gap: 4px 12px;
        }
        li button {
          grid-column: 2;
          justify-self: start;
          margin-bottom: 4px;
        }
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Warning[]} */
    this.warnings = [];
    /** What was noticed before its remedy was taken: stays, to be undone. @type {Warning[]} */
    this.earlier = [];
    this.all = false;
  }

  /** @param {Warning} warning */
  #state(warning) {
    return stateOf(this.bench, changesOf(warning));
  }

  /** @param {Warning} warning */
  #words(warning) {
    const { figures = {}, columns = [] } = warning;
    const written = Object.entries(figures).map(([name, value]) => [name, this.i18n.figure(name, value)]);
    const counted = counts.find((name) => name in figures);
    // Nothing of one kind need not be told beside something of another.
    const none = `${warning.code}.none`;
    const told = figures.touches === 0 && this.i18n.has(`warning.${none}`) ? { ...warning, code: none } : warning;
    return this.i18n.coded('warning', told, {
      ...Object.fromEntries(written),
      columns: this.#names(columns),
      taken: this.#taken(warning),
      n: counted ? figures[counted] : columns.length,
    });
  }

  /** How what can be read two ways was read. @param {Warning} warning */
  #taken(warning) {
    const way = takenAs(warning);
    return way ? this.t(`read.${'load.dates' in (warning.remedy ?? {}) ? 'dates' : 'decimal'}.${way}`) : '';
  }

  /** Column names as code, the first few of many. @param {readonly string[]} columns */
  #names(columns) {
    const names = columns.slice(0, columns.length > shownNames + 1 ? shownNames : undefined).map((name) => `\`${name.replaceAll('`', "'")}\``);
    const more = columns.length - names.length;
    return this.i18n.list(more ? [...names, this.t('findings.others', { n: more })] : names);
  }

  /** @param {Warning} warning */
  #item(warning) {
    const { there, done, undoable } = this.#state(warning);
    const { key, value } = there[0] ? wordsOf(there[0]) : { key: '', value: '' };
    const words = { value: this.i18n.has(value) ? this.t(value) : value };
    const note = notes.has(warning.code);
    const id = [warning.code, ...(warning.columns ?? []).slice(0, 1)].join('-');
    return html`<li class=${done ? 'done' : note ? 'note' : ''} data-testid="finding-${id}">
      ${icon(done ? 'check' : note ? 'info' : 'warn')}
      <p>${marked(this.#words(warning))}${done ? html`${this.i18n.gap}<span>${this.t(`remedy.${key}.done`, words)}</span>` : nothing}</p>
      ${there.length && (!done || undoable)
        ? html`<button type="button" class="small" data-testid="remedy-${id}" @click=${() => take(this.bench, there, done)}>
            ${this.t(done ? 'remedy.undo' : `remedy.${key}`, words)}
          </button>`
        : nothing}
    </li>`;
  }

  render() {
    const same = (/** @type {Warning} */ a, /** @type {Warning} */ b) =>
      a.code === b.code && a.columns?.join('\n') === b.columns?.join('\n');
    const standing = (/** @type {Warning} */ one) => this.warnings.find((other) => same(one, other));
    // In the order in which they were noticed, so that nothing moves when a remedy is taken.
    const noticed = this.earlier.flatMap((one) => standing(one) ?? (this.#state(one).done ? [one] : []));
    const all = [...noticed, ...this.warnings];
    // Two rooms may notice the same; what already stands as an error needs no second telling.
    const warnings = all.filter(
      (one, at) =>
        ![one.code, toldBy[one.code]].includes(this.bench.preparing.error?.code ?? '-') && all.findIndex((other) => same(one, other)) === at,
    );
    warnings.sort((a, b) => Number(notes.has(a.code)) - Number(notes.has(b.code)));
    this.hidden = warnings.length === 0;
    if (this.hidden) return nothing;
    // One more is no more to read than the words for it.
    const shown = this.all || warnings.length === shownAtFirst + 1 ? warnings : warnings.slice(0, shownAtFirst);
    return html`<section class="stack" aria-labelledby="title">
      <h3 id="title">${this.t('findings.title', { n: warnings.length })}</h3>
      <ul data-testid="findings">
        ${repeat(shown, ({ code, columns }) => JSON.stringify([code, columns]), (warning) => this.#item(warning))}
      </ul>
      ${warnings.length > shown.length
        ? html`<p>
            <button type="button" class="quiet" @click=${() => (this.all = true)}>
              ${this.t('findings.more', { n: warnings.length - shown.length })}
            </button>
          </p>`
        : nothing}
    </section>`;
  }
}
