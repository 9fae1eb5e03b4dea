/**
 * What browser tests stand on: the site under test, a stranger's server that notes who calls, and Chromium
 * with a fresh profile. Tests close what they open (`t.after`, or the object's own `close`).
 *
 * @typedef {import('playwright-core').Page} Page
 * @typedef {import('playwright-core').BrowserContext} BrowserContext
 */
import { execFile } from 'node:child_process';
import dgram from 'node:dgram';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { ensureChromium } from '../../scripts/chromium.mjs';
import { serve } from '../../scripts/serve.mjs';

const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];
/** A software WebGPU adapter: without these flags there is none. */
const GPU_FLAGS = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

/**
 * Serves dist on a free port.
 * @param {Omit<import('../../scripts/serve.mjs').ServeOptions, 'port'>} [options] `headers: false` for a host that sends none
 */
export function site(options = {}) {
  return serve({ ...options, port: 0 });
}

/**
 * @typedef {object} Browser
 * @property {BrowserContext} context
 * @property {Page} page an empty one
 * @property {string[]} complaints what pages and workers wrote to the console as errors, and uncaught errors
 * @property {() => Promise<void>} close
 */

/**
 * Starts Chromium with a fresh profile.
 * @param {{ withGpu?: boolean, serviceWorkers?: 'allow' | 'block', flags?: string[] }} [options]
 * @returns {Promise<Browser>}
 */
export async function launch({ withGpu = false, serviceWorkers = 'allow', flags = [] } = {}) {
  const profile = await mkdtemp(path.join(os.tmpdir(), 'channelwise-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: await ensureChromium(),
    headless: true,
    serviceWorkers,
    args: [...CHROMIUM_FLAGS, ...(withGpu ? GPU_FLAGS : []), ...flags],
    viewport: { width: 1280, height: 900 },
  });
  /** @type {string[]} */
  const complaints = [];
  context.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  context.on('weberror', (error) => complaints.push(String(error.error())));
  return {
    context,
    page: context.pages()[0] ?? (await context.newPage()),
    complaints,
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/**
 * Runs a function in the page with the API module, as imported from beside the page.
 * @template Argument, Result
 * @param {Page} page
 * @param {(api: typeof import('../../www/api/types'), argument: Argument) => Result | Promise<Result>} work
 *   is sent as text: it sees nothing of the test around it
 * @param {Argument} [argument] anything that JSON can hold
 * @returns {Promise<Result>} rejects with the `ChannelwiseError`'s code and message where there is one
 */
export async function api(page, work, argument) {
  const answer = await page.evaluate(
    // `work` arrives as a function of the page's own, since its text stands in the expression.
    `(async () => {
      const api = await import(new URL('./channelwise.js', document.baseURI).href);
      try {
        return { value: await (${work})(api, ${JSON.stringify(argument)}) };
      } catch (error) {
        return { name: error?.name, code: error?.code, message: String(error?.message ?? error) };
      }
    })()`,
  );
  const { value, name, code, message } = /** @type {any} */ (answer);
  if (message !== undefined) throw Object.assign(new Error(message), { name, code });
  return value;
}

/**
 * The worker whose script's name holds `part`, once it is there.
 * @param {Page} page
 * @param {string} [part]
 */
export async function workerOf(page, part = 'worker') {
  const matches = (/** @type {import('playwright-core').Worker} */ worker) => worker.url().includes(part);
  return page.workers().find(matches) ?? page.waitForEvent('worker', { predicate: matches, timeout: 20_000 });
}

/**
 * Somebody else's server. Whatever reaches it, by TCP or UDP, is noted.
 * @returns {Promise<{ origin: string, port: number, heard: string[], close: () => Promise<void> }>}
 */
export async function stranger() {
  /** @type {string[]} */
  const heard = [];
  const tcp = net.createServer((socket) => {
    heard.push('tcp: connected');
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      heard.push(`tcp: ${data.toString('latin1')}`);
      socket.end('HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
    });
  });
  await new Promise((resolve) => tcp.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {net.AddressInfo} */ (tcp.address());
  const udp = dgram.createSocket('udp4');
  udp.on('message', (data) => heard.push(`udp: ${data.toString('latin1')}`));
  await new Promise((resolve) => udp.bind(port, '127.0.0.1', () => resolve(undefined)));
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    heard,
    close: async () => {
      udp.close();
      await new Promise((resolve) => tcp.close(resolve));
    },
  };
}

/**
 * Waits until a function in the page says so. Playwright's own `waitForFunction` needs eval, which our
 * policy forbids.
 * @param {Page} page
 * @param {() => boolean | Promise<boolean>} condition is sent as text
 * @param {number} [timeout] milliseconds
 */
export async function until(page, condition, timeout = 20_000) {
  const end = Date.now() + timeout;
  for (;;) {
    // A page that is loading anew has no answer for a moment.
    if (await page.evaluate(condition).catch(() => false)) return;
    if (Date.now() > end) throw new Error(`Waited ${timeout} ms in vain for ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * Opens a page on a host without headers and waits until the service worker has given it some. Nothing may
 * be evaluated in the page before: that counts as somebody using it, and then it is not loaded anew.
 * @param {Page} page
 * @param {string} url
 */
export async function openUnderServiceWorker(page, url) {
  let loads = 0;
  const twice = new Promise((resolve) => page.on('load', () => ++loads === 2 && resolve(undefined)));
  await page.goto(url);
  await twice;
  await until(page, () => crossOriginIsolated && navigator.serviceWorker.controller !== null);
}

/** Waits a moment in which whatever was sent would arrive. */
export const settle = () => new Promise((resolve) => setTimeout(resolve, 700));

/** The major version of Chromium. */
export async function chromiumVersion() {
  const { stdout } = await promisify(execFile)(await ensureChromium(), ['--version']);
  return Number(/(\d+)\./.exec(stdout)?.[1] ?? 0);
}
