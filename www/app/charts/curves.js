import { common, valueAxis, whisker } from './common.js';

/**
 * @import { Curves, ThresholdRow } from '../../api/types.js'
 * @import { Look } from './common.js'
 */

/** @typedef {'roc' | 'precisionRecall' | 'calibration' | 'gain'} CurveName */

/** @type {readonly CurveName[]} */
export const curveNames = ['gain', 'roc', 'precisionRecall', 'calibration'];

/**
 * The points of a curve as pairs, x before y.
 * @param {Curves} curves
 * @param {CurveName} name
 * @returns {[number, number][]}
 */
export function points(curves, name) {
  if (name === 'roc') return curves.roc.map((p) => [p.falsePositiveRate, p.truePositiveRate]);
  if (name === 'precisionRecall') return curves.precisionRecall.map((p) => [p.recall, p.precision]);
  if (name === 'gain') return curves.gain.map((p) => [p.contacted, p.found]);
  return curves.calibration.map((p) => [p.predicted, p.observed]);
}

/**
 * Where the chosen threshold lies on a curve.
 * @param {Curves} curves
 * @param {CurveName} name
 * @param {ThresholdRow} row
 * @returns {[number, number] | null}
 */
function operatingPoint(curves, name, row) {
  if (name === 'gain') return [row.flagged, row.recall];
  if (name === 'precisionRecall') return [row.recall, row.precision];
  if (name !== 'roc') return null;
  const distance = (/** @type {{ threshold: number }} */ p) => Math.abs(p.threshold - row.threshold);
  const nearest = curves.roc.reduce((best, point) => (distance(point) < distance(best) ? point : best), curves.roc[0]);
  return nearest ? [nearest.falsePositiveRate, nearest.truePositiveRate] : null;
}

/**
 * One of the curves of an evaluation.
 * @param {Curves} curves
 * @param {CurveName} name
 * @param {ThresholdRow} row the chosen threshold
 * @param {number} baseRate
 * @param {Look} look
 * @returns {import('../components/chart.js').BuildChart}
 */
export function curveChart(curves, name, row, baseRate, look) {
  const { palette, i18n } = look;
  const { t } = { t: (/** @type {string} */ key) => i18n.t(`chart.${name}.${key}`) };
  const percent = { formatter: (/** @type {number} */ value) => i18n.percentTick(value) };
  const pair = (/** @type {unknown} */ value) => {
    const [x, y] = /** @type {number[]} */ (value);
    return `${t('x')}: ${i18n.percent(x)}\n${t('y')}: ${i18n.percent(y)}`;
  };
  const data = points(curves, name);
  const calibration = name === 'calibration';
  const highest = calibration
    ? Math.min(1, Math.ceil(Math.max(...curves.calibration.flatMap((p) => [p.predicted, p.interval[1]]), 0.05) * 20) / 20)
    : 1;
  const reference = name === 'precisionRecall' ? [[0, baseRate], [1, baseRate]] : [[0, 0], [highest, highest]];
  const point = operatingPoint(curves, name, row);
  const series = [
    {
      type: 'line',
      data: reference,
      silent: true,
      showSymbol: false,
      lineStyle: { color: palette.strong, width: 1, type: 'dashed' },
    },
    ...(calibration
      ? [
          {
            type: 'custom',
            silent: true,
            renderItem: whisker({ along: 'y', width: 1.5, colourOf: () => palette.accent }),
            data: curves.calibration.map((p) => [p.predicted, ...p.interval]),
          },
        ]
      : []),
    {
      type: 'line',
      data,
      showSymbol: calibration,
      symbol: 'circle',
      symbolSize: 8,
      lineStyle: { color: palette.accent, width: calibration ? 0 : 2 },
      itemStyle: { color: palette.accent },
    },
    ...(point
      ? [
          {
            type: 'scatter',
            data: [point],
            symbolSize: 12,
            itemStyle: { color: palette.paper, borderColor: palette.accent, borderWidth: 3, opacity: 1 },
            label: {
              show: true,
              position: name === 'precisionRecall' || point[0] > 0.75 ? 'left' : 'right',
              distance: 8,
              color: palette.ink,
              fontSize: 13,
              formatter: () => i18n.t('chart.atThreshold', { threshold: i18n.threshold(row.threshold, curves.thresholds[1]?.threshold) }),
            },
          },
        ]
      : []),
  ];
  return () => ({
    ...common(look, t('description')),
    tooltip: {
      ...common(look, '').tooltip,
      trigger: calibration ? 'item' : 'axis',
      axisPointer: { lineStyle: { color: palette.strong } },
      formatter: (/** @type {any} */ hit) => {
        const items = Array.isArray(hit) ? hit : [hit];
        const item = items.find((one) => one.seriesIndex > 0) ?? items[0];
        return item ? pair(item.value) : '';
      },
    },
    grid: { left: 72, right: 24, top: 16, bottom: 56, outerBoundsMode: 'none' },
    xAxis: valueAxis(look, { name: t('x'), min: 0, max: highest, axisLabel: percent, splitLine: { show: false } }),
    yAxis: valueAxis(look, { name: t('y'), nameGap: 48, min: 0, max: highest, axisLabel: percent }),
    series,
  });
}
