import test from 'ava';
import * as fc from 'fast-check';
import { runSplit } from '../../fixtures/split-run.ts';
import { drawWorld, recorder, whatHappened } from '../../fixtures/split-worlds.ts';

test('a world split over 1 to 4 workers runs bit for bit as in one process, whatever delays their messages', async (t) => {
  let messages = 0;
  await fc.assert(
    fc.asyncProperty(fc.nat(1_000_000), fc.nat(), async (seed, delays) => {
      const { make, until } = drawWorld(seed);
      const whole = recorder();
      const alone = make(undefined, { record: whole.record });
      const { end, now, events } = await alone.run({ until });
      messages += alone.traffic.messages;
      for (const workers of [1, 2, 3, 4]) {
        const merged = recorder();
        const split = await runSplit({
          make: (shard) => make(shard, shard.worker === null ? { record: merged.record } : {}),
          workers,
          seed: delays + workers,
          until,
          trace: true,
        });
        t.deepEqual(whatHappened(split.place), whatHappened(alone));
        t.like(split.summary, { end, now, events });
        t.deepEqual(merged.records, whole.records);
        t.true(split.ends.every((reason) => reason === null));
      }
    }),
    { numRuns: 12 },
  );
  t.true(messages > 200);
});
