import { css, html, nothing } from 'lit';
import { BenchElement } from '../components/element.js';
import { icon } from '../components/icon.js';
import { menu } from '../components/menu.js';
import { isMemoryLost } from '../job.js';
import { columnOf } from '../mapping.js';
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
      .sentence {
        font-size: 1.25rem;
        line-height: 3rem;
        font-weight: 400;
        letter-spacing: 0;
        text-wrap: pretty;
      }
      .sentence select {
        width: auto;
        max-width: min(16em, 100%);
        field-sizing: content;
        font-weight: 600;
        border-color: var(--cw-accent);
        background: var(--cw-accent-soft);
      }
      .counts {
        display: flex;
        flex-wrap: wrap;
        align-items: flex-end;
        gap: 8px 16px;
      }
      .counts div {
        display: flex;
        flex-direction: column-reverse;
      }
      .counts dt {
        font-size: 0.875rem;
        color: var(--cw-soft);
      }
      .counts dd,
      .counts .sign {
        font-size: 1.25rem;
        font-variant-numeric: tabular-nums;
        line-height: 1.75rem;
      }
      .counts .sign {
        align-self: flex-start;
        color: var(--cw-faint);
      }
      .parts {
        color: var(--cw-soft);
      }
      .top {
        align-items: flex-start;
      }
      .go {
        margin-left: auto;
      }
      .zone cw-progress {
        width: min(480px, 100%);
        text-align: left;
      }
      @media (max-width: 600px) {
        .counts {
          gap: 8px 10px;
        }
        .counts dd,
        .counts .sign {
          font-size: 1.125rem;
        }
        .zone {
          padding: 32px 16px;
          min-height: 0;
        }
        .zone button {
          width: 100%;
        }
        .sentence {
          font-size: 1.125rem;
          line-height: 2.75rem;
        }
        .go,
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

  #pick() {
    /** @type {HTMLInputElement} */ (this.renderRoot.querySelector('input[type=file]')).click();
  }

  /** @param {Event} event */
  #picked(event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const file = input.files?.[0];
    if (file) void this.bench.read(file, file.name);
    input.value = '';
  }

  #input() {
    return html`<input
      type="file"
      class="visually-hidden"
      tabindex="-1"
      accept=".csv,.tsv,.txt,text/csv,text/plain,text/tab-separated-values"
      aria-label=${this.t('data.choose')}
      data-testid="file-input"
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
      <button type="button" @click=${this.#pick}>${this.t('data.chooseOther')}</button>
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
                <button type="button" class="primary big" data-testid="choose-file" @click=${this.#pick}>
                  ${icon('up')} ${this.t('data.choose')}
                </button>
                <button type="button" class="big" data-testid="try-sample" @click=${() => bench.trySample()}>
                  ${this.t('data.sample')}
                </button>
              </div>
              <p class="soft small">${this.t('data.what')}</p>`}
        ${this.#proofLine()}
      </div>
    </div>`;
  }

  /** The two choices that matter, as a sentence. */
  #sentence() {
    const { bench } = this;
    const { mapping, table, dataset } = bench;
    if (!mapping || !table) return nothing;
    const label = columnOf(mapping, 'label');
    const channel = columnOf(mapping, 'channel');
    const columns = mapping.columns.map(({ name }) => ({ value: name, label: name }));
    const summary = table.columns.find(({ name }) => name === label?.name);
    const positive = mapping.positive ?? dataset?.positive ?? '';
    const values = [...new Set([...(summary?.examples ?? []), ...(positive ? [positive] : [])])];
    const outcome = menu({
      label: this.t('data.outcomeColumn'),
      value: label?.name ?? '',
      choices: [{ value: '', label: this.t('data.choosePlease'), disabled: true }, ...columns],
      choose: (name) => bench.setUse(name, 'label'),
      testid: 'outcome-column',
      look: '',
    });
    const value = menu({
      label: this.t('data.outcomeValue'),
      value: positive,
      choices: [
        ...(positive ? [] : [{ value: '', label: this.t('data.choosePlease'), disabled: true }]),
        ...values.map((text) => ({ value: text, label: this.i18n.cell(summary?.type ?? '', text) })),
      ],
      choose: (text) => bench.setPositive(text),
      testid: 'outcome-value',
      look: '',
      disabled: !label,
    });
    const by = menu({
      label: this.t('data.channelColumn'),
      value: channel?.name ?? '',
      choices: [{ value: '', label: this.t('data.noChannel'), disabled: true }, ...columns],
      choose: (name) => bench.setUse(name, 'channel'),
      testid: 'channel-column',
      look: '',
    });
    const n = mapping.columns.filter(({ use }) => use === 'feature').length;
    return html`<h3 class="sentence">${this.i18n.rich('data.sentence', { outcome, value, channel: by, columns: this.t('data.columns', { n }), n })}</h3>`;
  }

  /** Rows that add up: in the file, rejected, left out, used. */
  #counts() {
    const { table, dataset, preparing } = this.bench;
    if (!table) return nothing;
    const { i18n } = this;
    const rejected = table.rejected.count;
    const dropped = dataset?.dropped.filter(({ count }) => count > 0) ?? [];
    const left = dropped.reduce((sum, { count }) => sum + count, 0);
    const used = dataset ? i18n.count(dataset.rows) : preparing.error ? '–' : '…';
    /** @param {string} key @param {string} value */
    const item = (key, value) => html`<div data-testid="count-${key}"><dt>${this.t(`count.${key}`)}</dt><dd>${value}</dd></div>`;
    return html`<div class="stack">
      <dl class="counts">
        ${item('read', i18n.count(table.rows + rejected))}
        <span class="sign" aria-hidden="true">−</span>
        ${item('rejected', i18n.count(rejected))}
        ${left ? html`<span class="sign" aria-hidden="true">−</span> ${item('dropped', i18n.count(left))}` : nothing}
        <span class="sign" aria-hidden="true">=</span>
        ${item('used', used)}
      </dl>
      ${dataset
        ? html`<p class="parts small" data-testid="parts">
            ${this.t('data.parts', {
              train: i18n.count(dataset.train),
              validation: i18n.count(dataset.validation),
              test: i18n.count(dataset.test),
              rate: i18n.percent(dataset.baseRate),
              n: dataset.features.length,
            })}
          </p>`
        : nothing}
      ${rejected
        ? html`<details data-testid="rejected">
            <summary class="small">${this.t('data.showRejected', { n: rejected, count: i18n.count(rejected) })}</summary>
            <div class="scroll tall" tabindex="0" role="group" aria-label=${this.t('count.rejected')}>
              <table>
                <thead>
                  <tr>
                    <th scope="col" class="number">${this.t('data.rejectedRow')}</th>
                    <th scope="col">${this.t('data.rejectedWhy')}</th>
                  </tr>
                </thead>
                <tbody>
                  ${table.rejected.examples.map(
                    (one) =>
                      html`<tr><td class="number">${i18n.count(one.row + 1)}</td><td>${i18n.coded('rejected', one)}</td></tr>`,
                  )}
                </tbody>
              </table>
            </div>
          </details>`
        : nothing}
      ${dropped.length
        ? html`<ul class="small soft">
            ${dropped.map((one) => html`<li>${this.t('data.droppedRows', { n: one.count, count: i18n.count(one.count), reason: i18n.coded('dropped', one) })}</li>`)}
          </ul>`
        : nothing}
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

  render() {
    const { bench } = this;
    const { table } = bench;
    if (!table) return html`${this.#input()}${this.#empty()}`;
    const facts = [
      this.i18n.bytes(table.bytes),
      table.encoding,
      this.t('data.readIn', { time: this.i18n.seconds(table.seconds) }),
      ...(table.header ? [] : [this.t('data.noHeader')]),
    ];
    return html`${this.#input()}
      <div class="stack wide">
        <div class="row between">
          <div>
            <h2 tabindex="-1" data-testid="table-name">${table.name}</h2>
            <p class="small soft">${facts.join(' · ')}</p>
          </div>
          <div class="row">
            <button type="button" data-testid="choose-file" @click=${this.#pick}>${icon('up')} ${this.t('data.replace')}</button>
          </div>
        </div>
        ${this.#errors()}
        <section class="card stack">
          ${this.#sentence()}
          <div class="row between top">
            ${this.#counts()}
            <div class="go">
              <button
                type="button"
                class="primary big"
                data-testid="train-button"
                ?disabled=${!bench.trainable || bench.training.running}
                @click=${() => bench.train()}
              >
                ${this.t('data.train')}
              </button>
            </div>
          </div>
          ${bench.trainable || bench.preparing.error ? nothing : html`<p class="small soft">${this.t('data.needsOutcome')}</p>`}
          ${this.#state()}
        </section>
        <cw-findings .bench=${bench} .warnings=${[...table.warnings, ...(bench.dataset?.warnings ?? [])]} .earlier=${bench.firstWarnings}></cw-findings>
        <cw-mapping-table .bench=${bench}></cw-mapping-table>
      </div>`;
  }
}
