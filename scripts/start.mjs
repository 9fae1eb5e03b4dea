/**
 * `npm start`: from a fresh clone to a working page. Installs what is missing, builds the CPU half, serves,
 * and builds the GPU half behind the page, which takes it up when it is there.
 *
 *   npm start -- --port 9000   another port
 *   npm start -- --cpu         without the GPU half, which takes longest
 */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { checkNode, ensureNodeModules } from './packages.mjs';
import { DIST } from './paths.mjs';
import { command, complain, duration, say } from './say.mjs';
import { portNumber, serve } from './serve.mjs';
import { nativeToolchain, wasmBindgen, wasmToolchain } from './toolchain.mjs';
import { bundle } from './bundle.mjs';
import { isPlaced, makeWasm, writeStatus } from './wasm.mjs';

/** What is on the way to a page that works. @param {boolean} gpuWanted */
async function prepare(gpuWanted) {
  await ensureNodeModules();
  await nativeToolchain();
  await wasmToolchain();
  // A GPU half from an earlier build may not fit this one's code any more.
  await rm(path.join(DIST, 'wasm', 'gpu'), { recursive: true, force: true });
  // All at once: the last part of the crate's build keeps one core idle.
  await Promise.all([wasmBindgen(), bundle(), makeWasm('cpu')]);
  await writeStatus({ cpu: 'ready', gpu: gpuWanted ? 'building' : 'absent' });
}

/** Builds the GPU half while the page is in use. */
async function prepareGpu() {
  try {
    await makeWasm('gpu');
    await writeStatus({ cpu: 'ready', gpu: 'ready' });
    say('The WebGPU half is in place: the page takes it up by itself.');
  } catch (error) {
    await writeStatus({ cpu: 'ready', gpu: (await isPlaced('gpu')) ? 'ready' : 'failed' });
    complain(error);
    say('The WebGPU half could not be built; everything works on the CPU.');
  }
}

command(async () => {
  const began = Date.now();
  checkNode();
  const { values } = parseArgs({ options: { port: { type: 'string' }, cpu: { type: 'boolean' } } });
  const port = values.port === undefined ? undefined : portNumber(values.port);
  say('Channelwise: installing what is missing, building, then serving. A first build takes several minutes.');
  await prepare(!values.cpu);
  const served = await serve({ ...(port !== undefined && { port }) });
  say(`\nChannelwise is ready at ${served.url} after ${duration(Date.now() - began)} (Ctrl+C ends it).\n`);
  if (values.cpu) return;
  say('The page works on the CPU; its WebGPU half is built now, which takes a while the first time.');
  await prepareGpu();
});
