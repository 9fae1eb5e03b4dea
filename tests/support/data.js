/** Small files for tests, made here. */

/**
 * A seeded generator (mulberry32).
 * @param {number} seed
 * @returns {() => number} uniform in [0, 1)
 */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Sessions with a channel, two numbers and an outcome that depends on all three.
 * @param {{ rows?: number; seed?: number; delimiter?: string; outcome?: (converted: boolean) => string }} [options]
 * @returns {string} CSV with the columns `channel`, `minutes`, `pages`, `converted`
 */
export function sessionsCsv({ rows = 400, seed = 1, delimiter = ',', outcome = (yes) => (yes ? '1' : '0') } = {}) {
  const next = random(seed);
  const channels = ['Direct', 'Search', 'Social', 'E-mail'];
  const lines = [['channel', 'minutes', 'pages', 'converted'].join(delimiter)];
  for (let row = 0; row < rows; row++) {
    const channel = Math.floor(next() * channels.length);
    const minutes = Math.round(next() * 300) / 10;
    const pages = 1 + Math.floor(next() * 12);
    const logit = -2 + 0.5 * channel + 0.05 * minutes + 0.05 * pages;
    const converted = next() < 1 / (1 + Math.exp(-logit));
    lines.push([channels[channel], minutes, pages, outcome(converted)].join(delimiter));
  }
  return `${lines.join('\n')}\n`;
}

const touchpoints = ['Search', 'Social', 'E-mail', 'Display', 'Direct'];

/**
 * Touches of users, a row each, with times; a user's last touch converted or did not. E-mail makes it likelier, and so
 * do two touches within a day.
 * @param {{ users?: number, seed?: number }} [options]
 * @returns {{ csv: string, rows: number, conversions: number, first: { [channel: string]: number }, last: { [channel: string]: number } }}
 *   with the conversions that the first and the last touches get
 */
export function touchesCsv({ users = 300, seed = 7 } = {}) {
  const next = random(seed);
  const lines = ['user_id,timestamp,channel,converted,revenue'];
  /** @type {{ [channel: string]: number }} */
  const first = {};
  /** @type {{ [channel: string]: number }} */
  const last = {};
  let conversions = 0;
  for (let user = 0; user < users; user++) {
    const count = 1 + Math.floor(next() * 5);
    let time = Date.UTC(2026, 2, 1) + Math.floor(next() * 60 * 864e5);
    const touches = Array.from({ length: count }, () => {
      const hours = next() < 0.5 ? 2 + next() * 20 : 48 + next() * 200;
      time += Math.round(hours) * 36e5;
      return { channel: touchpoints[Math.floor(next() ** 1.4 * touchpoints.length)], time, quick: hours < 24 };
    });
    const mails = touches.filter(({ channel }) => channel === 'E-mail').length;
    const quick = touches.slice(1).filter((touch) => touch.quick).length;
    const yes = next() < 1 / (1 + Math.exp(1.6 - mails - 0.8 * quick));
    if (yes) {
      conversions++;
      const [from, to] = [touches[0].channel, touches[count - 1].channel];
      first[from] = (first[from] ?? 0) + 1;
      last[to] = (last[to] ?? 0) + 1;
    }
    touches.forEach(({ channel, time }, at) => {
      const end = yes && at === count - 1;
      lines.push([`u${user}`, new Date(time).toISOString().slice(0, 19), channel, Number(end), end ? 20 + (user % 40) : ''].join(','));
    });
  }
  return { csv: `${lines.join('\n')}\n`, rows: lines.length - 1, conversions, first, last };
}

/**
 * Whole paths with how many journeys took them and converted or did not.
 * @param {{ seed?: number }} [options]
 * @returns {{ csv: string, conversions: number, last: { [channel: string]: number } }}
 */
export function pathsCsv({ seed = 3 } = {}) {
  const next = random(seed);
  const lines = ['path,total_conversions,total_conversion_value,total_null'];
  /** @type {Map<string, string>} */
  const seen = new Map();
  /** @type {{ [channel: string]: number }} */
  const last = {};
  let conversions = 0;
  while (seen.size < 60) {
    const path = Array.from({ length: 1 + Math.floor(next() * 4) }, () => touchpoints[Math.floor(next() * touchpoints.length)]);
    const text = path.join(' > ');
    if (seen.has(text)) continue;
    const count = 1 + Math.floor(next() * 30);
    const end = path[path.length - 1];
    last[end] = (last[end] ?? 0) + count;
    conversions += count;
    seen.set(text, [text, count, count * 25, 10 + Math.floor(next() * 200)].join(','));
  }
  return { csv: `${[...lines, ...seen.values()].join('\n')}\n`, conversions, last };
}

/**
 * A workbook of texts and numbers, as small as Excel reads it.
 * @param {{ [sheet: string]: (string | number)[][] }} sheets
 * @returns {Promise<Uint8Array>}
 */
export async function workbook(sheets) {
  const { strToU8, zipSync } = await import('fflate');
  const names = Object.keys(sheets);
  const xml = (/** @type {string} */ text) => strToU8(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>${text}`);
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const packages = 'http://schemas.openxmlformats.org/package/2006';
  const cell = (/** @type {string | number} */ value) =>
    typeof value === 'number' ? `<c><v>${value}</v></c>` : `<c t="inlineStr"><is><t>${value}</t></is></c>`;
  const type = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
  // Up to 26 columns, as many as the first row has.
  const dimension = (/** @type {(string | number)[][]} */ rows) =>
    rows.length === 0 ? '' : `<dimension ref="A1:${String.fromCharCode(64 + (rows[0]?.length ?? 1))}${rows.length}"/>`;
  return zipSync({
    '[Content_Types].xml': xml(
      `<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
        `<Override PartName="/xl/workbook.xml" ContentType="${type}.sheet.main+xml"/>` +
        names.map((_, at) => `<Override PartName="/xl/worksheets/sheet${at + 1}.xml" ContentType="${type}.worksheet+xml"/>`).join('') +
        '</Types>',
    ),
    '_rels/.rels': xml(
      `<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    ),
    'xl/workbook.xml': xml(
      `<workbook xmlns="${main}" xmlns:r="${office}"><sheets>${names
        .map((name, at) => `<sheet name="${name}" sheetId="${at + 1}" r:id="rId${at + 1}"/>`)
        .join('')}</sheets></workbook>`,
    ),
    'xl/_rels/workbook.xml.rels': xml(
      `<Relationships xmlns="${packages}/relationships">${names
        .map((_, at) => `<Relationship Id="rId${at + 1}" Type="${office}/worksheet" Target="worksheets/sheet${at + 1}.xml"/>`)
        .join('')}</Relationships>`,
    ),
    ...Object.fromEntries(
      names.map((name, at) => [
        `xl/worksheets/sheet${at + 1}.xml`,
        xml(`<worksheet xmlns="${main}">${dimension(sheets[name])}<sheetData>${sheets[name].map((row) => `<row>${row.map(cell).join('')}</row>`).join('')}</sheetData></worksheet>`),
      ]),
    ),
  });
}
