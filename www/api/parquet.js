/**
 * Parquet files, turned into the text that the engine reads: a chunk of its own, fetched when the first such
 * file comes. Rows are read one row group after the other, so that only one of them is held decoded.
 */
import { parquetMetadataAsync, parquetRead, parquetSchema } from 'hyparquet';
import { decompressBrotli, decompressGzip, decompressLz4, decompressLz4Raw, decompressZstd } from 'hyparquet-compressors';
import { ChannelwiseError } from './errors.js';

/** The engine refuses more than 1.5 GiB of text: beyond this there is no use in writing on. */
const ENOUGH_BYTES = 1.6e9;
/** Rows turned into text at a time. */
const ROWS = 65_536;

/** Snappy is read by hyparquet itself. @type {import('hyparquet').Compressors} */
const compressors = {
  GZIP: decompressGzip,
  BROTLI: decompressBrotli,
  ZSTD: (input) => decompressZstd(input),
  LZ4: decompressLz4,
  LZ4_RAW: decompressLz4Raw,
};

/** @param {string} text a cell as CSV has it */
const quoted = (text) => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/**
 * A value as a cell. Times are ISO 8601 in UTC; lists of plain values are joined by `; `, whatever else is
 * nested is JSON.
 * @param {any} value
 * @returns {string}
 */
function cell(value) {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return quoted(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString();
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  if (typeof value !== 'object') return String(value);
  if (value instanceof Uint8Array) return Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (Array.isArray(value) && value.every((part) => part === null || typeof part !== 'object')) return quoted(value.join('; '));
  return quoted(JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? String(part) : part)));
}

/**
 * The rows of a Parquet file as CSV.
 * @param {Blob} blob
 * @param {(progress: import('./types').Progress) => void} report
 * @param {() => boolean} cancelled
 * @returns {Promise<Blob>}
 */
export async function parquetToCsv(blob, report, cancelled) {
  const file = {
    byteLength: blob.size,
    slice: (/** @type {number} */ start, /** @type {number} */ end = blob.size) => blob.slice(start, end).arrayBuffer(),
  };
  try {
    const metadata = await parquetMetadataAsync(file);
    const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
    /** @type {BlobPart[]} */
    const parts = [`${columns.map(quoted).join(',')}\n`];
    const total = Number(metadata.num_rows);
    let bytes = 0;
    let group = 0;
    for (const { num_rows: length } of metadata.row_groups) {
      const end = group + Number(length);
      for (let start = group; start < end && bytes < ENOUGH_BYTES; start += ROWS) {
        if (cancelled()) throw new ChannelwiseError('aborted', 'The job was cancelled.');
        const part = new Blob([await text(file, metadata, compressors, start, Math.min(start + ROWS, end))]);
        parts.push(part);
        bytes += part.size;
        report({ phase: 'unpack', fraction: Math.min(start + ROWS, end) / total });
      }
      group = end;
    }
    return new Blob(parts, { type: 'text/csv' });
  } catch (error) {
    if (error instanceof ChannelwiseError) throw error;
    throw new ChannelwiseError('bad-parquet', 'The Parquet file is damaged, or written in a way that can’t be read here.', String(error));
  }
}

/**
 * @param {import('hyparquet').AsyncBuffer} file
 * @param {import('hyparquet').FileMetaData} metadata
 * @param {import('hyparquet').Compressors} compressors
 * @param {number} rowStart
 * @param {number} rowEnd
 * @returns {Promise<string>}
 */
async function text(file, metadata, compressors, rowStart, rowEnd) {
  let lines = '';
  await parquetRead({
    file,
    metadata,
    compressors,
    rowStart,
    rowEnd,
    rowFormat: 'array',
    geoparquet: false,
    onComplete: (rows) => {
      lines = rows.map((row) => `${row.map(cell).join(',')}\n`).join('');
    },
  });
  return lines;
}
