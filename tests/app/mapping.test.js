/** What was chosen for the columns of a file outlives its being read again, and what one click does can be undone. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { asOptions, chosenTypes, columnOf, guessed, isMadeOf, relaid, renewed, reread, withType, withUse } from '../../www/app/mapping.js';
import { changesOf, stateOf, take, wordsOf } from '../../www/app/remedies.js';
import { defaults } from '../../www/app/settings.js';
import { en } from '../../www/app/i18n/en.js';

/** @typedef {import('../../www/api/types').TableSummary} TableSummary */

/**
 * A table of columns written as `name: type role`.
 * @param {string[]} columns
 * @param {string} [positive]
 * @returns {TableSummary}
 */
function table(columns, positive) {
  const parsed = columns.map((text) => {
    const [name = '', type = 'number', role = 'feature'] = text.split(/[: ]+/);
    return /** @type {any} */ ({ name, type, role });
  });
  return /** @type {any} */ ({ columns: parsed, positive });
}

const FIRST = ['who: text user', 'channel: category channel', 'day: number feature', 'ok: boolean label'];

test('uses and types that were chosen stay when the file is read again', () => {
  let mapping = guessed(table(FIRST, 'true'));
  mapping = withUse(mapping, 'day', 'time');
  mapping = withType(mapping, 'day', 'time');
  const again = renewed(mapping, table(['who: text user', 'channel: category channel', 'day: time time', 'ok: boolean label', 'age: number feature'], 'true'));
  assert.deepEqual(again.columns.map(({ use }) => use), ['user', 'channel', 'time', 'label', 'feature']);
  assert.equal(columnOf(again, 'time')?.guessedType, 'number', 'the first guess is known still');
  assert.deepEqual(asOptions(again).types, {}, 'what is read as a time need not be made one');
  assert.deepEqual(chosenTypes(again), { day: 'time' });
});

test('a use that was chosen wins over what another table has there', () => {
  const mapping = withUse(guessed(table(['lead: text user', 'channel: category channel', 'stage: category feature'])), 'stage', 'label');
  const joined = renewed(mapping, table(['lead: text user', 'channel: category channel', 'stage: category feature', 'won: boolean label'], 'true'));
  assert.equal(columnOf(joined, 'label')?.name, 'stage');
  assert.equal(joined.columns[3]?.use, 'ignore', 'two outcomes would give each other away');
  assert.equal(joined.positive, undefined, 'and its value is not that of another column');
});

test('without a choice the guess for the new table holds', () => {
  const alone = guessed(table(['lead: text user', 'minutes: number feature']));
  const joined = renewed(alone, table(['lead: text user', 'minutes: number feature', 'won: boolean label'], 'true'));
  assert.deepEqual([columnOf(joined, 'label')?.name, joined.positive], ['won', 'true']);
});

test('another layout keeps the types that were chosen', () => {
  const mapping = withType(guessed(table(FIRST, 'true')), 'channel', 'text');
  const events = relaid(mapping, table(['who: text user', 'channel: text channel', 'day: number time', 'ok: boolean label'], 'true'));
  assert.deepEqual(events.columns.map(({ type, loadedType, guessedType }) => [type, loadedType, guessedType])[1], ['text', 'category', 'category']);
  assert.equal(columnOf(events, 'time')?.name, 'day');
  assert.deepEqual(asOptions(events).types, { channel: 'text' });
});

test('cells that were read as words can be made anything; what was read as something else is read again', () => {
  const column = (/** @type {any} */ loadedType, guessedType = loadedType) => /** @type {any} */ ({ loadedType, guessedType });
  assert.ok(isMadeOf(column('category'), 'text') && isMadeOf(column('text'), 'number') && isMadeOf(column('number'), 'number'));
  for (const [from, to] of /** @type {const} */ ([['boolean', 'category'], ['number', 'time'], ['number', 'category'], ['time', 'number'], ['time', 'text']])) {
    assert.ok(!isMadeOf(column(from), to), `${from} as ${to}`);
  }
  assert.ok(!isMadeOf(column('category', 'boolean'), 'boolean'), 'back to the guess is as the file was read at first');
});

/** A bench that notes what is asked of it. @param {{ mapping?: any, options?: any, layout?: string, settings?: object }} [state] */
function bench({ mapping = guessed(table(FIRST, 'true')), options = {}, layout = 'rows', settings = {} } = {}) {
  /** @type {unknown[][]} */
  const asked = [];
  const note = (/** @type {string} */ name) => (/** @type {unknown[]} */ ...values) => void asked.push([name, ...values]);
  return {
    asked,
    bench: /** @type {any} */ ({
      mapping, file: { options }, table: { layout }, guessedLayout: 'rows', positives: [mapping.positive ?? []].flat(),
      settings: { ...defaults, ...settings },
      setUse: note('use'), setType: note('type'), setPositive: note('positive'), set: note('set'), setLayout: note('layout'), readAs: note('read'), pool: note('pool'), pooled: [],
      prepareSoon: () => undefined,
    }),
  };
}

const REMEDIES = /** @type {const} */ ([
  [{ ignore: 'day' }, ['use', 'day', 'ignore'], ['use', 'day', 'feature']],
  [{ 'types.day': 'category' }, ['type', 'day', 'category'], ['type', 'day', 'number']],
  [{ 'roles.time': 'day' }, ['use', 'day', 'time'], ['use', 'day', 'feature']],
  [{ positive: ['a', 'b'] }, ['positive', ['a', 'b']], ['positive', 'true']],
  [{ layout: 'events' }, ['layout', 'events'], ['layout', 'rows']],
  [{ 'split.by': 'user' }, ['set', 'splitBy', 'user'], ['set', 'splitBy', '']],
  [{ 'split.by': 'row' }, ['set', 'splitBy', 'row'], ['set', 'splitBy', '']],
  [{ duplicates: 'drop' }, ['set', 'duplicates', 'drop'], ['set', 'duplicates', 'keep']],
  [{ outcomeOf: 'journey' }, ['set', 'outcomeOf', 'journey'], ['set', 'outcomeOf', '']],
  [{ poolChannels: ['Radio', 'Print'] }, ['pool', ['Radio', 'Print']], ['pool', []]],
  [{ blankOutcome: 'unknown' }, ['set', 'blankOutcome', 'unknown'], ['set', 'blankOutcome', '']],
  [{ 'load.dates': 'monthFirst' }, ['read', { dates: 'monthFirst' }], ['read', { dates: undefined }]],
  [{ 'load.encoding': 'GBK' }, ['read', { encoding: 'GBK' }], ['read', { encoding: undefined }]],
]);

for (const [remedy, done, undone] of REMEDIES) {
  test(`the remedy ${JSON.stringify(remedy)} is one click, has words, and is undone by another`, () => {
    const changes = changesOf(/** @type {any} */ ({ code: 'any', message: '', remedy }));
    assert.equal(changes.length, 1);
    const one = bench();
    take(one.bench, changes, false);
    take(one.bench, changes, true);
    assert.deepEqual(one.asked, [done, undone]);
    const { key } = wordsOf(/** @type {any} */ (changes[0]));
    assert.ok(`remedy.${key}` in en && `remedy.${key}.done` in en, key);
  });
}

test('a remedy that stands can be undone; one that the guess took already can not', () => {
  const ignore = changesOf({ code: 'possible-leak', message: '', columns: ['day'] });
  const left = bench({ mapping: withUse(guessed(table(FIRST)), 'day', 'ignore') });
  assert.deepEqual([stateOf(left.bench, ignore).done, stateOf(left.bench, ignore).undoable], [true, true]);
  const guess = bench({ mapping: guessed(table(['day: number ignore'])) });
  assert.deepEqual([stateOf(guess.bench, ignore).done, stateOf(guess.bench, ignore).undoable], [true, false]);
  const dates = changesOf(/** @type {any} */ ({ code: 'dates-day-first', message: '', remedy: { 'load.dates': 'monthFirst' } }));
  assert.ok(stateOf(bench({ options: { dates: 'monthFirst' } }).bench, dates).done);
  assert.ok(!stateOf(bench().bench, dates).done);
});

test('cells read otherwise change no use, and words of a flag are asked for anew', () => {
  const before = guessed(table(FIRST, 'true'));
  const times = reread(before, table(['who: text user', 'channel: category channel', 'day: time time', 'ok: boolean label'], 'true'));
  assert.deepEqual(times.columns.map(({ use }) => use), ['user', 'channel', 'feature', 'label'], 'a better guess now is no choice');
  assert.equal(times.positive, 'true');
  const words = reread(before, table(['who: text user', 'channel: category channel', 'day: number feature', 'ok: category label'], '是'));
  assert.equal(words.positive, '是');
});
