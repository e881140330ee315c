import test from 'ava';
import type { PeerDialogue } from '../../../agent-core/testing/peer-dialogue.ts';
import { ContractReview } from '../../../agents/supply-chain/contract-review.ts';
import { PurchaseOrder } from '../../../agents/supply-chain/purchase-order.ts';
import { SupplyContract } from '../../../agents/supply-chain/supply-contract.ts';
import { called, firmBench, FUNDS, ordered, ownWealth, quoted, traded } from './firms.ts';

type Bench = ReturnType<typeof firmBench>;

/** Waits for answers that take no time by the clock, from a supplier that quotes 2 for everything. */
async function answerAll(bench: Bench, price = 2): Promise<number> {
  let answered = 0;
  for (let k = 0; k < 100; k += 1) {
    await bench.settle();
    const call = openCall(bench);
    if (call === null) return answered;
    answered += 1;
    const left = 4 - call.hear('call').from;
    const prices = Array.from({ length: left }, () => price);
    call.send('quote', { more: prices, fewer: prices, penalty: 0 });
  }
  return answered;
}

function openCall(bench: Bench): PeerDialogue<typeof SupplyContract, 'supplier'> | null {
  try {
    return bench.peer('mill').heardOpening(SupplyContract, 'supplier');
  } catch {
    // Nobody calls any more.
    return null;
  }
}

test('a lot of which nobody could supply the parts is quoted as far as stock reaches, and the firm goes on quoting', async (t) => {
  const bench = firmBench({ perOutput: 4, stock: 10, suppliers: [{ agent: 'mill' }] });
  await bench.pass('1 s');
  for (const lot of [1e9, 1e-6 / 3]) {
    if (lot < 1e-6) continue;
    const big = called(bench, 'ann', { lot: lot });
    await answerAll(bench);
    t.true(big.hear('quote').more.every((one) => one === null));
  }
  const honest = called(bench, 'bob', { lot: 1 });
  t.is(await answerAll(bench), 1);
  t.true(honest.hear('quote').more.every((one) => one !== null));
});

test('a lot as small as rounding is not understood', async (t) => {
  const bench = firmBench();
  await bench.pass('1 s');
  for (const lot of [1e-9, 5e-324, 0, -1]) {
    const body = { from: 0, lot, asOf: 0 } as never;
    bench.peer('ann').say({ type: 'call', protocol: SupplyContract.id, body });
    await bench.settle();
    t.is(bench.peer('ann').heard().at(-1)?.type, 'not-understood', `lot ${lot}`);
  }
});

test('who calls for a thousand lots at once is answered a few of them, and others are not kept waiting', async (t) => {
  const bench = firmBench({ suppliers: [{ agent: 'mill' }], stock: 0 });
  await bench.pass('1 s');
  const flood = Array.from({ length: 1_000 }, (_, k) => called(bench, 'ann', { lot: 1 + k / 1_000 }));
  const honest = called(bench, 'bob', { lot: 4 });
  t.true(bench.state.calls.length <= 17);
  t.true((await answerAll(bench)) <= 18);
  honest.hear('quote');
  const answers = flood.map((one) => one.heard().at(-1)?.type);
  t.is(answers.filter((type) => type === 'quote').length, 16);
  t.is(answers.filter((type) => type === 'decline').length, 984);
  t.is(bench.state.calls.length, 0);
});

test('who waits for a moment only does not leave others with quotes in which suppliers had no say', async (t) => {
  const bench = firmBench({ suppliers: [{ agent: 'mill' }], stock: 0 });
  await bench.pass('1 s');
  // Something else is being quoted, so that the next two wait.
  called(bench, 'bob', { lot: 1 });
  const body = { from: 0, lot: 4, asOf: 0 };
  bench.peer('ann').open(SupplyContract, 'buyer', 'call', body, { within: '1 ms' });
  const honest = called(bench, 'bob', { lot: 4 });
  await bench.pass('2 s');
  await answerAll(bench);
  t.deepEqual(honest.hear('quote').more, [null, 2 + 1 + 0.1, 2 + 1 + 0.1, 2 + 1 + 0.1]);
});

test('to buy and to call off for ever gains nothing and leaves the books as they were', async (t) => {
  const bench = firmBench();
  await bench.pass('1 s');
  let paid = 0;
  for (let k = 0; k < 100; k += 1) {
    const bought = await traded(bench, 'ann', { lot: 4, period: 2 });
    const back = await traded(bench, 'ann', { lot: 4, period: 2, kind: 'call-off' });
    t.deepEqual([bought.said, back.said], ['amended', 'amended']);
    paid += 4 * (bought.price - back.price);
  }
  t.true(paid > -1e-9);
  t.deepEqual(bench.state.promised[0], [0, 0, 0, 0]);
  t.is(bench.state.quoted.size, 0);
});

test('who walks away from a quote leaves nothing behind', async (t) => {
  const bench = firmBench();
  await bench.pass('1 s');
  for (let k = 0; k < 20; k += 1) await quoted(bench, 'ann', 4);
  await bench.pass('1 min');
  t.is(bench.state.quoted.size, 0);
  t.is(bench.counters.dialoguesOpen, 0);
});

for (const [name, planned, dues] of [
  ['less by a little, at a price below nothing', 3.999, -1e9],
  ['the same, at a price below nothing', 4, -1e9],
] as const) {
  test(`a customer that compares books, and claims ${name}, is not paid for it`, async (t) => {
    const bench = firmBench();
    bench.fund('ann', FUNDS);
    await bench.pass('1 s');
    await traded(bench, 'ann', { lot: 4, period: 0, above: 1 });
    const before = bench.state.claims[0]?.[0] ?? 0;
    const body = { from: 0, planned: [planned, 0, 0, 0], dues: [dues, 0, 0, 0] };
    const review = bench.peer('ann').open(ContractReview, 'buyer', 'compare', body, { within: '1 min' });
    await bench.settle();
    t.true(Math.abs((review.hear('agreed').dues[0] ?? 0) - before) < 1e-9);
    await bench.pass('40 min');
    ordered(bench, 'ann', { quantity: 4, escrow: null });
    await bench.pass('6 min');
    t.is(ownWealth(bench), FUNDS);
    const again = bench.peer('ann').open(ContractReview, 'buyer', 'compare', body, { within: '1 min' });
    t.is(again.hear('decline').reason, 'not now', 'once a period is enough');
  });
}

test('a customer that did not hear of its last lot is believed', async (t) => {
  const bench = firmBench();
  await bench.pass('1 s');
  const { price } = await traded(bench, 'ann', { lot: 4, period: 1 });
  await traded(bench, 'ann', { lot: 2, period: 1, above: 3 });
  const body = { from: 0, planned: [0, 4, 0, 0], dues: [0, 4 * price, 0, 0] };
  const review = bench.peer('ann').open(ContractReview, 'buyer', 'compare', body, { within: '1 min' });
  t.deepEqual(review.hear('agreed').planned, [0, 4, 0, 0]);
  t.deepEqual(bench.state.promised[0], [0, 4, 0, 0]);
});

test('a customer whose rule would have ordered a thousand million units does not stop the firm from ordering', async (t) => {
  const bench = firmBench({ perOutput: 4, suppliers: [{ agent: 'mill' }] });
  await bench.pass('41 min');
  ordered(bench, 'ann', { quantity: 1e9, alone: 1e9, escrow: null });
  await bench.pass('1 h');
  for (const period of [0, 1]) {
    const order = bench.peer('mill').heardOpening(PurchaseOrder, 'supplier').hear('order');
    t.is(order.period, period);
    t.true(order.alone <= 1e9);
  }
});
