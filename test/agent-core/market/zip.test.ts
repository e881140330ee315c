import test from 'ava';
import * as fc from 'fast-check';
import { ORDER_BOUNDS } from '../../../agent-core/market/order.ts';
import { drawZipTrader, zipHears, zipQuote, type Shout, type ZipTrader } from '../../../agent-core/market/zip.ts';
import { createRandomRoot } from '../../../agent-core/random.ts';

const LIMIT = 100_000_000n;
const traits = { learningRate: 0.5, momentum: 0, stepMicroTokens: 0, change: 0 };
/** Quotes 120 tokens for a cost of 100. */
const SELLER: ZipTrader = { ...traits, side: 'sell', margin: 0.2 };
/** Quotes 80 tokens for a value of 100. */
const BUYER: ZipTrader = { ...traits, side: 'buy', margin: -0.2 };

function tokens(price: number): bigint {
  return BigInt(price) * 1_000_000n;
}

/** Where a shout moves the quote of a trader: 1 up, -1 down, 0 nowhere. */
function moves(trader: ZipTrader, shout: Shout, active = true): number {
  const random = createRandomRoot('zip').stream('hears');
  const after = zipHears(trader, { shout, limit: LIMIT, active, random });
  const change = zipQuote(after, LIMIT) - zipQuote(trader, LIMIT);
  return Number(change > 0n) - Number(change < 0n);
}

test('quotes its limit with its margin', (t) => {
  t.is(zipQuote(SELLER, LIMIT), tokens(120));
  t.is(zipQuote(BUYER, LIMIT), tokens(80));
  t.is(zipQuote({ ...SELLER, margin: 1e30 }, LIMIT), ORDER_BOUNDS.price);
});

test('asks for more profit where an accepted price was better than its own', (t) => {
  for (const active of [true, false]) {
    for (const side of ['buy', 'sell'] as const) {
      t.is(moves(SELLER, { side, price: tokens(140), accepted: true }, active), 1);
      t.is(moves(BUYER, { side, price: tokens(60), accepted: true }, active), -1);
    }
  }
});

test('asks for less where it missed a trade that the other side offered, unless it has nothing left', (t) => {
  t.is(moves(SELLER, { side: 'buy', price: tokens(110), accepted: true }), -1);
  t.is(moves(BUYER, { side: 'sell', price: tokens(90), accepted: true }), 1);
  t.is(moves(SELLER, { side: 'buy', price: tokens(110), accepted: true }, false), 0);
  t.is(moves(SELLER, { side: 'sell', price: tokens(110), accepted: true }), 0);
  t.is(moves(BUYER, { side: 'buy', price: tokens(90), accepted: true }), 0);
});

test('asks for less where a quote of its side as good as its own was refused', (t) => {
  t.is(moves(SELLER, { side: 'sell', price: tokens(110), accepted: false }), -1);
  t.is(moves(BUYER, { side: 'buy', price: tokens(90), accepted: false }), 1);
  t.is(moves(SELLER, { side: 'sell', price: tokens(120), accepted: false }), -1);
  t.is(moves(BUYER, { side: 'buy', price: tokens(80), accepted: false }), 1);
  t.is(moves(SELLER, { side: 'sell', price: tokens(130), accepted: false }), 0);
  t.is(moves(BUYER, { side: 'buy', price: tokens(70), accepted: false }), 0);
  t.is(moves(SELLER, { side: 'buy', price: tokens(110), accepted: false }), 0);
  t.is(moves(SELLER, { side: 'sell', price: tokens(110), accepted: false }, false), 0);
});

test('carries a part of its last change on', (t) => {
  const random = createRandomRoot('zip').stream('hears');
  const shout: Shout = { side: 'buy', price: tokens(140), accepted: true };
  const after = zipHears({ ...SELLER, momentum: 1, change: 3_000_000 }, { shout, limit: LIMIT, active: true, random });
  t.is(zipQuote(after, LIMIT), tokens(123));
  t.is(random.draws, 4);
});

test('draws its traits from the published ranges', (t) => {
  const random = createRandomRoot('traits').stream('traits');
  for (let i = 0; i < 200; i++) {
    const side = i % 2 === 0 ? 'buy' : 'sell';
    const { learningRate, momentum, margin, change, stepMicroTokens } = drawZipTrader({ side, random });
    t.true(learningRate >= 0.1 && learningRate <= 0.5 && momentum >= 0 && momentum <= 0.1);
    t.true(Math.abs(margin) >= 0.05 && Math.abs(margin) <= 0.35 && (side === 'sell') === margin > 0);
    t.is(change, 0);
    t.is(stepMicroTokens, 50_000);
  }
});

test('never quotes at a loss, whatever it hears, and is plain data', (t) => {
  const shout = fc.record({
    side: fc.constantFrom('buy' as const, 'sell' as const),
    price: fc.bigInt({ min: 0n, max: ORDER_BOUNDS.price }),
    accepted: fc.boolean(),
  });
  const limit = fc.bigInt({ min: 0n, max: ORDER_BOUNDS.price });
  fc.assert(
    fc.property(
      fc.constantFrom('buy' as const, 'sell' as const),
      limit,
      fc.array(shout, { maxLength: 30 }),
      (...given) => {
        const [side, own, shouts] = given;
        const random = createRandomRoot('loss').stream('loss');
        let trader = drawZipTrader({ side, random });
        for (const heard of shouts) {
          trader = zipHears(trader, { shout: heard, limit: own, active: true, random });
          const quote = zipQuote(trader, own);
          t.true(side === 'buy' ? quote <= own && quote >= 0n : quote >= own && quote <= ORDER_BOUNDS.price);
        }
        t.deepEqual(JSON.parse(JSON.stringify(trader)), trader);
      },
    ),
    { seed: 7, numRuns: 300 },
  );
});

test('comes to quote near the price at which others trade', (t) => {
  const random = createRandomRoot('learns').stream('learns');
  let [seller, buyer] = [drawZipTrader({ side: 'sell', random }), drawZipTrader({ side: 'buy', random })];
  for (let i = 0; i < 200; i++) {
    const heard = {
      shout: { side: i % 2 === 0 ? 'buy' : 'sell', price: tokens(100), accepted: true },
      active: true,
    } as const;
    seller = zipHears(seller, { ...heard, limit: tokens(60), random });
    buyer = zipHears(buyer, { ...heard, limit: tokens(150), random });
  }
  for (const quote of [zipQuote(seller, tokens(60)), zipQuote(buyer, tokens(150))]) {
    t.true(quote > tokens(93) && quote < tokens(107), `${quote}`);
  }
});
