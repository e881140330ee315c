import test from 'ava';
import { testAgent } from '../../../agent-core/testing/bench.ts';
import { costCollector } from '../../../agents/supply-chain/cost-collector.ts';
import { market } from '../../../agents/supply-chain/market.ts';
import { MarketSale, PurchaseOrder } from '../../../agents/supply-chain/purchase-order.ts';
import { rawSource } from '../../../agents/supply-chain/raw-source.ts';
import { SupplyContract } from '../../../agents/supply-chain/supply-contract.ts';
import { firmBench, FUNDS, ownWealth } from './firms.ts';

const shop = (markets: readonly string[]) => firmBench({ customers: [], markets });

const ask = (bench: ReturnType<typeof shop>, name: string, demand: number | { quantity: number; period: number }) => {
  const body = typeof demand === 'number' ? { period: bench.state.period, quantity: demand } : demand;
  return bench.peer(name).open(MarketSale, 'market', 'demand', body, { within: '4 min' });
};

test('a market is sold what there is at the list price, and the rest waits', async (t) => {
  const bench = shop(['street']);
  await bench.pass('51 min');
  const sale = ask(bench, 'street', 12.5);
  t.deepEqual(sale.hear('sale'), { sold: 10, waiting: 2.5, due: 70_000_000n });
  sale.send('paid', {});
  t.is(bench.state.profit, 70_000_000n);
});

test('markets are served in their order when all have been heard, whoever comes first', async (t) => {
  const bench = shop(['street', 'square']);
  await bench.pass('51 min');
  const square = ask(bench, 'square', 8);
  t.deepEqual(square.heard(), []);
  const street = ask(bench, 'street', 8);
  t.is(street.hear('sale').sold, 8);
  t.is(square.hear('sale').sold, 2);
});

test('demand of a stranger, for another period, and said twice is no demand', async (t) => {
  const bench = shop(['street', 'square']);
  await bench.pass('51 min');
  const bad = [ask(bench, 'mallory', 5), ...[1, 3].map((period) => ask(bench, 'street', { quantity: 5, period }))];
  ask(bench, 'street', 1);
  bad.push(ask(bench, 'street', 5));
  for (const one of bad) t.is(one.hear('failure').reason, 'not expected');
  ask(bench, 'square', 1);
  t.deepEqual(bench.state.asked, [2]);
  t.is(bench.state.stock[0], 8);
});

test('a market that says it has paid, and has not, makes no gain that could be shared out', async (t) => {
  const bench = firmBench({ customers: [], markets: ['street'], convenor: 'carol', stock: 5 });
  for (let period = 0; period < 4; period += 1) {
    await bench.pass('51 min');
    if (period === 0) ask(bench, 'street', 5).send('paid', {});
    else ask(bench, 'street', 0);
    await bench.pass('9 min');
  }
  t.is(bench.state.profit, 35_000_000n);
  t.is(ownWealth(bench), FUNDS);
  const [told] = bench
    .peer('carol')
    .heard()
    .map(({ body }) => body as unknown as { gain: string });
  t.is(told?.gain, '-35000000', 'the shadow sold as much, and was believed to be paid');
});

/** A market that wants 5 units a period of one shop, at 7 tokens. */
function customer() {
  const bench = testAgent(({ didOf }) => market({ retailers: [{ agent: didOf('shop'), price: 7, demand: [5, 5] }] }), {
    name: 'street',
    funds: FUNDS,
  });
  bench.peer('shop');
  return bench;
}

const sell = (bench: ReturnType<typeof customer>, sale: { sold: number; waiting: number; due: bigint }) => {
  const dialogue = bench.peer('shop').heardOpening(MarketSale, 'retailer');
  dialogue.hear('demand');
  dialogue.send('sale', sale);
  return dialogue;
};

test('a market pays for what it asked for, also what waited', async (t) => {
  const bench = customer();
  await bench.pass('51 min');
  sell(bench, { sold: 2, waiting: 3, due: 14_000_000n });
  await bench.pass('1 h');
  const second = sell(bench, { sold: 8, waiting: 0, due: 56_000_000n });
  await bench.settle();
  second.hear('paid');
  t.is(bench.ledger.balance(bench.did).available, FUNDS - 70_000_000n);
});

for (const [name, sale] of [
  ['more than was asked for', { sold: 6, waiting: 0, due: 42_000_000n }],
  ['at another price', { sold: 5, waiting: 0, due: 35_000_001n }],
  ['all its money, for nothing', { sold: 0, waiting: 5, due: FUNDS }],
] as const) {
  test(`a market does not pay a shop that charges it ${name}`, async (t) => {
    const bench = customer();
    await bench.pass('51 min');
    const dialogue = sell(bench, sale);
    await bench.settle();
    dialogue.hear('failure');
    t.is(bench.ledger.balance(bench.did).available, FUNDS);
  });
}

const source = () =>
  testAgent(({ didOf }) => rawSource({ periods: 4, customers: [{ agent: didOf('mill'), price: 0.5 }] }), {
    name: 'mine',
    funds: {},
  });

test('a raw source quotes its list price for everything that is left, and nothing to strangers', (t) => {
  const bench = source();
  const body = { from: 1, lot: 3, asOf: 0 };
  const call = bench.peer('mill').open(SupplyContract, 'buyer', 'call', body, { within: '30 s' });
  t.deepEqual(call.hear('quote'), { more: [0.5, 0.5, 0.5], fewer: [0.5, 0.5, 0.5], penalty: 0 });
  call.send('amend', { kind: 'buy', period: 2, price: 0.5 });
  call.hear('amended');
  const stranger = bench.peer('mallory').open(SupplyContract, 'buyer', 'call', body, { within: '30 s' });
  t.is(stranger.hear('decline').reason, 'no customer');
});

test('a raw source ships what is paid for, and nothing else', async (t) => {
  const bench = source();
  bench.fund('mill', { token: FUNDS, straw: FUNDS });
  const { ledger } = bench.peer('mill');
  const hold = (amount: bigint, asset: string): string => {
    const receipt = ledger.reserve({ to: bench.did, amount, asset, release: 'payee', within: '1 h' });
    return receipt.type === 'applied' ? receipt.id : '';
  };
  const order = (name: string, escrow: string | null) =>
    bench
      .peer(name)
      .open(PurchaseOrder, 'buyer', 'order', { period: 0, quantity: 4, alone: 2, escrow }, { within: '1 min' });
  const bad = [null, 'none', hold(1_999_999n, 'token'), hold(2_000_000n, 'straw')].map((one) => order('mill', one));
  await bench.settle();
  for (const one of bad) t.is(one.hear('decline').reason, 'not secured');
  const good = order('mill', hold(3_000_000n, 'token'));
  const stranger = order('mallory', null);
  await bench.settle();
  t.deepEqual(good.hear('ship'), { period: 0, quantity: 4, due: 2_000_000n, credit: 0n, penalty: 0n, alone: 2 });
  t.is(stranger.hear('decline').reason, 'no customer');
  t.is(bench.ledger.balance(bench.did).available, 2_000_000n);
});

test('storage is paid at the end of each period to whom costs are paid, who only has an account', async (t) => {
  const bench = firmBench({ stock: 10 });
  await bench.pass('2 h');
  t.is(bench.peer('costs').ledger.balance().available, 2_000_000n);
  t.is(ownWealth(bench), FUNDS - 2_000_000n);
  t.is(testAgent(costCollector()).lifecycle, 'running');
});
