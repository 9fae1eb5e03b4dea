import { css, html, nothing } from 'lit';
import { base, controls, tables } from '../../styles/base.js';
import { BenchElement } from '../element.js';
import { colourOf, dot, estimate, inline, scaleOf } from '../inline.js';

/** @import { Advantage } from '../../../api/types.js' */

/** @typedef {Advantage['measures'][number]} Measure */

/** The four advantages of channels: an index each with its interval, and what else was measured. */
export class Advantages extends BenchElement {
  static properties = { advantages: { attribute: false } };
  static styles = [
    base,
    controls,
    tables,
    inline,
    css`
      .grid {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr));
        gap: 24px 32px;
        align-items: start;
      }
      .off h4,
      .off p {
        color: var(--cw-faint);
      }
      .off {
        padding: 16px;
        border: 1px dashed var(--cw-strong);
        border-radius: var(--cw-radius);
      }
      .interval {
        display: block;
        font-size: 0.8125rem;
      }
      td.picture {
        width: 40%;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Advantage[]} */
    this.advantages = [];
  }

  /** @param {number | null | undefined} value @param {Measure} measure */
  #write(value, { unit, key }) {
    if (value === null || value === undefined || !Number.isFinite(value)) return '–';
    // A trend is told as a part of the mean.
    if (unit === 'share' || key === 'growthTrend') return this.i18n.percent(value);
    if (unit === 'ratio') return this.i18n.decimal(value, 2);
    return this.i18n.amount(value);
  }

  /** Which columns would light what is missing. @param {NonNullable<Advantage['missing']>} missing */
  #missing(missing) {
    return html`<p class="small" data-testid="missing-${missing.code}">
      ${this.i18n.coded('reason', missing)}
      ${missing.roles.length
        ? html`<button type="button" class="link" @click=${() => this.bench.go('data')}>${this.t('train.toData')}</button>`
        : nothing}
    </p>`;
  }

  /** @param {Measure} measure */
  #name(measure) {
    const key = `measure.${measure.key}`;
    return this.i18n.has(key) ? this.t(key) : measure.key;
  }

  /** @param {Measure} measure */
  #define(measure) {
    const key = measure.definition;
    if (!this.i18n.has(key)) return nothing;
    const text = this.t(key, measure.days === undefined ? {} : { days: this.i18n.amount(measure.days) });
    return html`<cw-tip label=${this.t('define', { term: this.#name(measure) })} text=${text}></cw-tip>`;
  }

  /** @param {Measure} measure */
  #measure(measure) {
    if (!measure.available) {
      return html`<div class="off"><p class="small">${this.#name(measure)}</p>${measure.missing ? this.#missing(measure.missing) : nothing}</div>`;
    }
    const rows = [...measure.channels].sort((a, b) => (b.value ?? -1e18) - (a.value ?? -1e18));
    const scale = scaleOf(rows);
    // Of counts, all channels together lie far beyond each of them.
    const { overall } = measure;
    const line = overall !== undefined && overall >= scale[0] && overall <= scale[1] ? overall : undefined;
    return html`<div class="scroll" tabindex="0" role="group" aria-label=${this.#name(measure)}>
      <table data-testid="measure-${measure.key}">
        <thead>
          <tr>
            <th scope="col">${this.unitName}</th>
            <th scope="col" class="number">${this.#name(measure)} ${this.#define(measure)}</th>
            <th scope="col" class="picture"><span class="visually-hidden">${this.#name(measure)}</span></th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ({ name, value, interval }) =>
              html`<tr>
                <th scope="row">${dot(this.bench, name)}${name}</th>
                <td class="number">
                  ${this.#write(value, measure)}${interval
                    ? html`<span class="interval">${this.i18n.between(this.#write(interval[0], measure), this.#write(interval[1], measure))}</span>`
                    : nothing}
                </td>
                <td class="picture">${estimate(value, interval, scale, colourOf(this.bench, name), line)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  /** @param {Advantage} advantage */
  #advantage(advantage) {
    const title = html`<h4>${this.t(`advantage.${advantage.key}`)}</h4>
      <p class="small">${this.t(`advantage.${advantage.key}.meaning`)}</p>`;
    const [index, ...more] = advantage.measures;
    if (!advantage.available || !index) {
      return html`<section class="stack off" data-testid="advantage-${advantage.key}" aria-disabled="true">
        ${title} ${advantage.missing ? this.#missing(advantage.missing) : nothing}
      </section>`;
    }
    return html`<section class="stack" data-testid="advantage-${advantage.key}">
      ${title} ${this.#measure(index)}
      ${more.length
        ? html`<details>
            <summary class="small">${this.t('advantage.more', { n: more.length })}</summary>
            <div class="stack">${more.map((measure) => this.#measure(measure))}</div>
          </details>`
        : nothing}
    </section>`;
  }

  render() {
    return html`<div class="stack">
      <p class="small soft">${this.t('advantage.text')}</p>
      <div class="grid">${this.advantages.map((advantage) => this.#advantage(advantage))}</div>
    </div>`;
  }
}
