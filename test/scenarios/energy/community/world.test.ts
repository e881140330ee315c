import test, { type ExecutionContext } from 'ava';
import { z } from 'zod';
import { seriesOf, seriesText } from '../../../../agents/energy/community/series-text.ts';
import type { TraceRecord } from '../../../../simulator/trace.ts';
import { world, type World } from '../../../../simulator/world.ts';
import { rollingPlan } from '../../../../agents/energy/community/value-policy.ts';
import { billOf, metered, summed, type CommunityInstance } from '../../../../scenarios/energy/community/community.ts';
import { playCommunity } from '../../../../scenarios/energy/community/fast-model.ts';
import { pooledOptimum } from '../../../../scenarios/energy/community/optimum.ts';
import { DEFAULT_COMMUNITY, type CommunityOptions } from '../../../../scenarios/energy/community/options.ts';
import { populateCommunity } from '../../../../scenarios/energy/community/population.ts';
import { alonePlans, drawnBy } from '../../../../scenarios/energy/community/references.ts';
import { assessCommunity } from '../../../../scenarios/energy/community/score.ts';
import type { CommunitySolution } from '../../../../scenarios/energy/community/solution.ts';
import { runSplit } from '../../../fixtures/split-run.ts';
import { street } from './street.ts';

interface Played {
  readonly place: World;
  readonly solution: CommunitySolution;
  readonly records: readonly TraceRecord[];
}

async function play(instance: CommunityInstance, changes: Partial<CommunityOptions> = {}): Promise<Played> {
  const records: TraceRecord[] = [];
  const place = world({ seed: 1, sign: 'off', strict: true, record: (one) => void records.push(one) });
  const population = populateCommunity(place, instance, { ...DEFAULT_COMMUNITY, ...changes });
  await place.run();
  return { place, solution: population.agreement(), records };
}

async function optimumOf(instance: CommunityInstance): Promise<number> {
  const flows = (await pooledOptimum(instance)) ?? [];
  return billOf(
    instance,
    summed(
      instance.homes.map((home, at) => drawnBy(home, flows[at] ?? [])),
      instance.hours,
    ),
  );
}

/** What a home would draw without a battery, as it is metered. */
function netsOf({ loadWh, sunWh }: CommunityInstance['homes'][number]): number[] {
  const sun = metered(sunWh);
  return metered(loadWh).map((load, hour) => load - (sun[hour] ?? 0));
}

/** Claims that the ledger holds what it held, that bills are paid to the utility, and that nobody pays more than alone. */
function claimSound(t: ExecutionContext, instance: CommunityInstance, { place, solution }: Played): void {
  t.deepEqual(place.ledger.audit().faults, []);
  t.is(place.ledger.audit().openReservations, 0);
  const { violations, kpis, feasible } = assessCommunity(instance, solution, { pooled: true, optimum: null });
  t.true(feasible, JSON.stringify(violations));
  t.is(kpis['homesWorseThanAlone'], 0);
  for (const { counters, name } of place.agents) {
    t.is(counters.dialoguesOpen, 0, `${name} has no open dialogue`);
    t.is(counters.timersPending, 0, `${name} has no pending timer`);
  }
}

for (const seed of [1, 2, 3]) {
  test(`homes with foresight capture 95 % and more of what is to be gained, generated community ${seed}`, async (t) => {
    const instance = street({ homes: 5, days: 7 }, seed);
    const played = await play(instance);
    claimSound(t, instance, played);
    const alone = alonePlans(instance).bill.reduce((sum, one) => sum + one, 0);
    const best = await optimumOf(instance);
    const bill = Object.values(played.solution.bill).reduce((sum, one) => sum + one, 0);
    t.log({ alone, bill, best, capture: (alone - bill) / (alone - best) });
    t.true(bill >= best - 0.01 && (alone - bill) / (alone - best) >= 0.95);
  });

  test(`homes without foresight pay less than alone, community ${seed}, and the fast model says what`, async (t) => {
    const instance = street({ homes: 5, days: 7 }, seed);
    const played = await play(instance, { plan: 'policy', share: false });
    const { bill, alone } = playCommunity(instance, rollingPlan());
    for (const [at, { name }] of instance.homes.entries()) {
      t.true(Math.abs((played.solution.bill[name] ?? 0) - (bill[at] ?? 0)) < 0.02, `${name} paid`);
      t.true(Math.abs((played.solution.alone?.[name] ?? 0) - (alone[at] ?? 0)) < 0.02, `${name} would have paid`);
    }
    claimSound(t, instance, await play(instance, { plan: 'policy' }));
  });
}

test('a community that is split over workers comes to the same end, message by message', async (t) => {
  for (const plan of ['foresight', 'policy'] as const) {
    const instance = street();
    const { place: alone, solution } = await play(instance, { plan });
    const parts: ReturnType<typeof populateCommunity>[] = [];
    const split = await runSplit({
      workers: 2,
      seed: 2,
      make: (shard) => {
        const place = world({ seed: 1, sign: 'off', strict: true, shard });
        const part = populateCommunity(place, instance, { ...DEFAULT_COMMUNITY, plan });
        if (shard.worker === null) parts.push(part);
        return place;
      },
    });
    t.is(split.place.fingerprint(), alone.fingerprint());
    t.deepEqual(parts[0]?.agreement(), solution);
  }
});

test('a home alone in its community pays what it does alone', async (t) => {
  const instance = street({ homes: 1, sun: 100, batteries: 100 });
  const { solution } = await play(instance);
  t.true(Math.abs((solution.bill['home-1'] ?? 0) - (alonePlans(instance).bill[0] ?? 0)) < 0.01);
});

test('homes without sun or batteries pay the tariff for what they use', async (t) => {
  const instance = street({ sun: 0, batteries: 0 });
  const played = await play(instance);
  claimSound(t, instance, played);
  for (const home of instance.homes) {
    t.true(Math.abs((played.solution.bill[home.name] ?? 0) - billOf(instance, home.loadWh)) < 1e-3);
  }
});

test('a tariff of nothing costs nothing', async (t) => {
  const instance = { ...street(), tariff: street().tariff.map(() => 0) };
  for (const plan of ['foresight', 'policy'] as const) {
    const { solution } = await play(instance, { plan });
    t.deepEqual(new Set(Object.values(solution.bill)), new Set([0]));
  }
});

test('a home tells nobody its load or its sun: what goes round is masked at first, and totals after that', async (t) => {
  const instance = street();
  const { records } = await play(instance);
  const own = new Set(instance.homes.map((home) => seriesText(netsOf(home))));
  let rounds = 0;
  for (const { payload } of records) {
    const { total } = z.object({ body: z.object({ total: z.string().optional() }) }).parse(JSON.parse(payload)).body;
    if (total === undefined) continue;
    rounds++;
    t.false(own.has(total));
  }
  t.true(rounds > 2 * instance.homes.length);
  const first = records.find(({ payload }) => payload.includes('"type":"sum"'));
  const sum = z.object({ body: z.object({ total: z.string() }) }).parse(JSON.parse(first?.payload ?? '{}')).body.total;
  const size = seriesOf(sum, instance.hours).filter((value) => value > 1_000_000).length;
  t.true(size > 0.9 * instance.hours, 'the first sum is as large as its mask');
});
