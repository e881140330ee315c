import test from 'ava';
import type { Policy } from '../../../agent-core/policy/policy.ts';
import type { ReportTerms } from '../../../agents/supply-chain/firm-state.ts';
import { echelonBaseStock } from '../../../agents/supply-chain/policies/echelon-base-stock.ts';
import { newsvendor } from '../../../agents/supply-chain/policies/newsvendor.ts';
import { reorderPoint } from '../../../agents/supply-chain/policies/reorder-point.ts';
import { generateSupply } from '../../../scenarios/supply-chain/generator.ts';
import type { SupplyInstance } from '../../../scenarios/supply-chain/network.ts';
import { DEFAULT_OPTIONS, optionsWith, type SupplyOptions } from '../../../scenarios/supply-chain/options.ts';
import { populateSupply, SUPPLY_FUNDS } from '../../../scenarios/supply-chain/population.ts';
import { runLocalRule, type LocalRuleRun } from '../../../scenarios/supply-chain/references.ts';
import { replay } from '../../../scenarios/supply-chain/score.ts';
import { laneName, type SupplySolution } from '../../../scenarios/supply-chain/solution.ts';
import { createRandomRoot } from '../../../agent-core/random.ts';
import type { WorldOptions } from '../../../simulator/world-options.ts';
import { world, type World } from '../../../simulator/world.ts';
import { runSplit } from '../../fixtures/split-run.ts';
import { SMELTER } from './smelter.ts';

const FEE = 0.25;
const OPTIONS: SupplyOptions = { ...DEFAULT_OPTIONS, negotiate: false, reports: true, reportFee: FEE, paths: 20 };
const PART = { shared: true, part: 'share' } as const;

/** Demand by period, in that of the first. */
const RISE = Array.from({ length: 24 }, (_, period) => 1 + period / 8);

interface Played {
  readonly place: World;
  readonly solution: SupplySolution;
}

async function play(
  instance: SupplyInstance,
  changes: Partial<SupplyOptions> = {},
  links: Partial<WorldOptions> = {},
): Promise<Played> {
  const place = world({ seed: 1, sign: 'off', strict: true, ...links });
  const population = populateSupply(place, instance, { options: { ...OPTIONS, ...changes }, profitOf: () => 0 });
  await place.run();
  return { place, solution: population.agreement() };
}

/** By how many units orders are apart that should be the same. */
function farthest({ orders }: SupplySolution, reference: LocalRuleRun, { network, periods }: SupplyInstance): number {
  const each = network.lanes.flatMap((lane, k) =>
    Array.from({ length: periods }, (_, period) =>
      Math.abs((orders[laneName(lane)]?.[period] ?? Infinity) - (reference.orders[k]?.[period] ?? 0)),
    ),
  );
  return Math.max(...each);
}

/** Tokens that a firm received for reports, less what it paid for them. */
function fees({ payments }: SupplySolution, id: number): number {
  return (
    payments
      .filter(({ what }) => what === 'forecast')
      .reduce(
        (sum, { from, to, amount }) =>
          sum + (to === String(id) ? Number(amount) : 0) - (from === String(id) ? Number(amount) : 0),
        0,
      ) / 1e6
  );
}

const WIDE = generateSupply(
  new Map([
    ['firms', '24'],
    ['periods', '16'],
  ]),
  createRandomRoot(3).stream('network'),
);

for (const [name, instance] of [
  ['a smelter with two shops', SMELTER],
  ['demand that is lost', { ...SMELTER, backlog: false }],
  ['a generated network of several tiers and rivals', WIDE],
] as const) {
  for (const rule of [echelonBaseStock(), newsvendor(), reorderPoint()] satisfies Policy[]) {
    test(`told by reports, firms by ${rule.name} order and earn what the reference has that is told its share, fees aside, in ${name}`, async (t) => {
      const { solution } = await play(instance, { rule });
      const reference = runLocalRule(instance, rule, PART);
      t.true(farthest(solution, reference, instance) < 1e-6);
      for (const [place, { id }] of instance.network.nodes.entries()) {
        const firm = solution.firms[String(id)];
        if (firm === undefined) continue;
        t.true(Math.abs(firm.profit - fees(solution, id) - (reference.profits[place] ?? 0)) < 1e-3, `node ${id}`);
      }
    });
  }
}

test('firms that negotiate keep shadow books that buy reports too, and say what the reference does, less fees', async (t) => {
  const rule = echelonBaseStock();
  for (const instance of [SMELTER, { ...SMELTER, backlog: false }]) {
    const { solution } = await play(instance, { negotiate: true, rule });
    const { profits } = runLocalRule(instance, rule, PART);
    for (const [place, { id }] of instance.network.nodes.entries()) {
      const firm = solution.firms[String(id)];
      if (firm === undefined) continue;
      const alone = (profits[place] ?? 0) + fees(solution, id);
      t.true(Math.abs((firm.alone ?? Number.NaN) - alone) < 1e-3, `node ${id}: ${firm.alone}, ${alone}`);
      t.true(firm.profit >= alone - 1e-3, `node ${id} is no poorer than alone`);
    }
  }
});

test('each report is paid once, by its supplier, and money is neither made nor lost', async (t) => {
  const { place, solution } = await play(SMELTER, { rule: echelonBaseStock() });
  const paid = solution.payments.filter(({ what }) => what === 'forecast');
  const amount = String(SMELTER.periods * FEE * 1e6);
  t.deepEqual(
    paid.toSorted((a, b) => Number(a.to) - Number(b.to)),
    ['1', '2'].map((to) => ({ from: '5', to, amount, what: 'forecast' as const })),
  );
  const funded = place.agents.filter(({ name }) => !/^(?:costs|raw-)/.test(name));
  t.is(place.ledger.supply(), SUPPLY_FUNDS * BigInt(funded.length));
  for (const { counters, did } of place.agents) {
    t.is(place.ledger.balance(did).reserved, 0n);
    t.is(counters.refused.size, 0);
    t.is(counters.misunderstood.size, 0);
    t.is(counters.dialoguesOpen, 0);
  }
});

test('a firm that is not told, or does not ask, orders by what was asked of it; others go on', async (t) => {
  const rule = echelonBaseStock();
  const of = (id: number, terms: ReportTerms): Partial<SupplyOptions> => ({
    rule,
    reportTerms: new Map([[id, terms]]),
  });
  const deaf = await play(SMELTER, of(5, { fee: FEE, feeMost: null, forecasts: false }));
  const alone = await play(SMELTER, { rule, reports: false });
  t.deepEqual(deaf.solution.orders, alone.solution.orders);
  const mute = await play(SMELTER, of(1, { fee: null, feeMost: 1, forecasts: false }));
  const told = await play(SMELTER, { rule });
  t.notDeepEqual(mute.solution.orders, told.solution.orders);
  t.notDeepEqual(mute.solution.orders, alone.solution.orders, 'the other shop still tells');
  t.is(fees(mute.solution, 1), 0);
  t.is(fees(mute.solution, 2), SMELTER.periods * FEE);
});

test('slow links change nothing as long as a report comes in time', async (t) => {
  const quick = await play(WIDE, { rule: echelonBaseStock() });
  const slow = await play(WIDE, { rule: echelonBaseStock() }, { latency: ['1 ms', '3 s'], seed: 7 });
  t.deepEqual(slow.solution.orders, quick.solution.orders);
  t.deepEqual(slow.solution.firms, quick.solution.firms);
});

test('a run with reports that is split over workers comes to the same end, message by message', async (t) => {
  const options = { ...OPTIONS, rule: echelonBaseStock() };
  const { place: alone, solution } = await play(WIDE, options);
  const parts: ReturnType<typeof populateSupply>[] = [];
  const split = await runSplit({
    workers: 2,
    seed: 2,
    make: (shard) => {
      const place = world({ seed: 1, sign: 'off', strict: true, shard });
      const part = populateSupply(place, WIDE, { options, profitOf: () => 0 });
      if (shard.worker === null) parts.push(part);
      return place;
    },
  });
  t.is(split.place.fingerprint(), alone.fingerprint());
  t.deepEqual(parts[0]?.agreement(), solution);
});

test('told what retailers expect as well, firms earn more where demand changes', async (t) => {
  const rule = echelonBaseStock();
  const rising = {
    ...SMELTER,
    periods: 24,
    demand: [8, 12].map((first) => RISE.map((rise) => Math.round(first * rise))),
  };
  const earned = async (changes: Partial<SupplyOptions>): Promise<number> => {
    const { orders } = (await play(rising, { rule, ...changes })).solution;
    return replay(rising, { orders }).environment.profit;
  };
  const [alone, told, foretold] = [
    await earned({ reports: false }),
    await earned({}),
    await earned({ forecasts: true }),
  ];
  t.log({ alone, told, foretold });
  t.true(alone < told && told < foretold);
  t.is(await earned({ reports: false, forecasts: true }), alone, 'without reports nobody is told');
});

test('reports and their fee are settings; without reports nobody pays for any', async (t) => {
  const set = (key: string, value: string): SupplyOptions => optionsWith(DEFAULT_OPTIONS, [key, value]);
  t.false(DEFAULT_OPTIONS.reports);
  t.true(set('reports', 'yes').reports);
  t.true(set('forecasts', 'yes').forecasts);
  t.is(set('fee', '0.5').reportFee, 0.5);
  t.throws(() => set('reports', 'maybe'), { code: 'bad-parameter', message: /reports must be yes or no/ });
  t.throws(() => set('fee', '1001'), { code: 'bad-parameter', message: /fee must be a number from 0 to 1000/ });
  const { solution } = await play(SMELTER, { reports: false });
  t.false(solution.payments.some(({ what }) => what === 'forecast'));
});
