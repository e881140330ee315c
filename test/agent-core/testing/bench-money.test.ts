import test from 'ava';
import { z } from 'zod';
import { nodeBackend } from '../../../agent-core/adapters/node-crypto.ts';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import { amount } from '../../../agent-core/protocol/amount.ts';
import { contractNet } from '../../../agent-core/protocol/contract-net.ts';
import { did } from '../../../agent-core/protocol/did.ts';
import { defineProtocol } from '../../../agent-core/protocol/protocol.ts';
import { testAgent } from '../../../agent-core/testing/bench.ts';

const within = { within: '1 min' } as const;

const Lift = contractNet({
  name: 'lift',
  version: '1.0.0',
  task: z.object({ tonnes: z.number() }),
  bid: z.object({ price: amount() }),
  result: z.object({ hours: z.number() }),
});

/** Has a load lifted at the first price, which it sets aside until the work is done. */
const shipper = defineAgent({
  name: 'shipper',
  params: z.object({ lifter: did() }),
  state: () => ({ ended: '' }),
  setup: (agent) =>
    agent.start(async (ctx) => {
      const result = await ctx.run(Lift.initiator, {
        task: { tonnes: 3 },
        to: [ctx.params.lifter],
        bidsWithin: '10 s',
        resultWithin: '1 h',
        choose: ([first = null]) => first,
        escrow: ({ bid }) => ({ amount: bid.price }),
      });
      ctx.state.ended = result.type;
    }),
});

const Sale = defineProtocol({
  name: 'sale',
  version: '1.0.0',
  roles: ['buyer', 'seller'],
  messages: {
    pay: { from: 'buyer', as: 'request', body: z.object({ reservation: z.string() }) },
    goods: { from: 'seller', as: 'inform', body: z.object({}) },
  },
  dialogue: {
    initial: 'idle',
    states: { idle: { on: { pay: 'paid' } }, paid: { on: { goods: 'over' } }, over: { type: 'final' } },
  },
});

/** Captures what a buyer set aside for it, or fails where there is nothing to capture. */
const seller = defineAgent({
  name: 'seller',
  setup: (agent) =>
    agent.play(Sale, 'seller', {
      pay: async (ctx, m) => {
        const paid = await ctx.ledger.post({ reservation: m.body.reservation, payer: m.from, amount: 40n });
        if (paid.type === 'refused') m.fail(paid.code);
        else m.reply('goods', {});
      },
    }),
});

/** Writes down what it has, asset by asset, as the answers come. */
const saver = defineAgent({
  name: 'saver',
  params: z.array(z.string()),
  state: () => ({ has: [] as string[] }),
  setup: (agent) =>
    agent.start(async (ctx) => {
      for (const asset of ctx.params) ctx.state.has.push(`${(await ctx.ledger.balance(asset)).available} ${asset}`);
    }),
});

test('an agent has the funds that it was given, and hears so once the bench settles', async (t) => {
  const bench = testAgent(saver(['token', 'steel', 'wood']), { funds: { token: 1_000n, steel: 4n } });
  t.deepEqual(bench.state.has, []);
  await Promise.resolve();
  t.deepEqual(bench.state.has, []);
  await bench.settle();
  t.deepEqual(bench.state.has, ['1000 token', '4 steel', '0 wood']);
  t.is(bench.ledger.supply('steel'), 4n);
  t.deepEqual(bench.ledger.audit().faults, []);
});

test('passing time answers too', async (t) => {
  const late = defineAgent({
    name: 'late',
    state: () => ({ has: 0n }),
    setup: (agent) => agent.every('1 h', async (ctx) => void (ctx.state.has = (await ctx.ledger.balance()).available)),
  });
  const bench = testAgent(late(), { funds: 7n });
  await bench.pass('1 h');
  t.is(bench.state.has, 7n);
});

test('an agent that pays sets money aside in a program, and the peer sees and gets it', async (t) => {
  const bench = testAgent(({ didOf }) => shipper({ lifter: didOf('ann') }), { funds: 1_000n });
  const ann = bench.peer('ann');
  const call = ann.heardOpening(Lift, 'participant');
  call.send('propose', { price: 300n });
  t.is(bench.ledger.balance(bench.did).reserved, 0n);
  await bench.settle();
  t.deepEqual(bench.ledger.balance(bench.did), { available: 700n, reserved: 300n, incoming: 0n });
  t.is(ann.ledger.balance().incoming, 300n);
  const told = call.heard().at(-1);
  t.is(told?.type, 'accept-proposal');
  const [reservation] = told?.type === 'accept-proposal' ? [told.body.escrow?.reservation ?? ''] : [''];
  t.is(ann.ledger.reservation(reservation, bench.did)?.amount, 300n);
  t.is(bench.peer('ben').ledger.reservation(reservation, bench.did), null);
  call.send('inform', { hours: 2 });
  await bench.settle();
  t.is(bench.state.ended, 'done');
  t.is(ann.ledger.balance().available, 300n);
  t.is(bench.ledger.reservation(bench.did, reservation)?.state, 'posted');
});

test('a peer that pays reserves, and the agent captures', async (t) => {
  const bench = testAgent(seller(), { funds: {} });
  const ann = bench.peer('ann');
  bench.fund('ann', { token: 60n });
  bench.fund('ann', 40n);
  const held = ann.ledger.reserve({ to: bench.did, amount: 50n, release: 'payee', within: '1 h' });
  t.is(held.type, 'applied');
  if (held.type !== 'applied') return;
  const sale = ann.open(Sale, 'buyer', 'pay', { reservation: held.id }, within);
  t.throws(() => sale.hear('goods'), { code: 'not-heard' });
  await bench.settle();
  sale.hear('goods');
  t.is(sale.failure, null);
  t.deepEqual(ann.ledger.balance(), { available: 60n, reserved: 0n, incoming: 0n });
  t.is(bench.ledger.balance(bench.did).available, 40n);
});

for (const sign of ['off', 'each', 'batch'] as const) {
  test(`a peer that pays takes its money back with the failure of the agent (signing ${sign})`, async (t) => {
    const bench = testAgent(seller(), { funds: {}, sign, backend: nodeBackend });
    const ann = bench.peer('ann');
    bench.fund('ann', 50n);
    const sale = ann.open(Sale, 'buyer', 'pay', { reservation: 'none' }, within);
    const words = { to: bench.did, amount: 50n, release: 'payee', within: '1 h', reference: sale.id } as const;
    const held = ann.ledger.reserve({ ...words, id: 'held' });
    t.deepEqual(held, { type: 'applied', id: 'held' });
    t.is(sale.failure, null);
    t.like(ann.ledger.void({ reservation: 'held' }), { code: 'evidence-required' });
    await bench.settle();
    t.is(sale.hear('failure').reason, 'unknown-reservation');
    if (sale.failure === null) return t.fail('the failure is kept');
    t.is(ann.ledger.void({ reservation: 'held', evidence: sale.failure }).type, 'applied');
    return t.is(ann.ledger.balance().available, 50n);
  });
}

test('a peer has every operation, counts ids that are left out, and hears refusals at once', (t) => {
  const bench = testAgent(seller(), { funds: {} });
  const [ann, ben] = [bench.peer('ann'), bench.peer('ben')];
  bench.fund('ann', 100n);
  t.deepEqual(ann.ledger.transfer({ to: ben.did, amount: 10n }), { type: 'applied', id: 'peer-1' });
  t.deepEqual(ann.ledger.transfer({ to: ben.did, amount: 10n }), { type: 'applied', id: 'peer-2' });
  t.deepEqual(ann.ledger.transfer({ to: ben.did, amount: 81n }), {
    type: 'refused',
    code: 'insufficient-funds',
    index: 0,
  });
  const held = ann.ledger.reserve({ to: ben.did, amount: 30n, release: 'payer', within: '1 h' });
  t.is(held.type === 'applied' && ann.ledger.post({ reservation: held.id, amount: 25n }).type, 'applied');
  const [id, base] = ['mine', { type: 'transfer', to: ben.did, asset: 'token' }] as const;
  t.like(ann.ledger.submit([{ ...base, id, amount: 1n }]), { type: 'applied' });
  t.like(ann.ledger.submit([{ ...base, id, amount: 2n }]), { code: 'id-taken' });
  t.is(ben.ledger.balance().available, 46n);
  t.throws(() => ann.ledger.transfer({ to: 'nobody' as never, amount: 1n }), { code: 'malformed-operation' });
});

test('a reservation runs out in the time of the bench', async (t) => {
  const bench = testAgent(seller(), { funds: {}, startsAt: '8 h' });
  const ann = bench.peer('ann');
  bench.fund('ann', 5n);
  const words = { to: bench.did, amount: 5n, release: 'payee', within: '1 h', id: 'h' } as const;
  ann.ledger.reserve(words);
  await bench.pass('59 min');
  t.is(ann.ledger.balance().reserved, 5n);
  await bench.pass('1 min');
  t.is(ann.ledger.balance().available, 5n);
  t.is(bench.ledger.reservation(ann.did, 'h')?.state, 'expired');
});

test('more can be issued to the agent itself, by its name', (t) => {
  const bench = testAgent(saver(['token']), { name: 'tom', funds: 1n });
  bench.fund('tom', { token: 2n, steel: 3n });
  t.is(bench.ledger.balance(bench.did).available, 3n);
  t.is(bench.ledger.balance(bench.didOf('ann')).available, 0n);
  t.is(bench.ledger.account(bench.did, 'steel').creditsPosted, 3n);
});

test('a crashed agent hears no answer, and what it submitted has its effect', async (t) => {
  const giver = defineAgent({
    name: 'giver',
    params: z.object({ to: did() }),
    state: () => ({ done: false }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        await ctx.ledger.transfer({ to: ctx.params.to, amount: 1n });
        ctx.state.done = true;
      }),
  });
  const bench = testAgent(({ didOf }) => giver({ to: didOf('ann') }), { funds: 1n });
  bench.crash();
  await bench.settle();
  t.false(bench.state.done);
  t.is(bench.peer('ann').ledger.balance().available, 1n);
});

test('a bench without funds has no ledger, and says how to get one', async (t) => {
  const bench = testAgent(saver(['token']));
  await t.throwsAsync(() => bench.settle(), {
    code: 'no-ledger',
    message: /^reading the balance of token by "saver": .*`money: false`.*`testAgent\(…, \{ funds \}\)`$/,
  });
  t.throws(() => bench.ledger, { code: 'no-ledger', message: /^reading the ledger: / });
  t.throws(() => bench.peer('ann').ledger, { code: 'no-ledger', message: /^an account of "ann": / });
  t.throws(() => bench.fund('ann', 1n), { code: 'no-ledger', message: /^funding "ann": / });
});

test('funds that are none are named', (t) => {
  t.throws(() => testAgent(saver(['token']), { funds: 5 as never }), {
    code: 'bad-funds',
    message: /"saver" with the number 5 of token: an amount is a bigint above 0/,
  });
  const bench = testAgent(saver(['token']), { funds: {} });
  t.throws(() => bench.fund('ann', { steel: '4' as never }), { code: 'bad-funds', message: /"4" of steel/ });
  t.throws(() => bench.fund('Ann', 1n), { code: 'bad-peer' });
});

test('funds go with no ledger of the test’s own', (t) => {
  const ledger = { submit: () => undefined, balance: () => undefined, reservation: () => undefined };
  t.throws(() => testAgent(saver(['token']), { funds: 1n, ledger }), {
    code: 'bad-funds',
    message: /ledger of its own/,
  });
});

test('a handler that asks its ledger for ever is told so', async (t) => {
  const restless = defineAgent({
    name: 'restless',
    setup: (agent) =>
      agent.start(async (ctx) => {
        while ((await ctx.ledger.balance()).available === 0n);
      }),
  });
  const bench = testAgent(restless(), { funds: {} });
  await t.throwsAsync(() => bench.settle(), {
    code: 'endless-asking',
    message: /"restless" asked its ledger or directory 10000 /,
  });
});
