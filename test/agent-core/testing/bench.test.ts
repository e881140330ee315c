import test from 'ava';
import * as fc from 'fast-check';
import { z } from 'zod';
import { nodeBackend } from '../../../agent-core/adapters/node-crypto.ts';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import { contractNet } from '../../../agent-core/protocol/contract-net.ts';
import { testAgent } from '../../../agent-core/testing/bench.ts';
import { VirtualTime } from '../../../agent-core/testing/virtual-time.ts';
import { world } from '../../../simulator/world.ts';
import { Haul, meter, Metering, reader } from '../../fixtures/metering.ts';

const within = { within: '1 min' } as const;

/** Bids on hauls, delivers two hours after the award; thirteen tonnes are beyond it. */
const carrier = defineAgent({
  name: 'carrier',
  state: () => ({ delivered: 0 }),
  setup(agent) {
    const arrive = agent.timer<{ tonnes: number }>('arrive', (ctx, { tonnes }) => {
      ctx.state.delivered += tonnes;
    });
    agent.play(Haul, 'participant', {
      cfp: (ctx, m) => {
        if (m.body.tonnes === 13) throw new Error('superstition');
        ctx.log.info({ event: 'asked', tonnes: m.body.tonnes });
        ctx.schedule(arrive, '2 h', { tonnes: m.body.tonnes });
        m.reply('propose', { price: 12 * m.body.tonnes });
      },
      'accept-proposal': async (ctx, m) => {
        await ctx.sleep('5 s');
        m.reply('inform', { deliveredAt: ctx.now() });
      },
      'reject-proposal': () => undefined,
    });
  },
});

test('a peer opens a dialogue, hears the answer at once, and sees the dialogue end', async (t) => {
  const bench = testAgent(meter({ meanKWh: 2 }));
  const alice = bench.peer('alice');
  await bench.pass('1 h');
  const asked = alice.open(Metering, 'reader', 'ask', { slots: 4 }, within);
  t.is(asked.hear('report').kWh.length, 4);
  t.is(asked.state, 'done');
  t.false(asked.open);
  t.deepEqual(asked.heard(), [{ type: 'report', body: { kWh: bench.state.kWh } }]);
});

test('a dialogue goes on word by word, through an async handler', async (t) => {
  const bench = testAgent(carrier());
  const call = bench.peer('shipper').open(Haul, 'initiator', 'cfp', { tonnes: 4 }, within);
  t.is(call.hear('propose').price, 48);
  t.is(call.state, 'proposed');
  call.send('accept-proposal', {});
  t.throws(() => call.hear('inform'), {
    code: 'not-heard',
    message: 'shipper waits for "inform" in haul, state "awarded", and hears nothing',
  });
  await bench.pass('5 s');
  t.is(call.hear('inform').deliveredAt, 5_000_000);
});

test('the agent opens a dialogue and the peer answers', async (t) => {
  const bench = testAgent(({ didOf }) => reader({ target: didOf('home') }));
  const home = bench.peer('home');
  t.throws(() => home.heardOpening(Metering, 'meter'), { code: 'not-heard', message: /reader has opened no metering/ });
  await bench.pass('1 h');
  const asked = home.heardOpening(Metering, 'meter');
  t.deepEqual(asked.hear('ask'), { slots: 4 });
  t.is(asked.deadline, bench.now() + 5_000_000);
  asked.send('report', { kWh: [1, 2] });
  await bench.settle();
  t.deepEqual(bench.state, { total: 3, answers: ['report'] });
  t.throws(() => home.heardOpening(Metering, 'meter'), { code: 'not-heard' });
});

test('a peer that fails, or says nothing until the deadline, is no answer', async (t) => {
  const bench = testAgent(({ didOf }) => reader({ target: didOf('home') }));
  await bench.pass('1 h');
  const first = bench.peer('home').heardOpening(Metering, 'meter');
  first.fail('no power');
  t.false(first.open);
  await bench.pass('1 h');
  const second = bench.peer('home').heardOpening(Metering, 'meter');
  await bench.pass('5 s');
  t.false(second.open);
  t.throws(() => second.send('report', { kWh: [] }), { code: 'dialogue-ended' });
  t.deepEqual(bench.state.answers, ['failure', 'timeout']);
});

/** Asks whoever it is told to for a reading, and wants to know what becomes of its words. */
const careful = defineAgent({
  name: 'careful',
  params: z.object({ to: z.custom<Did>() }),
  state: () => ({ became: '' }),
  setup(agent) {
    agent.play(Haul, 'initiator', {
      propose: async (ctx, m) => {
        const { type } = await m.dialogue.send('accept-proposal', {}).outcome();
        ctx.state.became = type;
      },
      refuse: () => undefined,
      inform: () => undefined,
    });
    agent.start((ctx) => {
      ctx.open(Haul, 'initiator', ctx.params.to, 'cfp', { tonnes: 1 }, within);
    });
  },
});

test('a peer tells the agent that a message came, where the agent asks to know', async (t) => {
  const bench = testAgent(({ didOf }) => careful({ to: didOf('hauler') }));
  const call = bench.peer('hauler').heardOpening(Haul, 'participant');
  call.send('propose', { price: 1 });
  await bench.settle();
  t.is(bench.state.became, 'delivered');
  t.deepEqual(
    call.heard().map(({ type }) => type),
    ['cfp', 'accept-proposal'],
  );
  t.is(call.state, 'awarded');
  t.true(call.open);
});

test('an opening to nobody ends at once, as it does in a world', async (t) => {
  const elsewhere = testAgent(carrier(), { seed: 2 }).did;
  const bench = testAgent(careful({ to: elsewhere }));
  t.is(bench.counters.dialoguesOpen, 1);
  await bench.settle();
  t.is(bench.counters.dialoguesOpen, 0);
  t.is(bench.counters.dialoguesEnded.get('failed'), 1);
});

test('a program that holds many dialogues meets its peers one by one', async (t) => {
  const Lift = contractNet({
    name: 'lift',
    version: '1.0.0',
    task: z.object({ tonnes: z.number() }),
    bid: z.object({ price: z.number() }),
    result: z.object({ hours: z.number() }),
  });
  const shipper = defineAgent({
    name: 'shipper',
    params: z.object({ to: z.array(z.custom<Did>()) }),
    state: () => ({ ended: '' }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        const result = await ctx.run(Lift.initiator, {
          task: { tonnes: 3 },
          to: ctx.params.to,
          bidsWithin: '10 s',
          resultWithin: '1 h',
          choose: ([first = null]) => first,
        });
        ctx.state.ended = result.type;
      }),
  });
  const bench = testAgent(({ didOf }) => shipper({ to: ['ann', 'ben'].map(didOf) }));
  const [ann, ben] = ['ann', 'ben'].map((name) => bench.peer(name).heardOpening(Lift, 'participant'));
  t.is(ann?.hear('cfp').task.tonnes, 3);
  ann?.send('refuse', { reason: 'full' });
  ben?.send('propose', { price: 10 });
  t.is(ben?.heard().at(-1)?.type, 'accept-proposal');
  ben?.send('inform', { hours: 2 });
  await bench.settle();
  t.is(bench.state.ended, 'done');
});

test('tells what the agent said, to everybody and to one, typed or as on the wire', (t) => {
  const bench = testAgent(carrier());
  const [alice, bob] = [bench.peer('alice'), bench.peer('bob')];
  alice.open(Haul, 'initiator', 'cfp', { tonnes: 1 }, within);
  bob.open(Haul, 'initiator', 'cfp', { tonnes: 2 }, within);
  t.deepEqual(
    bench.said(Haul, 'propose').map(({ to, body }) => [to, body.price]),
    [
      ['alice', 12],
      ['bob', 24],
    ],
  );
  t.like(bob.heard()[0], { time: 0, to: 'bob', protocol: 'haul', type: 'propose', body: { price: 24 } });
  t.is(alice.heard(Haul, 'propose').length, 1);
  t.deepEqual(alice.heard(Haul, 'refuse'), []);
  t.is(bench.messages.length, 4);
});

test('shows timers with tag, time and data, and the log with level and time', async (t) => {
  const bench = testAgent(carrier(), { startsAt: '8 h' });
  bench.peer('alice').open(Haul, 'initiator', 'cfp', { tonnes: 4 }, within);
  t.deepEqual(bench.timers, [{ tag: 'arrive', at: 36_000_000_000, data: { tonnes: 4 } }]);
  t.deepEqual(bench.log, [{ time: 28_800_000_000, level: 'info', entry: { event: 'asked', tonnes: 4 } }]);
  await bench.pass('2 h');
  t.is(bench.state.delivered, 4);
  t.deepEqual(bench.timers, []);
});

test('in a strict bench what a handler throws comes out where it was brought about', (t) => {
  const bench = testAgent(carrier());
  const alice = bench.peer('alice');
  t.throws(() => alice.open(Haul, 'initiator', 'cfp', { tonnes: 13 }, within), { message: 'superstition' });
  t.notThrows(() => alice.open(Haul, 'initiator', 'cfp', { tonnes: 1 }, within));
});

test('in a bench that is not strict the peer hears failure, and the error says why nothing else came', (t) => {
  const bench = testAgent(carrier(), { strict: false });
  const call = bench.peer('alice').open(Haul, 'initiator', 'cfp', { tonnes: 13 }, within);
  t.throws(() => call.hear('propose'), {
    code: 'not-heard',
    message: /hears "failure" .*its handler threw superstition/,
  });
  t.is(call.hear('failure').code, 'handler-failed');
  t.is(bench.errors.length, 1);
  t.is(bench.counters.handlerErrors, 1);
});

test('what an async handler throws comes out of the call that lets it go on', async (t) => {
  const late = defineAgent({
    name: 'late',
    setup: (agent) =>
      agent.start(async (ctx) => {
        await ctx.sleep('1 s');
        throw new Error('too late');
      }),
  });
  const bench = testAgent(late());
  await t.throwsAsync(() => bench.pass('1 s'), { message: 'too late' });
});

test('a handler that waits on something else than ctx is told so', async (t) => {
  const stray = defineAgent({ name: 'stray', setup: (agent) => agent.start(() => new Promise<void>(() => undefined)) });
  const bench = testAgent(stray());
  await t.throwsAsync(() => bench.settle(), { code: 'foreign-await', message: /handler of "stray"/ });
});

test('a handler may await through many functions of its own', async (t) => {
  const deep = async (n: number): Promise<number> => (n === 0 ? 0 : 1 + (await deep(n - 1)));
  const layered = defineAgent({
    name: 'layered',
    state: () => ({ depth: 0 }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        ctx.state.depth = await deep(500);
      }),
  });
  const bench = testAgent(layered());
  await bench.settle();
  t.is(bench.state.depth, 500);
});

test('a peer keeps to the protocol as an agent must', (t) => {
  const bench = testAgent(carrier());
  const alice = bench.peer('alice');
  const call = alice.open(Haul, 'initiator', 'cfp', { tonnes: 1 }, within);
  t.throws(() => call.send('cfp', { tonnes: 1 }), {
    code: 'illegal-message',
    message: /alice saying "cfp" as initiator/,
  });
  t.throws(() => call.send('inform' as never, {} as never), { code: 'illegal-message' });
  t.throws(() => alice.open(Haul, 'initiator', 'cfp', { tonnes: -1 }, within), {
    code: 'invalid-body',
    message: /tonnes/,
  });
  t.throws(() => alice.open(Haul, 'initiator', 'cfp', { tonnes: 1 }, { within: 0 }), { code: 'bad-duration' });
  t.throws(() => alice.open(Haul, 'initiator', 'accept-proposal' as never, {} as never, within), {
    code: 'illegal-message',
  });
  t.throws(() => alice.open(Haul, 'plumber' as never, 'cfp' as never, {} as never, within), { code: 'bad-agent' });
});

test('a peer has a name of its own', (t) => {
  const bench = testAgent(carrier());
  for (const name of ['', 'Alice', 'a b', 'carrier', 'x'.repeat(41)]) {
    t.throws(() => bench.peer(name), { code: 'bad-peer' });
  }
  t.is(bench.peer('alice').did, bench.didOf('alice'));
  t.not(bench.peer('alice').did, bench.peer('bob').did);
});

test('a stopped agent tells its peers and hears no more', (t) => {
  const bench = testAgent(carrier());
  const call = bench.peer('alice').open(Haul, 'initiator', 'cfp', { tonnes: 1 }, within);
  bench.stop();
  t.is(bench.lifecycle, 'stopped');
  t.deepEqual(call.heard().at(-1), { type: 'failure', body: { code: 'agent-stopped', reason: '' } });
});

test('an agent with a ledger asks it, and goes on with the answer', async (t) => {
  const saver = defineAgent({
    name: 'saver',
    state: () => ({ available: 0n }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        ctx.state.available = (await ctx.ledger.balance('token')).available;
      }),
  });
  const later = async (call: () => void): Promise<void> => {
    await Promise.resolve();
    call();
  };
  const bench = testAgent(saver(), {
    ledger: {
      submit: () => undefined,
      balance: (_, done) => void later(() => done({ available: 5n, reserved: 0n, incoming: 0n })),
      reservation: () => undefined,
    },
  });
  await bench.settle();
  t.is(bench.state.available, 5n);
});

test('signing changes what it costs, not what is said', async (t) => {
  const run = async (sign: 'each' | 'batch' | 'off'): Promise<unknown> => {
    const bench = testAgent(meter({ meanKWh: 1 }), { sign, backend: nodeBackend });
    await bench.pass('1 h');
    bench.peer('alice').open(Metering, 'reader', 'ask', { slots: 4 }, within);
    return bench.messages;
  };
  const unsigned = await run('off');
  t.deepEqual(await run('each'), unsigned);
  t.deepEqual(await run('batch'), unsigned);
});

test('with the seed and name of a world the agent has the same address and draws', async (t) => {
  const w = world({ seed: 7 });
  const placed = w.spawn(meter({ meanKWh: 1 }), { name: 'home' });
  await w.run({ until: '1 d' });
  const bench = testAgent(meter({ meanKWh: 1 }), { seed: 7, name: 'home' });
  await bench.pass('1 d');
  t.is(bench.did, placed.did);
  t.deepEqual(bench.state, placed.state);
  t.notDeepEqual(testAgent(meter({ meanKWh: 1 }), { seed: 8, name: 'home' }).did, placed.did);
});

test('calls come in the order of their times, and of asking where times are equal, whatever is taken back', (t) => {
  fc.assert(
    fc.property(fc.array(fc.record({ time: fc.nat(20), cancelled: fc.boolean() }), { maxLength: 60 }), (wishes) => {
      const time = new VirtualTime(0);
      const heard: number[] = [];
      const handles = wishes.map((wish, index) => time.wakeAt(wish.time, () => heard.push(index)));
      for (const [index, { cancelled }] of wishes.entries()) if (cancelled) time.cancelWake(handles[index] ?? 0);
      while (time.step(20));
      const expected = wishes
        .map((wish, index) => ({ ...wish, index }))
        .filter(({ cancelled }) => !cancelled)
        .toSorted((a, b) => a.time - b.time || a.index - b.index);
      t.deepEqual(
        heard,
        expected.map(({ index }) => index),
      );
    }),
    { seed: 20261122 },
  );
});

test('tests that break a protocol do not compile', (t) => {
  const Priced = z.object({ price: z.number() });
  const never = (): void => {
    const alice = testAgent(carrier()).peer('alice');
    // @ts-expect-error a participant does not open with a cfp
    alice.open(Haul, 'participant', 'cfp', { tonnes: 1 }, within);
    // @ts-expect-error tonnes are a number
    alice.open(Haul, 'initiator', 'cfp', { tonnes: 'many' }, within);
    const call = alice.open(Haul, 'initiator', 'cfp', { tonnes: 1 }, within);
    // @ts-expect-error an initiator does not propose
    call.send('propose', { price: 1 });
    // @ts-expect-error an initiator does not hear its own words
    call.hear('cfp');
    // @ts-expect-error a proposal has a price, not a reason
    void call.hear('propose').reason;
    const price: number = Priced.parse(call.hear('propose')).price + call.hear('propose').price;
    t.is(price, price);
    // @ts-expect-error the agent's state has no such field
    void testAgent(carrier()).state.lost;
  };
  t.is(typeof never, 'function');
});
