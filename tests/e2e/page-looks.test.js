/** Every view, in both languages and both themes: nothing sticks out, nothing is faint, every control has a name. */
import assert from 'node:assert/strict';
import { pathsCsv, sessionsCsv, touchesCsv } from '../support/data.js';
import { faint, overflowing, small, unspoken } from './looks.js';
import { usesThePage, visit } from './visit.js';

/** @typedef {import('./visit.js').Visit} Visit */

usesThePage();

const THEMES = /** @type {const} */ (['light', 'dark']);

/**
 * Looks at what is shown, in both themes.
 * @param {Visit} page
 * @param {string} view
 * @param {{ narrow: boolean }} options
 */
async function look(page, view, { narrow }) {
  // Nothing fades; until charts are drawn.
  await page.page.emulateMedia({ reducedMotion: 'reduce' });
  await page.page.waitForTimeout(400);
  if (narrow) assert.deepEqual(await overflowing(page.page), [], `${view}: sticks out at 360 px`);
  assert.deepEqual(await unspoken(page.page), [], `${view}: a screen reader`);
  assert.deepEqual(await small(page.page), [], `${view}: targets`);
  for (const theme of THEMES) {
    await page.page.evaluate((theme) => document.querySelector('channelwise-app')?.setAttribute('theme', theme), theme);
    await page.page.waitForTimeout(250);
    assert.deepEqual(await faint(page.page), [], `${view}, ${theme}: contrast`);
  }
}

/** Opens everything that is folded. @param {Visit} page */
async function unfold(page) {
  for (let pass = 0; pass < 3; pass++) {
    const folded = page.page.locator('details:not([open]) > summary:visible');
    for (let count = await folded.count(); count > 0; count = await folded.count()) {
      await folded.first().click();
      if (count > 60) throw new Error('What is folded does not stay open.');
    }
  }
}

for (const lang of ['en', 'zh']) {
  for (const width of [360, 1280]) {
    const narrow = width === 360;
    const options = { width, hash: `lang=${lang}` };
    const where = `${width} px, ${lang}`;

    visit(
      `the first screen, and a file that is refused (${where})`,
      async (page) => {
        await page.appears('drop-zone');
        await look(page, 'empty', { narrow });
        await page.press('privacy-badge');
        await look(page, 'proof', { narrow });
        await page.page.keyboard.press('Escape');
        await page.file('');
        await page.appears('error-panel');
        await unfold(page);
        await look(page, 'error', { narrow });
        for (const step of ['train', 'compare']) {
          await page.press(`step-${step}`);
          await look(page, `${step} without data`, { narrow });
        }
      },
      options,
    );

    visit(
      `sessions, from the file to the comparison (${where})`,
      async (page) => {
        await page.table(sessionsCsv({ rows: 600 }).replace('Search,', 'Ein sehr langer Name eines Kanals mit vielen Wörtern,'), 'a-rather-long-name-of-an-export-2026-03-31.csv');
        await page.appears('parts');
        await unfold(page);
        await look(page, 'data', { narrow });
        await page.train();
        await unfold(page);
        await look(page, 'train', { narrow });
        await page.compare();
        await unfold(page);
        await look(page, 'compare', { narrow });
      },
      options,
    );

    visit(
      `touches and a second file, to the credit of every method (${where})`,
      async (page) => {
        await page.table(touchesCsv({ users: 400 }).csv, 'touches.csv');
        await page.appears('parts');
        const users = ['user,segment', ...Array.from({ length: 300 }, (_, at) => `u${at},${['new', 'old'][at % 2]}`)].join('\n');
        await page.at('second-input').setInputFiles({ name: 'users.csv', mimeType: 'text/csv', buffer: Buffer.from(users) });
        await page.appears('second-remove');
        await unfold(page);
        await look(page, 'data with a second file', { narrow });
        await page.press('second-take');
        await page.appears('second-added');
        await page.appears('parts');
        await look(page, 'data of two files', { narrow });
        await page.press('compare-button');
        await page.appears('credit-table');
        await look(page, 'credit', { narrow });
        await unfold(page);
        await look(page, 'credit, unfolded', { narrow });
        await page.press('mode-pair');
        await look(page, 'two methods', { narrow });
        await page.press('step-train');
        await look(page, 'before training', { narrow });
      },
      options,
    );

    visit(
      `whole paths (${where})`,
      async (page) => {
        await page.table(pathsCsv().csv, 'paths.csv');
        await page.appears('parts');
        await unfold(page);
        await look(page, 'data', { narrow });
        await page.press('compare-button');
        await page.appears('credit-table');
        await look(page, 'credit', { narrow });
      },
      options,
    );
  }
}
