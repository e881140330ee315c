import test from 'ava';
import { z } from 'zod';
import { defineAgent } from '../../agent-core/agent/agent.ts';
import { portableBackend } from '../../agent-core/identity/portable.ts';
import type { SigningMode } from '../../agent-core/message/seal.ts';
import { did } from '../../agent-core/protocol/did.ts';
import type { LedgerEntry } from '../../simulator/money.ts';
import { world, type World } from '../../simulator/world.ts';
import type { WorldOptions } from '../../simulator/world-options.ts';
import { Haul, meter, reader } from '../fixtures/metering.ts';

/** Reserves, posts a part, pays, and writes down what it heard and when. */
const buyer = defineAgent({
  name: 'buyer',
  params: z.object({ seller: did(), amount: z.bigint().default(30n) }),
  state: () => ({ log: [] as string[] }),
  setup: (agent) =>
    agent.start(async (ctx) => {
      const { seller, amount } = ctx.params;
      const note = (what: string): void => void ctx.state.log.push(`${ctx.now()} ${what}`);
      const held = await ctx.ledger.reserve({ to: seller, amount, release: 'payer', within: '1 h', reference: 'd-1' });
      note(held.type === 'applied' ? 'held' : held.code);
      if (held.type !== 'applied') return;
      note(`${(await ctx.ledger.balance()).available} left`);
      note((await ctx.ledger.post({ reservation: held.id, amount: amount - 5n })).type);
      const paid = await ctx.ledger.transfer({ to: seller, asset: 'steel', amount: 9n });
      note(paid.type === 'refused' ? paid.code : paid.type);
      note((await ctx.ledger.reservation(held.id))?.state ?? 'none');
    }),
});

const seller = defineAgent({ name: 'seller', setup: () => undefined });

function market(options: Partial<WorldOptions> = {}, reversed = false): { place: World; log: readonly string[] } {
  const place = world({ seed: 1, strict: true, latency: ['2 ms', '40 ms'], ...options });
  const logs: (readonly string[])[] = [];
  const spawns = [
    () => void place.spawn(seller(), { name: 'seller' }),
    () =>
      logs.push(
        place.spawn(buyer({ seller: place.didOf('seller') }), { name: 'buyer', funds: { token: 100n, steel: 4n } })
          .state.log,
      ),
    () => void place.spawn(buyer({ seller: place.didOf('seller'), amount: 7n }), { name: 'other', funds: 50n }),
  ];
  for (const spawn of reversed ? spawns.toReversed() : spawns) spawn();
  return { place, log: logs[0] ?? [] };
}

test('what an agent submits takes effect one latency later, and it hears so another one later', async (t) => {
  const { place, log } = market();
  t.is(place.ledger.balance(place.didOf('buyer')).available, 100n);
  await place.run();
  t.deepEqual(log, ['4000 held', '8000 70 left', '12000 applied', '16000 insufficient-funds', '20000 posted']);
  t.deepEqual(place.ledger.balance(place.didOf('buyer')), { available: 75n, reserved: 0n, incoming: 0n });
  t.is(place.ledger.balance(place.didOf('seller')).available, 27n);
  t.is(place.ledger.supply(), 150n);
  t.is(place.ledger.supply('steel'), 4n);
  t.deepEqual(place.ledger.audit().faults, []);
});

test('the same seed pays the same, in every signing mode, by either backend and in any order of placement', async (t) => {
  const modes: readonly SigningMode[] = ['each', 'batch', 'off'];
  const runs = [
    ...modes.map((sign) => market({ sign })),
    market({ backend: portableBackend }),
    market({}, true),
    market({ money: { record: true } }),
  ];
  const prints = new Set<string>();
  for (const { place } of runs) {
    await place.run();
    prints.add(`${place.fingerprint()} ${place.fingerprint('buyer')} ${place.fingerprint('seller')}`);
  }
  t.is(prints.size, 1, [...prints].join('\n'));
});

test('two histories of money have two fingerprints, even where the messages are the same', async (t) => {
  const run = async (amount: bigint, funds: bigint): Promise<World> => {
    const place = world({ seed: 1, strict: true });
    place.spawn(buyer({ seller: place.didOf('s'), amount }), { name: 'b', funds });
    await place.run();
    return place;
  };
  const [one, other, poorer, richer] = [
    await run(10n, 50n),
    await run(11n, 50n),
    await run(10n, 9n),
    await run(10n, 51n),
  ];
  t.is(new Set([one, other, poorer, richer].map((place) => place.fingerprint())).size, 4);
  t.is((await run(10n, 50n)).fingerprint('b'), one.fingerprint('b'));
});

test('a run without a payment has the fingerprint that it has without money', async (t) => {
  const run = async (options: Partial<WorldOptions>): Promise<string> => {
    const place = world({ seed: 1, ...options });
    place.spawn(meter({ meanKWh: 1 }), { name: 'm' });
    place.spawn(reader({ target: place.didOf('m') }), { name: 'r' });
    await place.run({ until: '3 h' });
    return `${place.fingerprint()} ${place.fingerprint('m')}`;
  };
  t.is(await run({}), await run({ money: false }));
});

test('the journal holds every chain with its outcome and every expiry, in memory or as it goes', async (t) => {
  const forgetful = defineAgent({
    name: 'forgetful',
    params: z.object({ to: did() }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        await ctx.ledger.reserve({ id: 'h', to: ctx.params.to, amount: 5n, release: 'payer', within: '1 s' });
        await ctx.sleep('5 s');
        await ctx.ledger.post({ reservation: 'h', amount: 5n });
      }),
  });
  const run = async (money: WorldOptions['money']): Promise<readonly LedgerEntry[]> => {
    const place = world({ seed: 1, strict: true, ...(money === undefined ? {} : { money }) });
    place.spawn(forgetful({ to: place.didOf('x') }), { name: 'f', funds: 9n });
    await place.run();
    t.deepEqual(place.ledger.balance(place.didOf('f')), { available: 9n, reserved: 0n, incoming: 0n });
    t.is(place.ledger.reservation(place.didOf('f'), 'h')?.state, 'expired');
    return place.ledger.journal;
  };
  const entries: LedgerEntry[] = [];
  t.deepEqual(await run({ record: (entry) => void entries.push(entry) }), []);
  t.deepEqual(
    entries.map((entry) =>
      entry.type === 'chain'
        ? `${entry.time} ${entry.operations.map(({ type }) => type).join()} ${entry.outcome.type}`
        : `${entry.time} expired ${entry.reservation.id}`,
    ),
    ['0 issue applied', '1000 reserve applied', '1000000 expired h', '5003000 post refused'],
  );
  t.deepEqual(await run({ record: true }), entries);
  t.deepEqual(await run(undefined), []);
});

test('in a world without money every call throws no-ledger, naming what was tried', async (t) => {
  const place = world({ seed: 1, strict: true, money: false });
  place.spawn(buyer({ seller: place.didOf('s') }), { name: 'poor' });
  await t.throwsAsync(place.run(), { code: 'no-ledger', message: /^a reserve by "poor": .*`money: false`/ });
  t.throws(() => place.ledger, { code: 'no-ledger' });
  t.throws(() => place.spawn(seller(), { name: 'rich', funds: 1n }), { code: 'no-ledger', message: /"rich"/ });
  t.notThrows(() => place.spawn(seller(), { name: 'rich' }));
});

test('funds that cannot be issued are refused by name', (t) => {
  const place = world({ seed: 1 });
  t.throws(() => place.spawn(seller(), { name: 'a', funds: 0n }), {
    code: 'bad-funds',
    message: /"a" with 0 of token/,
  });
  t.throws(() => place.spawn(seller(), { name: 'b', funds: { Steel: 1n } }), { code: 'bad-funds', message: /"Steel"/ });
  t.throws(() => place.spawn(seller(), { name: 'c', funds: -1n }), { code: 'bad-funds', message: /-1 of token/ });
  t.throws(() => place.spawn(seller(), { name: 'd', funds: 5 as never }), {
    code: 'bad-funds',
    message: /"d" with the number 5 of token: an amount is a bigint above 0/,
  });
  t.is(place.ledger.supply(), 0n);
  t.notThrows(() => place.spawn(seller(), { name: 'd', funds: 5n }));
});

test('a malformed operation throws where it is submitted, and leaves nobody waiting', async (t) => {
  const codes: unknown[] = [];
  const sloppy = defineAgent({
    name: 'sloppy',
    setup: (agent) =>
      agent.start(async (ctx) => {
        try {
          await ctx.ledger.transfer({ to: ctx.self, amount: 1n, id: 'no spaces' });
        } catch (error) {
          codes.push((error as { code?: unknown }).code);
        }
        await ctx.sleep('1 s');
        codes.push((await ctx.ledger.submit([])).type);
      }),
  });
  const place = world({ seed: 1, strict: true });
  place.spawn(sloppy());
  t.is((await place.run()).end, 'idle');
  t.deepEqual(codes, ['malformed-operation', 'refused']);
});

test('a reservation is read by payer and payee, and by nobody else', async (t) => {
  const seen: Record<string, string | null> = {};
  const looker = defineAgent({
    name: 'looker',
    params: z.object({ payer: did() }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        await ctx.sleep('1 s');
        seen[ctx.name] = (await ctx.ledger.reservation('h', ctx.params.payer))?.state ?? null;
      }),
  });
  const holder = defineAgent({
    name: 'holder',
    params: z.object({ to: did() }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        await ctx.ledger.reserve({ id: 'h', to: ctx.params.to, amount: 1n, release: 'payee', within: '1 h' });
        seen[ctx.name] = (await ctx.ledger.reservation('h'))?.state ?? null;
      }),
  });
  const place = world({ seed: 1, strict: true });
  place.spawn(holder({ to: place.didOf('payee') }), { name: 'payer', funds: 1n });
  for (const name of ['payee', 'stranger']) place.spawn(looker({ payer: place.didOf('payer') }), { name });
  await place.run();
  t.deepEqual(seen, { payer: 'pending', payee: 'pending', stranger: null });
});

/** Takes a load and drops it. */
const clumsy = defineAgent({
  name: 'clumsy',
  setup: (agent) =>
    agent.play(Haul, 'participant', {
      cfp: async (ctx, m) => {
        await ctx.sleep('1 s');
        m.fail('dropped it');
      },
      'accept-proposal': () => undefined,
      'reject-proposal': () => undefined,
    }),
});

/** Secures a haul twice by one dialogue, for its carrier and for somebody else, and wants both back when the carrier fails. */
const shipper = defineAgent({
  name: 'shipper',
  params: z.object({ carrier: did(), other: did() }),
  state: () => ({ answers: [] as string[] }),
  setup(agent) {
    const handlers = { propose: () => undefined, refuse: () => undefined, inform: () => undefined };
    agent.play(Haul, 'initiator', handlers, {
      ended: async (ctx, { recorded: evidence }) => {
        if (evidence === undefined) throw new TypeError('the carrier says why');
        for (const words of [{ reservation: 'h' }, { reservation: 'g', evidence }, { reservation: 'h', evidence }]) {
          const outcome = await ctx.ledger.void(words);
          ctx.state.answers.push(outcome.type === 'refused' ? outcome.code : outcome.type);
        }
      },
    });
    agent.start(async (ctx) => {
      const { carrier, other } = ctx.params;
      const { id } = ctx.open(Haul, 'initiator', carrier, 'cfp', { tonnes: 1 }, { within: '5 s' });
      const escrow = {
        type: 'reserve',
        asset: 'token',
        release: 'payer',
        expires: ctx.now() + 60_000_000,
        reference: id,
      } as const;
      const secured = await ctx.ledger.submit([
        { id: 'h', to: carrier, amount: 60n, ...escrow },
        { id: 'g', to: other, amount: 40n, ...escrow },
      ]);
      ctx.state.answers.push(secured.type);
    });
  },
});

test('a payer has its escrow back with the failure of the payee, the same in every signing mode', async (t) => {
  const prints = new Set<string>();
  for (const sign of ['each', 'batch', 'off'] as const) {
    const place = world({ seed: 1, strict: true, sign });
    place.spawn(clumsy(), { name: 'clumsy' });
    const hauled = { carrier: place.didOf('clumsy'), other: place.didOf('other') };
    const { state } = place.spawn(shipper(hauled), { name: 'shipper', funds: 100n });
    await place.run();
    t.deepEqual(state.answers, ['applied', 'evidence-required', 'bad-evidence', 'applied']);
    t.deepEqual(place.ledger.balance(place.didOf('shipper')), { available: 60n, reserved: 40n, incoming: 0n });
    prints.add(place.fingerprint());
  }
  t.is(prints.size, 1);
});

test('a payment that was submitted before a crash has its effect, and nobody hears of it', async (t) => {
  const heard: string[] = [];
  const payer = defineAgent({
    name: 'payer',
    params: z.object({ to: did() }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        const before = (await ctx.ledger.balance()).available;
        heard.push(`${ctx.now()} has ${before}`);
        if (before < 9n) return;
        heard.push((await ctx.ledger.transfer({ to: ctx.params.to, amount: 4n })).type);
        heard.push((await ctx.ledger.transfer({ to: ctx.params.to, amount: 4n })).type);
      }),
  });
  const place = world({
    seed: 1,
    strict: true,
    latency: '10 ms',
    faultPlan: [
      { type: 'crash', agent: 'payer', at: '35 ms' },
      { type: 'restart', agent: 'payer', at: '1 s' },
    ],
  });
  const placed = place.spawn(payer({ to: place.didOf('shop') }), { name: 'payer', funds: 10n });
  await place.run();
  t.deepEqual(heard, ['20000 has 10', '1020000 has 6']);
  t.is(placed.counters.handlerErrors, 0);
  t.is(place.ledger.balance(place.didOf('shop')).available, 4n);
});

test('an agent whose funds were refused is not there, and its name can be used again', async (t) => {
  let starts = 0;
  const starter = defineAgent({ name: 'starter', setup: (agent) => agent.start(() => void (starts += 1)) });
  const place = world({ seed: 1, strict: true });
  t.throws(() => place.spawn(starter(), { name: 'a', funds: 0n }), { code: 'bad-funds' });
  place.spawn(starter(), { name: 'a', funds: 5n });
  await place.run();
  t.is(starts, 1);
  t.is(place.agents.length, 1);
  t.is(place.ledger.balance(place.didOf('a')).available, 5n);
});

test('a name whose funds were more than there can be is free for what fits', (t) => {
  const place = world({ seed: 1 });
  place.spawn(seller(), { name: 'bank', funds: 10n ** 30n - 5n });
  t.throws(() => place.spawn(seller(), { name: 'a', funds: 10n }), { code: 'bad-funds', message: /supply-too-large/ });
  const again = place.spawn(seller(), { name: 'a', funds: 2n });
  t.is(place.ledger.balance(again.did).available, 2n);
});
