import test from 'ava';
import { createOrderBook, restoreOrderBook } from '../../../agent-core/market/order-book.ts';
import { ORDER_BOUNDS } from '../../../agent-core/market/order.ts';
import { order } from './fixtures.ts';

test('trades at the price of the order that was there first', (t) => {
  const book = createOrderBook();
  t.deepEqual(book.submit(order('a', 'sell', { price: 7n })), {
    arrival: 0,
    trades: [],
    prevented: [],
    resting: 1,
    dropped: 0,
  });
  const { trades, resting } = book.submit(order('b', 'buy', { price: 9n }));
  t.deepEqual(trades, [
    {
      sequence: 0,
      price: 7n,
      quantity: 1,
      buyer: 't-b',
      seller: 't-a',
      buyOrder: 'b',
      sellOrder: 'a',
      taker: 'buy',
    },
  ]);
  t.is(resting, 0);
  t.is(book.size, 0);
});

test('serves better prices first and the earlier order within a price', (t) => {
  const book = createOrderBook();
  book.submit(order('late', 'buy', { price: 8n }));
  book.submit(order('best', 'buy', { price: 9n }));
  book.submit(order('later', 'buy', { price: 8n }));
  const { trades } = book.submit(order('s', 'sell', { price: 1n, quantity: 3 }));
  t.deepEqual(
    trades.map((trade) => trade.buyOrder),
    ['best', 'late', 'later'],
  );
  t.deepEqual(
    trades.map((trade) => trade.price),
    [9n, 8n, 8n],
  );
});

test('fills in part: the taker rests with what is left, a maker keeps its place', (t) => {
  const book = createOrderBook();
  book.submit(order('first', 'sell', { quantity: 5 }));
  book.submit(order('second', 'sell', { quantity: 5 }));
  t.is(book.submit(order('b1', 'buy', { quantity: 2 })).resting, 0);
  t.is(book.find('first')?.quantity, 3);
  const { trades, resting } = book.submit(order('b2', 'buy', { price: 10n, quantity: 9 }));
  t.deepEqual(
    trades.map(({ sellOrder, quantity }) => [sellOrder, quantity]),
    [
      ['first', 3],
      ['second', 5],
    ],
  );
  t.is(resting, 1);
  t.deepEqual(book.best('buy'), { price: 10n, quantity: 1, orders: 1 });
  t.is(book.best('sell'), undefined);
});

test('does not trade where bid and ask do not meet', (t) => {
  const book = createOrderBook();
  book.submit(order('a', 'sell', { price: 11n }));
  t.deepEqual(book.submit(order('b', 'buy')).trades, []);
  t.is(book.size, 2);
});

test('drops what an immediate order cannot trade at once', (t) => {
  const book = createOrderBook();
  book.submit(order('a', 'sell', { price: 11n, quantity: 2 }));
  const receipt = book.submit({ ...order('m', 'buy', { price: ORDER_BOUNDS.price, quantity: 5 }), immediate: true });
  t.is(receipt.trades[0]?.price, 11n);
  t.is(receipt.resting, 0);
  t.is(receipt.dropped, 3);
  t.is(book.size, 0);
});

test('cancels the older order of a trader that would trade with itself, and goes on', (t) => {
  const book = createOrderBook();
  book.submit(order('mine', 'sell', { trader: 'me', price: 5n, quantity: 4 }));
  book.submit(order('other', 'sell', { price: 6n }));
  book.submit(order('mine too', 'sell', { trader: 'me', price: 9n }));
  const receipt = book.submit(order('now', 'buy', { trader: 'me', price: 7n, quantity: 2 }));
  t.deepEqual(
    receipt.prevented.map(({ id, quantity }) => [id, quantity]),
    [['mine', 4]],
  );
  t.deepEqual(
    receipt.trades.map((trade) => trade.sellOrder),
    ['other'],
  );
  t.is(receipt.resting, 1);
  t.not(book.find('mine too'), undefined);
});

test('forgets cancelled orders wherever they stood in the queue of their price', (t) => {
  const ids = ['a', 'b', 'c', 'd'];
  for (const gone of [
    ['a', 'b'],
    ['b', 'a'],
    ['b', 'c'],
    ['c', 'b'],
    ['c', 'd'],
    ['d', 'c'],
  ]) {
    const book = createOrderBook();
    for (const id of ids) book.submit(order(id, 'sell'));
    for (const id of gone) book.cancel({ id, trader: `t-${id}` });
    book.submit(order('e', 'sell'));
    t.deepEqual(
      book.submit(order('all', 'buy', { quantity: 9 })).trades.map((trade) => trade.sellOrder),
      [...ids, 'e'].filter((id) => !gone.includes(id)),
    );
  }
});

test('cancels for the owner only, and once', (t) => {
  const book = createOrderBook();
  book.submit(order('a', 'buy', { quantity: 3 }));
  t.is(book.cancel({ id: 'a', trader: 'somebody' }), undefined);
  t.is(book.size, 1);
  t.deepEqual(book.cancel({ id: 'a', trader: 't-a' }), { ...order('a', 'buy', { quantity: 3 }), arrival: 0 });
  t.is(book.cancel({ id: 'a', trader: 't-a' }), undefined);
  t.is(book.best('buy'), undefined);
});

test('keeps the place of an order that shrinks, and of no other that is replaced', (t) => {
  const servedFirst = (change: { readonly price: bigint; readonly quantity: number }): string | undefined => {
    const book = createOrderBook();
    for (const id of ['a', 'b']) book.submit(order(id, 'sell', { quantity: 2 }));
    const receipt = book.replace({ id: 'a', trader: 't-a', ...change });
    t.is(receipt?.resting, change.quantity);
    return book.submit(order('c', 'buy', { price: 20n })).trades[0]?.sellOrder;
  };
  t.is(servedFirst({ price: 10n, quantity: 1 }), 'a');
  t.is(servedFirst({ price: 10n, quantity: 2 }), 'a');
  t.is(servedFirst({ price: 10n, quantity: 3 }), 'b');
  t.is(servedFirst({ price: 11n, quantity: 1 }), 'b');
  t.is(servedFirst({ price: 9n, quantity: 1 }), 'a');
});

test('trades a replaced order that now crosses', (t) => {
  const book = createOrderBook();
  book.submit(order('a', 'sell', { price: 12n }));
  book.submit({ ...order('b', 'buy', { price: 9n, quantity: 2 }), expires: 50 });
  const receipt = book.replace({ id: 'b', trader: 't-b', price: 12n, quantity: 2 });
  t.is(receipt?.trades[0]?.price, 12n);
  t.is(receipt?.arrival, 2);
  t.is(book.find('b')?.expires, 50);
  t.is(book.replace({ id: 'b', trader: 't-a', price: 12n, quantity: 2 }), undefined);
  t.is(book.replace({ id: 'gone', trader: 't-a', price: 12n, quantity: 2 }), undefined);
  t.throws(() => book.replace({ id: 'b', trader: 't-b', price: -1n, quantity: 2 }), { code: 'bad-order' });
  t.throws(() => book.replace({ id: 'b', trader: 't-b', price: 1n, quantity: 0 }), { code: 'bad-order' });
  t.is(book.find('b')?.quantity, 1);
});

test('takes expired orders out, the earliest first', (t) => {
  const book = createOrderBook();
  for (const [id, expires] of [
    ['late', 30],
    ['early', 10],
    ['twin', 10],
  ] as const) {
    book.submit({ ...order(id, 'buy'), expires });
  }
  book.submit(order('for ever', 'buy'));
  t.deepEqual(book.advance(9), []);
  t.deepEqual(
    book.advance(10).map((gone) => gone.id),
    ['early', 'twin'],
  );
  t.is(book.now, 10);
  t.deepEqual(
    book.advance(1_000).map((gone) => gone.id),
    ['late'],
  );
  t.is(book.size, 1);
});

test('refuses an order that has expired and a time that runs backwards', (t) => {
  const book = createOrderBook();
  book.advance(10);
  t.throws(() => book.submit({ ...order('a', 'buy'), expires: 10 }), { code: 'order-expired' });
  t.throws(() => book.submit({ ...order('a', 'buy'), expires: 10.5 }), { code: 'order-expired' });
  t.throws(() => book.advance(9), { code: 'time-ran-backwards' });
  t.throws(() => book.advance(NaN), { code: 'time-ran-backwards' });
  t.is(book.size, 0);
});

test('refuses an id that is in the book, and takes it again afterwards', (t) => {
  const book = createOrderBook();
  book.submit(order('a', 'buy'));
  t.throws(() => book.submit(order('a', 'sell', { price: 99n })), { code: 'order-id-taken' });
  book.cancel({ id: 'a', trader: 't-a' });
  t.is(book.submit(order('a', 'sell')).resting, 1);
});

test('refuses to rest more orders than its bounds, and still takes immediate ones', (t) => {
  const book = createOrderBook({ maxOrders: 3, maxOrdersPerTrader: 2 });
  book.submit(order('a', 'buy', { trader: 'x' }));
  book.submit(order('b', 'buy', { trader: 'x' }));
  t.throws(() => book.submit(order('c', 'buy', { trader: 'x' })), { code: 'trader-book-full' });
  book.submit(order('d', 'buy', { trader: 'y' }));
  t.throws(() => book.submit(order('e', 'sell')), { code: 'book-full' });
  t.is(book.size, 3);
  t.is(book.submit({ ...order('e', 'sell'), immediate: true }).trades.length, 1);
  t.is(book.submit(order('c', 'buy', { trader: 'x' })).resting, 1);
});

for (const bad of [0, 1.5, ORDER_BOUNDS.orders + 1]) {
  test(`refuses a bound of ${bad} orders`, (t) => {
    t.throws(() => createOrderBook({ maxOrders: bad }), { code: 'bad-book-limits' });
    t.throws(() => createOrderBook({ maxOrdersPerTrader: bad }), { code: 'bad-book-limits' });
  });
}

test('refuses malformed orders by the name of what is wrong', (t) => {
  const book = createOrderBook();
  for (const [terms, message] of [
    [{ price: -1n }, /^price must be 0 to/],
    [{ price: ORDER_BOUNDS.price + 1n }, /^price must be 0 to/],
    [{ quantity: 0 }, /^quantity must be/],
    [{ quantity: 1.5 }, /^quantity must be/],
    [{ quantity: NaN }, /^quantity must be/],
    [{ quantity: ORDER_BOUNDS.quantity + 1 }, /^quantity must be/],
    [{ id: '' }, /^id must have/],
    [{ trader: '' }, /^trader must have/],
    [{ id: 'x'.repeat(ORDER_BOUNDS.textChars + 1) }, /^id must have/],
  ] as const) {
    t.throws(() => book.submit(order('a', 'buy', terms)), { code: 'bad-order', message });
  }
  t.is(book.size, 0);
});

test('tells the depth of a side, best first', (t) => {
  const book = createOrderBook();
  for (const [at, price] of [3n, 1n, 2n, 1n].entries())
    book.submit(order(`${at}`, 'sell', { price, quantity: at + 1 }));
  t.deepEqual(book.depth('sell', 2), [
    { price: 1n, quantity: 6, orders: 2 },
    { price: 2n, quantity: 3, orders: 1 },
  ]);
  t.is(book.depth('sell', 100).length, 3);
  t.deepEqual(book.depth('buy', 5), []);
});

test('goes on from a snapshot that went through JSON', (t) => {
  const book = createOrderBook();
  book.advance(5);
  book.submit({ ...order('a', 'sell', { quantity: 5 }), expires: 20 });
  book.submit(order('b', 'sell'));
  book.submit(order('c', 'buy', { quantity: 2 }));
  const copy = restoreOrderBook(JSON.parse(JSON.stringify(book.snapshot())));
  t.deepEqual(copy.snapshot(), book.snapshot());
  const [one, other] = [book, copy].map((each) => [
    each.submit(order('d', 'buy', { quantity: 4 })),
    each.advance(20),
    each.snapshot(),
  ]);
  t.deepEqual(one, other);
});

test('refuses a snapshot that no book can have written', (t) => {
  const book = createOrderBook();
  book.submit(order('a', 'sell', { price: 11n }));
  book.submit(order('b', 'buy', { price: 9n }));
  const good = book.snapshot();
  const [a, b] = good.orders;
  if (a === undefined || b === undefined) throw new TypeError('two orders are in the book');
  for (const [change, what] of [
    [{ version: 2 }, 'version 2'],
    [{ arrivals: 1 }, 'the arrival of b'],
    [{ trades: -1 }, 'a count'],
    [{ orders: [b, a] }, 'the arrival of a'],
    [{ orders: [a, { ...a, arrival: 1 }] }, 'a second a'],
    [{ orders: [a, { ...b, price: '11' }] }, 'a crossed book'],
    [{ orders: [{ ...a, price: '1e3' }] }, 'the price of a'],
    [{ orders: [{ ...a, side: 'both' }] }, 'the side of a'],
  ] as const) {
    t.throws(() => restoreOrderBook(JSON.parse(JSON.stringify({ ...good, ...change }))), {
      code: 'bad-snapshot',
      message: `restore of an order book met ${what}`,
    });
  }
  t.throws(() => restoreOrderBook(good, { maxOrders: 1 }), { code: 'book-full' });
  t.throws(() => restoreOrderBook({ ...good, orders: [{ ...a, quantity: 0 }] }), { code: 'bad-order' });
  t.throws(() => restoreOrderBook({ ...good, now: 7, orders: [{ ...a, expires: 7 }] }), { code: 'order-expired' });
});
