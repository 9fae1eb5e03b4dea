/**
 * How figures of credit are written.
 *
 * @import { MethodCredit } from '../../../api/types.js'
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
 * What the intervals of these methods mean: those of trained models are drawn in other ways.
 * @param {readonly MethodCredit[]} methods
 */
export function intervalTerms(methods) {
  const among = (/** @type {MethodCredit['intervals']} */ intervals) => methods.some((one) => one.intervals === intervals);
  return [
    ...(among(undefined) ? ['term.interval'] : []),
    ...(among('model-drawn') ? ['term.interval.modelDrawn'] : []),
    ...(among('model-fixed') ? ['term.interval.modelFixed'] : []),
  ];
}

/**
 * What a difference to the baseline means: a trained model shares no draws with other methods.
 * @param {readonly MethodCredit[]} methods
 */
export function differenceTerm(methods) {
  return methods.some(({ intervals }) => intervals) ? 'term.difference.model' : 'term.difference';
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
