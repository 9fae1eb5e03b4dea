import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { linesNamingBrowserCrates } from '../../scripts/checks.mjs';
import { missingPackages } from '../../scripts/packages.mjs';
import { ROOT } from '../../scripts/paths.mjs';
import { atLeast, lockedVersion } from '../../scripts/toolchain.mjs';
import { commandWrapperShare } from '../../scripts/wasm-inspect.mjs';

const read = (/** @type {string} */ file) => readFile(path.join(ROOT, file), 'utf8');

/**
 * One small crate with a constructor, linked by wasm-ld: as it comes, and with a call of `__wasm_call_ctors`
 * in it. Three functions of both are exported: (i32, f64) -> f64, () -> i32 and (i32) -> ().
 */
const WRAPPED =
  'AGFzbQEAAAABEgRgAABgAn98AXxgAAF/YAF/AAMJCAAAAQIDAQIDBAUBcAEBAQUDAQARBhkDfwFBgIDAAAt/AEGEgMAAC38AQZCAwAALBzgGBm1lbW9yeQIACl9fZGF0YV9lbmQDAQtfX2hlYXBfYmFzZQMCA2FkZAAFBHJ1bnMABgNzZXQABwpnCAQAEAELFwBBAEEAKAKAgMCAAEEBajYCgIDAgAALEwAgAUEAKAKAgMCAALiiIAC4oAsLAEEAKAKAgMCAAAsNAEEAIAA2AoCAwIAACwoAEAAgACABEAILBgAQABADCwgAEAAgABAECw==';
const MENDED =
  'AGFzbQEAAAABEgRgAABgAn98AXxgAAF/YAF/AAMHBgAAAQIDAAQFAXABAQEFAwEAEQYZA38BQYCAwAALfwBBhIDAAAt/AEGQgMAACwdABwZtZW1vcnkCAANhZGQAAgRydW5zAAMDc2V0AAQFc3RhcnQABQpfX2RhdGFfZW5kAwELX19oZWFwX2Jhc2UDAgpVBgQAEAELFwBBAEEAKAKAgMCAAEEBajYCgIDAgAALEwAgAUEAKAKAgMCAALiiIAC4oAsLAEEAKAKAgMCAAAsNAEEAIAA2AoCAwIAACwgAEICAgIAACw==';

test('a module whose every export runs the constructors again is recognised', async () => {
  const wrapped = Buffer.from(WRAPPED, 'base64');
  assert.equal(commandWrapperShare(wrapped), 1);
  const { instance } = await WebAssembly.instantiate(wrapped);
  const runs = /** @type {() => number} */ (instance.exports.runs);
  assert.deepEqual([runs(), runs(), runs()], [1, 2, 3], 'the module does what it is an example of');
});

test('a module whose constructors are called once is not', async () => {
  const mended = Buffer.from(MENDED, 'base64');
  assert.equal(commandWrapperShare(mended), 0);
  const { instance } = await WebAssembly.instantiate(mended);
  const { runs, start } = /** @type {{ runs: () => number, start: () => void }} */ (/** @type {unknown} */ (instance.exports));
  start();
  assert.deepEqual([runs(), runs(), runs()], [1, 1, 1]);
});

test('browser crates are seen in code, not in comments or longer names', () => {
  const source = [
    'use wasm_bindgen::prelude::*;',
    '// web_sys is not for us',
    'let my_js_system = 1;',
    '    let now = js_sys::Date::now(); // js_sys',
    '/// See `web_sys::Blob`.',
    'gloo_timers::sleep();',
  ].join('\n');
  assert.deepEqual(linesNamingBrowserCrates(source), [1, 4, 6]);
});

test('packages are missing when their version differs, unless they are for other systems', () => {
  const lock = {
    packages: {
      '': {},
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { version: '2.0.0' },
      'node_modules/c': { version: '1.0.0' },
      'node_modules/c-darwin': { version: '1.0.0', optional: true },
    },
  };
  const installed = { packages: { 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '1.9.0' } } };
  assert.deepEqual(missingPackages(lock, installed), ['node_modules/b', 'node_modules/c']);
  assert.deepEqual(missingPackages(lock, lock), []);
});

test('versions of Rust are compared by number', () => {
  assert.ok(atLeast('1.95.0', '1.95'));
  assert.ok(atLeast('1.100.0', '1.95'));
  assert.ok(atLeast('2.0.0', '1.95.1'));
  assert.ok(!atLeast('1.63.0', '1.95'));
  assert.ok(!atLeast('1.95.0-nightly', '1.95.1'));
});

test('the version of wasm-bindgen is the one in Cargo.lock', async () => {
  const version = lockedVersion(await read('Cargo.lock'), 'wasm-bindgen');
  assert.match(await read('Cargo.toml'), new RegExp(`^wasm-bindgen = "=${version}"$`, 'm'));
  assert.throws(() => lockedVersion('', 'wasm-bindgen'), { name: 'Told' });
});

test("npm's packages are pinned, and the lockfile names no server", async () => {
  const { dependencies, devDependencies } = JSON.parse(await read('package.json'));
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    assert.match(String(version), /^\d+\.\d+\.\d+$/, name);
  }
  assert.ok(!(await read('package-lock.json')).includes('"resolved"'));
});

test("index.html's policy is filled in when it is built", async () => {
  const html = await read('index.html');
  assert.equal(html.match(/content="%POLICY%"/g)?.length, 1);
  assert.ok(!/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/.test(html), 'nothing inline');
});
