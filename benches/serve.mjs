/** Serves a benchmark's page, what it is measured against and dist, without the headers that would give threads. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';

/** @type {Record<string, string>} */
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm', '.json': 'application/json' };

/**
 * @param {[string, string][]} folders prefixes of paths and what lies there, the longest first
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export async function serveFolders(folders) {
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost').pathname.replace(/\/$/, '/page.html');
    const [prefix = '', folder = ''] = folders.find(([prefix]) => url.startsWith(prefix)) ?? [];
    try {
      const body = await readFile(path.join(folder, path.normalize(url.slice(prefix.length))));
      response.writeHead(200, { 'Content-Type': TYPES[path.extname(url)] ?? 'application/octet-stream' }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}
