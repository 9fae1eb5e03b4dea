import { css, html, nothing } from 'lit';
import { columnOf } from '../mapping.js';
import { base, controls } from '../styles/base.js';
import { BenchElement } from './element.js';
import { menu } from './menu.js';

/** @import { Use } from '../mapping.js' */

const layouts = /** @type {const} */ (['rows', 'events', 'paths']);

/** What a row stands for and which columns matter most, as sentences with menus in them. */
export class Sentence extends BenchElement {
  static styles = [
    base,
    controls,
    css`
      .sentence {
        font-size: 1.25rem;
        line-height: 3rem;
        font-weight: 400;
        letter-spacing: 0;
        text-wrap: pretty;
      }
      select {
        width: auto;
        max-width: min(16em, 100%);
        field-sizing: content;
        font-weight: 600;
        border-color: var(--cw-accent);
        background: var(--cw-accent-soft);
      }
      @media (max-width: 600px) {
        .sentence {
          font-size: 1.125rem;
          line-height: 2.75rem;
        }
      }
    `,
  ];

  #layout() {
    const { table } = this.bench;
    if (!table) return nothing;
    const reason = table.layoutReason;
    const figures = Object.entries(reason?.figures ?? {}).map(([name, value]) => [name, this.i18n.figure(name, value)]);
    const words = reason ? this.i18n.coded('reason', reason, Object.fromEntries(figures)) : '';
    const choice = menu({
      label: this.t('layout.label'),
      value: table.layout,
      choices: layouts.map((value) => ({ value, label: this.t(`layout.${value}`) })),
      choose: (value) => void this.bench.setLayout(/** @type {import('../../api/types.js').Layout} */ (value)),
      testid: 'layout',
      look: '',
    });
    return html`${this.i18n.rich('layout.sentence', { layout: choice })}
    ${words ? html`<cw-tip label=${this.t('layout.why')} text=${words}></cw-tip>` : nothing}`;
  }

  /**
   * A menu of columns for a use.
   * @param {Use} use
   * @param {string} label
   * @param {string} none what an empty choice is called
   * @param {boolean} needed whether there has to be one
   */
  #column(use, label, none, needed = false) {
    const { bench } = this;
    const mapping = bench.mapping ?? { columns: [] };
    const now = columnOf(mapping, use);
    return menu({
      label: this.t(label),
      value: now?.name ?? '',
      choices: [
        { value: '', label: this.t(none), disabled: needed },
        ...mapping.columns.map(({ name }) => ({ value: name, label: name })),
      ],
      choose: (name) => (name ? bench.setUse(name, use) : now && bench.setUse(now.name, 'ignore')),
      testid: `${use === 'label' ? 'outcome' : use}-column`,
      look: '',
    });
  }

  /** The values that a column's outcome may have. @param {string | undefined} name */
  #value(name) {
    const { bench } = this;
    const summary = bench.table?.columns.find((column) => column.name === name);
    const chosen = bench.positives;
    const levels = summary?.levels ?? [];
    if (summary && (levels.length > 2 || chosen.length > 1)) return html`<cw-values .bench=${bench} .column=${summary} .chosen=${chosen}></cw-values>`;
    const [positive = ''] = chosen;
    const known = levels.length ? levels.map(({ value }) => value) : (summary?.examples ?? []);
    const values = [...new Set([...known, ...(positive ? [positive] : [])])];
    return menu({
      label: this.t('data.outcomeValue'),
      value: positive,
      choices: [
        ...(positive ? [] : [{ value: '', label: this.t('data.choosePlease'), disabled: true }]),
        ...values.map((text) => ({ value: text, label: this.i18n.cell(summary?.type ?? '', text) })),
      ],
      choose: (text) => bench.setPositive(text),
      testid: 'outcome-value',
      look: '',
      disabled: !name,
    });
  }

  #rows() {
    const mapping = this.bench.mapping ?? { columns: [] };
    const n = mapping.columns.filter(({ use }) => use === 'feature').length;
    return this.i18n.rich('data.sentence', {
      outcome: this.#column('label', 'data.outcomeColumn', 'data.choosePlease', true),
      value: this.#value(columnOf(mapping, 'label')?.name),
      channel: this.#column('channel', 'data.channelColumn', 'data.noChannel', true),
      columns: this.t('data.columns', { n }),
      n,
    });
  }

  /** Of touches, a column says which converted, or the kind of event does. */
  #outcomeOfTouches() {
    const { bench } = this;
    const mapping = bench.mapping ?? { columns: [] };
    const label = columnOf(mapping, 'label');
    const event = columnOf(mapping, 'event');
    const now = label ?? event;
    /** @param {string} name */
    const choose = (name) => {
      if (name !== event?.name) bench.setUse(name, 'label');
      else if (label) bench.setUse(label.name, 'ignore');
    };
    const column = menu({
      label: this.t('data.outcomeColumn'),
      value: now?.name ?? '',
      choices: [
        { value: '', label: this.t('data.choosePlease'), disabled: true },
        ...mapping.columns.map(({ name }) => ({ value: name, label: name })),
      ],
      choose,
      testid: 'outcome-column',
      look: '',
    });
    return { outcome: column, value: this.#value(now?.name) };
  }

  #events() {
    const mapping = this.bench.mapping ?? { columns: [] };
    const unit = columnOf(mapping, 'journey') ? 'journey' : 'user';
    const sentence = this.i18n.rich('layout.events.sentence', {
      user: this.#column(unit, 'layout.column.user', 'layout.none.user', true),
      time: this.#column('time', 'layout.column.time', 'layout.none.time'),
      channel: this.#column('channel', 'layout.column.channel', 'data.noChannel', true),
      ...this.#outcomeOfTouches(),
    });
    if (!columnOf(mapping, 'conversionTime')) return sentence;
    const when = this.#column('conversionTime', 'layout.column.conversionTime', 'layout.none');
    return [sentence, this.i18n.gap, this.i18n.rich('layout.events.conversionTime', { when })];
  }

  #paths() {
    return this.i18n.rich('layout.paths.sentence', {
      path: this.#column('path', 'layout.column.path', 'data.choosePlease', true),
      label: this.#column('label', 'layout.column.label', 'data.choosePlease', true),
      nulls: this.#column('nulls', 'layout.column.nulls', 'layout.none'),
      worth: this.#column('value', 'layout.column.value', 'layout.none'),
    });
  }

  render() {
    const { table, mapping } = this.bench;
    if (!table || !mapping) return nothing;
    const words = table.layout === 'rows' ? this.#rows() : table.layout === 'events' ? this.#events() : this.#paths();
    return html`<h3 class="sentence">${this.#layout()} ${words}</h3>`;
  }
}
