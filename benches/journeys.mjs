/**
 * The Criteo journeys in the tab, on one CPU thread, through the public API: reading, preparing, training and what
 * stands beside the model; the rows are those of benches/peers/journey_keras.py and tests/journey_criteo.rs.
 *
 * Run: node benches/journeys.mjs FILE.csv.gz [--options '{"epochs":12}'] [--length 20] [--controls]
 */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { openTab } from '../tests/support/tab.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    options: { type: 'string', default: '{}' },
    length: { type: 'string', default: '20' },
    controls: { type: 'boolean', default: false },
  },
});

const packed = readFileSync(positionals[0]);
const csv = gunzipSync(packed).toString();
const tab = await openTab();
try {
  const found = await tab.session(
    async (session, { csv, options, maxLength, controls }) => {
      const timed = async (/** @type {() => Promise<any>} */ work) => {
        const started = performance.now();
        const value = await work();
        return { value, seconds: (performance.now() - started) / 1e3 };
      };
      const lines = csv.split('\n');
      const users = new Map();
      for (const line of lines.slice(1)) {
        if (!line) continue;
        const [journey, user] = line.split(',', 2);
        if (!users.has(journey)) users.set(journey, Number(user));
      }
      const testRows = Uint32Array.from([...users.values()].flatMap((user, at) => (user % 5 === 4 ? [at] : [])));
      const read = await timed(() => session.load(csv));
      const prepared = await timed(() => session.prepare({ maxLength, split: { by: 'user', testRows } }));
      const before = (await session.diagnose()).engine.memoryBytes;
      const epochs = /** @type {number[]} */ ([]);
      const trained = await timed(() =>
        session.train({ model: 'journey', staticFeatures: false, ...options, controls }, {
          onProgress: (/** @type {any} */ { validationLoss }) => validationLoss && epochs.push(validationLoss),
        }),
      );
      const after = (await session.diagnose()).engine.memoryBytes;
      const { metrics, seconds, stepMs, steps, parameters, bestEpoch, ended, baselines } = trained.value;
      return {
        read: read.seconds, prepare: prepared.seconds, journeys: prepared.value.rows, train: prepared.value.train,
        test: prepared.value.test, wall: trained.seconds, seconds, stepMs, steps, parameters, bestEpoch, ended,
        auc: metrics.test.auc, loss: metrics.test.loss, accuracy: metrics.test.accuracy, before, after, baselines,
      };
    },
    { csv, options: JSON.parse(values.options), maxLength: Number(values.length), controls: values.controls },
  );
  console.log(`${tab.version}, ${cpus()[0]?.model}, ${new Date().toISOString()}`);
  console.log(JSON.stringify(found, undefined, 1));
} finally {
  await tab.close();
}
