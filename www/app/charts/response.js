import { common, valueAxis } from './common.js';

/**
 * @import { ChannelResponse } from '../../api/types.js'
 * @import { Look } from './common.js'
 */

/**
 * What a channel brings at a steady spend: solid where spend was seen, dashed beyond; the periods as dots, and
 * lines where the spend is now and would be.
 * @param {ChannelResponse} response
 * @param {{ now?: number, planned?: number }} marks
 * @param {string} colour
 * @param {Look} look
 * @returns {import('../components/chart.js').BuildChart}
 */
export function responseChart({ curve = [], points = [], solid, outcome }, { now, planned }, colour, look) {
  const { palette, i18n } = look;
  const [from, to] = solid ?? [0, Infinity];
  const part = (/** @type {(spend: number) => boolean} */ within) => curve.filter(({ spend }) => within(spend)).map(({ spend, outcome }) => [spend, outcome]);
  const inside = part((spend) => spend >= from && spend <= to);
  // The dashed parts begin where the solid one ends, so that no gap is seen.
  const before = [...part((spend) => spend < from), ...inside.slice(0, 1)];
  const beyond = [...inside.slice(-1), ...part((spend) => spend > to)];
  /** @param {number[][]} data @param {boolean} dashed */
  const line = (data, dashed) => ({
    type: 'line',
    data,
    showSymbol: false,
    smooth: false,
    silent: true,
    lineStyle: { color: colour, width: 2, type: dashed ? 'dashed' : 'solid', opacity: dashed ? 0.7 : 1 },
  });
  // The interval as an area between two lines: the lower one unseen, the other stacked on it.
  const between = curve.filter(({ interval }) => interval);
  /** @param {number[][]} data @param {number} opacity */
  const edge = (data, opacity) => ({
    type: 'line',
    data,
    stack: 'interval',
    showSymbol: false,
    silent: true,
    lineStyle: { opacity: 0 },
    areaStyle: { color: colour, opacity },
    tooltip: { show: false },
  });
  const band = between.length
    ? [
        edge(between.map(({ spend, interval = [0, 0] }) => [spend, interval[0]]), 0),
        edge(between.map(({ spend, interval = [0, 0] }) => [spend, interval[1] - interval[0]]), 0.15),
      ]
    : [];
  const marks = [
    ...(now === undefined ? [] : [{ xAxis: now, label: { formatter: i18n.t('money.now'), distance: 4 } }]),
    ...(planned === undefined ? [] : [{ xAxis: planned, label: { formatter: i18n.t('money.planned'), color: palette.accent, distance: 20 }, lineStyle: { color: palette.accent, type: 'solid' } }]),
  ];
  return () => ({
    ...common(look, i18n.t('chart.response.description')),
    grid: { left: 56, right: 20, top: 44, bottom: 48, outerBoundsMode: 'none' },
    xAxis: valueAxis(look, { name: i18n.t('money.spend'), min: 0, splitNumber: 3, splitLine: { show: false }, axisLabel: { formatter: (/** @type {number} */ v) => i18n.short(v) } }),
    yAxis: valueAxis(look, { min: 0, splitNumber: 3, axisLabel: { formatter: (/** @type {number} */ v) => i18n.short(v) } }),
    series: [
      ...band,
      line(before, true),
      { ...line(inside, false), markLine: { symbol: 'none', silent: true, animation: false, label: { color: palette.soft, fontSize: 12 }, lineStyle: { color: palette.strong, type: 'dashed', width: 1 }, data: marks } },
      line(beyond, true),
      {
        type: 'scatter',
        symbolSize: 7,
        data: points.map(({ spend, outcome }) => [spend, outcome]),
        itemStyle: { color: palette.paper, borderColor: colour, borderWidth: 1.5, opacity: 0.9 },
        tooltip: {
          formatter: (/** @type {any} */ { data }) =>
            `${i18n.t('money.spend')}: ${i18n.amount(data[0])}\n${i18n.t(`credit.unit.${outcome}`)}: ${i18n.amount(data[1])}`,
        },
      },
    ],
  });
}
