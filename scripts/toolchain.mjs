/**
 * Rust for this machine and Rust for wasm32: what is here already, else rustup's, else Debian's.
 *
 * Debian ships no compiled standard library for wasm32-unknown-unknown, so cargo builds it from
 * rust-web-src along with the crate (`-Zbuild-std`, for which RUSTC_BOOTSTRAP=1 stands in for a nightly).
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { installDebianPackages, exists } from './packages.mjs';
import { CACHE, ROOT } from './paths.mjs';
import { CARGO_PROGRESS, ask, attempt, cargoProgress, run } from './run.mjs';
import { Told, say, task } from './say.mjs';

export const WASM_TARGET = 'wasm32-unknown-unknown';
const DEBIAN_RUST = ['rustc-web', 'cargo-web', 'rust-web-clippy', 'rustfmt-web'];
const DEBIAN_WASM = ['rustc-web', 'cargo-web', 'rust-web-src', 'rust-web-clippy', 'lld'];
const DEBIAN_STD_SOURCE = '/usr/lib/rustlib/src/rust/library/std';
/** Fat LTO and SIMD are what the wasm is measured with: any change here rebuilds every dependency. */
const WASM_RUSTFLAGS = '-Ctarget-feature=+simd128';
/** How long rustup's server may take: the download is 20 MB, but out of reach it would hang. */
const RUSTUP_TIMEOUT_MS = 90_000;
const GET_RUST = 'install it with rustup (https://rustup.rs), then run this again.';

/**
 * @typedef {object} Toolchain
 * @property {string} name
 * @property {string} cargo program
 * @property {string[]} clippy program and first arguments
 * @property {Record<string, string | undefined>} env for every call
 * @property {string[]} flags for every build, check and clippy
 */

/** @param {string} version @param {string} least */
export function atLeast(version, least) {
  const parts = (/** @type {string} */ text) => text.split('.').map((part) => parseInt(part, 10) || 0);
  const [a, b] = [parts(version), parts(least)];
  for (let i = 0; i < b.length; i++) {
    if ((a[i] ?? 0) !== (b[i] ?? 0)) return (a[i] ?? 0) > (b[i] ?? 0);
  }
  return true;
}

/** The oldest Rust that Cargo.toml accepts. */
async function leastRust() {
  const manifest = await readFile(path.join(ROOT, 'Cargo.toml'), 'utf8');
  return /^rust-version = "([\d.]+)"/m.exec(manifest)?.[1] ?? '1.95';
}

/** The version that Cargo.lock holds of a package. @param {string} lock @param {string} name */
export function lockedVersion(lock, name) {
  const found = new RegExp(`name = "${name}"\\nversion = "([^"]+)"`).exec(lock);
  if (!found?.[1]) throw new Told(`Cargo.lock does not name ${name}.`);
  return found[1];
}

/** @param {string} rustc @param {string} least */
async function recentEnough(rustc, least) {
  const version = /^rustc (\S+)/.exec((await ask(rustc, ['--version'])) ?? '')?.[1];
  return version !== undefined && atLeast(version, least);
}

/** @type {Promise<Toolchain> | undefined} */
let native;

/** Rust for this machine, with clippy and rustfmt. */
export function nativeToolchain() {
  native ??= findNative();
  return native;
}

/** @returns {Promise<Toolchain>} */
async function findNative() {
  const least = await leastRust();
  const env = { CARGO_TARGET_DIR: CACHE.targetNative };
  /** @type {(name: string, folder: string) => Toolchain} */
  const at = (name, folder) => ({
    name,
    cargo: path.join(folder, 'cargo'),
    clippy: [path.join(folder, 'cargo-clippy'), 'clippy'],
    env: folder ? { ...env, RUSTC: path.join(folder, 'rustc'), CARGO: path.join(folder, 'cargo') } : env,
    flags: [],
  });
  if ((await recentEnough('rustc', least)) && (await ask('cargo', ['--version']))) {
    return at(`Rust ${(await ask('rustc', ['--version']))?.split(' ')[1]}`, '');
  }
  if (await recentEnough('/usr/bin/rustc', least)) return at("Debian's Rust", '/usr/bin');
  if (await installDebianPackages(DEBIAN_RUST)) {
    if (await recentEnough('/usr/bin/rustc', least)) return at("Debian's Rust", '/usr/bin');
  }
  throw new Told(`Channelwise needs Rust ${least} or newer, which is not on this machine: ${GET_RUST}`);
}

/** The components that the checks need, added by rustup or Debian where they are missing. */
export async function ensureLints() {
  const { cargo, clippy } = await nativeToolchain();
  const [program = 'cargo-clippy'] = clippy;
  const there = async () => (await ask(program, ['--version'])) !== undefined && (await ask(cargo, ['fmt', '--version'])) !== undefined;
  if (await there()) return;
  await attempt('rustup', ['component', 'add', 'clippy', 'rustfmt'], { timeout: RUSTUP_TIMEOUT_MS });
  if (await there()) return;
  await installDebianPackages(['rust-web-clippy', 'rustfmt-web']);
  if (!(await there())) throw new Told('clippy and rustfmt are missing: run `rustup component add clippy rustfmt`.');
}

/** @type {Promise<Toolchain> | undefined} */
let wasm;

/** Rust for wasm32-unknown-unknown. */
export function wasmToolchain() {
  wasm ??= findWasm();
  return wasm;
}

/** Clippy of the toolchain that builds for wasm32: Debian's compiler may be here without it. */
export async function ensureWasmLints() {
  const { clippy } = await wasmToolchain();
  const [program = 'cargo-clippy'] = clippy;
  const there = async () => (await ask(program, ['--version'])) !== undefined;
  if (await there()) return;
  if (program.startsWith('/usr/bin/')) await installDebianPackages(['rust-web-clippy']);
  else await ensureLints();
  if (!(await there())) throw new Told(`clippy for ${WASM_TARGET} is missing: ${program} is not there.`);
}

/** Whether `rustc` has a compiled standard library for wasm32. */
async function hasWasmStd() {
  const folder = await ask('rustc', ['--print', 'target-libdir', '--target', WASM_TARGET]);
  return folder !== undefined && (await exists(folder));
}

/** Whether Debian's compiler, the standard library's source and the linker are all here. @param {string} least */
async function hasDebianWasm(least) {
  return (
    (await exists(DEBIAN_STD_SOURCE)) &&
    (await recentEnough('/usr/bin/rustc', least)) &&
    (await ask('wasm-ld', ['--version'])) !== undefined
  );
}

/** @returns {Promise<Toolchain>} */
async function findWasm() {
  const least = await leastRust();
  const env = {
    CARGO_TARGET_DIR: CACHE.targetWasm,
    // Either of these would replace our own flags.
    RUSTFLAGS: undefined,
    CARGO_ENCODED_RUSTFLAGS: undefined,
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS: WASM_RUSTFLAGS,
  };
  /** @type {Toolchain} */
  const plain = { name: 'Rust', cargo: 'cargo', clippy: ['cargo-clippy', 'clippy'], env, flags: ['--target', WASM_TARGET] };
  /** @type {Toolchain} */
  const debian = {
    name: "Debian's Rust",
    cargo: '/usr/bin/cargo',
    clippy: ['/usr/bin/cargo-clippy', 'clippy'],
    env: {
      ...env,
      RUSTC_BOOTSTRAP: '1',
      RUSTC: '/usr/bin/rustc',
      CARGO: '/usr/bin/cargo',
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: 'wasm-ld',
    },
    flags: ['--target', WASM_TARGET, '-Zbuild-std=std,panic_abort'],
  };
  const recent = await recentEnough('rustc', least);
  if (recent && (await hasWasmStd())) return plain;
  // A machine that had to fall back once keeps to it: its build folder is warm with that compiler.
  if (await hasDebianWasm(least)) return debian;
  if (recent && (await ask('rustup', ['--version']))) {
    const added = await task('Adding the wasm32 target with rustup', () =>
      attempt('rustup', ['target', 'add', WASM_TARGET], { timeout: RUSTUP_TIMEOUT_MS }),
    );
    if (added.code === 0 && (await hasWasmStd())) return plain;
    say("rustup could not add it (is its server out of reach?); trying Debian's packages instead.");
  }
  if ((await installDebianPackages(DEBIAN_WASM)) && (await hasDebianWasm(least))) return debian;
  if (!recent) throw new Told(`Channelwise needs Rust ${least} or newer, which is not on this machine: ${GET_RUST}`);
  throw new Told(
    `Rust's ${WASM_TARGET} target is missing and could not be had: run \`rustup target add ${WASM_TARGET}\` where rustup's server is within reach, or install ${DEBIAN_WASM.join(', ')} on Debian.`,
  );
}

/** @type {Promise<string> | undefined} */
let bindgen;

/** The wasm-bindgen program of the very version that Cargo.lock names: another's glue doesn't fit. */
export function wasmBindgen() {
  bindgen ??= findBindgen();
  return bindgen;
}

/** @returns {Promise<string>} the program */
async function findBindgen() {
  const version = lockedVersion(await readFile(path.join(ROOT, 'Cargo.lock'), 'utf8'), 'wasm-bindgen');
  const ours = path.join(CACHE.tools, 'bin', 'wasm-bindgen');
  for (const program of [ours, 'wasm-bindgen']) {
    if ((await ask(program, ['--version'])) === `wasm-bindgen ${version}`) return program;
  }
  const { cargo } = await nativeToolchain();
  await task(`Building wasm-bindgen ${version}`, (note) =>
    run(cargo, ['install', 'wasm-bindgen-cli', '--version', version, '--root', CACHE.tools, '--force'], {
      env: { ...CARGO_PROGRESS, CARGO_TARGET_DIR: undefined },
      onLine: cargoProgress(note),
      otherwise: `wasm-bindgen-cli ${version} could not be built; is crates.io within reach?`,
    }),
  );
  return ours;
}
