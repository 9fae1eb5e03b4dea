/**
 * How figures of credit are written.
 *
 * @import { Unit } from '../../credit.js'
 * @import { Translator } from '../../i18n/index.js'
 */

/**
 * A method's plain name.
 * @param {string} method
 * @param {Translator} i18n
 */
export function methodName(method, i18n) {
  const key = `method.${method}`;
  return i18n.has(key) ? i18n.t(key) : method;
}

/**
 * What is said of a method: `meaning` or `definition`.
 * @param {string} method
 * @param {'meaning' | 'definition'} what
 * @param {Translator} i18n
 */
export function methodWords(method, what, i18n) {
  const key = `method.${method}.${what}`;
  return i18n.has(key) ? i18n.t(key) : '';
}

/**
 * @param {number} value
 * @param {Unit} unit
 * @param {Translator} i18n
 */
export function amount(value, unit, i18n) {
  return unit === 'share' ? i18n.percent(value) : i18n.amount(value);
}

/**
 * A difference of two figures, without its sign.
 * @param {number} value
 * @param {Unit} unit
 * @param {Translator} i18n
 */
export function difference(value, unit, i18n) {
  return unit === 'share' ? i18n.t('credit.points', { points: i18n.decimal(value * 100, value < 0.001 ? 2 : 1) }) : i18n.amount(value);
}
