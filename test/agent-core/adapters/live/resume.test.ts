import test, { type ExecutionContext } from 'ava';
import { array, assert, asyncProperty, constantFrom, integer, record } from 'fast-check';
import { defineAgent } from '../../../../agent-core/agent/agent.ts';
import { nodeBackend } from '../../../../agent-core/adapters/node-crypto.ts';
import { HaggleError } from '../../../../agent-core/errors.ts';
import { carrier, shipper } from '../../../../bench/live-haul.ts';
import { mortal, noNumberTwice, place, type Mortal } from './place.ts';

/** All dialogues are over, each with a name for how, and as many on one side as on the other. */
function allEnded(t: ExecutionContext, pair: readonly Mortal[], hint: string): void {
  const totals = pair.map(({ live }) => {
    t.is(live.counters.dialoguesOpen, 0, hint);
    t.is(live.lifecycle, 'running', hint);
    return [...live.counters.dialoguesEnded.values()].reduce((sum, count) => sum + count, 0);
  });
  t.is(new Set(totals).size, 1, `${hint}: ${totals.join(' and ')} ended`);
}

for (const [what, kept] of [
  ['the power is cut', 0],
  ['half a write is torn off', 100],
  ['the process is killed', Infinity],
] as const) {
  test(`a life goes on where it was, at whichever write ${what}`, async (t) => {
    let cuts = 0;
    for (let cutAt = 1; ; cutAt++) {
      const where = place();
      const a = await mortal(where, { n: 1, agent: carrier({ perTonne: 3 }) });
      const b = await mortal(where, { n: 2, agent: shipper({ carriers: [a.live.did], rounds: 2 }), cutAt });
      for (let slice = 0; slice < 200 && b.files.calls < cutAt; slice++) await where.timing.pass(100_000);
      if (b.files.calls < cutAt) break;
      cuts += 1;
      await b.rise(kept);
      await where.timing.pass(90_000_000);
      t.is(b.live.counters.handlerErrors + a.live.counters.handlerErrors, 0);
      allEnded(t, [a, b], `cut at ${cutAt}`);
      noNumberTwice(t, where.broker);
      b.kill();
      a.kill();
    }
    t.true(cuts > 15, `${cuts} cuts`);
  });
}

/** What happens to the pair, one thing after another. */
const fate = array(
  record({
    after: integer({ min: 0, max: 4_000_000 }),
    who: constantFrom(0, 1),
    what: constantFrom('kill', 'cut', 'mend', 'long cut'),
    kept: constantFrom(0, 1, 50, 400, Infinity),
  }),
  { maxLength: 8 },
);

test('whatever is killed and cut off, no number is used twice and every dialogue ends with a name on both sides', async (t) => {
  await assert(
    asyncProperty(fate, async (steps) => {
      const where = place();
      const a = await mortal(where, { n: 1, agent: carrier({ perTonne: 3 }) });
      const b = await mortal(where, { n: 2, agent: shipper({ carriers: [a.live.did], rounds: 4 }) });
      const pair = [a, b] as const;
      for (const { after, who, what, kept } of steps) {
        await where.timing.pass(after);
        if (what === 'kill') await pair[who].rise(kept);
        else if (what === 'mend') pair[who].link.mend();
        else pair[who].link.cut();
        if (what === 'long cut') await where.timing.pass(20_000_000);
      }
      for (const { link } of pair) link.mend();
      await where.timing.pass(300_000_000);
      for (const { live } of pair) t.is(live.counters.dialoguesOpen, 0);
      t.is(
        [...b.live.counters.dialoguesEnded.values()].reduce((sum, n) => sum + n, 0),
        4,
      );
      t.deepEqual([a.live.notReady, b.live.notReady], [[], []]);
      noNumberTwice(t, where.broker);
      // Each is killed once more: what its journal holds leads to where it is.
      for (const one of pair) {
        const before = one.live.counters;
        await one.rise(Infinity);
        await where.timing.settle();
        t.deepEqual(one.live.counters.dialoguesEnded, before.dialoguesEnded);
        t.is(one.live.counters.timersPending, before.timersPending);
        one.kill();
      }
    }),
    { numRuns: 40, seed: 20_261_122 },
  );
});

test('a promise that was made is kept after a restart: the carrier performs what it was awarded before', async (t) => {
  const where = place();
  const a = await mortal(where, { n: 1, agent: carrier({ perTonne: 3 }) });
  const b = await mortal(where, { n: 2, agent: shipper({ carriers: [a.live.did], rounds: 1 }) });
  await where.timing.pass(1_000_000);
  t.is(a.live.counters.dialoguesOpen, 1);
  await a.rise();
  await where.timing.pass(5_000_000);
  t.deepEqual([...b.live.counters.dialoguesEnded], [['done', 1]]);
  t.deepEqual([...a.live.counters.dialoguesEnded], [['done', 1]]);
});

test('a message that a life has taken is refused by the next ones', async (t) => {
  const where = place();
  const a = await mortal(where, { n: 1, agent: carrier({ perTonne: 3 }) });
  const b = await mortal(where, { n: 2, agent: shipper({ carriers: [a.live.did], rounds: 1 }) });
  await where.timing.pass(5_000_000);
  const [opening] = where.broker.heard;
  t.not(opening, undefined);
  if (opening === undefined) return;
  const again = (): void =>
    where.broker.link().bus.publish(opening.subject, opening.payload, { headers: opening.headers });
  await a.rise();
  again();
  await where.timing.settle();
  t.is(a.live.counters.refused.get('replayed'), 1);
  void a.live.drain(0);
  await where.timing.pass(6_000_000);
  t.deepEqual(await a.live.ended, { type: 'stopped' });
  await a.rise();
  t.is(a.live.counters.dialoguesEnded.size, 0, 'after a clean end a new life begins');
  again();
  await where.timing.settle();
  t.is(a.live.counters.refused.get('replayed'), 1);
  b.kill();
});

test('a disk that is full or does not sync: nothing leaves that is not kept, and it goes on when there is room', async (t) => {
  for (const failing of [
    { calls: 'append', why: 'ENOSPC' },
    { calls: 'append', why: 'ENOSPC', short: true },
    { calls: 'sync', why: 'EIO' },
  ] as const) {
    const where = place();
    const a = await mortal(where, { n: 1, agent: carrier({ perTonne: 3 }) });
    a.files.failing = failing;
    const b = await mortal(where, { n: 2, agent: shipper({ carriers: [a.live.did], rounds: 1 }) });
    await where.timing.pass(3_000_000);
    t.deepEqual(a.live.notReady, ['journal']);
    t.is(where.broker.heard.filter(({ subject }) => subject.endsWith(a.live.nkey)).length, 0);
    a.files.failing = null;
    await where.timing.pass(8_000_000);
    t.deepEqual(a.live.notReady, []);
    t.is(b.live.counters.dialoguesEnded.get('done'), 1);
    await a.rise();
    t.is(a.live.counters.dialoguesEnded.get('done'), 1);
    a.kill();
    b.kill();
  }
});

test('a byte that has changed in what was safe is found, named with its place, and nothing is changed', async (t) => {
  const where = place();
  const a = await mortal(where, { n: 1, agent: carrier({ perTonne: 3 }) });
  const b = await mortal(where, { n: 2, agent: shipper({ carriers: [a.live.did], rounds: 2 }) });
  await where.timing.pass(15_000_000);
  b.kill();
  const name = 'journal-00000001.log';
  const whole = Buffer.from(b.files.content(name));
  const marks = whole.toString().lastIndexOf('{"type":"synced"');
  for (let at = 40; at < marks - 200; at += 97) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] ?? 0) ^ 4;
    b.files.put(name, damaged);
    const error = await t.throwsAsync(b.rise(), { instanceOf: HaggleError, code: 'journal-corrupt' }, `at ${at}`);
    t.regex(error?.message ?? '', /journal-00000001.log: it is damaged at byte \d+/);
    t.deepEqual(b.files.content(name), damaged);
    b.kill();
  }
  a.kill();
});

test('a journal that is cut off anywhere leads to a life that goes on', async (t) => {
  const where = place();
  const a = await mortal(where, { n: 1, agent: carrier({ perTonne: 3 }) });
  const b = await mortal(where, { n: 2, agent: shipper({ carriers: [a.live.did], rounds: 2 }) });
  await where.timing.pass(6_000_000);
  b.kill();
  const name = 'journal-00000001.log';
  const whole = Buffer.from(b.files.content(name));
  for (let at = 0; at < whole.length; at += 61) {
    b.files.put(name, whole.subarray(0, at));
    await b.rise();
    t.is(b.live.lifecycle === 'running' || b.live.lifecycle === 'created', true);
    b.kill();
    // The next cut is again of the first life.
    if (b.files.content(name).length === 0) break;
  }
  a.kill();
});

test('other parameters or other code: the life is refused by name, or abandoned and its peers are told', async (t) => {
  const where = place();
  const a = await mortal(where, { n: 1, agent: carrier({ perTonne: 3 }) });
  const b = await mortal(where, { n: 2, agent: shipper({ carriers: [a.live.did], rounds: 1 }) });
  await where.timing.pass(1_000_000);
  a.kill();
  const { files } = a;
  await t.throwsAsync(where.start(1, carrier({ perTonne: 4 }), { dataDir: 'memory', files }), {
    instanceOf: HaggleError,
    code: 'journal-diverged',
    message: /other parameters/,
  });
  const other = await where.start(1, carrier({ perTonne: 4 }), { dataDir: 'memory', files, onDiverged: 'abandon' });
  await where.timing.pass(1_000_000);
  t.deepEqual([...b.live.counters.dialoguesEnded], [['failed', 1]]);
  t.regex(where.broker.heard.at(-1)?.payload ?? '', /"code":"agent-restarted"/);
  other.link.drop();
  noNumberTwice(t, where.broker);
  b.kill();
});

test('an agent that does not do again what it did is refused by name', async (t) => {
  const where = place();
  let secret = 0;
  const wobbly = defineAgent({
    name: 'wobbly',
    setup: (agent) => {
      if (secret++ % 2 === 0) agent.every('1 s', () => undefined);
      agent.every('3 s', () => undefined);
    },
  });
  const a = await mortal(where, { n: 1, agent: wobbly() });
  await where.timing.pass(7_000_000);
  secret = 1;
  await t.throwsAsync(a.rise(), { instanceOf: HaggleError, code: 'journal-diverged' });
});

test('a journal of another agent is left alone', async (t) => {
  const where = place();
  const a = await mortal(where, { n: 1, agent: carrier({ perTonne: 3 }) });
  a.kill();
  const start = where.start(1, carrier({ perTonne: 3 }), {
    dataDir: 'memory',
    files: a.files,
    signer: nodeBackend.signer(new Uint8Array(32).fill(9)),
    onDiverged: 'abandon',
  });
  await t.throwsAsync(start, { instanceOf: HaggleError, code: 'journal-of-another' });
});

test('two do not run one agent', async (t) => {
  const where = place();
  const a = await mortal(where, { n: 1, agent: carrier({ perTonne: 3 }) });
  const second = where.start(1, carrier({ perTonne: 3 }), { dataDir: 'memory', files: a.files });
  await t.throwsAsync(second, { instanceOf: HaggleError, code: 'agent-running' });
  a.kill();
});
