/** The service worker minds its own files: what else lies in its scope is neither kept nor changed. */
import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { DIST } from '../../scripts/paths.mjs';
import { SECURITY_HEADERS } from '../../scripts/policy.mjs';
import { launch, openUnderServiceWorker, site, stranger, until, workerOf } from './harness.js';

const CSV = 'channel,converted\nSearch,1\nEmail,0\n';

/** dist, beside which another app and a file of data lie on the same origin. @param {test.TestContext} t */
async function shared(t) {
  const root = await mkdtemp(path.join(os.tmpdir(), 'channelwise-shared-'));
  t.after(() => rm(root, { recursive: true }));
  await cp(DIST, root, { recursive: true });
  await mkdir(path.join(root, 'other'));
  await writeFile(path.join(root, 'orders.csv'), CSV);
  await writeFile(path.join(root, 'other', 'index.html'), '<!doctype html><title>another app</title><body></body>');
  await writeFile(path.join(root, 'other', 'worker.js'), '');
  return root;
}

/** @param {test.TestContext} t @param {Parameters<typeof site>[0]} serving */
async function open(t, serving) {
  const served = await site(serving);
  const browser = await launch();
  t.after(async () => {
    await browser.close();
    await served.close();
  });
  return { served, ...browser };
}

/** The paths of what is kept, and all of its text. @param {import('./harness.js').Page} page */
function kept(page) {
  return page.evaluate(async () => {
    const found = [];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const response = await cache.match(request);
        found.push({ path: new URL(request.url).pathname + new URL(request.url).search, text: (await response?.text()) ?? '' });
      }
    }
    return found;
  });
}

/** A header of an answer that the page gets. @param {import('./harness.js').Page} page @param {string} file */
function policyOf(page, file) {
  return page.evaluate(async (file) => {
    const response = await fetch(file);
    await response.arrayBuffer();
    return response.headers.get('content-security-policy');
  }, file);
}

for (const base of ['/', '/some/where/']) {
  test(`data in the scope ${base} is not kept, the page's own files are`, async (t) => {
    const { served, page } = await open(t, { root: await shared(t), base, headers: false });
    await openUnderServiceWorker(page, served.url);
    const text = await page.evaluate(async () => {
      // The last is one of our own: its answer comes, and is kept, after those before it.
      const texts = [];
      for (const file of ['orders.csv', 'orders.csv?day=1', 'other/', 'app.js?day=1']) texts.push(await (await fetch(file)).text());
      return texts[0];
    });
    assert.equal(text, CSV, 'it passes through all the same');
    const files = await kept(page);
    const paths = files.map((file) => file.path);
    for (const own of ['', 'index.html', 'app.js', 'channelwise.js', 'wasm/status.json', 'wasm/cpu/channelwise_bg.wasm', 'wasm/workbook/workbook.wasm']) {
      assert.ok(paths.includes(base + own), `${base}${own} is kept: ${paths}`);
    }
    assert.equal(new Set(paths).size, paths.length);
    assert.deepEqual(paths.filter((one) => /orders|other|\?/.test(one)), []);
    for (const file of files) assert.ok(!file.text.includes(CSV), file.path);
  });
}

test('what a server wants nowhere stored is not kept', async (t) => {
  const { served, page } = await open(t, { headers: (file) => ({ 'Cache-Control': file === 'page.css' ? 'private, no-store' : 'no-cache' }) });
  await openUnderServiceWorker(page, served.url);
  await page.evaluate(async () => (await fetch('page.css')).text());
  const paths = (await kept(page)).map((file) => file.path);
  assert.ok(paths.includes('/app.js'));
  assert.ok(!paths.includes('/page.css'));
});

test("a server's own headers stand", async (t) => {
  const portal = "frame-ancestors 'self' https://portal.example";
  const { served, page } = await open(t, { headers: () => ({ 'Content-Security-Policy': portal, 'Referrer-Policy': 'same-origin' }) });
  const documents = /** @type {import('playwright-core').Response[]} */ ([]);
  page.on('response', (response) => response.url() === served.url && response.fromServiceWorker() && documents.push(response));
  await openUnderServiceWorker(page, served.url);
  const headers = documents[0]?.headers() ?? {};
  assert.equal(headers['referrer-policy'], 'same-origin');
  assert.equal(headers['cross-origin-opener-policy'], SECURITY_HEADERS['Cross-Origin-Opener-Policy']);
  const policy = headers['content-security-policy'] ?? '';
  assert.deepEqual(policy.match(/frame-ancestors[^;,]*/g), [portal]);
  assert.match(policy, /connect-src 'self'/);
});

test('another app in the scope is left alone', async (t) => {
  const outside = await stranger();
  t.after(() => outside.close());
  const { served, page, context } = await open(t, { root: await shared(t), headers: false });
  await openUnderServiceWorker(page, served.url);
  const ours = SECURITY_HEADERS['Content-Security-Policy'];
  assert.equal(await policyOf(page, 'orders.csv'), null);
  assert.equal(await policyOf(page, 'app.js'), ours);
  assert.equal(await policyOf(page, 'www_api_worker_js.0123456789.js'), ours, 'a chunk of another build');

  const other = await context.newPage();
  const answered = await other.goto(`${served.url}other/`);
  await until(other, () => navigator.serviceWorker.controller !== null);
  assert.equal(answered?.headers()['content-security-policy'], undefined);
  // The worker may run before its answer is told here: wait for the telling.
  const script = context.waitForEvent('response', (response) => response.url().endsWith('/other/worker.js'));
  await other.evaluate(() => Object.assign(globalThis, { heldWorker: new Worker('worker.js') }));
  await workerOf(other);
  assert.equal(await other.evaluate(reach, outside.origin), true);
  assert.equal((await script).headers()['content-security-policy'], undefined);
});

test('a page of ours that has no policy yet reaches nobody else once it is controlled', async (t) => {
  const outside = await stranger();
  t.after(() => outside.close());
  const root = await shared(t);
  const index = path.join(root, 'index.html');
  await writeFile(index, (await readFile(index, 'utf8')).replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, ''));
  const { served, page } = await open(t, { root, headers: false });
  // As if it had been loaded anew already: it stays what it is.
  await page.addInitScript(() => sessionStorage.setItem('channelwise-reloaded', 'yes'));
  await page.goto(served.url);
  await until(page, () => navigator.serviceWorker.controller !== null);
  assert.equal(await page.evaluate(reach, outside.origin), false);
  assert.deepEqual(outside.heard, []);
});

test('the first visit starts its worker under the service worker', async (t) => {
  const { served, page } = await open(t, { headers: false });
  await page.addInitScript(() => {
    // As if it had been loaded anew already, and with all the patience that this machine may need.
    sessionStorage.setItem('channelwise-reloaded', 'yes');
    const soon = setTimeout;
    Object.assign(globalThis, { setTimeout: (/** @type {() => void} */ call, /** @type {number} */ ms) => soon(call, ms === 1000 ? 60_000 : ms) });
  });
  await page.goto(served.url);
  const worker = await workerOf(page);
  const refusal = await worker.evaluate(
    () =>
      new Promise((resolve) => {
        addEventListener('securitypolicyviolation', (event) => resolve(/** @type {any} */ (event).originalPolicy));
        fetch('https://elsewhere.invalid/').catch(() => setTimeout(() => resolve('no policy refused it'), 500));
      }),
  );
  assert.equal(refusal, SECURITY_HEADERS['Content-Security-Policy']);
});

test('where no service worker can be had, the page opens its session all the same', async (t) => {
  const served = await site({ headers: false });
  const { page, close } = await launch({ serviceWorkers: 'block' });
  t.after(async () => {
    await close();
    await served.close();
  });
  await page.goto(served.url);
  await workerOf(page);
});

/** In the page. @param {string} origin */
function reach(origin) {
  return fetch(origin, { mode: 'no-cors' }).then(() => true, () => false);
}
