import test from 'ava';
import * as fc from 'fast-check';
import { createOrderBook, restoreOrderBook } from '../../../agent-core/market/order-book.ts';
import type { OrderReceipt } from '../../../agent-core/market/order-book.ts';
import type { RestingOrder, Submission } from '../../../agent-core/market/order.ts';

/** The rules of the book, written once more on a plain list that is searched for each trade. */
function modelBook() {
  let resting: RestingOrder[] = [];
  let [arrivals, trades, now] = [0, 0, 0];

  function bestFor(order: Submission): RestingOrder | undefined {
    const sign = order.side === 'buy' ? 1n : -1n;
    return resting
      .filter((other) => other.side !== order.side && (order.price - other.price) * sign >= 0n)
      .toSorted((a, b) => (a.price === b.price ? a.arrival - b.arrival : (a.price - b.price) * sign < 0n ? -1 : 1))[0];
  }

  function take(id: string): void {
    resting = resting.filter((order) => order.id !== id);
  }

  function submit(order: Submission): OrderReceipt {
    const { immediate, ...plain } = order;
    const arrival = arrivals++;
    let open = order.quantity;
    const made: OrderReceipt['trades'][number][] = [];
    const prevented: RestingOrder[] = [];
    for (let maker = bestFor(order); open > 0 && maker !== undefined; maker = bestFor(order)) {
      const [found, quantity] = [maker, Math.min(open, maker.quantity)];
      if (found.trader === order.trader) {
        prevented.push(found);
        take(found.id);
        continue;
      }
      const [buy, sell] = order.side === 'buy' ? [order, found] : [found, order];
      const parties = { buyer: buy.trader, seller: sell.trader, buyOrder: buy.id, sellOrder: sell.id };
      made.push({ sequence: trades++, price: found.price, ...parties, taker: order.side, quantity });
      open -= quantity;
      if (quantity === found.quantity) take(found.id);
      else resting = resting.map((each) => (each === found ? { ...each, quantity: each.quantity - quantity } : each));
    }
    const rests = immediate !== true && open > 0;
    if (rests) resting.push({ ...plain, quantity: open, arrival });
    return { arrival, trades: made, prevented, resting: rests ? open : 0, dropped: rests ? 0 : open };
  }

  function replace(id: string, price: bigint, quantity: number): OrderReceipt | undefined {
    const old = resting.find((order) => order.id === id);
    if (old === undefined) return undefined;
    if (price === old.price && quantity <= old.quantity) {
      resting = resting.map((order) => (order === old ? { ...order, quantity } : order));
      return { arrival: old.arrival, trades: [], prevented: [], resting: quantity, dropped: 0 };
    }
    take(id);
    const { arrival: _, ...order } = old;
    return submit({ ...order, price, quantity });
  }

  return {
    submit,
    replace,
    cancel(id: string) {
      const old = resting.find((order) => order.id === id);
      take(id);
      return old;
    },
    advance(to: number) {
      now = to;
      const due = (order: RestingOrder): number => order.expires ?? Infinity;
      const gone = resting.filter((order) => due(order) <= now);
      resting = resting.filter((order) => due(order) > now);
      return gone.toSorted((a, b) => due(a) - due(b) || a.arrival - b.arrival);
    },
    has: (id: string) => resting.some((order) => order.id === id),
    byArrival: () => resting.toSorted((a, b) => a.arrival - b.arrival),
    now: () => now,
  };
}

const price = fc.bigInt({ min: 0n, max: 3n });
const quantity = fc.integer({ min: 1, max: 5 });
/** Few ids and traders, so that orders meet each other. */
const id = fc.integer({ min: 0, max: 7 }).map((n) => ({ id: `o${n}`, trader: `t${n % 3}` }));
const command = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('submit' as const),
      id,
      side: fc.constantFrom('buy' as const, 'sell' as const),
      price,
      quantity,
      immediate: fc.nat(4).map((n) => n === 0),
      life: fc.option(fc.integer({ min: 1, max: 5 })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('cancel' as const), id }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('replace' as const), id, price, quantity }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('advance' as const), by: fc.integer({ min: 0, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('restore' as const) }) },
);

test('does what the plain rules do, after any commands, restored at any point', (t) => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      let book = createOrderBook();
      const model = modelBook();
      for (const step of commands) {
        switch (step.type) {
          case 'submit': {
            if (model.has(step.id.id)) break;
            const { side, immediate, life } = step;
            const terms = { ...step.id, side, price: step.price, quantity: step.quantity };
            const order =
              life === null ? { ...terms, immediate } : { ...terms, immediate, expires: model.now() + life };
            const receipt = book.submit(order);
            t.deepEqual(receipt, model.submit(order));
            const traded = receipt.trades.reduce((sum, trade) => sum + trade.quantity, 0);
            t.is(traded + receipt.resting + receipt.dropped, step.quantity);
            break;
          }
          case 'cancel':
            t.deepEqual(book.cancel(step.id), model.cancel(step.id.id));
            break;
          case 'replace':
            t.deepEqual(
              book.replace({ ...step.id, price: step.price, quantity: step.quantity }),
              model.replace(step.id.id, step.price, step.quantity),
            );
            break;
          case 'advance':
            t.deepEqual(book.advance(model.now() + step.by), model.advance(model.now() + step.by));
            break;
          case 'restore':
            book = restoreOrderBook(JSON.parse(JSON.stringify(book.snapshot())));
            break;
        }
        const left = model.byArrival();
        t.deepEqual(
          book.snapshot().orders.map((order) => ({ ...order, price: BigInt(order.price) })),
          left,
        );
        t.is(book.size, left.length);
        for (const side of ['buy', 'sell'] as const) {
          const own = left.filter((order) => order.side === side);
          const depth = book.depth(side, 10);
          t.is(
            depth.reduce((sum, level) => sum + level.quantity, 0),
            own.reduce((sum, order) => sum + order.quantity, 0),
          );
          t.deepEqual(depth[0], book.best(side));
        }
        const [bid, ask] = [book.best('buy'), book.best('sell')];
        t.true(bid === undefined || ask === undefined || bid.price < ask.price);
      }
    }),
    { seed: 2, numRuns: 300 },
  );
});
