/**
 * How soon the page is usable: from opening its address on this machine, with nothing in a cache, until its
 * first button can be pressed.
 *
 * Run: npm run bench:open [-- --profiles 7]
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { launch, site } from '../tests/e2e/harness.js';

const { values } = parseArgs({ options: { profiles: { type: 'string', default: '7' } } });

const served = await site();
try {
  const times = [];
  let version = '';
  for (let i = 0; i < Number(values.profiles); i++) {
    // A fresh profile each time.
    const { context, page, close } = await launch();
    version = context.browser()?.version() ?? '';
    await page.goto(served.url, { waitUntil: 'commit' });
    await page.locator('channelwise-app').getByRole('button').first().click({ trial: true });
    times.push(await page.evaluate(() => performance.now()));
    await close();
  }
  times.sort((a, b) => a - b);
  const [median = NaN, first = NaN, last = NaN] = [times[Math.floor(times.length / 2)], times[0], times.at(-1)];
  console.log(`${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model}, Chromium ${version}`);
  console.log(`usable after ${median.toFixed(0)} ms: median of ${times.length} fresh profiles, ${first.toFixed(0)} to ${last.toFixed(0)} ms`);
} finally {
  await served.close();
}
