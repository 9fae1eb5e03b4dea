/** Which device `auto` takes for a model, with a stub in the place of the GPU. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { deviceFor } from '../../www/api/choose.js';
import { GpuTrainer } from '../../www/api/gpu-trainer.js';

const kept = { navigator: Object.getOwnPropertyDescriptor(globalThis, 'navigator'), fetch: globalThis.fetch };
/** @type {any} */
let adapter;
beforeEach(() => {
  adapter = { features: new Set(['timestamp-query']), info: { description: 'A GPU' } };
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { gpu: { requestAdapter: async () => adapter } } });
  globalThis.fetch = /** @type {any} */ (async () => ({ ok: true, json: async () => ({ cpu: 'ready', gpu: 'ready' }) }));
});
afterEach(() => {
  if (kept.navigator) Object.defineProperty(globalThis, 'navigator', kept.navigator);
  else delete (/** @type {any} */ (globalThis).navigator);
  globalThis.fetch = kept.fetch;
});

/**
 * A session whose devices take so many milliseconds for a step.
 * @param {{ cpu: number; webgpu: number }} speed
 * @param {object} [about]
 */
function session(speed, about = {}) {
  /** @type {any[]} */
  const trials = [];
  const gpu = new GpuTrainer();
  gpu.start = async () => {};
  gpu.name = 'A GPU';
  gpu.channel = /** @type {any} */ ({
    call: async (/** @type {string} */ name, /** @type {any} */ args) => {
      if (name !== 'trial') return undefined;
      trials.push(args);
      const pace = (/** @type {number} */ stepMs) => ({ stepMs, measuredMs: 80, readyMs: 700 });
      return { webgpu: pace(speed.webgpu), cpu: pace(speed.cpu) };
    },
  });
  const engine = { call: async (/** @type {string} */ name) => (name === 'reserveRun' ? { runId: 'run-1', dataset: 1 } : { dataset: 1 }) };
  return { session: /** @type {any} */ ({ gpu, engine, rows: 120_000, touches: 600_000, cells: 0, ...about }), trials };
}
const choose = (/** @type {any} */ options, /** @type {any} */ session) => deviceFor('auto', false, options, session, {});

test('a journey model goes to the device whose steps were faster', async () => {
  for (const [speed, kind, code] of /** @type {[any, string, string][]} */ ([
    [{ cpu: 10.24, webgpu: 5.12 }, 'webgpu', 'gpu-faster'],
    [{ cpu: 5.12, webgpu: 10.24 }, 'cpu', 'cpu-faster'],
  ])) {
    const { session: stub, trials } = session(speed);
    const options = { model: 'journey', hidden: 128 };
    const device = await choose(options, stub);
    assert.deepEqual([device.kind, device.reasonCode], [kind, code]);
    // What it took to find out is told apart from what it takes to have a GPU ready.
    assert.deepEqual(device.figures, { ...speed, measured: 160, ready: 1400 });
    // The very model is tried, with nothing changed: sizes, batch and rows are Rust's to work out.
    assert.deepEqual(trials, [{ options }]);
  }
});

test('small work, shapes without kernels and software adapters stay on the CPU unmeasured', async () => {
  const small = session({ cpu: 1, webgpu: 0.1 }, { rows: 400, touches: 1000 });
  assert.equal((await choose({ model: 'journey' }, small.session)).reasonCode, 'small-model');
  const { session: stub, trials } = session({ cpu: 1, webgpu: 0.1 });
  assert.equal((await choose({ model: 'journey', bidirectional: true }, stub)).reasonCode, 'not-on-gpu');
  assert.equal((await choose({ model: 'transformer' }, stub)).reasonCode, 'not-on-gpu');
  // The whole session's wish gives way; the wish of this very call is left to fail with its reason.
  assert.equal((await deviceFor('webgpu', false, { model: 'transformer' }, stub, {})).kind, 'cpu');
  assert.equal((await deviceFor('webgpu', true, { model: 'transformer' }, stub, {})).kind, 'webgpu');
  adapter.info.description = 'SwiftShader';
  assert.equal((await choose({ model: 'journey', hidden: 128 }, stub)).reasonCode, 'software-adapter');
  adapter = null;
  assert.equal((await choose({ model: 'journey', hidden: 128 }, stub)).reasonCode, 'no-adapter');
  assert.equal(trials.length + small.trials.length, 0);
});
