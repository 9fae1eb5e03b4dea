/**
 * Groups of channels: which there are, and a comparison of them under the names that people read.
 *
 * @import { Comparison, Markov } from '../api/types.js'
 */

/** Broad groups and the kinds within them, as people know them. */
export const kinds = /** @type {const} */ ({
  direct: [],
  online: ['search', 'social', 'e-commerce', 'email', 'display', 'video', 'affiliate', 'messaging', 'referral', 'audio'],
  offline: ['stores', 'exhibitions', 'telephone', 'print', 'broadcast', 'sales'],
  other: [],
});

/** Every code that a group goes by. @type {ReadonlySet<string>} */
const codes = new Set(Object.entries(kinds).flat(2));

/** Where names of what is compared stand. */
const named = new Set(['name', 'channel', 'channels', 'from', 'to']);

/**
 * @param {unknown} value
 * @param {(name: string) => string} nameOf
 * @param {boolean} isName
 * @returns {unknown}
 */
function renamed(value, nameOf, isName) {
  if (typeof value === 'string') return isName && isCode(value) ? nameOf(value) : value;
  if (Array.isArray(value)) return value.map((one) => renamed(one, nameOf, isName));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, renamed(one, nameOf, named.has(key))]));
}

/** Channels that no column named: Rust's words for them. */
export const unnamed = ['(missing)', '(other)'];

/** Whether a name is one that Rust gave a group. @param {string} name */
export const isGroup = (name) => codes.has(name);

/** Whether a name is one that Rust gave. @param {string} name */
const isCode = (name) => codes.has(name) || unnamed.includes(name);

/**
 * The same comparison with other names.
 * @param {Comparison} comparison
 * @param {(code: string) => string} nameOf
 * @returns {Comparison}
 */
export function withNames(comparison, nameOf) {
  const again = /** @type {Comparison} */ (renamed(comparison, nameOf, false));
  if (!comparison.markov) return again;
  const byName = (/** @type {{ [name: string]: number } | undefined} */ effects) =>
    effects && Object.fromEntries(Object.entries(effects).map(([name, effect]) => [isCode(name) ? nameOf(name) : name, effect]));
  const { removalEffect, valueRemovalEffect } = comparison.markov;
  const markov = { ...again.markov, removalEffect: byName(removalEffect), valueRemovalEffect: byName(valueRemovalEffect) };
  return { ...again, markov: /** @type {Markov} */ (markov) };
}
