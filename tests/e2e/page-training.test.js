/** Training with options, steered while it runs; what comes out of it, looked at from several sides. */
import assert from 'node:assert/strict';
import { sessionsCsv } from '../support/data.js';
import { usesThePage, visit } from './visit.js';

usesThePage();

const CSV = sessionsCsv({ rows: 3000 });
/** Adam in small batches, for as long as it takes. */
const LONG = 'optimizer=adam&batchSize=32&epochs=20000&earlyStopping=off';

/** Starts a training that does not end by itself. @param {import('./visit.js').Visit} page */
async function startLong(page) {
  await page.table(CSV);
  await page.press('train-button');
  await page.until(async () => (await page.number('live-epoch')) > 1, 'epochs pass');
}

visit('options are set in the form, and kept in the address', async (page) => {
  await page.table(CSV);
  await page.press('step-train');
  await page.at('options').locator('summary').click();
  await page.choose('option-optimizer', 'adam');
  await page.fill('option-batchSize', '64');
  await page.fill('option-epochs', '3');
  await page.train();
  assert.match(await page.text('run-1'), /Adam\s+CPU\s+3/);
  assert.match(await page.text('run-summary'), /^5 parameters|3 epochs on CPU/);
  assert.match(page.page.url(), /optimizer=adam&epochs=3&batchSize=64/);
  await page.at('options').locator('summary').click();
  await page.press('options-reset');
  assert.equal(await page.at('option-optimizer').inputValue(), '');
  assert.doesNotMatch(page.page.url(), /optimizer/);
});

visit(
  'a training shows its curve and the time left, is held, goes on, and is stopped with what it has learned',
  async (page) => {
    await startLong(page);
    assert.ok((await page.number('live-trainLoss')) > 0);
    assert.ok((await page.number('live-validationLoss')) > 0);
    assert.ok((await page.number('live-rows')) > 1000);
    assert.match(await page.text('live-time'), /\d (sec|min)/);
    await page.until(async () => (await page.page.locator('cw-training cw-chart svg path').count()) > 2, 'the curve is drawn');

    await page.press('pause');
    await page.until(async () => (await page.text('step-train')).includes('Paused'), 'it is held');
    await page.page.waitForTimeout(150);
    const held = await page.number('live-epoch');
    await page.page.waitForTimeout(400);
    assert.equal(await page.number('live-epoch'), held);
    await page.press('pause');
    await page.until(async () => (await page.number('live-epoch')) > held, 'it goes on');

    await page.press('stop');
    await page.appears('train-result');
    assert.match(await page.text('run-summary'), /Ended: stopped by you/);
    assert.ok((await page.number('metric-test-auc')) > 0.6);
  },
  { hash: LONG },
);

visit(
  'a training that is cancelled leaves nothing, and the models before it as they were',
  async (page) => {
    await startLong(page);
    await page.press('cancel');
    await page.appears('training', 'detached');
    assert.ok(!(await page.visible('train-result')));
    assert.notEqual(await page.state('train'), 'done');

    await page.at('options').locator('summary').click();
    await page.press('options-reset');
    await page.train();
    await page.at('options').locator('summary').click();
    await page.choose('option-optimizer', 'adam');
    await page.fill('option-batchSize', '32');
    await page.fill('option-epochs', '20000');
    await page.choose('option-earlyStopping', 'off');
    await page.press('train-button');
    await page.until(async () => (await page.number('live-epoch')) > 1, 'epochs pass');
    await page.press('cancel');
    await page.appears('training', 'detached');
    assert.match(await page.text('run-1'), /converged/);
    assert.ok(!(await page.visible('run-2')));
    assert.match(await page.compare(), /Direct|Search|Social|E-mail/);
  },
  { hash: LONG },
);

visit('what goes wrong is told with the way out of it', async (page) => {
  await page.table(CSV);
  await page.train();
  await page.at('options').locator('summary').click();
  await page.choose('option-optimizer', 'gd');
  await page.fill('option-learningRate', '1e30');
  await page.press('train-button');
  await page.appears('error-panel');
  assert.equal(await page.at('error-panel').getAttribute('data-code'), 'diverged');
  assert.equal(await page.text('error-kept'), 'mine.csv and your trained model are still here.');
  await page.fill('option-learningRate', '0.5');
  await page.page.locator('cw-error').getByRole('button', { name: 'Try again' }).click();
  await page.appears('run-2');
  assert.ok(!(await page.visible('error-panel')));
});

visit('the threshold moves the counts, which always add up', async (page) => {
  await page.table(CSV);
  await page.train();
  const rows = await page.number('metric-test-n');
  const proposed = await page.confusion();
  const converted = proposed.tp + proposed.fn;
  const slider = page.at('threshold');
  const last = Number(await slider.getAttribute('max'));
  let picked = Infinity;
  for (const step of [0, Math.round(last / 4), Math.round(last / 2), last]) {
    await slider.fill(String(step));
    await page.until(async () => (await slider.inputValue()) === String(step), 'the slider has moved');
    const { tp, fp, tn, fn } = await page.confusion();
    assert.equal(tp + fp + tn + fn, rows);
    assert.equal(tp + fn, converted);
    assert.ok(tp + fp <= picked, 'the higher the threshold, the fewer are picked');
    picked = tp + fp;
    if (step === 0) assert.deepEqual([tn, fn], [0, 0]);
  }
  assert.equal(picked, 0);
  assert.equal(await page.text('train-answer'), 'At this threshold the model calls nobody a converter.');
  await page.at('threshold-note').getByRole('button').click();
  assert.deepEqual(await page.confusion(), proposed);

  await page.press('part-train');
  const { tp, fp, tn, fn } = await page.confusion();
  assert.equal(tp + fp + tn + fn, await page.number('metric-train-n'));
});

visit('each curve has its chart and its table', async (page) => {
  await page.table(CSV);
  await page.train();
  for (const [curve, title] of [['gain', 'Converters found'], ['roc', 'True positive rate'], ['precisionRecall', 'Precision'], ['calibration', 'Observed']]) {
    await page.press(`curve-${curve}`);
    await page.until(async () => (await page.at('curve-chart').locator('svg').innerHTML()).includes(String(title)), `${curve} is drawn`);
    if (curve === 'gain') await page.page.locator('cw-curve-panel details summary').click();
    assert.match(await page.text('curve-table'), new RegExp(`${title}\\s[\\s\\S]*\\d%`));
  }
});

visit('models are kept beside one another, and each can be shown and compared by', async (page) => {
  await page.table(CSV);
  await page.train();
  const first = await page.text('run-1-auc');
  await page.at('options').locator('summary').click();
  await page.fill('option-l2', '5000');
  await page.press('train-button');
  await page.appears('run-2');
  assert.notEqual(await page.text('run-2-auc'), first);
  const strong = Number.parseFloat(await oddsAtTop(page));
  await page.at('run-picker').selectOption({ label: 'Model 1' });
  await page.until(async () => Number.parseFloat(await oddsAtTop(page)) > strong, 'the free model sets channels further apart');
});

/** @param {import('./visit.js').Visit} page */
async function oddsAtTop(page) {
  await page.compare();
  return page.page.getByTestId('channels').locator('tbody tr').first().locator('td').first().innerText();
}
