import { css, html, nothing } from 'lit';
import { base, controls, tables } from '../../styles/base.js';
import { BenchElement } from '../element.js';
import { estimate, inline, scaleOf } from '../inline.js';
import { menu } from '../menu.js';

/** @import { Lift, LiftRefused } from '../../../api/types.js' */

/** What a randomised group did: the one part that is cause, not credit. */
export class LiftView extends BenchElement {
  static properties = { lift: { attribute: false }, refused: { attribute: false } };
  static styles = [
    base,
    controls,
    tables,
    inline,
    css`
      .interval {
        display: block;
        font-size: 0.8125rem;
      }
      .say {
        font-size: 1.125rem;
        font-weight: 600;
        text-wrap: balance;
      }
      td.picture {
        width: 32%;
      }
    `,
  ];

  constructor() {
    super();
    /** Nothing where no group was drawn by chance, as far as is known. @type {Lift | undefined} */
    this.lift = undefined;
    /** Why the chosen column holds no such group. @type {LiftRefused | undefined} */
    this.refused = undefined;
  }

  /** Which column is the group, and which of its levels was left alone. */
  #choice() {
    const { bench, lift, refused } = this;
    const columns = bench.mapping?.columns.filter(({ use }) => use !== 'label' && use !== 'value') ?? [];
    const levels = lift?.groups.map(({ level }) => level) ?? refused?.levels ?? [];
    // What was chosen stays chosen, whatever came of it.
    const column = bench.compareOptions.treatment === null ? '' : (bench.compareOptions.treatment?.column ?? lift?.column ?? '');
    return html`<div class="row">
      <label class="row small" for="treatment"
        >${this.t('lift.column')}
        ${menu({
          label: this.t('lift.column'),
          value: column,
          choices: [{ value: '', label: this.t('lift.noColumn') }, ...columns.map(({ name }) => ({ value: name, label: name }))],
          choose: (name) => bench.compareBy({ treatment: name ? { column: name } : null }),
          testid: 'treatment',
          look: '',
        })}
      </label>
      ${levels.length
        ? html`<label class="row small" for="treatment-control"
            >${this.t('lift.leftAlone')}
            ${menu({
              label: this.t('lift.leftAlone'),
              value: lift?.control ?? '',
              choices: [...(lift ? [] : [{ value: '', label: this.t('lift.whichAlone') }]), ...levels.map((value) => ({ value, label: this.#level(value) }))],
              choose: (control) => bench.compareBy({ treatment: control ? { column, control } : { column } }),
              testid: 'treatment-control',
              look: '',
            })}
          </label>`
        : nothing}
    </div>`;
  }

  /** A group as people say it: of a column that says yes or no, with the column's name where there is room. @param {string} level @param {string} [column] */
  #level(level, column) {
    const said = this.i18n.cell('boolean', level);
    return said !== level && column ? `“${column} = ${said}”` : said;
  }

  /** A difference of rates, in points, with its sign. @param {number} value */
  #points(value) {
    const points = this.t('credit.points', { points: this.i18n.decimal(Math.abs(value) * 100, 2) });
    return `${value < 0 ? '−' : '+'}${points}`;
  }

  /** @param {Lift} lift @param {Lift['effects'][number]} effect */
  #sentence(lift, effect) {
    const { i18n } = this;
    const [low, high] = effect.interval;
    const key = low > 0 ? 'lift.more' : high < 0 ? 'lift.less' : 'lift.unclear';
    return this.t(key, {
      level: this.#level(effect.level, lift.column),
      control: this.#level(lift.control, lift.column),
      points: this.#points(effect.difference),
      low: this.#points(low),
      high: this.#points(high),
      treated: i18n.percent(effect.treated, 2),
      rate: i18n.percent(effect.control, 2),
    });
  }

  /** @param {Lift['effects']} effects @param {string} testid */
  #effects(effects, testid) {
    const { i18n } = this;
    const scale = scaleOf(effects.map(({ difference, interval }) => ({ value: difference, interval })));
    const channels = effects.some(({ channel }) => channel !== undefined);
    const worth = effects.some(({ value }) => value);
    return html`<div class="scroll" tabindex="0" role="group" aria-label=${this.t('lift.title')}>
      <table data-testid=${testid}>
        <thead>
          <tr>
            <th scope="col">${this.t('lift.group')}</th>
            ${channels ? html`<th scope="col">${this.unitName}</th>` : nothing}
            <th scope="col" class="number">${this.t('lift.treated')}</th>
            <th scope="col" class="number">${this.t('lift.control')}</th>
            <th scope="col" class="number">${this.t('lift.difference')}</th>
            <th scope="col" class="picture"><span class="visually-hidden">${this.t('lift.difference')}</span></th>
            <th scope="col" class="number">p</th>
            ${worth ? html`<th scope="col" class="number">${this.t('lift.value')}</th>` : nothing}
          </tr>
        </thead>
        <tbody>
          ${effects.map(
            (one) =>
              html`<tr>
                <th scope="row">${this.#level(one.level)}</th>
                ${channels ? html`<td>${one.channel ?? '–'}</td>` : nothing}
                <td class="number">${i18n.percent(one.treated, 2)}<span class="interval">n = ${i18n.count(one.n)}</span></td>
                <td class="number">${i18n.percent(one.control, 2)}<span class="interval">n = ${i18n.count(one.nControl)}</span></td>
                <td class="number">${this.#points(one.difference)}<span class="interval">${i18n.between(this.#points(one.interval[0]), this.#points(one.interval[1]))}</span></td>
                <td class="picture">${estimate(one.difference, one.interval, scale, 'var(--cw-accent)', 0)}</td>
                <td class="number">${one.p < 0.0001 ? '< 0.0001' : i18n.decimal(one.p, 4)}</td>
                ${worth
                  ? html`<td class="number">
                      ${one.value
                        ? html`${i18n.amount(one.value.difference)}<span class="interval">${i18n.between(i18n.amount(one.value.interval[0]), i18n.amount(one.value.interval[1]))}</span>`
                        : '–'}
                    </td>`
                  : nothing}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  /** @param {LiftRefused} refused */
  #why({ column, reason }) {
    const { i18n } = this;
    const figures = Object.entries(reason.figures ?? {}).map(([name, value]) => [name, i18n.figure(name, value)]);
    return html`<strong>${column}</strong>${i18n.gap || ' '}${i18n.coded('reason', reason, Object.fromEntries(figures))}`;
  }

  render() {
    const { lift } = this;
    const { gap } = this.i18n;
    if (!lift) {
      return html`<div class="stack">
        ${this.refused ? html`<p role="status" data-testid="lift-refused">${this.#why(this.refused)}</p>` : html`<p>${this.t('lift.none')}</p>`}
        ${this.#choice()}
      </div>`;
    }
    const all = lift.effects.filter(({ channel }) => channel === undefined);
    const byChannel = lift.effects.filter(({ channel }) => channel !== undefined);
    return html`<div class="stack">
      ${all.map((effect) => html`<p class="say" data-testid="lift-answer">${this.#sentence(lift, effect)}</p>`)}
      <p class="small soft">${this.t(lift.guessed ? 'lift.guessed' : 'lift.named', { column: lift.column, control: this.#level(lift.control, lift.column) })}${gap}${this.t('lift.text')}${gap}${this.t(`lift.unit.${lift.unit ?? 'rows'}`)}${lift.leftOut ? gap + this.t('lift.leftOut', { n: lift.leftOut }) : nothing}</p>
      ${this.#choice()}
      ${this.#effects(all, 'lift')}
      <cw-terms .bench=${this.bench} .keys=${['term.treated', 'lift.difference', 'lift.p', ...(all.some(({ value }) => value) ? ['term.liftValue'] : [])]}></cw-terms>
      ${byChannel.length
        ? html`<details>
            <summary class="small">${this.t('lift.byChannel')}</summary>
            ${this.#effects(byChannel, 'lift-channels')}
          </details>`
        : nothing}
    </div>`;
  }
}
