/** Workbooks in the tab: read by a wasm file of its own, which comes with the first of them. */
import assert from 'node:assert/strict';
import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { strToU8, unzipSync, zipSync } from 'fflate';
import { DIST } from '../../scripts/paths.mjs';
import { sessionsCsv, workbook } from '../support/data.js';
import { openTab } from '../support/tab.js';

const READER = 'wasm/workbook/workbook.wasm';
const CSV = sessionsCsv({ rows: 600 });

/** The rows of a CSV, numbers as numbers. @param {string} csv */
const cells = (csv) =>
  csv.trim().split('\n').map((line) => line.split(',').map((cell) => (cell !== '' && Number.isFinite(Number(cell)) ? Number(cell) : cell)));

const NOTES = [['a', 'b'], ['x', 1], ['y', 2]];
const book = await workbook({ Sessions: cells(CSV), Notes: NOTES });
/** As it goes into the tab. @param {Uint8Array} bytes */
const sent = (bytes) => Buffer.from(bytes).toString('base64');

/**
 * Loads files one after the other in one session: what each came to, or its error's code.
 * @param {import('../support/tab.js').Tab} tab
 * @param {{ bytes?: Uint8Array, csv?: string, options?: object }[]} files
 */
function load(tab, files) {
  return tab.session(async (session, files) => {
    const told = [];
    for (const { bytes, csv, options } of files) {
      const source = csv ?? Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0)).buffer;
      told.push(await session.load(source, options).catch((/** @type {any} */ { code }) => code));
    }
    return { told, now: (await session.describe()).columns.map((/** @type {any} */ { name }) => name) };
  }, files.map(({ bytes, ...rest }) => ({ ...rest, ...(bytes && { bytes: sent(bytes) }) })));
}

describe('a workbook', () => {
  /** @type {import('../support/tab.js').Tab} */
  let tab;
  before(async () => {
    tab = await openTab({ base: '/some/where/' });
  });
  after(() => tab?.close());
  const fetched = () => tab.asked.filter((one) => one.endsWith(READER)).length;

  test('is read by a file that nothing else needs, fetched once', async () => {
    await load(tab, [{ csv: CSV }, { bytes: zipSync({ 'a.csv': strToU8(CSV) }) }]);
    assert.equal(fetched(), 0, 'neither at the start nor for CSV, packed or not');
    const { told: [own, again, text] } = await load(tab, [{ bytes: book }, { bytes: book }, { csv: CSV }]);
    assert.equal(fetched(), 1);
    assert.deepEqual({ format: own.format, sheet: own.sheet, sheets: own.sheets }, { format: 'xlsx', sheet: 'Sessions', sheets: ['Sessions', 'Notes'] });
    assert.deepEqual(own.columns, text.columns, 'the same table as from its CSV');
    assert.deepEqual(again.columns, own.columns);
    assert.deepEqual([own.rows, own.bytes], [600, book.length]);
  });

  test('is found inside an archive, and inside one in that', async () => {
    const inside = zipSync({ 'notes.txt': strToU8('...'), 'data/book.xlsx': book });
    const { told: [once, twice] } = await load(tab, [{ bytes: inside }, { bytes: zipSync({ 'all.zip': inside }) }]);
    assert.deepEqual([once.rows, once.format, once.container, once.member], [600, 'xlsx', 'zip', 'data/book.xlsx']);
    assert.deepEqual([twice.rows, twice.member], [600, 'all.zip/data/book.xlsx']);
  });

  test('gives the sheet that is asked for, and refuses one that is not there', async () => {
    const { told: [notes, other], now } = await load(tab, [{ bytes: book, options: { sheet: 'Notes' } }, { bytes: book, options: { sheet: 'Nötes' } }]);
    assert.deepEqual([notes.sheet, notes.rows, now], ['Notes', 2, ['a', 'b']]);
    assert.equal(other, 'unknown-sheet');
  });

  test('that is damaged is refused by its code, and what was loaded stays', async () => {
    const parts = unzipSync(book);
    const spoiled = (/** @type {string} */ part, /** @type {string} */ text) => zipSync({ ...parts, [part]: strToU8(text) });
    const { told, now } = await load(tab, [
      { csv: CSV },
      { bytes: spoiled('xl/worksheets/sheet1.xml', '<worksheet><sheetData><row><c>') },
      { bytes: spoiled('xl/workbook.xml', '<workbook') },
      { bytes: await workbook({}) },
      { bytes: book.slice(0, -40) },
      { bytes: book, options: { sheet: 'Sessions' } },
    ]);
    assert.deepEqual(told.slice(1, 5), ['broken-workbook', 'broken-workbook', 'empty-file', 'broken-archive']);
    assert.equal(told[5].rows, 600, 'and the next is read');
    assert.equal(now.length, 4);
  });

  test('whose reader does not arrive can be given up, and the next is read', async () => {
    const waiting = await openTab();
    const never = '**/workbook.wasm';
    await waiting.context.route(never, () => undefined);
    await waiting.expose('letThrough', () => waiting.context.unroute(never));
    try {
      const result = await waiting.session(async (session, { csv, book }) => {
        await session.load(csv);
        const bytes = Uint8Array.from(atob(book), (one) => one.charCodeAt(0)).buffer;
        const given = new AbortController();
        setTimeout(() => given.abort(), 1000);
        const code = await session.load(bytes.slice(0), {}, { signal: given.signal }).catch((/** @type {any} */ error) => error.code);
        const kept = (await session.describe()).columns.length;
        await /** @type {any} */ (globalThis).letThrough();
        return { code, kept, rows: (await session.load(bytes)).rows };
      }, { csv: CSV, book: sent(book) });
      assert.deepEqual(result, { code: 'aborted', kept: 4, rows: 600 });
    } finally {
      await waiting.close();
    }
  });

  test('tells how far it is, and can be given up', async () => {
    const rows = Array.from({ length: 60_000 }, (_, at) => [`u${at}`, at, at % 7]);
    const long = sent(await workbook({ S: [['user', 'number', 'day'], ...rows] }));
    const result = await tab.session(async (session, { csv, long }) => {
      await session.load(csv);
      const given = new AbortController();
      /** @type {string[]} */
      const seen = [];
      const onProgress = ({ phase }) => {
        seen.push(phase);
        // The first report of what is read after the file itself.
        if (seen.includes('infer') && phase !== 'infer') given.abort();
      };
      const bytes = Uint8Array.from(atob(long), (one) => one.charCodeAt(0)).buffer;
      const code = await session.load(bytes.slice(0), {}, { signal: given.signal, onProgress }).catch((/** @type {any} */ error) => error.code);
      const kept = (await session.describe()).columns.length;
      return { code, kept, rows: (await session.load(bytes)).rows };
    }, { csv: CSV, long });
    assert.deepEqual(result, { code: 'aborted', kept: 4, rows: 60_000 });
  });
});

/** A module with memory that says it hands out cells in form 99. */
const OF_ANOTHER_BUILD = Buffer.from(
  '0061736d01000000' + '0105016000017f' + '03020100' + '0503010001' + '071302066d656d6f7279020006666f726d61740000' + '0a07010500' + '41e3000b',
  'hex',
);

test('where its reader is of another build, nothing is read by it', async (t) => {
  const tab = await openTab();
  t.after(() => tab.close());
  assert.ok(WebAssembly.validate(OF_ANOTHER_BUILD));
  await tab.context.route('**/workbook.wasm', (route) => route.fulfill({ contentType: 'application/wasm', body: OF_ANOTHER_BUILD }));
  const { told, now } = await load(tab, [{ csv: CSV }, { bytes: book }]);
  assert.equal(told[1], 'reader-not-loaded');
  assert.equal(now.length, 4);
});

test('where its reader cannot be fetched, that is said, nothing is lost, and the next try may do', async (t) => {
  const root = await mkdtemp(path.join(os.tmpdir(), 'channelwise-workbook-'));
  t.after(() => rm(root, { recursive: true }));
  await cp(DIST, root, { recursive: true, filter: (file) => !file.includes(path.join('wasm', 'gpu')) });
  const [reader, away] = [path.join(root, READER), path.join(root, 'away.wasm')];
  await rename(reader, away);
  const tab = await openTab({ root });
  t.after(() => tab.close());
  await tab.expose('putBack', () => rename(away, reader));
  const result = await tab.session(async (session, { csv, book }) => {
    await session.load(csv);
    const bytes = Uint8Array.from(atob(book), (one) => one.charCodeAt(0)).buffer;
    const code = await session.load(bytes.slice(0), {}).catch((/** @type {any} */ error) => error.code);
    const kept = (await session.describe()).columns.length;
    await /** @type {any} */ (globalThis).putBack();
    return { code, kept, rows: (await session.load(bytes)).rows };
  }, { csv: CSV, book: sent(book) });
  assert.deepEqual(result, { code: 'reader-not-loaded', kept: 4, rows: 600 });
});
