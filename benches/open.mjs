/**
 * How soon the page is usable, from localhost into an empty cache, and how smooth it stays: until the first
 * button can be pressed, until the session behind it is open, and from a click on the sample to its result.
 *
 * Run: node benches/open.mjs [--repeats 5]
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { launch, site, until } from '../tests/e2e/harness.js';

const { values } = parseArgs({ options: { repeats: { type: 'string', default: '5' } } });

const served = await site();
/** @type {{ [figure: string]: number }[]} */
const results = [];
let version = '';
try {
  for (let repeat = 0; repeat < Number(values.repeats); repeat++) {
    const browser = await launch();
    version = browser.context.browser()?.version() ?? '';
    results.push(await measure(browser.page).finally(() => browser.close()));
  }
} finally {
  await served.close();
}
report();

/** @param {import('../tests/e2e/harness.js').Page} page */
async function measure(page) {
  await page.goto(served.url, { waitUntil: 'commit' });
  const sample = page.getByTestId('try-sample');
  await sample.click({ trial: true });
  const usable = await page.evaluate(() => performance.now());
  await page.evaluate(() => {
    const state = Object.assign(globalThis, { longest: 0 });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) state.longest = Math.max(state.longest, duration);
    }).observe({ type: 'longtask', buffered: true });
  });
  await until(page, () => {
    const badge = document.querySelector('channelwise-app')?.shadowRoot?.querySelector('cw-device-badge');
    return Boolean(badge?.shadowRoot?.querySelector('[data-kind="cpu"], [data-kind="webgpu"]'));
  });
  const open = await page.evaluate(() => performance.now());
  const bytes = await page.evaluate(() => {
    const entries = /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByType('resource'));
    return entries.reduce((sum, entry) => sum + entry.transferSize, 0);
  });
  const clicked = Date.now();
  await sample.click();
  await page.getByTestId('train-result').waitFor();
  const trained = Date.now() - clicked;
  await page.getByTestId('step-compare').click();
  await page.getByTestId('compare-answer').waitFor();
  const compared = Date.now() - clicked;
  await page.waitForTimeout(300);
  const longest = await page.evaluate(() => /** @type {any} */ (globalThis).longest);
  return { usable, open, bytes, trained, compared, longest };
}

function report() {
  /** @param {string} key */
  const of = (key) => results.map((result) => result[key] ?? 0).sort((a, b) => a - b);
  /** @param {string} what @param {string} key @param {(value: number) => string} write */
  const line = (what, key, write = (value) => `${value.toFixed(0)} ms`) => {
    const all = of(key);
    const middle = all[Math.floor(all.length / 2)] ?? 0;
    console.log(`${what.padEnd(52)}${write(middle)} (${write(all[0] ?? 0)} to ${write(all.at(-1) ?? 0)})`);
  };
  console.log(`${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model}, Chromium ${version}, median of ${results.length}`);
  line('opened until the first button can be pressed', 'usable');
  line('opened until the session is ready', 'open');
  line('sent to the page until then, wasm apart', 'bytes', (value) => `${(value / 1000).toFixed(0)} kB`);
  line('click on the sample until its model is shown', 'trained');
  line('until its channels are compared', 'compared');
  line('longest task of the page on the way', 'longest');
}
