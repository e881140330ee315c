/**
 * The continuous double auction over messages: `node dist/bench/double-auction-agents.js`.
 *
 * Agents in a simulation, signed as by default: an exchange, and traders that think for a second on average (exponential), quote anew, and
 * trade three units a day one after the other; a day is a minute. Each trade is delivery against payment by one chain of the
 * ledger, or words only. Efficiency is realised over largest surplus (Smith 1962), averaged over the days of a seed.
 */
import { exchange } from '../agents/market/exchange.ts';
import { zeroIntelligenceTrader } from '../agents/market/zero-intelligence-trader.ts';
import { zipTrader } from '../agents/market/zip-trader.ts';
import { assert } from '../agent-core/errors.ts';
import { allocativeEfficiency } from '../agent-core/market/efficiency.ts';
import { createRandomRoot } from '../agent-core/random.ts';
import { world } from '../simulator/world.ts';
import { BOUNDS, drawMarket, valuesOf, type Holder, type Shape } from './double-auction-session.ts';

const GOOD = 'good';
const DAY_MICROS = 60_000_000;
const SYMMETRIC: Shape = { name: 'symmetric', values: [20, 180], costs: [20, 180], units: [3, 3] };

/** Student's 97.5 % quantile by degrees of freedom. */
const STUDENT: Readonly<Record<number, number>> = { 4: 2.776, 19: 2.093, 39: 2.023 };

interface Variant {
  readonly kind: 'ZI-C' | 'ZIP';
  readonly settlement: 'ledger' | 'words';
  readonly traders: number;
  readonly seeds: number;
  readonly days: number;
}

const VARIANTS: readonly Variant[] = [
  { kind: 'ZI-C', settlement: 'ledger', traders: 12, seeds: 40, days: 1 },
  { kind: 'ZI-C', settlement: 'words', traders: 12, seeds: 40, days: 1 },
  { kind: 'ZIP', settlement: 'ledger', traders: 12, seeds: 20, days: 5 },
  { kind: 'ZI-C', settlement: 'ledger', traders: 100, seeds: 5, days: 1 },
];

interface Run {
  readonly efficiency: number;
  readonly trades: number;
  readonly messages: number;
  readonly cpuSeconds: number;
}

async function play({ kind, settlement, days }: Variant, holders: readonly Holder[], seed: number): Promise<Run> {
  const start = process.cpuUsage();
  const place = world({ seed, strict: true });
  const hub = place.spawn(exchange({ assets: [GOOD], settlement, keepTrades: 100_000 }));
  for (const { trader, side, limits } of holders) {
    const own = { exchange: hub.did, asset: GOOD, side, limits: [...limits], settlement, days };
    const money = BigInt(days) * limits.reduce((sum, limit) => sum + limit, 0n);
    const funds = side === 'buy' ? { token: money } : { [GOOD]: BigInt(days * limits.length) };
    if (kind === 'ZIP') place.spawn(zipTrader(own), { name: trader, funds });
    else place.spawn(zeroIntelligenceTrader({ ...own, ...BOUNDS }), { name: trader, funds });
  }
  await place.run();
  const { user, system } = process.cpuUsage(start);
  const { faults, openReservations } = place.ledger.audit();
  assert(faults.length === 0 && openReservations === 0, 'the ledger adds up and nothing stays reserved');
  const values = valuesOf(holders).map((value) => ({ ...value, trader: place.didOf(value.trader) }));
  const trades = hub.state.trades.map((trade) => ({ ...trade, buyOrder: '', sellOrder: '' }));
  let efficiency = 0;
  for (let day = 0; day < days; day++) {
    // What was agreed at the last moment is settled a few milliseconds later.
    const own = trades.filter(({ time }) => Math.floor((time - 10_000) / DAY_MICROS) === day);
    efficiency += allocativeEfficiency(own, values) / days;
  }
  return {
    efficiency,
    trades: trades.length / days,
    messages: place.traffic.messages / days,
    cpuSeconds: (user + system) / 1e6 / days,
  };
}

async function row(variant: Variant): Promise<string> {
  const { kind, settlement, traders, seeds, days } = variant;
  const runs: Run[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const chance = createRandomRoot(`double auction ${seed}`).scope(SYMMETRIC.name, `${traders}`);
    runs.push(await play(variant, drawMarket(SYMMETRIC, traders, chance.stream('market')), seed));
  }
  const mean = (what: keyof Run): number => runs.reduce((sum, run) => sum + run[what], 0) / seeds;
  const efficiency = mean('efficiency');
  const square = runs.reduce((sum, run) => sum + (run.efficiency - efficiency) ** 2, 0);
  const half = (STUDENT[seeds - 1] ?? NaN) * Math.sqrt(square / (seeds - 1) / seeds);
  const cells = [
    `${traders} ${kind}`,
    settlement,
    `${seeds} x ${days}`,
    `${(100 * efficiency).toFixed(1)} ± ${(100 * half).toFixed(1)}`,
    mean('trades').toFixed(1),
    Math.round(mean('messages')).toLocaleString('en'),
    mean('cpuSeconds').toFixed(2),
  ];
  return `| ${cells.join(' | ')} |`;
}

async function main(): Promise<void> {
  console.log(`Node ${process.version}\n`);
  console.log(
    '| traders | settlement | seeds x days | efficiency in % | trades a day | messages a day | CPU seconds a day |',
  );
  console.log('|---|---|---|---|---|---|---|');
  const [first] = VARIANTS;
  // Once for nothing, so that no row pays for the compiler.
  if (first !== undefined) await row({ ...first, seeds: 5 });
  for (const variant of VARIANTS) console.log(await row(variant));
}

await main();
