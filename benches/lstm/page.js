// @ts-nocheck: what it imports is there only when the benchmark serves it.
/** In the page: the same training by each of the candidates, opened, run in rounds, and closed. */
import * as jax from '/peers/@jax-js/jax/dist/index.js';
import { channelwiseTraining } from './channelwise.js';
import { jaxTraining } from './jax.js';
import { simdPeak } from './peak.js';
import { stockTraining } from './stock.js';
import { tensorflowTraining } from './tensorflow.js';

/** @type {{ [name: string]: any }} */
const open = {};

/** Channelwise comes first: it hands its first weights to the others. */
async function channelwise(input) {
  open.channelwise = await channelwiseTraining(input);
  const { first, losses, device } = open.channelwise;
  return { first, losses, device };
}

/** @param {(device: 'cpu' | 'webgpu', network: import('./network.js').Network) => Promise<import('./network.js').Training>} make */
const peer = (name, make) => async ({ device }) => {
  const started = performance.now();
  const training = await make(device, open.channelwise.network);
  const losses = [await training.run(1)];
  const first = performance.now() - started;
  losses.push(await training.run(1), await training.run(1));
  const again = performance.now();
  await training.run(1);
  open[name] = training;
  return { first, losses, device: training.device, step: performance.now() - again };
};

/** Milliseconds of a step. */
async function round({ name, steps, on }) {
  if (name === 'channelwise') return open.channelwise.round(on);
  const started = performance.now();
  await open[name].run(steps);
  return (performance.now() - started) / steps;
}

async function close({ name }) {
  await open[name]?.close();
  delete open[name];
}

globalThis.bench = {
  channelwise,
  tensorflow: peer('tensorflow', (device, network) => tensorflowTraining(globalThis.tf, device, network)),
  jax: peer('jax', (device, network) => jaxTraining(jax, device, network)),
  stock: peer('stock', stockTraining),
  round,
  choose: () => open.channelwise.choose(),
  close,
  peak: simdPeak,
};
