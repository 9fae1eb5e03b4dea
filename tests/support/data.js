/** Small files for tests, made here. */

/**
 * A seeded generator (mulberry32).
 * @param {number} seed
 * @returns {() => number} uniform in [0, 1)
 */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Sessions with a channel, two numbers and an outcome that depends on all three.
 * @param {{ rows?: number; seed?: number; delimiter?: string; outcome?: (converted: boolean) => string }} [options]
 * @returns {string} CSV with the columns `channel`, `minutes`, `pages`, `converted`
 */
export function sessionsCsv({ rows = 400, seed = 1, delimiter = ',', outcome = (yes) => (yes ? '1' : '0') } = {}) {
  const next = random(seed);
  const channels = ['Direct', 'Search', 'Social', 'E-mail'];
  const lines = [['channel', 'minutes', 'pages', 'converted'].join(delimiter)];
  for (let row = 0; row < rows; row++) {
    const channel = Math.floor(next() * channels.length);
    const minutes = Math.round(next() * 300) / 10;
    const pages = 1 + Math.floor(next() * 12);
    const logit = -2 + 0.5 * channel + 0.05 * minutes + 0.05 * pages;
    const converted = next() < 1 / (1 + Math.exp(-logit));
    lines.push([channels[channel], minutes, pages, outcome(converted)].join(delimiter));
  }
  return `${lines.join('\n')}\n`;
}
