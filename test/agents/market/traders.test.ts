import test from 'ava';
import { exchange } from '../../../agents/market/exchange.ts';
import { zeroIntelligenceTrader } from '../../../agents/market/zero-intelligence-trader.ts';
import { zipTrader } from '../../../agents/market/zip-trader.ts';
import type { UnitTraderState } from '../../../agents/market/unit-trader.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import { allocativeEfficiency, convergenceCoefficient, equilibrium } from '../../../agent-core/market/efficiency.ts';
import { createRandomRoot } from '../../../agent-core/random.ts';
import type { PlacedAgent } from '../../../simulator/placed-agent.ts';
import { world } from '../../../simulator/world.ts';

type Kind = 'zero-intelligence' | 'zip';

/** Values and costs of three units of each of 12 traders, uniform from 20 to 180 tokens: a symmetric market. */
function drawLimits(seed: number): readonly { readonly side: 'buy' | 'sell'; readonly limits: bigint[] }[] {
  const random = createRandomRoot(seed).stream('market');
  return Array.from({ length: 12 }, (_, at) => {
    const side = at % 2 === 0 ? 'buy' : 'sell';
    const drawn = Array.from({ length: 3 }, () => random.integer(20_000_000, 180_000_000));
    return { side, limits: drawn.toSorted((a, b) => (side === 'buy' ? b - a : a - b)).map(BigInt) };
  });
}

async function session(seed: number, kind: Kind, days = 1) {
  const place = world({ seed, strict: true, sign: 'off' });
  const hub = place.spawn(exchange({ assets: ['good'] }), { name: 'exchange' });
  const traders: PlacedAgent<UnitTraderState>[] = [];
  const values: { trader: Did; side: 'buy' | 'sell'; price: bigint; quantity: number }[] = [];
  for (const { side, limits } of drawLimits(seed)) {
    const own = { exchange: hub.did, asset: 'good', side, limits, days };
    const money = BigInt(days) * limits.reduce((sum, limit) => sum + limit, 0n);
    const funds = side === 'buy' ? { token: money } : { good: BigInt(days * limits.length) };
    const agent = kind === 'zip' ? zipTrader(own) : null;
    const placed =
      agent === null
        ? place.spawn(zeroIntelligenceTrader({ ...own, min: 1_000_000n, max: 200_000_000n }), { funds })
        : place.spawn(agent, { funds });
    traders.push(placed);
    for (const price of limits) values.push({ trader: placed.did, side, price, quantity: 1 });
  }
  await place.run();
  const trades = hub.state.trades.map((trade) => ({ ...trade, buyOrder: '', sellOrder: '' }));
  return { place, hub, traders, values, trades };
}

test('zero-intelligence traders allocate 97 percent of what there is to gain, over seeds 0 to 11 (Gode and Sunder 1993)', async (t) => {
  const efficiencies: number[] = [];
  for (let seed = 0; seed < 12; seed++) {
    const { trades, values } = await session(seed, 'zero-intelligence');
    efficiencies.push(allocativeEfficiency(trades, values));
  }
  const mean = efficiencies.reduce((sum, x) => sum + x, 0) / efficiencies.length;
  t.log(`mean ${mean.toFixed(4)}, least ${Math.min(...efficiencies).toFixed(4)}`);
  t.true(mean >= 0.97);
  t.true(Math.min(...efficiencies) >= 0.85);
});

test('traders that learn trade at the equilibrium price on their fifth day, over seeds 0 to 3 (Cliff 1997)', async (t) => {
  let [first, last] = [0, 0];
  for (let seed = 0; seed < 4; seed++) {
    const { trades, values } = await session(seed, 'zip', 5);
    const found = equilibrium(values);
    const price = found === undefined ? 0n : (found.low + found.high) / 2n;
    const spread = (day: number): number =>
      convergenceCoefficient(
        trades.filter(({ time }) => Math.floor(time / 60_000_000) === day),
        price,
      );
    first += spread(0) / 4;
    last += spread(4) / 4;
  }
  t.log(`Smith's coefficient on the first day ${first.toFixed(3)}, on the fifth ${last.toFixed(3)}`);
  t.true(last < 0.1 && last < first / 2);
});

test('a day ends with every unit where the trades put it, and nobody trades at a loss', async (t) => {
  for (const kind of ['zero-intelligence', 'zip'] as const) {
    const { place, hub, traders } = await session(3, kind);
    t.deepEqual(place.ledger.audit().faults, []);
    t.is(place.ledger.audit().openReservations, 0);
    t.is(place.ledger.supply('good'), 18n);
    for (const { state, did, counters } of traders) {
      const [bought, sold] = [
        hub.state.trades.filter(({ buyer }) => buyer === did),
        hub.state.trades.filter(({ seller }) => seller === did),
      ];
      t.is(state.traded.length, bought.length + sold.length, 'a trader knows what it traded');
      for (const { limit, price } of state.traded) t.true(bought.length > 0 ? price <= limit : price >= limit);
      t.is(counters.dialoguesOpen, 0);
      t.is(counters.handlerErrors, 0);
    }
  }
});

test('a trader whose exchange is not there goes home and says why', async (t) => {
  const place = world({ seed: 1, strict: true });
  const own = { exchange: place.didOf('nobody'), asset: 'good', side: 'buy' as const, limits: [9n, 8n] };
  const placed = place.spawn(zeroIntelligenceTrader({ ...own, min: 1n, max: 20n }), { funds: 100n });
  const poor = place.spawn(zipTrader(own), { funds: 1n });
  await place.run();
  t.is(placed.state.stopped, 'unknown: no-such-agent');
  t.is(poor.state.stopped, 'not-backed: insufficient-funds');
});

test('a trader for whom no price is allowed quotes none', async (t) => {
  const place = world({ seed: 1, strict: true });
  const hub = place.spawn(exchange({ assets: ['good'] }));
  const own = { exchange: hub.did, asset: 'good', side: 'buy' as const, limits: [9n] };
  const placed = place.spawn(zeroIntelligenceTrader({ ...own, min: 10n, max: 20n }), { funds: 100n });
  await place.run();
  t.deepEqual([placed.state.traded, place.traffic.messages], [[], 0]);
});
