/** What can be taken away. */
import assert from 'node:assert/strict';
import { sessionsCsv } from '../support/data.js';
import { usesThePage, visit } from './visit.js';

usesThePage();

const CSV = sessionsCsv({ rows: 800 });

/** The cells of a CSV without quotes. @param {Buffer} bytes */
const cells = (bytes) => bytes.toString('utf8').replace('\uFEFF', '').trim().split('\r\n').map((line) => line.split(','));

visit('a model and its figures are exported as they are shown', async (page) => {
  await page.table(CSV);
  await page.train();
  const take = async (/** @type {string} */ what) => {
    await page.press('export');
    return page.download(`export-${what}`);
  };
  const metrics = await take('metrics');
  assert.equal(metrics.name, 'channelwise-run-1-metrics.csv');
  const [header = [], test = []] = cells(metrics.bytes);
  assert.equal(test[header.indexOf('part')], 'test');
  assert.equal(Number(test[header.indexOf('auc')]).toFixed(3), (await page.text('metric-test-auc')).trim());

  assert.equal(cells((await take('curves')).bytes)[0]?.join(), 'part,curve,x,y');
  assert.equal(cells((await take('coefficients')).bytes).length, 1 + 6);
  const run = JSON.parse((await take('run')).bytes.toString('utf8'));
  assert.equal(run.metrics.test.n, 160);
  const model = JSON.parse((await take('model-json')).bytes.toString('utf8'));
  assert.ok(JSON.stringify(model).includes('intercept'));
  const { name, bytes } = await take('model-safetensors');
  assert.equal(name, 'channelwise-run-1-model.safetensors');
  const tensors = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())).toString('utf8'));
  assert.deepEqual(tensors.weights.shape, [6]);
});

visit('the comparison is exported as it is shown', async (page) => {
  await page.table(CSV);
  await page.train();
  await page.compare();
  await page.press('export');
  const { name, bytes } = await page.download('export-channels-csv');
  assert.equal(name, 'channelwise-channels.csv');
  const [header = [], ...rows] = cells(bytes);
  assert.equal(rows.length, 4);
  const column = (/** @type {string} */ key) => header.indexOf(key);
  assert.equal(rows.reduce((sum, row) => sum + Number(row[column('rows')]), 0), 800);
  for (const row of rows) {
    const odds = (await page.text(`odds-${row[0]}`)).trim();
    assert.equal(Number(row[column('oddsRatio')]).toFixed(2), Number(odds).toFixed(2));
  }
  await page.press('export');
  const comparison = JSON.parse((await page.download('export-channels-json')).bytes.toString('utf8'));
  assert.equal(comparison.channels.length, 4);
});
