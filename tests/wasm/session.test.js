/**
 * The public API in Chromium on the CPU: what it answers, what it refuses, and what it keeps when a step
 * fails.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sessionsCsv } from '../support/data.js';
import { openTab } from '../support/tab.js';

/** @type {import('../support/tab.js').Tab} */
let tab;
before(async () => {
  tab = await openTab();
});
after(() => tab?.close());

const CSV = sessionsCsv();

describe('load', () => {
  test('answers types, roles with reasons, and counts that add up', async () => {
    const summary = await tab.session((session, csv) => session.load(csv, { name: 'mine.csv' }), CSV);
    assert.equal(summary.name, 'mine.csv');
    assert.equal(summary.rows, 400);
    assert.equal(summary.rejected.count, 0);
    assert.equal(summary.layout, 'rows');
    assert.equal(summary.delimiter, ',');
    assert.equal(summary.bytes, Buffer.byteLength(CSV));
    const roles = Object.fromEntries(summary.columns.map((column) => [column.name, column.role]));
    assert.deepEqual(roles, { channel: 'channel', minutes: 'feature', pages: 'feature', converted: 'label' });
    for (const column of summary.columns) assert.ok(column.reason.code && column.reason.message, column.name);
    assert.equal(summary.preview[0].length, 4);
  });

  test('takes a Blob, an ArrayBuffer and a string alike', async () => {
    const rows = await tab.session(async (session, csv) => {
      const bytes = new TextEncoder().encode(csv);
      const answers = [];
      for (const source of [csv, new Blob([csv]), bytes.buffer]) answers.push((await session.load(source)).rows);
      return answers;
    }, CSV);
    assert.deepEqual(rows, [400, 400, 400]);
  });

  test('a file of several chunks is read whole, with progress that rises to 1', async () => {
    const { rows, fractions, expected } = await tab.session(async (session) => {
      const { csv } = await session.sample({ rows: 120_000, features: 12, seed: 5 });
      const fractions = [];
      const summary = await session.load(csv, {}, {
        onProgress: ({ phase, fraction }) => phase === 'read' && fractions.push(fraction),
      });
      return { rows: summary.rows, fractions, expected: 120_000 };
    });
    assert.equal(rows, expected);
    assert.ok(fractions.length > 2, `${fractions.length} reports`);
    assert.equal(fractions.at(-1), 1);
    assert.deepEqual([...fractions].sort((a, b) => a - b), fractions);
  });

  for (const [what, csv, code] of [
    ['an empty file', '', 'empty-file'],
    ['a header alone', 'a,b,c\n', 'no-rows'],
    ['a damaged archive', 'PK\u0003\u0004 rest of a zip', 'broken-archive'],
    ['a PDF', '%PDF-1.7 rest of it', 'unsupported-format'],
  ]) {
    test(`${what} is refused with ${code}, and the table loaded before is kept`, async () => {
      const { error, after } = await tab.session(async (session, { good, bad }) => {
        await session.load(good);
        const error = await session.load(bad).catch(({ name, code, message }) => ({ name, code, message }));
        return { error, after: await session.prepare() };
      }, { good: CSV, bad: csv });
      assert.equal(error.name, 'ChannelwiseError');
      assert.equal(error.code, code);
      assert.ok(error.message.length > 10);
      assert.equal(after.rows, 400);
    });
  }

  test('a cancelled load rejects with aborted and keeps the table loaded before', async () => {
    const { code, rows } = await tab.session(async (session, csv) => {
      await session.load(csv);
      const { csv: large } = await session.sample({ rows: 120_000, features: 12, seed: 5 });
      const controller = new AbortController();
      const loading = session.load(large, {}, { signal: controller.signal, onProgress: () => controller.abort() });
      const code = await loading.then(() => 'loaded', (error) => error.code);
      return { code, rows: (await session.prepare()).rows };
    }, CSV);
    assert.equal(code, 'aborted');
    assert.equal(rows, 400);
  });

  test('a large load that is cancelled gives its memory back where nothing is kept', async () => {
    const found = await tab.session(async (session, csv) => {
      const bytes = async () => (await session.diagnose()).engine.memoryBytes;
      const empty = await bytes();
      // 150 MB that the worker has to keep: every user is another.
      const lines = (part) => Array.from({ length: 100_000 }, (_, row) => `user-${part}-${row},${row % 7},channel ${row % 5}\n`).join('');
      const large = new Blob(['user,n,channel\n', ...Array.from({ length: 62 }, (_, part) => lines(part))]);
      // Well before the 4 millionth user, who would be one too many.
      const cancelled = async () => {
        const controller = new AbortController();
        const onProgress = ({ phase, fraction }) => phase === 'read' && fraction > 0.4 && controller.abort();
        return session.load(large, {}, { signal: controller.signal, onProgress }).then(() => 'loaded', (error) => error.code);
      };
      const code = await cancelled();
      const after = await bytes();
      // With a table in it the worker stays, and so does the table.
      await session.load(csv);
      const second = await cancelled();
      return { empty, after, held: await bytes(), codes: [code, second], size: large.size, rows: (await session.prepare()).rows };
    }, CSV);
    assert.ok(found.size > 150e6, `${found.size}`);
    assert.deepEqual(found.codes, ['aborted', 'aborted']);
    assert.ok(found.after <= found.empty, `${found.after} bytes after, ${found.empty} before`);
    assert.ok(found.held > found.empty + (64 << 20), 'the load takes memory to be given back');
    assert.equal(found.rows, 400);
  });
});

describe('prepare', () => {
  test('before load rejects with too-early', async () => {
    assert.equal(await tab.failure((session) => session.prepare()), 'too-early');
  });

  test('splits 80/20 with a tenth of the rest to validate, and counts add up', async () => {
    const summary = await tab.session(async (session, csv) => {
      await session.load(csv);
      return session.prepare();
    }, CSV);
    assert.equal(summary.train + summary.validation + summary.test, summary.rows);
    assert.equal(summary.test, 80);
    assert.equal(summary.validation, 32);
    assert.deepEqual(summary.channels.toSorted(), ['Direct', 'E-mail', 'Search', 'Social']);
    assert.deepEqual(summary.roles.label, 'converted');
  });

  for (const [what, options, code] of [
    ['no outcome column', { roles: { ignore: ['converted'] } }, 'no-outcome'],
    ['a column that is not there', { roles: { label: 'nothing' } }, 'unknown-column'],
    ['an outcome with more than two values', { roles: { label: 'pages' } }, 'outcome-not-binary'],
    ['a test share past 1', { split: { test: 1.5 } }, 'invalid-option'],
    ['a wrong type', { split: { by: 'moon' } }, 'invalid-option'],
  ]) {
    test(`${what} is refused with ${code}, and what was prepared before is kept`, async () => {
      const { got, run } = await tab.session(async (session, { csv, options }) => {
        await session.load(csv);
        await session.prepare();
        const got = await session.prepare(options).then(() => 'prepared', (error) => error.code);
        return { got, run: await session.train() };
      }, { csv: CSV, options });
      assert.equal(got, code);
      assert.equal(run.id, 'run-1');
    });
  }

  test('a file with one class only is refused with one-class', async () => {
    const csv = sessionsCsv({ outcome: () => '0' });
    const code = await tab.failure(async (session, csv) => {
      await session.load(csv, { roles: { label: 'converted' } });
      await session.prepare();
    }, csv);
    assert.equal(code, 'one-class');
  });

  test('a two-row file is refused in words, not by a crash', async () => {
    const code = await tab.failure(async (session) => {
      await session.load('channel,pages,converted\nDirect,1,0\nSearch,2,1\n');
      await session.prepare();
      await session.train();
    });
    assert.equal(code, 'too-few-rows');
  });
});

describe('train', () => {
  test('answers metrics, curves and coefficients; runs() lists it', async () => {
    const { run, runs, progress } = await tab.session(async (session, csv) => {
      await session.load(csv);
      await session.prepare();
      const progress = [];
      const run = await session.train({}, { onProgress: (event) => progress.push(event) });
      return { run, runs: await session.runs(), progress };
    }, CSV);
    assert.equal(run.model, 'logistic');
    assert.deepEqual(runs.map(({ id }) => id), [run.id]);
    for (const part of ['train', 'validation', 'test']) {
      const { n, confusion, auc, aucInterval } = run.metrics[part];
      assert.equal(confusion.tp + confusion.fp + confusion.tn + confusion.fn, n, part);
      assert.ok(aucInterval[0] <= auc && auc <= aucInterval[1], part);
      assert.equal(run.curves[part].thresholds.length, 101, part);
    }
    assert.equal(run.threshold.chosenOn, 'validation');
    assert.equal(run.parameters, run.coefficients.length + 1);
    assert.ok(progress.some(({ phase }) => phase === 'train'));
  });

  test('the same seed gives the same model, another gives another', async () => {
    const weights = await tab.session(async (session, csv) => {
      await session.load(csv);
      await session.prepare();
      const weights = [];
      for (const seed of [7, 7, 8]) {
        const run = await session.train({ optimizer: { kind: 'adam' }, epochs: 3, batchSize: 32, seed });
        weights.push(run.coefficients.map(({ value }) => value));
      }
      return weights;
    }, CSV);
    assert.deepEqual(weights[0], weights[1]);
    assert.notDeepEqual(weights[0], weights[2]);
  });

  for (const kind of ['gd', 'momentum', 'adam', 'adamw', 'lbfgs']) {
    test(`${kind} learns`, async () => {
      const { first, last, auc } = await tab.session(async (session, { csv, kind }) => {
        await session.load(csv);
        await session.prepare();
        const { epochs, metrics } = await session.train({ optimizer: { kind } });
        return { first: epochs[0].trainLoss, last: epochs.at(-1).trainLoss, auc: metrics.train.auc };
      }, { csv: CSV, kind });
      assert.ok(last <= first, `${first} → ${last}`);
      assert.ok(auc > 0.65, `training AUC ${auc}`);
    });
  }

  for (const [options, code] of [
    [{ model: 'journey' }, 'no-journeys'],
    [{ model: 'forest' }, 'invalid-option'],
    [{ model: 'journey', preset: 'slow' }, 'invalid-option'],
    [{ optimizer: { kind: 'magic' } }, 'invalid-option'],
    [{ device: 'abacus' }, 'invalid-option'],
    [{ device: 'webgpu' }, 'webgpu-unavailable'],
  ]) {
    test(`${JSON.stringify(options)} is refused with ${code}`, async () => {
      const got = await tab.failure(async (session, { csv, options }) => {
        await session.load(csv);
        await session.prepare();
        await session.train(options);
      }, { csv: CSV, options });
      assert.equal(got, code);
    });
  }

  test('abort gives the run up at once and keeps earlier runs', async () => {
    const { code, runs, waited } = await tab.session(async (session, csv) => {
      await session.load(csv);
      await session.prepare();
      await session.train();
      const controller = new AbortController();
      let asked = 0;
      const code = await session.train({ optimizer: { kind: 'gd', learningRate: 1e-6 }, epochs: 100_000, earlyStopping: null }, {
        signal: controller.signal,
        onProgress: () => {
          asked ||= performance.now();
          controller.abort();
        },
      }).then(() => 'trained', (error) => error.code);
      return { code, waited: performance.now() - asked, runs: (await session.runs()).length };
    }, CSV);
    assert.equal(code, 'aborted');
    assert.equal(runs, 1);
    assert.ok(waited < 1000, `${waited} ms`);
  });

  test('stop ends the run early and keeps its model', async () => {
    const run = await tab.session(async (session, csv) => {
      await session.load(csv);
      await session.prepare();
      return session.train({ optimizer: { kind: 'gd', learningRate: 1e-6 }, epochs: 100_000, earlyStopping: null }, {
        onProgress: ({ epoch }) => epoch > 2 && session.stop(),
      });
    }, CSV);
    assert.equal(run.ended, 'stopped');
    assert.ok(run.epochs.length < 100_000);
    assert.ok(run.metrics.test.auc > 0.5);
  });

  test('pause holds the run until resume', async () => {
    const { during, ended } = await tab.session(async (session, csv) => {
      await session.load(csv);
      await session.prepare();
      let events = 0;
      let paused;
      const isPaused = new Promise((resolve) => (paused = resolve));
      const training = session.train({ optimizer: { kind: 'gd', learningRate: 1e-6 }, epochs: 100_000, earlyStopping: null }, {
        onProgress: () => {
          events++;
          if (events === 3) session.pause().then(paused);
        },
      });
      await isPaused;
      await new Promise((resolve) => setTimeout(resolve, 300));
      const before = events;
      await new Promise((resolve) => setTimeout(resolve, 300));
      const during = events - before;
      await session.resume();
      await new Promise((resolve) => setTimeout(resolve, 200));
      await session.stop();
      return { during, ended: (await training).ended };
    }, CSV);
    assert.equal(during, 0);
    assert.equal(ended, 'stopped');
  });
});

describe('a cancelled prepare', () => {
  test('rejects with aborted and leaves the data set prepared before', async () => {
    const { code, train } = await tab.session(async (session, csv) => {
      await session.load(csv);
      await session.prepare();
      const controller = new AbortController();
      const preparing = session.prepare({ split: { test: 0.5 } }, { signal: controller.signal });
      controller.abort();
      const code = await preparing.then(() => 'prepared', (error) => error.code);
      return { code, train: (await session.train()).metrics.test.n };
    }, CSV);
    assert.equal(code, 'aborted');
    assert.equal(train, 80);
  });
});

describe('runs of several data sets', () => {
  const other = sessionsCsv({ rows: 500, seed: 9 });

  test('compare speaks of the newest run of the data set at hand', async () => {
    const { own, named } = await tab.session(async (session, { csv, other }) => {
      await session.load(csv);
      await session.prepare();
      await session.train();
      await session.load(other);
      await session.prepare();
      const none = (await session.compare()).effects;
      await session.train();
      await session.train({ l2: 10 });
      const own = [none.length, (await session.compare()).effects.map(({ runId }) => runId)];
      const comparison = await session.compare({ runIds: ['run-1'] });
      return { own, named: [comparison.effects[0].runId, comparison.warnings.map(({ code }) => code)] };
    }, { csv: CSV, other });
    assert.deepEqual(own, [0, ['run-3', 'run-2']]);
    assert.deepEqual(named, ['run-1', ['run-of-other-data']]);
  });

  test('predict reads a file as the one that the run was trained on was read', async () => {
    const { same, warned } = await tab.session(async (session) => {
      const lines = ['zone;pages;converted'];
      for (let i = 0; i < 300; i++) lines.push(`${i % 3}.0;${i % 7};${(i * 7919) % 11 < 4 + (i % 3) ? 1 : 0}`);
      const csv = lines.join('\n');
      await session.load(csv, { types: { zone: 'category' }, roles: { channel: 'zone' } });
      await session.prepare();
      const { id } = await session.train();
      const own = [...(await session.predict(id)).probability];
      const again = [...(await session.predict(id, csv)).probability];
      const { warnings } = await session.predict(id, 'zone;pages;converted\n9.0;1;0\n8.0;2;1\n');
      return { same: own.every((p, i) => p === again[i]), warned: warnings.map(({ code }) => code) };
    });
    assert.ok(same);
    assert.deepEqual(warned, ['unseen-levels']);
  });
});

describe('what a run is good for', () => {
  test('predict gives one probability per row of the table, and the same for the same file again', async () => {
    const { own, again, unknown } = await tab.session(async (session, csv) => {
      await session.load(csv);
      await session.prepare();
      const { id } = await session.train();
      const own = [...(await session.predict(id)).probability];
      const again = [...(await session.predict(id, csv)).probability];
      const unknown = await session.predict('run-99').catch((error) => error.code);
      return { own, again, unknown };
    }, CSV);
    assert.equal(own.length, 400);
    assert.ok(own.every((p) => p > 0 && p < 1));
    assert.deepEqual(own, again);
    assert.equal(unknown, 'unknown-run');
  });

  test('predict says which column a new file lacks', async () => {
    const code = await tab.failure(async (session, csv) => {
      await session.load(csv);
      await session.prepare();
      const { id } = await session.train();
      await session.predict(id, 'channel,minutes\nDirect,3\n');
    }, CSV);
    assert.equal(code, 'missing-columns');
  });

  test('exportRun gives safetensors and JSON that hold the same weights', async () => {
    const { json, tensors, coefficients } = await tab.session(async (session, csv) => {
      await session.load(csv);
      await session.prepare();
      const { id, coefficients } = await session.train();
      const json = JSON.parse(await (await session.exportRun(id, 'json')).text());
      const tensors = [...new Uint8Array(await (await session.exportRun(id, 'safetensors')).arrayBuffer())];
      return { json, tensors, coefficients: coefficients.map(({ value }) => value) };
    }, CSV);
    assert.deepEqual(json.weights.map(Math.fround), coefficients.map(Math.fround));
    // safetensors: eight bytes of header length, a JSON header, then the tensors.
    const bytes = Buffer.from(tensors);
    const length = Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString('utf8'));
    const [from] = header.weights.data_offsets;
    const weights = coefficients.map((_, i) => bytes.readFloatLE(8 + length + from + 4 * i));
    assert.deepEqual(weights, coefficients.map(Math.fround));
  });

  test('compare gives rates with intervals, and odds ratios once a model is trained', async () => {
    const { before, after, later } = await tab.session(async (session, csv) => {
      await session.load(csv);
      await session.prepare();
      const before = await session.compare();
      await session.train();
      const later = await session.compare({ methods: ['markov'] }).catch((error) => error.code);
      return { before, after: await session.compare(), later };
    }, CSV);
    assert.equal(before.effects.length, 0);
    assert.equal(before.channels.reduce((sum, { rows }) => sum + rows, 0), 400);
    for (const { rate, rateInterval, conversions, rows } of before.channels) {
      assert.equal(rate, conversions / rows);
      assert.ok(rateInterval[0] < rate && rate < rateInterval[1]);
    }
    const [effects] = after.effects;
    assert.equal(effects.channels.length, 4);
    // Odds against the mean channel: on the log scale they add up to nothing.
    assert.ok(Math.abs(effects.channels.reduce((sum, { logOdds }) => sum + logOdds, 0)) < 1e-6);
    for (const { oddsRatio, interval } of effects.channels) {
      assert.ok(interval[0] < oddsRatio && oddsRatio < interval[1]);
    }
    assert.equal(later, 'needs-journeys');
  });
});

describe('the worker', () => {
  test('static constructors run once, however often it is called', async () => {
    const { engine } = await tab.session(async (session, csv) => {
      for (let i = 0; i < 5; i++) await session.load(csv);
      await session.prepare();
      await session.train();
      return session.diagnose();
    }, CSV);
    assert.equal(engine.constructorRuns, 1);
  });

  test('a crash is told as one, and the session goes on with a new worker', async () => {
    const { crash, lost, rows } = await tab.session(async (session, csv) => {
      await session.load(csv);
      const waiting = session.runs().then(() => 'answered', (error) => error.code);
      const crash = await session.diagnose({ crash: true }).catch(({ code, detail }) => ({ code, detail }));
      await waiting;
      const lost = await session.prepare().catch((error) => error.code);
      return { crash, lost, rows: (await session.load(csv)).rows };
    }, CSV);
    assert.equal(crash.code, 'crashed');
    assert.match(crash.detail, /asked to crash/);
    assert.equal(lost, 'too-early');
    assert.equal(rows, 400);
  });

  test('wrong arguments are refused and cost nothing', async () => {
    const { codes, rows } = await tab.session(async (session, csv) => {
      await session.load(csv);
      const calls = [
        () => session.predict(5),
        () => session.exportRun(undefined, 'json'),
        () => session.exportRun('run-1', 'xml'),
        () => session.prepare({ roles: { label: () => 'converted' } }),
        () => session.load(7),
        () => session.sample({ rows: 5_000_000, features: 500 }),
      ];
      const codes = [];
      for (const call of calls) codes.push(await call().then(() => 'done', (error) => `${error.name} ${error.code}`));
      return { codes, rows: (await session.prepare()).rows };
    }, CSV);
    assert.deepEqual(codes, [
      'ChannelwiseError unknown-run',
      'ChannelwiseError unknown-run',
      'ChannelwiseError invalid-option',
      'ChannelwiseError invalid-option',
      'ChannelwiseError bad-source',
      'ChannelwiseError invalid-option',
    ]);
    assert.equal(rows, 400);
  });

  test('after close every call is refused', async () => {
    const code = await tab.failure(async (session, csv) => {
      await session.close();
      await session.load(csv);
    }, CSV);
    assert.equal(code, 'closed');
  });

  test('the sample holds the effects it says, within their intervals', async () => {
    const { truth, effects } = await tab.session(async (session) => {
      const { csv, truth } = await session.sample();
      await session.load(csv);
      await session.prepare();
      await session.train({ l2: 1 });
      return { truth, effects: (await session.compare({ confidence: 0.999 })).effects[0].channels };
    });
    const mean = truth.reduce((sum, { logOdds }) => sum + logOdds, 0) / truth.length;
    assert.equal(effects.length, truth.length);
    for (const { channel, logOdds } of truth) {
      const { interval } = effects.find(({ name }) => name === channel);
      const expected = Math.exp(logOdds - mean);
      assert.ok(interval[0] <= expected && expected <= interval[1], `${channel}: ${expected} in ${interval}`);
    }
  });
});
