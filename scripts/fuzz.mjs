/**
 * Every parser of files under libFuzzer: the targets of fuzz/, several at once.
 *
 *   npm run fuzz                        a minute each
 *   npm run fuzz -- 3600 text json      an hour each, some of them
 *   npm run fuzz -- FILE                one file through the target that it was found by, to reproduce a finding
 *
 * `npm test` does it as the stage `fuzz`: for a minute each in CI, for a few seconds elsewhere. It takes a C++
 * compiler, for libFuzzer itself; where none can be had the stage says so and is skipped.
 */
import { mkdir, readFile, readdir, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { none } from './counts.mjs';
import { installDebianPackages } from './packages.mjs';
import { CACHE, ROOT } from './paths.mjs';
import { CARGO_PROGRESS, ask, attempt, cargoProgress, withoutProgress } from './run.mjs';
import { Told, command, say, task } from './say.mjs';
import { nativeToolchain } from './toolchain.mjs';

/** @typedef {import('./counts.mjs').Counts} Counts */
/** @typedef {(text: string) => void} Note */

const FOLDER = path.join(ROOT, 'fuzz');
/** What is grown from the seeds, and what was found: both outlive a clone where the cache does. */
const GROWN = path.join(CACHE.targetNative, 'fuzz-corpus');
const FOUND = path.join(CACHE.targetNative, 'fuzz-findings');
/** What `cargo fuzz` passes, but for the sanitizers of memory: the crate has no unsafe code that they could watch. */
const RUSTFLAGS = [
  '--cfg fuzzing',
  '-Cpasses=sancov-module',
  '-Cllvm-args=-sanitizer-coverage-level=4',
  '-Cllvm-args=-sanitizer-coverage-inline-8bit-counters',
  '-Cllvm-args=-sanitizer-coverage-pc-table',
  '-Cllvm-args=-sanitizer-coverage-trace-compares',
  '-Ccodegen-units=1',
].join(' ');
/** An input that takes longer than this is a finding; a slow machine under load is none. */
const TIMEOUT_SECONDS = 60;
/** Seconds for each target where there is nobody to wait, and where there is. */
const SECONDS = process.env.CI ? 60 : 5;

/** The names of all targets. */
export async function targets() {
  const files = await readdir(path.join(FOLDER, 'targets'));
  return files.map((file) => path.basename(file, '.rs')).sort();
}

/** Whether libFuzzer can be compiled here. */
async function hasCompiler() {
  const there = async () => (await ask(process.env.CXX ?? 'c++', ['--version'])) !== undefined;
  return (await there()) || ((await installDebianPackages(['g++'])) && (await there()));
}

/**
 * Compiles the targets; answers where they lie.
 * @param {Note} note
 */
async function build(note) {
  const { cargo, env } = await nativeToolchain();
  const host = /^host: (.+)$/m.exec((await ask(env.RUSTC ?? 'rustc', ['-vV'])) ?? '')?.[1];
  if (!host) throw new Told('rustc does not say what machine this is.');
  const folder = path.join(CACHE.targetNative, 'fuzz');
  // With a target named, what runs while compiling is not instrumented.
  const finished = await attempt(cargo, ['build', '--release', '--locked', '--bins', '--target', host], {
    cwd: FOLDER,
    env: { ...env, ...CARGO_PROGRESS, CARGO_TARGET_DIR: folder, RUSTFLAGS, CARGO_ENCODED_RUSTFLAGS: undefined },
    onLine: cargoProgress(note),
  });
  if (finished.code !== 0) throw new Told('The fuzz targets could not be compiled.', withoutProgress(finished.output));
  return path.join(folder, host, 'release');
}

/** What libFuzzer says of how much it has done. @param {string} output */
export function executions(output) {
  return Number([...output.matchAll(/^#(\d+)\s/gm)].at(-1)?.[1] ?? 0);
}

/**
 * Runs a target; answers what it found, if it found anything.
 * @param {string} name
 * @param {string} folder of the programs
 * @param {number} seconds
 */
async function fuzz(name, folder, seconds) {
  const [grown, found] = [path.join(GROWN, name), path.join(FOUND, name)];
  await Promise.all([mkdir(grown, { recursive: true }), mkdir(found, { recursive: true })]);
  const finished = await attempt(path.join(folder, name), [
    grown,
    path.join(FOLDER, 'seeds', name),
    // What was found before is tried first, until it is mended.
    found,
    `-max_total_time=${seconds}`,
    `-timeout=${TIMEOUT_SECONDS}`,
    '-max_len=8192',
    '-rss_limit_mb=3072',
    '-print_final_stats=1',
    `-artifact_prefix=${found}${path.sep}`,
  ]);
  const runs = executions(finished.output);
  if (finished.code === 0) return { name, runs };
  const artifact = /Test unit written to (\S+)/.exec(finished.output)?.[1];
  const how = artifact ? `npm run fuzz -- ${artifact}` : `npm run fuzz -- ${seconds} ${name}`;
  const bytes = artifact ? await readFile(artifact) : Buffer.alloc(0);
  const shown = bytes.length > 0 && bytes.length <= 512 ? `\nThe input, base64: ${bytes.toString('base64')}` : '';
  return { name, runs, finding: `${finished.output.split('\n').slice(-40).join('\n')}${shown}\nTo see it again: ${how}` };
}

/**
 * All targets, or some, as many at once as there are processors.
 * @param {Note} note
 * @param {number} [seconds] for each
 * @param {string[]} [names]
 * @returns {Promise<Counts>}
 */
export async function fuzzAll(note, seconds = SECONDS, names = []) {
  const chosen = names.length > 0 ? names : await targets();
  if (!(await hasCompiler())) {
    say('  Not fuzzed: libFuzzer takes a C++ compiler, and there is none here (on Debian: `apt-get install g++`).');
    return { ...none(), skipped: chosen.length };
  }
  const folder = await build(note);
  const waiting = [...chosen];
  const counts = none();
  const worker = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      note(`${name}, ${waiting.length} to come`);
      const { runs, finding } = await fuzz(name, folder, seconds);
      say(`  ${name.padEnd(10)} ${runs} inputs${finding ? ', and a finding:' : ''}`);
      if (finding) say(finding);
      counts[finding ? 'failed' : 'passed'] += 1;
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), chosen.length) }, worker));
  return counts;
}

/** One input through the target in whose folder it lies. @param {string} file */
async function reproduce(file) {
  const name = path.basename(path.dirname(path.resolve(file)));
  if (!(await targets()).includes(name)) {
    throw new Told(`The file has to lie in a folder that is called as its target: ${(await targets()).join(', ')}.`);
  }
  const folder = await task('Compiling the fuzz targets', build);
  const finished = await attempt(path.join(folder, name), [path.resolve(file)], { show: true });
  process.exitCode = finished.code;
}

/** @param {string | undefined} argument */
const isFile = async (argument) => argument !== undefined && (await stat(argument).then((found) => found.isFile(), () => false));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  command(async () => {
    const [first, ...names] = process.argv.slice(2);
    if (first !== undefined && (await isFile(first))) return reproduce(first);
    const seconds = Number(first ?? 60);
    if (!(seconds >= 1)) throw new Told('Give the seconds for each target, or a file.');
    const known = await targets();
    const unknown = names.filter((name) => !known.includes(name));
    if (unknown.length > 0) throw new Told(`No target is called ${unknown.join(', ')}; there are ${known.join(', ')}.`);
    const counts = await task('Fuzzing', (note) => fuzzAll(note, seconds, names));
    process.exitCode = counts.failed > 0 ? 1 : 0;
  });
}
