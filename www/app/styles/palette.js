/**
 * Colours, once for style sheets and charts alike. Channel colours are spaced for the common kinds of
 * colour blindness (after Okabe and Ito, 2008, black included), darkened for light paper and lightened for dark.
 */

/** @typedef {typeof light} Palette */

export const light = {
  paper: '#ffffff',
  ground: '#f6f7f7',
  sunk: '#eef0f0',
  ink: '#182022',
  soft: '#4d5a5d',
  faint: '#677377',
  line: '#d9dedf',
  strong: '#8f9a9d',
  accent: '#0b6a70',
  accentInk: '#ffffff',
  accentSoft: '#e3f1f1',
  warn: '#8a5300',
  warnSoft: '#fdf3e1',
  bad: '#a3262e',
  badSoft: '#fcebec',
  good: '#1c6b45',
  train: '#667276',
  validation: '#0b6a70',
  test: '#b8530a',
  more: '#0068b3',
  less: '#c25a0c',
  channels: ['#0072b2', '#c8501a', '#00866a', '#a5478c', '#9c6a00', '#5054a8', '#8c2f39', '#20292b'],
};

/** @type {Palette} */
export const dark = {
  paper: '#1b2022',
  ground: '#131718',
  sunk: '#24292b',
  ink: '#e8ecec',
  soft: '#b4bfc1',
  faint: '#94a1a4',
  line: '#343c3f',
  strong: '#66747a',
  accent: '#5cc7c6',
  accentInk: '#06201f',
  accentSoft: '#17373a',
  warn: '#f0b75c',
  warnSoft: '#352a17',
  bad: '#f59aa0',
  badSoft: '#3b2023',
  good: '#71cf9f',
  train: '#8b979b',
  validation: '#5cc7c6',
  test: '#f0a15e',
  more: '#56b4e9',
  less: '#f0a15e',
  channels: ['#56b4e9', '#f28e5b', '#3cc7a4', '#e39bc8', '#e8b23f', '#a7aaf2', '#e8888f', '#f2f4f4'],
};

/**
 * The colour of a channel: the same wherever the channel is drawn.
 * @param {Palette} palette
 * @param {number} index its place in the colour order: those beyond the colours that can be told apart are grey; -1 for none at all
 * @returns {string}
 */
export function channelColour(palette, index) {
  return palette.channels[index] ?? (index < 0 ? palette.accent : palette.faint);
}
