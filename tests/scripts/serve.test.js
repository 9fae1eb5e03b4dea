import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { SECURITY_HEADERS, TRUSTED_TYPES, completedPolicy, contentSecurityPolicy, secure } from '../../scripts/policy.mjs';
import { portNumber, serve } from '../../scripts/serve.mjs';

/** A folder to serve, beside a file that must not be. @param {test.TestContext} t */
async function folder(t) {
  const outer = await mkdtemp(path.join(os.tmpdir(), 'channelwise-serve-'));
  t.after(() => rm(outer, { recursive: true }));
  const root = path.join(outer, 'dist');
  await mkdir(path.join(root, 'wasm'), { recursive: true });
  await mkdir(path.join(outer, 'dist-secret'));
  await writeFile(path.join(outer, 'dist-secret', 'key.txt'), 'secret');
  await writeFile(path.join(root, 'index.html'), '<!doctype html>');
  await writeFile(path.join(root, 'app.js'), `export const text = '${'long '.repeat(500)}';`);
  await writeFile(path.join(root, 'wasm', 'a.wasm'), new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
  return root;
}

/** @param {test.TestContext} t @param {import('../../scripts/serve.mjs').ServeOptions} options */
async function started(t, options) {
  const served = await serve({ port: 0, ...options });
  t.after(() => served.close());
  return served;
}

/** A request with a path that no URL parser has tidied. @param {number} port @param {string} rawPath @returns {Promise<{ status: number, body: string }>} */
function raw(port, rawPath) {
  return new Promise((resolve, reject) => {
    http.get({ host: '127.0.0.1', port, path: rawPath }, (response) => {
      let body = '';
      response.on('data', (chunk) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    }).on('error', reject);
  });
}

test('files come with their type and the security headers; so do errors', async (t) => {
  const { url } = await started(t, { root: await folder(t) });
  const types = { '': 'text/html; charset=utf-8', 'app.js': 'text/javascript; charset=utf-8', 'wasm/a.wasm': 'application/wasm' };
  for (const [file, type] of Object.entries(types)) {
    const response = await fetch(url + file);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), type);
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) assert.equal(response.headers.get(name), value);
  }
  const missing = await fetch(`${url}none.js`);
  assert.equal(missing.status, 404);
  assert.equal(missing.headers.get('content-security-policy'), SECURITY_HEADERS['Content-Security-Policy']);
  assert.equal((await fetch(url, { method: 'POST' })).status, 405);
});

test('nothing outside the folder is served', async (t) => {
  const root = await folder(t);
  const { port } = await started(t, { root });
  for (const way of ['/../dist-secret/key.txt', '/..%2fdist-secret/key.txt', '/%2e%2e/dist-secret/key.txt', '/wasm/..%2f..%2fdist-secret/key.txt', '/%00', '/%']) {
    const { status, body } = await raw(port, way);
    assert.equal(status, 404, way);
    assert.ok(!body.includes('secret'));
  }
});

test('a file that has not changed is not sent twice; one that has is', async (t) => {
  const root = await folder(t);
  const { url } = await started(t, { root });
  const first = await fetch(`${url}app.js`);
  const etag = first.headers.get('etag') ?? '';
  assert.equal(first.headers.get('cache-control'), 'no-cache');
  assert.equal((await fetch(`${url}app.js`, { headers: { 'If-None-Match': etag } })).status, 304);
  await writeFile(path.join(root, 'app.js'), 'export const text = 1;');
  await utimes(path.join(root, 'app.js'), new Date(), new Date(Date.now() + 5000));
  const second = await fetch(`${url}app.js`, { headers: { 'If-None-Match': etag } });
  assert.equal(second.status, 200);
  assert.equal(await second.text(), 'export const text = 1;');
});

test('a file is compressed as soon as that is done, and nobody waits for it', async (t) => {
  const { url } = await started(t, { root: await folder(t) });
  const headers = { 'Accept-Encoding': 'br' };
  const text = await (await fetch(`${url}app.js`, { headers })).text();
  /** @type {string | null} */
  let encoding = null;
  for (let i = 0; i < 100 && encoding === null; i++) {
    const response = await fetch(`${url}app.js`, { headers });
    encoding = response.headers.get('content-encoding');
    assert.equal(await response.text(), text);
  }
  assert.equal(encoding, 'br');
  const plain = await fetch(`${url}app.js`, { headers: { 'Accept-Encoding': 'identity' } });
  assert.equal(plain.headers.get('content-encoding'), null);
});

test('a folder can be served under a path, and nowhere else', async (t) => {
  const { url } = await started(t, { root: await folder(t), base: '/some/where/' });
  assert.ok(url.endsWith('/some/where/'));
  assert.equal((await fetch(url)).status, 200);
  assert.equal((await fetch(new URL('/app.js', url))).status, 404);
  assert.equal((await fetch(new URL('/some/where', url))).url, url);
  await assert.rejects(serve({ port: 0, base: 'where' }), /slash/);
});

test('without headers it is any static host', async (t) => {
  const { url } = await started(t, { root: await folder(t), headers: false });
  const response = await fetch(url);
  for (const name of Object.keys(SECURITY_HEADERS)) assert.equal(response.headers.get(name), null);
});

test('a port that is taken is said to be', async (t) => {
  const root = await folder(t);
  const { port } = await started(t, { root });
  await assert.rejects(serve({ root, port }), { name: 'Told', message: /No free port/ });
  assert.equal(portNumber('9000'), 9000);
  assert.throws(() => portNumber('many'), { name: 'Told' });
});

test('a link in the folder that leads to a folder is no file', async (t) => {
  const root = await folder(t);
  await symlink(path.join(root, 'wasm'), path.join(root, 'linked'));
  const { url } = await started(t, { root });
  assert.equal((await fetch(`${url}linked`)).status, 404);
});

test('the policy: nothing from elsewhere, no inline script, and only our own makers of trusted types', () => {
  for (const place of /** @type {const} */ (['header', 'meta'])) {
    const directives = new Map(contentSecurityPolicy(place).split('; ').map((directive) => {
      const [name = '', ...values] = directive.split(' ');
      return [name, values];
    }));
    assert.deepEqual(directives.get('default-src'), ["'none'"]);
    assert.deepEqual(directives.get('connect-src'), ["'self'"]);
    assert.deepEqual(directives.get('trusted-types'), Object.values(TRUSTED_TYPES));
    assert.equal(directives.has('frame-ancestors'), place === 'header');
    const sources = [...directives.values()].flat();
    for (const loose of ['*', "'unsafe-inline'", "'unsafe-eval'", 'https:', 'http:']) assert.ok(!sources.includes(loose), loose);
  }
});

test("what a server's own policy names is the server's, the rest is ours", () => {
  const ours = contentSecurityPolicy('header').split('; ');
  const portal = "frame-ancestors 'self' https://portal.example";
  assert.deepEqual(
    completedPolicy(`${portal};`).split('; ').sort(),
    [portal, ...ours.filter((directive) => !directive.startsWith('frame-ancestors'))].sort(),
  );
  assert.equal(completedPolicy(contentSecurityPolicy('header')), contentSecurityPolicy('header'));
  const several = completedPolicy("IMG-SRC https://a.example, connect-src 'none'");
  assert.ok(several.startsWith("IMG-SRC https://a.example, connect-src 'none'; default-src 'none'"), several);
  assert.ok(!several.includes("img-src 'self'") && !several.includes("connect-src 'self'"), several);
});

test('security headers are put where a server has set none', () => {
  const bare = new Headers({ 'Content-Type': 'text/html' });
  secure(bare);
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) assert.equal(bare.get(name), value, name);
  const own = new Headers({ 'Referrer-Policy': 'same-origin', 'Content-Security-Policy': "frame-ancestors 'none'" });
  secure(own);
  assert.equal(own.get('Referrer-Policy'), 'same-origin');
  assert.match(own.get('Content-Security-Policy') ?? '', /^frame-ancestors 'none'; .*connect-src 'self'/);
  assert.equal(own.get('Cross-Origin-Opener-Policy'), SECURITY_HEADERS['Cross-Origin-Opener-Policy']);
});
