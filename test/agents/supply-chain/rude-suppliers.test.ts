import test from 'ava';
import type { PeerDialogue } from '../../../agent-core/testing/peer-dialogue.ts';
import type { TestBench } from '../../../agent-core/testing/test-bench.ts';
import { PurchaseOrder } from '../../../agents/supply-chain/purchase-order.ts';
import { SupplyContract, SupplyNotice } from '../../../agents/supply-chain/supply-contract.ts';
import type { FirmState } from '../../../agents/supply-chain/firm-state.ts';
import { called, firmBench, FUNDS, ownWealth } from './firms.ts';

type Bench = TestBench<FirmState>;

/** What a supplier under test says to a call for quotes, and to an acceptance; null: nothing. */
interface Manner {
  readonly quote: ((left: number) => object) | null;
  readonly amend: 'amended' | 'stale' | null;
}

const flat =
  (price: number) =>
  (left: number): object => ({
    more: Array.from({ length: left }, () => price),
    fewer: Array.from({ length: left }, () => price),
    penalty: 0,
  });

/** Plays the mill for a while, a second at a time; gives how often it was called and how often accepted. */
async function play(
  bench: Bench,
  { quote, amend }: Manner,
  minutes: number,
): Promise<{ calls: number; amends: number }> {
  let [calls, amends] = [0, 0];
  const open: ReturnType<typeof next>[] = [];
  for (let second = 0; second < minutes * 60; second += 1) {
    for (let turn = 0; turn < 200; turn += 1) {
      await bench.settle();
      const call = next(bench);
      if (call !== null) {
        calls += 1;
        if (quote === null) continue;
        const { from } = call.hear('call');
        call.send('quote', quote(4 - from) as never);
        open.push(call);
      }
      const accepted = open.findIndex((one) => one?.heard().at(-1)?.type === 'amend');
      if (accepted >= 0) {
        amends += 1;
        const [one] = open.splice(accepted, 1);
        if (amend === 'amended') one?.send('amended', {});
        if (amend === 'stale') one?.send('stale', { reason: 'no' });
      }
      if (call === null && accepted < 0) break;
    }
    await bench.pass('1 s');
  }
  return { calls, amends };
}

function next(bench: Bench): PeerDialogue<typeof SupplyContract, 'supplier'> | null {
  try {
    return bench.peer('mill').heardOpening(SupplyContract, 'supplier');
  } catch {
    // Nobody calls.
    return null;
  }
}

/** A shop with a market, which buys of a mill at a list price of 2 and sells at 7. */
const shop = (more: object = {}): Bench =>
  firmBench({ stock: 2, suppliers: [{ agent: 'mill' }], customers: [], markets: ['street'], ...more });

/** The same as a producer with customers. */
const maker = (): Bench => firmBench({ stock: 0, suppliers: [{ agent: 'mill' }] });

for (const price of [1e6, -1e6]) {
  test(`a supplier that quotes ${price} does not stop its customer from quoting`, async (t) => {
    const bench = maker();
    await bench.pass('1 s');
    for (let k = 0; k < 2; k += 1) {
      const call = called(bench, 'ann', { lot: 4 });
      await play(bench, { quote: flat(price), amend: 'stale' }, 0.1);
      const { more } = call.hear('quote');
      t.true(more.every((one) => one === null || Math.abs(one) <= 1e6));
    }
  });
}

test('quotes of the wrong length, and for what is not contracted, do no harm', async (t) => {
  const bench = maker();
  await bench.pass('1 s');
  for (const length of [0, 1, 999]) {
    const list = Array.from({ length }, () => 2);
    const call = called(bench, 'ann', { lot: 1 + length });
    await play(bench, { quote: () => ({ more: list, fewer: list, penalty: 1e6 }), amend: null }, 0.1);
    t.is(call.hear('quote').more.length, 4);
    t.is(bench.state.quoting, false);
  }
});

test('a supplier that never answers is let alone after a few calls, and time goes on', async (t) => {
  const bench = shop();
  await bench.pass('5 min');
  const { calls } = await play(bench, { quote: null, amend: null }, 20);
  t.true(calls <= 4, `${calls} calls`);
  await bench.pass('40 min');
  t.is(bench.state.period, 1);
  await bench.pass('3 h');
  t.true(bench.state.isOver);
});

test('a supplier that turns down whatever it has quoted is let alone after a while', async (t) => {
  const bench = shop();
  await bench.pass('5 min');
  const { calls, amends } = await play(bench, { quote: flat(2), amend: 'stale' }, 5);
  t.true(amends > 0 && amends <= 20, `${amends} acceptances`);
  t.true(calls <= 25, `${calls} calls`);
  t.deepEqual(bench.state.planned[0], [0, 0, 0, 0]);
});

test('an acceptance that is never answered puts the books in doubt, and nothing into them', async (t) => {
  const bench = shop();
  await bench.pass('5 min');
  const { amends } = await play(bench, { quote: flat(2), amend: null }, 20);
  t.true(amends > 0 && amends <= 20);
  t.deepEqual(bench.state.planned[0], [0, 0, 0, 0]);
  t.deepEqual([...bench.state.doubts], [0]);
});

/** A shop that has contracted with the mill, at the time of orders. */
async function contracted(): Promise<{ readonly bench: Bench; readonly due: bigint }> {
  const bench = shop();
  bench.fund('mill', FUNDS);
  await bench.pass('5 min');
  await play(bench, { quote: flat(2), amend: 'amended' }, 2);
  await bench.pass('34 min');
  const due = BigInt(Math.round((bench.state.dues[0]?.[0] ?? 0) * 1e6));
  if (due <= 0n) throw new Error('nothing was contracted for the first period');
  return { bench, due };
}

/** Lets the shop order, and answers it. */
async function shipped(bench: Bench, claim: object) {
  await bench.pass('2 min');
  const order = bench.peer('mill').heardOpening(PurchaseOrder, 'supplier');
  const { quantity, alone, escrow } = order.hear('order');
  order.send('ship', { period: 0, quantity, due: 0n, credit: 0n, penalty: 0n, alone, ...claim });
  await bench.settle();
  return { quantity, alone, escrow };
}

test('more than was ordered is not taken in, and the local rule gets no more than it ordered', async (t) => {
  const { bench } = await contracted();
  const { quantity, alone } = await shipped(bench, { quantity: 1e9, alone: 1e9 });
  t.is(bench.state.underWay[0]?.[0], quantity);
  t.is(bench.state.shadow?.underWay[0]?.[0], alone);
  t.deepEqual([...bench.state.doubts], [0]);
});

test('what a supplier claims to have been paid is booked up to what was set aside', async (t) => {
  const { bench, due } = await contracted();
  await shipped(bench, { due: 10n ** 20n });
  t.is(bench.state.profit, -due);
});

test('a supplier takes no more than was set aside, and what it leaves comes back', async (t) => {
  const { bench, due } = await contracted();
  await bench.pass('2 min');
  const order = bench.peer('mill').heardOpening(PurchaseOrder, 'supplier');
  const { escrow } = order.hear('order');
  const { ledger } = bench.peer('mill');
  const take = (amount: bigint) => ledger.post({ reservation: escrow ?? '', payer: bench.did, amount }).type;
  t.is(take(due + 1n), 'refused');
  await bench.pass('40 min');
  t.is(bench.ledger.balance(bench.did).reserved, 0n);
});

test('a supplier that accepts and never ships is paid nothing, and its book is doubted', async (t) => {
  const { bench } = await contracted();
  await bench.pass('14 min');
  t.is(bench.state.underWay[0]?.[0], 0);
  // Two units were stored for a period.
  t.is(ownWealth(bench), FUNDS - 200_000n);
  await bench.pass('10 min');
  t.true(bench.state.doubts.has(0));
  t.is(bench.state.period, 1);
});

test('a cut takes away what was due for the units, whatever price the supplier names for them', async (t) => {
  for (const price of [-1e6, 0, 1e6]) {
    const { bench } = await contracted();
    const before = { units: bench.state.planned[0]?.[0] ?? 0, tokens: bench.state.dues[0]?.[0] ?? 0 };
    const cuts = [{ period: 0, units: before.units / 2, price }];
    const notice = bench.peer('mill').open(SupplyNotice, 'supplier', 'cut', { cuts }, { within: '1 min' });
    await bench.settle();
    notice.hear('noted');
    t.is(bench.state.planned[0]?.[0], before.units / 2);
    t.true(Math.abs((bench.state.dues[0]?.[0] ?? 0) - before.tokens / 2) < 1e-9, `at ${price}`);
    t.true(bench.state.doubts.has(0));
  }
});

test('a cut at the price that was agreed leaves no doubt, and one of more than there is leaves nothing', async (t) => {
  const { bench } = await contracted();
  const units = bench.state.planned[0]?.[0] ?? 0;
  const price = (bench.state.dues[0]?.[0] ?? 0) / units;
  const tell = async (more: number): Promise<void> => {
    const cuts = [{ period: 0, units: more, price }];
    bench.peer('mill').open(SupplyNotice, 'supplier', 'cut', { cuts }, { within: '1 min' });
    await bench.settle();
  };
  await tell(units / 2);
  t.is(bench.state.doubts.size, 0);
  await tell(1e9);
  t.is(bench.state.planned[0]?.[0], 0);
  t.true(Math.abs(bench.state.dues[0]?.[0] ?? 1) < 1e-9);
  t.is(bench.state.doubts.size, 1);
});
