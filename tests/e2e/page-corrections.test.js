/** Guesses are corrected, findings remedied, and what depends on them is marked and made anew. */
import assert from 'node:assert/strict';
import { random, sessionsCsv } from '../support/data.js';
import { usesThePage, visit } from './visit.js';

usesThePage();

const CSV = sessionsCsv({ rows: 600 });

/** Sessions with a column that gives the outcome away, one of codes, a constant one, one mostly empty, and users. */
function troubled() {
  const next = random(7);
  const [header = '', ...rows] = CSV.trim().split('\n');
  const more = rows.map((row) => {
    const converted = row.endsWith('1');
    const basket = converted ? 20 + Math.round(next() * 80) : Math.round(next() * 30);
    return [`U${Math.floor(next() * 200)}`, 1 + Math.floor(next() * 8), 'web', next() < 0.2 ? 'gold' : '', basket, row].join(',');
  });
  return [`user_id,store_code,site,tier,basket,${header}`, ...more].join('\n');
}

visit('another role is taken up, and what was made before it is marked out of date until it is made anew', async (page) => {
  await page.table(CSV);
  await page.train();
  const answer = await page.compare();
  await page.press('step-data');
  assert.equal(await page.at('role-minutes').inputValue(), 'feature');
  await page.choose('role-minutes', 'ignore');
  await page.until(async () => (await page.state('train')) === 'stale', 'the model is marked');
  assert.equal(await page.state('compare'), 'stale');

  await page.press('step-compare');
  assert.match(await page.text('stale'), /The data or its split has changed/);
  assert.equal(await page.text('compare-answer'), answer, 'what was there stays until then');
  await page.at('stale').getByRole('button').click();
  await page.appears('run-2');
  assert.equal(await page.state('train'), 'done');
  assert.match(await page.text('run-1'), /out of date/);
  assert.doesNotMatch(await page.text('run-2'), /out of date/);
  await page.compare();
  assert.ok(!(await page.visible('stale')));

  await page.press('step-data');
  await page.choose('role-minutes', 'feature');
  await page.until(async () => (await page.state('train')) === 'stale', 'the second model is marked');
  await page.press('step-train');
  await page.at('run-1').getByRole('button').click();
  assert.equal(await page.state('train'), 'done', 'the first fits again');
  assert.equal(await page.compare(), answer);
  assert.ok(!(await page.visible('finding-run-of-other-data')), 'data changed and changed back is the same data');
});

visit('the reason for a guess is one Tab away, and stays known when the guess is corrected', async (page) => {
  await page.table(CSV);
  await page.choose('role-converted', 'ignore');
  await page.until(async () => (await page.at('error-panel').getAttribute('data-code')) === 'no-outcome', 'the outcome is missed');
  const tip = page.at('role-converted').locator('xpath=..').locator('cw-tip');
  await tip.getByRole('button').focus();
  assert.equal((await tip.getByRole('tooltip').innerText()).trim(), 'You chose this. The guess was: Outcome, Yes or no. It has two values and the name of an outcome.');
  await page.page.keyboard.press('Escape');
  await page.choose('role-converted', 'label');
  await page.appears('parts');
});

visit('what is compared by can be changed in the sentence', async (page) => {
  const campaign = CSV.trim().split('\n').map((line, at) => `${line},${at ? ['Spring', 'Autumn'][at % 2] : 'season'}`).join('\n');
  await page.table(campaign);
  await page.train();
  assert.match(await page.compare(), /Direct|Search|Social|E-mail/);
  await page.press('step-data');
  await page.choose('channel-column', 'season');
  assert.equal(await page.at('role-channel').inputValue(), 'feature', 'the channel before becomes a feature');
  await page.train();
  await page.until(async () => /Spring|Autumn/.test(await page.compare()), 'the seasons are compared');
  assert.equal(await page.page.getByTestId('channels').locator('tbody tr').count(), 2);
});

visit('findings have words, and remedies that can be undone', async (page) => {
  await page.table(troubled());
  await page.appears('parts');
  const inputs = async () => Number(/(\d+) model input/.exec(await page.text('parts'))?.[1]);
  const before = await inputs();

  assert.match(await page.text('finding-possible-leak-basket'), /^basket alone predicts the outcome with AUC 0\.9\d: it may be known only afterwards\./);
  await page.press('remedy-possible-leak-basket');
  assert.equal(await page.at('role-basket').inputValue(), 'ignore');
  await page.until(async () => (await page.visible('parts')) && (await inputs()) === before - 1, 'it is left out');
  assert.match(await page.text('finding-possible-leak-basket'), /It is ignored\./);
  await page.press('remedy-possible-leak-basket');
  assert.equal(await page.at('role-basket').inputValue(), 'feature');

  await page.press('remedy-code-like-number-store_code');
  assert.equal(await page.at('type-store_code').inputValue(), 'category');
  await page.until(async () => (await page.visible('parts')) && (await inputs()) === before + 7, 'eight codes are eight inputs');

  assert.match(await page.text('finding-constant-column-site'), /^site holds one value or none and is left out\./);
  assert.match(await page.text('finding-many-missing-tier'), /^\d\d\.\d% of the cells of tier are missing\./);
});

visit('users on both sides are kept together by one click, and parted by another', async (page) => {
  await page.table(troubled());
  assert.equal(await page.at('role-user_id').inputValue(), 'user');
  await page.appears('finding-users-on-both-sides');
  await page.press('remedy-users-on-both-sides');
  await page.until(async () => /Rows are split by user\./.test(await page.text('finding-users-on-both-sides')), 'it is said');
  await page.appears('parts');
  assert.ok(page.page.url().includes('splitBy=user'));
  assert.equal(await page.text('remedy-users-on-both-sides'), 'Undo');
  await page.press('remedy-users-on-both-sides');
  await page.until(async () => !page.page.url().includes('splitBy=user'), 'it is undone');
  await page.appears('parts');
  await page.press('remedy-users-on-both-sides');
  await page.until(async () => page.page.url().includes('splitBy=user'), 'and done once more');
  await page.train();
  assert.equal(await page.state('train'), 'done');
});

visit('without a channel there is a model, and the comparison asks for one', async (page) => {
  await page.table(CSV);
  await page.choose('role-channel', 'ignore');
  await page.appears('finding-no-channel');
  await page.train();
  await page.press('step-compare');
  assert.match(await page.text('compare-empty'), /No column names the channel/);
});
