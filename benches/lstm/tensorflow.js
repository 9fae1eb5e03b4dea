// @ts-nocheck: what it imports is there only when the benchmark serves it.
/** TensorFlow.js, with its layers and its Adam. */

/**
 * @param {any} tf
 * @param {'cpu' | 'webgpu'} device
 * @param {import('./network.js').Network} network
 * @returns {Promise<import('./network.js').Training>}
 */
export async function tensorflowTraining(tf, device, { batch, steps, hidden, width, vocabulary, codes, outcomes, weights, rate }) {
  tf.wasm.setWasmPaths('/peers/@tensorflow/tfjs-backend-wasm/dist/');
  const backend = device === 'webgpu' ? 'webgpu' : 'wasm';
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no ${backend}`);
  await tf.ready();
  // Its WebAssembly backend lacks the gradient of an embedding; a product with one-hot touches is the same.
  const x = tf.tidy(() => tf.oneHot(tf.tensor2d(codes, [batch, steps], 'int32'), vocabulary).toFloat());
  const y = tf.tensor2d(Float32Array.from(outcomes), [batch, 1]);
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: width, useBias: false, inputShape: [steps, vocabulary] }),
      tf.layers.lstm({ units: hidden, recurrentActivation: 'sigmoid' }),
      tf.layers.dense({ units: 1, activation: 'sigmoid' }),
    ],
  });
  const shapes = [[vocabulary, width], [width, 4 * hidden], [hidden, 4 * hidden], [4 * hidden], [hidden, 1], [1]];
  const first = Object.values(weights).map((values, at) => tf.tensor(values, shapes[at]));
  model.setWeights(first);
  tf.dispose(first);
  model.compile({ optimizer: tf.train.adam(rate, 0.9, 0.999, 1e-8), loss: 'binaryCrossentropy' });
  return {
    device: tf.getBackend(),
    async run(count) {
      let loss;
      for (let step = 0; step < count; step++) loss = await model.trainOnBatch(x, y);
      return loss;
    },
    close() {
      tf.dispose([x, y]);
      model.dispose();
    },
  };
}
