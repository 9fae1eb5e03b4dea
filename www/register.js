/**
 * Registers the service worker (`sw.js`), which lends a host without security headers the headers that
 * keep data in, and keeps the page usable offline.
 *
 * - Where the server sends the headers (`crossOriginIsolated`) on this very machine, nothing is
 *   registered: that is the development server, whose address other projects use as well, and a service
 *   worker would stay behind and answer for them.
 * - Where the server sends them elsewhere, the worker is registered for offline use alone.
 * - Where it doesn't, the first visit is under the page's meta policy only, which does not reach workers.
 *   As soon as the service worker has taken over, the page loads once more, under its headers; unless
 *   somebody has begun to use it, in which case the workers started from now on are covered, and the rest
 *   at the next visit. The page waits for it a moment before it starts its worker (`channelwiseCovered`).
 */
import { TRUSTED_TYPES } from '../scripts/policy.mjs';

const RELOADED = 'channelwise-reloaded';
/** How long the page's first worker waits for the service worker, which may be slow or never come. */
const PATIENCE_MS = 1000;

/** Whether this page's server is this machine. */
function isLoopback() {
  return ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname) || location.hostname.endsWith('.localhost');
}

/**
 * The service worker's address, as what `register` accepts where Trusted Types are enforced.
 * @returns {string}
 */
function workerAddress() {
  const address = new URL('./sw.js', document.baseURI).href;
  const types = /** @type {{ createPolicy(name: string, rules: object): { createScriptURL(url: string): string } } | undefined} */ (
    /** @type {any} */ (globalThis).trustedTypes
  );
  if (!types) return address;
  const policy = types.createPolicy(TRUSTED_TYPES.register, {
    createScriptURL: (/** @type {string} */ url) => {
      if (url !== address) throw new TypeError('Only the service worker is registered.');
      return url;
    },
  });
  return policy.createScriptURL(address);
}

/** Loads the page once more under the service worker's headers, at most once, and never under somebody's hands. */
function reloadOnce() {
  if (crossOriginIsolated || sessionStorage.getItem(RELOADED) || navigator.userActivation?.hasBeenActive) return;
  sessionStorage.setItem(RELOADED, 'yes');
  location.reload();
}

/** Resolves to the registration, where there is one. */
async function register() {
  if (!('serviceWorker' in navigator) || !isSecureContext) return undefined;
  if (crossOriginIsolated && isLoopback() && !navigator.serviceWorker.controller) return undefined;
  if (!navigator.serviceWorker.controller) {
    navigator.serviceWorker.addEventListener('controllerchange', reloadOnce, { once: true });
  }
  // An embedding page may forbid it (a sandboxed frame has no storage): the page works all the same.
  return navigator.serviceWorker.register(workerAddress()).catch(() => undefined);
}

/** Resolves when the service worker has taken over, or when there is nothing more to wait for. */
function covered() {
  return new Promise((resolve) => {
    const registering = register();
    if (navigator.serviceWorker?.controller) resolve(undefined);
    navigator.serviceWorker?.addEventListener('controllerchange', resolve, { once: true });
    registering.then((registration) => registration ?? resolve(undefined), resolve);
    setTimeout(resolve, PATIENCE_MS);
  });
}

// Without headers this is part of the protection and comes first; otherwise it can wait for the page.
if (!crossOriginIsolated) Object.assign(globalThis, { channelwiseCovered: covered() });
else if (document.readyState !== 'complete') addEventListener('load', register, { once: true });
else register();
