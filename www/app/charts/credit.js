import { figureOf, intervalOf } from '../credit.js';
import { channelColour } from '../styles/palette.js';
import { common, valueAxis, whisker } from './common.js';

/**
 * @import { MethodCredit } from '../../api/types.js'
 * @import { Unit } from '../credit.js'
 * @import { Look } from './common.js'
 */

/**
 * @typedef {object} CreditChart
 * @property {readonly MethodCredit[]} methods the baseline first
 * @property {readonly string[]} titles of the methods
 * @property {readonly string[]} channels from top to bottom
 * @property {Unit} unit
 * @property {(channel: string) => number} indexOf place in the colour order
 * @property {(value: number) => string} write a figure
 */

const rowHeight = 28;
const panelGap = 24;
const head = 32;
const foot = 36;

/**
 * How the panels are laid out in a width.
 * @param {number} width
 * @param {number} methods
 */
function layout(width, methods) {
  const gutter = Math.round(Math.min(136, width * 0.27));
  const least = width < 640 ? 96 : 132;
  const across = Math.max(1, Math.min(methods, Math.floor((width - gutter + panelGap) / (least + panelGap))));
  const down = Math.ceil(methods / across);
  // Rows of panels are filled evenly: 3 + 3, not 5 + 1.
  const even = Math.ceil(methods / down);
  return { gutter, across: even, down, each: (width - gutter - 12 - panelGap * (even - 1)) / even };
}

/**
 * The credit of every channel, a panel per method: dots with whiskers, and in each panel ticks where the
 * baseline stands.
 * @param {CreditChart} chart
 * @param {Look} look
 * @returns {import('../components/chart.js').BuildChart}
 */
export function creditChart({ methods, titles, channels, unit, indexOf, write }, look) {
  const { palette, i18n } = look;
  const columns = methods.map((method) => new Map(method.channels.map((channel) => [channel.name, channel])));
  const at = (/** @type {number} */ panel, /** @type {string} */ name) => columns[panel].get(name);
  const colours = channels.map((name) => channelColour(palette, indexOf(name)));
  const ends = columns.flatMap((column) =>
    channels.flatMap((name) => [figureOf(column.get(name), unit), intervalOf(column.get(name), unit)?.[1] ?? 0]),
  );
  const most = Math.max(...ends.filter(Number.isFinite), 1e-9);
  const high = channels.length * rowHeight;

  return (width) => {
    const { gutter, across, each } = layout(width, methods.length);
    const left = (/** @type {number} */ panel) => gutter + (panel % across) * (each + panelGap);
    const top = (/** @type {number} */ panel) => head + Math.floor(panel / across) * (head + high + foot);
    return {
      ...common(look, i18n.t('chart.credit.description')),
      title: methods.map((_, panel) => ({
        text: titles[panel],
        left: left(panel),
        top: top(panel) - head + 4,
        padding: 0,
        textStyle: {
          color: panel ? palette.ink : palette.soft,
          fontSize: 13,
          fontWeight: 600,
          width: each + panelGap - 8,
          overflow: 'truncate',
        },
      })),
      grid: methods.map((_, panel) => ({ left: left(panel), width: each, top: top(panel), height: high, outerBoundsMode: 'none' })),
      xAxis: methods.map((_, panel) =>
        valueAxis(look, {
          gridIndex: panel,
          min: 0,
          max: most * 1.04,
          splitNumber: each < 130 ? 2 : 3,
          splitLine: { show: false },
          axisLabel: { showMaxLabel: false, formatter: (/** @type {number} */ value) => (unit === 'share' ? i18n.percentTick(value) : i18n.short(value)) },
        }),
      ),
      yAxis: methods.map((_, panel) => ({
        type: 'category',
        gridIndex: panel,
        data: channels,
        inverse: true,
        axisLine: { show: false },
        axisTick: { show: false },
        splitLine: { show: true, lineStyle: { color: palette.line } },
        axisLabel: {
          show: panel % across === 0,
          color: palette.ink,
          fontSize: width < 640 ? 12 : 13,
          width: gutter - 16,
          overflow: 'truncate',
          interval: 0,
        },
      })),
      series: methods.flatMap((_, panel) => {
        const axes = { xAxisIndex: panel, yAxisIndex: panel };
        const sure = channels.flatMap((name, row) => {
          const interval = intervalOf(at(panel, name), unit);
          return interval ? [[row, ...interval]] : [];
        });
        return [
          ...(panel
            ? [
                {
                  type: 'scatter',
                  ...axes,
                  silent: true,
                  symbol: 'rect',
                  symbolSize: [2, 16],
                  itemStyle: { color: palette.faint, opacity: 1 },
                  data: channels.map((name, row) => [figureOf(at(0, name), unit), row]),
                },
              ]
            : []),
          {
            type: 'custom',
            ...axes,
            silent: true,
            renderItem: whisker({ along: 'x', cap: 3, colourOf: (index) => colours[sure[index][0]] }),
            data: sure,
            encode: { x: [1, 2], y: 0 },
          },
          {
            type: 'scatter',
            ...axes,
            symbolSize: 10,
            data: channels.map((name, row) => ({ value: [figureOf(at(panel, name), unit), row], itemStyle: { color: colours[row], opacity: 1 } })),
            tooltip: { formatter: (/** @type {any} */ hit) => tip(panel, channels[hit.dataIndex]) },
          },
        ];
      }),
    };
  };

  /** @param {number} panel @param {string} name */
  function tip(panel, name) {
    const channel = at(panel, name);
    const interval = intervalOf(channel, unit);
    const ends = interval ? ` (${write(interval[0])} – ${write(interval[1])})` : '';
    return `${name} · ${titles[panel]}\n${write(figureOf(channel, unit))}${ends}`;
  }
}

/**
 * How high the chart must be, in rows of 32 px.
 * @param {number} width
 * @param {number} methods
 * @param {number} channels
 */
export function creditChartLines(width, methods, channels) {
  const { down } = layout(width, methods);
  return (down * (head + channels * rowHeight + foot)) / 32;
}
