/**
 * The page as somebody uses it: by what can be seen and pressed. One browser serves all tests of a file, each
 * test opens a page of its own and ends with a look at the console.
 *
 * @typedef {import('playwright-core').Locator} Locator
 * @typedef {import('playwright-core').Page} Page
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, site } from './harness.js';

/** @type {Awaited<ReturnType<typeof site>>} */
let served;
/** @type {import('./harness.js').Browser} */
let browser;

/** Starts server and browser for the tests of a file. */
export function usesThePage() {
  before(async () => {
    served = await site();
    browser = await launch({ serviceWorkers: 'block' });
  });
  after(async () => {
    await browser?.close();
    await served?.close();
  });
}

/**
 * A test on a freshly opened page, which must leave the console clean.
 * @param {string} name
 * @param {(visit: Visit) => Promise<void>} work
 * @param {{ width?: number, hash?: string }} [options] the address's hash holds view and settings
 */
export function visit(name, work, { width = 1280, hash = '' } = {}) {
  test(name, async () => {
    browser.complaints.length = 0;
    const page = await browser.context.newPage();
    page.setDefaultTimeout(15_000);
    await page.setViewportSize({ width, height: 900 });
    await page.goto(`${served.url}${hash && '#'}${hash}`);
    try {
      await work(new Visit(page));
      assert.deepEqual(browser.complaints, [], 'the console is clean');
    } finally {
      await page.close();
    }
  });
}

export class Visit {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
  }

  /** @param {string} id a `data-testid` @returns {Locator} */
  at(id) {
    return this.page.getByTestId(id).first();
  }

  /** @param {string} id */
  press(id) {
    return this.at(id).click();
  }

  /** Text as it is shown. @param {string} id */
  async text(id) {
    return (await this.at(id).innerText()).trim();
  }

  /** A count as it is shown. @param {string} id */
  async number(id) {
    return Number((await this.text(id)).replace(/[^\d.-]/g, ''));
  }

  /** @param {string} id */
  visible(id) {
    return this.at(id).isVisible();
  }

  /** @param {string} id @param {'visible' | 'attached' | 'detached'} [state] */
  appears(id, state = 'visible') {
    return this.at(id).waitFor({ state });
  }

  /** Chooses from a menu. @param {string} id @param {string} value */
  async choose(id, value) {
    await this.at(id).selectOption(value);
  }

  /** Fills a field, and leaves it. @param {string} id @param {string} value */
  async fill(id, value) {
    await this.at(id).fill(value);
    await this.at(id).blur();
  }

  /** Gives the page a file. @param {string | Uint8Array} content @param {string} [name] */
  async file(content, name = 'mine.csv') {
    await this.at('file-input').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(/** @type {string} */ (content)) });
  }

  /** Gives the page a file that it can read, and waits until it has. @param {string | Uint8Array} content @param {string} [name] */
  async table(content, name = 'mine.csv') {
    await this.file(content, name);
    await this.until(async () => (await this.visible('table-name')) && (await this.text('table-name')) === name, `${name} is read`);
  }

  /** From the file to a trained model with the settings as they are. */
  async train() {
    await this.press('train-button');
    await this.appears('train-result');
  }

  /** To the comparison of the trained model. @returns {Promise<string>} the answer */
  async compare() {
    await this.press('step-compare');
    await this.appears('compare-result');
    return this.text('compare-answer');
  }

  /** How a step stands: `open`, `done` or `stale`. @param {'data' | 'train' | 'compare'} step */
  state(step) {
    return this.at(`step-${step}`).getAttribute('data-state');
  }

  /**
   * Waits until something holds.
   * @param {() => Promise<boolean | null | undefined>} condition
   * @param {string} what
   */
  async until(condition, what, timeout = 15_000) {
    const end = Date.now() + timeout;
    while (!(await condition())) {
      if (Date.now() > end) throw new Error(`Waited in vain until ${what}.`);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  }

  /** Counts of the confusion matrix. */
  async confusion() {
    const [tp, fp, tn, fn] = await Promise.all(['tp', 'fp', 'tn', 'fn'].map((cell) => this.number(`confusion-${cell}`)));
    return /** @type {{ tp: number, fp: number, tn: number, fn: number }} */ ({ tp, fp, tn, fn });
  }

  /** Presses something that downloads. @param {string} id @returns {Promise<{ name: string, bytes: Buffer }>} */
  async download(id) {
    const [download] = await Promise.all([this.page.waitForEvent('download'), this.press(id)]);
    const chunks = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk);
    return { name: download.suggestedFilename(), bytes: Buffer.concat(chunks) };
  }

  /** How far the page can be scrolled sideways, in pixels. */
  sideways() {
    return this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  }

  /** The `data-testid` of what has the focus, or its tag's name. @returns {Promise<string>} */
  focus() {
    return this.page.evaluate(() => {
      let active = document.activeElement;
      while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
      const named = /** @type {HTMLElement | null} */ (active);
      const slotted = named?.querySelector('slot')?.assignedElements()[0]?.getAttribute('data-testid');
      return named?.dataset.testid ?? slotted ?? named?.tagName.toLowerCase() ?? '';
    });
  }

  /** Goes on with Tab until the focus is where it should be. @param {string} id */
  async tabTo(id) {
    for (let presses = 0; presses < 80; presses++) {
      if ((await this.focus()) === id) return;
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`Tab did not lead to ${id}.`);
  }
}
