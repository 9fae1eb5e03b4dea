/** A canary in a file, all the way through the page: it is shown, exported on demand, and found nowhere else. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { launch, openUnderServiceWorker, settle, site } from './harness.js';

const CANARY = 'Canary7f3a9e51Zq';

/** A table whose names and cells hold the canary. */
function table() {
  const lines = [`channel,visits,${CANARY}_note,${CANARY}_kind,converted`];
  for (let i = 0; i < 600; i++) {
    const channel = ['Search', 'Email', `${CANARY} Ads`][i % 3];
    lines.push(`${channel},${i % 7},${(i * 31) % 17},${CANARY}${i % 4},${(i * 7919) % 11 < 4 ? 1 : 0}`);
  }
  return lines.join('\n');
}

/**
 * Notes whatever goes out of a browser or stays behind in it.
 * @param {import('playwright-core').BrowserContext} context
 * @param {import('playwright-core').Page} page
 */
function watch(context, page) {
  /** @type {string[]} */
  const seen = [];
  context.on('request', (request) => seen.push(`request: ${request.method()} ${request.url()} ${JSON.stringify(request.headers())} ${request.postData() ?? ''}`));
  context.on('console', (message) => seen.push(`console: ${message.text()} ${JSON.stringify(message.location())}`));
  context.on('weberror', (error) => seen.push(`error: ${error.error()}`));
  page.on('framenavigated', (frame) => seen.push(`address: ${frame.url()}`));
  page.on('websocket', (socket) => seen.push(`websocket: ${socket.url()}`));
  return seen;
}

/** Everything that a page may leave in the browser. @param {import('./harness.js').Page} page */
function stored(page) {
  return page.evaluate(async () => {
    const left = [location.href, document.title, document.cookie, JSON.stringify(history.state), JSON.stringify(localStorage), JSON.stringify(sessionStorage)];
    left.push(`databases: ${JSON.stringify(await indexedDB.databases())}`);
    const folder = await navigator.storage.getDirectory();
    for await (const name of /** @type {any} */ (folder).keys()) left.push(`file: ${name}`);
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) left.push(`kept: ${request.url} ${await (await cache.match(request))?.text()}`);
    }
    return left;
  });
}

/** Lets go of a file above the page. @param {import('./harness.js').Page} page @param {string} name @param {string} text */
async function drop(page, name, text) {
  const files = await page.evaluateHandle(([name = '', text = '']) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], name));
    return transfer;
  }, [name, text]);
  await page.dispatchEvent('channelwise-app', 'drop', { dataTransfer: files });
}

test('a canary dropped on the page is shown and exported, and is nowhere else', async (t) => {
  /** @type {string[]} */
  const received = [];
  const served = await site({
    headers: false,
    onRequest: (request) => {
      received.push(`received: ${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
      request.on('data', (chunk) => received.push(`body: ${chunk}`));
    },
  });
  const { context, page, close } = await launch();
  t.after(async () => {
    await close();
    await served.close();
  });
  const seen = watch(context, page);
  await openUnderServiceWorker(page, served.url);
  const at = (/** @type {string} */ id) => page.getByTestId(id);
  /** What each moment left behind. @type {string[]} */
  const left = [];
  const look = async () => left.push(...(await stored(page)));

  await drop(page, `${CANARY}.csv`, table());
  await at('table-name').filter({ hasText: CANARY }).waitFor();
  await at('mapping-table').getByText(`${CANARY}_kind`).first().waitFor();
  await look();

  await drop(page, `${CANARY}.pdf`, `%PDF-1.7 ${CANARY}`);
  await at('error-panel').waitFor();
  await look();

  // An outcome of many values: an error about a column that has the canary in its name.
  await at(`role-${CANARY}_kind`).selectOption('label');
  await page.locator('[data-testid=error-panel]', { hasText: CANARY }).waitFor();
  await look();
  await at('role-converted').selectOption('label');
  await at(`role-${CANARY}_note`).selectOption('ignore');
  await at(`role-${CANARY}_kind`).selectOption('feature');

  await at('train-button').first().click();
  await at('train-result').waitFor();
  await at('coefficients').getByText(CANARY).first().waitFor();
  await look();
  const downloading = page.waitForEvent('download');
  await at('export').click();
  await at('export-coefficients').click();
  const download = await downloading;
  assert.match(download.url(), /^blob:/);
  assert.ok((await readFile(await download.path(), 'utf8')).includes(CANARY), 'the canary went all the way through');

  await at('to-compare').click();
  await at('channels').getByText(`${CANARY} Ads`).first().waitFor();
  await settle();
  await look();
  assert.match(page.url(), /#.*compare/, 'the address follows the step');

  assert.ok(received.length > 4 && left.some((line) => line.startsWith('kept:')), 'there was something to look into');
  for (const line of [...seen, ...received, ...left]) assert.ok(!line.includes(CANARY), line.slice(0, 500));
  for (const line of received) assert.match(line, /^received: (GET|HEAD) /);
});
