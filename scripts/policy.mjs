/**
 * What a browser is told about what this site may do: the one source for the server's headers, the meta
 * element in index.html and the service worker. Nothing here knows Node or the browser.
 *
 * Nothing may leave the origin: scripts, workers, requests, images and fonts come from it alone; nothing
 * can be framed by others or sent by a form, and strings can't turn into script (Trusted Types).
 */

/**
 * Who may make Trusted Types policies. `channelwise` and `channelwise-page` are webpack's, for the
 * addresses of the worker and of chunks; `channelwise-register` is for the service worker's address;
 * `lit-html` marks Lit's own templates.
 */
export const TRUSTED_TYPES = Object.freeze({
  api: 'channelwise',
  page: 'channelwise-page',
  register: 'channelwise-register',
  lit: 'lit-html',
});

const DIRECTIVES = [
  ["default-src 'none'"],
  // WebAssembly may be compiled; eval and inline scripts may not.
  ["script-src 'self' 'wasm-unsafe-eval'"],
  ["style-src 'self'"],
  ["img-src 'self' data: blob:"],
  ["connect-src 'self'"],
  ["worker-src 'self'"],
  ["font-src 'self'"],
  ["manifest-src 'self'"],
  ["base-uri 'none'"],
  ["form-action 'none'"],
  // A meta element can't say this: browsers ignore it there and complain.
  ["frame-ancestors 'self'", 'header'],
  ["require-trusted-types-for 'script'"],
  [`trusted-types ${Object.values(TRUSTED_TYPES).join(' ')}`],
];

/**
 * The Content-Security-Policy.
 * @param {'header' | 'meta'} place where it will stand
 */
export function contentSecurityPolicy(place) {
  return DIRECTIVES.filter(([, only]) => !only || only === place)
    .map(([directive]) => directive)
    .join('; ');
}

/** @param {string} policy one or several, as in a header @returns {Set<string>} the directives' names */
function directiveNames(policy) {
  return new Set(policy.split(/[;,]/).map((directive) => directive.trim().split(/\s+/, 1)[0]?.toLowerCase() ?? ''));
}

/**
 * A server's own policy, completed: the directives that it names are the server's, all others are ours. So a
 * server that only names a portal in `frame-ancestors` does not open anything else by it.
 * @param {string} policy as the server has sent it
 */
export function completedPolicy(policy) {
  const named = directiveNames(policy);
  const missing = DIRECTIVES.map(([directive]) => directive).filter((directive) => !named.has(directive?.split(' ', 1)[0] ?? ''));
  return [policy.trim().replace(/[\s;]+$/, ''), ...missing].join('; ');
}

/**
 * Puts the security headers on a response. What a server says itself stands.
 * @param {Headers} headers are changed
 */
export function secure(headers) {
  const own = headers.get('Content-Security-Policy');
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) if (!headers.has(name)) headers.set(name, value);
  if (own) headers.set('Content-Security-Policy', completedPolicy(own));
}

/** The headers of every response, errors and worker scripts included. @type {Readonly<Record<string, string>>} */
export const SECURITY_HEADERS = Object.freeze({
  'Content-Security-Policy': contentSecurityPolicy('header'),
  // Stops what no policy can: navigation to another origin, window.open and WebRTC (Chromium 152+; the
  // policy's own `webrtc` is known to no browser, and Chromium complains of it).
  'Connection-Allowlist': '(response-origin)',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Permissions-Policy':
    'camera=(), microphone=(), geolocation=(), display-capture=(), usb=(), serial=(), hid=(), payment=(), browsing-topics=()',
});
