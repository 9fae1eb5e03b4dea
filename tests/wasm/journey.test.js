/** A journey model on the CPU, through the public API: what it answers, how it is steered, what memory it takes. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { random } from '../support/data.js';
import { openTab } from '../support/tab.js';

/** @type {import('../support/tab.js').Tab} */
let tab;
before(async () => {
  tab = await openTab();
});
after(() => tab?.close());

/** Journeys that convert where `mail` comes right after `ads`: order decides, counts and times don't. */
function journeysCsv(users = 2500, seed = 9) {
  const next = random(seed);
  const channels = ['ads', 'mail', 'search', 'social'];
  const lines = ['user,time,channel,converted'];
  for (let user = 0; user < users; user++) {
    const touches = Array.from({ length: 1 + Math.floor(next() * 7) }, () => Math.floor(next() * 4));
    const pair = touches.some((touch, at) => touch === 0 && touches[at + 1] === 1);
    const converted = next() < (pair ? 0.85 : 0.1);
    let time = Date.UTC(2026, 0, 1) + Math.floor(next() * 1e9);
    touches.forEach((touch, at) => {
      time += 60_000 + Math.floor(next() * 2e8);
      const last = at === touches.length - 1;
      lines.push(`u${user},${new Date(time).toISOString()},${channels[touch]},${last && converted ? 1 : 0}`);
    });
  }
  return lines.join('\n');
}
const INPUT = {
  csv: journeysCsv(),
  load: { layout: 'events', roles: { user: 'user', time: 'time', channel: 'channel', label: 'converted' } },
};

describe('a journey model', () => {
  test('answers a run with what it is held against, and tells the run before that', async () => {
    const { run, early, phases, listed } = await tab.session(async (session, { csv, load }) => {
      await session.load(csv, load);
      await session.prepare();
      const phases = new Set();
      let early;
      const run = await session.train({ model: 'journey', epochs: 15 }, {
        onProgress: (/** @type {any} */ { phase }) => phases.add(phase),
        onRun: (/** @type {any} */ told) => { early = told; },
      });
      return { run, early, phases: [...phases], listed: await session.runs() };
    }, INPUT);
    assert.equal(run.model, 'journey');
    assert.equal(run.options.preset, 'fast');
    assert.deepEqual(run.inputs, { channels: 4, events: 0, timeGaps: true, statics: [] });
    assert.ok(run.metrics.test.auc > 0.75, `${run.metrics.test.auc}`);
    assert.equal(run.coefficients, undefined);
    assert.deepEqual(phases, ['train', 'evaluate', 'controls']);
    assert.equal(early.id, run.id);
    assert.equal(early.baselines, undefined);
    const { baselines } = run;
    assert.equal(baselines.part, 'test');
    assert.equal(baselines.complete, true);
    assert.equal(baselines.orderMatters.answer, 'yes');
    assert.equal(baselines.earnsItsKeep.answer, 'yes');
    assert.notEqual(baselines.timeMatters.answer, 'yes');
    assert.ok(baselines.model.loss < baselines.logistic.loss);
    assert.ok(Math.abs(baselines.model.loss - run.metrics.test.loss) < 1e-9);
    assert.deepEqual(listed.at(-1).baselines, baselines);
    assert.deepEqual(run.ceiling, baselines.ceiling);
    assert.match(baselines.orderMatters.against, /^shuffled/);
    assert.ok(baselines.shuffledWithGaps.loss > baselines.model.loss);
  });

  test('keeps its run where the controls are given up, and makes them up later', async () => {
    const { first, listed, later } = await tab.session(async (session, { csv, load }) => {
      await session.load(csv, load);
      await session.prepare();
      const stop = new AbortController();
      const first = await session.train({ model: 'journey', epochs: 4 }, { signal: stop.signal, onRun: () => stop.abort() });
      const listed = await session.runs();
      return { first, listed, later: await session.controls(first.id) };
    }, INPUT);
    assert.equal(first.baselines, undefined);
    assert.equal(listed.length, 1);
    assert.equal(later.id, first.id);
    assert.ok(later.baselines.complete);
  });

  test('gives the same bits for the same seed, predicts for the file, and can be taken home', async () => {
    const { same, other, probability, test: tested, json } = await tab.session(async (session, { csv, load }) => {
      await session.load(csv, load);
      const { test } = await session.prepare();
      const options = { model: 'journey', epochs: 2, controls: false, recurrentDropout: 0.1 };
      const parameters = async (/** @type {number} */ seed) => {
        const { id } = await session.train({ ...options, seed });
        return { id, json: JSON.parse(await (await session.exportRun(id, 'json')).text()) };
      };
      const [a, b, c] = [await parameters(5), await parameters(5), await parameters(6)];
      const text = (/** @type {any} */ { json }) => JSON.stringify(json.parameters);
      const { probability } = await session.predict(a.id);
      const again = await session.predict(a.id, csv);
      if (probability.some((/** @type {number} */ p, /** @type {number} */ at) => p !== again.probability[at])) throw new Error('not the same');
      return { same: text(a) === text(b), other: text(a) === text(c), probability: [...probability], test, json: a.json };
    }, INPUT);
    assert.ok(same && !other);
    assert.equal(probability.length, 2500);
    assert.ok(probability.every((/** @type {number} */ p) => p > 0 && p < 1) && tested > 0);
    assert.equal(json.format, 'channelwise-journey');
    assert.deepEqual(json.journey.inputs.channels, ['ads', 'mail', 'search', 'social']);
  });

  test('paused and resumed on the way, it ends with the same bits', async () => {
    const { same, pauses, seconds, wall } = await tab.session(async (session, { csv, load }) => {
      await session.load(csv, load);
      await session.prepare();
      const options = { model: 'journey', epochs: 30, batchSize: 32, controls: false, dropout: 0.1, recurrentDropout: 0.1, earlyStopping: null, seed: 8 };
      const parameters = async (/** @type {string} */ id) => JSON.stringify(JSON.parse(await (await session.exportRun(id, 'json')).text()).parameters);
      const through = await session.train(options);
      let pauses = 0;
      const started = performance.now();
      const paused = await session.train(options, {
        onProgress: (/** @type {any} */ { epoch }) => {
          if (epoch < 3 * (pauses + 1) || pauses === 3) return;
          pauses++;
          session.pause();
          setTimeout(() => session.resume(), 400);
        },
      });
      const wall = (performance.now() - started) / 1e3;
      return { same: (await parameters(through.id)) === (await parameters(paused.id)), pauses, seconds: paused.seconds, wall };
    }, INPUT);
    assert.equal(pauses, 3);
    assert.ok(wall - seconds > 0.8, `it was paused: ${seconds} s of ${wall}`);
    assert.ok(same);
  });

  test('takes no more memory for four hundred epochs than for five', async () => {
    const bytes = await tab.session(async (session, { csv, load }) => {
      await session.load(csv, load);
      await session.prepare();
      const after = [];
      for (const epochs of [5, 400]) {
        await session.train({ model: 'journey', epochs, controls: false, earlyStopping: null });
        after.push((await session.diagnose()).engine.memoryBytes);
      }
      return after;
    }, INPUT);
    // The second run is kept too, with its report.
    assert.ok(bytes[1] - bytes[0] <= 2 * 65_536, `${bytes}`);
  });

  test('stops at once and keeps the best epoch', async () => {
    const run = await tab.session(async (session, { csv, load }) => {
      await session.load(csv, load);
      await session.prepare();
      let asked = false;
      return session.train({ model: 'journey', epochs: 5000, earlyStopping: null }, {
        onProgress: (/** @type {any} */ { epoch }) => {
          if (epoch > 3 && !asked) {
            asked = true;
            session.stop();
          }
        },
      });
    }, INPUT);
    assert.equal(run.ended, 'stopped');
    assert.equal(run.baselines, undefined);
    // What the sequence alone can tell is there at once.
    assert.equal(run.ceiling.part, 'test');
    assert.ok(run.ceiling.floor <= run.ceiling.accuracy && run.ceiling.accuracy <= 1);
    const losses = run.epochs.map((/** @type {any} */ { validationLoss }) => validationLoss);
    assert.equal(losses[run.bestEpoch - 1], Math.min(...losses));
  });
});
