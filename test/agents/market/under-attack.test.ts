import test from 'ava';
import { callExchange } from '../../../agents/market/call-exchange.ts';
import { exchange } from '../../../agents/market/exchange.ts';
import { defineAgent, type Agent } from '../../../agent-core/agent/agent.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import { CallMarket } from '../../../agent-core/protocol/call-market.ts';
import { ContinuousDoubleAuction } from '../../../agent-core/protocol/continuous-double-auction.ts';
import { rudeScripts, underAttack, type Script } from '../../fixtures/under-fire.ts';

interface Results {
  readonly results: { readonly type: string; readonly code?: string }[];
}

/** Buys two at 5 without money: what an exchange says is enough to attack. */
const buyer = (to: Did): Agent<unknown, Results> =>
  defineAgent({
    name: 'buyer',
    state: (): Results => ({ results: [] }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        const result = await ctx.run(ContinuousDoubleAuction.trader, {
          exchange: to,
          asset: 'wheat',
          side: 'buy',
          price: 5n,
          quantity: 2,
          within: '20 s',
          setAside: null,
          revise: { after: () => '1 s', terms: ({ quantity }) => ({ price: 6n, quantity }) },
        });
        ctx.state.results.push(result);
      }),
  })();

const sealedBuyer = (to: Did): Agent<unknown, Results> =>
  defineAgent({
    name: 'sealed-buyer',
    state: (): Results => ({ results: [] }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        const terms = { asset: 'wheat', side: 'buy', price: 5n, quantity: 2, unbacked: true } as const;
        ctx.state.results.push(await ctx.run(CallMarket.trader, { exchange: to, ...terms, within: '20 s' }));
      }),
  })();

const order = { id: 'o', asset: 'wheat', side: 'buy', price: '5', quantity: 2 };
const samples = {
  order: { ...order, expires: 30_000_000, immediate: false },
  refused: { code: 'bad-order' },
  fill: { trade: 't', price: '5', quantity: 1, open: 1 },
  replace: { price: '4', quantity: 1 },
  replaced: { price: '6', quantity: 2 },
  'not-replaced': { code: 'reservation-too-small' },
  done: { reason: 'filled', quantity: 2, money: '10' },
};
const rule = { kPermille: 500, margin: 'time' };
const cleared = { price: '5', volume: 2, allotted: 2, quantity: 2, money: '10', orders: null, own: null, rule };
const sealedSamples = {
  order,
  accepted: { callAt: 1 },
  refused: { code: 'bad-order' },
  withdrawn: { reason: 'cancelled' },
  cleared,
};

const markets = [
  {
    name: 'a continuous double auction',
    protocol: ContinuousDoubleAuction,
    victim: buyer,
    samples,
    polite: {
      order: [{ say: 'accepted', body: {} }, { wait: '3 s' }, { say: 'done', body: samples.done }],
    },
    hub: () => exchange({ assets: ['wheat'], settlement: 'words' }),
  },
  {
    name: 'a call market',
    protocol: CallMarket,
    victim: sealedBuyer,
    samples: sealedSamples,
    polite: { order: [{ say: 'accepted', body: { callAt: 1 } }, { wait: '3 s' }, { say: 'cleared', body: cleared }] },
    hub: () => callExchange({ assets: ['wheat'], every: '10 s', settlement: 'words' }),
  },
] as const;

for (const { name, protocol, victim, samples: bodies, polite, hub } of markets) {
  test(`a trader in ${name} comes to a result whatever one act its exchange does`, async (t) => {
    const seen = new Set<string>();
    const rudeness = { protocol, role: 'exchange', polite, samples: bodies, late: '50 s' } as const;
    for (const [act, script] of rudeScripts(rudeness)) {
      const attacked = await underAttack(t, { protocol, role: 'exchange', script, victim });
      t.is(attacked.victim.results.length, 1, `${act}: one result`);
      for (const { type } of attacked.victim.results) seen.add(type);
    }
    for (const type of ['unknown', 'refused']) t.true(seen.has(type), type);
    t.true(seen.has('done') || seen.has('cleared'));
  });

  test(`an exchange of ${name} keeps no order longer than its dialogue whatever one act its trader does`, async (t) => {
    const cancelling = { opening: [{ wait: '1 s' }, { say: 'cancel', body: {} }] } as const;
    const rudeness = { protocol, role: 'trader', polite: cancelling, samples: bodies, late: '50 s' } as const;
    for (const [act, script] of rudeScripts(rudeness)) {
      const opening = { type: 'order', body: bodies.order, within: '40 s' } as const;
      const market = hub as unknown as () => Agent<unknown, { orders: Map<string, unknown>; ids: Set<string> }>;
      const attack = { protocol, role: 'trader', script, victim: market, opening } as const;
      const { victim: state, place } = await underAttack(t, attack);
      t.deepEqual([state.orders.size, state.ids.size], [0, 0], act);
      t.true(place.now() <= 110_000_000);
    }
  });
}

const lies: Readonly<Record<string, readonly [string, Script]>> = {
  'a fill at a worse price than ordered': [
    'broken-terms',
    { order: [{ say: 'fill', body: { ...samples.fill, price: '6' } }] },
  ],
  'a total that is worse than ordered': [
    'broken-terms',
    { order: [{ say: 'done', body: { ...samples.done, money: '11' } }] },
  ],
  'fills of more than it ordered': [
    'broken-terms',
    {
      order: [
        { say: 'fill', body: { ...samples.fill, quantity: 2 } },
        { say: 'fill', body: { ...samples.fill, trade: 'more', quantity: 1 } },
      ],
    },
  ],
  'a total of more than it ordered': [
    'broken-terms',
    { order: [{ say: 'done', body: { ...samples.done, quantity: 3, money: '15' } }] },
  ],
};

for (const [what, [code, script]] of Object.entries(lies)) {
  test(`a trader does not take ${what}`, async (t) => {
    const role = 'exchange';
    const attacked = await underAttack(t, { protocol: ContinuousDoubleAuction, role, script, victim: buyer });
    t.deepEqual(
      attacked.victim.results.map((result) => [result.type, result.code]),
      [['unknown', code]],
    );
  });
}

const falseCalls: Readonly<Record<string, object>> = {
  'a worse price': { price: '6', money: '12' },
  'more than was ordered': { allotted: 3, quantity: 3, money: '15' },
  'more than it was allotted': { allotted: 1 },
  'another sum than price times quantity': { money: '11' },
  'units without a price': { price: null },
};

for (const [what, change] of Object.entries(falseCalls)) {
  test(`a sealed order does not take ${what}`, async (t) => {
    const script = { order: [{ say: 'cleared', body: { ...cleared, ...change } }] };
    const attacked = await underAttack(t, { protocol: CallMarket, role: 'exchange', script, victim: sealedBuyer });
    t.deepEqual(
      attacked.victim.results.map(({ type, code }) => [type, code]),
      [['unknown', 'broken-terms']],
    );
  });
}
