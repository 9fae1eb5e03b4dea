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
      let [pauses, held] = [0, false];
      const started = performance.now();
      const paused = await session.train(options, {
        onProgress: (/** @type {any} */ { epoch }) => {
          // Reports are still on their way when a pause is asked for: the next one waits until this one is over.
          if (held || epoch < 3 * (pauses + 1) || pauses === 3) return;
          held = true;
          pauses++;
          session.pause();
          setTimeout(() => {
            session.resume();
            held = false;
          }, 400);
        },
      });
      const wall = (performance.now() - started) / 1e3;
      return { same: (await parameters(through.id)) === (await parameters(paused.id)), pauses, seconds: paused.seconds, wall };
    }, INPUT);
    assert.equal(pauses, 3);
    assert.ok(wall - seconds > 0.8, `it was paused: ${seconds} s of ${wall}`);
    assert.ok(same);
  });

  test('credits each run under its own name, and says whether its intervals allow for the model', async () => {
    const { runs, comparison, phases, named } = await tab.session(async (session, { csv, load }) => {
      await session.load(csv, load);
      await session.prepare();
      const runs = [];
      for (const model of ['logistic', 'journey', 'transformer', 'journey']) {
        runs.push(await session.train({ model, epochs: 3, controls: false }));
      }
      const phases = new Set();
      const options = { resamples: 50, modelRule: 'leaveOneChannelOut' };
      const comparison = await session.compare(options, { onProgress: (/** @type {any} */ { phase }) => phases.add(phase) });
      const named = await session.compare({ ...options, runIds: [runs[1].id, runs[3].id] });
      return { runs, comparison, phases: [...phases], named };
    }, INPUT);
    /** @param {any} of */
    const learned = (of) => of.credit.filter((/** @type {any} */ { runId }) => runId);
    const [logistic, , transformer, journey] = runs.map(({ id }) => id);
    const found = learned(comparison).map((/** @type {any} */ { method, runId, intervals }) => [method, runId, intervals]);
    assert.deepEqual(found.sort(), [
      ['journey', journey, 'model-fixed'],
      ['logistic', logistic, 'model-drawn'],
      ['transformer', transformer, 'model-fixed'],
    ]);
    for (const { rule, channels } of learned(comparison)) {
      assert.equal(rule, 'leaveOneChannelOut');
      for (const { shareInterval, rankProbability } of channels) assert.ok(shareInterval && rankProbability);
    }
    assert.ok(phases.includes('credit'), `${phases}`);
    assert.ok(comparison.warnings.some((/** @type {any} */ { code }) => code === 'journey-credit-extrapolates'));
    const pair = comparison.differences.find((/** @type {any} */ one) => one.method === 'logistic' && one.baseline === 'last');
    assert.equal(pair.paired, false);
    assert.equal(pair.resamples, 50);
    // Runs that are named are all credited, two of a kind too.
    assert.deepEqual(learned(named).map((/** @type {any} */ { runId }) => runId), [runs[1].id, runs[3].id]);
  });

  test('the self-test holds every method against a truth', async () => {
    const { scenarios } = await tab.session((session) => session.selfTest({ scenarios: ['additive'], journeys: 4000 }), {});
    assert.equal(scenarios.length, 1);
    const [{ scenario, journeys, truth, methods }] = scenarios;
    assert.deepEqual([scenario, journeys, truth.length], ['additive', 4000, 8]);
    for (const of of ['share', 'shapleyShare']) {
      const sum = truth.reduce((/** @type {number} */ total, /** @type {any} */ one) => total + one[of], 0);
      assert.ok(Math.abs(sum - 1) < 1e-9, `${of}: ${sum}`);
    }
    const models = methods.filter((/** @type {any} */ { rule }) => rule);
    assert.deepEqual(models.map((/** @type {any} */ { method, rule, estimand }) => [method, rule, estimand]).sort(), [
      ['logistic', 'leaveOneChannelOut', 'removal'],
      ['logistic', 'sampledShapley', 'shapley'],
    ]);
    const worst = Math.max(...models.map((/** @type {any} */ { meanAbsoluteError }) => meanAbsoluteError));
    const rules = methods.filter((/** @type {any} */ { rule }) => !rule);
    for (const { method, meanAbsoluteError, removalError } of rules) {
      assert.ok(meanAbsoluteError > worst, `${method}: ${meanAbsoluteError}`);
      assert.equal(meanAbsoluteError, removalError);
    }
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
