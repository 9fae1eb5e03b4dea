/**
 * What can be measured of how a page looks: text that is too faint, controls without a name or too small to hit,
 * things that stick out at the side, headings out of order.
 *
 * @typedef {import('playwright-core').Page} Page
 */

/** The least contrast of text, whatever its size (WCAG 2.2, 1.4.3). */
const CONTRAST = 4.5;
/** The least side of a target, in pixels (WCAG 2.2, 2.5.8). */
const TARGET = 24;

/**
 * Texts that stand out too little from what is behind them, each with its contrast; worked out from computed styles.
 * @param {Page} page
 * @returns {Promise<string[]>}
 */
export function faint(page) {
  return page.evaluate((least) => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    /** @type {Map<string, number[]>} */
    const known = new Map();
    /** Red, green, blue and alpha, 0 to 1, whatever the notation. @param {string} colour */
    const parse = (colour) => {
      const found = known.get(colour);
      if (found || !canvas) return found ?? [0, 0, 0, 0];
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const read = [...canvas.getImageData(0, 0, 1, 1).data].map((part) => part / 255);
      known.set(colour, read);
      return read;
    };
    /** @param {number[]} over @param {number[]} under */
    const blend = ([r = 0, g = 0, b = 0, a = 0], under) => [r, g, b].map((part, at) => part * a + (under[at] ?? 0) * (1 - a));
    /** WCAG's relative luminance. @param {number[]} colour */
    const luminance = (colour) =>
      colour.slice(0, 3).reduce((sum, part, at) => sum + [0.2126, 0.7152, 0.0722][at] * (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4), 0);
    /** What encloses an element, slots and shadow roots seen through. @param {Element} element @returns {Element | null} */
    const around = (element) => element.assignedSlot ?? element.parentElement ?? /** @type {ShadowRoot} */ (element.getRootNode()).host ?? null;
    /** @param {Element} element */
    const behind = (element) => {
      const layers = [];
      for (let at = /** @type {Element | null} */ (element); at; at = around(at)) {
        layers.push(parse(getComputedStyle(at).backgroundColor));
        // What is in the top layer covers what encloses it.
        if (layers.at(-1)?.[3] === 1) break;
      }
      return layers.reverse().reduce((under, layer) => blend(layer, under), parse('Canvas').slice(0, 3));
    };
    /** @param {Element} element */
    const opacity = (element) => {
      let all = 1;
      for (let at = /** @type {Element | null} */ (element); at; at = around(at)) all *= Number(getComputedStyle(at).opacity);
      return all;
    };
    /** @type {string[]} */
    const faint = [];
    /** @param {Element} element @param {string} text @param {string} colour */
    const check = (element, text, colour) => {
      const under = behind(element);
      const [r, g, b, a = 1] = parse(colour);
      const over = blend([r ?? 0, g ?? 0, b ?? 0, a * opacity(element)], under);
      const [high = 0, low = 0] = [luminance(over), luminance(under)].sort((x, y) => y - x);
      const contrast = (high + 0.05) / (low + 0.05);
      if (contrast < least - 0.005) faint.push(`${contrast.toFixed(2)}: ${text.trim().slice(0, 60)} <${element.tagName.toLowerCase()} class="${element.getAttribute('class') ?? ''}">`);
    };
    /** @param {Element} element */
    const seen = (element) => {
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      if (!element.checkVisibility({ checkVisibilityCSS: true }) || box.width < 2 || box.height < 2 || style.clipPath !== 'none') return false;
      return !element.closest('.visually-hidden, [aria-hidden="true"], :disabled, option, .off');
    };
    /** @param {ParentNode} root */
    const walk = (root) => {
      for (const element of root.querySelectorAll('*')) {
        if (element.shadowRoot) walk(element.shadowRoot);
        if (!seen(element)) continue;
        const style = getComputedStyle(element);
        if (element instanceof HTMLSelectElement || element instanceof HTMLInputElement) {
          const { type, value } = element;
          const texts = element instanceof HTMLSelectElement || ['text', 'number'].includes(type);
          if (texts && value) check(element, value, style.color);
          if (texts && !value && element instanceof HTMLInputElement && element.placeholder) check(element, element.placeholder, getComputedStyle(element, '::placeholder').color);
          continue;
        }
        const own = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
        if (own.length) check(element, own.map((node) => node.textContent).join(' '), element instanceof SVGElement ? style.fill : style.color);
      }
    };
    walk(document);
    return faint;
  }, CONTRAST);
}

/**
 * What of the page sticks out at the side: how far the page can be scrolled, and what has more in it than it shows
 * and can't be scrolled itself.
 * @param {Page} page
 * @returns {Promise<string[]>}
 */
export function overflowing(page) {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const found = scrollWidth > clientWidth ? [`the page, by ${scrollWidth - clientWidth} px`] : [];
    /** @param {ParentNode} root */
    const walk = (root) => {
      for (const element of root.querySelectorAll('*')) {
        if (element.shadowRoot) walk(element.shadowRoot);
        if (!element.checkVisibility({ checkVisibilityCSS: true }) || element.closest('.visually-hidden, .scroll, svg')) continue;
        const box = element.getBoundingClientRect();
        if (box.width > 1 && box.right > clientWidth + 1) found.push(`<${element.tagName.toLowerCase()} class="${element.getAttribute('class') ?? ''}"> ends at ${Math.round(box.right)}: ${(element.textContent ?? '').trim().slice(0, 40)}`);
      }
    };
    walk(document);
    return found;
  });
}

/**
 * Targets that are too small to hit. A link inside a sentence may be as high as its line, and what stands inside a label
 * is as large as that.
 * @param {Page} page
 * @returns {Promise<string[]>}
 */
export function small(page) {
  return page.evaluate((least) => {
    /** @type {string[]} */
    const found = [];
    /** @param {ParentNode} root */
    const walk = (root) => {
      for (const element of root.querySelectorAll('*')) {
        if (element.shadowRoot) walk(element.shadowRoot);
        if (!element.matches('button, select, summary, input, a[href]') || !element.checkVisibility({ checkVisibilityCSS: true })) continue;
        if (element.matches('button.link, a, [type=range], .visually-hidden, .visually-hidden *')) continue;
        const label = element instanceof HTMLInputElement ? element.labels?.[0] : null;
        const box = (label ?? element).getBoundingClientRect();
        if (box.width > 0 && (box.width < least || box.height < least)) found.push(`${Math.round(box.width)} × ${Math.round(box.height)}: <${element.tagName.toLowerCase()} class="${element.getAttribute('class') ?? ''}"> ${(element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 40)}`);
      }
    };
    walk(document);
    return found;
  }, TARGET);
}

const CONTROLS = 'button|link|combobox|textbox|spinbutton|slider|checkbox|radio|searchbox|switch|listbox|tab|menuitem';

/**
 * Controls that a screen reader has no name for, and headings that skip a level, as the browser tells them.
 * @param {Page} page
 * @returns {Promise<string[]>}
 */
export async function unspoken(page) {
  const lines = (await page.locator('body').ariaSnapshot()).split('\n');
  const nameless = lines.filter((line) => new RegExp(`^\\s*- (${CONTROLS})(?!\\w)(?! ")`).test(line));
  const levels = lines.flatMap((line) => {
    const found = /- heading "(.*)" \[level=(\d)\]/.exec(line);
    return found ? [{ name: found[1], level: Number(found[2]) }] : [];
  });
  const skipped = levels.filter(({ level }, at) => at > 0 && level > (levels[at - 1]?.level ?? 0) + 1);
  return [...nameless.map((line) => `no name: ${line.trim()}`), ...skipped.map(({ name, level }) => `level ${level} after a gap: ${name}`)];
}
