/** The fused recurrence on WebGPU (SwiftShader here): the same states and gradients as stock operations on the CPU. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTab } from '../support/tab.js';

/** @type {import('../support/tab.js').Tab} */
let tab;
before(async () => {
  tab = await openTab({ gpu: true });
});
after(() => tab?.close());

const QUANTITIES = ['states', 'gradient of the gates', 'gradient of the weights', 'gradient of the first states', 'gradient of the first cells'];
/** Rows that fill no workgroup, hidden units that fill no tile, one step, and the article's 128. */
const SHAPES = [
  { steps: 5, rows: 11, hidden: 6 },
  { steps: 1, rows: 1, hidden: 1 },
  { steps: 20, rows: 64, hidden: 32 },
  { steps: 7, rows: 19, hidden: 128 },
  { steps: 3, rows: 9, hidden: 200 },
];

for (const shape of SHAPES) {
  test(`${shape.steps} steps, ${shape.rows} rows, ${shape.hidden} hidden units`, async (t) => {
    if (!tab.gpuBuilt) return t.skip('the gpu build is not there');
    const { gaps, sizes } = await tab.session((session, lstm) => session.diagnose({ lstm }), shape, { device: 'webgpu' });
    assert.equal(gaps.length, QUANTITIES.length);
    QUANTITIES.forEach((what, at) => assert.ok(gaps[at] <= 2e-4 * (1 + sizes[at]), `${what}: ${gaps[at]} of ${sizes[at]}`));
    assert.deepEqual(tab.complaints.filter((text) => !/404/.test(text)), []);
  });
}
