/**
 * The two wasm files of the one crate: `cpu`, which alone does everything, and `gpu`, five times the
 * download, which trains on WebGPU as well. And that of the crate in src/workbook, which reads workbooks.
 */
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { exists } from './packages.mjs';
import { CACHE, DIST, ROOT } from './paths.mjs';
import { CARGO_PROGRESS, cargoProgress, run } from './run.mjs';
import { Told, task } from './say.mjs';
import { WASM_TARGET, wasmBindgen, wasmToolchain } from './toolchain.mjs';

/** What reads workbooks: cargo's name and features for it, as clippy is given them too. */
export const WORKBOOK = ['--package', 'channelwise-workbook', '--lib', '--features', 'reader'];
/** Where it is served, in dist. */
export const WORKBOOK_WASM = 'wasm/workbook/workbook.wasm';

/** @typedef {'cpu' | 'gpu'} Half */
/** @typedef {'absent' | 'building' | 'ready' | 'failed'} HalfState */
/** @typedef {{ cpu: HalfState, gpu: HalfState }} WasmStatus */

/** Cargo's features for each half. @type {Record<Half, string[]>} */
const FEATURES = { cpu: [], gpu: ['--features', 'webgpu'] };
/** Taken out here: a package with a level of its own in Cargo.toml was seen to keep its names in spite of `strip`. */
const NAMELESS = ['--remove-name-section', '--remove-producers-section'];
/** How many outputs of wasm-bindgen are kept, so that going back and forth costs nothing. */
const KEPT_OUTPUTS = 6;

/**
 * Compiles one half and makes its glue.
 * @param {Half} half
 * @returns {Promise<string>} the folder with `channelwise.js` and `channelwise_bg.wasm`
 */
export async function buildWasm(half) {
  const toolchain = await wasmToolchain();
  const wasm = await task(`Compiling the ${half} half to WebAssembly with ${toolchain.name}`, async (note) => {
    await run(toolchain.cargo, ['build', '--release', ...toolchain.flags, '--lib', ...FEATURES[half]], {
      cwd: ROOT,
      env: { ...toolchain.env, ...CARGO_PROGRESS },
      onLine: cargoProgress(note),
      otherwise: `The ${half} half did not compile.`,
    });
    return readFile(path.join(CACHE.targetWasm, WASM_TARGET, 'release', 'channelwise.wasm'));
  });
  return bind(half, wasm, await wasmBindgen());
}

/**
 * Runs wasm-bindgen over a module, unless it has done so before.
 * @param {Half} half
 * @param {Uint8Array} wasm
 * @param {string} bindgen the program
 */
async function bind(half, wasm, bindgen) {
  const digest = createHash('sha256').update(wasm).update(bindgen).update(NAMELESS.join()).digest('hex').slice(0, 16);
  const folder = path.join(CACHE.bindgen, `${half}-${digest}`);
  if (await exists(folder)) {
    await utimes(folder, new Date(), new Date());
    return folder;
  }
  const scratch = `${folder}.${process.pid}`;
  await mkdir(scratch, { recursive: true });
  const input = path.join(scratch, 'input.wasm');
  await writeFile(input, wasm);
  await run(bindgen, ['--target', 'web', '--no-typescript', ...NAMELESS, '--out-dir', scratch, '--out-name', 'channelwise', input], {
    otherwise: `wasm-bindgen could not make the glue of the ${half} half.`,
  });
  await rm(input);
  await rename(scratch, folder).catch(() => rm(scratch, { recursive: true }));
  await prune();
  return folder;
}

/** Removes all but the outputs used last. */
async function prune() {
  const folders = await Promise.all(
    (await readdir(CACHE.bindgen)).map(async (name) => {
      const folder = path.join(CACHE.bindgen, name);
      return { folder, used: (await stat(folder)).mtimeMs };
    }),
  );
  folders.sort((a, b) => b.used - a.used);
  await Promise.all(folders.slice(KEPT_OUTPUTS).map(({ folder }) => rm(folder, { recursive: true, force: true })));
}

/**
 * Puts a half where it is served. It appears whole or not at all: the page may be looking.
 * @param {Half} half
 * @param {string} folder what `buildWasm` returned
 */
export async function placeWasm(half, folder) {
  const place = path.join(DIST, 'wasm', half);
  const next = `${place}.next`;
  const last = `${place}.last`;
  await rm(next, { recursive: true, force: true });
  await rm(last, { recursive: true, force: true });
  await cp(folder, next, { recursive: true });
  if (await exists(place)) await rename(place, last);
  await rename(next, place);
  await rm(last, { recursive: true, force: true });
}

/** Whether a half stands in dist. @param {Half} half */
export function isPlaced(half) {
  return exists(path.join(DIST, 'wasm', half, 'channelwise.js'));
}

/**
 * Says in dist/wasm/status.json which half is ready, for the page to look at.
 * @param {WasmStatus} status
 */
export async function writeStatus(status) {
  const file = path.join(DIST, 'wasm', 'status.json');
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(`${file}.next`, `${JSON.stringify(status)}\n`);
  await rename(`${file}.next`, file);
}

/**
 * Compiles what reads workbooks and puts it in place. A dependency (getrandom) names wasm-bindgen: its tool takes
 * out what that leaves behind, and the glue it writes is of no use, since nothing is called that is not in the file.
 */
async function makeWorkbook() {
  const [toolchain, bindgen] = [await wasmToolchain(), await wasmBindgen()];
  const place = path.join(DIST, WORKBOOK_WASM);
  const scratch = path.join(CACHE.bindgen, `workbook.${process.pid}`);
  await task('Compiling the reader of workbooks to WebAssembly', async (note) => {
    await run(toolchain.cargo, ['rustc', '--release', ...toolchain.flags, ...WORKBOOK, '--crate-type', 'cdylib'], {
      cwd: ROOT,
      env: { ...toolchain.env, ...CARGO_PROGRESS },
      onLine: cargoProgress(note),
      otherwise: 'The reader of workbooks did not compile.',
    });
    const made = path.join(CACHE.targetWasm, WASM_TARGET, 'release', 'channelwise_workbook.wasm');
    await run(bindgen, ['--target', 'web', '--no-typescript', ...NAMELESS, '--out-dir', scratch, '--out-name', 'workbook', made], {
      otherwise: 'wasm-bindgen could not finish the reader of workbooks.',
    });
    await mkdir(path.dirname(place), { recursive: true });
    await cp(path.join(scratch, 'workbook_bg.wasm'), `${place}.next`);
    await rename(`${place}.next`, place);
    await rm(scratch, { recursive: true });
  });
}

/**
 * Compiles one half, with `cpu` what reads workbooks as well, and puts it in place.
 * @param {Half} half
 */
export async function makeWasm(half) {
  if (half === 'cpu') await makeWorkbook();
  await placeWasm(half, await buildWasm(half));
  if (!(await isPlaced(half))) throw new Told(`The ${half} half is not where it should be.`);
}
