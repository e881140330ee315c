import test from 'ava';
import type { Policy } from '../../../agent-core/policy/policy.ts';
import { echelonBaseStock } from '../../../agents/supply-chain/policies/echelon-base-stock.ts';
import { newsvendor } from '../../../agents/supply-chain/policies/newsvendor.ts';
import { reorderPoint } from '../../../agents/supply-chain/policies/reorder-point.ts';
import { generateSupply } from '../../../scenarios/supply-chain/generator.ts';
import type { SupplyInstance } from '../../../scenarios/supply-chain/network.ts';
import { DEFAULT_OPTIONS, type SupplyOptions } from '../../../scenarios/supply-chain/options.ts';
import { populateSupply } from '../../../scenarios/supply-chain/population.ts';
import { runLocalRule, type LocalRuleRun } from '../../../scenarios/supply-chain/references.ts';
import { laneName, type SupplySolution } from '../../../scenarios/supply-chain/solution.ts';
import { createRandomRoot } from '../../../agent-core/random.ts';
import { world, type World } from '../../../simulator/world.ts';
import { SMELTER } from './smelter.ts';

const FEE = 0.25;
const OPTIONS: SupplyOptions = { ...DEFAULT_OPTIONS, negotiate: false, reports: true, reportFee: FEE, paths: 20 };
const PART = { shared: true, part: 'share' } as const;

interface Played {
  readonly place: World;
  readonly solution: SupplySolution;
}

async function play(instance: SupplyInstance, changes: Partial<SupplyOptions> = {}): Promise<Played> {
  const place = world({ seed: 1, sign: 'off', strict: true });
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
