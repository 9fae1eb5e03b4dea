import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { executions, targets } from '../../scripts/fuzz.mjs';
import { ROOT } from '../../scripts/paths.mjs';

test('how much libFuzzer did is read from its last line', () => {
  const output = '#2\tINITED cov: 9\n#1024\tpulse  cov: 12\n#4711\tDONE   cov: 12\nDone 4711 runs in 6 second(s)\n';
  assert.equal(executions(output), 4711);
  assert.equal(executions(''), 0);
});

test('every fuzz target is built and has seeds', async () => {
  const manifest = await readFile(path.join(ROOT, 'fuzz', 'Cargo.toml'), 'utf8');
  const built = [...manifest.matchAll(/path = "targets\/(\w+)\.rs"/g)].map(([, name = '']) => name).sort();
  const all = await targets();
  assert.ok(all.length > 7, `${all.length} targets`);
  assert.deepEqual(built, all);
  for (const name of all) {
    const seeds = await readdir(path.join(ROOT, 'fuzz', 'seeds', name));
    assert.ok(seeds.length > 1, name);
  }
});

test('what is fuzzed are the versions that are shipped', async () => {
  const packages = async (/** @type {string[]} */ ...place) => {
    const lock = await readFile(path.join(ROOT, ...place), 'utf8');
    return [...lock.matchAll(/^name = "(.+)"\nversion = "(.+)"/gm)].map(([, name = '', version = '']) => ({ name, version }));
  };
  const shipped = await packages('Cargo.lock');
  const names = new Set(shipped.map(({ name }) => name));
  const versions = new Set(shipped.map(({ name, version }) => `${name} ${version}`));
  const shared = (await packages('fuzz', 'Cargo.lock')).filter(({ name }) => names.has(name));
  assert.ok(shared.length > 20, `${shared.length} crates`);
  assert.deepEqual(shared.map(({ name, version }) => `${name} ${version}`).filter((one) => !versions.has(one)), []);
});
