/** Nothing leaves: neither the data nor anything else, by no way a page or a worker has. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { DIST } from '../../scripts/paths.mjs';
import { SECURITY_HEADERS } from '../../scripts/policy.mjs';
import { fromPage, fromWorker, leavingPage } from './attempts.js';
import { api, chromiumVersion, launch, openUnderServiceWorker, settle, site, stranger, until, workerOf } from './harness.js';

/** The first Chromium that enforces Connection-Allowlist. */
const FIRST_WITH_ALLOWLIST = 152;

/** @param {test.TestContext} t @param {Parameters<typeof site>[0]} [serving] @param {Parameters<typeof launch>[0]} [browsing] */
async function open(t, serving, browsing) {
  const served = await site(serving);
  const browser = await launch(browsing);
  const outside = await stranger();
  t.after(async () => {
    await browser.close();
    await served.close();
    await outside.close();
  });
  const { origin, port, heard } = outside;
  return { served, outside: { origin, port }, heard, ...browser };
}

/** Opens a session that stays open, so that its worker is there. @param {import('./harness.js').Page} page */
function openSession(page) {
  return api(page, async ({ openSession }) => {
    Object.assign(globalThis, { heldSession: await openSession({ device: 'cpu' }) });
  });
}

test('every response carries the security headers', async (t) => {
  const served = await site();
  t.after(() => served.close());
  const worker = (await readdir(DIST)).find((name) => /worker.*\.js$/.test(name));
  assert.ok(worker, 'the worker has a file of its own');
  for (const file of ['', 'app.js', 'channelwise.js', worker, 'wasm/cpu/channelwise_bg.wasm', 'wasm/workbook/workbook.wasm', 'wasm/status.json', 'no-such-file']) {
    const response = await fetch(served.url + file);
    await response.arrayBuffer();
    assert.equal(response.status, file === 'no-such-file' ? 404 : 200, file);
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) assert.equal(response.headers.get(name), value, `${name} of /${file}`);
  }
});

test('the page opens under them without a complaint from the browser', async (t) => {
  const { served, page, complaints } = await open(t);
  await page.goto(served.url);
  await until(page, () => Boolean(document.querySelector('channelwise-app')?.shadowRoot?.childElementCount));
  await settle();
  assert.deepEqual(complaints, []);
});

test('a canary planted in the data never leaves the tab', async (t) => {
  const canary = 'Canary7f3a9e51Zq';
  /** @type {string[]} */
  const received = [];
  const { served, outside, heard, context, page, complaints } = await open(t, {
    onRequest: (request) => {
      received.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
      request.on('data', (chunk) => received.push(`body: ${chunk}`));
    },
  });
  /** @type {string[]} */
  const sent = [];
  context.on('request', (request) => sent.push(`${request.method()} ${request.url()} ${request.postData() ?? ''}`));
  await page.goto(served.url);
  const result = await api(
    page,
    async ({ openSession }, canary) => {
      const lines = [`channel,visits,${canary}_note,converted`];
      for (let i = 0; i < 400; i++) lines.push(`${['Search', 'Email', canary][i % 3]},${i % 7},${canary}${i % 5},${(i * 7919) % 11 < 4 ? 1 : 0}`);
      const session = await openSession({ device: 'cpu' });
      const table = await session.load(lines.join('\n'), { name: `${canary}.csv` });
      await session.prepare();
      const run = await session.train({ epochs: 5 });
      const comparison = await session.compare({ runIds: [run.id] });
      await session.close();
      return { rows: table.rows, channels: comparison.channels.map((channel) => channel.name) };
    },
    canary,
  );
  assert.equal(result.rows, 400);
  assert.ok(result.channels.includes(canary), 'the canary went all the way through');
  await settle();
  assert.deepEqual(heard, []);
  assert.ok(received.length > 4, 'our own server was asked for the page');
  for (const line of [...sent, ...received, ...complaints]) assert.ok(!line.includes(canary), line);
  for (const line of sent) {
    const [method, address = ''] = line.split(' ');
    const url = new URL(address);
    assert.ok(method === 'GET' || method === 'HEAD', line);
    assert.ok(url.protocol === 'blob:' || url.protocol === 'data:' || url.origin === new URL(served.url).origin, line);
    assert.equal(url.search, '', line);
  }
  for (const line of received) assert.match(line, /^(GET|HEAD) /);
});

test('the ways out are real: without a policy they lead out', async (t) => {
  const root = await mkdtemp(path.join(os.tmpdir(), 'channelwise-open-'));
  t.after(() => rm(root, { recursive: true }));
  await writeFile(path.join(root, 'index.html'), '<!doctype html><title>open</title><body></body>');
  await writeFile(path.join(root, 'open-worker.js'), '');
  const { served, outside, heard, page } = await open(t, { root, headers: false });
  await page.goto(served.url);
  await page.evaluate(() => Object.assign(globalThis, { heldWorker: new Worker('open-worker.js', { type: 'module' }) }));
  await (await workerOf(page)).evaluate(fromWorker, outside);
  await page.evaluate(fromPage, outside);
  await page.evaluate(leavingPage, outside).catch(() => undefined);
  await settle();
  const everything = heard.join('\n');
  for (const way of ['fetch', 'post', 'beacon', 'xhr', 'websocket', 'eventsource', 'import', 'img', 'iframe', 'script', 'form']) {
    assert.ok(everything.includes(`from-page-${way}`), `${way} from the page`);
  }
  for (const way of ['fetch', 'post', 'xhr', 'websocket', 'eventsource', 'import']) {
    assert.ok(everything.includes(`from-worker-${way}`), `${way} from a worker`);
  }
  for (const way of ['udp: ', 'window-open', 'navigation']) assert.ok(everything.includes(way), way);
});

test('page and worker reach nobody else', async (t) => {
  const { served, outside, heard, page } = await open(t);
  await page.goto(served.url);
  await openSession(page);
  await page.evaluate(fromPage, outside);
  await (await workerOf(page)).evaluate(fromWorker, outside);
  await settle();
  assert.deepEqual(heard, []);
});

test('nor by leaving the page, by a new window or by WebRTC', async (t) => {
  if ((await chromiumVersion()) < FIRST_WITH_ALLOWLIST) return t.skip('this Chromium does not know Connection-Allowlist');
  const { served, outside, heard, page } = await open(t);
  await page.goto(served.url);
  await page.evaluate(leavingPage, outside).catch(() => undefined);
  await settle();
  assert.deepEqual(heard, []);
});

test('strings do not become script', async (t) => {
  const { served, page } = await open(t);
  await page.goto(served.url);
  const refused = await page.evaluate(() => {
    const attempts = {
      markup: () => (document.createElement('div').innerHTML = '<b>bold</b>'),
      policy: () => /** @type {any} */ (globalThis).trustedTypes.createPolicy('anybody', {}),
      script: () => (document.createElement('script').src = 'app.js'),
    };
    return Object.entries(attempts).filter(([, attempt]) => {
      try {
        attempt();
        return false;
      } catch {
        return true;
      }
    }).map(([name]) => name);
  });
  assert.deepEqual(refused, ['markup', 'policy', 'script']);
});

test("on a host without headers, the page's own policy holds", async (t) => {
  const { served, outside, heard, page } = await open(t, { headers: false }, { serviceWorkers: 'block' });
  await page.goto(served.url);
  assert.equal(await page.evaluate(() => crossOriginIsolated), false, 'no header arrived');
  await page.evaluate(fromPage, outside);
  await settle();
  assert.deepEqual(heard.filter((line) => !line.includes('connected')), []);
});

for (const base of ['/', '/some/where/']) {
  test(`on a host without headers, under ${base}, the service worker brings them, to the worker too`, async (t) => {
    const { served, outside, heard, page } = await open(t, { headers: false, base });
    await openUnderServiceWorker(page, served.url);
    const policy = await page.evaluate(async () => (await fetch('./app.js')).headers.get('content-security-policy'));
    assert.equal(policy, SECURITY_HEADERS['Content-Security-Policy']);
    await openSession(page);
    await page.evaluate(fromPage, outside);
    await (await workerOf(page)).evaluate(fromWorker, outside);
    await settle();
    assert.deepEqual(heard, []);
    if ((await chromiumVersion()) >= FIRST_WITH_ALLOWLIST) {
      await page.evaluate(leavingPage, outside).catch(() => undefined);
      await settle();
      assert.deepEqual(heard, []);
    }
  });
}

test('once visited, the page opens without its server', async (t) => {
  const { served, page } = await open(t, { headers: false });
  await openUnderServiceWorker(page, served.url);
  await served.close();
  await page.reload();
  await until(page, () => customElements.get('channelwise-app') !== undefined);
  await openSession(page);
});

test('the development server leaves no service worker behind', async (t) => {
  const { served, page } = await open(t);
  await page.goto(served.url, { waitUntil: 'load' });
  await settle();
  assert.equal(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length), 0);
});
