import { css, html, LitElement } from 'lit';

/** @typedef {import('echarts/core').EChartsType} ECharts */
/** @typedef {(width: number) => import('echarts/core').EChartsCoreOption} BuildChart */

/** A chart: `build` makes the ECharts option for a width, `lines` is the height in rows of 32 px. */
export class Chart extends LitElement {
  static properties = { build: { attribute: false }, lines: { type: Number } };
  static styles = css`
    :host {
      display: block;
      min-width: 0;
      contain: inline-size;
    }
    div {
      width: 100%;
      height: 100%;
    }
  `;

  /** @type {ECharts | null} */
  #chart = null;
  /** @type {ResizeObserver | null} */
  #sizes = null;
  #frame = 0;
  #opening = false;

  constructor() {
    super();
    /** @type {BuildChart} */
    this.build = () => ({});
    this.lines = 10;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#sizes?.disconnect();
    this.#sizes = null;
    this.#chart?.dispose();
    this.#chart = null;
    this.renderRoot.querySelector('div')?.replaceChildren();
  }

  connectedCallback() {
    super.connectedCallback();
    if (this.hasUpdated) void this.#open();
  }

  firstUpdated() {
    void this.#open();
  }

  updated() {
    this.style.height = `${this.lines * 32}px`;
    this.#draw();
  }

  async #open() {
    if (this.#opening) return;
    this.#opening = true;
    const { init } = await import('../charts/echarts.js');
    this.#opening = false;
    const box = this.renderRoot.querySelector('div');
    if (!box || !this.isConnected || this.#chart) return;
    this.#chart = init(box, undefined, { renderer: 'svg' });
    // ECharts tidies up through innerHTML, which the policy (Trusted Types) refuses; we do it below.
    const { painter } = this.#chart.getZr();
    painter.clear = () => undefined;
    painter.dispose = () => undefined;
    this.#sizes = new ResizeObserver(() => {
      this.#chart?.resize();
      this.#draw();
    });
    this.#sizes.observe(this);
  }

  /** At most once a frame, however many reports come in. */
  #draw() {
    if (!this.#chart || this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#chart?.setOption(this.build(this.clientWidth), { notMerge: true });
    });
  }

  render() {
    return html`<div></div>`;
  }
}
