import test, { type ExecutionContext } from 'ava';
import * as fc from 'fast-check';
import type { SigningMode } from '../../../agent-core/message/seal.ts';
import { firmParams } from '../../../agents/supply-chain/firm-state.ts';
import { loadInstance } from '../../../scenarios/instance-source.ts';
import { supplyNetworks, type NetworkProblem } from '../../../scenarios/supply-chain/network-scenario.ts';
import type { SupplyInstance } from '../../../scenarios/supply-chain/network.ts';
import { DEFAULT_OPTIONS, type SupplyOptions } from '../../../scenarios/supply-chain/options.ts';
import { populateSupply, SUPPLY_FUNDS } from '../../../scenarios/supply-chain/population.ts';
import { replay } from '../../../scenarios/supply-chain/score.ts';
import type { SupplySolution } from '../../../scenarios/supply-chain/solution.ts';
import { world } from '../../../simulator/world.ts';
import { INVMGMT_PRESENT, publishedInstance, publishedRuns } from './published.ts';
import { SMELTER } from './smelter.ts';

/** A run of an instance in one process. */
interface Played {
  readonly solution: SupplySolution;
  readonly fingerprint: string;
  /** Micro-tokens that each account has changed by, by name. */
  readonly earned: ReadonlyMap<string, bigint>;
}

async function play(
  instance: SupplyInstance,
  {
    options = {},
    seed = 1,
    sign = 'off',
  }: { options?: Partial<SupplyOptions>; seed?: number; sign?: SigningMode } = {},
): Promise<Played> {
  const place = world({ seed, sign, strict: true });
  const population = populateSupply(place, instance, {
    options: { ...DEFAULT_OPTIONS, ...options },
    profitOf: (orders) => replay(instance, { orders }).environment.profit,
  });
  await place.run();
  const earned = new Map(
    place.agents.map(({ name, did }): [string, bigint] => {
      const { available, reserved } = place.ledger.balance(did);
      const hadFunds = !/^(raw|costs)/.test(name);
      return [name, available + reserved - (hadFunds ? SUPPLY_FUNDS : 0n)];
    }),
  );
  return { solution: population.agreement(), fingerprint: place.fingerprint(), earned };
}

function generated(parameters: Readonly<Record<string, string>>, seed = 1): NetworkProblem {
  const source = { type: 'generated', parameters: new Map(Object.entries(parameters)), settings: new Map() } as const;
  return loadInstance(supplyNetworks, source, seed);
}

/** Claims that books, ledger and replay say the same, and that nobody is poorer than alone where all together are not. */
function claimSound(t: ExecutionContext, instance: SupplyInstance, { solution, earned }: Played): void {
  const { firms, profit } = solution;
  const accounts = Object.entries(firms);
  const whole = accounts.reduce((sum, [, one]) => sum + one.profit, 0);
  t.true(Math.abs(whole - profit) < 1e-3, `books ${whole}, replay ${profit}`);
  const together = accounts.reduce((sum, [, one]) => sum + one.profit - (one.alone ?? one.profit), 0);
  for (const [id, { profit: own, alone, settlement }] of accounts) {
    const kind = instance.network.nodes.find((node) => String(node.id) === id)?.kind;
    t.is(BigInt(Math.round(own * 1e6)), earned.get(`${kind}-${id}`) ?? -1n, `the ledger of ${id}`);
    if (alone !== null)
      t.true(own >= alone - 1e-4 || own - settlement <= alone + 1e-4, `${id} was made poorer by sharing`);
    if (together >= 0 && alone !== null) t.true(own >= alone - 1e-4, `${id} has ${own}, alone ${alone}`);
  }
  t.is(
    [...earned.values()].reduce((sum, one) => sum + one, 0n),
    0n,
    'no money is made or lost',
  );
  const { violations, feasible } = supplyNetworks.assess(problemOf(instance), solution);
  t.true(feasible, JSON.stringify(violations));
}

const problemOf = (instance: SupplyInstance): NetworkProblem => ({
  ...generated({ firms: '7', tiers: '2' }),
  instance,
});

const DOWN: SupplyInstance = {
  ...SMELTER,
  disruptions: [
    { kind: 'plant', node: 5, from: 2, to: 4, share: 0.5 },
    { kind: 'lane', supplier: 5, buyer: 2, from: 6, to: 8 },
  ],
};

for (const [name, instance, options] of [
  ['two shops and a smelter', SMELTER, {}],
  ['demand that is lost', { ...SMELTER, backlog: false }, {}],
  ['a plant that slows down and a lane that is cut', DOWN, {}],
  ['the same without renegotiation', DOWN, { renegotiate: false }],
  ['firms that sell reports', SMELTER, { reports: true }],
  ['suppliers that keep nothing of a gain, and dear failures', SMELTER, { penalty: 5 }],
] as const) {
  test(`every firm ends at least as rich as alone, and books, ledger and replay agree: ${name}`, async (t) => {
    claimSound(t, instance, await play(instance, { options }));
  });
}

for (const [seed, periods] of [
  [1, '24'],
  [2, '10'],
  [3, '24'],
] as const) {
  test(`firms of a generated network have right books, and whoever gained by trade keeps it: ${periods} periods, ${seed}`, async (t) => {
    const { instance } = generated({ firms: '8', tiers: '3', periods, products: '1' }, seed);
    const played = await play(instance, { seed });
    claimSound(t, instance, played);
    if (periods === '10') return;
    const accounts = Object.values(played.solution.firms);
    t.true(accounts.every(({ profit, alone }) => profit > (alone ?? Infinity)));
  });
}

test('the same seed gives the same run, in all three signing modes; another seed gives another', async (t) => {
  const short = { ...SMELTER, periods: 4, demand: SMELTER.demand.map((list) => list.slice(0, 4)) };
  const first = await play(short);
  for (const sign of ['off', 'batch', 'each'] as const) {
    const again = await play(short, { sign });
    t.is(again.fingerprint, first.fingerprint, sign);
    t.deepEqual(again.solution, first.solution, sign);
  }
  t.not((await play(short, { seed: 2 })).fingerprint, first.fingerprint);
});

test('it does not matter in which order firms are placed', async (t) => {
  const { network } = SMELTER;
  const shops = network.nodes.filter(({ kind }) => kind === 'retailer');
  const others = network.nodes.filter(({ kind }) => kind !== 'retailer').toReversed();
  const turned = { ...SMELTER, network: { ...network, nodes: [...shops, ...others] } };
  const [one, other] = [await play(SMELTER), await play(turned)];
  t.is(other.fingerprint, one.fingerprint);
  t.deepEqual(other.solution.orders, one.solution.orders);
});

test('nobody looks into the future: what is ordered up to a period does not depend on demand from that period on', async (t) => {
  const units = fc.array(fc.integer({ min: 0, max: 90 }), { minLength: 12, maxLength: 12 });
  const { solution } = await play(SMELTER);
  await fc.assert(
    fc.asyncProperty(fc.tuple(fc.nat(11), fc.boolean()), units, units, async ([from, negotiate], first, second) => {
      const demand = SMELTER.demand.map((list, k) =>
        list.map((one, t_) => (t_ < from ? one : ([first, second][k]?.[t_] ?? 0))),
      );
      const changed = await play({ ...SMELTER, demand }, { options: { negotiate } });
      const known = negotiate ? solution : (await play(SMELTER, { options: { negotiate } })).solution;
      for (const [lane, orders] of Object.entries(known.orders)) {
        t.deepEqual(
          changed.solution.orders[lane]?.slice(0, from + 1),
          orders.slice(0, from + 1),
          `${lane} until ${from}`,
        );
      }
    }),
    { seed: 20_261_127, numRuns: 12, examples: [[[0, true], [], []]] },
  );
});

test('a firm is told nothing of demand: neither what will be asked nor its mean is among its parameters', (t) => {
  t.deepEqual(Object.keys(firmParams.shape).toSorted(), [
    'backlog',
    'capacity',
    'costsTo',
    'customers',
    'items',
    'markets',
    'members',
    'opensAt',
    'operatingCost',
    'outages',
    'periods',
    'reports',
    'rule',
    'suppliers',
    'trade',
  ]);
  t.deepEqual(Object.keys(firmParams.shape.markets.element.shape), ['agent', 'price', 'penalty']);
});

test('a solution can be played again by who knows its orders only', async (t) => {
  const { solution } = await play(SMELTER);
  const { orders, profit } = JSON.parse(JSON.stringify(solution)) as SupplySolution;
  const { kpis, feasible } = supplyNetworks.assess(problemOf(SMELTER), { orders, profit, firms: {}, payments: [] });
  t.true(feasible);
  t.is(kpis['profit'], profit);
});

test('a claim of more profit, and a payment that is in one book only, are violations', async (t) => {
  const { solution } = await play(SMELTER);
  const broken = (changes: Partial<SupplySolution>) =>
    supplyNetworks.assess(problemOf(SMELTER), { ...solution, ...changes });
  t.false(broken({ profit: solution.profit + 1 }).feasible);
  t.false(broken({ payments: solution.payments.slice(1) }).feasible);
  t.false(broken({ payments: [...solution.payments, { from: '1', to: '5', amount: '1.5', what: 'goods' }] }).feasible);
});

test('settings are refused with key, value and bound', (t) => {
  const problem = generated({ firms: '7', tiers: '2' });
  for (const [key, value, words] of [
    ['negotiate', 'maybe', 'negotiate must be yes or no, got "maybe"'],
    ['renegotiate', '', 'renegotiate must be yes or no, got ""'],
    ['rule', 'oracle', 'rule must be base-stock or newsvendor or s-S or smoothing or echelon, got "oracle"'],
    ['paths', '0', 'paths must be a whole number from 1 to 1000, got "0"'],
    ['paths', '1e3', 'paths must be a whole number from 1 to 1000, got "1e3"'],
    ['share', '1.1', 'share must be a number from 0 to 1, got "1.1"'],
    ['share', '-0', 'share must be a number from 0 to 1, got "-0"'],
    ['penalty', 'NaN', 'penalty must be a number from 0 to 1000, got "NaN"'],
  ] as const) {
    t.throws(() => supplyNetworks.configure(problem, new Map([[key, value]]), undefined as never), {
      code: 'bad-parameter',
      message: words,
    });
  }
  t.throws(() => supplyNetworks.configure(problem, new Map([['trace', '42']]), undefined as never), {
    message: /^there is no setting "trace"; there is: negotiate, /,
  });
});

/** What firms may lose against perfect information on this short form of the published table. */
const GAP_MAX = 0.12;

const published = INVMGMT_PRESENT ? test : test.skip;

published('on two of the published runs negotiating firms lose less than 12 % to perfect information', async (t) => {
  const runs = publishedRuns().filter(
    ({ seed, backlog, demand }) => seed === '42' && backlog && demand === 'stationary',
  );
  t.is(runs.length, 2);
  let gaps = 0;
  for (const run of runs) {
    const instance = publishedInstance(run);
    const played = await play(instance);
    claimSound(t, instance, played);
    gaps += (run.oracle - played.solution.profit) / run.oracle / runs.length;
  }
  t.log(`mean gap ${(100 * gaps).toFixed(2)} %`);
  t.true(gaps < GAP_MAX && gaps > 0);
});
