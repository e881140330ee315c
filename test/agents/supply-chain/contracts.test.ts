import test from 'ava';
import * as fc from 'fast-check';
import { SupplyContract } from '../../../agents/supply-chain/supply-contract.ts';
import { called, firmBench, quoted, traded } from './firms.ts';

const TENTH = 0.1 * 4;

test('a lot from stock costs what it takes to ship it, less what it would cost to keep', async (t) => {
  const bench = firmBench();
  await bench.pass('1 s');
  const { quote } = await quoted(bench, 'ann', 4);
  t.deepEqual(quote.more, [1 - TENTH, 1 - 0.3, 1 - 0.2, 1 - 0.1]);
  t.deepEqual(quote.fewer, [null, null, null, null]);
  t.is(quote.penalty, 0.5);
});

test('both books are equal after any sequence of trades, and nothing is promised twice', async (t) => {
  const step = fc.record({
    name: fc.constantFrom('ann', 'bob'),
    kind: fc.constantFrom('buy' as const, 'call-off' as const),
    lot: fc.constantFrom(1, 2, 4),
    period: fc.nat(3),
    above: fc.constantFrom(-0.5, 0, 0.25),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const bench = firmBench();
      await bench.pass('1 s');
      const books = { ann: [0, 0, 0, 0], bob: [0, 0, 0, 0] };
      const money = { ann: 0, bob: 0 };
      for (const { name, kind, lot, period, above } of steps) {
        const { said, price } = await traded(bench, name, { kind, lot, period, above });
        if (said !== 'amended') continue;
        const sign = kind === 'buy' ? 1 : -1;
        t.true(sign * above >= 0, 'nothing is sold below its quote, or taken back above it');
        const book = books[name];
        book[period] = (book[period] ?? 0) + sign * lot;
        money[name] += sign * lot * price;
      }
      const { promised, claims } = bench.state;
      t.deepEqual(promised, [books.ann, books.bob]);
      for (const [k, name] of (['ann', 'bob'] as const).entries()) {
        const claimed = (claims[k] ?? []).reduce((sum, one) => sum + one, 0);
        t.true(Math.abs(claimed - money[name]) < 1e-9);
      }
      const units = promised.flat();
      t.true(units.every((one) => one >= 0));
      t.true(units.reduce((sum, one) => sum + one, 0) <= 10, 'no more than there is in stock');
    }),
    { seed: 20_261_125, numRuns: 60 },
  );
});

test('a price below the quote is stale, and nothing is promised', async (t) => {
  const bench = firmBench();
  await bench.pass('1 s');
  t.is((await traded(bench, 'ann', { lot: 4, period: 1, above: -0.001 })).said, 'stale');
  t.deepEqual(bench.state.promised[0], [0, 0, 0, 0]);
  t.is(bench.state.trades, 0);
});

test('a quote is accepted once, in its own dialogue', async (t) => {
  const bench = firmBench();
  await bench.pass('1 s');
  const { dialogue, quote } = await quoted(bench, 'ann', 4);
  const body = { kind: 'buy' as const, period: 1, price: quote.more[1] ?? 0 };
  dialogue.send('amend', body);
  await bench.settle();
  dialogue.hear('amended');
  // The protocol is over, and so is the dialogue: whoever says it again is not heard.
  const { protocol } = { protocol: SupplyContract.id };
  bench.peer('ann').say({ type: 'amend', body, protocol, dialogue: dialogue.id, re: null });
  await bench.settle();
  t.is(bench.state.promised[0]?.[1], 4);
  t.is(bench.state.trades, 1);
});

test('nobody accepts what another was quoted', async (t) => {
  const bench = firmBench();
  await bench.pass('1 s');
  const { dialogue, quote } = await quoted(bench, 'ann', 4);
  const body = { kind: 'buy' as const, period: 1, price: quote.more[1] ?? 0 };
  bench.peer('bob').say({ type: 'amend', body, protocol: SupplyContract.id, dialogue: dialogue.id, re: null });
  await bench.settle();
  t.deepEqual(bench.state.promised, [
    [0, 0, 0, 0],
    [0, 0, 0, 0],
  ]);
});

test('a stranger is not quoted, nor is anybody for another period', async (t) => {
  const bench = firmBench();
  await bench.pass('1 s');
  const stranger = called(bench, 'mallory', { lot: 4 });
  t.is(stranger.hear('decline').reason, 'no customer');
  const body = { from: 1, lot: 4, asOf: 0 };
  const early = bench.peer('ann').open(SupplyContract, 'buyer', 'call', body, { within: '30 s' });
  t.is(early.hear('decline').reason, 'another period');
});

test('a quote of the last period does not hold for a period that is over', async (t) => {
  const bench = firmBench();
  await bench.pass('59 min');
  const long = called(bench, 'ann', { lot: 4, patient: true });
  await bench.settle();
  const { more } = long.hear('quote');
  await bench.pass('2 min');
  t.is(bench.state.period, 1);
  long.send('amend', { kind: 'buy', period: 0, price: (more[0] ?? 0) + 1 });
  await bench.settle();
  t.is(long.hear('stale').reason, 'over');
});

test('what was never contracted is not called off, whatever others have contracted', async (t) => {
  const bench = firmBench();
  await bench.pass('1 s');
  t.is((await traded(bench, 'bob', { lot: 4, period: 1 })).said, 'amended');
  const { dialogue, quote } = await quoted(bench, 'ann', 4);
  t.is(quote.fewer[1], null);
  dialogue.send('amend', { kind: 'call-off', period: 1, price: -100 });
  await bench.settle();
  t.is(dialogue.hear('stale').reason, 'not contracted');
});

test('where nobody renegotiates nothing is called off, though somebody tries', async (t) => {
  const bench = firmBench({ trade: { renegotiate: false } });
  await bench.pass('1 s');
  await traded(bench, 'ann', { lot: 4, period: 1 });
  const { dialogue, quote } = await quoted(bench, 'ann', 4);
  t.is(quote.fewer[1], null);
  dialogue.send('amend', { kind: 'call-off', period: 1, price: -100 });
  await bench.settle();
  t.is(dialogue.hear('stale').reason, 'not to be had');
  t.is(bench.state.promised[0]?.[1], 4);
});

test('nothing is sold for a period in which the lane is cut, though somebody tries', async (t) => {
  const bench = firmBench({ outages: [{ customer: 0, from: 0, to: 2, share: 0 }] });
  await bench.pass('1 s');
  const { dialogue, quote } = await quoted(bench, 'ann', 4);
  t.deepEqual(
    quote.more.map((one) => one === null),
    [true, true, false, false],
  );
  dialogue.send('amend', { kind: 'buy', period: 1, price: 100 });
  await bench.settle();
  t.is(dialogue.hear('stale').reason, 'not to be had');
});

test('of two customers who want the last lot, one gets it', async (t) => {
  const bench = firmBench({ stock: 4 });
  await bench.pass('1 s');
  const both = [await quoted(bench, 'ann', 4), await quoted(bench, 'bob', 4)];
  for (const { dialogue, quote } of both) {
    dialogue.send('amend', { kind: 'buy', period: 2, price: (quote.more[2] ?? 0) + 9 });
  }
  await bench.settle();
  t.deepEqual(
    both.map(({ dialogue }) => dialogue.heard().at(-1)?.type),
    ['amended', 'stale'],
  );
  t.deepEqual(bench.state.promised, [
    [0, 0, 4, 0],
    [0, 0, 0, 0],
  ]);
});

test('a firm without lots of its own follows the smallest that its customers call for, from one unit on', async (t) => {
  const bench = firmBench({ trade: { lots: [] } });
  await bench.pass('1 s');
  t.deepEqual(bench.state.lots, []);
  for (const lot of [16, 4, 16, 0.5, 64, 2, 8]) {
    called(bench, 'ann', { lot });
    await bench.settle();
  }
  t.deepEqual(bench.state.lots, [16, 8, 4, 2]);
});
