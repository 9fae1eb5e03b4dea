/** A second file beside the first: users of touches, outcomes of leads, what channels cost; and back again. */
import assert from 'node:assert/strict';
import { random, sessionsCsv, touchesCsv } from '../support/data.js';
import { usesThePage, visit } from './visit.js';

/** @typedef {import('./visit.js').Visit} Visit */

usesThePage();

const TOUCHES = touchesCsv({ users: 300 });

/** Of all but every fifth user, and of ten whom nobody knows: age and segment. */
function usersCsv() {
  const next = random(5);
  const known = Array.from({ length: 300 }, (_, user) => user).filter((user) => user % 5 !== 0);
  const lines = [...known, ...Array.from({ length: 10 }, (_, at) => 9000 + at)].map((user) => `u${user},${20 + Math.floor(next() * 50)},${['new', 'old', 'loyal'][user % 3]}`);
  return ['User ID,age,segment', ...lines].join('\n');
}

/** Leads by channel, and what became of them in a file of its own. */
function leads() {
  const rows = sessionsCsv({ rows: 500 }).trim().split('\n').slice(1).map((line) => line.split(','));
  const first = ['lead_no,channel,minutes', ...rows.map(([channel, minutes], at) => `L-${at},${channel},${minutes}`)].join('\n');
  const second = ['lead_no,converted', ...rows.map(([, , , converted], at) => `L-${at},${converted}`)].join('\n');
  return { first: `${first}\n`, second: `${second}\n` };
}

/** Gives the page a second file, and waits until it has been looked at. @param {Visit} page @param {string} content @param {string} [name] */
async function beside(page, content, name = 'second.csv') {
  await page.at('second-input').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(content) });
  await page.appears('second-remove');
}

/** @param {Visit} page */
async function touches(page) {
  await page.table(TOUCHES.csv, 'touches.csv');
  await page.appears('parts');
}

/** The figures of the two files. @param {Visit} page */
async function figures(page) {
  const [matched, unmatched, unused] = await Promise.all(['matched', 'unmatched', 'unused'].map((name) => page.number(`second-${name}`)));
  return { matched, unmatched, unused };
}

/** Touches by whether the second file knows their user, counted from the text. */
function expected() {
  const users = TOUCHES.csv.trim().split('\n').slice(1).map((line) => Number(/^u(\d+),/.exec(line)?.[1]));
  const matched = users.filter((user) => user % 5 !== 0).length;
  return { matched, unmatched: users.length - matched, unused: 10 };
}

visit('users come beside their touches: told before, added by a click, and taken away by another', async (page) => {
  await touches(page);
  const before = await page.text('mapping-table');
  const counted = await page.number('count-touches');
  await beside(page, usersCsv(), 'users.csv');
  assert.equal(await page.at('left-key').inputValue(), 'user_id');
  assert.equal(await page.at('right-key').inputValue(), 'User ID');
  assert.deepEqual(await figures(page), expected());
  assert.equal(await page.text('mapping-table'), before, 'nothing has changed yet');

  await page.press('second-take');
  await page.appears('role-segment');
  await page.appears('parts');
  assert.match(await page.text('second-added'), /Each row has 2 columns more: age and segment\./);
  assert.deepEqual(await figures(page), expected());
  assert.equal(await page.at('role-age').inputValue(), 'feature');
  assert.equal(await page.number('count-touches'), counted, 'rows stay as they are');
  await page.at('report').locator('summary').click();
  assert.match(await page.text('report'), new RegExp(`${expected().matched.toLocaleString('en')} rows found their row of the other file`));

  await page.press('second-undo');
  await page.appears('role-segment', 'detached');
  await page.appears('parts');
  assert.equal(await page.text('mapping-table'), before, 'the first file alone, as it was');
  await page.press('second-remove');
  await page.appears('second-file', 'detached');
  assert.ok(await page.visible('add-second'));
});

visit('leads and their outcomes, dropped together, become a model and a comparison', async (page) => {
  const { first, second } = leads();
  await page.appears('drop-zone');
  await page.at('file-input').setInputFiles([
    { name: 'outcomes.csv', mimeType: 'text/csv', buffer: Buffer.from(second) },
    { name: 'leads.csv', mimeType: 'text/csv', buffer: Buffer.from(first) },
  ]);
  await page.appears('second-remove');
  assert.equal(await page.text('table-name'), 'leads.csv', 'the larger is the first');
  assert.equal(await page.at('left-key').inputValue(), 'lead_no');
  await page.press('second-take');
  await page.appears('parts');
  assert.equal(await page.at('outcome-column').inputValue(), 'converted');
  assert.ok(!(await page.visible('error-panel')));
  await page.train();
  assert.match(await page.compare(), /Direct|Search|Social|E-mail/);
});

visit('what was chosen for the first file stays when a second comes and goes', async (page) => {
  await touches(page);
  await page.choose('role-revenue', 'ignore');
  await page.appears('parts');
  await beside(page, usersCsv());
  await page.press('second-take');
  await page.appears('role-segment');
  assert.equal(await page.at('role-revenue').inputValue(), 'ignore');
  await page.choose('role-segment', 'ignore');
  await page.press('second-undo');
  await page.appears('role-segment', 'detached');
  assert.equal(await page.at('role-revenue').inputValue(), 'ignore');
});

visit('a key that stands there twice is said, with how often and what to do', async (page) => {
  await touches(page);
  const [head = '', ...users] = usersCsv().split('\n');
  await beside(page, [head, ...users, users[3], users[8]].join('\n'));
  assert.equal(await page.at('second-obstacle').getAttribute('data-code'), 'repeated');
  assert.match(await page.text('second-obstacle'), /In User ID of second\.csv 2 rows have a value that stands there before/);
  assert.ok(await page.at('second-take').isDisabled());
  assert.ok(await page.visible('second-swap'));
  assert.equal(await page.number('count-touches'), TOUCHES.rows, 'the first file is as it was');
});

/** Scores of the leads; the first has two, which are 2 and 30. */
function scores() {
  const rows = Array.from({ length: 499 }, (_, at) => `L-${at + 1},7`);
  return ['lead_no,score', 'L-0,2', 'L-0,30', ...rows].join('\n');
}

visit('of rows with one key the first counts, the last, or their sum', async (page) => {
  await page.table(leads().first, 'leads.csv');
  await page.appears('second-input', 'attached');
  await beside(page, scores(), 'scores.csv');
  assert.equal(await page.at('second-obstacle').getAttribute('data-code'), 'repeated');
  for (const [choice, score] of [['first', '2'], ['last', '30'], ['sum', '32']]) {
    await page.choose('second-repeats', choice);
    await page.until(() => page.at('second-take').isEnabled(), 'it can be joined');
    await page.press('second-take');
    await page.appears('role-score');
    const examples = await page.at('role-score').locator('xpath=ancestor::tr').locator('.examples').innerText();
    assert.match(examples, new RegExp(`^${score} · 7`), choice);
    await page.press('second-undo');
    await page.appears('role-score', 'detached');
  }
});

visit('the files change places where the second has several rows for each of the first', async (page) => {
  await page.table(leads().first, 'leads.csv');
  await page.appears('second-input', 'attached');
  await beside(page, scores(), 'scores.csv');
  await page.press('second-swap');
  await page.until(async () => (await page.visible('table-name')) && (await page.text('table-name')) === 'scores.csv', 'the second is the first');
  await page.appears('second-remove');
  assert.deepEqual(await figures(page), { matched: 501, unmatched: 0, unused: 0 });
  await page.press('second-take');
  await page.appears('role-minutes');
});

visit('files without a common key say so, and two columns can be chosen all the same', async (page) => {
  await touches(page);
  await beside(page, 'code,town\nA1,Bonn\nA2,Köln\nA3,Mainz\n');
  assert.equal(await page.at('second-obstacle').getAttribute('data-code'), 'noKey');
  assert.ok(await page.at('second-take').isDisabled());
  await page.choose('left-key', 'user_id');
  await page.choose('right-key', 'code');
  await page.until(async () => (await page.at('second-obstacle').getAttribute('data-code')) === 'nothing', 'no value agrees');
  assert.match(await page.text('second-obstacle'), /No value of user_id stands in code of second\.csv/);
  await page.press('second-remove');
  await page.appears('second-file', 'detached');
  assert.ok(await page.visible('parts'), 'the first file goes on');
});

visit('a table of spend becomes the costs of the comparison, and is taken back', async (page) => {
  await touches(page);
  const weeks = ['2026-03-02', '2026-03-09', '2026-03-16', '2026-03-23'];
  const lines = weeks.flatMap((week) => [`${week},search,250`, `${week},Social,100.5`, `${week},Radio,40`]);
  await beside(page, ['Week,Channel,Spend', ...lines].join('\n'), 'spend.csv');
  await page.appears('second-costs');
  assert.equal(await page.at('spend-channel').inputValue(), 'Channel');
  assert.equal(await page.at('spend-cost').inputValue(), 'Spend');
  assert.equal(await page.number('second-cost'), 1402);
  assert.equal(await page.number('second-channels'), 2);
  assert.match(await page.text('second-unknown'), /^Radio is no channel of the data: its cost of 160 is left out/);
  await page.press('second-take');
  assert.match(await page.text('second-added'), /The costs are used/);
  await page.press('compare-button');
  await page.appears('credit-table');
  await page.press('fold-money');
  await page.appears('money');
  assert.match(await page.text('money-Search'), /1,000/);

  await page.press('step-data');
  await page.press('second-undo');
  await page.press('step-compare');
  await page.appears('credit-table');
  await page.press('fold-money');
  await page.until(async () => !(await page.visible('money')), 'no cost is known any more');
});

visit('an empty second file is refused in words, and the first stays', async (page) => {
  await touches(page);
  await page.at('second-input').setInputFiles({ name: 'empty.csv', mimeType: 'text/csv', buffer: Buffer.from('') });
  await page.appears('error-panel');
  assert.equal(await page.at('error-panel').getAttribute('data-code'), 'empty-file');
  assert.equal(await page.text('error-kept'), 'touches.csv is still here, with your choices.');
  await page.page.locator('cw-error').getByRole('button', { name: 'Go on without it' }).click();
  await page.appears('error-panel', 'detached');
  assert.equal(await page.number('count-touches'), TOUCHES.rows);
});

visit('a file that is dropped on the right half comes beside the one that is there', async (page) => {
  await touches(page);
  await page.page.evaluate((content) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([content], 'users.csv', { type: 'text/csv' }));
    const app = /** @type {Element} */ (document.querySelector('channelwise-app'));
    const options = { bubbles: true, cancelable: true, composed: true, dataTransfer, clientX: 1000, clientY: 300 };
    for (const type of ['dragenter', 'dragover', 'drop']) app.dispatchEvent(new DragEvent(type, options));
  }, usersCsv());
  await page.appears('second-remove');
  assert.equal(await page.text('table-name'), 'touches.csv');
  assert.equal(await page.at('right-key').inputValue(), 'User ID');
});

visit(
  'two files at 360 px, in Chinese',
  async (page) => {
    await touches(page);
    await beside(page, usersCsv(), '用户.csv');
    assert.equal(await page.sideways(), 0);
    await page.press('second-take');
    await page.appears('second-added');
    assert.equal(await page.sideways(), 0);
    assert.doesNotMatch(await page.text('second-file'), /[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}/, 'no English sentence');
  },
  { width: 360, hash: 'lang=zh' },
);
