/** How Parquet files are known; what reads them is a chunk of its own. */

/**
 * Whether a file says at both ends that it is Parquet.
 * @param {Blob} blob
 */
export async function isParquet(blob) {
  if (blob.size < 12) return false;
  const ends = await Promise.all([blob.slice(0, 4).text(), blob.slice(-4).text()]);
  return ends.every((mark) => mark === 'PAR1');
}
