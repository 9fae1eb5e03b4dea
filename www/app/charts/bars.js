import { common, valueAxis } from './common.js';

/** @import { Look } from './common.js' */

/**
 * Bars from zero, each with its name under it.
 * @param {{ names: string[], values: number[], x: string, write: (value: number) => string, description: string }} bars
 * @param {Look} look
 * @returns {import('../components/chart.js').BuildChart}
 */
export function barChart({ names, values, x, write, description }, look) {
  const { palette } = look;
  return (width) => ({
    ...common(look, description),
    tooltip: { ...common(look, '').tooltip, formatter: (/** @type {any} */ hit) => `${hit.name}\n${write(hit.value)}` },
    grid: { left: 48, right: 16, top: 12, bottom: 52, outerBoundsMode: 'none' },
    xAxis: {
      type: 'category',
      data: names,
      name: x,
      nameLocation: 'middle',
      nameGap: 32,
      nameTextStyle: { color: palette.soft, fontSize: 13 },
      axisLine: { lineStyle: { color: palette.strong } },
      axisTick: { show: false },
      axisLabel: { color: palette.soft, fontSize: 12, interval: names.length * 40 > width ? 'auto' : 0 },
    },
    yAxis: valueAxis(look, { min: 0, splitNumber: 3, axisLabel: { formatter: write } }),
    series: [{ type: 'bar', data: values, itemStyle: { color: palette.accent }, barCategoryGap: '24%' }],
  });
}
