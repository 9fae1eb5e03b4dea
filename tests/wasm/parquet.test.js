/** Parquet files in the tab: the same table as the CSV they were made from. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { sessionsCsv } from '../support/data.js';
import { openTab } from '../support/tab.js';

/** @type {import('../support/tab.js').Tab} */
let tab;
before(async () => {
  tab = await openTab();
});
after(() => tab?.close());

/**
 * The sessions as columns, with a time, a whole number beyond 2^53, a list and empty cells beside them.
 * @param {string} csv
 */
function columns(csv) {
  const rows = csv.trim().split('\n').slice(1).map((line) => line.split(','));
  return [
    { name: 'channel', data: rows.map(([channel]) => channel), type: 'STRING' },
    { name: 'minutes', data: rows.map(([, minutes]) => Number(minutes)), type: 'DOUBLE' },
    { name: 'pages', data: rows.map(([, , pages]) => Number(pages)), type: 'INT32' },
    { name: 'converted', data: rows.map((row) => row[3] === '1'), type: 'BOOLEAN' },
    { name: 'seen', data: rows.map((_, row) => new Date(Date.UTC(2026, 0, 1, 0, row))), type: 'TIMESTAMP' },
    { name: 'id', data: rows.map((_, row) => 9_007_199_254_740_993n + BigInt(row)), type: 'INT64' },
    { name: 'note', data: rows.map((_, row) => (row % 3 ? `a "quoted", note ${row}` : null)), type: 'STRING' },
  ];
}

const CSV = sessionsCsv({ rows: 1000 });
/** Two codecs by Node's own compressors. */
const compressors = {
  GZIP: (/** @type {Uint8Array} */ bytes) => new Uint8Array(gzipSync(bytes)),
  BROTLI: (/** @type {Uint8Array} */ bytes) => new Uint8Array(brotliCompressSync(bytes)),
};
/** @param {object} [options] */
const parquet = (options = {}) =>
  Array.from(new Uint8Array(parquetWriteBuffer({ columnData: /** @type {any} */ (columns(CSV)), rowGroupSize: 300, compressors, ...options })));

describe('a Parquet file', () => {
  for (const codec of ['SNAPPY', 'UNCOMPRESSED', 'GZIP', 'BROTLI']) {
    test(`is read with its types (${codec})`, async () => {
      const [own, text] = await tab.session(async (session, { bytes, csv }) => [
        await session.load(new Uint8Array(bytes).buffer),
        await session.load(csv),
      ], { bytes: parquet({ codec }), csv: CSV });
      assert.equal(own.format, 'parquet');
      assert.equal(own.rows, 1000);
      assert.equal(own.rejected.count, 0);
      const named = (/** @type {any} */ summary, /** @type {string} */ name) => summary.columns.find((/** @type {any} */ column) => column.name === name);
      for (const name of ['channel', 'minutes', 'pages']) {
        const { type, role, distinct } = named(own, name);
        assert.deepEqual({ type, role, distinct }, { type: named(text, name).type, role: named(text, name).role, distinct: named(text, name).distinct }, name);
      }
      assert.equal(named(own, 'seen').type, 'time');
      assert.equal(named(own, 'seen').distinct, 1000);
      assert.equal(named(own, 'id').distinct, 1000, 'no whole number is rounded');
      assert.equal(named(own, 'note').missing, 334);
    });
  }

  test('trains the same model as its CSV', async () => {
    const [own, text] = await tab.session(async (session, { bytes, csv }) => {
      const losses = [];
      for (const source of [new Uint8Array(bytes).buffer, csv]) {
        await session.load(source, { roles: { label: 'converted', channel: 'channel', features: ['minutes', 'pages'] } });
        await session.prepare();
        losses.push((await session.train()).metrics.test.loss);
      }
      return losses;
    }, { bytes: parquet(), csv: CSV });
    assert.equal(own, text);
  });

  test('that is damaged is refused, and what was loaded stays', async () => {
    const bytes = parquet();
    bytes.fill(255, bytes.length - 200, bytes.length - 8);
    const { code, roles } = await tab.session(async (session, { bytes, csv }) => {
      await session.load(csv);
      const code = await session.load(new Uint8Array(bytes).buffer).then(() => 'none', (/** @type {any} */ error) => error.code);
      return { code, roles: (await session.describe()).columns.length };
    }, { bytes, csv: CSV });
    assert.equal(code, 'bad-parquet');
    assert.equal(roles, 4);
  });
});
