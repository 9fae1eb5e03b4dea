/** The words of the page: the same in every language, and for every code that Rust and the session can give. */
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { ROOT } from '../../scripts/paths.mjs';
import { en } from '../../www/app/i18n/en.js';
import { zh } from '../../www/app/i18n/zh.js';

/** @type {Record<string, string | { one?: string, other: string }>} */
const english = en;
/** @type {Record<string, string | { one?: string, other: string }>} */
const chinese = zh;

/** What is filled into a text, in order; the session's own English apart. @param {string | { one?: string, other: string }} message */
function placeholders(message) {
  const text = typeof message === 'string' ? message : message.other;
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name).filter((name) => name !== 'message');
}

test('both languages have the same keys', () => {
  assert.deepEqual(Object.keys(chinese).filter((key) => !(key in english)), [], 'in Chinese only');
  assert.deepEqual(Object.keys(english).filter((key) => !(key in chinese)), [], 'in English only');
});

test('a text has the same placeholders in both languages', () => {
  for (const [key, message] of Object.entries(english)) {
    // `n` may be needed for the plural alone.
    const named = (/** @type {typeof message} */ one) => [...new Set(placeholders(one))].filter((name) => name !== 'n').sort();
    assert.deepEqual(named(chinese[key] ?? ''), named(message), key);
  }
});

test('no text is empty, and Chinese texts are Chinese', () => {
  const same = Object.keys(english).filter((key) => chinese[key] === english[key]);
  for (const [lang, catalogue] of Object.entries({ english, chinese })) {
    for (const [key, message] of Object.entries(catalogue)) {
      const forms = typeof message === 'string' ? [message] : Object.values(message);
      for (const form of forms) assert.ok(form.trim(), `${key} in ${lang}`);
    }
  }
  // Names of methods and devices are the same everywhere; a sentence never is.
  for (const key of same) assert.ok(!/\s\w+\s\w+\s/.test(String(english[key])), `${key} is not translated`);
});

/** Texts of files under a folder, by path. @param {string} folder @param {(file: string) => boolean} wanted */
async function sources(folder, wanted) {
  const files = (await readdir(path.join(ROOT, folder), { recursive: true })).filter(wanted).sort();
  return Promise.all(files.map(async (file) => ({ file, text: await readFile(path.join(ROOT, folder, file), 'utf8') })));
}

/** Rust's own tests are of no concern here. @param {string} text */
const withoutTests = (text) => text.replace(/#\[cfg\(test\)\]\s*mod tests[\s\S]*$/, '').replace(/^\s*(\/\/|#\[cfg\().*$/gm, '');

const all = (await sources('src', (file) => file.endsWith('.rs') && !/(^|[\\/])tests\.rs$/.test(file)))
  .map(({ file, text }) => ({ file: file.replaceAll('\\', '/'), text: withoutTests(text) }));
/** Rooms that the session can't reach yet; they are left out only while it does not name them. */
const later = ['paths', 'path_columns'].filter((room) => !all.some(({ file, text }) => file.startsWith('web/') && text.includes(room)));
const rust = all.filter(({ file }) => !file.split(/[/.]/).some((part) => later.includes(part)));
const session = await sources('www/api', (file) => file.endsWith('.js'));

/**
 * What a pattern's first group finds in the sources.
 * @param {{ text: string }[]} files
 * @param {RegExp} pattern
 */
const found = (files, pattern) => new Set(files.flatMap(({ text }) => [...text.matchAll(pattern)].map(([, code = '']) => code)));

/** @param {Iterable<string>} codes @param {string[]} prefixes one of them has to know each code */
function assertWorded(codes, prefixes) {
  const unworded = [...codes].filter((code) => !prefixes.some((prefix) => `${prefix}.${code}` in english));
  assert.deepEqual(unworded.sort(), [], `without words under ${prefixes.join(', ')}`);
}

test('every error of Rust has words', () => {
  const bodies = rust.flatMap(({ text }) => [...text.matchAll(/fn code\(&self\) -> &'static str \{([\s\S]*?)\n    \}/g)]);
  const codes = bodies.flatMap(([, body = '']) => [...body.matchAll(/"([a-z-]+)"/g)].map(([, code = '']) => code));
  assert.ok(codes.length > 40, `${codes.length} found`);
  assertWorded(codes, ['error']);
});

/** Errors after which there is nothing to do, or which say it themselves. */
const OVER = ['aborted', 'not-implemented'];

test('after an error there is something to do', () => {
  const errors = Object.keys(english).flatMap((key) => (key.startsWith('error.') ? key.slice('error.'.length) : []));
  assert.deepEqual(errors.filter((code) => !OVER.includes(code) && !(`next.${code}` in english)), []);
});

test('every warning and every reason of Rust has words', () => {
  const warnings = found(rust, /Warning::new\(\s*"([a-z-]+)"/g);
  const reasons = found(rust, /Reason::new\(\s*"([a-z-]+)"/g);
  assert.ok(warnings.size > 15 && reasons.size > 12, `${warnings.size} and ${reasons.size} found`);
  assertWorded(warnings, ['warning']);
  assertWorded(reasons, ['reason']);
});

/** Hyphenated names in src that the page never shows as words of its own. */
const NOT_SHOWN = new Set(['channelwise-logistic', 'self-test', 'sign-up', 'best-f1']);
const KNOWN = ['error', 'warning', 'reason', 'finding', 'rejected', 'dropped', 'report', 'group', 'credit.intervals'];

test('every other code in the sources of Rust has words too', () => {
  // Names of encodings and the like hold digits; codes are words.
  const codes = found(rust, /"([a-z]+(?:-[a-z]+)+)"/g);
  assert.ok(codes.size > 80, `${codes.size} found`);
  assertWorded([...codes].filter((code) => !NOT_SHOWN.has(code)), KNOWN);
});

test('so have phases, verdicts and the ways a training ends', () => {
  assertWorded(found(rust, /phase: "(\w+)"/g), ['phase']);
  const ended = rust.find(({ file }) => file === 'train/fit.rs')?.text.match(/impl Ended \{[\s\S]*?\n\}/)?.[0] ?? '';
  assertWorded(found([{ text: ended }], /=> "(\w+)"/g), ['ended']);
  assertWorded(['above', 'below', 'unclear'], ['verdict']);
});

test('every error and every reason for a device of the session has words', () => {
  const errors = found(session, /new ChannelwiseError\(\s*'([a-z-]+)'/g);
  const failures = found(session, /\bcode: '([a-z-]+)'/g);
  const devices = new Set([...found(session, /onCpu\(\s*'([a-z-]+)'/g), ...found(session, /onGpu\([^)']*'([a-z-]+)'/g)]);
  assert.ok(errors.size > 6 && failures.size > 3 && devices.size > 8, `${errors.size}, ${failures.size}, ${devices.size} found`);
  assertWorded(errors, ['error']);
  assertWorded(failures, ['error', 'device.reason']);
  assertWorded(devices, ['device.reason']);
  // What stopped the GPU from starting is handed on as the reason for the CPU.
  assertWorded(['webgpu-unavailable', 'webgpu-building', 'webgpu-failed', 'not-loaded', 'crashed', 'closed'], ['device.reason']);
});

test('every key that the page asks for is there', async () => {
  const page = await sources('www/app', (file) => file.endsWith('.js') && !file.startsWith('i18n'));
  const asked = [...found(page, /(?:this\.|this\.#|i18n\.)t\(\s*'([\w.-]+)'/g)];
  assert.ok(asked.length > 100, `${asked.length} found`);
  assert.deepEqual(asked.filter((key) => !(key in english)), []);
});
