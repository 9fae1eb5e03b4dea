/** Real data and independent results beside the checkout; each is `undefined` where it is not there. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';

const folder = process.env.CHANNELWISE_SHARED ?? fileURLToPath(new URL('../../../shared', import.meta.url));

/**
 * @param {string} path
 * @returns {Buffer | undefined}
 */
function bytes(path) {
  try {
    return readFileSync(`${folder}/${path}`);
  } catch {
    return undefined;
  }
}

/**
 * @param {string} name
 * @param {string} [member] where the file is a zip archive, which of its files
 * @returns {string | undefined} its text
 */
export function sharedFile(name, member) {
  const file = bytes(`data/${name}`);
  if (!file || !member) return file?.toString('utf8');
  const text = unzipSync(file, { filter: (entry) => entry.name === member })[member];
  return text && Buffer.from(text).toString('utf8');
}

/**
 * @param {string} name
 * @returns {any} the parsed JSON
 */
export function reference(name) {
  const file = bytes(`reference/${name}`);
  return file && JSON.parse(file.toString('utf8'));
}

/**
 * @param {string} name
 * @returns {number[] | undefined} the rows of a one-column CSV with a header
 */
export function referenceRows(name) {
  return bytes(`reference/${name}`)?.toString('utf8').trim().split(/\r?\n/).slice(1).map(Number);
}
