/**
 * @import { Run, Session } from '../../api/types.js'
 * @import { Translator } from '../i18n/index.js'
 */

/** @typedef {'train' | 'validation' | 'test'} PartName */

/**
 * The parts a run was measured on, the one that counts most first.
 * @param {Run} run
 * @returns {PartName[]}
 */
export function partsOf(run) {
  const all = /** @type {const} */ (['test', 'validation', 'train']);
  return all.filter((part) => run.metrics[part]);
}

/**
 * Which kind of device a run was trained on; `run.device` may name the very device after it.
 * @param {Run} run
 */
export function deviceOf(run) {
  return run.device.startsWith('webgpu') ? 'webgpu' : 'cpu';
}

/**
 * Why this device was taken.
 * @param {Session['device']} device
 * @param {Translator} i18n
 */
export function deviceReason({ reason, reasonCode, figures = {} }, i18n) {
  const times = Object.entries(figures).map(([name, value]) => [name, i18n.decimal(value, 1)]);
  return i18n.coded('device.reason', { code: reasonCode, message: reason }, Object.fromEntries(times));
}

/**
 * The part whose figures count: the one the model has seen least of.
 * @param {Run} run
 * @returns {PartName}
 */
export function honestPart(run) {
  return run.metrics.test ? 'test' : run.metrics.validation ? 'validation' : 'train';
}

/** Inputs that Channelwise counts from touches, by the names that it gives them. @type {[RegExp, string, ...string[]][]} */
const counted = [
  [/^touches of (.+) \(log\)$/s, 'touchesOf', 'name'],
  [/^(.+): number of (.+)$/s, 'numberOf', 'column', 'name'],
  [/^(.+): has (.+)$/s, 'has', 'column', 'name'],
  [/^hours from first to last touch \(log\)$/, 'span'],
  [/^hours between the last two touches \(log\)$/, 'lastGap'],
  [/^mean of hours between touches \(log\)$/, 'meanGap'],
  [/^(.+) \(sum\)$/s, 'sum', 'column'],
  [/^(.+) \(any\)$/s, 'any', 'column'],
  [/^(.+) \(last\)$/s, 'last', 'column'],
];

/**
 * The name of a model's input, in words where it was counted from touches.
 * @param {string} feature
 * @param {Translator} i18n
 */
export function featureName(feature, i18n) {
  for (const [pattern, key, ...names] of counted) {
    const found = pattern.exec(feature);
    if (found) return i18n.t(`feature.${key}`, Object.fromEntries(names.map((name, at) => [name, found[at + 1]])));
  }
  return feature;
}
