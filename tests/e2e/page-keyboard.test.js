/** The whole way without a mouse: Tab, Enter, arrows. */
import assert from 'node:assert/strict';
import { usesThePage, visit } from './visit.js';

usesThePage();

visit('from the first screen to a downloaded comparison by Tab and Enter alone', async (page) => {
  const { keyboard } = page.page;
  await page.appears('try-sample');
  await page.tabTo('try-sample');
  await keyboard.press('Enter');
  await page.appears('train-result');
  assert.equal(await page.focus(), 'h2', 'who reads on starts at the heading');

  await page.tabTo('threshold');
  const before = await page.text('threshold-value');
  await keyboard.press('ArrowRight');
  assert.notEqual(await page.text('threshold-value'), before);

  await page.press('step-data');
  await page.tabTo('role-weekend');
  await keyboard.press('i');
  await page.until(async () => (await page.state('train')) === 'stale', 'a menu answers to letters');
  await page.page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).blur());
  await page.tabTo('train-button');
  await keyboard.press('Enter');
  await page.appears('run-2');

  await page.tabTo('to-compare');
  await keyboard.press('Enter');
  await page.appears('compare-result');
  assert.equal(await page.focus(), 'h2');
  await page.tabTo('sort-rate');
  await keyboard.press('Enter');
  const first = page.page.getByTestId('channels').locator('tbody tr').first();
  assert.match(await first.innerText(), /E-mail/, 'the highest plain rate comes first');

  await page.page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).blur());
  await page.tabTo('export');
  await keyboard.press('Enter');
  await page.tabTo('export-channels-csv');
  const [download] = await Promise.all([page.page.waitForEvent('download'), keyboard.press('Enter')]);
  assert.equal(download.suggestedFilename(), 'channelwise-channels.csv');
});

visit('a panel is opened by Enter and closed by Escape, and the focus is back', async (page) => {
  const { keyboard } = page.page;
  await page.appears('try-sample');
  await page.tabTo('privacy-badge');
  await keyboard.press('Enter');
  assert.ok(await page.visible('privacy-panel'));
  await keyboard.press('Escape');
  assert.ok(!(await page.visible('privacy-panel')));
  assert.equal(await page.focus(), 'privacy-badge');
});
