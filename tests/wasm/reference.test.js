/**
 * Logistic regression in the tab against scikit-learn's figures, on its own test rows.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTab } from '../support/tab.js';
import { reference, referenceRows, sharedFile } from '../support/shared.js';

/** @type {import('../support/tab.js').Tab} */
let tab;
before(async () => {
  tab = await openTab();
});
after(() => tab?.close());

/** Roles and types as the reference script has them. */
const DATA_SETS = [
  {
    name: 'online_shoppers',
    file: 'online_shoppers_intention.csv',
    types: { OperatingSystems: 'category', Browser: 'category', Region: 'category', TrafficType: 'category' },
    roles: { label: 'Revenue', channel: 'TrafficType' },
  },
  {
    name: 'hillstrom_visit',
    file: 'hillstrom.csv',
    types: {},
    roles: { label: 'visit', channel: 'channel', ignore: ['conversion', 'spend', 'history_segment'] },
  },
  {
    name: 'bank_no_duration',
    file: 'bank-additional.zip',
    member: 'bank-additional/bank-additional-full.csv',
    types: {},
    roles: { label: 'y', channel: 'contact', ignore: ['duration'] },
  },
];

for (const { name, file, member, types, roles } of DATA_SETS) {
  test(`${name}: metrics and coefficients are scikit-learn's`, async (t) => {
    const text = sharedFile(file, member);
    const expected = reference(`lr_${name}.json`);
    const testRows = referenceRows(`lr_${name}_test_index.csv`);
    if (!text || !expected || !testRows) return t.skip('shared data or reference is not here');

    const run = await tab.session(
      async (session, { text, types, roles, testRows }) => {
        await session.load(text, { types, roles });
        await session.prepare({ split: { testRows: Uint32Array.from(testRows), validation: 0 } });
        return session.train({ model: 'logistic', l2: 1 });
      },
      { text, types, roles, testRows },
    );

    const { test: got, train } = run.metrics;
    close('test rows', got.n, expected.test.n, 0);
    close('training rows', train.n, expected.train.n, 0);
    close('test AUC', got.auc, expected.test.auc, 0.002);
    close('test log-loss', got.loss, expected.test.log_loss, 0.003);
    close('test accuracy', got.accuracy, expected.test.accuracy, 0.01);
    close('test recall', got.recall, expected.test.recall, 0.01);
    close('test F1', got.f1, expected.test.f1, 0.01);
    close('test average precision', got.prAuc, expected.test.pr_auc, 0.005);
    close('test Brier score', got.brier, expected.test.brier, 0.002);
    close('test calibration error', got.ece, expected.test.ece10, 0.005);
    close('test best F1', got.best.f1, expected.test.best_f1, 0.01);
    // DeLong's interval against the reference's bootstrap.
    close('AUC interval, low', got.aucInterval[0], expected.auc_ci95_boot500[0], 0.004);
    close('AUC interval, high', got.aucInterval[1], expected.auc_ci95_boot500[1], 0.004);

    const coefficients = new Map(run.coefficients.map(({ feature, column, value }) => [
      feature === column ? `n__${column}` : `c__${column}_${feature.slice(column.length + 3)}`,
      value,
    ]));
    assert.deepEqual([...coefficients.keys()].sort(), Object.keys(expected.coef).sort(), 'the same features');
    for (const [feature, value] of Object.entries(expected.coef)) {
      close(feature, coefficients.get(feature), value, 0.02);
    }
    close('intercept', run.intercept, expected.intercept, 0.05);
  });
}

test('online_shoppers: conversion rates and Wilson intervals by channel', async (t) => {
  const text = sharedFile('online_shoppers_intention.csv');
  const expected = reference('lr_online_shoppers.json')?.conversion_by_channel_wilson95;
  if (!text || !expected) return t.skip('shared data or reference is not here');
  const comparison = await tab.session(async (session, text) => {
    await session.load(text, { types: { TrafficType: 'category' } });
    await session.prepare();
    return session.compare();
  }, text);
  assert.equal(comparison.channels.length, Object.keys(expected).length);
  for (const channel of comparison.channels) {
    const { n, k, rate, ci } = expected[channel.name];
    close(`${channel.name} rows`, channel.rows, n, 0);
    close(`${channel.name} conversions`, channel.conversions, k, 0);
    close(`${channel.name} rate`, channel.rate, rate, 1e-9);
    close(`${channel.name} low`, channel.rateInterval[0], ci[0], 1e-6);
    close(`${channel.name} high`, channel.rateInterval[1], ci[1], 1e-6);
  }
});

/**
 * @param {string} what
 * @param {number | undefined} got
 * @param {number} expected
 * @param {number} tolerance
 */
function close(what, got, expected, tolerance) {
  assert.ok(
    got !== undefined && Math.abs(got - expected) <= tolerance,
    `${what}: ${got}, expected ${expected} ± ${tolerance}`,
  );
}
