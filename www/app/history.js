/** @import { Progress, Run } from '../api/types.js' */

/** @typedef {Run['epochs'][number]} Epoch */

/**
 * Adds what a report says of the loss to the curve so far; of each epoch the last report counts.
 * @param {Epoch[]} history
 * @param {Progress} progress
 */
export function remember(history, { epoch, trainLoss, validationLoss, validationAuc }) {
  if (epoch === undefined || trainLoss === undefined) return;
  if (history.at(-1)?.epoch === epoch) history.pop();
  history.push({ epoch, trainLoss, validationLoss, validationAuc });
}
