/** A second file beside the first, in the tab: what it adds is prepared, learned from and predicted with like any other column. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { openTab } from '../support/tab.js';

/** @type {import('../support/tab.js').Tab} */
let tab;
before(async () => {
  tab = await openTab();
});
after(() => tab?.close());

/** Numbers that look drawn by chance. @param {number} row @param {number} column */
const drawn = (row, column) => ((row * 7919 + column * 104729 + 13) * 2654435761) % 4294967296;

const LEADS = 400;
const leadRows = Array.from({ length: LEADS }, (_, lead) => [`L${lead}`, ['mail', 'ads', 'search'][drawn(lead, 1) % 3], String(drawn(lead, 2) % 30)]);
/** More pages, more buyers. @param {number} lead */
const bought = (lead) => drawn(lead, 3) % 40 < Number(leadRows[lead]?.[2]);
const leads = ['lead_id,channel,pages', ...leadRows.map((row) => row.join(','))].join('\n');
/** Only those who bought, in another order. */
const outcomes = ['lead_id,converted,amount', ...leadRows.map((_, lead) => lead).filter(bought).reverse().map((lead) => `L${lead},1,${10 + (lead % 7)}`)].join('\n');
/** The same by hand. */
const joined = ['lead_id,channel,pages,converted', ...leadRows.map((row, lead) => [...row, bought(lead) ? 1 : 0].join(','))].join('\n');

const USERS = 150;
const buyer = (/** @type {number} */ user) => drawn(user, 4) % 3 === 0;
const touches = [
  'user_id,touch_time,channel',
  ...Array.from({ length: USERS * 4 }, (_, at) => {
    const [user, touch] = [Math.floor(at / 4), at % 4];
    return `u${user},2026-03-0${touch + 1} 10:00,${['mail', 'ads', 'search', 'shop'][drawn(at, 5) % 4]}`;
  }),
].join('\n');
const users = () => {
  const all = Array.from({ length: USERS }, (_, user) => user);
  return Array.from(
    new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          { name: 'user_id', data: all.map((user) => `u${user}`), type: 'STRING' },
          { name: 'plan', data: all.map((user) => ['basic', 'pro'][drawn(user, 6) % 2]), type: 'STRING' },
          { name: 'converted', data: all.map(buyer), type: 'BOOLEAN' },
          { name: 'converted_at', data: all.map((user) => (buyer(user) ? new Date(Date.UTC(2026, 2, 3, 12)) : null)), type: 'TIMESTAMP' },
        ],
      }),
    ),
  );
};

describe('join', () => {
  test('leads and a packed file of outcomes train the same model as one file of both', async () => {
    const packed = Array.from(gzipSync(outcomes));
    const { summary, prepared, own, whole, ids } = await tab.session(
      async (session, { leads, packed, joined }) => {
        await session.load(leads);
        const summary = await session.join(new Uint8Array(packed).buffer);
        const prepared = await session.prepare({ roles: { ignore: ['amount'] } });
        const run = await session.train({ model: 'logistic' });
        const own = await session.predict(run.id);
        await session.load(joined);
        await session.prepare();
        const same = await session.train({ model: 'logistic' });
        const whole = await session.predict(same.id);
        return { summary, prepared, own: Array.from(own.probability), whole: Array.from(whole.probability), ids: own.rowIds };
      },
      { leads, packed, joined },
    );
    const converted = leadRows.filter((_, lead) => bought(lead)).length;
    assert.deepEqual({ ...summary.joined, columns: undefined }, { matched: converted, unmatched: LEADS - converted, unused: 0, columns: undefined });
    assert.equal(summary.columns.find(({ name }) => name === 'converted')?.role, 'label');
    // Whoever is not among the outcomes did not convert.
    const blank = prepared.warnings.find(({ code }) => code === 'blank-outcome');
    assert.equal(blank?.figures?.rows, LEADS - converted);
    assert.equal(prepared.rows, LEADS);
    assert.ok(Math.abs(prepared.baseRate - converted / LEADS) < 1e-12);
    assert.equal(own.length, LEADS);
    own.forEach((probability, row) => assert.ok(Math.abs(probability - (whole[row] ?? NaN)) < 1e-5, `row ${row}`));
    assert.deepEqual(ids?.slice(0, 3), ['L0', 'L1', 'L2']);
  });

  test('words that are read as numbers later are read as their own file is written', async () => {
    const columns = await tab.session(async (session) => {
      await session.load('key;price;converted\na;1,234;1\nb;5,678;0\nc;9,012;1\n', { decimal: ',', types: { price: 'category' } });
      await session.join('key,paid\na,"1,234"\nb,"5,678"\nc,"9,012"\n', { types: { paid: 'category' } });
      return (await session.describe({ types: { price: 'number', paid: 'number' } })).columns;
    });
    const examples = (/** @type {string} */ name) => columns.find((column) => column.name === name)?.examples;
    assert.deepEqual(examples('price'), ['1.234', '5.678', '9.012']);
    assert.deepEqual(examples('paid'), ['1234', '5678', '9012']);
  });

  test('touches and a Parquet file of users become journeys that end at the conversion', async () => {
    const { summary, prepared, probability, ids, again } = await tab.session(
      async (session, { touches, users }) => {
        await session.load(touches);
        const summary = await session.join(new Uint8Array(users).buffer);
        const prepared = await session.prepare();
        const run = await session.train({ model: 'logistic' });
        const found = await session.predict(run.id);
        // Other data, and the first again: the run is still of the data at hand.
        await session.prepare({ maxLength: 2 });
        await session.prepare();
        const comparison = await session.compare({ runIds: [run.id], resamples: 0 });
        return { summary, prepared, probability: found.probability.length, ids: found.rowIds, again: comparison.warnings.map(({ code }) => code) };
      },
      { touches, users: users() },
    );
    const buyers = Array.from({ length: USERS }, (_, user) => user).filter(buyer).length;
    assert.equal(summary.layout, 'events');
    assert.equal(summary.columns.find(({ name }) => name === 'converted_at')?.role, 'conversionTime');
    assert.equal(prepared.journeys, USERS);
    assert.ok(prepared.features.includes('plan = pro'));
    // The fourth touch of each buyer came after the conversion.
    assert.equal(prepared.touches?.afterOutcome, buyers);
    assert.equal(prepared.touches?.used, USERS * 4 - buyers);
    assert.equal(probability, USERS);
    assert.deepEqual(ids?.slice(0, 2), ['u0', 'u1']);
    assert.ok(!again.includes('run-of-other-data'), again.join());
  });

  test('keys that come twice are refused with their number, unless it is said what becomes of them', async () => {
    const orders = 'lead_id,amount\nL1,5\nL1,7\nL2,1\n';
    const answers = await tab.session(
      async (session, { leads, orders }) => {
        const refused = await (async () => {
          await session.load(leads);
          return session.join(orders);
        })().catch(({ code, figures, columns, message }) => ({ code, figures, columns, message }));
        const sums = [];
        for (const duplicates of ['first', 'last', 'sum']) {
          await session.load(leads);
          const summary = await session.join(orders, { duplicates });
          sums.push([summary.preview[1]?.at(-1), summary.joined.repeated]);
        }
        return { refused, sums };
      },
      { leads, orders },
    );
    assert.equal(answers.refused.code, 'join-repeated-key');
    assert.deepEqual([answers.refused.figures, answers.refused.columns], [{ count: 1 }, ['lead_id']]);
    assert.ok(!answers.refused.message.includes('lead_id'));
    assert.deepEqual(answers.sums, [['5', 1], ['7', 1], ['12', 1]]);
  });
});

describe('costs', () => {
  test('a spend table by channel and week is put beside the credit, per channel and per week', async () => {
    const spend = 'Week,Platform,Clicks,Spend\n2026-03-02,MAIL,10,70\n2026-03-02,ads,5,35\n2026-03-02,Radio,5,500\n2026-02-23,ads,1,7\n';
    const { early, found, comparison } = await tab.session(
      async (session, { touches, users, spend }) => {
        const early = await session.costs(spend).catch(({ code }) => code);
        await session.load(touches);
        await session.join(new Uint8Array(users).buffer);
        await session.prepare();
        const found = await session.costs(spend);
        const comparison = await session.compare({ costs: found.costs, period: found.period, methods: ['linear'], resamples: 0 });
        return { early, found, comparison };
      },
      { touches, users: users(), spend },
    );
    assert.equal(early, 'too-early');
    assert.deepEqual(found.columns, { channel: 'Platform', period: 'Week', cost: 'Spend' });
    assert.equal(found.period, 'week');
    assert.deepEqual(found.matched, [{ name: 'MAIL', channel: 'mail' }]);
    assert.deepEqual(found.unmatched, [{ name: 'Radio', rows: 1, cost: 500 }]);
    assert.deepEqual(found.without, ['search', 'shop']);
    assert.equal(found.warnings.find(({ code }) => code === 'spend-unmatched')?.figures?.cost, 500);
    const money = comparison.money;
    assert.equal(money?.cost, 112);
    const linear = money?.methods.find(({ method }) => method === 'linear')?.channels ?? [];
    const mail = linear.find(({ name }) => name === 'mail');
    assert.equal(mail?.cost, 70);
    assert.ok(Math.abs((mail?.cac ?? 0) - 70 / (mail?.conversions ?? NaN)) < 1e-9);
    // The journeys begin on Sunday 1 March and end on the 4th, in two weeks.
    assert.deepEqual(money?.periods?.starts, ['2026-02-23', '2026-03-02']);
    const ads = money?.periods?.channels.find(({ name }) => name === 'ads')?.cost ?? [];
    assert.ok(Math.abs((ads[0] ?? 0) - 7) < 1e-9 && Math.abs((ads[1] ?? 0) - 35) < 1e-9, String(ads));
  });
});
