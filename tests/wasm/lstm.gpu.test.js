/** The fused recurrence on WebGPU (SwiftShader here): the same states and gradients as stock operations on the CPU, and as Keras. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { random } from '../support/data.js';
import { openTab } from '../support/tab.js';

/** @type {import('../support/tab.js').Tab} */
let tab;
before(async () => {
  tab = await openTab({ gpu: true });
});
after(() => tab?.close());

const QUANTITIES = ['states', 'gradient of the gates', 'gradient of the weights', 'gradient of the first states', 'gradient of the first cells'];
/** One step, one row, one unit; the article's 128; more than that. */
const EDGES = [
  { seed: 0, steps: 1, rows: 1, hidden: 1 },
  { seed: 0, steps: 7, rows: 19, hidden: 128 },
  { seed: 0, steps: 3, rows: 9, hidden: 200 },
];
/** Shapes drawn once and for all: rows that fill no workgroup, units that fill no tile. */
function drawn(count = 8, seed = 41) {
  const next = random(seed);
  const whole = (/** @type {number} */ most) => 1 + Math.floor(next() * most);
  return Array.from({ length: count }, (_, at) => ({ seed: at + 1, steps: whole(20), rows: whole(40), hidden: whole(at % 2 ? 33 : 90) }));
}

for (const shape of [...EDGES, ...drawn()]) {
  test(`${shape.steps} steps, ${shape.rows} rows, ${shape.hidden} hidden units`, async (t) => {
    if (!tab.gpuBuilt) return t.skip('the gpu build is not there');
    const { gaps, sizes } = await tab.session((session, lstm) => session.diagnose({ lstm }), shape, { device: 'webgpu' });
    assert.equal(gaps.length, QUANTITIES.length);
    QUANTITIES.forEach((what, at) => assert.ok(gaps[at] <= 2e-4 * (1 + sizes[at]), `${what}: ${gaps[at]} of ${sizes[at]}`));
    assert.deepEqual(tab.complaints.filter((text) => !/404/.test(text)), []);
  });
}

test("states and gradients are those of Keras' LSTM", async (t) => {
  if (!tab.gpuBuilt) return t.skip('the gpu build is not there');
  const keras = JSON.parse(await readFile(new URL('../lstm/keras_vector.json', import.meta.url), 'utf8'));
  const told = await tab.session((session, lstm) => session.diagnose({ lstm }), keras, { device: 'webgpu' });
  const expected = [keras.every, keras.dProjected, keras.dWeights, keras.dState, keras.dCell];
  assert.equal(told.length, expected.length);
  expected.forEach((values, which) => {
    assert.equal(told[which].length, values.length);
    values.forEach((/** @type {number} */ value, /** @type {number} */ at) => {
      const gap = Math.abs(told[which][at] - value);
      assert.ok(gap <= (which === 0 ? 2e-6 : 1e-5) * (1 + Math.abs(value)), `${QUANTITIES[which]}, ${at}: ${told[which][at]}, ${value}`);
    });
  });
});
