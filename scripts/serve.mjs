/**
 * A server for what stands in dist: on this machine only, with the security headers on every response,
 * and with nothing but what Node brings.
 */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import zlib from 'node:zlib';
import { exists } from './packages.mjs';
import { DIST } from './paths.mjs';
import { SECURITY_HEADERS } from './policy.mjs';
import { Told, command, say } from './say.mjs';

const HOST = '127.0.0.1';
const FIRST_PORT = 8080;
const PORTS_TRIED = 50;

/** @type {Record<string, string>} */
const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ts': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
};
const COMPRESSIBLE = new Set(['.css', '.html', '.js', '.json', '.map', '.svg', '.ts', '.wasm']);

/**
 * @typedef {object} ServeOptions
 * @property {string} [root] the folder, `dist` where none is named
 * @property {number} [port] 8080 or the next free one where none is named; 0 for any
 * @property {string} [base] the path under which the folder is served
 * @property {boolean | ((path: string) => Record<string, string>)} [headers] false to serve as a host does that
 *   knows nothing of the security headers; a function for a host with headers of its own, by the path below the base
 * @property {(request: http.IncomingMessage) => void} [onRequest] is told of every request
 */

/** @typedef {{ url: string, port: number, close: () => Promise<void> }} Served */

/** @typedef {{ stamp: string, body: Buffer, etag: string, brotli?: Promise<Buffer> | Buffer }} Kept */

const compress = promisify(zlib.brotliCompress);

/** Files as they were read last, with their compressed form once that is done. */
class Files {
  /** @param {string} root */
  constructor(root) {
    this.root = root;
    /** @type {Map<string, Kept>} */
    this.kept = new Map();
  }

  /**
   * The file at a path of the address, if there is one.
   * @param {string} relative
   * @returns {Promise<(Kept & { extension: string }) | undefined>}
   */
  async find(relative) {
    const file = path.join(this.root, relative.endsWith('/') || relative === '' ? `${relative}index.html` : relative);
    if (file !== this.root && !file.startsWith(this.root + path.sep)) return undefined;
    const about = await stat(file).catch(() => undefined);
    if (!about?.isFile()) return undefined;
    const stamp = `${about.mtimeMs}-${about.size}-${about.ino}`;
    let kept = this.kept.get(file);
    if (kept?.stamp !== stamp) {
      const body = await readFile(file);
      kept = { stamp, body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` };
      this.kept.set(file, kept);
    }
    return Object.assign(kept, { extension: path.extname(file) });
  }
}

/**
 * The compressed body if it is at hand; otherwise it is made for the next time, so that nobody waits for it.
 * @param {Kept} kept
 * @returns {Buffer | undefined}
 */
function brotli(kept) {
  if (Buffer.isBuffer(kept.brotli)) return kept.brotli;
  kept.brotli ??= compress(kept.body, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 } }).then((body) => {
    kept.brotli = body;
    return body;
  });
  return undefined;
}

/** @param {string | undefined} url @param {string} base @returns {string | undefined} */
function relativePath(url, base) {
  try {
    const pathname = decodeURIComponent(new URL(url ?? '/', 'http://localhost').pathname);
    return pathname.startsWith(base) && !pathname.includes('\0') ? pathname.slice(base.length) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {Files} files
 * @param {string} base
 * @param {(path: string) => Readonly<Record<string, string>>} own headers beside those that any file has
 * @returns {http.RequestListener}
 */
function responder(files, base, own) {
  return async (request, response) => {
    const end = (/** @type {number} */ status, /** @type {Record<string, string | number>} */ headers, /** @type {Buffer | string} */ body = '') => {
      response.writeHead(status, { ...headers, ...own(relativePath(request.url, base) ?? '') });
      response.end(request.method === 'HEAD' ? undefined : body);
    };
    const plain = { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' };
    try {
      if (request.method !== 'GET' && request.method !== 'HEAD') return end(405, { ...plain, Allow: 'GET, HEAD' }, 'Only GET and HEAD.');
      if (base !== '/' && request.url === base.slice(0, -1)) return end(308, { ...plain, Location: base });
      const relative = relativePath(request.url, base);
      const file = relative === undefined ? undefined : await files.find(relative);
      if (!file) return end(404, plain, 'Not found.');
      const headers = {
        'Content-Type': TYPES[file.extension] ?? 'application/octet-stream',
        'Cache-Control': 'no-cache',
        ETag: file.etag,
        Vary: 'Accept-Encoding',
      };
      if (request.headers['if-none-match'] === file.etag) return end(304, headers);
      const wanted = /\bbr\b/.test(String(request.headers['accept-encoding'] ?? ''));
      const small = wanted && COMPRESSIBLE.has(file.extension) ? brotli(file) : undefined;
      const body = small ?? file.body;
      end(200, { ...headers, 'Content-Length': body.length, ...(small && { 'Content-Encoding': 'br' }) }, body);
    } catch (error) {
      if (!response.headersSent) end(500, plain, 'The server failed.');
      say(`Serving ${request.url}: ${error instanceof Error ? error.message : error}`);
    }
  };
}

/** @param {http.Server} server @param {number} port @returns {Promise<boolean>} whether the port was free */
function listen(server, port) {
  return new Promise((resolve, reject) => {
    const failed = (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    };
    server.once('error', failed);
    server.listen(port, HOST, () => {
      server.off('error', failed);
      resolve(true);
    });
  });
}

/**
 * Serves a folder.
 * @param {ServeOptions} [options]
 * @returns {Promise<Served>}
 */
export async function serve({ root = DIST, port, base = '/', headers = true, onRequest } = {}) {
  if (!base.startsWith('/') || !base.endsWith('/')) throw new Told('The base path has to begin and end with a slash.');
  const own = typeof headers === 'function' ? headers : () => (headers ? SECURITY_HEADERS : {});
  const server = http.createServer(responder(new Files(path.resolve(root)), base, own));
  if (onRequest) server.on('request', onRequest);
  const tried = port === undefined ? Array.from({ length: PORTS_TRIED }, (_, i) => FIRST_PORT + i) : [port];
  let listening = false;
  for (const candidate of tried) {
    listening = await listen(server, candidate);
    if (listening) break;
  }
  if (!listening) throw new Told(`No free port: tried ${tried[0]}${tried.length > 1 ? ` to ${tried.at(-1)}` : ''}; name another with --port.`);
  const address = server.address();
  const actual = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://localhost:${actual}${base}`,
    port: actual,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** `npm run serve`: what `npm run build` has made. */
async function main() {
  const { values } = parseArgs({
    options: { port: { type: 'string' }, base: { type: 'string' }, root: { type: 'string' }, 'no-headers': { type: 'boolean' } },
  });
  const root = values.root ?? DIST;
  if (!(await exists(path.join(root, 'index.html')))) throw new Told('There is nothing to serve yet: run `npm run build` first.');
  const served = await serve({
    root,
    headers: !values['no-headers'],
    ...(values.base && { base: values.base }),
    ...(values.port && { port: portNumber(values.port) }),
  });
  say(`Channelwise is at ${served.url} (Ctrl+C ends it).`);
}

/** @param {string} text */
export function portNumber(text) {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Told(`${text} is not a port.`);
  return port;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await command(main);
