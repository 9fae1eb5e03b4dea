/**
 * The Criteo journeys in the tab, on one CPU thread, through the public API: reading, preparing, training and what
 * stands beside the model; the rows are those of benches/peers/journey_keras.py and tests/journey_criteo.rs: twelve
 * epochs, users of their own to test on, none to validate on.
 *
 * Run: node benches/journeys.mjs FILE.csv.gz [--options '{"hidden":64}'] [--length 20] [--controls]
 */
import { readdirSync, readFileSync } from 'node:fs';
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

/**
 * Seconds of processor time that this process's descendants have used: what a busy machine does not change.
 * @returns {number | undefined} nothing where there is no /proc
 */
function processorSeconds() {
  try {
    const parents = new Map();
    const ticks = new Map();
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        parents.set(Number(pid), Number(fields[1]));
        ticks.set(Number(pid), Number(fields[11]) + Number(fields[12]));
      } catch {
        // It has ended in the meantime.
      }
    }
    const ours = (/** @type {number} */ pid) => {
      for (let at = parents.get(pid); at; at = parents.get(at)) if (at === process.pid) return true;
      return false;
    };
    return [...ticks].reduce((sum, [pid, used]) => sum + (ours(pid) ? used : 0), 0) / 100;
  } catch {
    return undefined;
  }
}

const packed = readFileSync(positionals[0]);
const csv = gunzipSync(packed).toString();
const tab = await openTab();
try {
  /** @type {(number | undefined)[]} */
  const marks = [];
  await tab.expose('mark', () => marks.push(processorSeconds()));
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
      const prepared = await timed(() => session.prepare({ maxLength, split: { by: 'user', testRows, validation: 0 } }));
      const before = (await session.diagnose()).engine.memoryBytes;
      await /** @type {any} */ (globalThis).mark();
      const trained = await timed(() =>
        session.train({ model: 'journey', staticFeatures: false, ...options, controls }),
      );
      await /** @type {any} */ (globalThis).mark();
      const after = (await session.diagnose()).engine.memoryBytes;
      const { metrics, seconds, stepMs, steps, parameters, bestEpoch, ended, baselines } = trained.value;
      return {
        read: read.seconds, prepare: prepared.seconds, journeys: prepared.value.rows, train: prepared.value.train,
        test: prepared.value.test, wall: trained.seconds, seconds, stepMs, steps, parameters, bestEpoch, ended,
        auc: metrics.test.auc, loss: metrics.test.loss, accuracy: metrics.test.accuracy, before, after, baselines,
      };
    },
    { csv, options: { epochs: 12, earlyStopping: null, ...JSON.parse(values.options) }, maxLength: Number(values.length), controls: values.controls },
  );
  console.log(`${tab.version}, ${cpus()[0]?.model}, ${new Date().toISOString()}`);
  const processor = marks[1] === undefined || marks[0] === undefined ? undefined : marks[1] - marks[0];
  console.log(JSON.stringify({ ...found, processor }, undefined, 1));
} finally {
  await tab.close();
}
