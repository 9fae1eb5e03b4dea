/**
 * How long credit takes in one tab on one CPU thread: a file of paths is read and prepared, then compared by Markov
 * and Shapley together with 500 resamples, and by all methods.
 *
 * Run: npm run bench:credit [-- --file paths.csv --repeats 3]
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { cpus } from 'node:os';
import { pathsCsv } from '../tests/support/data.js';
import { openTab } from '../tests/support/tab.js';

const { values } = parseArgs({ options: { file: { type: 'string' }, repeats: { type: 'string', default: '3' } } });
const csv = values.file ? await readFile(values.file, 'utf8') : pathsCsv();

/**
 * In the tab.
 * @param {import('../www/api/types').Session} session
 * @param {{ csv: string, repeats: number }} work
 */
async function measure(session, { csv, repeats }) {
  await session.load(csv);
  await session.prepare();
  /** @param {import('../www/api/types').CompareOptions} options */
  const best = async (options) => {
    let [seconds, resamples] = [Infinity, 0];
    for (let repeat = 0; repeat < repeats; repeat++) {
      const start = performance.now();
      const { credit } = await session.compare({ resamples: 500, ...options });
      seconds = Math.min(seconds, (performance.now() - start) / 1e3);
      resamples = Math.min(...credit.map((method) => method.resamples));
    }
    return { seconds, resamples };
  };
  return { both: await best({ methods: ['markov', 'shapley'] }), all: await best({}) };
}

const tab = await openTab();
try {
  const { both, all } = await tab.session(measure, { csv, repeats: Number(values.repeats) });
  console.log(`${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model}, ${tab.version}, best of ${values.repeats}`);
  console.log(`Markov and Shapley, ${both.resamples} resamples: ${both.seconds.toFixed(2)} s`);
  console.log(`all methods, ${all.resamples} resamples: ${all.seconds.toFixed(2)} s`);
} finally {
  await tab.close();
}
