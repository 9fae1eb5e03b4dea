/**
 * Reading an events CSV in one page, from the same file on disk to columns or rows of typed values: Channelwise
 * beside Papa Parse and DuckDB-wasm, each alone, in one thread, in megabytes (10⁶ bytes) per second.
 *
 * Run: npm run bench:ingest [-- --megabytes 100] [--repeats 3] [--gigabyte] [--narrow]
 * `--narrow` makes rows of some 35 bytes (user, time, channel, converted) instead of some 80.
 * `--gigabyte` reads 12 million touches with Channelwise alone and says how much memory it took at most.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { launch } from '../tests/e2e/harness.js';
import { serveFolders } from './serve.mjs';

const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '100' },
    repeats: { type: 'string', default: '3' },
    gigabyte: { type: 'boolean' },
    narrow: { type: 'boolean' },
  },
});
const GIGABYTE_ROWS = 12_000_000;
const HERE = path.dirname(fileURLToPath(import.meta.url));
const PEERS = path.join(HERE, 'peers');
if (!existsSync(path.join(PEERS, 'node_modules/papaparse'))) {
  console.log('Installing what is measured against …');
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: PEERS, stdio: 'inherit' });
}

const server = await serveFolders([
  ['/peers/', path.join(PEERS, 'node_modules')],
  ['/dist/', path.join(HERE, '..', 'dist')],
  ['/', path.join(HERE, 'ingest')],
]);

const folder = await mkdtemp(path.join(tmpdir(), 'channelwise-bench-'));
const browser = await launch({ serviceWorkers: 'block' });
try {
  const { page } = browser;
  page.setDefaultTimeout(1_800_000);
  const file = path.join(folder, 'events.csv');
  const write = values.narrow ? writeNarrow : writeEvents;
  const rows = await write(file, values.gigabyte ? { rows: GIGABYTE_ROWS } : { bytes: Number(values.megabytes) * 1e6 });
  const bytes = (await stat(file)).size;
  console.log(`${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model}, Chromium ${browser.context.browser()?.version()}`);
  console.log(`${(bytes / 1e6).toFixed(0)} MB, ${rows} touches of ${Math.ceil(rows / 4)} users or fewer, ${values.narrow ? 4 : 10} columns`);
  /** @type {{ [name: string]: number }} */
  const best = {};
  for (let repeat = 0; repeat < (values.gigabyte ? 1 : Number(values.repeats)); repeat++) {
    for (const name of values.gigabyte ? ['channelwise'] : ['channelwise', 'papaparse', 'duckdb']) {
      // A page of its own for each, so that none leaves its memory to the next.
      await page.goto(server.url);
      await page.setInputFiles('#file', file);
      const result = await page.evaluate((name) => /** @type {any} */ (globalThis).bench[name](), name);
      if (result.rows !== rows) throw new Error(`${name} read ${result.rows} of ${rows} rows`);
      const { seconds } = result;
      best[name] = Math.min(best[name] ?? Infinity, seconds);
      if (result.columns) best['columns'] = Math.min(best['columns'] ?? Infinity, result.columns);
      const memory = result.memoryBytes ? `, ${(result.memoryBytes / 2 ** 20).toFixed(0)} MiB of WebAssembly memory at most` : '';
      const inside = result.columns ? `, of which ${result.columns.toFixed(2)} s to typed columns` : '';
      console.log(`${name.padEnd(12)} ${seconds.toFixed(2)} s, ${(bytes / 1e6 / seconds).toFixed(0)} MB/s, ${(rows / seconds / 1e6).toFixed(2)} million rows/s${inside}${memory}`);
    }
  }
  for (const name of ['papaparse', 'duckdb']) {
    const [own, columns, peer] = [best['channelwise'], best['columns'], best[name]];
    if (!own || !columns || !peer) continue;
    const [whole, typed] = [peer / own, peer / columns].map((ratio) => `1/${ratio.toFixed(1)}`);
    console.log(`Channelwise takes ${whole} of the time of ${name}, to typed columns ${typed} (best of ${values.repeats})`);
  }
} finally {
  await browser.close();
  server.close();
  await rm(folder, { recursive: true, force: true });
}

/** Whole numbers below `n`, after Tommy Ettinger's mulberry32, always the same. */
function randomNumbers() {
  let state = 1;
  return (/** @type {number} */ n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

/** @param {number} n */
function two(n) {
  return String(n).padStart(2, '0');
}

/**
 * Writes touches in the order of time, none to two seconds apart, until there are so many rows or bytes; returns how many.
 * @param {string} file
 * @param {{ rows?: number, bytes?: number }} size
 * @param {string} header
 * @param {(next: (n: number) => number, user: number, time: string) => string} line of one touch
 */
async function writeTouches(file, { rows = Infinity, bytes = Infinity }, header, line) {
  const next = randomNumbers();
  const handle = await open(file, 'w');
  let text = header;
  let [row, written, seconds] = [0, 0, Date.UTC(2026, 0, 1) / 1000];
  let [minute, shown] = [0, ''];
  for (; row < rows && written + text.length < bytes; row++) {
    seconds += next(3);
    const now = Math.floor(seconds / 60);
    if (now !== minute) [minute, shown] = [now, new Date(now * 60_000).toISOString().slice(0, 17)];
    text += line(next, next((row >> 2) + 1000), `${shown}${two(seconds % 60)}`);
    if (text.length > 1 << 22) {
      await handle.write(text);
      written += text.length;
      text = '';
    }
  }
  await handle.write(text);
  await handle.close();
  return row;
}

/**
 * Touches of as few bytes as may be.
 * @param {string} file
 * @param {{ rows?: number, bytes?: number }} size
 */
function writeNarrow(file, size) {
  const channels = ['search', 'email', 'display', 'social', 'direct', 'video'];
  return writeTouches(
    file,
    size,
    'user,time,channel,converted\n',
    (next, user, time) => `${user},${time.replace('T', ' ')},${channels[next(6)]},${next(20) === 0 ? 1 : 0}\n`,
  );
}

/**
 * Touches as an analytics tool exports them, of users that come back.
 * @param {string} file
 * @param {{ rows?: number, bytes?: number }} size
 */
function writeEvents(file, size) {
  const channels = ['organic_search', 'paid_search', 'email', 'display', 'social', 'direct', 'affiliate', 'referral'];
  const events = ['view', 'view', 'view', 'click', 'add_to_cart', 'purchase'];
  const devices = ['mobile', 'desktop', 'tablet'];
  const countries = ['US', 'DE', 'CN', 'FR', 'GB', 'JP', 'BR', 'IN'];
  const header = 'user_id,timestamp,channel,campaign,event,device,country,value,cost,converted\n';
  return writeTouches(file, size, header, (next, number, time) => {
    const event = events[next(6)];
    const bought = event === 'purchase';
    const user = `u${String(number).padStart(8, '0')}`;
    const where = `${channels[next(8)]},spring_sale_${two(next(24))},${event},${devices[next(3)]},${countries[next(8)]}`;
    return `${user},${time}Z,${where},${bought ? `${5 + next(300)}.${two(next(100))}` : ''},0.${two(next(100))},${bought ? 1 : 0}\n`;
  });
}
