/**
 * One CSV cell. Texts that a spreadsheet would run as a formula get an apostrophe in front.
 * @param {string | number | undefined | null} value
 */
function cell(value) {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * A table as CSV: UTF-8, commas, CRLF, the keys of the first row as the header.
 * @param {{ [column: string]: string | number | undefined | null }[]} rows
 * @returns {Blob}
 */
export function csv(rows) {
  const header = Object.keys(rows[0] ?? {});
  const lines = [header.map(cell), ...rows.map((row) => header.map((name) => cell(row[name])))];
  // The byte order mark tells Excel that it is UTF-8.
  return new Blob([`\uFEFF${lines.map((line) => line.join(',')).join('\r\n')}\r\n`], { type: 'text/csv' });
}

/** @param {unknown} value */
export function json(value) {
  return new Blob([JSON.stringify(value, null, 2)], { type: 'application/json' });
}

/**
 * Hands a file to the browser's downloads.
 * @param {Blob} blob
 * @param {string} name
 */
export function download(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
