/** @import { Progress, Run } from '../api/types.js' */

/** @typedef {Run['epochs'][number]} Epoch */

/**
 * Adds what a report says of the loss to the curve so far; of each epoch the last report counts.
 *
 * Reports from within an epoch tell the loss of the few rows since the one before, which jumps about: they stand
 * in the curve only until the first epoch is over and has been validated.
 * @param {Epoch[]} history
 * @param {Progress} progress
 */
export function remember(history, { epoch, trainLoss, validationLoss, validationAuc }) {
  if (epoch === undefined || trainLoss === undefined) return;
  const validated = history.some((one) => one.validationLoss !== undefined);
  if (validated && validationLoss === undefined) return;
  if (!validated && validationLoss !== undefined) history.length = 0;
  if (history.at(-1)?.epoch === epoch) history.pop();
  history.push({ epoch, trainLoss, validationLoss, validationAuc });
}
