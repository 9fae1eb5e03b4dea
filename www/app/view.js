/**
 * What the third step shows of what was compared, and how that goes through the address.
 *
 * @typedef {typeof firstView} View
 */
import { methodOrder } from './credit.js';

export const firstView = {
  /** @type {'share' | 'conversions' | 'value'} */
  unit: 'share',
  /** @type {'all' | 'pair'} */
  mode: 'all',
  /** @type {'difference' | 'interval'} */
  under: 'difference',
  baseline: 'last',
  /** The other of two methods side by side. */
  other: '',
  /** Those that are shown; by themselves until somebody chooses. @type {string[] | null} */
  methods: null,
};

/** @type {{ [name: string]: readonly string[] }} */
const choices = {
  unit: ['share', 'conversions', 'value'],
  mode: ['all', 'pair'],
  under: ['difference', 'interval'],
  baseline: methodOrder,
  other: methodOrder,
};

/**
 * What differs from the first view, as texts.
 * @param {View} view
 * @returns {{ [name: string]: string }}
 */
export function viewTexts(view) {
  const names = /** @type {const} */ (['unit', 'mode', 'under', 'baseline', 'other']);
  const texts = Object.fromEntries(names.map((name) => [name, view[name] === firstView[name] ? '' : view[name]]));
  return { ...texts, methods: view.methods?.join('.') ?? '' };
}

/**
 * The view that texts ask for; what they can't mean is left out.
 * @param {(name: string) => string | null} text
 * @returns {View}
 */
export function viewFrom(text) {
  const chosen = Object.keys(choices).flatMap((name) => {
    const value = text(name);
    return value !== null && choices[name].includes(value) ? [[name, value]] : [];
  });
  const known = text('methods')?.split('.').filter((name) => methodOrder.some((one) => one === name)) ?? [];
  return { ...firstView, ...Object.fromEntries(chosen), methods: known.length ? known : null };
}
