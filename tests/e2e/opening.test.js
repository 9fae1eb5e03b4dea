/** The first screen is there at once. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { launch, site } from './harness.js';

/** From opening the page at localhost until its first button can be pressed. */
const LIMIT_MS = 1500;
const TRIES = 3;

test(`the page is usable within ${LIMIT_MS} ms`, async (t) => {
  const served = await site();
  t.after(() => served.close());
  const times = [];
  for (let i = 0; i < TRIES; i++) {
    // A fresh profile each time: nothing is in a cache.
    const { page, close } = await launch();
    await page.goto(served.url, { waitUntil: 'commit' });
    const button = page.locator('channelwise-app').getByRole('button').first();
    await button.click({ trial: true });
    times.push(await page.evaluate(() => performance.now()));
    await close();
  }
  t.diagnostic(`${times.map((time) => `${time.toFixed(0)} ms`).join(', ')}`);
  // The best of them: what the machine does beside it is not the page's doing.
  assert.ok(Math.min(...times) <= LIMIT_MS, `${times}`);
});
