/** Files as people have them: dropped, chosen, pasted; with a BOM or semicolons; unfit ones. */
import assert from 'node:assert/strict';
import { strToU8, zipSync } from 'fflate';
import { sessionsCsv, touchesCsv, workbook } from '../support/data.js';
import { usesThePage, visit } from './visit.js';

usesThePage();

const CSV = sessionsCsv({ rows: 600 });

/**
 * Drops or pastes by the browser's own events.
 * @param {import('./visit.js').Visit} page
 * @param {'drop' | 'paste'} how
 * @param {string} content
 */
function hand(page, how, content) {
  return page.page.evaluate(
    ({ how, content }) => {
      const data = new DataTransfer();
      if (how === 'drop') data.items.add(new File([content], 'dropped.csv', { type: 'text/csv' }));
      else data.setData('text/plain', content);
      const app = /** @type {Element} */ (document.querySelector('channelwise-app'));
      const options = { bubbles: true, cancelable: true, composed: true };
      if (how === 'drop') {
        app.dispatchEvent(new DragEvent('dragenter', { ...options, dataTransfer: data }));
        app.dispatchEvent(new DragEvent('drop', { ...options, dataTransfer: data }));
      } else {
        app.dispatchEvent(new ClipboardEvent('paste', { ...options, clipboardData: data }));
      }
    },
    { how, content },
  );
}

visit('a file is taken where it is dropped', async (page) => {
  await page.appears('drop-zone');
  await hand(page, 'drop', CSV);
  await page.appears('parts');
  assert.equal(await page.text('table-name'), 'dropped.csv');
  assert.equal(await page.number('count-used'), 600);
});

visit('a table is pasted', async (page) => {
  await page.appears('drop-zone');
  await hand(page, 'paste', CSV.replaceAll(',', '\t'));
  await page.appears('parts');
  assert.equal(await page.text('table-name'), 'Pasted table');
  assert.equal(await page.number('count-used'), 600);
});

visit('the button opens the file dialogue', async (page) => {
  const [chooser] = await Promise.all([page.page.waitForEvent('filechooser'), page.press('choose-file')]);
  await chooser.setFiles({ name: 'chosen.csv', mimeType: 'text/csv', buffer: Buffer.from(CSV) });
  await page.appears('parts');
  assert.equal(await page.text('table-name'), 'chosen.csv');
});

for (const [what, content] of /** @type {const} */ ([
  ['with a BOM', `\uFEFF${CSV}`],
  ['with semicolons and decimal commas', sessionsCsv({ rows: 600, delimiter: ';' }).replaceAll('.', ',')],
  ['with quotes and Windows line ends', CSV.replace(/^([^,]+),/gm, '"$1",').replaceAll('\n', '\r\n')],
])) {
  visit(`a file ${what} is read, trained and compared`, async (page) => {
    await page.table(content);
    assert.equal(await page.at('outcome-column').inputValue(), 'converted');
    assert.equal(await page.at('channel-column').inputValue(), 'channel');
    assert.equal(await page.at('type-minutes').inputValue(), 'number');
    await page.train();
    assert.match(await page.compare(), /Direct|Search|Social|E-mail/);
  });
}

visit('without an outcome column the page says so, loses nothing, and goes on with the one that is chosen', async (page) => {
  // Two numbers that are not 0 and 1 are not taken for an outcome unasked.
  const lines = CSV.trim().split('\n').map((line) => line.split(','));
  const text = lines.map(([channel, minutes, pages, converted], at) => [channel, minutes, pages, at ? Number(converted) + 1 : 'stage'].join(',')).join('\n');
  await page.table(text, 'no-outcome.csv');
  await page.appears('error-panel');
  assert.equal(await page.at('error-panel').getAttribute('data-code'), 'no-outcome');
  assert.equal(await page.text('error-message'), 'No column says who converted.');
  assert.equal(await page.text('error-kept'), 'no-outcome.csv is still here, with your choices.');
  assert.equal(await page.number('count-read'), 600);
  assert.ok(await page.at('train-button').isDisabled());

  await page.choose('outcome-column', 'pages');
  await page.until(async () => (await page.at('error-panel').getAttribute('data-code')) === 'outcome-not-binary', 'twelve values are refused');
  assert.equal(await page.at('role-pages').inputValue(), 'label', 'what was chosen stays');
  await page.choose('outcome-column', 'stage');
  await page.appears('parts');
  assert.equal(await page.at('outcome-value').inputValue(), '2');
  await page.train();
  assert.equal(await page.state('train'), 'done');
});

for (const [what, content, code, kept] of /** @type {const} */ ([
  ['an empty file', '', 'empty-file', 'Nothing was lost: no data had been read yet.'],
  ['a broken workbook', 'PK\u0003\u0004 and so on', 'broken-archive', 'Nothing was lost: no data had been read yet.'],
])) {
  visit(`${what} is refused in words, and another can be chosen`, async (page) => {
    await page.appears('drop-zone');
    await page.file(content);
    await page.appears('error-panel');
    assert.equal(await page.at('error-panel').getAttribute('data-code'), code);
    assert.equal(await page.text('error-kept'), kept);
    await page.table(CSV);
    await page.appears('parts');
    assert.ok(!(await page.visible('error-panel')));
  });
}

visit('a bad file leaves the good one before it, with its model', async (page) => {
  await page.table(CSV, 'good.csv');
  await page.train();
  await page.press('step-data');
  await page.file('', 'bad.csv');
  await page.appears('error-panel');
  assert.equal(await page.text('error-kept'), 'good.csv is still here, with your choices.');
  assert.equal(await page.text('table-name'), 'good.csv');
  assert.match(await page.compare(), /Direct|Search|Social|E-mail/);
});

for (const [what, content, code] of /** @type {const} */ ([
  ['2 rows', 'channel,visits,converted\nSearch,1,yes\nSocial,2,no\n', 'too-few-rows'],
  ['one class only', sessionsCsv({ rows: 60, outcome: () => 'no' }), 'one-class'],
])) {
  visit(`a file with ${what} is read, and the page says why nothing can be learned from it`, async (page) => {
    await page.table(content);
    await page.appears('error-panel');
    assert.equal(await page.at('error-panel').getAttribute('data-code'), code);
    assert.equal(await page.text('error-kept'), 'mine.csv is still here, with your choices.');
    assert.ok(await page.at('train-button').isDisabled());
    await page.press('language');
    assert.match(await page.text('error-message'), /^[^A-Za-z]+$/, 'in Chinese, without an English word');
  });
}

visit('rows that do not fit are counted, with the reason for each', async (page) => {
  const rows = CSV.trim().split('\n');
  rows[5] = 'Search,1';
  rows[9] = 'Search,1,2,1,more';
  rows[20] = 'Search,1,2,';
  await page.table(`${rows.join('\n')}\n`);
  await page.appears('parts');
  const [read, rejected, dropped, used] = await Promise.all(['read', 'rejected', 'dropped', 'used'].map((name) => page.number(`count-${name}`)));
  assert.deepEqual([read, rejected, dropped, used], [600, 2, 1, 597]);
  await page.at('rejected').locator('summary').click();
  const table = await page.text('rejected');
  assert.match(table, /5\s+It has fewer cells than there are columns\./);
  assert.match(table, /9\s+It has more cells than there are columns\./);
});

visit('after a crash the page says what is gone, and one button brings it back with the choices made', async (page) => {
  await page.table(CSV);
  await page.choose('role-minutes', 'ignore');
  await page.appears('parts');
  await page.train();
  await page.page.evaluate(async () => {
    const { bench } = /** @type {any} */ (document.querySelector('channelwise-app'));
    await (await bench.connection.open()).diagnose({ crash: true }).catch(() => undefined);
  });
  await page.press('train-button');
  await page.appears('error-panel');
  assert.match(await page.text('error-kept'), /the memory behind it is gone/);
  assert.ok(await page.visible('train-answer'), 'what was shown stays');
  await page.page.locator('cw-error').getByRole('button', { name: 'Read the file again' }).click();
  await page.appears('parts');
  assert.equal(await page.at('role-minutes').inputValue(), 'ignore');
  await page.train();
  assert.equal(await page.state('train'), 'done');
});

visit('of an archive, the file that is read can be chosen', async (page) => {
  const files = { 'sessions.csv': strToU8(CSV), 'touches.csv': strToU8(touchesCsv({ users: 60 }).csv), 'notes.md': strToU8('# notes') };
  await page.table(zipSync(files), 'export.zip');
  await page.appears('parts');
  const first = await page.at('member').inputValue();
  assert.match(first, /sessions|touches/);
  for (const [member, layout] of [['sessions.csv', 'rows'], ['touches.csv', 'events']]) {
    await page.choose('member', String(member));
    await page.until(async () => (await page.at('layout').inputValue()) === layout, `${member} is read`);
  }
});

visit('of a workbook, the sheet that is read can be chosen', async (page) => {
  const rows = CSV.trim().split('\n').map((line, at) => line.split(',').map((cell) => (at && cell !== '' && !Number.isNaN(Number(cell)) ? Number(cell) : cell)));
  const book = await workbook({ Small: [['channel', 'converted'], ['Search', 1], ['Social', 0]], Sessions: rows });
  await page.table(book, 'export.xlsx');
  await page.appears('sheet');
  await page.choose('sheet', 'Sessions');
  await page.until(async () => (await page.visible('count-used')) && (await page.number('count-used')) === 600, 'the other sheet is read');
  await page.train();
  assert.match(await page.compare(), /Direct|Search|Social|E-mail/);
});
