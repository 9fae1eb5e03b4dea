const han = /\p{Script=Han}/u;

/**
 * A Chinese word between two names: set apart from those in other letters.
 * @param {string | undefined} before
 * @param {string} word
 * @param {string | undefined} after
 */
function spaced(before, word, after) {
  if (!han.test(word)) return word;
  return `${before && !han.test(before.slice(-1)) ? ' ' : ''}${word}${after && !han.test(after[0]) ? ' ' : ''}`;
}

/** Numbers and lists in words, per language. No arithmetic beyond what a unit needs. */
export class Format {
  /** @type {Map<string, Intl.NumberFormat>} */
  #cache = new Map();
  #list;
  #choice;

  /** @param {string} lang BCP 47 tag */
  constructor(lang) {
    this.lang = lang;
    this.chinese = lang.startsWith('zh');
    // British: no comma before the last.
    const tag = lang === 'en' ? 'en-GB' : lang;
    this.#list = new Intl.ListFormat(tag, { type: 'conjunction' });
    this.#choice = new Intl.ListFormat(tag, { type: 'disjunction' });
  }

  /**
   * @param {number} value
   * @param {Intl.NumberFormatOptions} options
   */
  #number(value, options) {
    const key = JSON.stringify(options);
    let format = this.#cache.get(key);
    // What rounds to zero has no sign.
    if (!format) this.#cache.set(key, (format = new Intl.NumberFormat(this.lang, { signDisplay: 'negative', ...options })));
    return format.format(value);
  }

  /**
   * A whole number, grouped.
   * @param {number} value
   */
  count(value) {
    return this.#number(value, { maximumFractionDigits: 0 }).replace('-', '−');
  }

  /**
   * A large whole number inside a sentence: in Chinese, from 100,000 on, counted in 万.
   * @param {number} value
   */
  roughly(value) {
    if (!this.chinese || value < 100_000) return this.count(value);
    return this.#number(value, { notation: 'compact', maximumFractionDigits: 1 });
  }

  /**
   * An amount that need not be whole: whole where it is large, else with the digits that tell it apart.
   * @param {number | undefined} value
   */
  amount(value) {
    if (value === undefined || !Number.isFinite(value)) return '–';
    const size = Math.abs(value);
    return size >= 100 || Number.isInteger(value) ? this.count(value) : this.decimal(value, size >= 10 ? 1 : 2);
  }

  /**
   * A price or a return: with cents where it is small.
   * @param {number | null | undefined} value
   */
  money(value) {
    if (value === null || value === undefined || !Number.isFinite(value)) return '–';
    return Math.abs(value) >= 100 ? this.count(value) : this.decimal(value, 2);
  }

  /**
   * An amount on an axis: in thousands and millions, or 万 and 亿.
   * @param {number} value
   */
  short(value) {
    return this.#number(value, { notation: 'compact', maximumFractionDigits: 1 });
  }

  /**
   * @param {number | undefined} value
   * @param {number} [digits] after the decimal point
   */
  decimal(value, digits = 3) {
    if (value === undefined || !Number.isFinite(value)) return '–';
    const text = this.#number(value, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    return text.replace('-', '−');
  }

  /**
   * A figure between 0 and 1 that may be small: then with a fourth digit.
   * @param {number | undefined} value
   */
  figureOfMerit(value) {
    return this.decimal(value, value && Math.abs(value) < 0.0995 ? 4 : 3);
  }

  /**
   * A threshold, told from its neighbours.
   * @param {number} value
   * @param {number} step to the next
   */
  threshold(value, step) {
    return this.decimal(value, Math.max(2, Math.ceil(-Math.log10(step || 1) - 1e-9)));
  }

  /**
   * A share as a percentage; small ones keep a second digit.
   * @param {number | undefined} value 0 to 1
   * @param {number} [digits]
   * @returns {string}
   */
  percent(value, digits) {
    if (value === undefined || !Number.isFinite(value)) return '–';
    const fraction = digits ?? (value !== 0 && Math.abs(value) < 0.01 ? 2 : 1);
    // A few are not none.
    if (digits === undefined && value > 0 && value < 5e-5) return `< ${this.percent(1e-4)}`;
    return this.#number(value, {
      style: 'percent',
      minimumFractionDigits: fraction,
      maximumFractionDigits: fraction,
    }).replace('-', '−');
  }

  /**
   * The ends of a share's interval, with as many digits as the share itself.
   * @param {[number, number]} interval
   * @param {number} share
   */
  percents([low, high], share) {
    const digits = share < 0.01 && share > 0 ? 2 : 1;
    return `${this.percent(low, digits)} – ${this.percent(high, digits)}`;
  }

  /**
   * How many in a hundred: whole, but for few.
   * @param {number | undefined} share
   */
  inHundred(share) {
    if (share === undefined || !Number.isFinite(share)) return '–';
    const hundred = share * 100;
    // Nearly all is not all.
    const digits = hundred < 1 ? 2 : hundred < 10 || (hundred > 99 && hundred < 99.95) ? 1 : 0;
    return this.#number(hundred, { maximumFractionDigits: digits });
  }

  /**
   * A share on an axis: no more digits than it needs.
   * @param {number} value
   */
  percentTick(value) {
    return this.#number(value, { style: 'percent', maximumFractionDigits: 1 });
  }

  /**
   * An odds ratio.
   * @param {number | undefined} value
   */
  ratio(value) {
    if (value === undefined || !Number.isFinite(value)) return '–';
    if (value >= 10_000 || (value > 0 && value < 0.001)) {
      return this.#number(value, { notation: 'scientific', maximumSignificantDigits: 2 });
    }
    return this.decimal(value, value >= 100 ? 0 : value >= 10 ? 1 : value >= 0.0995 ? 2 : 3);
  }

  /**
   * @param {number | undefined} seconds
   */
  seconds(seconds) {
    if (seconds === undefined || !Number.isFinite(seconds)) return '–';
    if (seconds < 0.095) return this.#unit(Math.max(1, seconds * 1000), 'millisecond', 0);
    if (seconds < 10) return this.#unit(seconds, 'second', 1);
    if (seconds < 90) return this.#unit(seconds, 'second', 0);
    return this.#unit(seconds / 60, 'minute', 1);
  }

  /**
   * @param {number} value
   * @param {string} unit
   * @param {number} digits
   * @param {'short' | 'long'} [unitDisplay]
   */
  #unit(value, unit, digits, unitDisplay = 'short') {
    return this.#number(value, { style: 'unit', unit, unitDisplay, maximumFractionDigits: digits });
  }

  /** @param {number} bytes */
  bytes(bytes) {
    if (bytes < 1e3) return this.#unit(bytes, 'byte', 0, 'long');
    if (bytes < 1e6) return this.#unit(bytes / 1e3, 'kilobyte', 0);
    if (bytes < 1e9) return this.#unit(bytes / 1e6, 'megabyte', 1);
    return this.#unit(bytes / 1e9, 'gigabyte', 2);
  }

  /**
   * A figure of a finding, by its name: shares as percentages, counts as counts.
   * @param {string} name
   * @param {number} value
   */
  figure(name, value) {
    if (/share|rate|fraction|confidence|percent|^above$/i.test(name)) return this.percent(value);
    if (Number.isInteger(value)) return this.count(value);
    return this.ratio(value);
  }

  /**
   * An interval of two written figures: a dash between figures, a word where a sign would run into it.
   * @param {string} low
   * @param {string} high
   */
  between(low, high) {
    if (!/^[−+]/.test(low) && !/^[−+]/.test(high)) return `${low} – ${high}`;
    return this.chinese ? `${low} 至 ${high}` : `${low} to ${high}`;
  }

  /** One or another. @param {readonly string[]} items */
  either(items) {
    return this.#parts(this.#choice, items);
  }

  /** @param {readonly string[]} items */
  list(items) {
    return this.#parts(this.#list, items);
  }

  /** @param {Intl.ListFormat} format @param {readonly string[]} items */
  #parts(format, items) {
    const parts = format.formatToParts(items);
    if (!this.chinese) return parts.map(({ value }) => value).join('');
    return parts
      .map(({ type, value }, at) => (type === 'literal' ? spaced(parts[at - 1]?.value, value, parts[at + 1]?.value) : value))
      .join('');
  }
}
