import { common } from './common.js';

/**
 * @import { PathsView } from '../../api/types.js'
 * @import { Look } from './common.js'
 */

const ends = ['(conversion)', '(null)', '(more)'];

/**
 * Journeys from touch to touch, as wide as they are many.
 * @param {PathsView['flow']} flow
 * @param {(name: string) => string} nameOf words for a channel or an end
 * @param {(name: string) => string} colourOf a channel
 * @param {Look} look
 * @returns {import('../components/chart.js').BuildChart}
 */
export function flowChart(flow, nameOf, colourOf, look) {
  const { palette, i18n } = look;
  const last = Math.max(...flow.map(({ position }) => position), 1);
  const id = (/** @type {number} */ position, /** @type {string} */ name) => (ends.includes(name) ? name : `${position} ${name}`);
  /** @type {Map<string, { name: string, depth: number, count: number }>} */
  const nodes = new Map();
  /** @param {number} position @param {string} name @param {number} count */
  const see = (position, name, count) => {
    const key = id(position, name);
    const depth = ends.includes(name) ? last : position - 1;
    const known = nodes.get(key) ?? { name, depth, count: 0 };
    nodes.set(key, { ...known, count: known.count + count });
  };
  for (const { position, from, count } of flow) see(position, from, count);
  for (const { position, to, count } of flow) if (ends.includes(to)) see(position + 1, to, count);
  const colour = (/** @type {string} */ name) =>
    name === '(conversion)' ? palette.good : ends.includes(name) ? palette.strong : name === '(other)' ? palette.faint : colourOf(name);
  const links = flow
    .map(({ position, from, to, count }) => ({ source: id(position, from), target: id(position + 1, to), value: count }))
    .filter(({ source, target }) => nodes.has(source) && nodes.has(target));
  return (width) => ({
    ...common(look, i18n.t('chart.flow.description')),
    tooltip: {
      ...common(look, '').tooltip,
      formatter: (/** @type {any} */ { dataType, data }) =>
        dataType === 'edge'
          ? `${nameOf(nodes.get(data.source)?.name ?? '')} → ${nameOf(nodes.get(data.target)?.name ?? '')}\n${i18n.count(data.value)}`
          : `${nameOf(nodes.get(data.name)?.name ?? '')}\n${i18n.count(nodes.get(data.name)?.count ?? 0)}`,
    },
    series: [
      {
        type: 'sankey',
        left: 4,
        right: width < 640 ? 76 : 112,
        top: 8,
        bottom: 8,
        nodeAlign: 'left',
        nodeGap: 10,
        nodeWidth: 12,
        draggable: false,
        layoutIterations: 32,
        emphasis: { focus: 'adjacency' },
        lineStyle: { color: 'source', opacity: 0.28, curveness: 0.5 },
        label: { color: palette.ink, fontSize: 12, formatter: (/** @type {any} */ { name }) => nameOf(nodes.get(name)?.name ?? name) },
        data: [...nodes].map(([key, { name, depth }]) => ({ name: key, depth, itemStyle: { color: colour(name), borderWidth: 0 } })),
        links,
      },
    ],
  });
}
