import { css, html, nothing } from 'lit';
import { methodOrder } from '../../credit.js';
import { base, controls, tables } from '../../styles/base.js';
import { methodName } from '../credit/words.js';
import { BenchElement } from '../element.js';
import { bar, inline } from '../inline.js';

/** @import { SelfTest } from '../../../api/types.js' */

/** How far each method is from the truth, on journeys whose truth is known because they were simulated. */
export class SelfTestView extends BenchElement {
  static styles = [
    base,
    controls,
    tables,
    inline,
    css`
      .best {
        font-weight: 650;
      }
      .best::after {
        content: ' ✓';
        color: var(--cw-good);
      }
      .e-1 { background: color-mix(in srgb, var(--cw-less) 6%, transparent); }
      .e-2 { background: color-mix(in srgb, var(--cw-less) 14%, transparent); }
      .e-3 { background: color-mix(in srgb, var(--cw-less) 24%, transparent); }
      .e-4 { background: color-mix(in srgb, var(--cw-less) 34%, transparent); }
    `,
  ];

  /** @param {SelfTest} test */
  #errors(test) {
    const { i18n } = this;
    const methods = methodOrder.filter((method) => test.scenarios.some((one) => one.methods.some((other) => other.method === method)));
    const errors = new Map(test.scenarios.map((one) => [one.scenario, new Map(one.methods.map(({ method, meanAbsoluteError }) => [method, meanAbsoluteError]))]));
    const all = test.scenarios.flatMap((one) => one.methods.map(({ meanAbsoluteError }) => meanAbsoluteError));
    const most = Math.max(...all, 1e-9);
    return html`<div class="scroll" tabindex="0" role="group" aria-label=${this.t('selfTest.title')}>
      <table data-testid="self-test">
        <thead>
          <tr>
            <th scope="col">${this.t('credit.pair.from')}</th>
            ${test.scenarios.map(({ scenario }) => html`<th scope="col" class="number">${this.t(`scenario.${scenario}`)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${methods.map(
            (method) =>
              html`<tr>
                <th scope="row">${methodName(method, i18n)}</th>
                ${test.scenarios.map(({ scenario }) => {
                  const known = errors.get(scenario);
                  const error = known?.get(method) ?? NaN;
                  const best = known && error === Math.min(...known.values());
                  const heat = Number.isFinite(error) ? `e-${Math.max(1, Math.ceil((error / most) * 4))}` : '';
                  return html`<td class="number ${heat}" data-testid="error-${scenario}-${method}"><span class=${best ? 'best' : ''}>${i18n.decimal(error, 4)}</span></td>`;
                })}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  /** @param {SelfTest['scenarios'][number]} scenario */
  #scenario({ scenario, truth, methods, journeys, conversions }) {
    const { i18n } = this;
    const most = Math.max(...truth.map(({ share }) => share), 1e-9);
    const shares = methods.map(({ method, shares }) => ({ method, by: new Map(shares.map(({ channel, share }) => [channel, share])) }));
    return html`<details>
      <summary class="small">${this.t(`scenario.${scenario}`)}</summary>
      <div class="stack">
        <p class="small">${this.t(`scenario.${scenario}.meaning`)}</p>
        <p class="small soft">${this.t('selfTest.observed', { n: conversions, journeys: i18n.count(journeys), conversions: i18n.count(conversions) })}</p>
        <div class="scroll" tabindex="0" role="group" aria-label=${this.t(`scenario.${scenario}`)}>
          <table>
            <thead>
              <tr>
                <th scope="col">${this.t('credit.channel')}</th>
                <th scope="col" class="number">${this.t('selfTest.truth')}</th>
                <th scope="col" class="picture"><span class="visually-hidden">${this.t('selfTest.truth')}</span></th>
                ${shares.map(({ method }) => html`<th scope="col" class="number">${methodName(method, i18n)}</th>`)}
              </tr>
            </thead>
            <tbody>
              ${truth.map(
                ({ channel, share }) =>
                  html`<tr>
                    <th scope="row">${channel}</th>
                    <td class="number">${i18n.percent(share)}</td>
                    <td class="picture">${bar(share, most, 'var(--cw-accent)')}</td>
                    ${shares.map(({ by }) => html`<td class="number">${i18n.percent(by.get(channel))}</td>`)}
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>
      </div>
    </details>`;
  }

  render() {
    const { bench } = this;
    const { selfTest: test, testing } = bench;
    return html`<div class="stack">
      <p>${this.t('selfTest.text')}</p>
      ${testing.error
        ? html`<cw-error .failure=${testing.error} .i18n=${this.i18n} kept=${this.t('kept.compared')}></cw-error>`
        : nothing}
      ${testing.running
        ? html`<cw-progress .bench=${bench} .job=${testing} words=${this.t('phase.selfTest')}></cw-progress>`
        : html`<div><button type="button" class=${test ? '' : 'primary'} data-testid="run-self-test" @click=${() => bench.testMethods()}>${this.t(test ? 'selfTest.again' : 'selfTest.start')}</button></div>`}
      ${test
        ? html`${this.#errors(test)}
            <p class="small soft">${this.t('selfTest.legend')}</p>
            ${test.scenarios.map((one) => this.#scenario(one))}`
        : nothing}
    </div>`;
  }
}
