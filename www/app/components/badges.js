import { css, html, nothing } from 'lit';
import { base, controls } from '../styles/base.js';
import { BenchElement } from './element.js';
import { icon } from './icon.js';
import { deviceReason } from './parts.js';

const panel = css`
  :host {
    display: inline-block;
  }
  .face {
    display: inline-flex;
    align-items: center;
    gap: 8px;
  }
  h2 {
    font-size: 1rem;
    line-height: 1.5rem;
  }
  dl {
    display: grid;
    grid-template-columns: auto 1fr;
    gap: 4px 16px;
  }
  dt {
    color: var(--cw-soft);
  }
  dd {
    overflow-wrap: anywhere;
  }
  .policy {
    max-height: 96px;
    overflow-y: auto;
    padding: 8px;
    border-radius: 4px;
    background: var(--cw-sunk);
    font: 0.75rem/1.125rem var(--cw-mono);
  }
  .good {
    color: var(--cw-good);
  }
  .bad {
    color: var(--cw-bad);
  }
  .long {
    display: inline-block;
    max-width: 200px;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  @media (max-width: 760px) {
    .long {
      display: none;
    }
  }
`;

/** What trains, and why. */
export class DeviceBadge extends BenchElement {
  static styles = [base, controls, panel];

  /** Why there is no WebGPU. @param {import('../../api/types.js').DeviceProbe['webgpu']} webgpu */
  #absent({ reasonCode = '', reason }) {
    // It has just been said.
    if (reasonCode === this.bench.session?.device.reasonCode) return this.t('device.unavailable');
    return this.i18n.coded('device.reason', { code: reasonCode, message: reason ?? this.t('device.unavailable') });
  }

  render() {
    const { session, error, probe } = this.bench.connection;
    if (!session) {
      return html`<span class="face small soft" data-testid="device-badge" data-kind="none"
        >${icon('chip')} ${this.t(error ? 'device.none' : 'device.opening')}</span
      >`;
    }
    const { kind, name } = session.device;
    return html`<cw-popover label=${this.t('device.label', { kind: this.t(`device.${kind}`), name })}>
      <span slot="button" class="face" data-testid="device-badge" data-kind=${kind}
        >${icon('chip')} ${this.t(`device.${kind}`)}${name && name !== this.t(`device.${kind}`) ? html` <span class="long soft">${name}</span>` : nothing}</span
      >
      <div class="stack" data-testid="device-panel">
        <h2>${this.t('device.title', { kind: this.t(`device.${kind}`) })}</h2>
        <p data-testid="device-reason">${deviceReason(session.device, this.i18n)}</p>
        <dl>
          <dt>${this.t('device.name')}</dt>
          <dd>${name}</dd>
          ${probe
            ? html`<dt>WebGPU</dt>
                <dd>
                  ${probe.webgpu.available
                    ? (probe.webgpu.name ?? this.t('device.available'))
                    : this.#absent(probe.webgpu)}
                </dd>
                <dt>${this.t('device.simd')}</dt>
                <dd>${this.t(probe.cpu.simd ? 'device.available' : 'device.unavailable')}</dd>`
            : nothing}
        </dl>
        <p class="small soft">${this.t('device.change')}</p>
      </div>
    </cw-popover>`;
  }
}

/** How many requests went elsewhere, and how we know. */
export class PrivacyBadge extends BenchElement {
  static styles = [base, controls, panel];

  #onProof = () => this.requestUpdate();

  connectedCallback() {
    super.connectedCallback();
    this.bench.proof.addEventListener('change', this.#onProof);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.bench.proof.removeEventListener('change', this.#onProof);
  }

  show() {
    /** @type {import('./popover.js').Popover} */ (this.renderRoot.querySelector('cw-popover')).show();
  }

  /** @param {import('../proof.js').Policy} policy */
  #policy(policy) {
    if (!policy.policy) return html`<dd class="soft">${this.t('proof.noPolicy')}</dd>`;
    const words = this.t(policy.closed ? 'proof.closed' : 'proof.open');
    return html`<dd class=${policy.closed ? 'good' : 'bad'}>${this.t('proof.by', { words, from: this.t(`proof.${policy.from}`) })}</dd>`;
  }

  #attempt() {
    const { proof } = this.bench;
    if (proof.attempt === 'refused') return html`<p class="good">${icon('check')} ${this.t('proof.refusedTest')}</p>`;
    if (proof.attempt === 'allowed') return html`<p class="bad">${this.t('proof.allowedTest')}</p>`;
    return html`<p>
      <button
        type="button"
        class="small"
        data-testid="proof-test"
        ?disabled=${proof.attempt === 'testing'}
        @click=${() => proof.test()}
      >
        ${this.t('proof.test')}
      </button>
    </p>`;
  }

  render() {
    const { proof } = this.bench;
    const n = proof.foreignCount;
    return html`<cw-popover label=${this.t('proof.label', { n })}>
      <span slot="button" class="face ${n ? 'bad' : ''}" data-testid="privacy-badge">${icon('lock')} ${this.t('proof.badge', { n })}</span>
      <div class="stack" data-testid="privacy-panel">
        <h2>${this.t('proof.title')}</h2>
        <dl>
          <dt>${this.t('proof.foreign')}</dt>
          <dd data-testid="foreign-requests">${n}</dd>
          ${[...proof.foreign].map(([origin, count]) => html`<dt></dt><dd>${origin}: ${count}</dd>`)}
          <dt>${this.t('proof.own')}</dt>
          <dd>${this.t('proof.ownTo', { n: proof.own, origin: location.origin })}</dd>
          <dt>${this.t('proof.refused')}</dt>
          <dd>${proof.refused}</dd>
          <dt>${this.t('proof.page')}</dt>
          ${this.#policy(proof.page)}
          <dt>${this.t('proof.worker')}</dt>
          ${this.#policy(proof.worker)}
        </dl>
        ${proof.page.policy
          ? html`<details>
              <summary>${this.t('proof.showPolicy')}</summary>
              <p class="policy">${proof.page.policy}</p>
            </details>`
          : nothing}
        ${this.#attempt()}
        <p class="soft">${this.t('proof.limits')}</p>
      </div>
    </cw-popover>`;
  }
}
