/**
 * Training an LSTM in one page: Channelwise beside TensorFlow.js, jax-js and burn's own LSTM: the same journeys, network
 * (Embedding 16 → LSTM → Dense 1), first weights, optimiser (Adam) and adapter, in milliseconds per training step. On
 * the CPU every one has one thread. All take turns in rounds, and the fastest round of each counts; its first step,
 * which compiles, stands apart. The losses of the first three updates have to agree.
 *
 * With --gpu, on WebGPU (SwiftShader where there is no other adapter), Channelwise is timed on the CPU too, and what
 * `auto` would choose is held against what was faster.
 *
 * Run: npm run bench:lstm [-- --shapes 256x20x32,256x20x128,32x20x128 | --all] [--gpu] [--steps 8] [--rounds 3]
 *      [--limit 60] [--only channelwise,stock,jax,tensorflow]
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { missingPackages } from '../scripts/packages.mjs';
import { launch } from '../tests/e2e/harness.js';
import { buildStock } from './lstm/build-stock.mjs';
import { serveFolders } from './serve.mjs';

const { values } = parseArgs({
  options: {
    shapes: { type: 'string', default: '256x20x32,256x20x128,32x20x128' },
    all: { type: 'boolean' },
    gpu: { type: 'boolean' },
    steps: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '3' },
    limit: { type: 'string', default: '60' },
    only: { type: 'string', default: 'channelwise,stock,jax,tensorflow' },
  },
});
const HERE = path.dirname(fileURLToPath(import.meta.url));
const PEERS = path.join(HERE, 'peers');
const NAMES = /** @type {Record<string, string>} */ ({ stock: 'stock burn', jax: 'jax-js', tensorflow: 'TF.js' });
const EVERY = [32, 256, 1024].flatMap((batch) => [10, 20, 50].flatMap((steps) => [32, 128].map((hidden) => ({ batch, steps, hidden }))));
const shapes = values.all
  ? EVERY
  : values.shapes.split(',').map((shape) => {
      const [batch = 0, steps = 0, hidden = 0] = shape.split('x').map(Number);
      return { batch, steps, hidden };
    });
const device = values.gpu ? 'webgpu' : 'cpu';
const [steps, rounds, limit] = [Number(values.steps), Number(values.rounds), Number(values.limit) * 1e3];
const wanted = values.only.split(',');
const peers = Object.keys(NAMES).filter((name) => wanted.includes(name));
/** Losses may differ by so much: sums in another order, and other formulas of the same functions. */
const LOSS_TOLERANCE = 2e-3;
/** What two devices may differ by before one of them can be called faster. */
const TIE = 1.1;

const read = (/** @type {string} */ file) => {
  try {
    return JSON.parse(readFileSync(path.join(PEERS, file), 'utf8'));
  } catch {
    return { packages: {} };
  }
};
if (missingPackages(read('package-lock.json'), read('node_modules/.package-lock.json')).length > 0) {
  console.log('Installing what is measured against …');
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: PEERS, stdio: 'inherit' });
}
const server = await serveFolders([
  ['/peers/', path.join(PEERS, 'node_modules')],
  ['/dist/', path.join(HERE, '..', 'dist')],
  ...(peers.includes('stock') ? [/** @type {[string, string]} */ (['/stock/', await buildStock(Boolean(values.gpu))])] : []),
  ['/', path.join(HERE, 'lstm')],
]);
const browser = await launch({ withGpu: Boolean(values.gpu), serviceWorkers: 'block' });
let { page } = browser;

/** A page without a past. */
async function fresh() {
  const last = page;
  page = await browser.context.newPage();
  await last.close();
  page.setDefaultTimeout(0);
  await page.goto(server.url);
  await page.waitForFunction(() => 'bench' in globalThis);
}

/** Thrown where something takes too long: the page is given up. */
class TooLong extends Error {}

/**
 * Asks the page, for no longer than the limit.
 * @param {string} name
 * @param {object} [input]
 * @returns {Promise<any>}
 */
async function ask(name, input = {}) {
  const asked = page.evaluate(
    ([name, input]) => /** @type {any} */ (globalThis).bench[/** @type {string} */ (name)](input),
    /** @type {const} */ ([name, input]),
  );
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let clock;
  const late = new Promise((_, reject) => {
    clock = setTimeout(() => reject(new TooLong(`${name} took more than ${limit / 1e3} s`)), limit);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(clock);
    asked.catch(() => {});
  }
}

/** @typedef {{ batch: number, steps: number, hidden: number }} Shape */
/** @typedef {{ ms: number, first: number, device: string, apart: number }} Timed */

/**
 * One cell of the table. A candidate that takes too long is left out; what the others have so far stands.
 * @param {Shape} shape
 * @returns {Promise<{ found: Record<string, Timed>, failed: Record<string, string>, cpu?: number, choice?: any }>}
 */
async function cellOf(shape) {
  await fresh();
  const input = { ...shape, batches: steps, device };
  /** @type {Record<string, Timed>} */
  const found = {};
  /** @type {Record<string, string>} */
  const failed = {};
  const own = await ask('channelwise', input);
  found.channelwise = { ms: Infinity, first: own.first, device: own.device, apart: 0 };
  /** @type {Record<string, number>} */
  const counts = { channelwise: steps };
  for (const name of peers) {
    try {
      const { first, losses, device, step } = await ask(name, input);
      const apart = Math.max(...losses.map((/** @type {number} */ loss, /** @type {number} */ at) => Math.abs(loss - own.losses[at])));
      found[name] = { ms: Infinity, first, device, apart };
      if (!(apart < LOSS_TOLERANCE)) failed[name] = `its losses are ${losses}, ours ${own.losses}`;
      counts[name] = Math.max(1, Math.min(steps, Math.floor(limit / 4 / rounds / step)));
    } catch (error) {
      failed[name] = /** @type {Error} */ (error).message.split('\n')[0] ?? '';
      if (!(error instanceof TooLong)) continue;
      // The page hangs: those before it are opened anew.
      await fresh();
      await ask('channelwise', input);
      for (const earlier of peers.slice(0, peers.indexOf(name))) if (earlier in found) await ask(earlier, input);
    }
  }
  let cpu = Infinity;
  for (let round = 0; round < rounds; round++) {
    for (const [name, timed] of Object.entries(found)) {
      timed.ms = Math.min(timed.ms, await ask('round', { name, steps: counts[name] }));
    }
    if (values.gpu) cpu = Math.min(cpu, await ask('round', { name: 'channelwise', steps, on: 'cpu' }));
  }
  const choice = values.gpu ? await ask('choose') : undefined;
  for (const name of Object.keys(found).reverse()) await ask('close', { name });
  return { found, failed, ...(values.gpu && { cpu, choice }) };
}

/** @param {string[]} cells */
const line = (cells) => console.log(`| ${cells.join(' | ')} |`);
const ms = (/** @type {number} */ value) => (value < 10 ? value.toFixed(2) : value.toFixed(value < 100 ? 1 : 0));

/** @param {any} choice @param {number} cpu @param {number} webgpu */
function verdict({ kind, figures = {} }, cpu, webgpu) {
  const right = kind === (cpu <= webgpu ? 'cpu' : 'webgpu');
  const tie = Math.max(cpu, webgpu) / Math.min(cpu, webgpu) < TIE;
  return [
    `${kind}, by ${ms(figures.cpu ?? NaN)} and ${ms(figures.webgpu ?? NaN)} ms`,
    right ? 'right' : tie ? 'tie' : 'WRONG',
    `${((figures.measured ?? NaN) / 1e3).toFixed(2)} s`,
  ];
}

let wrong = 0;
try {
  await fresh();
  console.log(`${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model}, Chromium ${browser.context.browser()?.version() ?? ''}, ${device}, best of ${rounds} rounds of ${steps} steps`);
  const peak = values.gpu ? undefined : await ask('peak');
  if (peak) console.log(`SIMD multiply and add, one thread: ${peak.toFixed(1)} GFLOP/s`);
  line([
    'batch × steps × hidden', 'Channelwise, ms', ...(peak ? ['of the peak'] : []), 'first step, ms',
    ...peers.flatMap((name) => [`${NAMES[name]}, ms`, 'ratio', 'first step, ms']), 'losses apart', ...(values.gpu ? ['on the CPU, ms', '`auto`', '', 'measured in'] : []),
  ]);
  for (const shape of shapes) {
    const title = `${shape.batch} × ${shape.steps} × ${shape.hidden}`;
    try {
      const { found, failed, cpu, choice } = await cellOf(shape);
      const own = /** @type {Timed} */ (found.channelwise);
      // Multiplications and additions of the recurrent products, forward once and backward twice.
      const flops = 3 * 2 * shape.batch * shape.steps * 4 * shape.hidden * shape.hidden;
      const auto = choice && cpu ? verdict(choice, cpu, own.ms) : [];
      if (auto.includes('WRONG')) wrong++;
      line([
        title, ms(own.ms), ...(peak ? [`${((100 * flops) / (own.ms * 1e6) / peak).toFixed(0)} %`] : []), own.first.toFixed(0),
        ...peers.flatMap((name) => {
          const timed = found[name];
          return timed ? [ms(timed.ms), (timed.ms / own.ms).toFixed(1), timed.first.toFixed(0)] : ['–', '–', '–'];
        }),
        Math.max(0, ...Object.values(found).map(({ apart }) => apart)).toExponential(0),
        ...(cpu ? [ms(cpu), ...auto] : []),
      ]);
      for (const [name, why] of Object.entries(failed)) console.log(`  ${NAMES[name]}: ${why}`);
      if (Object.values(failed).some((why) => why.startsWith('its losses'))) process.exitCode = 1;
    } catch (error) {
      console.log(`  ${title}: ${/** @type {Error} */ (error).message.split('\n')[0]}`);
    }
  }
  if (values.gpu) console.log(`auto: ${wrong} wrong of ${shapes.length}`);
} finally {
  await browser.close();
  server.close();
}
