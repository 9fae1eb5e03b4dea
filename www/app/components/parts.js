/** @import { Run } from '../../api/types.js' */

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
 * The part whose figures count: the one the model has seen least of.
 * @param {Run} run
 * @returns {PartName}
 */
export function honestPart(run) {
  return run.metrics.test ? 'test' : run.metrics.validation ? 'validation' : 'train';
}
