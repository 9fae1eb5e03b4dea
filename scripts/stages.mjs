/** What `npm test` and `npm run check` are made of. Each stage returns how many of its tests passed. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { bundle } from './bundle.mjs';
import { SIZE_LIMITS, constructorsRunAgain, firstLoadSize, gzippedSize, strayBrowserCrates, workbookImports } from './checks.mjs';
import { ensureChromium } from './chromium.mjs';
import { fuzzAll } from './fuzz.mjs';
import { cargoCounts, none, nodeCounts } from './counts.mjs';
import { WORKBOOK, isPlaced, makeWasm, writeStatus } from './wasm.mjs';
import { ROOT } from './paths.mjs';
import { CARGO_PROGRESS, attempt, cargoProgress, run, withoutProgress } from './run.mjs';
import { Told, say } from './say.mjs';
import { ensureLints, ensureWasmLints, nativeToolchain, wasmToolchain } from './toolchain.mjs';

/** @typedef {import('./counts.mjs').Counts} Counts */
/** @typedef {(text: string) => void} Note */
/** @typedef {{ name: string, title: string, work: (note: Note) => Promise<Counts> }} Stage */

const ONE_PASSED = { ...none(), passed: 1 };
/** A browser test that has not ended by then never will. */
const TEST_TIMEOUT_MS = 600_000;

/** `rustfmt --check` */
async function format() {
  await ensureLints();
  const { cargo, env } = await nativeToolchain();
  await run(cargo, ['fmt', '--all', '--check', '--', '--color', 'never'], { cwd: ROOT, env, otherwise: 'Some Rust is not formatted: run `cargo fmt --all`.' });
  const fuzzed = ['fmt', '--manifest-path', path.join('fuzz', 'Cargo.toml'), '--check', '--', '--color', 'never'];
  await run(cargo, fuzzed, { cwd: ROOT, env, otherwise: 'Some Rust of the fuzz targets is not formatted: run `cargo fmt` in fuzz/.' });
  return ONE_PASSED;
}

async function browserCrates() {
  const stray = await strayBrowserCrates();
  if (stray.length > 0) throw new Told(`Browser crates may be named in src/web only, but are in ${stray.join(', ')}.`);
  return ONE_PASSED;
}

/** The page and the scripts; the workers, which have another global scope; the tests. */
const TYPE_PROJECTS = ['tsconfig.json', 'tsconfig.worker.json', 'tsconfig.tests.json'];

async function types() {
  for (const project of TYPE_PROJECTS) {
    await run(process.execPath, [path.join('node_modules', 'typescript', 'bin', 'tsc'), '--project', project], {
      cwd: ROOT,
      otherwise: `tsc --checkJs found errors (${project}).`,
    });
  }
  return { ...none(), passed: TYPE_PROJECTS.length };
}

/** @param {import('./toolchain.mjs').Toolchain} toolchain @param {string[]} what @param {Note} note */
async function clippy({ clippy: [program = '', ...first], env, flags }, what, note) {
  const finished = await attempt(program, [...first, ...flags, ...what, '--', '-D', 'warnings'], {
    cwd: ROOT,
    env: { ...env, ...CARGO_PROGRESS },
    onLine: cargoProgress(note),
  });
  if (finished.code !== 0) throw new Told('clippy has complaints.', withoutProgress(finished.output));
  return ONE_PASSED;
}

/** @param {Note} note */
async function clippyNative(note) {
  await ensureLints();
  return clippy(await nativeToolchain(), ['--workspace', '--all-targets'], note);
}

/**
 * Clippy for wasm32, both halves and the reader of workbooks; as for a release, so that the standard library and the procedural macros
 * are the ones that the build needs too.
 * @param {Note} note
 */
async function clippyWasm(note) {
  await ensureWasmLints();
  const toolchain = await wasmToolchain();
  await clippy(toolchain, ['--release', '--lib'], note);
  await clippy(toolchain, ['--release', '--lib', '--features', 'webgpu'], note);
  await clippy(toolchain, ['--release', ...WORKBOOK], note);
  return { ...none(), passed: 3 };
}

/** @param {Note} note */
async function cargoTest(note) {
  const { cargo, env } = await nativeToolchain();
  const finished = await attempt(cargo, ['test', '--workspace', '--no-fail-fast'], {
    cwd: ROOT,
    env: { ...env, ...CARGO_PROGRESS },
    onLine: (line) => {
      cargoProgress(note)(line);
      const running = /^\s*(?:Running|Doc-tests) (.+?)(?: \(|$)/.exec(line);
      if (running?.[1]) note(`running ${running[1]}`);
    },
  });
  const counts = cargoCounts(finished.output, finished.code);
  if (counts.failed > 0) say(withoutProgress(finished.output).trimEnd());
  return counts;
}

/** Tests that need a browser: of the whole page, and of the API alone. All other folders need none. */
const BROWSER_FOLDERS = ['e2e', 'wasm'];
/** Tests that need the GPU half, and wait until it is built. */
const NEEDS_GPU = /(^|[./])(gpu|devices)\.test\.js$/;

/**
 * The test files in folders of tests/.
 * @param {(folder: string) => boolean} wanted
 * @returns {Promise<string[]>}
 */
async function testFiles(wanted) {
  const files = await readdir(path.join(ROOT, 'tests'), { recursive: true });
  return files
    .map((file) => file.split(path.sep))
    .filter(([folder = '', ...rest]) => rest.length > 0 && wanted(folder) && rest.at(-1)?.endsWith('.test.js'))
    .map((parts) => ['tests', ...parts].join('/'))
    .sort();
}

/**
 * Runs `node --test`, one file after another.
 * @param {string[]} files
 * @param {Record<string, string>} env
 * @param {Note} note
 */
async function nodeTest(files, env, note) {
  if (files.length === 0) return none();
  const finished = await attempt(
    process.execPath,
    ['--test', '--test-reporter=spec', '--test-concurrency=1', `--test-timeout=${TEST_TIMEOUT_MS}`, ...files],
    {
      cwd: ROOT,
      env: { ...env, FORCE_COLOR: '0', NODE_TEST_CONTEXT: undefined },
      onLine: (line) => {
        const done = /^\s*[✔✖▶﹣] (.+?)(?: \([\d.]+ms\).*)?$/.exec(line);
        if (done?.[1]) note(done[1].slice(0, 80));
      },
    },
  );
  const counts = nodeCounts(finished.output, finished.code);
  if (counts.failed > 0) say(finished.output.trimEnd());
  return counts;
}

/** @param {Note} note */
async function unitTests(note) {
  return nodeTest(await testFiles((folder) => !BROWSER_FOLDERS.includes(folder)), {}, note);
}

/** @param {import('./checks.mjs').WasmFile} file */
async function weigh(file) {
  const size = await gzippedSize(file);
  say(`  ${file} wasm: ${(size / 1e6).toFixed(3)} MB after gzip, of ${(SIZE_LIMITS[file] / 1e6).toFixed(2)} MB allowed`);
  if (size > SIZE_LIMITS[file]) throw new Told(`${file}: too large a download.`);
}

/** Size and constructors of a half that was built. @param {import('./wasm.mjs').Half} half */
async function inspect(half) {
  await weigh(half);
  if (await constructorsRunAgain(half)) {
    throw new Told(`In the ${half} half, every call from JavaScript runs all constructors again (see scripts/wasm-inspect.mjs).`);
  }
  return { ...none(), passed: 2 };
}

/** Halves whose build has failed in this run: what stands in dist is an older one's. @type {Set<import('./wasm.mjs').Half>} */
const unbuilt = new Set();

/** @param {import('./wasm.mjs').Half} half @param {Promise<unknown>} work */
async function building(half, work) {
  unbuilt.add(half);
  await work;
  unbuilt.delete(half);
}

async function buildCpu() {
  await building('cpu', Promise.all([bundle(), makeWasm('cpu')]));
  await writeStatus({ cpu: 'ready', gpu: (await isPlaced('gpu')) ? 'ready' : 'absent' });
  say(`  page and API before charts and wasm: ${((await firstLoadSize()) / 1000).toFixed(0)} kB after gzip`);
  await weigh('workbook');
  const imports = await workbookImports();
  if (imports.length > 0) throw new Told(`The reader of workbooks imports ${imports.join(', ')}, which nothing provides.`);
  const counts = await inspect('cpu');
  return { ...counts, passed: counts.passed + 2 };
}

async function buildGpu() {
  await building('gpu', makeWasm('gpu'));
  await writeStatus({ cpu: 'ready', gpu: 'ready' });
  return inspect('gpu');
}

/** @param {import('./wasm.mjs').Half} half */
async function needs(half) {
  if (unbuilt.has(half) || !(await isPlaced(half))) {
    throw new Told(`The ${half} half is not built, so these tests could not run.`);
  }
}

/** @param {import('./wasm.mjs').Half} half */
function inChromium(half) {
  return async (/** @type {Note} */ note) => {
    await needs(half);
    const files = await testFiles((folder) => BROWSER_FOLDERS.includes(folder));
    const chosen = files.filter((file) => NEEDS_GPU.test(file) === (half === 'gpu'));
    return nodeTest(chosen, { CHROMIUM_PATH: await ensureChromium() }, note);
  };
}

/** Everything that is checked, cheap things first. @type {Stage[]} */
export const STAGES = [
  { name: 'fmt', title: 'Rust is formatted', work: format },
  { name: 'crates', title: 'Browser crates stay in src/web', work: browserCrates },
  { name: 'types', title: 'Types of the JavaScript', work: types },
  { name: 'unit', title: 'Unit tests of the JavaScript', work: unitTests },
  { name: 'clippy', title: 'clippy, native', work: clippyNative },
  { name: 'rust', title: 'Rust tests', work: cargoTest },
  { name: 'fuzz', title: 'Every parser under libFuzzer', work: (note) => fuzzAll(note) },
  { name: 'clippy-wasm', title: 'clippy, wasm32', work: clippyWasm },
  { name: 'cpu', title: 'The page and the CPU half', work: buildCpu },
  { name: 'e2e', title: 'In Chromium', work: inChromium('cpu') },
  { name: 'gpu', title: 'The GPU half', work: buildGpu },
  { name: 'e2e-gpu', title: 'In Chromium with WebGPU', work: inChromium('gpu') },
];

