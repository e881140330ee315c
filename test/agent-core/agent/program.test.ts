import test from 'ava';
import { z } from 'zod';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import { defineProgram, type Run } from '../../../agent-core/agent/program.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import { assert } from '../../../agent-core/errors.ts';
import { createCancellation, type Cancellation } from '../../../agent-core/protocol/cancellation.ts';
import { world } from '../../../simulator/world.ts';
import { Metering, meter } from '../../fixtures/metering.ts';

type Result = readonly string[];

/** Asks every meter at the same time and tells what it heard, in order. */
const Survey = defineProgram(
  Metering,
  'reader',
  (run: Run<typeof Metering, 'reader', Result>, { to, patience }: { to: readonly Did[]; patience: number }) => {
    const heard: string[] = [];
    let open = to.length;
    for (const peer of to) run.open(peer, 'ask', { body: { slots: 1 }, by: run.now() + 5_000_000 });
    run.at(run.now() + patience, () => run.finish([...heard, 'out of patience']));
    return {
      heard: (message) => void heard.push(message.type),
      ended: (end) => {
        heard.push(`${end.outcome} ${end.code}`);
        open -= 1;
        if (open === 0) run.finish(heard);
      },
    };
  },
);

function surveyor(to: readonly Did[], patience = 60_000_000) {
  return defineAgent({
    name: 'surveyor',
    state: () => ({ results: [] as Result[], at: 0 }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        await ctx.sleep('1 h');
        ctx.state.results.push(await ctx.run(Survey, { to, patience }));
        ctx.state.at = ctx.now();
      }),
  })();
}

test('a program holds many dialogues and hears every message before the end of its dialogue', async (t) => {
  const w = world({ seed: 1, strict: true });
  const to = [1, 2].map((meanKWh) => w.spawn(meter({ meanKWh })).did);
  const placed = w.spawn(surveyor([...to, w.didOf('nobody')]));
  await w.run({ until: '2 h' });
  t.deepEqual(placed.state.results[0]?.toSorted(), [
    'done done',
    'done done',
    'failed no-such-agent',
    'report',
    'report',
  ]);
  t.is(placed.counters.dialoguesOpen, 0);
});

test('a program that finishes leaves its open dialogues, and their peers learn it', async (t) => {
  const w = world({ seed: 1 });
  const silent = w.spawn(
    defineAgent({
      name: 'silent',
      state: () => ({ ends: [] as string[] }),
      setup: (agent) =>
        agent.play(
          Metering,
          'meter',
          { ask: () => undefined },
          { ended: (ctx, end) => void ctx.state.ends.push(`${end.outcome} ${end.code}`) },
        ),
    })(),
  );
  const placed = w.spawn(surveyor([silent.did], 1_000_000));
  await w.run();
  t.deepEqual(placed.state.results, [['out of patience']]);
  t.is(placed.state.at, 3_601_000_000);
  t.deepEqual(silent.state.ends, ['failed run-over']);
  t.is(placed.counters.dialoguesOpen + silent.counters.dialoguesOpen, 0);
});

/** Fails where it is told to. */
const Brittle = defineProgram(
  Metering,
  'reader',
  (run: Run<typeof Metering, 'reader', string>, { to, where }: { to: Did; where: string }) => {
    const trip = (here: string): void => {
      if (here === where) throw new Error(`tripped at ${here}`);
      assert(`assert ${here}` !== where, `broken at ${here}`);
    };
    run.open(to, 'ask', { body: { slots: 1 }, by: run.now() + 5_000_000 });
    trip('begin');
    run.at(run.now() + 500, () => trip('time'));
    return {
      heard: () => trip('heard'),
      ended: () => {
        trip('ended');
        run.finish('finished');
      },
    };
  },
);

const starter = defineAgent({
  name: 'starter',
  params: z.object({ to: z.custom<Did>(), where: z.string(), waits: z.boolean() }),
  state: () => ({ result: '' }),
  setup: (agent) =>
    agent.start(async (ctx) => {
      await ctx.sleep('1 h');
      const { to, where, waits } = ctx.params;
      const running = ctx.run(Brittle, { to, where });
      if (waits) ctx.state.result = await running;
    }),
});

for (const where of ['begin', 'time', 'heard', 'ended']) {
  test(`what a program throws at its ${where} ends it, is counted once, and reaches who waits for it`, async (t) => {
    for (const waits of [true, false]) {
      const w = world({ seed: 1 });
      const { did } = w.spawn(meter({ meanKWh: 1 }));
      const placed = w.spawn(starter({ to: did, where, waits }));
      await w.run({ until: '2 h' });
      t.is(placed.state.result, '');
      t.is(placed.counters.handlerErrors, 1);
      t.is(placed.counters.dialoguesOpen, 0);
    }
    const strict = world({ seed: 1, strict: true });
    const { did } = strict.spawn(meter({ meanKWh: 1 }));
    strict.spawn(starter({ to: did, where, waits: false }));
    await t.throwsAsync(strict.run({ until: '2 h' }), { message: `tripped at ${where}` });
  });
}

test('a broken invariant in a program stops its agent', async (t) => {
  const w = world({ seed: 1 });
  const { did } = w.spawn(meter({ meanKWh: 1 }));
  const placed = w.spawn(starter({ to: did, where: 'assert heard', waits: true }));
  await w.run({ until: '2 h' });
  t.is(placed.lifecycle, 'failed');
  t.is(placed.counters.dialoguesOpen, 0);
});

test('a program opens no dialogue that is over before it begins, and none after its end', async (t) => {
  const errors: string[] = [];
  const Bad = defineProgram(Metering, 'reader', (run: Run<typeof Metering, 'reader', string>, to: Did) => {
    const attempt = (by: number): void => {
      try {
        run.open(to, 'ask', { body: { slots: 1 }, by });
      } catch (error) {
        errors.push(error instanceof Error && 'code' in error ? String(error.code) : 'other');
      }
    };
    attempt(run.now());
    attempt(run.now() + 500 * 86_400_000_000);
    run.finish('done');
    attempt(run.now() + 1_000);
    run.finish('twice changes nothing');
    return { heard: () => undefined, ended: () => undefined };
  });
  const w = world({ seed: 1, strict: true });
  const agent = defineAgent({
    name: 'bad',
    state: () => ({ result: '' }),
    setup: (a) => a.start(async (ctx) => void (ctx.state.result = await ctx.run(Bad, w.didOf('someone')))),
  });
  const placed = w.spawn(agent());
  await w.run();
  t.deepEqual(errors, ['bad-duration', 'bad-duration', 'run-over']);
  t.is(placed.state.result, 'done');
  t.is(placed.counters.dialoguesOpen, 0);
});

test('a program whose agent stops is never resumed', async (t) => {
  const w = world({ seed: 1 });
  const late = defineAgent({ name: 'late', setup: (a) => a.play(Metering, 'meter', { ask: () => undefined }) });
  const { did } = w.spawn(late());
  const stopping = w.spawn(surveyor([did]));
  await w.run({ until: '3601 s' });
  stopping.stop();
  await w.run();
  t.deepEqual(stopping.state.results, []);
  t.is(stopping.counters.dialoguesOpen, 0);
});

/** Waits for times only; every dialogue that it had is over. */
const Clockwork = defineProgram(Metering, 'reader', (run: Run<typeof Metering, 'reader', string>, ticks: number[]) => {
  const tick = (): void => {
    ticks.push(run.now());
    if (ticks.length < 10) run.at(run.now() + 1_000_000, tick);
    else run.finish('ran down');
  };
  tick();
  return { heard: () => undefined, ended: () => undefined };
});

for (const how of ['stops', 'crashes'] as const) {
  test(`a program without an open dialogue is over as well when its agent ${how}`, async (t) => {
    const w = world({ seed: 1, strict: true });
    const ticks: number[] = [];
    const results: string[] = [];
    const placed = w.spawn(
      defineAgent({
        name: 'clockmaker',
        setup: (a) => a.start(async (ctx) => void results.push(await ctx.run(Clockwork, ticks))),
      })(),
    );
    await w.run({ until: '2500 ms' });
    if (how === 'stops') placed.stop();
    else placed.crash();
    await w.run();
    t.is(ticks.length, 3);
    t.deepEqual(results, []);
    t.is(w.now(), 2_500_000, 'nothing of it was left pending');
  });
}

test('a program that a stopping agent begins is over before it can do anything later', async (t) => {
  const w = world({ seed: 1, strict: true });
  const ticks: number[] = [];
  const placed = w.spawn(
    defineAgent({
      name: 'clockmaker',
      setup: (a) => {
        a.stop((ctx) => {
          void ctx.run(Clockwork, ticks);
          return undefined;
        });
      },
    })(),
  );
  await w.run();
  placed.stop();
  await w.run();
  t.is(ticks.length, 1);
  t.is(w.now(), 0);
});

test('a time that is set after the end of a program keeps nothing waiting', async (t) => {
  const Brief = defineProgram(Metering, 'reader', (run: Run<typeof Metering, 'reader', string>) => {
    run.finish('done');
    run.at(run.now() + 60_000_000, () => t.fail('it is over'));
    return { heard: () => undefined, ended: () => undefined };
  });
  const w = world({ seed: 1, strict: true });
  w.spawn(defineAgent({ name: 'brief', setup: (a) => a.start(async (ctx) => void (await ctx.run(Brief, null))) })());
  await w.run();
  t.is(w.now(), 0);
});

test('no program begins after its agent has stopped', async (t) => {
  const w = world({ seed: 1 });
  const ticks: number[] = [];
  const codes: unknown[] = [];
  const placed = w.spawn(
    defineAgent({
      name: 'clockmaker',
      setup: (a) =>
        a.start(async (ctx) => {
          await ctx.sleep('1 s');
          await ctx.run(Clockwork, ticks).catch((error: unknown) => codes.push((error as { code?: unknown }).code));
        }),
    })(),
  );
  await w.run({ until: '500 ms' });
  placed.stop();
  await w.run();
  t.deepEqual(ticks, []);
  t.deepEqual(codes, ['agent-stopped']);
});

test('a cancellation forgets the programs that have ended, and one that was used ends those that begin', async (t) => {
  let listening = 0;
  const inner = createCancellation();
  const counting: Cancellation = {
    get reason() {
      return inner.reason;
    },
    cancel: (reason) => inner.cancel(reason),
    onCancel(listener) {
      listening += 1;
      const forget = inner.onCancel(listener);
      return () => {
        listening -= 1;
        forget();
      };
    },
  };
  const Waiting = defineProgram(Metering, 'reader', (run: Run<typeof Metering, 'reader', string>, patience: number) => {
    run.onCancel(undefined, () => run.finish('cancelled by nobody'));
    run.onCancel(counting, () => run.finish(`cancelled: ${counting.reason}`));
    run.at(run.now() + patience, () => run.finish('waited'));
    return { heard: () => undefined, ended: () => undefined };
  });
  const waiter = defineAgent({
    name: 'waiter',
    state: () => ({ results: [] as string[], counts: [] as number[] }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        for (let n = 0; n < 3; n++) ctx.state.results.push(await ctx.run(Waiting, 1_000));
        ctx.state.counts.push(listening);
        const late = ctx.run(Waiting, 3_600_000_000);
        ctx.state.counts.push(listening);
        counting.cancel('enough');
        ctx.state.results.push(await late, await ctx.run(Waiting, 3_600_000_000));
        ctx.state.counts.push(listening);
      }),
  });
  const w = world({ seed: 1, strict: true });
  const { state } = w.spawn(waiter());
  await w.run();
  t.deepEqual(state.results, ['waited', 'waited', 'waited', 'cancelled: enough', 'cancelled: enough']);
  t.deepEqual(state.counts, [0, 1, 0]);
  t.is(w.now(), 3_000);
});
