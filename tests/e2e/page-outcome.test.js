/** Which values of the outcome count as converted: one or several of all that occur. */
import assert from 'node:assert/strict';
import { random } from '../support/data.js';
import { usesThePage, visit } from './visit.js';

usesThePage();

const KINDS = ['view', 'view', 'view', 'click', 'click', 'cart', 'signup', 'purchase'];

/** Touches of users with the kind of each; and how many of each kind there are. */
function kinds() {
  const next = random(3);
  const lines = ['user_id,timestamp,channel,event'];
  /** @type {{ [kind: string]: number }} */
  const counts = {};
  for (let user = 0; user < 300; user++) {
    let time = Date.UTC(2026, 2, 1 + Math.floor(next() * 25));
    for (let touch = 1 + Math.floor(next() * 4); touch > 0; touch--) {
      const kind = KINDS[Math.floor(next() * KINDS.length)] ?? '';
      time += 36e5 * (1 + Math.floor(next() * 30));
      counts[kind] = (counts[kind] ?? 0) + 1;
      lines.push(`u${user},${new Date(time).toISOString().slice(0, 19)},${['Search', 'Social', 'Direct'][Math.floor(next() * 3)]},${kind}`);
    }
  }
  return { csv: `${lines.join('\n')}\n`, counts };
}

visit('all values stand in the picker with their counts, the most frequent first, and several can count', async (page) => {
  const { csv, counts } = kinds();
  await page.table(csv, 'kinds.csv');
  await page.appears('parts');
  assert.equal(await page.at('layout').inputValue(), 'events');
  assert.equal(await page.text('outcome-values'), 'purchase');
  const journeys = async () => (await page.visible('count-journeys')) && (await page.number('count-journeys'));
  const before = await journeys();

  await page.press('outcome-values');
  const shown = await page.at('outcome-values-panel').locator('li').allInnerTexts();
  const expected = Object.entries(counts).sort((a, b) => b[1] - a[1]).map(([kind, count]) => `${kind} ${count}`);
  assert.deepEqual(shown.map((text) => text.replace(/\s+/g, ' ').trim()), expected);
  assert.ok(await page.at('value-purchase').isDisabled(), 'someone has to have converted');
  await page.press('value-signup');
  assert.equal(await page.text('outcome-values'), 'purchase or signup');
  await page.until(async () => ((await journeys()) || 0) > (before || 0), 'a signup ends a journey too');
  await page.press('value-purchase');
  assert.equal(await page.text('outcome-values'), 'signup');
  await page.page.keyboard.press('Escape');
  assert.ok(!(await page.visible('outcome-values-panel')));
  await page.until(async () => (await journeys()) !== false, 'they are made anew');
  assert.equal(await page.state('data'), 'done');
});

visit('an outcome of many values asks which of them count', async (page) => {
  const next = random(9);
  const stages = ['lost', 'open', 'won', 'renewed'];
  const rows = Array.from({ length: 400 }, (_, at) => `${['Search', 'Social'][at % 2]},${Math.round(next() * 90)},${stages[Math.floor(next() ** 1.5 * 4)]}`);
  await page.table(['channel,minutes,stage', ...rows].join('\n'), 'stages.csv');
  await page.choose('outcome-column', 'stage');
  await page.appears('outcome-values');
  await page.press('outcome-values');
  await page.press('value-won');
  await page.press('value-renewed');
  await page.page.keyboard.press('Escape');
  await page.until(async () => (await page.visible('parts')) && !(await page.visible('error-panel')), 'the data are prepared');
  const won = rows.filter((row) => /,(won|renewed)$/.test(row)).length;
  assert.match(await page.text('parts'), new RegExp(`${((100 * won) / 400).toFixed(1)}% converted`));
  await page.train();
  assert.equal(await page.state('train'), 'done');
});
