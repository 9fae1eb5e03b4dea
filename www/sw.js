/**
 * The service worker: puts the security headers on this site's own files, refuses every request that its
 * pages and workers make to other origins, and keeps its files for offline use.
 *
 * Only its own files: whatever else lies in its scope (another app on the same origin, data that the page or
 * that app asks for) is neither changed nor kept.
 *
 * Freshness: a file with its content's digest in its name never changes, so the kept copy is used. All
 * others are asked for anew (the server answers 304 where nothing changed) and the kept copy is used only
 * where the network fails. So a new build is never mixed with an old one, and a GPU half that appears
 * later is found. Each build has its own cache; the others are removed when it takes over.
 */
import { secure } from '../scripts/policy.mjs';

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

const SCOPE = new URL('./', location.href);
/** Caches are shared by the whole origin, where other copies of Channelwise may live under other paths. */
const PREFIX = `channelwise|${SCOPE.pathname}|`;
const CACHE = PREFIX + BUILD;
/** `name.0123456789.js`: webpack's chunks. */
const IMMUTABLE = /^[^/]+\.[0-9a-f]{10}\.js$/;
/** The paths of this build's files, but for the wasm halves, of which one may come later. */
const PATHS = new Set(FILES.map((file) => new URL(file, SCOPE).pathname));
const WASM = `${SCOPE.pathname}wasm/`;

/** Responses that can't have a body. */
const BODILESS = [101, 103, 204, 205, 304];

/** Whether an address is one of this build's files, which may be kept. @param {URL} url */
function isFile({ origin, pathname }) {
  return origin === SCOPE.origin && (PATHS.has(pathname) || pathname.startsWith(WASM));
}

/** Whether an address is a chunk, of this build or of one that a tab may still have open. @param {URL} url */
function isChunk({ origin, pathname }) {
  return origin === SCOPE.origin && pathname.startsWith(SCOPE.pathname) && IMMUTABLE.test(pathname.slice(SCOPE.pathname.length));
}

/**
 * Whether a request is made by a page or worker that is surely not ours: then it is none of our business.
 * Frames and workers without an address of their own (`about:srcdoc`, `blob:`) may be ours.
 * @param {string} clientId
 */
async function isStranger(clientId) {
  const client = clientId ? await worker.clients.get(clientId) : undefined;
  if (!client) return false;
  const url = new URL(client.url);
  return url.origin === SCOPE.origin && url.protocol.startsWith('http') && !isFile(url) && !isChunk(url);
}

/**
 * The same response with the security headers, but for those that the server has set itself.
 * @param {Response} response
 */
function secured(response) {
  // An opaque response (a redirection of a navigation) can't be rebuilt; the browser follows it and asks again.
  if (response.status === 0) return response;
  const headers = new Headers(response.headers);
  secure(headers);
  // The body is decoded by now.
  headers.delete('Content-Encoding');
  headers.delete('Content-Length');
  const body = BODILESS.includes(response.status) ? null : response.body;
  return new Response(body, { status: response.status, statusText: response.statusText, headers });
}

/** Whether a response may be kept. @param {Response} response */
function keepable(response) {
  return response.status === 200 && !response.redirected && !/\bno-store\b/i.test(response.headers.get('Cache-Control') ?? '');
}

/**
 * Answers a request for one of our files.
 * @param {Request} request
 * @param {(work: Promise<unknown>) => void} later keeps the worker alive for work after the answer
 */
async function answer(request, later) {
  const url = new URL(request.url);
  const address = url.origin + url.pathname;
  const cache = await caches.open(CACHE);
  if (isChunk(url)) {
    const kept = await cache.match(address);
    if (kept) return secured(kept);
  }
  try {
    const response = await fetch(request, { cache: 'no-cache' });
    if (request.method === 'GET' && isFile(url) && keepable(response)) later(cache.put(address, response.clone()));
    return secured(response);
  } catch (error) {
    const kept = await cache.match(address);
    if (kept) return secured(kept);
    throw error;
  }
}

/**
 * Answers a request to another origin: ours are refused.
 * @param {FetchEvent} event
 */
async function abroad({ request, clientId }) {
  return (await isStranger(clientId)) ? fetch(request) : Response.error();
}

worker.addEventListener('install', (event) => {
  const keep = async () => {
    const cache = await caches.open(CACHE);
    const keepOne = async (/** @type {string} */ file) => {
      const address = new URL(file, SCOPE);
      const response = await fetch(address, { cache: 'no-cache' });
      if (!response.ok) throw new TypeError(`${address.pathname}: ${response.status}`);
      if (keepable(response)) await cache.put(address, response);
    };
    // What reads workbooks may be left out by a host.
    const optional = (/** @type {string} */ file) => file.startsWith('wasm/workbook/');
    await Promise.all(FILES.map((file) => (optional(file) ? keepOne(file).catch(() => undefined) : keepOne(file))));
    await worker.skipWaiting();
  };
  event.waitUntil(keep());
});

worker.addEventListener('activate', (event) => {
  const takeOver = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
    await worker.clients.claim();
  };
  event.waitUntil(takeOver());
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return;
  if (url.origin !== SCOPE.origin) event.respondWith(abroad(event));
  else if (isFile(url) || isChunk(url)) event.respondWith(answer(request, (work) => event.waitUntil(work.catch(() => undefined))));
});
