/** A split run that fails fails as in one process: with the same error, after the same events. */
import test from 'ava';
import { z } from 'zod';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import { HaggleError } from '../../../agent-core/errors.ts';
import { did } from '../../../agent-core/protocol/did.ts';
import type { ShardOptions } from '../../../simulator/shards/shard-options.ts';
import type { WorldOptions } from '../../../simulator/world-options.ts';
import { world, type World } from '../../../simulator/world.ts';
import { Metering, meter } from '../../fixtures/metering.ts';
import { runSplit } from '../../fixtures/split-run.ts';
import { recorder } from '../../fixtures/split-worlds.ts';

/** Asks again and again, all callers at the same instants. */
const caller = defineAgent({
  name: 'caller',
  params: z.object({ target: did(), throwsAt: z.number() }),
  setup: (agent) =>
    agent.start(async (ctx) => {
      for (;;) {
        await ctx.sleep('50 ms');
        if (ctx.now() >= ctx.params.throwsAt) throw new HaggleError('too-late', `${ctx.name} at ${ctx.now()}`);
        await ctx.ask(Metering, 'reader', ctx.params.target, 'ask', { slots: 1 }, { within: '5 s' });
      }
    }),
});

function street(seed: number, shard?: ShardOptions, options: Partial<WorldOptions> = {}): World {
  const place = world({ seed, strict: true, latency: ['5 ms', '40 ms'], shard, ...options });
  for (let index = 0; index < 5; index++) {
    const name = `${seed}c${index}`;
    place.spawn(caller({ target: place.didOf(`${seed}m`), throwsAt: 900_000 + seed }), { name });
  }
  place.spawn(meter({ meanKWh: 1 }), { name: `${seed}m` });
  return place;
}

async function failure(run: Promise<unknown>): Promise<string> {
  try {
    await run;
  } catch (error) {
    if (error instanceof HaggleError) return `${error.code} ${error.message}`;
    throw error;
  }
  throw new TypeError('the run does not fail');
}

test('what was delivered before a failure is recorded, and nothing that came behind it', async (t) => {
  for (const seed of [1, 2, 3, 4]) {
    const whole = recorder();
    const alone = await failure(street(seed, undefined, { record: whole.record }).run());
    for (const workers of [1, 2, 3, 4]) {
      const merged = recorder();
      const make = (shard: ShardOptions): World =>
        street(seed, shard, shard.worker === null ? { record: merged.record } : {});
      t.is(await failure(runSplit({ make, workers, seed, trace: true })), alone);
      t.deepEqual(merged.records, whole.records);
    }
  }
});

test('of links that are refused in the same instant, the first in the order of events is named', async (t) => {
  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
    const latency: WorldOptions['latency'] = {
      least: '5 ms',
      of: ({ from }) => (from.includes('c') ? '4 ms' : '5 ms'),
    };
    const make = (shard?: ShardOptions): World => street(seed, shard, { latency, strict: false });
    const alone = await failure(make().run());
    t.regex(alone, /^bad-latency latency of \dc\d -> \dm is 4000 us/);
    for (const workers of [1, 2, 3, 4]) t.is(await failure(runSplit({ make, workers, seed })), alone);
  }
});
