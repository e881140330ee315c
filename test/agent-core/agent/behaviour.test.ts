import test from 'ava';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import { bench } from '../../fixtures/harness.ts';
import { Haul, meter, Metering, reader } from '../../fixtures/metering.ts';

test('timers carry JSON, fire once, and can be taken back', async (t) => {
  const fired: unknown[] = [];
  const alarm = defineAgent({
    name: 'alarm',
    setup(agent) {
      const ring = agent.timer<{ n: number }>('ring', (ctx, data) => void fired.push([ctx.now(), data.n]));
      agent.start((ctx) => {
        ctx.schedule(ring, '1 s', { n: 1 });
        const second = ctx.schedule(ring, '2 s', { n: 2 });
        ctx.schedule(ring, '3 s', { n: 3 });
        t.true(ctx.cancel(second));
        t.false(ctx.cancel(second));
      });
    },
  });
  const b = bench(alarm());
  t.is(b.runtime.counters.timersPending, 2);
  await b.pass(5_000_000);
  t.deepEqual(fired, [
    [2_000_000, 1],
    [4_000_000, 3],
  ]);
  t.is(b.runtime.counters.timersPending, 0);
});

test('refuses parameters that break their schema, naming the path', (t) => {
  t.throws(() => meter({ meanKWh: 'much' as never }), { code: 'bad-params', message: /agent "meter": meanKWh/ });
});

test('plain JavaScript that forgets a handler, doubles a timer or invents a role is told so', (t) => {
  const make = (setup: (agent: never) => void) => (): unknown => bench(defineAgent({ name: 'sloppy', setup })());
  const loose = (
    run: (agent: {
      play: (...args: unknown[]) => void;
      timer: (...args: unknown[]) => void;
      every: (...args: unknown[]) => void;
    }) => void,
  ) => make(run);
  const none = (): void => undefined;
  t.throws(
    loose((a) => a.play(Haul, 'participant', { cfp: none })),
    { message: /needs a handler for "accept-proposal"/ },
  );
  t.throws(
    loose((a) => a.play(Haul, 'plumber', {})),
    { message: /has no role "plumber"/ },
  );
  t.throws(
    loose((a) => {
      a.timer('x', none);
      a.timer('x', none);
    }),
    { message: /declared twice/ },
  );
  t.throws(
    loose((a) => a.every(0, none)),
    { message: /interval must be more than 0/ },
  );
  t.throws(() => defineAgent({ name: 'Bad Name', setup: none }), { code: 'bad-agent' });
  t.is(typeof reader, 'function');
});

for (const [what, thrown] of [
  ['has no text', Object.create(null)],
  [
    'throws when it is asked for its text',
    {
      toString: () => {
        throw new Error('no');
      },
    },
  ],
] as const) {
  test(`a handler that throws what ${what} harms nobody but its dialogue`, async (t) => {
    for (const ask of [
      () => {
        throw thrown;
      },
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- anything can be rejected with, which is the point
      () => Promise.reject(thrown),
    ] as const) {
      const thrower = defineAgent({ name: 'thrower', setup: (agent) => agent.play(Metering, 'meter', { ask }) });
      const b = bench(thrower());
      b.say({ type: 'ask', protocol: Metering.id, body: { slots: 1 } });
      await b.settle();
      t.deepEqual(
        b.heard().map(({ type }) => type),
        ['failure'],
      );
      t.deepEqual(b.errors, [thrown]);
    }
  });
}
