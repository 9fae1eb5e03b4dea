import { LitElement } from 'lit';
import { base, controls, tables } from '../styles/base.js';

/** @import { Workbench } from '../workbench.js' */

/** A component that draws the workbench and is drawn anew when that changes. */
export class BenchElement extends LitElement {
  /** @type {import('lit').PropertyDeclarations} */
  static properties = { bench: { attribute: false } };
  /** @type {import('lit').CSSResultGroup} */
  static styles = [base, controls, tables];

  #onChange = () => this.requestUpdate();

  constructor() {
    super();
    /** @type {Workbench} */
    this.bench = /** @type {any} */ (undefined);
  }

  connectedCallback() {
    super.connectedCallback();
    this.bench.addEventListener('change', this.#onChange);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.bench.removeEventListener('change', this.#onChange);
  }

  get i18n() {
    return this.bench.i18n;
  }

  /**
   * @param {string} key
   * @param {{ [name: string]: string | number }} [values]
   */
  t(key, values) {
    return this.bench.i18n.t(key, values);
  }

  /** What is compared: channels, or groups of them. */
  get unitName() {
    return this.t(this.bench.level === 'channel' ? 'credit.channel' : 'credit.group');
  }
}
