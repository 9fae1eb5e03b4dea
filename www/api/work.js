/**
 * How much work a training is.
 *
 * @typedef {import('./types').TrainOptions} TrainOptions
 */

/**
 * Multiplications of an LSTM's recurrent products, forward once and backward twice.
 * @param {TrainOptions} options
 * @param {number} touches in all journeys
 */
export function journeyWork({ preset, hidden = preset === 'article' ? 128 : 32, epochs = 12 }, touches) {
  return 12 * hidden * hidden * touches * epochs;
}
