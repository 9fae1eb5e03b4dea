/** Checks that no compiler makes: what may be named where, how large things are, what the linker did. */
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { DIST, ROOT } from './paths.mjs';
import { commandWrapperShare } from './wasm-inspect.mjs';

const BROWSER_CRATES = /\b(wasm_bindgen\w*|web_sys|js_sys|serde_wasm_bindgen|gloo\w*)\b/;

/**
 * The lines of a Rust source that name a browser crate outside a comment.
 * @param {string} source
 * @returns {number[]} from 1
 */
export function linesNamingBrowserCrates(source) {
  return source
    .split('\n')
    .map((line, index) => (BROWSER_CRATES.test(line.replace(/\/\/.*$/, '')) ? index + 1 : 0))
    .filter((line) => line > 0);
}

/** Where src names a browser crate outside src/web. @returns {Promise<string[]>} `file:line` */
export async function strayBrowserCrates() {
  const folder = path.join(ROOT, 'src');
  const files = (await readdir(folder, { recursive: true }))
    .map((file) => file.split(path.sep).join('/'))
    .filter((file) => file.endsWith('.rs') && !/^web(\/|\.rs$)/.test(file))
    .sort();
  const found = await Promise.all(
    files.map(async (file) => {
      const source = await readFile(path.join(folder, file), 'utf8');
      return linesNamingBrowserCrates(source).map((line) => `src/${file}:${line}`);
    }),
  );
  return found.flat();
}

/** The most a download may weigh, in bytes after gzip. @type {Record<import('./wasm.mjs').Half, number>} */
export const SIZE_LIMITS = { cpu: 1_730_000, gpu: 5_000_000 };

const gzip = promisify(zlib.gzip);

/**
 * What a half weighs after gzip.
 * @param {import('./wasm.mjs').Half} half
 */
export async function gzippedSize(half) {
  const module = await readFile(path.join(DIST, 'wasm', half, 'channelwise_bg.wasm'));
  return (await gzip(module, { level: 9 })).length;
}

/**
 * What the page loads before it can be used, after gzip: everything but wasm, charts and the service worker.
 * @returns {Promise<number>} bytes
 */
export async function firstLoadSize() {
  const sizes = await Promise.all(
    ['index.html', 'page.css', 'app.js', 'register.js', 'channelwise.js'].map(async (file) => {
      return (await gzip(await readFile(path.join(DIST, file)), { level: 9 })).length;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** A function of our own may look like a wrapper by chance. */
const MOST_WRAPPERS = 0.2;

/**
 * Whether each call from JavaScript runs the module's constructors again (see wasm-inspect.mjs).
 * @param {import('./wasm.mjs').Half} half
 */
export async function constructorsRunAgain(half) {
  const module = await readFile(path.join(DIST, 'wasm', half, 'channelwise_bg.wasm'));
  return commandWrapperShare(module) > MOST_WRAPPERS;
}
