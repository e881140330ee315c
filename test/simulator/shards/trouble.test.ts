/** How a split run fails: loudly, by name, for all its processes. */
import test from 'ava';
import { z } from 'zod';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import { HaggleError } from '../../../agent-core/errors.ts';
import type { ShardOptions } from '../../../simulator/shards/shard-options.ts';
import type { WorldOptions } from '../../../simulator/world-options.ts';
import { world, type World } from '../../../simulator/world.ts';
import { meter, reader } from '../../fixtures/metering.ts';
import { runSplit, shardOf, type SplitOptions, type Tamper } from '../../fixtures/split-run.ts';
import { drawWorld, whatHappened } from '../../fixtures/split-worlds.ts';
import { boundBus } from '../../fixtures/bound-bus.ts';

function town(shard: ShardOptions, options: Partial<WorldOptions> = {}): World {
  const place = world({ seed: 1, latency: ['1 ms', '9 ms'], ...options, shard });
  for (let index = 0; index < 3; index++) {
    place.spawn(reader({ target: place.didOf(`m${index}`) }), { name: `r${index}` });
    // With two workers, every reader has its meter at the other one.
    place.spawn(meter({ meanKWh: 1 }), { name: `m${index}` });
  }
  return place;
}

const SPLIT: SplitOptions = { make: town, workers: 2, seed: 1, until: '5 h' };

/** Drops the n-th message of a process that the test names. */
function dropping(name: string, about: string, nth = 1): Tamper {
  return (bus, token) => {
    if (token !== name) return bus;
    let seen = 0;
    return {
      ...boundBus(bus),
      publish: (subject, payload, options) => {
        if (payload.includes(`"type":"${about}"`) && ++seen === nth) return;
        bus.publish(subject, payload, options);
      },
    };
  };
}

async function fails(options: Partial<SplitOptions>): Promise<HaggleError> {
  try {
    await runSplit({ ...SPLIT, ...options });
  } catch (error) {
    if (error instanceof HaggleError) return error;
    throw error;
  }
  throw new TypeError('the run does not fail');
}

test('a lost packet fails the run with the exact gap', async (t) => {
  const { code, message } = await fails({ tamper: dropping('w0', 'packet', 2) });
  t.is(code, 'missing-messages');
  t.regex(
    message,
    /^worker \d cannot begin epoch \d+: it misses messages from worker \d numbers? [\d to]+ \(epoch \d+\)$/,
  );
});

for (const [about, from, said] of [
  ['grant', 'coordinator', 'grant to'],
  ['report', 'w1', 'report of'],
] as const) {
  test(`a lost ${about} fails the run and is named`, async (t) => {
    const { code, message } = await fails({ tamper: dropping(from, about, 3) });
    t.is(code, 'missing-messages');
    t.regex(message, new RegExp(`^the ${said} worker \\d \\("w\\d"\\) in epoch \\d+ did not arrive$`));
  });
}

test('a lost hello or welcome is said again', async (t) => {
  for (const [about, from] of [
    ['hello', 'w0'],
    ['welcome', 'coordinator'],
  ] as const) {
    const { summary } = await runSplit({ ...SPLIT, tamper: dropping(from, about) });
    t.is(summary.end, 'until');
  }
});

test('a worker that computed long answers old questions late, and that is no sign of anything', async (t) => {
  const late: Tamper = (bus, token) => {
    if (token !== 'w0') return bus;
    let number = 1_000_000;
    return {
      ...boundBus(bus),
      publish: (subject, payload, options) => {
        bus.publish(subject, payload, options);
        if (!payload.includes('"type":"report"')) return;
        const pong = '{"type":"pong","number":99999,"epoch":1,"state":"idle"}';
        for (let times = 0; times < 6; times++) bus.publish(subject, `haggle-sim/1 w0 ${number++} 0 1\n${pong}`);
      },
    };
  };
  const { summary } = await runSplit({ ...SPLIT, tamper: late });
  t.is(summary.end, 'until');
});

test('a worker that leaves the bus is lost, by name', async (t) => {
  const leaving: Tamper = (bus, token) => {
    if (token !== 'w1') return bus;
    const subscriptions: { unsubscribe(): void }[] = [];
    let reports = 0;
    return {
      ...boundBus(bus),
      subscribe: (...words) => {
        const subscription = bus.subscribe(...words);
        subscriptions.push(subscription);
        return subscription;
      },
      publish: (subject, payload, options) => {
        if (payload.includes('"type":"report"') && ++reports === 3) {
          for (const subscription of subscriptions) subscription.unsubscribe();
        } else if (reports < 3) bus.publish(subject, payload, options);
      },
    };
  };
  const { code, message } = await fails({ tamper: leaving });
  t.is(code, 'worker-lost');
  t.regex(message, /^worker \d \("w1"\) is lost in epoch 3: it left the bus$/);
});

test('workers that do not come are missed', async (t) => {
  const mute: Tamper = (bus, token) => (token === 'w1' ? { ...boundBus(bus), publish: () => undefined } : bus);
  const { code, message } = await fails({ tamper: mute, millis: { join: 500, silence: 2_000 } });
  t.is(code, 'workers-missing');
  t.regex(message, /1 of 2 workers were ready after 500 ms/);
});

test('a worker that made another world is refused before anything runs', async (t) => {
  const other = await fails({
    make: (shard) => {
      const place = town(shard);
      if (shard.worker === 1) place.spawn(meter({ meanKWh: 1 }), { name: 'extra' });
      return place;
    },
  });
  t.is(other.code, 'world-mismatch');
  const slower = await fails({ make: (shard) => town(shard, shard.worker === 1 ? { latency: '2 ms' } : {}) });
  t.is(slower.code, 'world-mismatch');
  const seeded = await fails({ make: (shard) => town(shard, shard.worker === 1 ? { seed: 'another' } : {}) });
  t.is(seeded.code, 'world-mismatch');
});

test('what a worker cannot make of the description stops the run', async (t) => {
  const { code } = await fails({
    make: (shard) => {
      if (shard.worker === 1) throw new HaggleError('bad-grid', 'no grid');
      return town(shard);
    },
  });
  t.is(code, 'bad-grid');
});

test('forged words are bad-wire for all', async (t) => {
  const forge =
    (about: string, make: (payload: string) => string): Tamper =>
    (bus, token) => {
      if (token !== 'w0') return bus;
      return {
        ...boundBus(bus),
        publish: (subject, payload, options) =>
          bus.publish(subject, payload.includes(`"type":"${about}"`) ? make(payload) : payload, options),
      };
    };
  for (const tamper of [
    forge('report', (payload) => payload.replace('"epoch":', '"epoch":-')),
    forge('packet', (payload) => payload.replace('["message",', '["gift",')),
    forge('packet', (payload) => payload.replace('"first":', '"first":"')),
    forge('final', (payload) => payload.replace('"events":', '"incidents":')),
    forge('ready', (payload) => payload.replace('"ready"', '"steady"')),
    forge('hello', (payload) => payload.replace('"v":1', '"v":2')),
  ]) {
    t.is((await fails({ tamper })).code, 'bad-wire');
  }
});

/** Throws at a time of its own. */
const thrower = defineAgent({
  name: 'thrower',
  params: z.object({ at: z.number(), later: z.boolean() }),
  setup: (agent) =>
    agent.start(async (ctx) => {
      await ctx.sleep(ctx.params.at);
      if (ctx.params.later) await ctx.sleep(0);
      throw new HaggleError('too-hot', `${ctx.name} at ${ctx.now()}`, { fields: { degrees: 9n } });
    }),
});

test('a strict split world stops with the error that stops it in one process: the first in the order of events', async (t) => {
  for (let seed = 1; seed <= 6; seed++) {
    const make = (shard?: ShardOptions): World => {
      const place = world({ seed, strict: true, latency: '5 ms', shard });
      for (let index = 0; index < 4; index++) {
        const at = 1_000 + ((seed * (index + 3)) % 4);
        place.spawn(thrower({ at, later: index % 2 === 0 }), { name: `t${index}` });
      }
      return place;
    };
    const alone = await t.throwsAsync(make().run(), { code: 'too-hot' });
    for (const workers of [1, 2, 3]) {
      const { code, message, fields } = await fails({ make, workers });
      t.deepEqual([code, message, fields], ['too-hot', alone?.message, { degrees: 9n }]);
    }
  }
});

test('a world whose links have no latency cannot be split', (t) => {
  const shard = { worker: 0, workers: 2 };
  t.throws(() => town(shard, { latency: 0 }), { code: 'no-lookahead', message: /0 us/ });
  t.throws(() => town(shard, { latency: { least: 0, of: () => '1 ms' } }), { code: 'no-lookahead' });
  for (const bad of [
    { worker: 2, workers: 2 },
    { worker: -1, workers: 2 },
    { worker: 0, workers: 0 },
  ]) {
    t.throws(() => town(bad), { code: 'bad-shard' });
  }
});

test('a link below the least latency is refused when it is used', async (t) => {
  const place = world({ seed: 1, latency: { least: '5 ms', of: ({ to }) => (to === 'm' ? '4 ms' : '6 ms') } });
  place.spawn(reader({ target: place.didOf('m') }), { name: 'r' });
  place.spawn(meter({ meanKWh: 1 }), { name: 'm' });
  await t.throwsAsync(place.run(), {
    code: 'bad-latency',
    message: /r -> m is 4000 us; no link may have less than 5000 us/,
  });
});

test('a part of a world is not run by hand, and nothing is known or done there of agents elsewhere', async (t) => {
  const place = town({ worker: 0, workers: 2 });
  await t.throwsAsync(place.run(), { code: 'sharded-world' });
  const [here, elsewhere] = place.agents;
  t.true(here?.here);
  t.false(elsewhere?.here);
  for (const act of [
    () => elsewhere?.state,
    () => elsewhere?.counters,
    () => elsewhere?.lifecycle,
    () => elsewhere?.stop(),
    () => elsewhere?.crash(),
    () => elsewhere?.restart(),
  ]) {
    t.throws(act, { code: 'not-here' });
  }
});

class Purse {
  readonly coins = 3;
}

test('a state that cannot travel fails who reads it, and nobody else', async (t) => {
  const holder = defineAgent({ name: 'holder', state: () => ({ purse: new Purse() }), setup: () => undefined });
  const { place } = await runSplit({
    ...SPLIT,
    make: (shard) => {
      const made = town(shard);
      made.spawn(holder(), { name: 'holder' });
      return made;
    },
  });
  const placed = place.agents.find(({ name }) => name === 'holder');
  t.is(placed?.lifecycle, 'running');
  t.throws(() => placed?.state, { code: 'state-not-plain', message: /"holder" cannot travel: writing state\.purse/ });
});

test('a run that has its workers sends others away and goes on', async (t) => {
  const stranger: Tamper = (bus, token) => {
    if (token !== 'w1') return bus;
    return {
      ...boundBus(bus),
      publish: (subject, payload, options) => {
        bus.publish(subject, payload, options);
        // Somebody else comes when all are there, and has left again before it is told.
        const hello = '{"type":"hello","token":"late","v":1}';
        if (payload.includes('"ready"')) bus.publish(subject, `haggle-sim/1 late 0 0 1\n${hello}`);
      },
    };
  };
  const { summary } = await runSplit({ ...SPLIT, tamper: stranger });
  t.is(summary.end, 'until');
});

test('a worker that nobody answers gives up', async (t) => {
  const deaf: Tamper = (bus, token) => (token === 'coordinator' ? { ...boundBus(bus), publish: () => undefined } : bus);
  const { code } = await fails({ tamper: deaf, millis: { join: 500 } });
  t.is(code, 'workers-missing');
});

test('an empty world is over at once, also in parts', async (t) => {
  const { make } = drawWorld(3);
  const empty = (shard?: ShardOptions): World => world({ seed: 1, ...(shard === undefined ? {} : { shard }) });
  const { place, summary } = await runSplit({ make: empty, workers: 2, seed: 1 });
  t.like(summary, { end: 'idle', now: 0, events: 0 });
  t.is(place.fingerprint(), empty().fingerprint());
  // And one that goes on until nothing is pending.
  const alone = make();
  await alone.run({ until: '1 s' });
  const split = await runSplit({ make, workers: 3, seed: 9, until: '1 s' });
  t.deepEqual(whatHappened(split.place), whatHappened(alone));
});

test('the shard of a whole world is null', (t) => {
  t.is(world({ seed: 1 }).shard, null);
  t.throws(() => shardOf(world({ seed: 1 })), { instanceOf: TypeError });
});
