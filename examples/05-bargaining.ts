// Bargaining over price and delivery by alternating offers: a buyer with a strategy of its own against the adaptive seller.
import { adaptive, additivePreferences, alternatingOffers, analyseBargaining, createRandomRoot } from 'haggle';
import { defineAgent, did, outcomeSpace, type NegotiationStrategy, type Preferences } from 'haggle';
import { world } from 'haggle/simulator';

const space = outcomeSpace({
  issues: [
    { name: 'price', type: 'integer', min: 50, max: 100 },
    { name: 'delivery', type: 'categorical', values: ['today', 'week', 'month'] },
  ],
});
const Sale = alternatingOffers({ name: 'sale', version: '1.0.0', space });
const buyer = additivePreferences({
  space,
  values: { price: (price) => (100 - Number(price)) / 100, delivery: { today: 0.5, week: 0.3, month: 0 } },
});
const seller = additivePreferences({
  space,
  values: { price: (price) => (Number(price) - 50) / 100, delivery: { today: 0, week: 0.3, month: 0.5 } },
});

/** Starts from its best outcome and moves evenly towards the best offer it has heard. */
const meetThem: NegotiationStrategy = {
  name: 'meet-them',
  negotiator({ preferences }) {
    const ranked = [...space.enumerate()].toSorted((a, b) => preferences.utility(b) - preferences.utility(a));
    const worth = (outcome = ranked[0]): number => (outcome === undefined ? 0 : preferences.utility(outcome));
    let heard = 0;
    const aim = (time: number): number => worth() - time * (worth() - heard);
    return {
      hear: (outcome) => void (heard = Math.max(heard, worth(outcome))),
      respond: (outcome, { time }) => (worth(outcome) >= aim(time) ? 'accept' : 'reject'),
      propose: ({ time }) => ranked.findLast((outcome) => worth(outcome) >= aim(time)) ?? null,
      state: () => heard,
    };
  },
};
const seat = (strategy: NegotiationStrategy, preferences: Preferences) =>
  strategy.negotiator({ space, preferences, random: createRandomRoot(1).stream(strategy.name), parties: 2 });
const shop = defineAgent({
  name: 'shop',
  setup: (agent) => Sale.participant(agent, { negotiator: () => seat(adaptive, seller) }),
});
const customer = defineAgent({
  name: 'customer',
  params: did(),
  setup: (agent) =>
    agent.start(async (ctx) => {
      const negotiator = seat(meetThem, buyer);
      const deal = await ctx.run(Sale.initiator, { to: ctx.params, rounds: 20, within: '1 h', negotiator });
      console.log(deal.type, deal.type === 'agreed' && deal.outcome);
    }),
});

const w = world({ seed: 7, strict: true });
w.spawn(customer(w.spawn(shop()).did));
await w.run();
console.log('Nash point:', analyseBargaining(space, [buyer, seller]).nash?.outcome);
