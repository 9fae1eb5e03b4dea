import { css, html, nothing } from 'lit';
import { BenchElement } from '../components/element.js';
import { icon } from '../components/icon.js';
import { isMemoryLost } from '../job.js';
import { base, controls, tables } from '../styles/base.js';

/** The first step: a file in, its columns understood. */
export class DataView extends BenchElement {
  static styles = [
    base,
    controls,
    tables,
    css`
      .zone {
        display: flex;
        flex-direction: column;
        align-items: center;
        justify-content: center;
        gap: 24px;
        min-height: min(560px, calc(100vh - 200px));
        padding: 48px 24px;
        border: 2px dashed var(--cw-strong);
        border-radius: 12px;
        background: var(--cw-paper);
        text-align: center;
      }
      .zone h2 {
        max-width: 24em;
        font-size: clamp(1.375rem, 1rem + 2vw, 2rem);
        line-height: 1.3;
        text-wrap: balance;
        word-break: keep-all;
      }
      .zone p {
        max-width: 36em;
        text-wrap: pretty;
      }
      .zone .row {
        justify-content: center;
      }
      .zone .proof {
        margin-top: 8px;
      }
      .top,
      .head {
        align-items: flex-start;
      }
      .top,
      .head {
        display: flex;
        gap: 16px 32px;
      }
      .top > cw-counts,
      .head > :first-child {
        flex: 1 1 0;
        min-width: 0;
      }
      .head > .row {
        flex-wrap: nowrap;
      }
      .go {
        flex-wrap: nowrap;
      }
      .zone cw-progress {
        width: min(480px, 100%);
        text-align: left;
      }
      @media (max-width: 860px) {
        .top,
        .head {
          flex-direction: column;
        }
        .top > cw-counts,
        .head > :first-child {
          flex: none;
          width: 100%;
        }
      }
      @media (max-width: 600px) {
        .head > .row {
          flex-wrap: wrap;
          gap: 8px;
          width: 100%;
        }
        .head > .row button {
          flex: 1 1 auto;
          white-space: nowrap;
        }
        .zone {
          padding: 32px 16px;
          min-height: 0;
        }
        .zone button {
          width: 100%;
        }
        .go {
          width: 100%;
          flex-direction: column-reverse;
        }
        .go button {
          width: 100%;
        }
      }
    `,
  ];

  #onProof = () => this.requestUpdate();

  connectedCallback() {
    super.connectedCallback();
    this.bench.proof.addEventListener('change', this.#onProof);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.bench.proof.removeEventListener('change', this.#onProof);
  }

  /** @param {'file' | 'second'} [which] */
  #pick(which = 'file') {
    /** @type {HTMLInputElement} */ (this.renderRoot.querySelector(`input[name=${which}]`)).click();
  }

  /** @param {Event} event */
  #picked(event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const files = [...(input.files ?? [])];
    if (input.name === 'second') void (files[0] && this.bench.addSecond(files[0], files[0].name));
    else void this.bench.readAll(files);
    input.value = '';
  }

  /** The focus goes back to where the second file came from. */
  async #back() {
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector('[data-testid=add-second]'))?.focus();
  }

  /** @param {'file' | 'second'} which */
  #input(which) {
    return html`<input
      type="file"
      name=${which}
      class="visually-hidden"
      tabindex="-1"
      aria-hidden="true"
      ?multiple=${which === 'file'}
      accept=".csv,.tsv,.txt,.json,.jsonl,.ndjson,.xlsx,.xls,.ods,.parquet,.gz,.zip,text/csv,text/plain,text/tab-separated-values,application/json"
      aria-label=${this.t(which === 'file' ? 'data.choose' : 'data.chooseSecond')}
      data-testid=${which === 'file' ? 'file-input' : 'second-input'}
      @change=${this.#picked}
    />`;
  }

  #proofLine() {
    const { proof } = this.bench;
    const policy = !proof.page.closed ? 'requests' : proof.worker.closed ? 'both' : 'policy';
    const words = this.t(`data.proof.${policy}`, { n: proof.foreignCount });
    return html`<p class="proof small soft" data-testid="proof-line">
      ${icon('lock')} ${words}
      <button type="button" class="link" @click=${() => this.dispatchEvent(new CustomEvent('show-proof', { bubbles: true, composed: true }))}>
        ${this.t('data.proof.show')}
      </button>
    </p>`;
  }

  /** Errors of reading and of opening the session. */
  #errors() {
    const { bench } = this;
    if (bench.connection.error) {
      return html`<cw-error .failure=${bench.connection.error} .i18n=${this.i18n} kept=${this.t('kept.nothing')}>
        <button type="button" @click=${() => bench.connection.open().catch(() => undefined)}>${this.t('failure.retry')}</button>
      </cw-error>`;
    }
    if (!bench.reading.error) return nothing;
    const kept = bench.table ? this.t('kept.table', { name: bench.table.name ?? '' }) : this.t('kept.nothing');
    return html`<cw-error .failure=${bench.reading.error} .i18n=${this.i18n} kept=${kept}>
      <button type="button" @click=${() => this.#pick()}>${this.t('data.chooseOther')}</button>
      <button type="button" @click=${() => bench.trySample()}>${this.t('data.sample')}</button>
    </cw-error>`;
  }

  #empty() {
    const { bench } = this;
    return html`<div class="stack">
      ${this.#errors()}
      <div class="zone" data-testid="drop-zone">
        <h2 tabindex="-1">${this.t('data.promise')}</h2>
        ${bench.reading.running
          ? html`<cw-progress .bench=${bench} .job=${bench.reading} words=${this.t('phase.open')}></cw-progress>`
          : html`<p>${this.t('data.drop')}</p>
              <div class="row">
                <button type="button" class="primary big" data-testid="choose-file" @click=${() => this.#pick()}>
                  ${icon('up')} ${this.t('data.choose')}
                </button>
                <button type="button" class="big" data-testid="try-sample" @click=${() => bench.trySample()}>
                  ${this.t('data.sample')}
                </button>
                <button type="button" class="big" data-testid="try-journeys" @click=${() => bench.trySample('journeys')}>
                  ${this.t('data.sampleJourneys')}
                </button>
              </div>
              <p class="soft small">${this.t('data.what')}</p>`}
        ${this.#proofLine()}
      </div>
    </div>`;
  }

  #state() {
    const { bench } = this;
    if (bench.reading.running) {
      return html`<cw-progress .bench=${bench} .job=${bench.reading} words=${this.t('phase.open')}></cw-progress>`;
    }
    if (bench.preparing.running) {
      return html`<cw-progress .bench=${bench} .job=${bench.preparing} words=${this.t('phase.prepare')}></cw-progress>`;
    }
    if (!bench.preparing.error) return nothing;
    const crashed = isMemoryLost(bench.preparing.error);
    const kept = crashed ? this.t('kept.crashed') : this.t('kept.table', { name: bench.table?.name ?? '' });
    return html`<cw-error .failure=${bench.preparing.error} .i18n=${this.i18n} kept=${kept}>
      ${crashed
        ? html`<button type="button" @click=${() => bench.reread()}>${this.t('failure.reread')}</button>`
        : nothing}
    </cw-error>`;
  }

  /** What comes next: journeys can be compared at once, rows need a model. */
  #go() {
    const { bench } = this;
    const compare = html`<button
      type="button"
      class="primary big"
      data-testid="compare-button"
      ?disabled=${!bench.comparable}
      @click=${() => bench.go('compare')}
    >
      ${this.t('data.compare')}
    </button>`;
    const train = html`<button
      type="button"
      class=${bench.journeys ? 'big' : 'primary big'}
      data-testid="train-button"
      ?disabled=${!bench.trainable || bench.training.running}
      @click=${() => (bench.journeys ? bench.go('train') : bench.train())}
    >
      ${this.t('data.train')}
    </button>`;
    return bench.journeys ? html`${train} ${compare}` : train;
  }

  render() {
    const { bench } = this;
    const { table } = bench;
    if (!table) return html`${this.#input('file')}${this.#empty()}`;
    return html`${this.#input('file')}${this.#input('second')}
      <div class="stack wide">
        <div>
          <div class="head">
            <h2 tabindex="-1" data-testid="table-name">${table.name}</h2>
            <div class="row">
              ${bench.second
                ? nothing
                : html`<button type="button" data-testid="add-second" title=${this.t('data.addSecond.hint')} ?disabled=${bench.reading.running} @click=${() => this.#pick('second')}>
                    ${icon('plus')} ${this.t('data.addSecond')}
                  </button>`}
              <button type="button" data-testid="choose-file" @click=${() => this.#pick()}>${icon('up')} ${this.t('data.replace')}</button>
            </div>
          </div>
          <cw-read-as .bench=${bench}></cw-read-as>
        </div>
        ${this.#errors()}
        <cw-second-file .bench=${bench} @pick-second=${() => this.#pick('second')} @removed=${() => this.#back()}></cw-second-file>
        <section class="card stack">
          <cw-sentence .bench=${bench}></cw-sentence>
          <div class="top">
            <cw-counts .bench=${bench}></cw-counts>
            <div class="row go">${this.#go()}</div>
          </div>
          ${bench.trainable || bench.journeys || bench.preparing.error
            ? nothing
            : html`<p class="small soft">${this.t('data.needsOutcome')}</p>`}
          <cw-train-options of="data" .bench=${bench}></cw-train-options>
          ${this.#state()}
        </section>
        <cw-findings .bench=${bench} .warnings=${[...table.warnings, ...(bench.dataset?.warnings ?? [])]} .earlier=${bench.firstWarnings}></cw-findings>
        <cw-mapping-table .bench=${bench}></cw-mapping-table>
      </div>`;
  }
}
