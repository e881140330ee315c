/**
 * Allocative efficiency of the market mechanisms and the rate of the order book: `node dist/bench/double-auction.js`.
 *
 * Every seed draws a market: private values and costs of three units a trader (two where said), half the traders buyers. It is traded for
 * five days by zero-intelligence (ZI-C, Gode and Sunder 1993) and by adaptive traders (ZIP, Cliff 1997) in the continuous
 * double auction, and cleared once by the uniform-price call market with truthful orders. All in memory, without messages.
 * Efficiency is realised over largest surplus (Smith 1962), averaged over the days of a seed; the interval is Student's
 * over the seeds.
 */
import { assert } from '../agent-core/errors.ts';
import {
  allocativeEfficiency,
  convergenceCoefficient,
  equilibrium,
  realisedSurplus,
} from '../agent-core/market/efficiency.ts';
import { createOrderBook } from '../agent-core/market/order-book.ts';
import type { Side, Submission, Trade } from '../agent-core/market/order.ts';
import { clearUniformPrice } from '../agent-core/market/uniform-price.ts';
import { createRandomRoot, type RandomRoot } from '../agent-core/random.ts';
import {
  drawMarket,
  playDay,
  valuesOf,
  zicCrowd,
  zipCrowd,
  type Crowd,
  type Holder,
  type QuoteRule,
  type Shape,
} from './double-auction-session.ts';

const SEEDS = 100;
const DAYS = 5;
/** Student's 97.5 % quantile for 99 degrees of freedom. */
const STUDENT_99 = 1.984;
/** Quotes of a day for each trader; most days end earlier because nothing is left to gain. */
const QUOTES_PER_TRADER = 200;

const SHAPES: readonly Shape[] = [
  { name: 'symmetric: values 20-180, costs 20-180', values: [20, 180], costs: [20, 180], units: [3, 3] },
  { name: 'flat supply: values 20-180, costs 90-110', values: [20, 180], costs: [90, 110], units: [3, 3] },
  { name: 'flat demand: values 90-110, costs 20-180', values: [90, 110], costs: [20, 180], units: [3, 3] },
  {
    name: 'boxes, 3 units wanted for 2 offered: values 140-160, costs 40-60',
    values: [140, 160],
    costs: [40, 60],
    units: [3, 2],
  },
  { name: 'thin gains: values 20-120, costs 80-180', values: [20, 120], costs: [80, 180], units: [3, 3] },
];

/** What one kind of market made of one seed. */
interface Outcome {
  readonly efficiency: number;
  /** Smith's coefficient of the last day. */
  readonly convergence: number;
}

function runDays(
  holders: readonly Holder[],
  crowd: Crowd,
  run: { readonly chance: RandomRoot; readonly rule: QuoteRule },
): Outcome {
  const values = valuesOf(holders);
  const best = equilibrium(values);
  const price = best === undefined ? 0n : (best.low + best.high) / 2n;
  const random = run.chance.stream('turns');
  let sum = 0;
  let trades: readonly Trade[] = [];
  for (let day = 0; day < DAYS; day++) {
    trades = playDay({ holders, crowd, random, rule: run.rule, maxQuotes: QUOTES_PER_TRADER * holders.length });
    sum += allocativeEfficiency(trades, values);
  }
  return { efficiency: sum / DAYS, convergence: convergenceCoefficient(trades, price) };
}

/** Truthful orders in the call market: the largest surplus to the micro-token, or the bench stops. */
function callEfficiency(holders: readonly Holder[]): number {
  const values = valuesOf(holders);
  const cleared = clearUniformPrice(values.map((value, at) => ({ id: `${at}`, ...value })));
  const trades = cleared?.trades ?? [];
  assert(realisedSurplus(trades, values) === (equilibrium(values)?.surplus ?? 0n), 'the call market left surplus');
  return allocativeEfficiency(trades, values);
}

function runSeed(shape: Shape, traders: number, seed: number): readonly Outcome[] {
  const chance = createRandomRoot(`double auction ${seed}`).scope(shape.name, `${traders}`);
  const holders = drawMarket(shape, traders, chance.stream('market'));
  const zic = (rule: QuoteRule): Outcome => {
    const own = chance.scope(`ZI-C ${rule}`);
    return runDays(holders, zicCrowd(holders, own.stream('quotes')), { chance: own, rule });
  };
  const zip = chance.scope('ZIP');
  return [
    zic('trade'),
    zic('replaced'),
    runDays(holders, zipCrowd(holders, zip.stream('traders')), { chance: zip, rule: 'replaced' }),
    { efficiency: callEfficiency(holders), convergence: 0 },
  ];
}

function percent(samples: readonly number[]): string {
  const mean = samples.reduce((sum, x) => sum + x, 0) / samples.length;
  const square = samples.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  const half = STUDENT_99 * Math.sqrt(square / (samples.length - 1) / samples.length);
  return half === 0 ? `${(100 * mean).toFixed(1)} exactly` : `${(100 * mean).toFixed(1)} ± ${(100 * half).toFixed(1)}`;
}

function efficiencyTable(traders: number): void {
  const columns = ['ZI-C, a trade clears the book', 'ZI-C, quotes stay', 'ZIP', 'call market'];
  const distances = ["Smith's coefficient in %, last day: ZI-C", 'ZIP'];
  console.log(`\n| ${[`${traders} traders, efficiency in %`, ...columns, ...distances].join(' | ')} |`);
  console.log('|---|---|---|---|---|---|---|');
  for (const shape of SHAPES) {
    const runs = Array.from({ length: SEEDS }, (_, seed) => runSeed(shape, traders, seed));
    const column = (at: number, what: keyof Outcome): string =>
      percent(runs.map((run) => run[at]?.[what] ?? NaN).filter((x) => !Number.isNaN(x)));
    const efficiencies = [0, 1, 2, 3].map((at) => column(at, 'efficiency'));
    const convergences = [0, 2].map((at) => column(at, 'convergence'));
    console.log(`| ${[shape.name, ...efficiencies, ...convergences].join(' | ')} |`);
  }
}

/** Orders around a price of 100 tokens with a tick of 0.01: about one in seven trades. */
function drawOrders(count: number): readonly Submission[] {
  const random = createRandomRoot('orders').stream('orders');
  return Array.from({ length: count }, (_, at) => {
    const side: Side = random.uint32() % 2 === 0 ? 'buy' : 'sell';
    const away = BigInt(Math.round(random.exponential(200)) - 20) * 10_000n;
    const price = side === 'buy' ? 100_000_000n - away : 100_000_000n + away;
    const order = { id: `o${at}`, trader: `t${at % 997}`, side, price, quantity: random.integer(1, 100) };
    return at % 10 === 0 ? { ...order, immediate: true } : order;
  });
}

/** Submits all orders; the order of `window` submissions ago is cancelled and every tenth one half as old is replaced. */
function throughput(orders: readonly Submission[], window: number): string {
  const book = createOrderBook({ maxOrders: 200_000 });
  const [warm, measured] = [orders.slice(0, window), orders.slice(window)];
  for (const order of warm) book.submit(order);
  let [trades, cancels, replaces, resting] = [0, 0, 0, 0];
  const start = process.cpuUsage();
  for (const [at, order] of measured.entries()) {
    const [old, young] = [orders[at], at % 10 === 0 ? orders[at + Math.floor(window / 2) + 1] : undefined];
    if (old !== undefined && book.cancel(old) !== undefined) cancels++;
    if (young !== undefined && book.replace({ ...young, price: young.price + 10_000n }) !== undefined) replaces++;
    trades += book.submit(order).trades.length;
    resting += book.size;
  }
  const { user, system } = process.cpuUsage(start);
  const rate = (count: number): string => Math.round(count / ((user + system) / 1e6)).toLocaleString('en');
  const operations = measured.length * 2 + Math.ceil(measured.length / 10);
  const mean = Math.round(resting / measured.length).toLocaleString('en');
  const share = (count: number): string => (count / measured.length).toFixed(2);
  const each = [trades, cancels, replaces].map(share).join(' / ');
  return `| ${mean} | ${rate(measured.length)} | ${rate(operations)} | ${each} |`;
}

function main(): void {
  console.log(`Node ${process.version}; ${SEEDS} seeds, ${DAYS} days a seed, mean ± 95 % interval`);
  console.log('Published for 12 ZI-C traders: close to 100 % (Gode and Sunder 1993, abstract).');
  for (const traders of [12, 100]) efficiencyTable(traders);
  console.log(
    '\n| orders resting | submissions per CPU-second | operations per CPU-second | trades / cancels / replaces a submission |\n|---|---|---|---|',
  );
  const orders = drawOrders(600_000);
  throughput(orders.slice(0, 100_000), 1_000);
  for (const window of [1_000, 10_000, 100_000]) console.log(throughput(orders, window));
}

main();
