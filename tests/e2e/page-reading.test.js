/** How a file was read is told beside its name, and changed in place; what was chosen for its columns stays. */
import assert from 'node:assert/strict';
import { random, sessionsCsv, touchesCsv, workbook } from '../support/data.js';
import { usesThePage, visit } from './visit.js';

/** @typedef {import('./visit.js').Visit} Visit */

usesThePage();

const CSV = sessionsCsv({ rows: 600 });

/** Sessions with a member flag in Chinese, a day as digits, and a code with noughts in front. */
function told() {
  const next = random(11);
  const [header = '', ...rows] = CSV.trim().split('\n');
  const more = rows.map((row) => `${row},${next() < 0.5 ? '是' : '否'},202611${10 + Math.floor(next() * 20)}`);
  return [`${header},会员,order_date`, ...more].join('\n');
}

/** The examples of a column. @param {Visit} page @param {string} name */
function examples(page, name) {
  return page.at(`role-${name}`).locator('xpath=ancestor::tr').locator('.examples').innerText();
}

visit('the strip says how the file was read', async (page) => {
  await page.table(sessionsCsv({ rows: 600, delimiter: ';' }));
  await page.appears('parts');
  assert.match(await page.text('read-facts'), /^Text table · [\d.]+ kB · read in /);
  assert.equal(await page.at('read-delimiter').inputValue(), ';');
  assert.equal(await page.at('read-encoding').inputValue(), 'UTF-8');
});

visit('another separator is taken at once, and the one that was found is a click away', async (page) => {
  await page.table(CSV);
  await page.appears('parts');
  await page.choose('role-minutes', 'ignore');
  await page.appears('parts');
  await page.choose('read-delimiter', ';');
  await page.until(async () => (await page.at('mapping-table').locator('tbody tr').count()) === 1, 'all of a row is one cell');
  assert.equal(await page.text('table-name'), 'mine.csv');
  await page.choose('read-delimiter', ' found');
  await page.appears('role-minutes');
  assert.equal(await page.at('read-delimiter').inputValue(), ',');
});

visit('the encoding of names is mended in place, with what was chosen', async (page) => {
  const bytes = Buffer.from(CSV.replaceAll('Direct', 'Münster'), 'latin1');
  await page.table(bytes);
  await page.appears('parts');
  await page.choose('role-minutes', 'ignore');
  await page.appears('parts');
  await page.choose('read-encoding', 'windows-1251');
  await page.until(async () => (await examples(page, 'channel')).includes('Mьnster'), 'it is read as asked');
  assert.equal(await page.at('role-minutes').inputValue(), 'ignore', 'what was chosen stays');
  await page.choose('read-encoding', 'windows-1252');
  await page.until(async () => (await examples(page, 'channel')).includes('Münster'), 'it is read as it should be');
  assert.equal(await page.at('role-minutes').inputValue(), 'ignore');
});

visit('a type that needs what reading took away reads the file again', async (page) => {
  await page.table(told());
  await page.appears('parts');
  assert.equal(await page.at('type-会员').inputValue(), 'boolean');
  await page.choose('type-会员', 'category');
  await page.until(async () => (await examples(page, '会员')).includes('是'), 'the words are as they stood');
  assert.match(await examples(page, '会员'), /^(是 · 否|否 · 是)$/);
  assert.equal(await page.at('type-会员').inputValue(), 'category');

  assert.equal(await page.at('type-order_date').inputValue(), 'time');
  await page.choose('type-order_date', 'text');
  await page.until(async () => /^202611\d\d/.test(await examples(page, 'order_date')), 'the digits are as they stood');
  await page.choose('type-order_date', 'time');
  await page.until(async () => /^2026-11-\d\d/.test(await examples(page, 'order_date')), 'and a time again');
  assert.match(await examples(page, '会员'), /是/, 'the other choice stays');
  await page.appears('parts');
});

visit('a model of the file as it was read before is marked, not lost', async (page) => {
  await page.table(told());
  await page.appears('parts');
  await page.train();
  await page.press('step-data');
  await page.choose('type-会员', 'category');
  await page.until(async () => (await page.state('train')) === 'stale', 'it is marked');
  await page.press('step-train');
  assert.ok(await page.visible('train-answer'));
});

visit('what a row stands for can be changed without forgetting a type', async (page) => {
  await page.table(touchesCsv({ users: 300 }).csv);
  await page.appears('parts');
  await page.choose('type-channel', 'text');
  await page.appears('parts');
  await page.choose('role-revenue', 'ignore');
  await page.appears('parts');
  await page.choose('layout', 'rows');
  await page.until(async () => !(await page.visible('count-journeys')) && (await page.visible('count-used')), 'rows are rows');
  assert.equal(await page.at('type-channel').inputValue(), 'text');
  assert.equal(await page.at('role-revenue').inputValue(), 'ignore');
  await page.choose('layout', 'events');
  await page.appears('count-journeys');
  assert.equal(await page.at('type-channel').inputValue(), 'text');
});

visit('a sheet is chosen in the strip', async (page) => {
  const rows = CSV.trim().split('\n').map((line) => line.split(',').map((cell) => (/^[\d.]+$/.test(cell) ? Number(cell) : cell)));
  await page.table(await workbook({ Notes: [['a', 'b'], ['x', 1], ['y', 2]], Sessions: rows }), 'book.xlsx');
  await page.choose('sheet', 'Sessions');
  await page.appears('parts');
  assert.equal(await page.number('count-used'), 600);
  assert.match(await page.text('read-facts'), /^Excel workbook/);
});

/** Sessions of an export from where commas are decimal, with days that can be read either way. @param {string} quote */
function european(quote) {
  const lines = ['channel;day;amount;note;converted'];
  for (let row = 0; row < 300; row++) {
    const day = `${String(1 + (row % 12)).padStart(2, '0')}/05/2026`;
    lines.push([['Web', 'Store', 'Phone'][row % 3], day, `${1 + (row % 9)},${100 + row}`, `${quote}n;${row % 7}${quote}`, Number(row % 5 === 0)].join(';'));
  }
  return `${lines.join('\n')}\n`;
}

visit('the order of day and month, the decimal mark and the header are changed in the strip', async (page) => {
  await page.table(european('"'));
  await page.appears('parts');
  // What can be read two ways is told unasked.
  assert.equal(await page.at('read-dates').inputValue(), 'monthFirst');
  assert.match(await page.text('findings'), /Day and month of day can be read either way round; read with the month first\./);
  assert.match(await examples(page, 'day'), /^2026-01-05 · 2026-02-05/);
  await page.choose('read-dates', 'dayFirst');
  await page.until(async () => (await examples(page, 'day')).startsWith('2026-05-01 · 2026-05-02'), 'the day comes first');
  assert.match(await examples(page, 'amount'), /^1\.1 · 2\.101 /);
  if (await page.visible('read-more')) await page.press('read-more');
  await page.choose('read-decimal', '.');
  await page.until(async () => (await examples(page, 'amount')).startsWith('1100 · 2101 '), 'commas part thousands');
  assert.match(await examples(page, 'day'), /^2026-05-01/, 'the other choice stays');
  await page.choose('read-decimal', ' found');
  await page.until(async () => (await examples(page, 'amount')).startsWith('1.1 · 2.101 '), 'commas are decimal again');
  await page.choose('read-header', 'false');
  await page.until(async () => (await page.number('count-read')) === 301, 'the first line is a row');
  assert.equal(await page.page.getByTestId('role-channel').count(), 0);
  await page.choose('read-header', ' found');
  await page.until(async () => (await page.number('count-read')) === 300, 'and the header again');
  await page.appears('role-channel');
});

visit('another quote is taken in the strip', async (page) => {
  await page.table(european("'"));
  await page.appears('parts');
  assert.match(await examples(page, 'note'), /^n;0 · n;1/, 'it is found out');
  await page.press('read-more');
  await page.choose('read-quote', '"');
  await page.until(async () => (await examples(page, 'note')).startsWith("'n"), 'single quotes are letters');
  await page.choose('read-quote', "'");
  await page.until(async () => (await examples(page, 'note')).startsWith('n;0'), 'single quotes quote');
});
