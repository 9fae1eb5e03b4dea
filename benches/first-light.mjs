/**
 * How fast the whole way is in one tab on one CPU thread: a file that the simulator makes is read, prepared,
 * and a logistic regression trained on it.
 *
 * Run: npm run bench [-- --rows 1000000 --features 30 --repeats 3]
 */
import { parseArgs } from 'node:util';
import { cpus } from 'node:os';
import { openTab } from '../tests/support/tab.js';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    features: { type: 'string', default: '30' },
    repeats: { type: 'string', default: '3' },
  },
});
const size = { rows: Number(values.rows), features: Number(values.features) };

const tab = await openTab();
try {
  const results = [];
  for (let repeat = 0; repeat < Number(values.repeats); repeat++) {
    results.push(await tab.session(measure, size));
  }
  report(results);
} finally {
  await tab.close();
}

/**
 * In the tab.
 * @param {import('../www/api/types').Session} session
 * @param {{ rows: number; features: number }} size
 */
async function measure(session, size) {
  /** @param {() => Promise<any>} job @returns {Promise<[any, number]>} */
  const timed = async (job) => {
    const start = performance.now();
    const value = await job();
    return [value, (performance.now() - start) / 1e3];
  };
  const [sample, simulate] = await timed(() => session.sample({ ...size, seed: 42 }));
  const [table, load] = await timed(() => session.load(sample.csv));
  const [dataset, prepare] = await timed(() => session.prepare());
  const [run, train] = await timed(() => session.train());
  return {
    rows: table.rows, bytes: table.bytes, columns: dataset.features.length, iterations: run.steps,
    auc: run.metrics.test?.auc, simulate, load, prepare, fit: run.seconds, train,
  };
}

/** @param {any[]} results */
function report(results) {
  const [{ rows, bytes, columns, iterations, auc }] = results;
  /** @param {string} key */
  const median = (key) => results.map((result) => result[key]).sort((a, b) => a - b)[Math.floor(results.length / 2)];
  const line = (/** @type {string} */ what, /** @type {string} */ figure) => console.log(`${what.padEnd(44)}${figure}`);
  console.log(`${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model}, ${tab.version}, median of ${results.length}`);
  line('file', `${rows.toLocaleString('en')} rows, ${(bytes / 1e6).toFixed(0)} MB, ${columns} columns once encoded`);
  line('read to typed columns', `${median('load').toFixed(2)} s: ${Math.round(rows / median('load')).toLocaleString('en')} rows/s, ${(bytes / 1e6 / median('load')).toFixed(0)} MB/s`);
  line('clean, encode, split', `${median('prepare').toFixed(2)} s`);
  line(`L-BFGS to convergence, ${iterations} iterations`, `${median('fit').toFixed(2)} s`);
  line('the same with metrics, curves and intervals', `${median('train').toFixed(2)} s (test AUC ${auc?.toFixed(4)})`);
}
