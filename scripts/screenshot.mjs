/**
 * Makes docs/screenshot.png, the picture in the README: credit for journeys by several methods, in daylight.
 *
 *   node scripts/screenshot.mjs   after `npm run build`
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { launch, site } from '../tests/e2e/harness.js';
import { touchesCsv } from '../tests/support/data.js';
import { ROOT } from './paths.mjs';
import { Told, command, say } from './say.mjs';
import { isPlaced } from './wasm.mjs';

const FILE = path.join(ROOT, 'docs', 'screenshot.png');
const SIZE = { width: 1280, height: 936 };
const MOST_BYTES = 200_000;

await command(async () => {
  if (!(await isPlaced('cpu'))) throw new Told('There is no page to take a picture of yet: run `npm run build` first.');
  const served = await site();
  const { page, close } = await launch({ serviceWorkers: 'block' });
  try {
    await page.setViewportSize(SIZE);
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await page.goto(`${served.url}#lang=en&theme=light`);
    const file = { name: 'touches.csv', mimeType: 'text/csv', buffer: Buffer.from(touchesCsv({ users: 4000 }).csv) };
    await page.getByTestId('file-input').setInputFiles(file);
    await page.getByTestId('compare-button').click();
    await page.getByTestId('credit-chart').locator('svg').waitFor();
    // Until the charts have been drawn.
    await page.waitForTimeout(500);
    await page.screenshot({ path: FILE, clip: { x: 0, y: 0, ...SIZE } });
  } finally {
    await close();
    await served.close();
  }
  const { size } = await stat(FILE);
  if (size > MOST_BYTES) throw new Told(`The picture has ${size} bytes; at most ${MOST_BYTES} are wanted.`);
  say(`docs/screenshot.png: ${SIZE.width} × ${SIZE.height}, ${(size / 1000).toFixed(0)} kB.`);
});
