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
 * A session whose devices take so many milliseconds for a row.
 * @param {{ cpu: number; webgpu: number }} speed
 * @param {object} [about]
 */
function session(speed, about = {}) {
  /** @type {any[]} */
  const fits = [];
  const gpu = new GpuTrainer();
  gpu.start = async () => {};
  gpu.name = 'A GPU';
  gpu.channel = /** @type {any} */ ({
    call: async (/** @type {string} */ name, /** @type {any} */ args) => {
      if (name !== 'fit') return undefined;
      fits.push(args);
      const { device, batchSize } = args.options;
      return { stepMs: speed[/** @type {'cpu' | 'webgpu'} */ (device)] * batchSize };
    },
  });
  const engine = { call: async (/** @type {string} */ name) => (name === 'reserveRun' ? { runId: 'run-1', dataset: 1 } : { dataset: 1 }) };
  return { session: /** @type {any} */ ({ gpu, engine, rows: 120_000, touches: 600_000, cells: 0, ...about }), fits };
}
const choose = (/** @type {any} */ options, /** @type {any} */ session) => deviceFor('auto', false, options, session, {});

test('a journey model goes to the device whose steps were faster', async () => {
  for (const [speed, kind, code] of /** @type {[any, string, string][]} */ ([
    [{ cpu: 0.02, webgpu: 0.01 }, 'webgpu', 'gpu-faster'],
    [{ cpu: 0.01, webgpu: 0.02 }, 'cpu', 'cpu-faster'],
  ])) {
    const { session: stub, fits } = session(speed);
    const device = await choose({ model: 'journey', hidden: 128 }, stub);
    assert.deepEqual([device.kind, device.reasonCode], [kind, code]);
    // As long as a real step of 512 journeys, although the CPU was tried on fewer.
    assert.ok(Math.abs((device.figures?.cpu ?? 0) - 512 * speed.cpu) < 1e-9);
    assert.equal(device.figures?.webgpu, 512 * speed.webgpu);
    const [compiled, measured, cpu] = fits;
    assert.equal(fits.length, 3);
    assert.equal(compiled.options.device, 'webgpu');
    assert.equal(measured.options.batchSize, 512);
    assert.ok(cpu.options.batchSize < 512 && cpu.options.batchSize >= 16);
    assert.equal(cpu.trialRows, 4 * cpu.options.batchSize);
    assert.ok(fits.every(({ options }) => options.epochs === 1 && options.earlyStopping === null));
  }
});

test("the article's batches are measured as they are", async () => {
  const { session: stub, fits } = session({ cpu: 1, webgpu: 2 });
  await choose({ model: 'journey', preset: 'article' }, stub);
  assert.equal(fits[0].options.batchSize, 32);
});

test('small work, shapes without kernels and software adapters stay on the CPU unmeasured', async () => {
  const small = session({ cpu: 1, webgpu: 0.1 }, { rows: 400, touches: 1000 });
  assert.equal((await choose({ model: 'journey' }, small.session)).reasonCode, 'small-model');
  const { session: stub, fits } = session({ cpu: 1, webgpu: 0.1 });
  assert.equal((await choose({ model: 'journey', bidirectional: true }, stub)).reasonCode, 'not-on-gpu');
  assert.equal((await choose({ model: 'transformer' }, stub)).reasonCode, 'not-on-gpu');
  // The whole session's wish gives way; the wish of this very call is left to fail with its reason.
  assert.equal((await deviceFor('webgpu', false, { model: 'transformer' }, stub, {})).kind, 'cpu');
  assert.equal((await deviceFor('webgpu', true, { model: 'transformer' }, stub, {})).kind, 'webgpu');
  adapter.info.description = 'SwiftShader';
  assert.equal((await choose({ model: 'journey', hidden: 128 }, stub)).reasonCode, 'software-adapter');
  adapter = null;
  assert.equal((await choose({ model: 'journey', hidden: 128 }, stub)).reasonCode, 'no-adapter');
  assert.equal(fits.length + small.fits.length, 0);
});
