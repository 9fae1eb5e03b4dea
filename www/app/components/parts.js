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
