import test from 'ava';
import * as fc from 'fast-check';
import { createRandomRoot } from '../../agent-core/random.ts';
import type { PlannedFault } from '../../simulator/fault-plan.ts';
import { randomFaults } from '../../simulator/random-faults.ts';
import { world } from '../../simulator/world.ts';
import { agentOf, answersOf, METERING_NAMES, meteringWorld } from '../fixtures/metering-world.ts';

test('under any drawn faults a run repeats, no dialogue outlives its deadline, and all works again after the horizon', async (t) => {
  const kinds = { lost: 0, duplicated: 0, blocked: 0, crashed: 0 };
  const property = fc.asyncProperty(fc.nat(1_000_000), async (seed) => {
    const drawn = randomFaults(createRandomRoot(seed).stream('faults'), { agents: METERING_NAMES, horizon: '6 h' });
    const [first, second] = [meteringWorld({ seed, ...drawn }), meteringWorld({ seed, ...drawn })];
    for (const place of [first, second]) await place.run({ until: '8.9 h' });
    t.is(first.fingerprint(), second.fingerprint());
    for (const { counters } of first.agents) t.is(counters.dialoguesOpen, 0);
    for (const k of [1, 2]) {
      if (agentOf(first, `meter-${k}`).lifecycle === 'crashed') continue;
      if (agentOf(first, `reader-${k}`).lifecycle === 'crashed') continue;
      t.deepEqual(answersOf(first, `reader-${k}`).slice(-1), ['report']);
    }
    for (const kind of ['lost', 'duplicated', 'blocked'] as const) if (first.traffic[kind] > 0) kinds[kind] += 1;
    if (first.agents.some(({ lifecycle }) => lifecycle === 'crashed')) kinds.crashed += 1;
  });
  await fc.assert(property, { seed: 1_822, numRuns: 40 });
  for (const [kind, runs] of Object.entries(kinds)) t.true(runs >= 3, `${kind} in ${runs} of 40 runs`);
});

test('drawn faults are the same for the same stream, keep to their bounds, and are over at the horizon', (t) => {
  const horizon = 1_000;
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 0, max: 6 }), fc.boolean(), (seed, count, restarts) => {
      const agents = Array.from({ length: count }, (_, index) => `agent-${index}`);
      const options = { agents, horizon, maxCrashes: 2, maxPartitions: 3, restarts };
      const draw = () => randomFaults(createRandomRoot(seed).stream('faults'), options);
      const { faults, faultPlan } = draw();
      t.deepEqual(draw(), { faults, faultPlan });
      t.notThrows(() => world({ seed: 1, faults, faultPlan }));
      t.is(faults.until, horizon);
      const count2 = (type: PlannedFault['type']): number => faultPlan.filter((fault) => fault.type === type).length;
      t.true(count2('crash') <= 2 && count2('partition') <= 3);
      if (!restarts) t.is(count2('restart'), 0);
      for (const fault of faultPlan) {
        const over = fault.type === 'partition' ? fault.until : fault.at;
        t.true(typeof over === 'number' && over <= horizon);
      }
    }),
    { seed: 1_823, numRuns: 300 },
  );
});

test('refuses to draw faults without a horizon or with a bound that is no count', (t) => {
  const random = createRandomRoot(1).stream('faults');
  const wrong = [{ horizon: 0 }, { horizon: 1, maxCrashes: -1 }, { horizon: 1, maxPartitions: 0.5 }];
  for (const options of wrong) {
    t.throws(() => randomFaults(random, { agents: ['a'], ...options }), { code: 'bad-random-faults' });
  }
});
