import test from 'ava';
import { z } from 'zod';
import { defineAgent } from '../../agent-core/agent/agent.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';
import { portableBackend } from '../../agent-core/identity/portable.ts';
import type { SigningMode } from '../../agent-core/message/seal.ts';
import { fingerprintOfTrace, type TraceRecord } from '../../simulator/trace.ts';
import { world, type World } from '../../simulator/world.ts';
import type { WorldOptions } from '../../simulator/world-options.ts';
import { Haul, meter, Metering, reader } from '../fixtures/metering.ts';

interface Reading {
  readonly total: number;
  readonly answers: readonly string[];
}

/** Three readers and their meters, for a virtual day. */
async function day(options: Partial<WorldOptions> = {}, reversed = false): Promise<{ place: World; read: Reading[] }> {
  const place = world({ seed: 1, strict: true, latency: ['1 ms', '40 ms'], ...options });
  const read: Reading[] = [];
  const spawns = [1, 2, 3].flatMap((k) => [
    () => void place.spawn(meter({ meanKWh: k }), { name: `meter-${k}` }),
    () => void read.push(place.spawn(reader({ target: place.didOf(`meter-${k}`) }), { name: `reader-${k}` }).state),
  ]);
  for (const spawn of reversed ? spawns.toReversed() : spawns) spawn();
  await place.run({ until: '1 d' });
  return { place, read };
}

test('readers get an answer every hour, the same totals for the same seed, and no dialogue stays open', async (t) => {
  const [first, second] = [await day(), await day()];
  for (const { answers } of first.read) t.is(answers.length, 23);
  t.is(first.read[0]?.answers.filter((type) => type === 'report').length, 23);
  t.deepEqual(first.read, second.read);
  t.true(Math.abs((first.read[1]?.total ?? 0) - 23 * 4 * 2) < 10);
  for (const { counters } of first.place.agents) t.is(counters.dialoguesOpen, 0);
  t.is(first.place.traffic.messages, 3 * 23 * 2);
});

test('the same seed gives the same fingerprint, for every agent too; another seed another one', async (t) => {
  const [first, second, other] = [await day(), await day(), await day({ seed: 2 })];
  t.is(first.place.fingerprint(), second.place.fingerprint());
  t.not(first.place.fingerprint(), other.place.fingerprint());
  for (const { name } of first.place.agents) t.is(first.place.fingerprint(name), second.place.fingerprint(name));
  t.not(first.place.fingerprint('meter-1'), first.place.fingerprint('meter-2'));
});

test('signing each message, in batches or not at all gives the same fingerprint', async (t) => {
  const modes: readonly SigningMode[] = ['each', 'batch', 'off'];
  const prints = await Promise.all(modes.map(async (sign) => (await day({ sign })).place.fingerprint()));
  t.deepEqual(new Set(prints).size, 1);
});

test('native and portable signatures give the same fingerprint', async (t) => {
  const run = async (backend: Partial<WorldOptions>): Promise<string> => {
    const place = world({ seed: 1, sign: 'batch', ...backend });
    place.spawn(meter({ meanKWh: 1 }), { name: 'm' });
    place.spawn(reader({ target: place.didOf('m') }), { name: 'r' });
    await place.run({ until: '3 h' });
    return place.fingerprint();
  };
  t.is(await run({}), await run({ backend: portableBackend }));
});

test('the order in which agents are placed does not matter', async (t) => {
  const [first, second] = [await day(), await day({}, true)];
  t.is(first.place.fingerprint(), second.place.fingerprint());
  t.deepEqual(first.read, second.read.toReversed());
});

test('a recorded run has the fingerprint of its trace, recorded in memory or as it goes', async (t) => {
  const { place } = await day({ record: true });
  t.is(place.trace.length, place.traffic.messages);
  t.is(fingerprintOfTrace(place.trace), place.fingerprint());
  const records: TraceRecord[] = [];
  const other = await day({ record: (record) => void records.push(record) });
  t.deepEqual(records, [...place.trace]);
  t.deepEqual(other.place.trace, []);
  t.not(fingerprintOfTrace(records.slice(1)), place.fingerprint());
});

test('every delivery takes as long as the range says', async (t) => {
  const { place } = await day({ record: true });
  const taken = place.trace.map(({ time, payload }) => time - (JSON.parse(payload) as { sent: number }).sent);
  t.true(taken.every((micros) => micros >= 1_000 && micros <= 40_000));
  t.true(Math.max(...taken) - Math.min(...taken) > 20_000);
  const constant = await day({ record: true, latency: '3 ms' });
  for (const { time, payload } of constant.place.trace)
    t.is(time - (JSON.parse(payload) as { sent: number }).sent, 3_000);
});

test('asking an agent that does not exist fails at once, by name', async (t) => {
  const seen: [string, number][] = [];
  const asker = defineAgent({
    name: 'asker',
    params: z.object({ target: z.string() }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        const answer = await ctx.ask(
          Metering,
          'reader',
          ctx.params.target as Did,
          'ask',
          { slots: 1 },
          { within: '5 s' },
        );
        seen.push([answer.type, ctx.now()]);
      }),
  });
  const place = world({ seed: 1, strict: true });
  const placed = place.spawn(asker({ target: place.didOf('nobody') }));
  t.is((await place.run()).end, 'idle');
  t.deepEqual(seen, [['failure', 1_000]]);
  t.is(placed.counters.dialoguesEnded.get('failed'), 1);
  t.is(placed.counters.dialoguesOpen, 0);
});

test('an address is known before its agent is placed, and names are unique', (t) => {
  const place = world({ seed: 1 });
  const did = place.didOf('m');
  t.is(place.spawn(meter({ meanKWh: 1 }), { name: 'm' }).did, did);
  t.throws(() => place.spawn(meter({ meanKWh: 1 }), { name: 'm' }), { code: 'duplicate-agent' });
  t.deepEqual(
    [place.spawn(meter({ meanKWh: 1 })).name, place.spawn(meter({ meanKWh: 1 })).name],
    ['meter-1', 'meter-2'],
  );
  t.not(world({ seed: 2 }).didOf('m'), did);
});

/** Waits in several ways at once. */
const juggler = defineAgent({
  name: 'juggler',
  params: z.object({ targets: z.array(z.string()) }),
  state: () => ({ log: [] as string[] }),
  setup: (agent) =>
    agent.start(async (ctx) => {
      const note = (what: string): void => void ctx.state.log.push(`${ctx.now()} ${what}`);
      const ask = async (target: string): Promise<string> => {
        await ctx.sleep(`${ctx.random.integer(1, 50)} ms`);
        const answer = await ctx.ask(Metering, 'reader', target as Did, 'ask', { slots: 1 }, { within: '1 s' });
        note(answer.type);
        return answer.type;
      };
      await ctx.sleep('1 h');
      const answers = await Promise.all(ctx.params.targets.map(ask));
      note(answers.join());
      await Promise.all([ctx.sleep('2 s'), ctx.sleep('1 s'), Promise.resolve()]);
      note('slept');
    }),
});

test('a handler may wait for several promises of ctx at once, and virtual time waits for it', async (t) => {
  const run = async (): Promise<{ log: string[]; print: string }> => {
    const place = world({ seed: 3, strict: true, latency: ['1 ms', '30 ms'] });
    const names = ['a', 'b', 'c', 'd'];
    for (const name of names) place.spawn(meter({ meanKWh: 1 }), { name });
    const targets = [...names, 'nobody'].map((name) => place.didOf(name));
    const { state } = place.spawn(juggler({ targets }));
    await place.run({ until: '2 h' });
    return { log: state.log, print: place.fingerprint() };
  };
  const [first, second] = [await run(), await run()];
  t.deepEqual(first, second);
  t.is(first.log.length, 7);
  t.regex(first.log[5] ?? '', /report,report,report,report,failure$/);
  const [answered = 0, slept = 0] = first.log.slice(5).map((line) => Number.parseInt(line, 10));
  t.is(slept - answered, 2_000_000);
});

test('a handler that awaits something else than ctx stops the run, naming its agent', async (t) => {
  const stray = defineAgent({
    name: 'stray',
    setup: (agent) => agent.start(() => new Promise<void>(() => undefined)),
  });
  const place = world({ seed: 1 });
  place.spawn(stray(), { name: 'lost' });
  await t.throwsAsync(place.run(), { code: 'foreign-await', message: /"lost"/ });
});

const TEMPTATIONS: readonly (readonly [string, () => unknown, string, string])[] = [
  ['Date.now', () => Date.now(), 'wall-clock-in-handler', 'ctx.now()'],
  ['Math.random', () => Math.random(), 'unseeded-chance-in-handler', 'ctx.random'],
  ['setTimeout', () => setTimeout(() => undefined, 1), 'wall-clock-in-handler', 'ctx.schedule or ctx.sleep'],
];

for (const [call, temptation, code, instead] of TEMPTATIONS) {
  for (const when of ['at once', 'after an await'] as const) {
    test.serial(`${call} ${when} in a handler throws, naming ${instead}, and works again after the run`, async (t) => {
      const tempted = defineAgent({
        name: 'tempted',
        setup: (agent) =>
          when === 'at once'
            ? agent.start(() => void temptation())
            : agent.start(async (ctx) => {
                await ctx.sleep('1 s');
                temptation();
              }),
      });
      const place = world({ seed: 1, strict: true });
      place.spawn(tempted());
      const error = await t.throwsAsync(place.run(), { code });
      t.true(error?.message.includes(instead), error?.message);
      const timer = temptation();
      if (call === 'setTimeout') clearTimeout(timer as NodeJS.Timeout);
      await t.notThrowsAsync(world({ seed: 1 }).run());
      t.true(Date.now() > 0 && Math.random() < 1);
    });
  }
}

/** Fails at what it is asked, after an await where the load is odd. */
const clumsy = defineAgent({
  name: 'clumsy',
  setup: (agent) =>
    agent.play(Haul, 'participant', {
      cfp: async (ctx, m) => {
        if (m.body.tonnes % 2 === 1) await ctx.sleep('1 s');
        throw new RangeError(`dropped ${m.body.tonnes}`);
      },
      'accept-proposal': () => undefined,
      'reject-proposal': () => undefined,
    }),
});

const shipper = defineAgent({
  name: 'shipper',
  params: z.object({ target: z.string(), tonnes: z.array(z.number()) }),
  state: () => ({ got: [] as string[] }),
  setup: (agent) =>
    agent.start(async (ctx) => {
      for (const tonnes of ctx.params.tonnes) {
        const answer = await ctx.ask(Haul, 'initiator', ctx.params.target as Did, 'cfp', { tonnes }, { within: '9 s' });
        ctx.state.got.push('code' in answer ? `${answer.type} ${answer.code}` : answer.type);
      }
    }),
});

function haulage(options: Partial<WorldOptions>, tonnes: readonly number[]): { place: World; got: readonly string[] } {
  const place = world({ seed: 1, ...options });
  place.spawn(clumsy(), { name: 'clumsy' });
  const { state } = place.spawn(shipper({ target: place.didOf('clumsy'), tonnes: [...tonnes] }));
  return { place, got: state.got };
}

for (const [when, tonnes] of [
  ['at once', 2],
  ['after an await', 3],
] as const) {
  test(`a strict world stops with what a handler throws ${when}`, async (t) => {
    const { place } = haulage({ strict: true }, [tonnes]);
    await t.throwsAsync(place.run(), { instanceOf: RangeError, message: `dropped ${tonnes}` });
  });
}

test('elsewhere what a handler throws is counted, and its peer gets failure', async (t) => {
  const { place, got } = haulage({}, [2, 3]);
  t.is((await place.run()).end, 'idle');
  t.deepEqual(got, ['failure handler-failed', 'failure handler-failed']);
  t.is(place.agents.find(({ name }) => name === 'clumsy')?.counters.handlerErrors, 2);
});

test('a run can be taken in pieces: until a time, for so many events, until it is done', async (t) => {
  const whole = await day();
  const { place } = { place: world({ seed: 1, strict: true, latency: ['1 ms', '40 ms'] }) };
  for (const k of [1, 2, 3]) {
    place.spawn(meter({ meanKWh: k }), { name: `meter-${k}` });
    place.spawn(reader({ target: place.didOf(`meter-${k}`) }), { name: `reader-${k}` });
  }
  t.deepEqual(await place.run({ maxEvents: 10 }), { end: 'max-events', now: place.now(), events: 10 });
  t.is((await place.run({ until: '5 h' })).end, 'until');
  t.is(place.now(), 5 * 3_600_000_000);
  t.is((await place.run({ done: () => place.now() > 6 * 3_600_000_000 })).end, 'done');
  t.true(place.now() < 7 * 3_600_000_000 + 1_000_000);
  t.is((await place.run({ until: '1 d' })).end, 'until');
  t.is(place.fingerprint(), whole.place.fingerprint());
});

test('progress is told as the run goes, in rising time', async (t) => {
  const place = world({ seed: 1 });
  for (let k = 0; k < 20; k++) place.spawn(meter({ meanKWh: 1 }));
  const told: number[] = [];
  const end = await place.run({ until: '10 d', onProgress: ({ now }) => told.push(now) });
  t.is(end.events, 20 + 20 * 960);
  t.true(told.length >= 4);
  t.deepEqual(
    told,
    told.toSorted((a, b) => a - b),
  );
});

test('intervals tick and timers fire in virtual time; an agent that stops itself leaves nothing behind', async (t) => {
  const log: [string, number][] = [];
  const clock = defineAgent({
    name: 'clock',
    setup(agent) {
      const ring = agent.timer<string>('ring', (ctx, data) => {
        log.push([data, ctx.now()]);
        ctx.stop();
      });
      agent.every('10 s', (ctx) => void log.push(['tick', ctx.now()]));
      agent.start((ctx) => void ctx.schedule(ring, '25 s', 'ring'));
      agent.stop((ctx) => void log.push(['stop', ctx.now()]));
    },
  });
  const place = world({ seed: 1, strict: true });
  const placed = place.spawn(clock());
  const { end } = await place.run();
  t.is(end, 'idle');
  t.deepEqual(log, [
    ['tick', 10_000_000],
    ['tick', 20_000_000],
    ['ring', 25_000_000],
    ['stop', 25_000_000],
  ]);
  t.is(placed.lifecycle, 'stopped');
});

test('an interval waits for a run of its handler that still waits', async (t) => {
  const starts: number[] = [];
  const slow = defineAgent({
    name: 'slow',
    setup: (agent) =>
      agent.every('1 s', async (ctx) => {
        starts.push(ctx.now());
        await ctx.sleep('2 s');
      }),
  });
  const place = world({ seed: 1, strict: true });
  place.spawn(slow());
  await place.run({ until: '8 s' });
  t.deepEqual(starts, [1_000_000, 4_000_000, 7_000_000]);
});

test('who stops tells the peers of its open dialogues at once', async (t) => {
  const quitter = defineAgent({
    name: 'quitter',
    setup: (agent) =>
      agent.play(Haul, 'participant', {
        cfp: (ctx) => ctx.stop(),
        'accept-proposal': () => undefined,
        'reject-proposal': () => undefined,
      }),
  });
  const place = world({ seed: 1, strict: true });
  place.spawn(quitter(), { name: 'q' });
  const { state } = place.spawn(shipper({ target: place.didOf('q'), tonnes: [1, 1] }));
  await place.run();
  t.deepEqual(state.got, ['failure agent-stopped', 'failure no-such-agent']);
});

test('an agent may join a world that runs already', async (t) => {
  const place = world({ seed: 1, strict: true });
  place.spawn(meter({ meanKWh: 1 }), { name: 'm' });
  await place.run({ until: '2 h' });
  const { state } = place.spawn(reader({ target: place.didOf('m') }));
  await place.run({ until: '4 h' });
  t.deepEqual(state.answers, ['report']);
});

test('a realm that no message could name is refused when an agent is placed', (t) => {
  for (const realm of ['', 'a.b', 'a b', 'x'.repeat(65)]) {
    t.throws(() => world({ seed: 1, realm }).spawn(meter({ meanKWh: 1 })), { code: 'bad-realm' });
  }
  t.notThrows(() => world({ seed: 1, realm: 'north-sea_2' }).spawn(meter({ meanKWh: 1 })));
});
