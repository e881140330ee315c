import test from 'ava';
import { defineAgent } from '../../../../agent-core/agent/agent.ts';
import type { Did } from '../../../../agent-core/identity/did-key.ts';
import { z } from 'zod';
import { did } from '../../../../agent-core/protocol/did.ts';
import { EchelonLevels } from '../../../../agents/supply-chain/serial/echelon-levels.ts';
import { endCustomers } from '../../../../agents/supply-chain/serial/end-customers.ts';
import { GoodsDelivery } from '../../../../agents/supply-chain/serial/goods-delivery.ts';
import { uniformLaw } from '../../../../agents/supply-chain/serial/lattice-law.ts';
import { baseStock } from '../../../../agents/supply-chain/serial/order-policies.ts';
import { customersSchedule } from '../../../../agents/supply-chain/serial/penalty-schedule.ts';
import { serialStage } from '../../../../agents/supply-chain/serial/stage.ts';
import type { StageParams } from '../../../../agents/supply-chain/serial/stage-state.ts';
import { world, type World } from '../../../../simulator/world.ts';

const LAW = uniformLaw(0, 4);
const SCHEDULE = customersSchedule(9, 1);

/** A firm between a customer and a source without bounds. */
function firm(customer: Did, more: Partial<StageParams> = {}) {
  return serialStage({
    supplier: null,
    customer,
    orderDelay: 0,
    shipDelay: 1,
    holding: 1,
    echelonHolding: 1,
    backlog: 0,
    underWay: 0,
    customerShipDelay: 1,
    demand: null,
    start: { stock: 0, arriving: 0, ordered: 0, sent: 0 },
    purchasePrice: 0n,
    policy: null,
    ...more,
  });
}

/** Proposes a level, accepts whatever is quoted, and notes what it hears. */
const proposer = defineAgent({
  name: 'proposer',
  params: z.object({ to: did(), menu: z.number(), turn: z.number().nullable(), sum: z.number() }),
  state: () => ({ heard: [] as string[] }),
  setup(agent) {
    agent.play(EchelonLevels, 'customer', {
      quote: () => undefined,
      refuse: () => undefined,
      confirm: () => undefined,
    });
    agent.start(async (ctx) => {
      const { to, menu, turn, sum } = ctx.params;
      const law = { ...LAW, masses: LAW.masses.map((mass) => mass * sum) };
      const body = { law, menu: Array.from({ length: menu }, () => SCHEDULE), turn, follow: false };
      const answer = await ctx.ask(EchelonLevels, 'customer', to, 'propose', body, { within: '1 min' });
      ctx.state.heard.push(
        answer.type === 'refuse' ? answer.body.reason : answer.type === 'quote' ? 'quote' : answer.code,
      );
      if (answer.type !== 'quote') return;
      const end = await answer.dialogue.ask('accept', { choice: 0 });
      ctx.state.heard.push(end.type === 'confirm' ? `level ${end.body.level}` : end.code);
    });
  },
});

/** Orders the periods that it is given, whatever their order. */
const orderer = defineAgent({
  name: 'orderer',
  params: z.object({ to: did(), periods: z.array(z.number()) }),
  state: () => ({ shipped: [] as number[], end: '' }),
  setup(agent) {
    agent.play(
      GoodsDelivery,
      'customer',
      { shipment: (ctx, m) => void ctx.state.shipped.push(m.body.units) },
      { ended: (ctx, { code, reason }) => void (ctx.state.end = reason ?? code) },
    );
    agent.start((ctx) => {
      const { to, periods } = ctx.params;
      const [first = 0, ...rest] = periods;
      const order = (period: number) => ({ period, units: 2 });
      const delivery = ctx.open(GoodsDelivery, 'customer', to, 'order', order(first), { within: '1 h' });
      for (const period of rest) delivery.send('order', order(period));
    });
  },
});

function place(): World {
  return world({ seed: 1, sign: 'off' });
}

test('a supplier answers a proposal with the cost of the chain, and in the end with its level', async (t) => {
  const here = place();
  const stage = here.spawn(firm(here.didOf('customer')), { name: 'stage', funds: 10n });
  const params = { to: here.didOf('stage'), menu: 1, turn: null, sum: 1 };
  const customer = here.spawn(proposer(params), { name: 'customer' });
  await here.run();
  t.deepEqual(customer.state.heard, ['quote', `level ${stage.state.level}`]);
  // 9 to 1 against falling short of a demand of 0 to 4.
  t.is(stage.state.level, 4);
});

test('nobody but its customer can talk a stage into a level', async (t) => {
  const here = place();
  const stage = here.spawn(firm(here.didOf('customer')), { name: 'stage' });
  const stranger = here.spawn(proposer({ to: here.didOf('stage'), menu: 1, turn: null, sum: 1 }), { name: 'stranger' });
  await here.run();
  t.deepEqual(stranger.state.heard, ['not-my-customer']);
  t.is(stage.state.level, null);
});

test('refuses a law that is none, and several schedules where one is to be changed', async (t) => {
  for (const wrong of [
    { menu: 1, turn: null, sum: 2 },
    { menu: 2, turn: 0, sum: 1 },
  ]) {
    const here = place();
    const stage = here.spawn(firm(here.didOf('customer')), { name: 'stage' });
    const customer = here.spawn(proposer({ to: here.didOf('stage'), ...wrong }), { name: 'customer' });
    await here.run();
    t.is(customer.state.heard.length, 1);
    t.not(customer.state.heard[0], 'quote');
    t.is(stage.state.level, null);
  }
});

test('a stage ships nothing to strangers', async (t) => {
  const here = place();
  here.spawn(firm(here.didOf('customer'), { policy: baseStock(9) }), { name: 'stage' });
  const stranger = here.spawn(orderer({ to: here.didOf('stage'), periods: [0] }), { name: 'stranger' });
  await here.run();
  t.deepEqual(stranger.state, { shipped: [], end: 'not-my-customer' });
});

test('an order out of its turn ends the delivery', async (t) => {
  const here = place();
  here.spawn(firm(here.didOf('customer'), { policy: baseStock(9) }), { name: 'stage' });
  const customer = here.spawn(orderer({ to: here.didOf('stage'), periods: [0, 1, 3] }), { name: 'customer' });
  await here.run();
  t.is(customer.state.end, 'period-out-of-turn');
});

test('what is owed comes first, and what comes is never more than there is', async (t) => {
  const here = place();
  const stage = here.spawn(firm(here.didOf('customer'), { policy: baseStock(3), shipDelay: 2 }), { name: 'stage' });
  const periods = [0, 1, 2, 3, 4, 5, 6];
  const customer = here.spawn(orderer({ to: here.didOf('stage'), periods }), { name: 'customer' });
  await here.run();
  t.deepEqual(stage.state.orders, [5, 2, 2, 2, 2, 2, 2]);
  t.deepEqual(customer.state.shipped, [0, 0, 5, 2, 2, 2, 2]);
  t.deepEqual(stage.state.stocks, [-2, -4, -1, -1, -1, -1, -1]);
});

test('a retailer whose supplier does not answer says so, and its customers wait', async (t) => {
  const here = place();
  const gone = here.didOf('nobody');
  const retailer = here.spawn(firm(here.didOf('customers'), { demand: LAW, supplier: gone, backlog: 9 }), {
    name: 'retailer',
  });
  const params = { retailer: here.didOf('retailer'), demand: [1, 2], startAt: 0, period: 1_000_000, price: 0n };
  const customers = here.spawn(endCustomers(params), { name: 'customers' });
  await here.run({ until: '1 h' });
  t.false(retailer.state.agreed);
  t.false(customers.state.over);
  t.is(retailer.counters.handlerErrors, 1);
});
