/**
 * One training step of the journey model's own kernels on WebGPU (SwiftShader here): the gradient of every array, the
 * loss and the scores are those of the network on the host, whose gradients are held against slopes and autodiff.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { random } from '../support/data.js';
import { openTab } from '../support/tab.js';

/** @type {import('../support/tab.js').Tab} */
let tab;
before(async () => {
  tab = await openTab({ gpu: true });
});
after(() => tab?.close());

const PLAIN = { rows: 16, steps: 5, hidden: 8, embedding: 4, channels: 5, events: 0, gaps: false, statics: 0, weighted: false, dropout: 0, recurrentDropout: 0 };
const FULL = { ...PLAIN, events: 3, gaps: true, statics: 3, weighted: true, dropout: 0.3, recurrentDropout: 0.25 };
/** Each side of what a workgroup can do in another way. */
const EDGES = {
  'one of everything': { ...PLAIN, seed: 1, rows: 1, steps: 1, hidden: 1, embedding: 1, channels: 1 },
  'nothing but journeys without touches': { ...FULL, seed: 2, steps: 0 },
  'the most units whose weights are held': { ...FULL, seed: 3, rows: 70, hidden: 32 },
  'the fewest units whose weights are not': { ...FULL, seed: 4, rows: 33, hidden: 33 },
  'more vocabulary entries than a workgroup sums': { ...FULL, seed: 5, rows: 40, channels: 70, events: 45 },
  'more rows than workgroups': { ...PLAIN, seed: 6, rows: 600, steps: 9, hidden: 13 },
  "the article's units": { ...FULL, seed: 7, rows: 21, steps: 4, hidden: 128 },
  'the most units': { ...PLAIN, seed: 8, rows: 9, steps: 3, hidden: 256 },
};

/** Trials drawn once and for all. */
function drawn(count = 10, seed = 97) {
  const next = random(seed);
  const below = (/** @type {number} */ most) => Math.floor(next() * most);
  return Array.from({ length: count }, (_, at) => ({
    seed: 100 + at,
    rows: 1 + below(60),
    steps: 1 + below(14),
    hidden: 1 + below(at % 2 ? 32 : 90),
    embedding: 1 + below(12),
    channels: 1 + below(20),
    events: below(2) * (1 + below(6)),
    gaps: below(2) === 1,
    statics: below(4),
    weighted: below(2) === 1,
    dropout: below(2) * 0.4,
    recurrentDropout: below(2) * 0.3,
  }));
}

const trials = [...Object.entries(EDGES), ...drawn().map((trial) => /** @type {const} */ ([JSON.stringify(trial), trial]))];
for (const [what, trial] of trials) {
  test(`gradients of the host: ${what}`, async (t) => {
    if (!tab.gpuBuilt) return t.skip('the gpu build is not there');
    /** @type {{ name: string, gap: number, size: number }[]} */
    const differences = await tab.session((session, network) => session.diagnose({ network }), trial, { device: 'webgpu' });
    const names = differences.map(({ name }) => name);
    for (const name of ['embedding.channel', 'lstm.0.forward.weight_input', 'lstm.0.forward.weight_hidden', 'lstm.0.forward.bias', 'dense.weight', 'dense.bias', 'loss', 'score']) {
      assert.ok(names.includes(name), name);
    }
    assert.equal(names.includes('embedding.event'), trial.events > 0);
    for (const { name, gap, size } of differences) assert.ok(gap <= 2e-5 * (1 + size), `${name}: ${gap} of ${size}`);
    assert.deepEqual(tab.complaints.filter((text) => !/404/.test(text)), []);
  });
}
