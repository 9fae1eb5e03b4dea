/** Checks that no compiler makes: what may be named where, how large things are, what the linker did. */
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { DIST, ROOT } from './paths.mjs';
import { WORKBOOK_WASM } from './wasm.mjs';
import { commandWrapperShare, importNames } from './wasm-inspect.mjs';

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

/** @typedef {import('./wasm.mjs').Half | 'workbook'} WasmFile */

/** The most a download may weigh, in bytes after gzip. @type {Record<WasmFile, number>} */
export const SIZE_LIMITS = { cpu: 1_520_000, gpu: 4_750_000, workbook: 310_000 };

const gzip = promisify(zlib.gzip);

/** @param {WasmFile} file */
const moduleOf = (file) => readFile(path.join(DIST, file === 'workbook' ? WORKBOOK_WASM : `wasm/${file}/channelwise_bg.wasm`));

/**
 * What a wasm file weighs after gzip.
 * @param {WasmFile} file
 */
export async function gzippedSize(file) {
  return (await gzip(await moduleOf(file), { level: 9 })).length;
}

/** What www/api/workbooks.js puts in the place of anything that is imported: never called. */
const NEVER_CALLED = ['__wbindgen_init_externref_table'];

/** The functions that the reader of workbooks can call and that are not its own: none, or a file could make use of them. */
export async function workbookImports() {
  return importNames(await moduleOf('workbook')).filter((name) => !NEVER_CALLED.includes(name));
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
  return commandWrapperShare(await moduleOf(half)) > MOST_WRAPPERS;
}
