// @ts-nocheck: what it imports is there only when the benchmark serves it.
/** burn's own LSTM, autodiff and Adam, compiled by benches/lstm.mjs. */

/** @type {Promise<any> | undefined} */
let loading;

/**
 * @param {'cpu' | 'webgpu'} device
 * @param {import('./network.js').Network} network
 * @returns {Promise<import('./network.js').Training>}
 */
export async function stockTraining(device, { steps, hidden, width, vocabulary, codes, outcomes, weights, rate }) {
  loading ??= import('/stock/stock_burn.js').then(async (module) => {
    await module.default();
    return module;
  });
  const { Training } = await loading;
  const flat = Object.values(weights).flatMap((values) => [...values]);
  const webgpu = device === 'webgpu';
  const training = await Training.open(webgpu, vocabulary, width, hidden, steps, Float32Array.from(flat), codes, outcomes, rate);
  return {
    device: webgpu ? 'webgpu' : 'flex',
    run: (count) => training.run(count),
    close: () => training.free(),
  };
}
