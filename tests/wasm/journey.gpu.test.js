/** A journey model on WebGPU (SwiftShader here) learns what it learns on the CPU, step by step. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { api, launch, site } from '../e2e/harness.js';
import { random } from '../support/data.js';
import { openTab } from '../support/tab.js';

/** @type {import('../support/tab.js').Tab} */
let tab;
before(async () => {
  tab = await openTab({ gpu: true });
});
after(() => tab?.close());

/** Journeys of one to nine touches with times and event types, whose end depends on order and on gaps. */
function journeysCsv(users = 700, seed = 5) {
  const next = random(seed);
  const lines = ['user,time,channel,event,converted'];
  for (let user = 0; user < users; user++) {
    const touches = 1 + Math.floor(next() * 9);
    const channels = Array.from({ length: touches }, () => Math.floor(next() * 5));
    const late = channels[touches - 1] === 2 || (channels[0] === 1 && touches > 3);
    const converted = next() < (late ? 0.6 : 0.15) ? 1 : 0;
    let time = Date.UTC(2026, 0, 1) + Math.floor(next() * 1e9);
    channels.forEach((channel, at) => {
      time += Math.floor(next() * 2e8);
      const event = ['view', 'cart'][Math.floor(next() * 2)];
      lines.push(`u${user},${new Date(time).toISOString()},c${channel},${event},${at === touches - 1 ? converted : 0}`);
    });
  }
  return lines.join('\n');
}
const CSV = journeysCsv();
const LOAD = { layout: 'events', roles: { user: 'user', time: 'time', channel: 'channel', event: 'event', label: 'converted' } };
const OPTIONS = { model: 'journey', epochs: 6, batchSize: 32, controls: false, seed: 3, earlyStopping: null, l2: 0.5 };

/** @param {object} options */
const both = (options) => tab.session(async (session, { csv, load, options }) => {
  await session.load(csv, load);
  await session.prepare();
  const runs = [];
  for (const device of ['webgpu', 'cpu']) runs.push(await session.train({ ...options, device }));
  return runs;
}, { csv: CSV, load: LOAD, options }, { device: 'webgpu' });

describe('a journey model on the GPU', () => {
  /** @type {[string, object][]} */
  const variants = [
    ['with event types, times and all else as usual', {}],
    ['with dropout of both kinds', { dropout: 0.2, recurrentDropout: 0.2, hidden: 24 }],
    ['without times, AdamW, 50 units', { timeGaps: false, hidden: 50, optimizer: { kind: 'adamw', learningRate: 0.01 } }],
  ];
  for (const [what, options] of variants) {
    test(`has the CPU's training curve, ${what}`, async (t) => {
      if (!tab.gpuBuilt) return t.skip('the gpu build is not there');
      const [gpu, cpu] = await both({ ...OPTIONS, ...options });
      assert.match(gpu.device, /^webgpu/);
      assert.equal(cpu.device, 'cpu');
      assert.ok(gpu.steps > 80, `${gpu.steps} steps`);
      assert.equal(gpu.steps, cpu.steps);
      gpu.epochs.forEach((/** @type {any} */ epoch, /** @type {number} */ at) => {
        for (const figure of ['trainLoss', 'validationLoss']) {
          assert.ok(Math.abs(epoch[figure] - cpu.epochs[at][figure]) < 1e-3, `${figure} of epoch ${at + 1}: ${epoch[figure]}, ${cpu.epochs[at][figure]}`);
        }
      });
      assert.ok(gpu.epochs.at(-1).trainLoss < gpu.epochs[0].trainLoss - 0.01, 'it learns');
      assert.ok(Math.abs(gpu.metrics.test.loss - cpu.metrics.test.loss) < 2e-3);
    });
  }

  test("has the CPU's loss at every reading of the device, over more than a hundred steps", async (t) => {
    if (!tab.gpuBuilt) return t.skip('the gpu build is not there');
    const [gpu, cpu] = await both({ ...OPTIONS, batchSize: 80, epochs: 18, dropout: 0.1 });
    assert.ok(gpu.steps > 100, `${gpu.steps} steps`);
    // The device is read every eight steps and at the end of an epoch: so is every epoch here.
    assert.ok(gpu.steps / gpu.epochs.length <= 8, `${gpu.steps} steps in ${gpu.epochs.length} epochs`);
    const gaps = gpu.epochs.map((/** @type {any} */ { trainLoss }, /** @type {number} */ at) => Math.abs(trainLoss - cpu.epochs[at].trainLoss));
    assert.ok(Math.max(...gaps) < 1e-3, `${gaps}`);
  });

  test('pauses, goes on, stops at once and keeps the best epoch', async (t) => {
    if (!tab.gpuBuilt) return t.skip('the gpu build is not there');
    const { run, during } = await tab.session(async (session, { csv, load, options }) => {
      await session.load(csv, load);
      await session.prepare();
      let reports = 0;
      let during;
      const run = await session.train({ ...options, epochs: 5000, device: 'webgpu' }, {
        onProgress: () => {
          reports++;
          if (reports === 3) {
            session.pause().then(async () => {
              const before = reports;
              await new Promise((resolve) => setTimeout(resolve, 700));
              during = reports - before;
              await session.resume();
            });
          }
          if (during !== undefined && reports > 8) session.stop();
        },
      });
      return { run, during };
    }, { csv: CSV, load: LOAD, options: OPTIONS }, { device: 'webgpu' });
    // A step that was on its way may still be told.
    assert.ok(during <= 1, `${during} reports while it stood still`);
    assert.equal(run.ended, 'stopped');
    assert.match(run.device, /^webgpu/);
    const losses = run.epochs.map((/** @type {any} */ { validationLoss }) => validationLoss);
    assert.ok(losses.length > 0 && losses.length < 5000);
    assert.equal(losses[run.bestEpoch - 1], Math.min(...losses));
  });

  test('takes no more memory for sixty epochs than for six', async (t) => {
    if (!tab.gpuBuilt) return t.skip('the gpu build is not there');
    const bytes = await tab.session(async (session, { csv, load, options }) => {
      await session.load(csv, load);
      await session.prepare();
      const after = [];
      for (const epochs of [6, 60]) {
        await session.train({ ...options, epochs, device: 'webgpu' });
        after.push((await session.diagnose()).gpu.memoryBytes);
      }
      return after;
    }, { csv: CSV, load: LOAD, options: OPTIONS }, { device: 'webgpu' });
    assert.ok(bytes[1] - bytes[0] <= 2 * 65_536, `${bytes}`);
  });

  test('of a shape that the GPU has no kernels for is trained on the CPU, which is said', async (t) => {
    if (!tab.gpuBuilt) return t.skip('the gpu build is not there');
    const code = await tab.failure(async (session, { csv, load, options }) => {
      await session.load(csv, load);
      await session.prepare();
      await session.train({ ...options, bidirectional: true, device: 'webgpu' });
    }, { csv: CSV, load: LOAD, options: OPTIONS }, { device: 'webgpu' });
    assert.equal(code, 'device-failed');
  });
});

/** Journeys of one length. @param {number} touches */
function evenJourneysCsv(touches) {
  const next = random(11);
  const lines = ['user,time,channel,converted'];
  for (let user = 0; user < 200; user++) {
    for (let touch = 0; touch < touches; touch++) {
      lines.push(`u${user},${new Date(Date.UTC(2026, 0, 1 + touch)).toISOString()},c${Math.floor(next() * 4)},${touch === touches - 1 && next() < 0.4 ? 1 : 0}`);
    }
  }
  return lines.join('\n');
}

test('a training step takes the same few launches however long the journeys are', async (t) => {
  if (!tab.gpuBuilt) return t.skip('the gpu build is not there');
  const server = await site();
  const browser = await launch({ withGpu: true, serviceWorkers: 'block' });
  t.after(() => Promise.all([browser.close(), server.close()]));
  const { page } = browser;
  await page.goto(new URL('channelwise.d.ts', server.url).href);
  await api(page, async ({ openSession }) => {
    Object.assign(globalThis, { held: await openSession({ device: 'webgpu' }) });
  });
  // Every launch goes through this method of the browser's, whoever makes it.
  const count = () => Promise.all(page.workers().map((worker) => worker.evaluate(() => {
    const state = /** @type {any} */ (globalThis);
    if (state.launches === undefined && 'GPUComputePassEncoder' in state) {
      state.launches = 0;
      const passes = state.GPUComputePassEncoder.prototype;
      const own = passes.dispatchWorkgroups;
      passes.dispatchWorkgroups = function (/** @type {any[]} */ ...sizes) {
        state.launches++;
        return own.apply(this, sizes);
      };
    }
    return Number(state.launches ?? 0);
  }))).then((counts) => counts.reduce((sum, one) => sum + one, 0));
  /** @type {number[]} */
  const each = [];
  for (const touches of [2, 12]) {
    /** @param {number} epochs */
    const train = async (epochs) => {
      const before = await count();
      const steps = await api(page, async (_, { csv, epochs }) => {
        const session = /** @type {any} */ (globalThis).held;
        await session.load(csv, { layout: 'events', roles: { user: 'user', time: 'time', channel: 'channel', label: 'converted' } });
        await session.prepare();
        return (await session.train({ model: 'journey', device: 'webgpu', epochs, batchSize: 32, controls: false, earlyStopping: null })).steps;
      }, { csv: evenJourneysCsv(touches), epochs });
      return { launches: (await count()) - before, steps };
    };
    const [short, long] = [await train(1), await train(3)];
    each.push((long.launches - short.launches) / (long.steps - short.steps));
  }
  t.diagnostic(`${each[0]} launches a step`);
  assert.equal(each[0], each[1]);
  assert.ok(each[0] > 0 && each[0] <= 40, `${each[0]} launches a step`);
});
