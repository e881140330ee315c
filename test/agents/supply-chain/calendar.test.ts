import test from 'ava';
import * as fc from 'fast-check';
import { micros } from '../../../agent-core/clock.ts';
import { nextPeriod, PERIOD_MICROS, timeOf, type Phase } from '../../../agents/supply-chain/calendar.ts';

const PHASES: readonly Phase[] = ['begin', 'negotiate', 'restock', 'report', 'order', 'ship', 'sell', 'close'];

test('phases follow each other within a period, from whenever the game opens', (t) => {
  const opensAt = micros('3 d');
  const times = PHASES.map((phase) => timeOf({ opensAt, period: 2, phase }));
  t.deepEqual(
    times.toSorted((a, b) => a - b),
    times,
  );
  t.is(times[0], opensAt + 2 * PERIOD_MICROS);
  t.true((times.at(-1) ?? 0) < opensAt + 3 * PERIOD_MICROS);
});

test('whoever joins late takes part from the first period whose phase is still to come', (t) => {
  const moment = fc.record({
    opensAt: fc.nat({ max: 1e15 }),
    now: fc.nat({ max: 1e15 }),
    phase: fc.constantFrom(...PHASES),
  });
  fc.assert(
    fc.property(moment, ({ opensAt, now, phase }) => {
      const period = nextPeriod({ opensAt, phase }, now);
      t.true(timeOf({ opensAt, period, phase }) >= now);
      t.true(period === 0 || timeOf({ opensAt, period: period - 1, phase }) < now);
    }),
    { seed: 1, numRuns: 300 },
  );
});
