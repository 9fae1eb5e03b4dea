import assert from 'node:assert/strict';
import test from 'node:test';
import { add, cargoCounts, nodeCounts, summary } from '../../scripts/counts.mjs';
import { cargoProgress, withoutProgress } from '../../scripts/run.mjs';
import { duration } from '../../scripts/say.mjs';

const CARGO = `
     Running unittests src/lib.rs (target/debug/deps/channelwise-1)
test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s
     Running tests/ingest.rs (target/debug/deps/ingest-2)
test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s
`;

test('cargo test: every program is counted', () => {
  assert.deepEqual(cargoCounts(CARGO, 101), { passed: 15, failed: 2, skipped: 1 });
});

test('cargo test: a program that did not compile counts as a failure', () => {
  assert.deepEqual(cargoCounts('error[E0308]: mismatched types', 101), { passed: 0, failed: 1, skipped: 0 });
  assert.deepEqual(cargoCounts('', 0), { passed: 0, failed: 0, skipped: 0 });
});

test('node --test: both forms of the summary are read', () => {
  const figures = ['tests 7', 'pass 3', 'fail 1', 'cancelled 1', 'skipped 2', 'todo 0'];
  for (const mark of ['#', 'ℹ']) {
    const output = figures.map((figure) => `${mark} ${figure}`).join('\n');
    assert.deepEqual(nodeCounts(output, 1), { passed: 3, failed: 2, skipped: 2 });
  }
  assert.deepEqual(nodeCounts('ℹ pass 0\nℹ fail 0', 1), { passed: 0, failed: 1, skipped: 0 });
});

test('the last line names skipped tests only where there are some', () => {
  assert.equal(summary({ passed: 3, failed: 0, skipped: 0 }), '3 passed, 0 failed');
  assert.equal(summary(add({ passed: 3, failed: 0, skipped: 1 }, { passed: 1, failed: 2, skipped: 0 })), '4 passed, 2 failed, 1 skipped');
});

test("cargo's progress bar becomes a note", () => {
  /** @type {string[]} */
  const notes = [];
  const read = cargoProgress((text) => notes.push(text));
  read('    Building [=====>       ] 12/240: burn-tensor, cubecl');
  read('   Compiling burn v0.22.1');
  read('    Building [============>] 239/240: channelwise');
  read('    Blocking waiting for file lock on build directory');
  assert.deepEqual(notes, ['12 of 240 parts', 'the last of it, which takes longest', 'waiting for another build to end']);
});

test('progress bars are taken out of what cargo printed', () => {
  const output = '    Building [=>   ] 1/9: a\r\x1b[K   Compiling a\n    Building [==>  ] 2/9: b\nerror: no';
  assert.equal(withoutProgress(output), '   Compiling a\nerror: no');
});

test('durations read as a person would say them', () => {
  assert.deepEqual([420, 9_960, 59_400, 60_000, 754_000].map(duration), ['0.4 s', '10.0 s', '59 s', '1 min 0 s', '12 min 34 s']);
});
