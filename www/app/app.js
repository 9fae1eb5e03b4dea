import { html, LitElement, nothing } from 'lit';
import { icon } from './components/icon.js';
import { available, pick, Translator } from './i18n/index.js';
import { honestPart } from './components/parts.js';
import { columnOf } from './mapping.js';
import { fromHash, toHash } from './settings.js';
import { base, controls } from './styles/base.js';
import { tokens } from './styles/tokens.js';
import { shell } from './styles/shell.js';
import { viewFrom, viewTexts } from './view.js';
import { Workbench } from './workbench.js';

/** @import { Step } from './bench/data.js' */

/** @type {readonly Step[]} */
const steps = ['data', 'train', 'compare'];
const themes = /** @type {const} */ (['auto', 'light', 'dark']);
const themeIcons = /** @type {const} */ ({ auto: 'auto', light: 'sun', dark: 'moon' });

/**
 * The whole page as one element.
 *
 * Attributes: `lang` (`en`, `zh`), `theme` (`auto`, `light`, `dark`), `hash-state` (keep view and options in
 * the address; for a page of its own). Events, bubbling: `channelwise-run` and `channelwise-comparison`, with
 * the `Run` or `Comparison` as `detail`.
 */
export class ChannelwiseApp extends LitElement {
  static properties = {
    lang: { type: String, reflect: true },
    theme: { type: String, reflect: true },
    hashState: { type: Boolean, attribute: 'hash-state' },
    dragging: { state: true },
    beside: { state: true },
  };
  static styles = [tokens, base, controls, shell];

  bench = new Workbench();
  #dark = window.matchMedia('(prefers-color-scheme: dark)');
  #dragDepth = 0;
  /** The step in the address: follows the step that is shown, as a new entry. @type {Step} */
  #writtenStep = 'data';

  constructor() {
    super();
    /** @type {string} */
    this.theme = 'auto';
    this.hashState = false;
    this.dragging = false;
    /** Whether a file that is dropped where it is now comes beside the one that is there. */
    this.beside = false;
    this.bench.addEventListener('change', () => {
      this.#writeHash(false);
      this.requestUpdate();
    });
    this.bench.addEventListener('arrive', () => void this.#arrived());
    for (const name of ['run', 'comparison']) {
      this.bench.addEventListener(name, (event) => {
        const { detail } = /** @type {CustomEvent} */ (event);
        this.dispatchEvent(new CustomEvent(`channelwise-${name}`, { detail, bubbles: true, composed: true }));
      });
    }
    this.addEventListener('dragenter', (event) => this.#drag(event, 1));
    this.addEventListener('dragleave', (event) => this.#drag(event, -1));
    this.addEventListener('dragover', (event) => this.#over(event));
    this.addEventListener('drop', (event) => this.#drop(event));
    this.addEventListener('show-proof', () => this.#privacyBadge()?.show());
  }

  #onDark = () => this.#applyTheme();
  #onHash = () => this.#readHash();
  #onPaste = (/** @type {ClipboardEvent} */ event) => this.#paste(event);

  connectedCallback() {
    super.connectedCallback();
    this.#dark.addEventListener('change', this.#onDark);
    window.addEventListener('paste', this.#onPaste);
    if (this.hashState) {
      this.#readHash();
      window.addEventListener('hashchange', this.#onHash);
    }
    this.bench.proof.start();
    // Also after a failure: what the page was served with can be told all the same.
    this.bench.connection
      .open()
      .catch(() => undefined)
      .finally(() => this.bench.proof.inspect());
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#dark.removeEventListener('change', this.#onDark);
    window.removeEventListener('paste', this.#onPaste);
    window.removeEventListener('hashchange', this.#onHash);
    this.bench.proof.stop();
    void this.bench.close();
  }

  /** @param {import('lit').PropertyValues} changed */
  willUpdate(changed) {
    if (changed.has('theme')) this.#applyTheme();
    const lang = pick(this.lang || document.documentElement.lang || navigator.language);
    if (lang !== this.bench.i18n.code) {
      this.bench.i18n = new Translator(lang);
      this.bench.changed();
    }
    if (changed.has('theme') || changed.has('lang')) this.#writeHash(false);
  }

  #applyTheme() {
    const dark = this.theme === 'dark' || (this.theme !== 'light' && this.#dark.matches);
    if (dark === this.bench.dark) return;
    this.bench.dark = dark;
    this.bench.changed();
  }

  /** @param {string} key @param {{ [name: string]: string | number }} [values] */
  #t(key, values) {
    return this.bench.i18n.t(key, values);
  }

  #privacyBadge() {
    return /** @type {import('./components/badges.js').PrivacyBadge | null} */ (
      this.renderRoot.querySelector('cw-privacy-badge')
    );
  }

  #readHash() {
    const { view, settings } = fromHash(location.hash);
    this.bench.settings = settings;
    const texts = new URLSearchParams(location.hash.slice(1));
    this.bench.view = viewFrom((name) => texts.get(name));
    if (view.theme && themes.includes(/** @type {any} */ (view.theme))) this.theme = view.theme;
    if (view.lang && available.includes(view.lang)) this.lang = view.lang;
    const step = steps.find((one) => one === view.step) ?? 'data';
    this.bench.go(this.bench.table ? step : 'data');
    this.bench.changed();
  }

  /** @param {boolean} asNewEntry so that the browser's way back leads to the step before */
  #writeHash(asNewEntry) {
    if (!this.hashState || !this.isConnected) return;
    const { settings } = this.bench;
    const view = {
      step: this.#writtenStep === 'data' ? '' : this.#writtenStep,
      theme: this.theme === 'auto' ? '' : this.theme,
      lang: this.lang || '',
      ...viewTexts(this.bench.view),
    };
    const hash = toHash(view, settings);
    if (hash === location.hash.slice(1)) return;
    const address = `${location.pathname}${location.search}${hash ? `#${hash}` : ''}`;
    if (asNewEntry) history.pushState(null, '', address);
    else history.replaceState(null, '', address);
  }

  /** The reader starts at the heading of what is new. */
  async #arrived() {
    this.#writtenStep = this.bench.step;
    this.#writeHash(true);
    await this.updateComplete;
    const view = /** @type {LitElement | null} */ (this.renderRoot.querySelector('main > *'));
    await view?.updateComplete;
    /** @type {HTMLElement | null | undefined} */ (view?.renderRoot.querySelector('h2'))?.focus({ preventScroll: true });
    this.scrollIntoView({ block: 'start' });
  }

  /** @param {DragEvent} event @param {1 | -1} by */
  #drag(event, by) {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.#dragDepth = Math.max(0, this.#dragDepth + by);
    this.dragging = this.#dragDepth > 0;
  }

  /** With a file there already, the window has two halves: instead of it, and beside it. @param {DragEvent} event */
  #over(event) {
    event.preventDefault();
    const { left, width } = this.getBoundingClientRect();
    this.beside = this.bench.table !== null && event.clientX > left + width / 2;
  }

  /** @param {DragEvent} event */
  #drop(event) {
    const { beside } = this;
    this.#dragDepth = 0;
    this.dragging = false;
    this.beside = false;
    const files = [...(event.dataTransfer?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    this.bench.go('data');
    if (beside && files.length === 1) void this.bench.addSecond(files[0], files[0].name);
    else void this.bench.readAll(files);
  }

  #dropZone() {
    const { table } = this.bench;
    if (!table) return html`<div class="drop" aria-hidden="true"><p>${this.#t('data.dropNow')}</p></div>`;
    const name = table.name ?? '';
    return html`<div class="drop two" aria-hidden="true">
      <p class=${this.beside ? '' : 'on'}>${this.#t('data.dropInstead', { name })}</p>
      <p class=${this.beside ? 'on' : ''} data-testid="drop-beside">${this.#t('data.dropBeside', { name })}</p>
    </div>`;
  }

  /** @param {ClipboardEvent} event */
  #paste(event) {
    const target = event.composedPath()[0];
    const typing = target instanceof Element && target.matches('input, textarea, select, [contenteditable]');
    if (this.bench.step !== 'data' || typing) return;
    const file = event.clipboardData?.files[0];
    const text = event.clipboardData?.getData('text/plain') ?? '';
    // A word or an address on the clipboard is no table.
    if (!file && !/[\r\n]/.test(text.trim())) return;
    event.preventDefault();
    if (file) void this.bench.read(file, file.name);
    else void this.bench.read(new Blob([text], { type: 'text/csv' }), this.#t('data.pasted'));
  }

  /**
   * How a step stands, in a few words.
   * @param {Step} step
   * @returns {{ done: boolean, stale: boolean, words: string, long?: string }}
   */
  #state(step) {
    const { bench } = this;
    const { i18n, table, record, comparison, stale } = bench;
    const is = (/** @type {string} */ words, done = false) => ({ done, stale: false, words });
    if (step === 'data') {
      if (bench.reading.running) return is(this.#t('state.reading'));
      if (!table) return is(this.#t('state.noFile'));
      const words = this.#t('state.rows', { n: table.rows, rows: i18n.roughly(table.rows) });
      return { ...is(words, true), long: table.name };
    }
    if (step === 'train') {
      if (bench.training.running && !bench.controlling) return is(this.#t(bench.paused ? 'phase.paused' : 'phase.train'));
      if (!record) return is(this.#t(bench.trainable ? 'state.ready' : 'state.waiting'));
      if (stale) return { done: true, stale: true, words: this.#t('stale.mark') };
      return is(this.#t('state.auc', { auc: i18n.decimal(record.run.metrics[honestPart(record.run)]?.auc, 2) }), true);
    }
    if (bench.comparing.running) return is(this.#t('phase.compare'));
    if (!comparison && bench.journeys) return is(this.#t(bench.comparable ? 'state.ready' : 'state.waiting'));
    if (!comparison) {
      const channel = bench.mapping && columnOf(bench.mapping, 'channel');
      return is(this.#t(!record ? 'state.waiting' : channel ? 'state.ready' : 'state.noChannel'));
    }
    if (bench.comparisonStale) return { done: true, stale: true, words: this.#t('stale.mark') };
    const n = comparison.channels.length;
    return is(this.#t(bench.level === 'channel' ? 'state.channels' : 'state.groups', { n }), true);
  }

  /** @param {Step} step @param {number} at */
  #stepItem(step, at) {
    const { done, stale, words, long } = this.#state(step);
    const current = this.bench.step === step;
    return html`<li>
      <button
        type="button"
        class=${current ? 'current' : ''}
        aria-current=${current ? 'step' : nothing}
        data-testid="step-${step}"
        data-state=${stale ? 'stale' : done ? 'done' : 'open'}
        @click=${() => this.bench.go(step)}
      >
        <span class="number">${done && !stale ? icon('check') : at + 1}</span>
        <span class="text">
          <span class="title">${this.#t(`step.${step}`)}</span>
          <span class="words ${stale ? 'stale' : ''}"
            >${long ? html`<span class="long">${long} · </span>` : nothing}${words}</span
          >
        </span>
      </button>
    </li>`;
  }

  #top() {
    const { bench } = this;
    const theme = themes.find((one) => one === this.theme) ?? 'auto';
    const next = themes[(themes.indexOf(theme) + 1) % themes.length];
    const other = available.find((lang) => lang !== bench.i18n.code) ?? 'en';
    return html`<header>
      <h1>${this.#t('app.name')}</h1>
      <div class="row tools">
        <cw-device-badge .bench=${bench}></cw-device-badge>
        <cw-privacy-badge .bench=${bench}></cw-privacy-badge>
        <button
          type="button"
          class="quiet small"
          lang=${other}
          data-testid="language"
          @click=${() => (this.lang = other)}
        >
          ${this.#t('app.otherLanguage')}
        </button>
        <button
          type="button"
          class="quiet small"
          data-testid="theme"
          aria-label=${this.#t('app.theme', { theme: this.#t(`theme.${theme}`), next: this.#t(`theme.${next}`) })}
          title=${this.#t(`theme.${theme}`)}
          @click=${() => (this.theme = next)}
        >
          ${icon(themeIcons[theme])}
        </button>
      </div>
    </header>`;
  }

  #view() {
    const { bench } = this;
    if (bench.step === 'train') return html`<cw-train-view .bench=${bench}></cw-train-view>`;
    if (bench.step === 'compare') return html`<cw-compare-view .bench=${bench}></cw-compare-view>`;
    return html`<cw-data-view .bench=${bench}></cw-data-view>`;
  }

  render() {
    return html`<div class="page" lang=${this.bench.i18n.lang}>
      ${this.#top()}
      <nav aria-label=${this.#t('app.steps')}>
        <ol>
          ${steps.map((step, at) => this.#stepItem(step, at))}
        </ol>
      </nav>
      <main>${this.#view()}</main>
      ${this.dragging ? this.#dropZone() : nothing}
    </div>`;
  }
}
