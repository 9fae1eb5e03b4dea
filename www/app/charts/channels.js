import { channelColour } from '../styles/palette.js';
import { common, valueAxis, whisker } from './common.js';

/**
 * @import { Comparison } from '../../api/types.js'
 * @import { Look } from './common.js'
 */

/**
 * One channel with both views on it.
 * @typedef {object} ChannelRow
 * @property {string} name
 * @property {Comparison['channels'][number]} raw
 * @property {Comparison['effects'][number]['channels'][number]} [effect]
 * @property {number} index its place in the colour order
 * @property {boolean} small has too few conversions to be judged
 */

/**
 * The rows of a comparison, the best adjusted first (without effects, the best rate), and those that can't be
 * judged last.
 * @param {Comparison} comparison
 * @param {(name: string) => number} indexOf
 * @returns {ChannelRow[]}
 */
export function channelRows(comparison, indexOf) {
  const effects = new Map(comparison.effects[0]?.channels.map((effect) => [effect.name, effect]));
  const small = new Set(comparison.findings.find(({ code }) => code === 'too-few-conversions')?.channels);
  const odds = (/** @type {ChannelRow} */ { effect }) => effect?.logOdds ?? -1e9;
  return comparison.channels
    .map((raw) => ({ name: raw.name, raw, effect: effects.get(raw.name), index: indexOf(raw.name), small: small.has(raw.name) }))
    .sort((a, b) => Number(a.small) - Number(b.small) || odds(b) - odds(a) || b.raw.rate - a.raw.rate);
}

/** Odds ratios worth a tick, for a logarithmic axis. */
const ticks = [0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 20, 50, 100];

/**
 * Adjusted odds ratios and raw conversion rates side by side (one above the other where it is narrow), dots
 * with whiskers. Filled dots are above or below the mean channel for sure, hollow ones are not.
 * @param {ChannelRow[]} rows
 * @param {number} baseRate
 * @param {Look} look
 * @returns {import('../components/chart.js').BuildChart}
 */
export function channelsChart(rows, baseRate, look) {
  const { palette, i18n } = look;
  const colours = rows.map((row) => (row.small ? palette.faint : channelColour(palette, row.index)));
  const effects = rows.flatMap(({ effect }, at) => (effect ? [{ at, effect }] : []));
  const low = Math.min(0.7, ...effects.map(({ effect }) => effect.interval[0]));
  const high = Math.max(1.5, ...effects.map(({ effect }) => effect.interval[1]));
  const shown = ticks.filter((tick, at) => (ticks[at + 1] ?? 1e9) > low && (ticks[at - 1] ?? 0) < high);
  const [first, last] = [Math.log2(shown[0]), Math.log2(shown.at(-1) ?? 2)];
  /** The axis is linear in log₂ of the ratio, so that its ticks can stand at round ratios. @param {number} ratio */
  const place = (ratio) => Math.min(last, Math.max(first, Math.log2(ratio)));
  const names = rows.map((row) => row.name);

  return (width) => {
    const narrow = width < 640;
    const gutter = Math.min(128, Math.round(width * (narrow ? 0.36 : 0.28)));
    const each = narrow ? rows.length * 32 + 8 : 0;
    const both = effects.length > 0;
    const panels = both ? 2 : 1;
    /** @param {number} panel */
    const grid = (panel) =>
      narrow
        ? { left: gutter, right: 24, top: 32 + panel * (each + 88), height: each, outerBoundsMode: 'none' }
        : panel === 0
          ? { left: gutter, width: both ? (width - gutter) * 0.52 : undefined, right: both ? undefined : 32, top: 32, bottom: 40, outerBoundsMode: 'none' }
          : { left: gutter + (width - gutter) * 0.52 + 48, right: 32, top: 32, bottom: 40, outerBoundsMode: 'none' };
    /** @param {number} panel */
    const channelAxis = (panel) => ({
      type: 'category',
      gridIndex: panel,
      data: names,
      inverse: true,
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { show: true, lineStyle: { color: palette.line } },
      axisLabel: {
        show: panel === 0 || narrow,
        color: palette.ink,
        fontSize: narrow ? 12 : 13,
        width: gutter - 16,
        overflow: 'truncate',
        interval: 0,
      },
    });
    /** @param {number} panel @param {string} key */
    const title = (panel, key) => ({
      text: i18n.t(key),
      left: narrow ? 0 : grid(panel).left,
      top: narrow ? panel * (each + 88) : 0,
      padding: 0,
      textStyle: { color: palette.soft, fontSize: 13, fontWeight: 600 },
    });
    const reference = (/** @type {number} */ x) => ({
      symbol: 'none',
      silent: true,
      animation: false,
      label: { show: false },
      lineStyle: { color: palette.strong, type: 'dashed', width: 1 },
      data: [{ xAxis: x }],
    });
    /** @param {string} colour @param {boolean} filled */
    const dot = (colour, filled) => ({
      color: filled ? colour : palette.paper,
      borderColor: colour,
      borderWidth: 2.5,
      opacity: 1,
    });
    const ratePanel = panels - 1;
    const oddsSeries = [
      {
        type: 'custom',
        silent: true,
        xAxisIndex: 0,
        yAxisIndex: 0,
        renderItem: whisker({ along: 'x', colourOf: (index) => colours[effects[index].at] }),
        data: effects.map(({ at, effect }) => [at, ...effect.interval.map(place)]),
        encode: { x: [1, 2], y: 0 },
      },
      {
        type: 'scatter',
        xAxisIndex: 0,
        yAxisIndex: 0,
        symbolSize: 12,
        data: effects.map(({ at, effect }) => ({
          value: [place(effect.oddsRatio), at],
          itemStyle: dot(colours[at], effect.verdict !== 'unclear' && !rows[at].small),
        })),
        tooltip: { formatter: (/** @type {any} */ hit) => oddsTip(effects[hit.dataIndex].effect, i18n) },
        markLine: reference(0),
      },
    ];
    const rateSeries = [
      {
        type: 'custom',
        silent: true,
        xAxisIndex: ratePanel,
        yAxisIndex: ratePanel,
        renderItem: whisker({ along: 'x', colourOf: (index) => colours[index] }),
        data: rows.map(({ raw }, at) => [at, ...raw.rateInterval]),
        encode: { x: [1, 2], y: 0 },
      },
      {
        type: 'scatter',
        xAxisIndex: ratePanel,
        yAxisIndex: ratePanel,
        symbolSize: 12,
        data: rows.map(({ raw, small }, at) => ({ value: [raw.rate, at], itemStyle: dot(colours[at], !small) })),
        tooltip: { formatter: (/** @type {any} */ hit) => rateTip(rows[hit.dataIndex].raw, i18n) },
        markLine: reference(baseRate),
      },
    ];
    return {
      ...common(look, i18n.t('chart.channels.description')),
      title: [...(both ? [title(0, 'chart.channels.odds')] : []), title(ratePanel, 'chart.channels.rate')],
      grid: both ? [grid(0), grid(1)] : [grid(0)],
      xAxis: [
        ...(both
          ? [
              valueAxis(look, {
                gridIndex: 0,
                min: first,
                max: last,
                splitLine: { show: false },
                axisLabel: {
                  customValues: shown.map(Math.log2),
                  formatter: (/** @type {number} */ value) => `${Number((2 ** value).toPrecision(2))}×`,
                },
              }),
            ]
          : []),
        valueAxis(look, {
          gridIndex: ratePanel,
          min: 0,
          splitNumber: narrow ? 2 : 4,
          splitLine: { show: false },
          axisLabel: { formatter: (/** @type {number} */ value) => i18n.percentTick(value) },
        }),
      ],
      yAxis: both ? [channelAxis(0), channelAxis(1)] : [channelAxis(0)],
      series: [...(both ? oddsSeries : []), ...rateSeries],
    };
  };
}

/**
 * How high the chart must be, in rows of 32 px.
 * @param {number} channels
 * @param {boolean} both
 * @param {boolean} narrow
 */
export function channelsChartLines(channels, both, narrow) {
  return narrow && both ? 2 * (channels + 2.75) : channels + 3;
}

/**
 * @param {NonNullable<ChannelRow['effect']>} effect
 * @param {import('../i18n/index.js').Translator} i18n
 */
function oddsTip({ name, oddsRatio, interval }, i18n) {
  return `${name}\n${i18n.ratio(oddsRatio)}× (${i18n.ratio(interval[0])} – ${i18n.ratio(interval[1])})`;
}

/**
 * @param {ChannelRow['raw']} raw
 * @param {import('../i18n/index.js').Translator} i18n
 */
function rateTip({ name, rate, rateInterval }, i18n) {
  return `${name}\n${i18n.percent(rate)} (${i18n.percent(rateInterval[0])} – ${i18n.percent(rateInterval[1])})`;
}
