/** @typedef {{ policy: string | null, from: 'header' | 'meta' | null, closed: boolean }} Policy */

/** @type {Policy} */
const none = { policy: null, from: null, closed: false };

/**
 * Whether a policy lets connections reach its own origin only.
 * @param {string} policy
 */
export function isClosed(policy) {
  const directives = new Map(
    policy.split(/[;,]/).map((directive) => {
      const [name, ...sources] = directive.trim().split(/\s+/);
      return [name.toLowerCase(), sources];
    }),
  );
  const sources = directives.get('connect-src') ?? directives.get('default-src');
  return sources !== undefined && sources.every((source) => ["'self'", "'none'"].includes(source));
}

/**
 * What can be checked from inside the page about where it talks to: requests since load, refusals by the
 * policy, and the policies themselves.
 */
export class Proof extends EventTarget {
  /** Requests to this page's own origin, the page itself among them. */
  own = 1;
  /** Requests to other origins, by origin. @type {Map<string, number>} */
  foreign = new Map();
  /** What the policy refused since load, besides our own test. */
  refused = 0;
  /** @type {Policy} */
  page = none;
  /** @type {Policy} */
  worker = none;
  inspected = false;
  /** How our own attempt to reach another origin ended. @type {'untested' | 'testing' | 'refused' | 'allowed'} */
  attempt = 'untested';
  /** @type {string | null} */
  #workerScript = null;
  /** @type {PerformanceObserver | null} */
  #observer = null;
  #onViolation = (/** @type {SecurityPolicyViolationEvent} */ event) => this.#violation(event);

  /** How many requests went to other origins. */
  get foreignCount() {
    return [...this.foreign.values()].reduce((sum, count) => sum + count, 0);
  }

  start() {
    if (this.#observer) return;
    document.addEventListener('securitypolicyviolation', this.#onViolation);
    this.#observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) this.#count(entry.name);
      this.#changed();
    });
    this.#observer.observe({ type: 'resource', buffered: true });
  }

  stop() {
    this.#observer?.disconnect();
    this.#observer = null;
    document.removeEventListener('securitypolicyviolation', this.#onViolation);
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }

  /** @param {string} address */
  #count(address) {
    const url = new URL(address, location.href);
    if (!/^(https?|wss?):$/.test(url.protocol) || url.hostname === testHost) return;
    if (url.origin === location.origin) {
      this.own += 1;
      if (/worker[^/]*\.js$/.test(url.pathname)) this.#workerScript = url.href;
    } else {
      this.foreign.set(url.origin, (this.foreign.get(url.origin) ?? 0) + 1);
    }
  }

  /** @param {SecurityPolicyViolationEvent} event */
  #violation(event) {
    if (event.blockedURI.includes(testHost)) {
      if (event.disposition === 'enforce') this.attempt = 'refused';
    } else {
      this.refused += 1;
    }
    this.#changed();
  }

  /** Reads the policies that page and worker were served with. */
  async inspect() {
    const meta = document.querySelector('meta[http-equiv="Content-Security-Policy" i]')?.getAttribute('content');
    const page = await servedPolicy(location.href);
    if (page.policy) this.page = page;
    else if (meta) this.page = { policy: meta, from: 'meta', closed: isClosed(meta) };
    if (this.#workerScript) this.worker = await servedPolicy(this.#workerScript);
    this.inspected = true;
    this.#changed();
  }

  /** Tries to reach another origin, on a name that can never exist: the policy must refuse. */
  async test() {
    this.attempt = 'testing';
    this.#changed();
    await fetch(`https://${testHost}/`, { mode: 'no-cors', credentials: 'omit' }).catch(() => undefined);
    // The violation is reported in a task of its own, after the fetch has failed.
    await new Promise((resolve) => setTimeout(resolve, 100));
    if (this.attempt === 'testing') this.attempt = 'allowed';
    this.#changed();
  }
}

/** RFC 2606 keeps `.invalid` for names that never resolve. */
const testHost = 'channelwise-test.invalid';

/**
 * @param {string} address of our own origin
 * @returns {Promise<Policy>}
 */
async function servedPolicy(address) {
  try {
    const response = await fetch(address, { method: 'HEAD', cache: 'no-store' });
    // An answer left unread counts as a broken request.
    await response.arrayBuffer();
    const policy = response.headers.get('content-security-policy');
    return policy ? { policy, from: 'header', closed: isClosed(policy) } : none;
  } catch {
    return none;
  }
}
