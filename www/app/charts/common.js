import { dark, light } from '../styles/palette.js';

/**
 * @import { Palette } from '../styles/palette.js'
 * @import { Workbench } from '../workbench.js'
 * @import { Translator } from '../i18n/index.js'
 */

/** @typedef {{ palette: Palette, i18n: Translator }} Look */

/**
 * @param {Workbench} bench
 * @returns {Look}
 */
export function lookOf(bench) {
  return { palette: bench.dark ? dark : light, i18n: bench.i18n };
}

const font = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei", sans-serif';

/**
 * What all charts share. Tooltips are drawn as SVG text: the policy allows no HTML from strings.
 * @param {Look} look
 * @param {string} description for screen readers
 */
export function common({ palette }, description) {
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily: font, color: palette.ink },
    aria: { enabled: true, label: { description } },
    tooltip: {
      trigger: 'item',
      renderMode: 'richText',
      confine: true,
      backgroundColor: palette.ink,
      borderWidth: 0,
      padding: [6, 10],
      textStyle: { color: palette.paper, fontSize: 13, fontFamily: font },
    },
  };
}

/**
 * An axis of figures with quiet lines.
 * @param {Look} look
 * @param {{ [name: string]: unknown, axisLabel?: { [name: string]: unknown } }} [more]
 */
export function valueAxis({ palette }, { axisLabel = {}, ...more } = {}) {
  return {
    type: 'value',
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: palette.line, width: 1 } },
    nameTextStyle: { color: palette.soft, fontSize: 13 },
    nameLocation: 'middle',
    nameGap: 32,
    ...more,
    axisLabel: { color: palette.soft, fontSize: 12, hideOverlap: true, ...axisLabel },
  };
}

/**
 * A horizontal or vertical whisker with caps between two values, for a custom series whose data are
 * `[position, low, high]`.
 * @param {{ along: 'x' | 'y', cap?: number, width?: number, colourOf: (index: number) => string }} options
 */
export function whisker({ along, cap = 4, width = 2, colourOf }) {
  /**
   * @param {import('echarts').CustomSeriesRenderItemParams} params
   * @param {import('echarts').CustomSeriesRenderItemAPI} api
   */
  return (params, api) => {
    const at = Number(api.value(0));
    const [low, high] = [1, 2].map((dimension) => {
      const value = Number(api.value(dimension));
      return api.coord(along === 'x' ? [value, at] : [at, value]);
    });
    const style = { stroke: colourOf(params.dataIndex), lineWidth: width, fill: undefined };
    /** @param {number[]} from @param {number[]} to */
    const line = (from, to) => ({
      type: /** @type {const} */ ('line'),
      shape: { x1: from[0], y1: from[1], x2: to[0], y2: to[1] },
      style,
    });
    /** @param {number[]} end */
    const capAt = ([x, y]) => (along === 'x' ? line([x, y - cap], [x, y + cap]) : line([x - cap, y], [x + cap, y]));
    return { type: /** @type {const} */ ('group'), children: [line(low, high), capAt(low), capAt(high)] };
  };
}
