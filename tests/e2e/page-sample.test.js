/** The first minute: one click on the sample, and what comes of it; language, colours and a narrow window. */
import assert from 'node:assert/strict';
import { usesThePage, visit } from './visit.js';

usesThePage();

/** The channels of the sample that are large enough to be judged. */
const CHANNELS = /Organic search|Direct|Paid search|E-mail|Social|Affiliate|Marketplace/;

visit('one click on the sample leads to a trained model, and to a comparison whose answer names a channel', async (page) => {
  await page.press('try-sample');
  await page.appears('train-result');
  assert.match(await page.text('train-answer'), /^Of 100 who convert, the model finds \d+ while you contact \d+% of everyone\.$/);
  const auc = await page.number('metric-test-auc');
  assert.ok(auc > 0.75 && auc < 0.9, `AUC ${auc}`);
  assert.match(await page.text('run-summary'), /L-BFGS|CPU.*Ended: converged/);

  const answer = await page.compare();
  assert.match(answer, CHANNELS);
  // The simulator gave paid search the highest odds, and e-mail the highest plain rate.
  assert.match(answer, /^Paid search converts best after allowing for everything else/);
  assert.match(await page.text('finding-order-reversed'), /^By plain rates E-mail is ahead of Paid search/);
  assert.ok((await page.number('odds-Paid search')) > 1.5);
  assert.equal(await page.text('verdict-Exhibition'), 'too few to judge');
  assert.equal(await page.state('data'), 'done');
  assert.equal(await page.state('train'), 'done');
  assert.equal(await page.state('compare'), 'done');
});

visit('counts add up, from the file to the parts', async (page) => {
  await page.press('try-sample');
  await page.appears('train-result');
  await page.press('step-data');
  const [read, rejected, used] = await Promise.all(['read', 'rejected', 'used'].map((name) => page.number(`count-${name}`)));
  assert.equal(read, 10_000);
  assert.equal(Number(read) - Number(rejected), used);
  const [train = '', validation = '', test = ''] = (await page.text('parts')).match(/\d[\d,]*(?= (?:rows|to tune|held))/g) ?? [];
  const sum = [train, validation, test].reduce((total, part) => total + Number(part.replace(',', '')), 0);
  assert.equal(sum, used);
  await page.press('step-train');
  assert.equal(await page.number('metric-test-n'), Number(test.replace(',', '')));
});

visit('the device says why it was taken, and the proof of privacy what was checked', async (page) => {
  await page.press('device-badge');
  assert.match(await page.text('device-reason'), /WebGPU/);
  await page.page.keyboard.press('Escape');
  await page.until(async () => /both|policies/.test(await page.text('proof-line')), 'the policies are read');
  await page.press('privacy-badge');
  assert.equal(await page.text('foreign-requests'), '0');
  assert.match(await page.text('privacy-panel'), /Policy of the worker\s+connections to this origin only/);
});

visit('another language changes the words and nothing else', async (page) => {
  await page.press('try-sample');
  await page.appears('train-result');
  const auc = await page.text('metric-test-auc');
  await page.press('language');
  assert.match(await page.text('train-answer'), /^每 100 位转化的人，模型能找到 \d+ 位，只需联系全部人的 \d+%。$/);
  assert.equal(await page.text('metric-test-auc'), auc);
  assert.match(await page.compare(), /^排除其他一切因素之后，Paid search 的转化最好/);
  const left = await page.page.locator('channelwise-app').innerText();
  const words = left.match(/[A-Za-z]{3,}( [A-Za-z]{2,}){3,}/g) ?? [];
  assert.deepEqual(words, [], 'no English sentence is left');
  assert.ok(page.page.url().includes('lang=zh'), 'the choice is in the address');
  await page.press('language');
  assert.match(await page.text('compare-answer'), /^Paid search converts best/);
});

visit('the colours follow the system, or are chosen', async (page) => {
  const ground = () => page.page.locator('channelwise-app').evaluate((app) => getComputedStyle(app).backgroundColor);
  await page.page.emulateMedia({ colorScheme: 'dark' });
  const dark = await ground();
  await page.page.emulateMedia({ colorScheme: 'light' });
  const light = await ground();
  assert.notEqual(dark, light);
  await page.press('theme');
  assert.equal(await ground(), light, 'light by choice');
  await page.press('theme');
  await page.until(async () => (await ground()) === dark, 'it is dark by choice');
  assert.ok(page.page.url().includes('theme=dark'));
});

for (const lang of ['en', 'zh']) {
  visit(
    `at 360 px nothing reaches past the edge (${lang})`,
    async (page) => {
      await page.appears('try-sample');
      assert.equal(await page.sideways(), 0, 'first screen');
      await page.press('try-sample');
      await page.appears('train-result');
      assert.equal(await page.sideways(), 0, 'train');
      await page.at('options').locator('summary').click();
      assert.equal(await page.sideways(), 0, 'options');
      await page.compare();
      assert.equal(await page.sideways(), 0, 'compare');
      await page.press('step-data');
      await page.press('mapping-layout-rows');
      assert.equal(await page.sideways(), 0, 'data');
    },
    { width: 360, hash: `lang=${lang}` },
  );
}

visit(
  'the steps without data lead to the data',
  async (page) => {
    await page.press('step-compare');
    assert.match(await page.text('compare-empty'), /There is nothing to compare yet/);
    await page.press('step-train');
    await page.press('try-sample');
    await page.appears('train-result');
    await page.page.goBack();
    assert.equal(await page.state('train'), 'done');
  },
);
