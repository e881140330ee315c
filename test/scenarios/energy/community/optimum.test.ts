import test from 'ava';
import { billOf, summed, type CommunityInstance } from '../../../../scenarios/energy/community/community.ts';
import { pooledOptimum, programOptimum } from '../../../../scenarios/energy/community/optimum.ts';
import { alonePlans, drawnBy } from '../../../../scenarios/energy/community/references.ts';
import { assessCommunity } from '../../../../scenarios/energy/community/score.ts';
import { homeCommunities } from '../../../../scenarios/energy/community/community-scenario.ts';
import { wholeCommunity } from '../../../../scenarios/energy/community/options.ts';
import { street } from './street.ts';

function pooledBill(instance: CommunityInstance, flows: readonly (readonly number[])[] | null): number {
  return billOf(
    instance,
    summed(
      instance.homes.map((home, at) => drawnBy(home, flows?.[at] ?? [])),
      instance.hours,
    ),
  );
}

for (const seed of [1, 2, 3, 4]) {
  test(`one plan for alike batteries costs what the linear program finds, community ${seed}`, async (t) => {
    const instance = street({ homes: 5, days: 7 }, seed);
    const [planned, solved] = [await pooledOptimum(instance), await programOptimum(instance)];
    t.true(Math.abs(pooledBill(instance, planned) - pooledBill(instance, solved)) < 1e-4);
  });

  test(`a home's best plan for itself costs what the linear program finds, community ${seed}`, async (t) => {
    const instance = street({ homes: 3 }, seed);
    for (const [at, home] of instance.homes.entries()) {
      const own = { ...instance, homes: [home] };
      t.true(Math.abs((alonePlans(instance).bill[at] ?? 0) - pooledBill(own, await programOptimum(own))) < 1e-4);
    }
  });
}

test('batteries that differ are planned by the linear program, and keep to their bounds', async (t) => {
  const even = street({ homes: 4, batteries: 100 });
  const homes = even.homes.map((home, at) => ({ ...home, battery: { ...home.battery, powerW: 1_000 * (at + 1) } }));
  const problem = wholeCommunity({ ...even, homes });
  const optimum = await homeCommunities.optimum(problem);
  t.true(optimum?.feasible === true, JSON.stringify(optimum?.violations));
  const alone = await homeCommunities.baseline(problem, { reference: optimum, seed: 1 });
  t.true(alone.feasible && (optimum?.kpis['bill'] ?? Infinity) <= (alone.kpis['bill'] ?? 0));
  t.deepEqual([optimum?.kpis['capture'], alone.kpis['capture']], [1, 0]);
});

test('names what is wrong with a solution', async (t) => {
  const instance = street({ homes: 2, days: 1 });
  const right = (await homeCommunities.baseline(wholeCommunity(instance), { reference: null, seed: 1 })).solution;
  const judged = (changes: Partial<typeof right>) =>
    assessCommunity(instance, { ...right, ...changes }, { pooled: false, optimum: null });
  t.true(judged({}).feasible);
  const charged = { ...right.chargeKwh, 'home-1': Array.from({ length: 24 }, () => 50) };
  const broken = judged({ chargeKwh: charged });
  t.false(broken.feasible);
  for (const name of ['batteryEnergyKwh', 'batteryPowerKw', 'balanceKwh'])
    t.true((broken.violations[name] ?? 0) > 1, name);
  const unpaid = judged({ bill: { 'home-1': 0, 'home-2': 0 }, utilityReceives: 1 });
  t.is(unpaid.violations['budgetTokens'], 1);
  t.true((unpaid.violations['unpaidTokens'] ?? 0) > 0);
  for (const changes of [
    { chargeKwh: {} },
    { tradesKwh: { ...right.tradesKwh, 'home-2': [1] } },
    { tradesKwh: { ...right.tradesKwh, 'home-2': Array.from({ length: 24 }, () => Number.NaN) } },
    { bill: {} },
  ]) {
    t.throws(() => judged(changes), { code: 'bad-solution' });
  }
});
