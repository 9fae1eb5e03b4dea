/** What unfolds beside the comparison, used for what it is there for: lift, money, paths, groups, ranks, self-test. */
import assert from 'node:assert/strict';
import { pathsCsv, sessionsCsv, touchesCsv } from '../support/data.js';
import { usesThePage, visit } from './visit.js';

usesThePage();

const TOUCHES = touchesCsv({ users: 400 });

/** @typedef {import('./visit.js').Visit} Visit */

/** @param {Visit} page @param {string} csv */
async function credited(page, csv) {
  await page.table(csv, 'journeys.csv');
  await page.appears('parts');
  await page.press('compare-button');
  await page.appears('credit-table');
}

/** Unfolds a part. @param {Visit} page @param {string} id */
async function unfold(page, id) {
  await page.at(`fold-${id}`).locator('summary').first().click();
}

/**
 * Customers of whom every second got a mail, by chance; 20 % of those bought, and 10 % of the others.
 * @param {number} rows
 */
function trialCsv(rows) {
  const lines = ['customer,source,pages,got_mail,bought'];
  for (let row = 0; row < rows; row++) {
    const treated = row % 2 === 0;
    const bought = Math.floor(row / 2) % 10 < (treated ? 2 : 1);
    lines.push([`c${row}`, ['Web', 'Store', 'Phone'][row % 3], 1 + (row % 7), Number(treated), Number(bought)].join(','));
  }
  return `${lines.join('\n')}\n`;
}

/**
 * Twenty-eight weeks in which more is spent on ads in some than in others, and more is bought where more is spent. Users
 * are touched by ads or mail first and by the shop or a search later that day; then they buy, or do not.
 */
function spendCsv() {
  const lines = ['user_id,timestamp,channel,cost,converted'];
  const monday = Date.UTC(2025, 0, 6);
  let user = 0;
  for (let week = 0; week < 28; week++) {
    const spend = 50 + (200 * ((week * 37 + 11) % 41)) / 41;
    const bought = Math.round(4 + (24 * spend) / (spend + 100));
    for (let at = 0; at < 40; at++, user++) {
      const time = monday + (week * 7 + (at % 7)) * 864e5 + at * 6e5;
      const ads = at % 2 === 0;
      const touch = (/** @type {number} */ when, /** @type {string} */ channel, /** @type {string} */ cost, /** @type {boolean} */ yes) =>
        lines.push([`u${user}`, new Date(when).toISOString().slice(0, 19), channel, cost, Number(yes)].join(','));
      touch(time, ads ? 'Ads' : 'Mail', ads ? (spend / 20).toFixed(4) : '0.5', false);
      touch(time + 9 * 36e5, at % 3 ? 'Shop' : 'Search', '0', at < bought);
    }
  }
  return `${lines.join('\n')}\n`;
}

visit('a group drawn by chance is chosen from any column, and a column that is none stays chosen and says why', async (page) => {
  await page.table(trialCsv(1200), 'trial.csv');
  await page.train();
  await page.compare();
  await unfold(page, 'lift');
  await page.choose('treatment', 'got_mail');
  await page.appears('lift-answer');
  assert.match(await page.text('lift-answer'), /20\.00% against 10\.00%/);
  assert.match(await page.text('lift'), /\+10\.00 pts/);
  await page.choose('treatment', 'customer');
  await page.appears('lift-refused');
  assert.match(await page.text('lift-refused'), /too many|more than 20/);
  assert.equal(await page.at('treatment').inputValue(), 'customer');
  await page.choose('treatment', 'source');
  await page.until(async () => /left alone/.test(await page.text('lift-refused')), 'it asks for the group that was left alone');
  await page.choose('treatment-control', 'Phone');
  await page.appears('lift-answer');
  assert.equal(await page.at('treatment').inputValue(), 'source');
});

visit('an advantage that the file can\u2019t tell says which column would light it', async (page) => {
  await credited(page, pathsCsv().csv);
  await unfold(page, 'advantage');
  for (const key of ['marketExpansion', 'userGrowth', 'userLoyalty']) {
    assert.match(await page.text(`advantage-${key}`), /needs a column that names the user/);
    assert.equal(await page.at(`advantage-${key}`).getAttribute('aria-disabled'), 'true');
  }
  await page.appears('measure-awarenessShare');
});

visit('sample journeys: every part of the paths has its table, and ranks add up', async (page) => {
  await page.press('try-journeys');
  await page.appears('credit-table');
  await unfold(page, 'paths');
  await page.appears('top-paths');
  for (const [part, table] of [['roles', 'roles'], ['flow', 'flow-chart'], ['length', 'lengths'], ['funnel', 'funnel'], ['cohorts', 'cohorts']]) {
    await page.press(`paths-${part}`);
    await page.at(table).waitFor({ state: 'attached' });
  }
  await page.press('paths-length');
  assert.match((await page.at('lags').textContent()) ?? '', /under 1 hour/);
  await page.press('paths-funnel');
  assert.match(await page.text('funnel'), /%\s*\([\d.]+% – [\d.]+%\)/);
  await unfold(page, 'ranking');
  const cells = (await page.at('ranking').locator('tbody tr').first().locator('td').allInnerTexts()).map((text) => Number.parseFloat(text) || 0);
  assert.ok(Math.abs(cells.reduce((sum, one) => sum + one, 0) - 100) <= 5, cells.join(' '));
});

visit('a channel moves to another group, and to one with a name of one\u2019s own', async (page) => {
  await credited(page, TOUCHES.csv);
  await page.press('groups');
  await page.choose('group-of-Search', 'stores');
  await page.page.keyboard.press('Escape');
  await page.press('level-broad');
  await page.until(() => page.visible('credit-Offline'), 'the store is offline');
  await page.press('groups');
  await page.fill('own-group-Search', 'Kiosk');
  await page.page.keyboard.press('Escape');
  await page.press('level-group');
  await page.until(() => page.visible('credit-Kiosk'), 'the own name stands in the table');
});

visit('the methods are tested without any file', async (page) => {
  await page.press('step-compare');
  await page.appears('compare-empty');
  await unfold(page, 'selfTest');
  await page.choose('self-test-scenario', 'additive');
  await page.choose('self-test-journeys', '5000');
  await page.press('run-self-test');
  await page.until(() => page.visible('self-test'), 'the errors are there', 60_000);
  assert.match(await page.text('error-additive-shapley'), /^0\.\d{4}/);
  assert.equal(await page.page.locator('[data-testid^="error-ordered"]').count(), 0);
});

visit('how the Shapley value was earned by position is shown on demand', async (page) => {
  await credited(page, TOUCHES.csv);
  await page.press('methods');
  await page.at('show-shapleyOrdered').check();
  await page.page.keyboard.press('Escape');
  await page.at('by-position').locator('summary').first().click();
  assert.match(await page.at('by-position').innerText(), /Search/);
});

visit('a table of spend is pasted, and what it says is told', async (page) => {
  await credited(page, TOUCHES.csv);
  await unfold(page, 'money');
  await page.at('spend-paste').fill('channel,cost\nSearch,1000\nSocial,500\nRadio,70\n');
  await page.appears('money');
  await page.until(async () => /1,000/.test((await page.at('money-Search').textContent()) ?? ''), 'the costs stand in the table');
  assert.match((await page.at('spend-read').textContent()) ?? '', /Radio/);
});

visit('spend that varies leads to a curve, a plan within bounds, periods and a replay', async (page) => {
  await credited(page, spendCsv());
  await page.press('next-budget');
  await page.appears('response-Ads');
  await page.at('response-Ads').locator('summary').first().click();
  assert.equal(await page.text('fit-Ads-periods'), '28');
  assert.ok(Number(await page.text('fit-Ads-heldOutR2')) > 0.5);
  assert.match(await page.text('fit-Ads-marginal.conversions'), /–/);
  assert.match(await page.text('refused-Mail'), /hardly varies/);
  // The spend of now is the only one within a budget of now.
  await page.press('plan-budget');
  await page.appears('plan-answer');
  assert.match(await page.text('plan-answer'), /Only Ads has a curve/);
  assert.match(await page.text('plan-marginal'), /one more unit of money brings/);
  await page.at('bounds').locator('xpath=ancestor::details').locator('summary').click();
  await page.fill('bound-max-Ads', '120');
  await page.fill('budget-amount', '120');
  await page.press('plan-budget');
  await page.until(async () => /at its most/.test((await page.at('plan').textContent()) ?? ''), 'the bound holds');
  assert.match(await page.text('plan-answer'), /Spending 120 per period.*Interval of the change: −[\d.]+ to −[\d.]+/s);
  await page.choose('money-figure', 'costPerConversion');
  await page.choose('period-method', 'last');
  await page.until(async () => (await page.at('period-method').inputValue()) === 'last' && !(await page.page.locator('.busy').count()), 'periods are credited anew');
  // All credit goes to what costs nothing.
  await page.appears('periods-none');
  await page.choose('period-method', 'first');
  await page.appears('periods-chart');
  await page.choose('money-period', 'month');
  await page.until(async () => /2025-02-01/.test((await page.at('money-periods').textContent()) ?? ''), 'months stand in the table');
  await page.appears('replay');
  assert.match(await page.text('replay-first'), /\d+ \(\d+ – \d+\)/);
  // Who is credited by the last touch alone spends nothing on what costs: no conversion, and so no cost of one.
  assert.doesNotMatch(await page.text('replay-last'), /∞/);
});

visit('a trained model is replayed and ranked beside the others', async (page) => {
  await page.press('try-journeys');
  await page.appears('credit-table');
  await page.press('next-model');
  await page.press('model-logistic');
  await page.train();
  await page.press('step-compare');
  await page.until(() => page.visible('credit-E-mail-logistic'), 'the model is among the methods', 60_000);
  await page.appears('model-credit-logistic');
  // How it was asked is defined beside it.
  const terms = page.page.locator('cw-credit').getByTestId('terms').first();
  await terms.locator('summary').click();
  assert.match(await terms.innerText(), /Logistic model[\s\S]*Δ: Shapley value\s+The mean gain/);
  await unfold(page, 'money');
  await page.appears('replay-logistic');
  assert.match(await page.text('replay-logistic'), /\d+ \(\d+ – \d+\)/);
  await unfold(page, 'ranking');
  await page.choose('ranking-method', 'logistic');
  await page.until(async () => /Logistic model/.test(await page.text('ranking-answer')), 'its ranks are shown');
  assert.match(await page.text('ranking-answer'), /\d+% of the resamples/);
});

visit('what a rank is, and every other number of a part, is one click away', async (page) => {
  await page.press('try-journeys');
  await page.appears('credit-table');
  const within = (/** @type {string} */ fold) => page.at(`fold-${fold}`).getByTestId('terms').first();
  await unfold(page, 'ranking');
  await within('ranking').locator('summary').click();
  assert.match(await within('ranking').innerText(), /Chance of a rank\s+The part of the draws/);
  await unfold(page, 'markov');
  await within('markov').locator('summary').click();
  assert.match(await within('markov').innerText(), /RE\(c\) = 1 −/);
  await unfold(page, 'money');
  await within('money').locator('summary').click();
  assert.match(await within('money').innerText(), /CAC\s+Customer acquisition cost/);
  await page.press('methods');
  await page.at('show-linear').locator('xpath=..').locator('summary').click();
  assert.match(await page.at('show-linear').locator('xpath=..').innerText(), /C\(c\) = Σⱼ Σᵢ \[xᵢ = c\] \/ n/);
}, { width: 360 });

visit('rows without users say the same, and are compared by kind', async (page) => {
  await page.table(sessionsCsv({ rows: 1500 }), 'sessions.csv');
  await page.train();
  await page.compare();
  await unfold(page, 'advantage');
  assert.match(await page.text('advantage-userLoyalty'), /needs a column that names the user/);
  await page.press('level-broad');
  await page.appears('channel-Online');
  assert.match(await page.text('odds-Online'), /^\d+\.\d+$/);
  assert.equal(await page.page.getByTestId('channel-Search').count(), 0);
  await page.press('level-group');
  await page.appears('channel-Social');
  await page.press('level-channel');
  await page.appears('channel-Search');
  await unfold(page, 'money');
  await page.fill('cost-Search', '1000');
  await page.press('costs-done');
  await page.appears('money-Search');
  assert.match(await page.text('money-Search'), /1,000/);
  // Whose cost nobody gave has none, which is not 0.
  assert.doesNotMatch(await page.text('money-Direct'), /^Direct\s+0\b/);
});
