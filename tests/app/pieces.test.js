/** Pieces of the page that need no browser. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { csv } from '../../www/app/download.js';
import { Format } from '../../www/app/format.js';
import { remember } from '../../www/app/history.js';
import { Translator } from '../../www/app/i18n/index.js';
import { asOptions, guessed, withType, withUse } from '../../www/app/mapping.js';
import { isClosed } from '../../www/app/proof.js';
import { changesOf, wordsOf } from '../../www/app/remedies.js';
import { defaults, fromHash, modelOf, splitOptions, toHash, trainGroups, trainOptions } from '../../www/app/settings.js';
import { contentSecurityPolicy } from '../../scripts/policy.mjs';

/** @param {Partial<import('../../www/api/types').ColumnSummary>[]} columns */
const table = (columns) => /** @type {import('../../www/api/types').TableSummary} */ (/** @type {unknown} */ ({ columns, positive: 'yes' }));

test('a column takes a use from the one that had it, and what would leak is ignored', () => {
  const mapping = guessed(
    table([
      { name: 'bought', type: 'boolean', role: 'label' },
      { name: 'source', type: 'category', role: 'channel' },
      { name: 'visited', type: 'boolean', role: 'feature' },
    ]),
  );
  const other = withUse(withUse(mapping, 'visited', 'label'), 'bought', 'channel');
  assert.deepEqual(asOptions(other), {
    roles: { ignore: [], features: ['source'], label: 'visited', channel: 'bought' },
    types: {},
  });
  assert.equal(withUse(other, 'bought', 'label').positive, 'yes', 'the guess is back with its column');
  assert.deepEqual(asOptions(withType(mapping, 'visited', 'text')).types, { visited: 'text' });
});

test('settings and view go through the address and back, and nothing foreign comes in', () => {
  const settings = { ...defaults, optimizer: 'adam', batchSize: '64', test: '30' };
  const hash = toHash({ step: 'train', theme: '', lang: 'zh' }, settings);
  assert.equal(hash, 'step=train&lang=zh&optimizer=adam&batchSize=64&test=30');
  assert.deepEqual(fromHash(`#${hash}`), { view: { step: 'train', theme: null, lang: 'zh' }, settings });
  const foreign = fromHash('optimizer=magic&epochs=-3&batchSize=1.5&test=99&l2=a');
  assert.deepEqual(foreign.settings, defaults);
});

test('only what is set and means something becomes an option', () => {
  assert.deepEqual(trainOptions(defaults), { model: 'logistic', device: 'auto', l2: 1, seed: 42 });
  const settings = { ...defaults, optimizer: 'adam', learningRate: '0.01', momentum: '0.5', earlyStopping: 'off' };
  assert.deepEqual(trainOptions(settings), {
    model: 'logistic',
    device: 'auto',
    l2: 1,
    seed: 42,
    optimizer: { kind: 'adam', learningRate: 0.01 },
    earlyStopping: null,
  });
  assert.deepEqual(splitOptions({ ...defaults, validation: '0' }), { test: 0.2, validation: 0, seed: 42 });
});

test('a Transformer can be chosen for journeys, and is asked only for what it has', () => {
  const settings = { ...defaults, model: 'transformer', hidden: '48', heads: '4', embedding: '9', bidirectional: 'on', device: 'webgpu', learningRate: '0.002' };
  assert.equal(fromHash(`#${toHash({}, settings)}`).settings.model, 'transformer');
  assert.deepEqual([modelOf(settings, true), modelOf(settings, false), modelOf(defaults, true)], ['transformer', 'logistic', 'journey']);
  assert.deepEqual(trainOptions(settings, true), {
    model: 'transformer',
    // It has no kernels for a GPU.
    device: 'auto',
    preset: 'fast',
    hidden: 48,
    heads: 4,
    seed: 42,
    optimizer: { kind: 'adam', learningRate: 0.002 },
  });
  const names = (/** @type {'journey' | 'transformer'} */ model) => trainGroups(model).flatMap(({ fields }) => fields.map(({ name }) => name));
  const only = (/** @type {string[]} */ own, /** @type {string[]} */ others) => own.filter((name) => !others.includes(name));
  assert.deepEqual(only(names('transformer'), names('journey')), ['heads']);
  assert.deepEqual(only(names('journey'), names('transformer')), ['embedding', 'bidirectional', 'recurrentDropout']);
  const devices = trainGroups('transformer').flatMap(({ fields }) => fields).find(({ name }) => name === 'device');
  assert.deepEqual(devices?.choices, ['auto', 'cpu']);
  assert.equal(trainOptions({ ...settings, model: 'journey' }, true).heads, undefined);
});

test('the curve keeps the end of each epoch, and reports from within only before the first', () => {
  /** @type {import('../../www/app/history').Epoch[]} */
  const history = [];
  const report = (/** @type {number} */ epoch, /** @type {number} */ trainLoss, /** @type {number} */ validationLoss = NaN) =>
    remember(history, { phase: 'train', fraction: 0, epoch, trainLoss, ...(validationLoss > 0 && { validationLoss }) });
  report(1, 0.9);
  report(1, 0.8);
  assert.deepEqual(history.map(({ trainLoss }) => trainLoss), [0.8]);
  report(1, 0.7, 0.75);
  report(2, 0.1);
  report(2, 0.6, 0.65);
  assert.deepEqual(history.map(({ epoch, trainLoss, validationLoss }) => [epoch, trainLoss, validationLoss]), [
    [1, 0.7, 0.75],
    [2, 0.6, 0.65],
  ]);
});

test('figures keep the digits they need', () => {
  const f = new Format('en');
  assert.deepEqual([f.ratio(0.09996), f.ratio(2.438), f.ratio(0.0123), f.ratio(123.4)], ['0.10', '2.44', '0.012', '123']);
  assert.deepEqual([f.percent(0.1064), f.percent(0.0077), f.percent(0)], ['10.6%', '0.77%', '0.0%']);
  assert.equal(f.percents([0.0068, 0.0111], 0.0077), '0.68% – 1.11%');
  assert.deepEqual([0.481, 0.0217, 0.0031, 0.996, 1].map((share) => f.inHundred(share)), ['48', '2.2', '0.31', '99.6', '100']);
  assert.deepEqual([f.seconds(0.04), f.seconds(2.13), f.seconds(61), f.seconds(150)], ['40 ms', '2.1 sec', '61 sec', '2.5 min']);
  assert.deepEqual([f.bytes(62), f.bytes(648_000), f.bytes(19_500_000)], ['62 bytes', '648 kB', '19.5 MB']);
  assert.deepEqual([f.threshold(0.216, 0.01), f.threshold(0.021, 0.0005)], ['0.22', '0.0210']);
  assert.deepEqual([f.figureOfMerit(0.8034), f.figureOfMerit(0.0094)], ['0.803', '0.0094']);
  assert.equal(f.list(['A', 'B', 'C']), 'A, B and C');
  assert.equal(new Format('zh-Hans').roughly(216_000), '21.6万');
});

test('in Chinese, names in other letters stand apart from the words and Chinese names do not', () => {
  const zh = new Translator('zh');
  const finding = { code: 'alike-adjusted', message: '' };
  assert.equal(zh.coded('finding', finding, { channels: zh.list(['Direct', 'Search']) }), '从这份数据看，Direct 和 Search 之间无法区分。');
  assert.equal(zh.coded('finding', finding, { channels: zh.list(['直接', '搜索']) }), '从这份数据看，直接和搜索之间无法区分。');
});

test('words fall back to the message where a code or a figure is missing', () => {
  const zh = new Translator('zh');
  assert.equal(zh.coded('warning', { code: 'from-the-future', message: 'New.' }), 'New.');
  assert.equal(zh.coded('warning', { code: 'many-missing', message: 'Half of it.' }), 'Half of it.');
  assert.equal(new Translator('en').coded('error', { code: 'one-class', message: 'All 7 rows.' }), 'All 7 rows.');
});

test('a policy is closed when connections reach their own origin only', () => {
  assert.equal(isClosed(contentSecurityPolicy('header')), true);
  assert.equal(isClosed("default-src 'self'; connect-src 'self' https://example.org"), false);
  assert.equal(isClosed("script-src 'self'"), false);
});

test('a table is written as CSV that a spreadsheet cannot take for formulas', async () => {
  const text = await csv([
    { name: '=1+1', rate: 0.5, note: undefined },
    { name: 'a "b", c', rate: -2, note: 'x' },
  ]).text();
  assert.equal(text.replace('\uFEFF', ''), 'name,rate,note\r\n\'=1+1,0.5,\r\n"a ""b"", c",-2,x\r\n');
});

test('a remedy is what the finding says, else what usually helps', () => {
  const message = '';
  assert.deepEqual(changesOf({ code: 'new', message, remedy: { ignore: ['a', 'b'], 'split.by': 'user', 'types.a.b': 'category' } }), [
    { kind: 'ignore', column: 'a' },
    { kind: 'ignore', column: 'b' },
    { kind: 'setting', name: 'splitBy', value: 'user' },
    { kind: 'type', column: 'a.b', type: 'category' },
  ]);
  assert.deepEqual(changesOf({ code: 'code-like-number', message, columns: ['month'] }), [{ kind: 'type', column: 'month', type: 'category' }]);
  assert.deepEqual(changesOf({ code: 'few-conversions', message }), []);
  assert.deepEqual(changesOf({ code: 'x', message, remedy: { collapseRepeats: true, 'split.test': 0.3, unheard: 1 } }), [
    { kind: 'setting', name: 'collapseRepeats', value: 'on' },
    { kind: 'setting', name: 'test', value: '30' },
  ]);
});

test('every remedy has words, before and after', () => {
  const en = new Translator('en');
  const remedies = { ignore: ['a'], 'types.a': 'time', 'types.b': 'number', 'roles.user': 'c', positive: 'yes', layout: 'events', 'split.by': 'time', lookbackDays: 30, maxLength: 9, collapseRepeats: true, duplicates: 'drop', impossible: 'missing', poolBelow: 10, 'split.test': 0.2, 'split.validation': 0.1 };
  for (const [option, value] of Object.entries(remedies)) {
    const [change] = changesOf({ code: 'x', message: '', remedy: { [option]: value } });
    assert.ok(change, option);
    const { key } = wordsOf(change);
    assert.ok(en.has(`remedy.${key}`) && en.has(`remedy.${key}.done`), key);
  }
});
