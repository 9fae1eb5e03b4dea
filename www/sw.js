/**
 * The service worker: puts the security headers on every response of this site, refuses every request to
 * any other, and keeps the page's own files for offline use.
 *
 * Freshness: a file with its content's digest in its name never changes, so the kept copy is used. All
 * others are asked for anew (the server answers 304 where nothing changed) and the kept copy is used only
 * where the network fails. So a new build is never mixed with an old one, and a GPU half that appears
 * later is found. Each build has its own cache; the others are removed when it takes over.
 */
import { SECURITY_HEADERS } from '../scripts/policy.mjs';

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

const SCOPE = new URL('./', location.href);
/** Caches are shared by the whole origin, where other copies of Channelwise may live under other paths. */
const PREFIX = `channelwise|${SCOPE.pathname}|`;
const CACHE = PREFIX + BUILD;
/** `name.0123456789.js`: webpack's chunks. */
const IMMUTABLE = /\.[0-9a-f]{10}\.js$/;

/** Responses that can't have a body. */
const BODILESS = [101, 103, 204, 205, 304];

/**
 * The same response with the security headers.
 * @param {Response} response
 */
function secured(response) {
  // An opaque response (a redirection of a navigation) can't be rebuilt; the browser follows it and asks again.
  if (response.status === 0) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) headers.set(name, value);
  // The body is decoded by now.
  headers.delete('Content-Encoding');
  headers.delete('Content-Length');
  const body = BODILESS.includes(response.status) ? null : response.body;
  return new Response(body, { status: response.status, statusText: response.statusText, headers });
}

/** Whether a response may be kept. @param {Response} response */
function keepable(response) {
  return response.status === 200 && !response.redirected;
}

/**
 * Answers a request of this site.
 * @param {Request} request
 * @param {(work: Promise<unknown>) => void} later keeps the worker alive for work after the answer
 */
async function answer(request, later) {
  const { pathname } = new URL(request.url);
  const cache = await caches.open(CACHE);
  if (IMMUTABLE.test(pathname)) {
    const kept = await cache.match(request.url, { ignoreSearch: true });
    if (kept) return secured(kept);
  }
  try {
    const response = await fetch(request, { cache: 'no-cache' });
    if (request.method === 'GET' && keepable(response)) later(cache.put(request.url, response.clone()));
    return secured(response);
  } catch (error) {
    const kept = await cache.match(request.url, { ignoreSearch: true });
    if (kept) return secured(kept);
    throw error;
  }
}

worker.addEventListener('install', (event) => {
  const keep = async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(FILES.map((file) => new Request(new URL(file, SCOPE), { cache: 'no-cache' })));
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
  const { origin, protocol } = new URL(request.url);
  if (protocol !== 'http:' && protocol !== 'https:') return;
  if (origin !== location.origin) {
    event.respondWith(Response.error());
    return;
  }
  event.respondWith(answer(request, (work) => event.waitUntil(work.catch(() => undefined))));
});
