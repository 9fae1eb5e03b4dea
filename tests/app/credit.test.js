/** What the page shows of the credit, as far as that needs no browser. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { differenceTerm, intervalTerms } from '../../www/app/components/credit/words.js';
import { change, chosen, grid, methodsOf } from '../../www/app/credit.js';
import { formulas } from '../../www/app/formulas.js';
import { Format } from '../../www/app/format.js';
import { withNames } from '../../www/app/groups.js';
import { en } from '../../www/app/i18n/en.js';
import { firstView, viewFrom, viewTexts } from '../../www/app/view.js';

/** @typedef {import('../../www/api/types').MethodCredit} MethodCredit */

/** @param {MethodCredit['method']} method @param {{ [name: string]: number }} shares @returns {MethodCredit} */
const credit = (method, shares) => ({
  method,
  resamples: 0,
  channels: Object.entries(shares).map(([name, share]) => ({ name, share, conversions: share * 200 })),
});

const last = credit('last', { a: 0.5, b: 0.3, c: 0.2 });
const markov = credit('markov', { a: 0.3, b: 0.5, c: 0.2 });
const first = credit('first', { a: 0.45, b: 0.3, c: 0.25 });

test('methods stand in one order, whatever the order they come in', () => {
  const comparison = /** @type {import('../../www/api/types').Comparison} */ (/** @type {unknown} */ ({ credit: [markov, first, last] }));
  assert.deepEqual(methodsOf(comparison).map(({ method }) => method), ['last', 'first', 'markov']);
});

test('the baseline comes first and stays; what is not there is not shown', () => {
  const all = [last, first, markov];
  assert.deepEqual(chosen(all, { baseline: 'markov', methods: null }), { baseline: 'markov', shown: ['markov', 'last', 'first'] });
  assert.deepEqual(chosen(all, { baseline: 'journey', methods: ['first', 'logistic'] }), { baseline: 'last', shown: ['last', 'first'] });
});

test('each cell has its difference to the baseline, and the strongest mark goes to the largest', () => {
  const rows = grid([last, markov, first], 'conversions');
  const [base, other, third] = rows.get('b') ?? [];
  assert.deepEqual([base?.figure, base?.direction, base?.heat], [60, 'none', 0]);
  assert.deepEqual([other?.difference, other?.direction, other?.heat], [40, 'up', 4]);
  assert.deepEqual([third?.direction, third?.heat], ['same', 0]);
  const [, down, little] = rows.get('a') ?? [];
  assert.deepEqual([down?.direction, down?.heat, little?.direction, little?.heat], ['down', 4, 'down', 1]);
});

test('a change is a part of where it starts, and there is none from zero', () => {
  assert.equal(change(40, 50), 0.25);
  assert.ok(Number.isNaN(change(0, 5)));
});

test('amounts and prices keep the digits they need', () => {
  const f = new Format('en');
  assert.deepEqual([f.amount(1234.5), f.amount(12.34), f.amount(3.456), f.amount(7)], ['1,235', '12.3', '3.46', '7']);
  assert.deepEqual([f.money(3), f.money(1234.5), f.money(null)], ['3.00', '1,235', '–']);
  assert.deepEqual([f.short(1500), new Format('zh-Hans').short(15_000)], ['1.5K', '1.5万']);
});

test('the view goes through the address and back, and nothing foreign comes in', () => {
  /** @type {import('../../www/app/view.js').View} */
  const view = { ...firstView, unit: 'value', baseline: 'markov', methods: ['last', 'shapley'] };
  const texts = viewTexts(view);
  assert.deepEqual(texts, { unit: 'value', mode: '', under: '', baseline: 'markov', other: '', methods: 'last.shapley' });
  assert.deepEqual(viewFrom((name) => texts[name] || null), view);
  assert.deepEqual(viewFrom(() => 'magic'), firstView);
});

test('groups are shown under names, wherever they stand, and nothing else is renamed', () => {
  const comparison = /** @type {import('../../www/api/types').Comparison} */ (
    /** @type {unknown} */ ({
      level: 'broad',
      channels: [{ name: 'online', group: 'online', members: ['search'] }],
      credit: [credit('last', { online: 1, mine: 0 })],
      findings: [{ code: 'x', channels: ['online'], message: 'online' }],
      markov: { removalEffect: { online: 1 }, transitions: [{ from: '(start)', to: 'online', probability: 1, count: 1 }] },
    })
  );
  const shown = withNames(comparison, (code) => code.toUpperCase());
  assert.equal(shown.channels[0]?.name, 'ONLINE');
  assert.equal(shown.channels[0]?.group, 'online');
  assert.deepEqual(shown.channels[0]?.members, ['search']);
  assert.deepEqual(shown.credit[0]?.channels.map(({ name }) => name), ['ONLINE', 'mine']);
  assert.deepEqual(shown.findings[0], { code: 'x', channels: ['ONLINE'], message: 'online' });
  assert.deepEqual(shown.markov?.removalEffect, { ONLINE: 1 });
  assert.equal(shown.markov?.transitions[0]?.to, 'ONLINE');
});

test('what an interval is depends on the methods shown', () => {
  /** @type {MethodCredit} */
  const logistic = { ...credit('logistic', { a: 1 }), intervals: 'model-drawn' };
  /** @type {MethodCredit} */
  const journey = { ...credit('journey', { a: 1 }), intervals: 'model-fixed' };
  assert.deepEqual(intervalTerms([last, markov]), ['term.interval']);
  assert.deepEqual(intervalTerms([journey]), ['term.interval.modelFixed']);
  assert.deepEqual(intervalTerms([last, logistic, journey]), ['term.interval', 'term.interval.modelDrawn', 'term.interval.modelFixed']);
  assert.equal(differenceTerm([last, markov]), 'term.difference');
  assert.equal(differenceTerm([last, logistic]), 'term.difference.model');
});

test('every formula stands beside a term with its definition', () => {
  const worded = (/** @type {string} */ key) => key in en && ['help', 'definition'].some((what) => `${key}.${what}` in en);
  assert.deepEqual(Object.keys(formulas).filter((key) => !worded(key)), []);
});
