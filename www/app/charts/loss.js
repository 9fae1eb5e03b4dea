import { common, valueAxis } from './common.js';

/**
 * @import { Look } from './common.js'
 * @import { Epoch } from '../history.js'
 */

/**
 * The loss by epoch, on the training and the validation part.
 * @param {readonly Epoch[]} epochs
 * @param {Look} look
 * @param {boolean} [ended] whether the curve is whole
 * @returns {import('../components/chart.js').BuildChart}
 */
export function lossChart(epochs, look, ended = false) {
  const { palette, i18n } = look;
  const losses = epochs.flatMap(({ trainLoss, validationLoss }) => [trainLoss, validationLoss ?? NaN]).filter(Number.isFinite);
  const range = Math.max(...losses) - Math.min(...losses);
  const { trainLoss = NaN, validationLoss = NaN } = epochs.at(-1) ?? {};
  const digits = Math.min(6, Math.max(2, Math.ceil(-Math.log10(range / 4 || 1))));
  const close = Math.abs(trainLoss - validationLoss) < 0.12 * range;
  /** Keeps the two labels apart where the curves end together. @param {'trainLoss' | 'validationLoss'} field */
  const shift = (field) => (!close ? 0 : (field === 'trainLoss') === trainLoss > validationLoss ? -8 : 8);
  /** @param {'trainLoss' | 'validationLoss'} field @param {'train' | 'validation'} part */
  const line = (field, part) => {
    const data = epochs.filter((epoch) => Number.isFinite(epoch[field])).map((epoch) => [epoch.epoch, Number(epoch[field])]);
    return {
      type: 'line',
      name: i18n.t(`part.${part}`),
      data,
      showSymbol: data.length < 3,
      symbolSize: 6,
      lineStyle: { width: 2, color: palette[part] },
      itemStyle: { color: palette[part] },
      endLabel: {
        show: data.length > 0,
        formatter: () => `${i18n.t(`part.${part}`)} ${i18n.decimal(data.at(-1)?.[1], 3)}`,
        color: palette[part],
        fontSize: 13,
        distance: 6,
        offset: [0, shift(field)],
      },
    };
  };
  const last = epochs.at(-1)?.epoch ?? 1;
  return (width) => ({
    ...common(look, i18n.t('chart.loss.description')),
    tooltip: {
      ...common(look, '').tooltip,
      trigger: 'axis',
      axisPointer: { lineStyle: { color: palette.strong } },
      valueFormatter: (/** @type {unknown} */ value) => i18n.decimal(Number(value), 4),
    },
    grid: { left: 40 + 8 * digits, right: width < 480 ? 118 : 128, top: 16, bottom: 48, outerBoundsMode: 'none' },
    xAxis: valueAxis(look, {
      name: i18n.t('chart.loss.x'),
      min: 1,
      max: ended ? Math.max(last, 2) : undefined,
      minInterval: 1,
      splitLine: { show: false },
    }),
    yAxis: valueAxis(look, { scale: true, splitNumber: 4, axisLabel: { formatter: (/** @type {number} */ v) => i18n.decimal(v, digits) } }),
    series: [line('trainLoss', 'train'), line('validationLoss', 'validation')],
  });
}
