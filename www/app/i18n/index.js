import { Format } from '../format.js';
import { en } from './en.js';
import { zh } from './zh.js';

/** @typedef {string | { one?: string, other: string }} Message a text, or one per plural form of `count` */
/** @typedef {{ [key: string]: Message }} Catalogue */

/** @type {{ [lang: string]: { tag: string, catalogue: Catalogue } }} */
const languages = { en: { tag: 'en', catalogue: en }, zh: { tag: 'zh-Hans', catalogue: zh } };

/** The languages there is a catalogue for. */
export const available = Object.keys(languages);

/**
 * The best language we have for a BCP 47 tag, English where there is none.
 * @param {string | null | undefined} tag
 */
export function pick(tag) {
  const wanted = (tag ?? '').toLowerCase().split('-')[0];
  return available.includes(wanted) ? wanted : 'en';
}

/** @param {string | undefined} letter */
const isHan = (letter) => letter !== undefined && /[\p{Script=Han}，。；：、！？（）“”]/u.test(letter);

/** Words and numbers in one language. */
export class Translator extends Format {
  #catalogue;
  #plural;

  /** @param {string} lang one of `available` */
  constructor(lang) {
    super(languages[lang].tag);
    this.code = lang;
    this.#catalogue = languages[lang].catalogue;
    this.#plural = new Intl.PluralRules(languages[lang].tag);
  }

  /** What stands between two sentences. */
  get gap() {
    return this.chinese ? '' : ' ';
  }

  /** @param {string} key */
  has(key) {
    return key in this.#catalogue || key in en;
  }

  /**
   * @param {string} key
   * @param {{ [name: string]: unknown }} values
   * @returns {string}
   */
  #template(key, values) {
    const message = this.#catalogue[key] ?? /** @type {Catalogue} */ (en)[key] ?? key;
    if (typeof message === 'string') return message;
    const one = message.one !== undefined && this.#plural.select(Number(values.n ?? 0)) === 'one';
    return one ? /** @type {string} */ (message.one) : message.other;
  }

  /**
   * The text of a key. `n` chooses the plural form; `{name}` is filled from `values`.
   * @param {string} key
   * @param {{ [name: string]: string | number }} [values]
   * @returns {string}
   */
  t(key, values = {}) {
    const text = this.#template(key, values);
    if (!this.chinese) return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
    // Figures and Latin names stand apart from Chinese words; Chinese names do not.
    return text.replace(/( ?)\{(\w+)\}( ?)/g, (whole, before, name, after) => {
      if (values[name] === undefined) return whole;
      const value = String(values[name]);
      return `${isHan(value[0]) ? '' : before}${value}${isHan(value.at(-1)) ? '' : after}`;
    });
  }

  /**
   * A value of a column as people say it: `true` and `false` as yes and no.
   * @param {string} type of the column
   * @param {string} value
   */
  cell(type, value) {
    return type === 'boolean' && (value === 'true' || value === 'false') ? this.t(`boolean.${value}`) : value;
  }

  /**
   * Like `t`, for values that are templates: the parts in order, for Lit to render.
   * @param {string} key
   * @param {{ [name: string]: unknown }} values
   * @returns {unknown[]}
   */
  rich(key, values) {
    return this.#template(key, values)
      .split(/\{(\w+)\}/)
      .map((part, index) => (index % 2 ? values[part] : part));
  }

  /**
   * The words for something Rust named by code, in which `{message}` is its own English. That stands alone
   * where the catalogue has no words, or where a figure that they need is missing.
   * @param {string} prefix `warning`, `reason`, `finding`, `error`
   * @param {{ code: string, message: string }} item
   * @param {{ [name: string]: string | number }} [values]
   */
  coded(prefix, item, values = {}) {
    const key = `${prefix}.${item.code}`;
    if (!this.has(key)) return item.message;
    const text = this.t(key, { ...values, message: item.message });
    return /\{\w+\}/.test(text) ? item.message : text;
  }
}
