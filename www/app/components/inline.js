import { css, nothing, svg } from 'lit';
import { channelColour, dark, light } from '../styles/palette.js';

/**
 * Small pictures inside tables, silent to screen readers: the figures stand beside them.
 *
 * @import { Workbench } from '../workbench.js'
 */

/** Styles of the pictures. */
export const inline = css`
  svg.dot {
    width: 10px;
    height: 10px;
    margin-right: 8px;
    vertical-align: 0;
  }
  td.picture {
    width: 30%;
    min-width: 112px;
  }
  td.picture svg {
    display: block;
    width: 100%;
    height: 16px;
    overflow: visible;
  }
  td.picture line {
    vector-effect: non-scaling-stroke;
  }
  @media (max-width: 600px) {
    td.picture,
    th.picture {
      display: none;
    }
  }
`;

/**
 * The dot in a channel's colour.
 * @param {Workbench} bench
 * @param {string} name
 */
export function dot(bench, name) {
  const colour = colourOf(bench, name);
  return svg`<svg class="dot" viewBox="0 0 10 10" aria-hidden="true"><circle cx="5" cy="5" r="5" fill=${colour}></circle></svg>`;
}

/**
 * @param {Workbench} bench
 * @param {string} name
 */
export function colourOf(bench, name) {
  return channelColour(bench.dark ? dark : light, bench.channelIndex(name));
}

/**
 * A bar from zero.
 * @param {number} value
 * @param {number} most what fills the width
 * @param {string} colour
 */
export function bar(value, most, colour) {
  const length = Number.isFinite(value) && most > 0 ? Math.min(100, (value / most) * 100) : 0;
  return svg`<svg viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden="true"><rect y="4" height="8" width=${Math.max(0, length)} fill=${colour}></rect></svg>`;
}

/**
 * An estimate with its interval, between two ends of a scale; `zero` marks a place on it.
 * @param {number | null} value
 * @param {readonly [number | null, number | null] | undefined} interval an end that is null lies beyond any scale
 * @param {[number, number]} scale
 * @param {string} colour
 * @param {number} [zero]
 */
export function estimate(value, interval, [low, high], colour, zero) {
  if (value === null || !Number.isFinite(value)) return nothing;
  const place = (/** @type {number} */ one) => Math.min(100, Math.max(0, ((one - low) / (high - low || 1)) * 100));
  const whisker = interval
    ? svg`<line x1="${place(interval[0] ?? low)}%" x2="${place(interval[1] ?? high)}%" y1="8" y2="8" stroke=${colour} stroke-width="2"></line>`
    : nothing;
  const mark =
    zero === undefined ? nothing : svg`<line x1="${place(zero)}%" x2="${place(zero)}%" y1="0" y2="16" stroke="var(--cw-strong)" stroke-width="1"></line>`;
  return svg`<svg aria-hidden="true">${mark}${whisker}<circle cx="${place(value)}%" cy="8" r="5" fill=${colour}></circle></svg>`;
}

/**
 * The ends of a scale that holds all estimates, and zero.
 * @param {readonly { value: number | null, interval?: readonly [number | null, number | null] }[]} estimates
 * @returns {[number, number]}
 */
export function scaleOf(estimates) {
  const ends = estimates.flatMap(({ value, interval }) => [value, ...(interval ?? [])]).flatMap((end) => (end !== null && Number.isFinite(end) ? [end] : []));
  return [Math.min(0, ...ends), Math.max(0, ...ends)];
}
