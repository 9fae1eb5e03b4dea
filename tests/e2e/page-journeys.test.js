/** Journeys: files of touches and of whole paths, from the drop zone to methods side by side. */
import assert from 'node:assert/strict';
import { pathsCsv, touchesCsv } from '../support/data.js';
import { usesThePage, visit } from './visit.js';

usesThePage();

const TOUCHES = touchesCsv({ users: 400 });
const PATHS = pathsCsv();

/**
 * A file on the page, understood.
 * @param {import('./visit.js').Visit} page
 * @param {string} csv
 */
async function understood(page, csv) {
  await page.table(csv, 'journeys.csv');
  await page.appears('parts');
}

/** From there to the credit. @param {import('./visit.js').Visit} page */
async function credited(page) {
  await page.press('compare-button');
  await page.appears('credit-table');
}

/**
 * The shares of a method equal those that counting gave.
 * @param {import('./visit.js').Visit} page
 * @param {string} method
 * @param {{ [channel: string]: number }} counts
 * @param {number} all
 */
async function assertShares(page, method, counts, all) {
  for (const [channel, count] of Object.entries(counts)) {
    const share = Number.parseFloat(await page.text(`credit-${channel}-${method}`));
    assert.ok(Math.abs(share - (100 * count) / all) < 0.06, `${channel} by ${method}: ${share}`);
  }
}

visit('a file of touches is told from one of sessions, and its counts add up', async (page) => {
  await understood(page, TOUCHES.csv);
  assert.equal(await page.at('layout').inputValue(), 'events');
  assert.equal(await page.at('channel-column').inputValue(), 'channel');
  assert.equal(await page.number('count-read'), TOUCHES.rows);
  assert.equal(await page.number('count-touches'), TOUCHES.rows);
  assert.equal(await page.number('count-journeys'), 400);
  await page.at('report').locator('summary').click();
  await page.until(async () => (await page.number('report-sum')) === TOUCHES.rows, 'every row is accounted for');

  await page.at('data-options').locator('summary').click();
  await page.fill('option-maxLength', '2');
  await page.until(async () => (await page.text('count-touches')) !== '…' && (await page.number('count-touches')) < TOUCHES.rows, 'touches are cut');
  assert.equal((await page.number('count-read')) - (await page.number('count-dropped')), await page.number('count-touches'));
  await page.until(async () => (await page.number('report-sum')) === TOUCHES.rows, 'every row is accounted for again');
});

visit('touches lead to credit by every method, and two of them stand side by side', async (page) => {
  await understood(page, TOUCHES.csv);
  await credited(page);
  assert.match(await page.text('not-lift'), /Credit is not lift/);
  assert.match(await page.text('credit-totals'), new RegExp(`^${TOUCHES.conversions} conversions in 400 journeys`));
  await assertShares(page, 'last', TOUCHES.last, TOUCHES.conversions);
  await assertShares(page, 'first', TOUCHES.first, TOUCHES.conversions);
  await page.until(async () => (await page.at('credit-chart').locator('svg').innerHTML()).includes('Markov'), 'the chart is drawn');

  await page.press('unit-conversions');
  assert.equal(Number.parseFloat(await page.text('credit-Search-last')), TOUCHES.last.Search);
  await page.press('mode-pair');
  await page.choose('pair-other', 'first');
  const { Search } = TOUCHES.last;
  const by = 100 * ((TOUCHES.first.Search ?? 0) / (Search ?? 1) - 1);
  const row = (await page.text('pair-Search')).replace('−', '-');
  assert.ok(row.includes(`${by > 0 ? '+' : ''}${by.toFixed(1)}%`), `${row}: ${by}`);
  assert.equal(await page.state('compare'), 'done');
});

visit('a cell tells its interval to the keyboard as to the pointer', async (page) => {
  await understood(page, TOUCHES.csv);
  await credited(page);
  await page.at('sort-credit-first').click();
  await page.page.keyboard.press('Tab');
  await page.tabTo((await page.page.locator('cw-credit-table tbody td').first().getAttribute('data-testid')) ?? '');
  await page.page.keyboard.press('ArrowRight');
  const detail = page.page.locator('cw-credit-table [popover]');
  await detail.waitFor();
  assert.match(await detail.innerText(), /First touch: [\d.]+%\s+Against Last touch: [^\n]+\s+95% interval: [\d.]+% – [\d.]+%\s+[\d.]+ conversions/);
});

visit('a file of whole paths is compared, and its credit is what counting gives', async (page) => {
  await understood(page, PATHS.csv);
  assert.equal(await page.at('layout').inputValue(), 'paths');
  await credited(page);
  await assertShares(page, 'last', PATHS.last, PATHS.conversions);
  await page.press('baseline');
  await page.choose('baseline', 'markov');
  await page.until(async () => (await page.page.locator('cw-credit-table thead th').nth(1).innerText()).includes('Markov'), 'Markov comes first');
  await page.press('fold-markov');
  await page.appears('removal-effects');
  assert.match(await page.text('transitions'), /Start/);
});

visit('an export of converting paths alone gets its credit, and says what can\u2019t be trained', async (page) => {
  await understood(page, 'path,conversions\nSearch > Social,30\nSocial,12\nDirect > Search,3\n');
  await page.appears('finding-too-few-to-train');
  await credited(page);
  await assertShares(page, 'last', { Social: 42, Search: 3 }, 45);
});

visit('sample journeys are one click from their comparison', async (page) => {
  await page.press('try-journeys');
  await page.appears('credit-table');
  assert.match(await page.text('compare-answer'), /credit/);
});

visit('what a row stands for can be chosen, and the rest follows', async (page) => {
  await understood(page, TOUCHES.csv);
  await page.choose('layout', 'rows');
  await page.until(async () => (await page.visible('count-used')) && (await page.number('count-used')) === TOUCHES.rows, 'rows are taken as they are');
  assert.ok(!(await page.visible('compare-button')));
  await page.choose('layout', 'events');
  await page.until(async () => (await page.visible('count-journeys')) && (await page.number('count-journeys')) === 400, 'journeys are back');
});

visit('other groups of channels are compared at once', async (page) => {
  await understood(page, TOUCHES.csv);
  await credited(page);
  await page.press('level-broad');
  await page.until(() => page.visible('credit-Online'), 'groups stand in the table');
  await page.press('level-channel');
  await page.until(() => page.visible('credit-Search'), 'channels are back');
});

visit('the journey model is trained, and held against simpler ones', async (page) => {
  await understood(page, TOUCHES.csv);
  await page.press('train-button');
  await page.at('model-journey').waitFor();
  await page.press('train-button');
  await page.appears('train-result');
  assert.match(await page.text('run-1'), /Journey model/);
  await page.until(() => page.visible('verdict-earnsItsKeep'), 'the verdict is in', 60_000);
  for (const question of ['earnsItsKeep', 'orderMatters', 'timeMatters']) {
    assert.match((await page.at(`verdict-${question}`).getAttribute('data-answer')) ?? '', /^(yes|no|unclear)$/);
  }
  assert.match(await page.text('ceiling'), /at most [\d.]+% .* alike gets [\d.]+%, this model [\d.]+%/);
  await page.at('verdict').locator('summary').click();
  assert.match(await page.text('baseline-ceiling'), /[\d.]+%/);
  assert.match(await page.text('baseline-shuffledWithGaps'), /[\d.]+%/);

  await page.at('model-logistic').click();
  await page.press('train-button');
  await page.appears('run-2');
  assert.match(await page.text('run-2'), /Quick model/);
});

visit('a Transformer is trained on the same journeys, and gives credit beside the LSTM', async (page) => {
  await understood(page, TOUCHES.csv);
  await page.press('train-button');
  await page.at('model-transformer').click();
  await page.press('train-button');
  await page.appears('train-result');
  assert.match(await page.text('ceiling'), /at most [\d.]+%/);
  await page.until(() => page.visible('verdict-earnsItsKeep'), 'the verdict is in', 60_000);
  assert.match(await page.text('verdict-earnsItsKeep'), /Transformer/);
  await page.at('verdict').locator('summary').click();
  assert.match(await page.text('baseline-model'), /Transformer/);
  await page.at('model-journey').click();
  await page.press('train-button');
  await page.appears('run-2');
  assert.match(await page.text('run-1'), /Transformer/);
  await page.until(() => page.visible('verdict-orderMatters'), 'its verdict is in', 60_000);
  await page.until(() => page.visible('contrast'), 'the two are held against each other');
  assert.match((await page.at('contrast').getAttribute('data-better')) ?? '', /^(model|other|same|unclear)$/);
  await page.press('to-compare');
  await page.appears('credit-table');
  await page.until(() => page.visible('credit-Search-transformer'), 'it gives credit');
  assert.ok(await page.visible('credit-Search-journey'));
});

visit('a run that was stopped is shown at once, and held against others after that', async (page) => {
  await understood(page, TOUCHES.csv);
  await page.press('train-button');
  await page.at('model-journey').click();
  await page.at('options').locator('summary').click();
  await page.fill('option-epochs', '100000');
  await page.choose('option-earlyStopping', 'off');
  await page.press('train-button');
  await page.appears('stop');
  await page.press('stop');
  await page.appears('train-result');
  assert.match(await page.text('ceiling'), /at most [\d.]+%/);
  await page.until(() => page.visible('verdict-earnsItsKeep'), 'the verdict is in', 60_000);
});

visit('what channels cost is written in, and becomes a cost per conversion', async (page) => {
  await understood(page, TOUCHES.csv);
  await credited(page);
  await page.press('fold-money');
  await page.fill('cost-Search', '1000');
  await page.fill('cost-Social', '500');
  await page.press('costs-done');
  await page.appears('money');
  await page.choose('money-method', 'last');
  const { Search = 1 } = TOUCHES.last;
  const cac = 1000 / Search;
  assert.match(await page.text('money-Search'), new RegExp(cac >= 100 ? String(Math.round(cac)) : cac.toFixed(2).replace('.', '\\.')));
});

for (const lang of ['en', 'zh']) {
  visit(
    `journeys at 360 px (${lang})`,
    async (page) => {
      await understood(page, TOUCHES.csv);
      await page.at('data-options').locator('summary').click();
      assert.equal(await page.sideways(), 0, 'data');
      await credited(page);
      assert.equal(await page.sideways(), 0, 'compare');
      for (const fold of await page.page.locator('details.fold').all()) await fold.locator('summary').first().click();
      assert.equal(await page.sideways(), 0, 'all unfolded');
      await page.press('mode-pair');
      assert.equal(await page.sideways(), 0, 'two methods');
      if (lang === 'zh') {
        const words = (await page.page.locator('channelwise-app').innerText()).match(/[A-Za-z]{3,}( [A-Za-z]{2,}){3,}/g) ?? [];
        assert.deepEqual(words, [], 'no English sentence is left');
      }
    },
    { width: 360, hash: `lang=${lang}` },
  );
}
