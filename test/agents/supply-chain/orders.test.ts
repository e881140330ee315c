import test from 'ava';
import { PurchaseOrder } from '../../../agents/supply-chain/purchase-order.ts';
import { firmBench, escrowFor, ordered, ownWealth, traded, wealthOf, FUNDS } from './firms.ts';

type Bench = ReturnType<typeof firmBench>;

/** A firm that owes Ann 4 units for 8 tokens in the first period. */
async function contracted(plan: Parameters<typeof firmBench>[0] = {}): Promise<Bench> {
  const bench = firmBench(plan);
  for (const name of ['ann', 'bob', 'mallory']) bench.fund(name, { token: FUNDS, straw: FUNDS });
  await bench.pass('1 s');
  const above = 2 - 0.6;
  const { said, price } = await traded(bench, 'ann', { lot: 4, period: 0, above });
  t0(said === 'amended' && Math.abs(price - 2) < 1e-9);
  await bench.pass('40 min');
  return bench;
}

function t0(holds: boolean): void {
  if (!holds) throw new Error('the contract that the test is about was not made');
}

const DUE = 8_000_000n;

test('what was contracted is shipped, and paid out of what was set aside', async (t) => {
  const bench = await contracted();
  const escrow = escrowFor(bench, bench.peer('ann'), DUE);
  const order = ordered(bench, 'ann', { quantity: 4, escrow });
  await bench.pass('6 min');
  t.deepEqual(order.hear('ship'), { period: 0, quantity: 4, due: DUE, credit: 0n, penalty: 0n, alone: 0 });
  t.is(bench.state.stock[0], 6);
  t.is(wealthOf(bench, 'ann'), FUNDS - DUE);
  t.is(ownWealth(bench), FUNDS + DUE);
  t.is(bench.state.profit, DUE);
});

for (const [name, secure] of [
  ['nothing is set aside', () => null],
  ['too little is set aside', (bench: Bench) => escrowFor(bench, bench.peer('ann'), DUE - 20n)],
  ['what is set aside is named that is not there', () => 'castle in the air'],
  ['another has set it aside', (bench: Bench) => escrowFor(bench, bench.peer('bob'), DUE)],
  [
    'it is set aside for another',
    (bench: Bench) => {
      const to = bench.didOf('mallory');
      const hold = { to, amount: DUE, release: 'payee', within: '1 h' } as const;
      const receipt = bench.peer('ann').ledger.reserve(hold);
      return receipt.type === 'applied' ? receipt.id : null;
    },
  ],
  [
    'straw is set aside, not money',
    (bench: Bench) => {
      const hold = { to: bench.did, amount: DUE, release: 'payee', within: '1 h', asset: 'straw' } as const;
      const receipt = bench.peer('ann').ledger.reserve(hold);
      return receipt.type === 'applied' ? receipt.id : null;
    },
  ],
  [
    'it is gone by then',
    (bench: Bench) => {
      const hold = { to: bench.did, amount: DUE, release: 'payee', within: '1 s' } as const;
      const receipt = bench.peer('ann').ledger.reserve(hold);
      return receipt.type === 'applied' ? receipt.id : null;
    },
  ],
] as const) {
  test(`nothing is shipped where ${name}`, async (t) => {
    const bench = await contracted();
    const order = ordered(bench, 'ann', { quantity: 4, escrow: secure(bench) });
    await bench.pass('6 min');
    t.is(order.hear('decline').reason, 'not secured');
    t.is(bench.state.stock[0], 10);
    t.is(ownWealth(bench), FUNDS);
    t.is(bench.state.profit, 0n);
  });
}

test('what one customer leaves unpaid the next can have', async (t) => {
  const bench = await contracted({ stock: 4 });
  const unpaid = ordered(bench, 'ann', { quantity: 4, escrow: null });
  await bench.pass('6 min');
  t.is(unpaid.hear('decline').reason, 'not secured');
  await bench.pass('15 min');
  t.is((await traded(bench, 'bob', { lot: 4, period: 1 })).said, 'amended');
});

test('no more is shipped than was contracted, and no more is paid', async (t) => {
  const bench = await contracted();
  const escrow = escrowFor(bench, bench.peer('ann'), 100n * DUE);
  const order = ordered(bench, 'ann', { quantity: 1e9, escrow });
  await bench.pass('6 min');
  t.like(order.hear('ship'), { quantity: 4, due: DUE });
  t.is(wealthOf(bench, 'ann'), FUNDS - DUE);
});

test('who orders without a contract gets nothing, for nothing', async (t) => {
  const bench = await contracted();
  const order = ordered(bench, 'bob', { quantity: 4, escrow: null });
  await bench.pass('6 min');
  t.like(order.hear('ship'), { quantity: 0, due: 0n, credit: 0n });
});

test('who orders less pays that much less, and is owed no penalty', async (t) => {
  const bench = await contracted();
  const escrow = escrowFor(bench, bench.peer('ann'), DUE);
  const order = ordered(bench, 'ann', { quantity: 1, escrow });
  await bench.pass('6 min');
  t.like(order.hear('ship'), { quantity: 1, due: DUE / 4n, penalty: 0n });
});

test('a stranger, an order for another period and one that comes too late are declined', async (t) => {
  const bench = await contracted();
  const stranger = ordered(bench, 'mallory', { quantity: 4, escrow: null });
  const early = ordered(bench, 'ann', { quantity: 4, escrow: null, period: 1 });
  await bench.pass('6 min');
  const late = ordered(bench, 'ann', { quantity: 4, escrow: null });
  t.deepEqual(
    [stranger, early, late].map((one) => one.hear('decline').reason),
    ['no customer', 'too late', 'too late'],
  );
});

test('an order that is said twice is shipped and paid once', async (t) => {
  const bench = await contracted();
  const [first, second] = [1, 2].map(() =>
    ordered(bench, 'ann', { quantity: 4, escrow: escrowFor(bench, bench.peer('ann'), DUE) }),
  );
  await bench.pass('6 min');
  const answers = [...(first?.heard() ?? []), ...(second?.heard() ?? [])].map(({ type }) => type);
  t.deepEqual(answers.toSorted(), ['decline', 'ship']);
  t.is(ownWealth(bench), FUNDS + DUE);
  t.is(bench.state.stock[0], 6);
});

test('units that are no number, or below nothing, or too many, are not understood', async (t) => {
  const bench = await contracted();
  for (const quantity of [-1, 1e10, null, '4', [4], { valueOf: 4 }]) {
    const body = { period: 0, quantity, alone: 0, escrow: null } as never;
    bench.peer('ann').say({ type: 'order', protocol: PurchaseOrder.id, body });
    await bench.settle();
    t.is(bench.peer('ann').heard().at(-1)?.type, 'not-understood', JSON.stringify(quantity));
  }
  t.is(bench.state.orders[0] ?? null, null);
});

test('customers are served in the order of the lanes, whoever orders first, and who gets less is owed a penalty', async (t) => {
  const bench = firmBench({ capacity: 6, trade: { renegotiate: true } });
  for (const name of ['ann', 'bob']) bench.fund(name, { token: FUNDS });
  await bench.pass('1 s');
  await traded(bench, 'bob', { lot: 2, period: 0 });
  await traded(bench, 'ann', { lot: 4, period: 0 });
  await bench.pass('40 min');
  // Half of it is spoilt: nobody could know.
  bench.state.stock[0] = 5;
  const orders = ['bob', 'ann'].map((name) =>
    ordered(bench, name, { quantity: name === 'ann' ? 4 : 2, escrow: escrowFor(bench, bench.peer(name), DUE) }),
  );
  await bench.pass('6 min');
  t.deepEqual(
    orders.map((one) => one.hear('ship').quantity),
    [1, 4],
  );
  const [bob] = orders;
  t.like(bob?.heard().at(-1), { body: { penalty: 500_000n } });
});

test('a firm without contracts ships what is ordered at its list price, in the order of the lanes', async (t) => {
  const bench = firmBench({ trade: null });
  for (const name of ['ann', 'bob']) bench.fund(name, { token: FUNDS });
  await bench.pass('41 min');
  const [bob, ann] = ['bob', 'ann'].map((name) =>
    ordered(bench, name, { quantity: 7, escrow: escrowFor(bench, bench.peer(name), 35_000_000n) }),
  );
  await bench.pass('6 min');
  t.like(ann?.hear('ship'), { quantity: 7, due: 35_000_000n });
  t.like(bob?.hear('ship'), { quantity: 3, due: 15_000_000n });
  t.is(wealthOf(bench, 'bob'), FUNDS - 15_000_000n);
});
