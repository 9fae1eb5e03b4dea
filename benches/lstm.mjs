/**
 * Training an LSTM in one page: Channelwise beside TensorFlow.js, the same network (Embedding 16 → LSTM →
 * Dense 1), optimiser (Adam), batch and lengths, in milliseconds per training step. On the CPU every one has
 * one thread. `peak` is what WebAssembly's SIMD reaches in the same page without touching memory.
 *
 * Run: npm run bench:lstm [-- --shapes 256x20x32,256x20x128,32x20x128 | --all] [--gpu] [--steps 8]
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { cpus } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { launch } from '../tests/e2e/harness.js';

const { values } = parseArgs({
  options: {
    shapes: { type: 'string', default: '256x20x32,256x20x128,32x20x128' },
    all: { type: 'boolean' },
    gpu: { type: 'boolean' },
    steps: { type: 'string', default: '8' },
  },
});
const HERE = path.dirname(fileURLToPath(import.meta.url));
const PEERS = path.join(HERE, 'peers');
const EVERY = [32, 256, 1024].flatMap((batch) => [10, 20, 50].flatMap((steps) => [32, 128].map((hidden) => ({ batch, steps, hidden }))));
const shapes = values.all
  ? EVERY
  : values.shapes.split(',').map((shape) => {
      const [batch = 0, steps = 0, hidden = 0] = shape.split('x').map(Number);
      return { batch, steps, hidden };
    });

if (!existsSync(path.join(PEERS, 'node_modules'))) {
  console.log('Installing what is measured against …');
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: PEERS, stdio: 'inherit' });
}

/** What is served: the page, the peers and dist. @type {[string, string][]} */
const FOLDERS = [
  ['/peers/', path.join(PEERS, 'node_modules')],
  ['/dist/', path.join(HERE, '..', 'dist')],
  ['/', path.join(HERE, 'lstm')],
];
/** @type {Record<string, string>} */
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm', '.json': 'application/json' };
const server = createServer(async (request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost').pathname.replace(/\/$/, '/page.html');
  const [prefix = '/', folder = HERE] = FOLDERS.find(([prefix]) => url.startsWith(prefix)) ?? [];
  const file = path.join(folder, path.normalize(url.slice(prefix.length)));
  try {
    const body = await readFile(file);
    response.writeHead(200, { 'Content-Type': TYPES[path.extname(file)] ?? 'application/octet-stream' }).end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());

const browser = await launch({ withGpu: Boolean(values.gpu), serviceWorkers: 'block' });
try {
  const { page } = browser;
  page.setDefaultTimeout(600_000);
  await page.goto(`http://127.0.0.1:${port}/`);
  const device = values.gpu ? 'webgpu' : 'cpu';
  console.log(`${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model}, Chromium ${browser.context.browser()?.version()}, ${device}`);
  const ask = (/** @type {string} */ name, /** @type {object} */ input) =>
    page.evaluate(([name, input]) => /** @type {any} */ (globalThis).bench[/** @type {string} */ (name)](input), /** @type {const} */ ([name, input]));
  const peak = values.gpu ? undefined : await ask('peak', {});
  if (peak) console.log(`SIMD multiply and add, one thread: ${peak.toFixed(1)} GFLOP/s`);
  console.log(['batch × steps × hidden', 'TF.js', 'Channelwise', 'ratio', ...(peak ? ['of the peak'] : ['first step'])].map(cell).join(''));
  for (const shape of shapes) {
    const input = { ...shape, count: Number(values.steps), device };
    const own = await ask('channelwise', input);
    const peer = await ask('tensorflow', input);
    const again = await ask('channelwise', input);
    const ms = Math.min(own.ms, again.ms);
    // Multiplications and additions of the recurrent products, forward once and backward twice.
    const flops = 3 * 2 * shape.batch * shape.steps * 4 * shape.hidden * shape.hidden;
    console.log([
      `${shape.batch} × ${shape.steps} × ${shape.hidden}`,
      `${peer.ms.toFixed(1)} ms`,
      `${ms.toFixed(1)} ms`,
      `${(peer.ms / ms).toFixed(1)}`,
      peak ? `${(100 * flops / (ms * 1e6) / peak).toFixed(0)} %` : `${own.first?.toFixed(0) ?? '–'} ms`,
    ].map(cell).join(''));
  }
} finally {
  await browser.close();
  server.close();
}

/** @param {string} text */
function cell(text) {
  return text.padEnd(24);
}
