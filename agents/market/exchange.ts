import { defineAgent } from '../../agent-core/agent/agent.ts';
import { ContinuousDoubleAuction } from '../../agent-core/protocol/continuous-double-auction.ts';
import { MarketTicker } from '../../agent-core/protocol/market-ticker.ts';
import { cancelOrder, closeMarket, endedDialogue, expireOrder, replaceOrder, takeOrder } from './exchange-desk.ts';
import { emptyExchange, exchangeParams, EXPIRY, type ExchangeParams, type ExchangeState } from './exchange-state.ts';

/**
 * An exchange: one order book an asset, price before time, each trade at the older order's price. It settles delivery against
 * payment through the ledger, each trade by one chain, and says a fill once that is applied. It ticks for whoever watches.
 *
 * An order's units and money never leave its trader but against the other: where the exchange stops, it gives all reservations
 * back; where it crashes, they run out by themselves. In a restarted exchange the book is empty.
 */
export const exchange = defineAgent({
  name: 'exchange',
  params: exchangeParams,
  state: emptyExchange,
  setup(agent) {
    const ticker = MarketTicker.publisher<ExchangeParams, ExchangeState>(agent, {
      decide: ({ state }, { body }) =>
        state.books.has(body.asset) ? { type: 'agree' } : { type: 'refuse', reason: 'unknown-asset' },
    });
    agent.start((ctx) => {
      ctx.state.epoch = ctx.now();
      ctx.state.publish = (asset, tick) => ticker.publish(tick, (topic) => topic.asset === asset);
    });
    agent.timer<string>(EXPIRY.tag, expireOrder);
    agent.play(
      ContinuousDoubleAuction,
      'exchange',
      { order: takeOrder, replace: replaceOrder, cancel: cancelOrder },
      { ended: endedDialogue },
    );
    agent.stop((ctx) => {
      closeMarket(ctx);
      ticker.end('closed');
      return undefined;
    });
  },
});
