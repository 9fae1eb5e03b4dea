// @ts-nocheck: what it imports is there only when the benchmark serves it.
/** In the page: the same training by each of the candidates. */
import { openSession } from '/dist/channelwise.js';
import { simdPeak } from './peak.js';

const CHANNELS = 10;
const EMBEDDING = 16;

/** A seeded generator, so that all see the same journeys. */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Journeys of one length, and how they ended. */
function journeys(count, steps) {
  const next = random(7);
  return Array.from({ length: count }, () => ({
    touches: Array.from({ length: steps }, () => Math.floor(next() * CHANNELS)),
    converted: next() < 0.3 ? 1 : 0,
  }));
}

async function channelwise({ batch, steps, hidden, count, device }) {
  const held = 40;
  const data = journeys(batch * count + held, steps);
  const lines = ['user,time,channel,converted'];
  data.forEach(({ touches, converted }, user) =>
    touches.forEach((channel, step) =>
      lines.push(`u${user},${new Date(Date.UTC(2026, 0, 1, step)).toISOString()},c${channel},${step === steps - 1 ? converted : 0}`)));
  const session = await openSession({ device });
  try {
    await session.load(new Blob([lines.join('\n')]), { layout: 'events', roles: { user: 'user', time: 'time', channel: 'channel', label: 'converted' } });
    await session.prepare({ split: { testRows: Uint32Array.from({ length: held }, (_, row) => row), validation: 0 } });
    const options = {
      model: 'journey', embedding: EMBEDDING, hidden, batchSize: batch, dropout: 0, recurrentDropout: 0, timeGaps: false,
      optimizer: { kind: 'adam' }, earlyStopping: null, controls: false, device,
    };
    const first = await session.train({ ...options, epochs: 1 });
    const run = await session.train({ ...options, epochs: 2 });
    return { ms: run.stepMs, steps: run.steps, device: run.device, first: first.seconds * 1e3 };
  } finally {
    await session.close();
  }
}

async function tensorflow({ batch, steps, hidden, count, device }) {
  const { tf } = globalThis;
  tf.wasm.setWasmPaths('/peers/@tensorflow/tfjs-backend-wasm/dist/');
  await tf.setBackend(device === 'webgpu' ? 'webgpu' : 'wasm');
  await tf.ready();
  const data = journeys(batch, steps);
  // Its WebAssembly backend lacks the gradient of an embedding; a product with one-hot touches is the same.
  const x = tf.tidy(() => tf.oneHot(tf.tensor2d(data.map(({ touches }) => touches), [batch, steps], 'int32'), CHANNELS).toFloat());
  const y = tf.tensor2d(data.map(({ converted }) => [converted]));
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: EMBEDDING, useBias: false, inputShape: [steps, CHANNELS] }),
      tf.layers.lstm({ units: hidden, recurrentActivation: 'sigmoid' }),
      tf.layers.dense({ units: 1, activation: 'sigmoid' }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'binaryCrossentropy' });
  const step = async () => {
    const loss = await model.trainOnBatch(x, y);
    return loss;
  };
  await step();
  const runs = Math.max(2, Math.min(count, 5));
  const started = performance.now();
  for (let run = 0; run < runs; run++) await step();
  const ms = (performance.now() - started) / runs;
  tf.dispose([x, y]);
  model.dispose();
  return { ms };
}

globalThis.bench = { channelwise, tensorflow, peak: simdPeak };
