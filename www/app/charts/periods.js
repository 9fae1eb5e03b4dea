import { common, valueAxis } from './common.js';

/** @import { Look } from './common.js' */

/** @typedef {{ name: string, colour: string, values: readonly (number | null | undefined)[] }} PeriodLine */

/**
 * A figure of several channels from period to period; hollow dots where the data cover a period in part.
 * @param {{ starts: readonly string[], partial: readonly boolean[], lines: readonly PeriodLine[], title: string, write: (value: number) => string }} data
 * @param {Look} look
 * @returns {import('../components/chart.js').BuildChart}
 */
export function periodsChart({ starts, partial, lines, title, write }, look) {
  const { palette, i18n } = look;
  const few = lines.length <= 4;
  const known = lines.flatMap(({ values }) => values.filter((value) => value !== null && value !== undefined && Number.isFinite(value)));
  const below = known.some((value) => Number(value) < 0);
  return (width) => ({
    ...common(look, i18n.t('chart.periods.description', { figure: title })),
    tooltip: {
      ...common(look, '').tooltip,
      trigger: 'axis',
      axisPointer: { lineStyle: { color: palette.strong } },
      valueFormatter: (/** @type {unknown} */ value) => (value === null || value === undefined ? '–' : write(Number(value))),
    },
    grid: { left: 56, right: few && width >= 640 ? 128 : 20, top: 16, bottom: 32, outerBoundsMode: 'none' },
    xAxis: {
      type: 'category',
      data: [...starts],
      boundaryGap: false,
      axisLine: { lineStyle: { color: palette.line } },
      axisTick: { show: false },
      axisLabel: { color: palette.soft, fontSize: 12, hideOverlap: true, alignMaxLabel: 'right' },
    },
    yAxis: valueAxis(look, { min: below ? undefined : 0, splitNumber: 4, axisLabel: { formatter: (/** @type {number} */ v) => i18n.short(v) } }),
    series: lines.map(({ name, colour, values }) => ({
      type: 'line',
      name,
      data: values.map((value, at) => ({
        value: value ?? null,
        itemStyle: partial[at] ? { color: palette.paper, borderColor: colour, borderWidth: 1.5 } : { color: colour },
      })),
      connectNulls: false,
      symbol: 'circle',
      symbolSize: 6,
      lineStyle: { width: 2, color: colour },
      itemStyle: { color: colour },
      endLabel: { show: few && width >= 640, formatter: () => name, color: palette.ink, fontSize: 13, width: 112, overflow: 'truncate' },
    })),
  });
}
