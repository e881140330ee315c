import test from 'ava';
import type { Policy } from '../../../agent-core/policy/policy.ts';
import { baseStock } from '../../../agents/supply-chain/policies/base-stock.ts';
import { exponentialSmoothing } from '../../../agents/supply-chain/policies/exponential-smoothing.ts';
import { newsvendor } from '../../../agents/supply-chain/policies/newsvendor.ts';
import { reorderPoint } from '../../../agents/supply-chain/policies/reorder-point.ts';
import type { SupplyInstance } from '../../../scenarios/supply-chain/network.ts';
import { DEFAULT_OPTIONS, type SupplyOptions } from '../../../scenarios/supply-chain/options.ts';
import { populateSupply } from '../../../scenarios/supply-chain/population.ts';
import { runLocalRule, type LocalRuleRun } from '../../../scenarios/supply-chain/references.ts';
import { laneName, type SupplySolution } from '../../../scenarios/supply-chain/solution.ts';
import { world } from '../../../simulator/world.ts';
import { SMELTER } from './smelter.ts';

const RULE = baseStock();

const OPTIONS: SupplyOptions = { ...DEFAULT_OPTIONS, negotiate: false, rule: RULE, paths: 20, penalty: 0 };

async function play(
  instance: SupplyInstance,
  { negotiate, rule = RULE }: { readonly negotiate: boolean; readonly rule?: Policy },
): Promise<SupplySolution> {
  const place = world({ seed: 1, sign: 'off', strict: true });
  const population = populateSupply(place, instance, { options: { ...OPTIONS, negotiate, rule }, profitOf: () => 0 });
  await place.run();
  return population.agreement();
}

/** By how many units orders are apart that should be the same. */
function farthest(
  orders: SupplySolution['orders'],
  reference: LocalRuleRun,
  { network, periods }: SupplyInstance,
): number {
  const each = network.lanes.flatMap((lane, k) =>
    Array.from({ length: periods }, (_, period) =>
      Math.abs((orders[laneName(lane)]?.[period] ?? Infinity) - (reference.orders[k]?.[period] ?? 0)),
    ),
  );
  return Math.max(...each);
}

const CUT: SupplyInstance = {
  ...SMELTER,
  disruptions: [
    { kind: 'plant', node: 5, from: 2, to: 4, share: 0.5 },
    { kind: 'lane', supplier: 5, buyer: 2, from: 6, to: 8 },
  ],
};

const SHUT: SupplyInstance = {
  ...SMELTER,
  disruptions: [
    { kind: 'lane', supplier: 9, buyer: 5, from: 1, to: 3 },
    { kind: 'plant', node: 9, from: 5, to: 6, share: 0 },
    { kind: 'plant', node: 2, from: 7, to: 9, share: 0 },
  ],
};

for (const [name, instance] of [
  ['demand that waits', SMELTER],
  ['demand that is lost', { ...SMELTER, backlog: false }],
  ['a plant that slows down and a lane that is cut', CUT],
  ['a source that is shut and a shop that does not sell', SHUT],
] as const) {
  test(`firms that do not negotiate order and earn what the reference has, under ${name}`, async (t) => {
    const { orders, firms } = await play(instance, { negotiate: false });
    const reference = runLocalRule(instance, RULE);
    t.true(farthest(orders, reference, instance) < 1e-6);
    for (const [place, { id }] of instance.network.nodes.entries()) {
      const firm = firms[String(id)];
      if (firm !== undefined) t.true(Math.abs(firm.profit - (reference.profits[place] ?? 0)) < 1e-3, `node ${id}`);
    }
  });

  test(`firms that negotiate keep a shadow book that says what the reference does, under ${name}`, async (t) => {
    const { firms } = await play(instance, { negotiate: true });
    const { profits } = runLocalRule(instance, RULE);
    for (const [place, { id }] of instance.network.nodes.entries()) {
      const alone = firms[String(id)]?.alone;
      if (alone === undefined) continue;
      t.true(Math.abs((alone ?? Number.NaN) - (profits[place] ?? 0)) < 1e-6, `node ${id}: ${alone}, ${profits[place]}`);
    }
  });
}

for (const rule of [newsvendor(), reorderPoint(), exponentialSmoothing()]) {
  test(`firms that follow ${rule.name} order what the reference has`, async (t) => {
    const { orders } = await play(SMELTER, { negotiate: false, rule });
    t.true(farthest(orders, runLocalRule(SMELTER, rule), SMELTER) < 1e-6);
  });
}
