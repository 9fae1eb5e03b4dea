/**
 * Devices: WebGPU where there is an adapter (SwiftShader here), the CPU where there is none, and the same
 * figures from both.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sessionsCsv } from '../support/data.js';
import { openTab } from '../support/tab.js';

const CSV = sessionsCsv({ rows: 1000 });

describe('without a GPU', () => {
  /** @type {import('../support/tab.js').Tab} */
  let tab;
  before(async () => {
    tab = await openTab();
  });
  after(() => tab?.close());

  test('probeDevices says why', async () => {
    const probe = await tab.run(({ probeDevices }) => probeDevices());
    assert.equal(probe.webgpu.available, false);
    assert.match(probe.webgpu.reason, /\w+ \w+/);
    assert.equal(probe.cpu.simd, true);
  });

  for (const wish of ['auto', 'webgpu']) {
    test(`a session opened with '${wish}' falls back to the CPU, says why, and trains`, async () => {
      const { device, run } = await tab.session(async (session, csv) => {
        await session.load(csv);
        await session.prepare();
        return { device: session.device, run: await session.train() };
      }, CSV, { device: wish });
      assert.equal(device.kind, 'cpu');
      assert.match(device.reason, /WebGPU|GPU/);
      assert.equal(run.device, 'cpu');
      assert.ok(run.deviceReason.length > 10);
    });
  }
});

describe('with WebGPU', () => {
  /** @type {import('../support/tab.js').Tab} */
  let tab;
  before(async () => {
    tab = await openTab({ gpu: true });
  });
  after(() => tab?.close());

  test('auto keeps the CPU where the adapter is software, and says so', async (t) => {
    if (!tab.gpuBuilt) return t.skip('the gpu build is not there');
    const device = await tab.session((session) => session.device, undefined, { device: 'auto' });
    assert.equal(device.kind, 'cpu');
    assert.equal(device.reasonCode, 'software-adapter');
  });

  test('the GPU passes its self-test and trains; its loss is the CPU\'s after 50 Adam steps', async (t) => {
    if (!tab.gpuBuilt) return t.skip('the gpu build is not there');
    const { device, runs, engine, gpu } = await tab.session(async (session, csv) => {
      const { device } = session;
      await session.load(csv);
      await session.prepare({ split: { validation: 0 } });
      const options = { optimizer: { kind: 'adam', learningRate: 0.02 }, epochs: 50, batchSize: 0, earlyStopping: null, seed: 3 };
      const runs = [await session.train({ ...options, device: 'webgpu' }), await session.train({ ...options, device: 'cpu' })];
      return { device, runs, ...(await session.diagnose()) };
    }, CSV, { device: 'webgpu' });
    assert.equal(device.kind, 'webgpu');
    assert.equal(device.reasonCode, 'asked-webgpu');
    assert.match(runs[0].device, /^webgpu/);
    assert.equal(runs[1].device, 'cpu');
    assert.deepEqual(runs.map(({ steps }) => steps), [50, 50]);
    const [onGpu, onCpu] = runs.map(({ metrics }) => metrics.train.loss);
    assert.ok(Math.abs(onGpu - onCpu) < 1e-4, `${onGpu} and ${onCpu}`);
    assert.ok(onCpu < 0.69, `the model has learned: ${onCpu}`);
    assert.equal(engine.constructorRuns, 1);
    assert.equal(gpu.constructorRuns, 1);
  });

  test('mini-batches are the same rows on both devices', async (t) => {
    if (!tab.gpuBuilt) return t.skip('the gpu build is not there');
    const losses = await tab.session(async (session, csv) => {
      await session.load(csv);
      await session.prepare();
      const losses = [];
      for (const device of ['webgpu', 'cpu']) {
        const options = { optimizer: { kind: 'adam', learningRate: 0.02 }, epochs: 3, batchSize: 64, earlyStopping: null, device };
        losses.push((await session.train(options)).epochs.map(({ validationLoss }) => validationLoss));
      }
      return losses;
    }, CSV, { device: 'webgpu' });
    losses[0].forEach((loss, epoch) => {
      assert.ok(Math.abs(loss - losses[1][epoch]) < 1e-4, `epoch ${epoch}: ${loss} and ${losses[1][epoch]}`);
    });
  });

  for (const kind of ['gd', 'momentum']) {
    test(`${kind} learns on the GPU`, async (t) => {
      if (!tab.gpuBuilt) return t.skip('the gpu build is not there');
      const { epochs } = await tab.session(async (session, { csv, kind }) => {
        await session.load(csv);
        await session.prepare();
        return session.train({ optimizer: { kind }, epochs: 10, device: 'webgpu' });
      }, { csv: CSV, kind }, { device: 'webgpu' });
      assert.ok(epochs.at(-1).trainLoss < epochs[0].trainLoss);
    });
  }

  test('L-BFGS on the GPU is refused in words', async (t) => {
    if (!tab.gpuBuilt) return t.skip('the gpu build is not there');
    const code = await tab.failure(async (session, csv) => {
      await session.load(csv);
      await session.prepare();
      await session.train({ optimizer: { kind: 'lbfgs' }, device: 'webgpu' });
    }, CSV, { device: 'webgpu' });
    assert.equal(code, 'lbfgs-needs-cpu');
  });
});
