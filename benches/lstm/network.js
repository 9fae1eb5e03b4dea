// @ts-nocheck: what it imports is there only when the benchmark serves it.
/** The network that all train, its first weights, and the journeys. */

export const CHANNELS = 10;
export const EMBEDDING = 16;
export const RATE = 0.01;

/**
 * One batch and a network with its first weights, as every peer is given it. Gates lie in the order input, forget,
 * candidate, output.
 *
 * @typedef {object} Network
 * @property {number} batch
 * @property {number} steps
 * @property {number} hidden
 * @property {number} width numbers per touch
 * @property {number} vocabulary
 * @property {number} rate Adam's
 * @property {Int32Array} codes `[batch, steps]`
 * @property {Int32Array} outcomes `[batch]`
 * @property {{ embedding: Float32Array, input: Float32Array, hidden: Float32Array, bias: Float32Array, dense: Float32Array, last: Float32Array }} weights
 */

/**
 * What trains.
 *
 * @typedef {object} Training
 * @property {string} device what it says it runs on
 * @property {(count: number) => Promise<number>} run so many updates; the loss before the last of them
 * @property {() => void | Promise<void>} close
 */

/** A seeded generator, so that all see the same journeys. */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Journeys of one length; those whose last touches are of the first channels convert more often. */
export function journeys(count, steps) {
  const next = random(7);
  return Array.from({ length: count }, () => {
    const touches = Array.from({ length: steps }, () => Math.floor(next() * CHANNELS));
    const recent = touches.slice(-4).filter((channel) => channel < 3).length;
    return { touches, converted: next() < 0.1 + 0.2 * recent ? 1 : 0 };
  });
}

/** Those journeys as a file of touches. */
export function touchesCsv(data) {
  const lines = ['user,time,channel,converted'];
  data.forEach(({ touches, converted }, user) =>
    touches.forEach((channel, step) => {
      const last = step === touches.length - 1;
      lines.push(`u${user},${new Date(Date.UTC(2026, 0, 1, step)).toISOString()},c${channel},${last ? converted : 0}`);
    }));
  return lines.join('\n');
}
