import test from 'ava';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import type { Context } from '../../../agent-core/agent/context.ts';
import type { Hold } from '../../../agent-core/agent/ledger-access.ts';
import { createCancellation } from '../../../agent-core/protocol/cancellation.ts';
import { ContinuousDoubleAuction } from '../../../agent-core/protocol/continuous-double-auction.ts';
import { checkBooks, floor, MONEY, WHEAT, type Floor } from './floor.ts';

type Raw = Context<void, { readonly heard: string[] }>;

/** A trader that speaks the protocol by hand, so that it can lie. It hears everything in short. */
function raw(market: Floor, name: string, script: (ctx: Raw) => Promise<void>) {
  const agent = defineAgent({
    name: 'raw',
    state: () => ({ heard: [] as string[] }),
    setup(builder) {
      builder.start(script);
      const hear = (ctx: Raw, m: { readonly type: string; readonly body: object }): void => {
        const { code, reason, quantity } = m.body as { code?: string; reason?: string; quantity?: number };
        ctx.state.heard.push(`${m.type} ${code ?? reason ?? quantity ?? ''}`.trim());
      };
      builder.play(
        ContinuousDoubleAuction,
        'trader',
        { accepted: hear, refused: hear, fill: hear, replaced: hear, 'not-replaced': hear, done: hear },
        { ended: (ctx, end) => void ctx.state.heard.push(`ended ${end.outcome} ${end.code}`) },
      );
    },
  });
  return market.place.spawn(agent(), { name, funds: { token: MONEY, wheat: WHEAT } });
}

/** Offers two units of wheat at 5 under a name. */
function offer(ctx: Raw, market: Floor, id: string) {
  const expires = ctx.now() + 1_000_000;
  const body = { id, asset: 'wheat', side: 'sell', price: 5n, quantity: 2, immediate: false, expires } as const;
  return ctx.open(ContinuousDoubleAuction, 'trader', market.hub.did, 'order', body, { within: '2 s' });
}

/** A reservation that does for {@link offer}. */
function good(market: Floor, change: Partial<Hold> = {}): Hold {
  const { did } = market.hub;
  return { id: 'o', to: did, asset: 'wheat', amount: 2n, release: 'payee', within: '3 s', ...change };
}

const bad: Readonly<Record<string, readonly [string, (market: Floor) => Partial<Hold>]>> = {
  'for too little': ['reservation-too-small', () => ({ amount: 1n })],
  'that the trader itself would release': ['reservation-not-payee', () => ({ release: 'payer' })],
  'that the trader may void with a failure of the exchange': ['reservation-revocable', () => ({ reference: 'd' })],
  'of money for a sale': ['reservation-wrong-asset', () => ({ asset: 'token' })],
  'for somebody else': ['no-reservation', ({ place }) => ({ to: place.didOf('other') })],
  'of another name': ['no-reservation', () => ({ id: 'another' })],
  'that ends before the dialogue': ['reservation-too-short', () => ({ within: '1500 ms' })],
  'that has run out': ['reservation-over', () => ({ within: '5 ms' })],
};

for (const [what, [code, change]] of Object.entries(bad)) {
  test(`refuses an order with a reservation ${what}`, async (t) => {
    const market = floor();
    market.trader('other', () => undefined);
    const trader = raw(market, 'raw', async (ctx) => {
      await ctx.ledger.reserve(good(market, change(market)));
      await ctx.sleep('10 ms');
      offer(ctx, market, 'o');
    });
    await market.place.run();
    t.deepEqual(trader.state.heard, [`refused ${code}`, 'ended done done']);
    await market.place.run({ until: '10 s' });
    checkBooks(t, market);
  });
}

test('refuses the second order on one reservation, and the first trades', async (t) => {
  const market = floor();
  const trader = raw(market, 'raw', async (ctx) => {
    await ctx.ledger.reserve(good(market));
    offer(ctx, market, 'o');
    offer(ctx, market, 'o');
  });
  market.orders('buyer', [50, { side: 'buy', price: 5n, quantity: 4, within: '1 s' }]);
  await market.place.run();
  t.deepEqual(trader.state.heard, [
    'refused order-id-taken',
    'ended done done',
    'accepted',
    'fill 2',
    'done filled',
    'ended done done',
  ]);
  checkBooks(t, market);
});

test('refuses an order on a reservation that was used before', async (t) => {
  const market = floor();
  const trader = raw(market, 'raw', async (ctx) => {
    await ctx.ledger.reserve(good(market));
    offer(ctx, market, 'o');
    await ctx.sleep('100 ms');
    offer(ctx, market, 'o');
  });
  market.orders('buyer', [50, { side: 'buy', price: 5n, quantity: 2 }]);
  await market.place.run();
  t.deepEqual(trader.state.heard.slice(-2), ['refused reservation-over', 'ended done done']);
  checkBooks(t, market);
});

test('refuses the reservation of another trader', async (t) => {
  const market = floor();
  market.trader('victim', async (ctx) => void (await ctx.ledger.reserve(good(market))));
  const thief = raw(market, 'thief', async (ctx) => {
    await ctx.sleep('10 ms');
    offer(ctx, market, 'o');
  });
  await market.place.run();
  t.deepEqual(thief.state.heard, ['refused no-reservation', 'ended done done']);
  await market.place.run({ until: '10 s' });
  checkBooks(t, market);
});

test('a trader that vanishes still delivers and is paid, since its order is backed', async (t) => {
  const market = floor({ faultPlan: [{ type: 'crash', agent: 'seller', at: '40 ms' }] });
  const seller = market.orders('seller', [0, { side: 'sell', price: 5n, quantity: 3, within: '1 s' }]);
  market.orders('buyer', [50, { side: 'buy', price: 6n, quantity: 2 }]);
  await market.place.run();
  const result = market.results.get('buyer');
  t.is(result?.type === 'done' && result.reason, 'filled');
  t.is(market.place.ledger.balance(seller).available, MONEY + 10n);
  t.is(market.place.ledger.balance(seller, 'wheat').available, WHEAT - 2n);
  checkBooks(t, market);
});

test('a trader that fails its dialogue has taken its order back', async (t) => {
  const market = floor();
  raw(market, 'raw', async (ctx) => {
    await ctx.ledger.reserve(good(market));
    const order = offer(ctx, market, 'o');
    await ctx.sleep('20 ms');
    order.fail('no more');
  });
  market.orders('buyer', [50, { side: 'buy', price: 6n, quantity: 2, within: '100 ms' }]);
  await market.place.run();
  const result = market.results.get('buyer');
  t.is(result?.type === 'done' && result.reason, 'expired');
  t.true(market.place.now() < 1_000_000, 'its reservation came back at once');
  checkBooks(t, market);
});

test('a cancel that crosses a trade on the way changes nothing of it, at whatever moment it comes', async (t) => {
  const reasons = new Set<string>();
  for (let at = 46_000; at <= 56_000; at += 250) {
    const market = floor();
    const cancellation = createCancellation();
    const seller = market.orders('seller', [0, { side: 'sell', price: 5n, quantity: 2, cancellation }]);
    market.orders('buyer', [48, { side: 'buy', price: 5n, quantity: 2, within: '1 s' }]);
    market.trader('clock', async (ctx) => {
      await ctx.sleep(at);
      cancellation.cancel('too late?');
    });
    await market.place.run();
    const result = market.results.get('seller');
    if (result?.type !== 'done') {
      t.fail(`${result?.type} when cancelled at ${at} us`);
      continue;
    }
    reasons.add(`${result.reason} ${result.quantity}`);
    t.is(market.place.ledger.balance(seller, 'wheat').available, WHEAT - BigInt(result.quantity), `at ${at} us`);
    checkBooks(t, market);
  }
  // Cancelled while the trade was being settled: it is settled all the same.
  t.deepEqual([...reasons].toSorted(), ['cancelled 0', 'cancelled 2', 'filled 2']);
});

test('an exchange that crashes at any moment leaves every trade whole, and every order ends by its deadline', async (t) => {
  const ends = new Set<string>();
  for (let at = 44_000; at <= 58_000; at += 500) {
    const market = floor({ faultPlan: [{ type: 'crash', agent: 'exchange', at }] });
    const cancellation = createCancellation();
    market.orders('seller', [0, { side: 'sell', price: 5n, quantity: 3, within: '1 s', cancellation }]);
    market.orders('buyer', [46, { side: 'buy', price: 6n, quantity: 2, within: '1 s' }]);
    await market.place.run();
    for (const [name, result] of market.results) {
      ends.add(`${name} ${result.type === 'unknown' ? result.code : result.type}`);
    }
    t.is(market.results.size, 2, `crashed at ${at} us`);
    await market.place.run({ until: '20 s' });
    market.hub.restart();
    await market.place.run();
    checkBooks(t, market);
  }
  t.deepEqual([...ends].toSorted(), [
    'buyer deadline-passed',
    'buyer done',
    'buyer no-such-agent',
    'seller deadline-passed',
  ]);
});

test('a restarted exchange knows nothing of an order, and its trader learns it when it speaks', async (t) => {
  const market = floor({
    faultPlan: [
      { type: 'crash', agent: 'exchange', at: '30 ms' },
      { type: 'restart', agent: 'exchange', at: '40 ms' },
    ],
  });
  const cancellation = createCancellation();
  market.orders('seller', [0, { side: 'sell', price: 5n, quantity: 3, within: '1 s', cancellation }]);
  market.orders('before', [5, { side: 'buy', price: 5n, quantity: 1 }]);
  market.orders('one', [50, { side: 'sell', price: 5n, quantity: 1 }]);
  market.orders('two', [60, { side: 'buy', price: 5n, quantity: 1 }]);
  market.trader('clock', async (ctx) => {
    await ctx.sleep('100 ms');
    cancellation.cancel('still there?');
  });
  await market.place.run();
  t.is(market.results.get('seller')?.type, 'unknown');
  t.is(market.results.get('before')?.type, 'done');
  const [two, trades] = [market.results.get('two'), market.settled()];
  t.is(two?.type === 'done' && two.reason, 'filled');
  t.is(new Set(trades.map(({ trade }) => trade)).size, 2, 'no name of a trade comes twice');
  await market.place.run({ until: '20 s' });
  checkBooks(t, market);
});

for (const side of ['sell', 'buy'] as const) {
  test(`where the one who ${side}s cannot settle any more its order ends, and the other is open again for the next`, async (t) => {
    const market = floor();
    const other = side === 'sell' ? 'buy' : 'sell';
    // Without grace the reservation runs out when the order does: what trades in the last moment comes too late to the ledger.
    market.orders('late', [0, { side, price: 5n, quantity: 2, within: '60 ms', grace: 0 }]);
    market.orders('other', [54.5, { side: other, price: 5n, quantity: 3 }]);
    market.orders('next', [100, { side, price: 5n, quantity: 3 }]);
    await market.place.run();
    t.is(market.hub.state.refusedSettlements, 1);
    const [late, kept] = [market.results.get('late'), market.results.get('other')];
    t.is(late?.type === 'unknown' && late.code, 'deadline-passed');
    t.deepEqual(kept?.type === 'done' && [kept.reason, kept.quantity, kept.money], ['filled', 3, 15n]);
    checkBooks(t, market);
  });
}

test('an order that has run out meanwhile is not opened again', async (t) => {
  const market = floor();
  market.orders('seller', [0, { side: 'sell', price: 5n, quantity: 2, within: '60 ms', grace: 0 }]);
  market.orders('buyer', [54.5, { side: 'buy', price: 5n, quantity: 2, within: '6 ms' }]);
  await market.place.run();
  t.is(market.hub.state.refusedSettlements, 1);
  const result = market.results.get('buyer');
  t.deepEqual(result?.type === 'done' && [result.reason, result.quantity], ['expired', 0]);
  t.true(market.place.now() < 1_000_000);
  checkBooks(t, market);
});
