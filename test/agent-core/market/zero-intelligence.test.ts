import test from 'ava';
import * as fc from 'fast-check';
import { zeroIntelligenceQuote } from '../../../agent-core/market/zero-intelligence.ts';
import { createRandomRoot } from '../../../agent-core/random.ts';

test('quotes within the bounds of the market and never at a loss', (t) => {
  const random = createRandomRoot(1).stream('quotes');
  const price = fc.bigInt({ min: 0n, max: 100n });
  fc.assert(
    fc.property(
      fc.constantFrom('buy' as const, 'sell' as const),
      fc.tuple(price, price, price),
      (side, [a, b, limit]) => {
        const [min, max] = a < b ? [a, b] : [b, a];
        const quote = zeroIntelligenceQuote({ side, limit, min, max, random });
        if (quote === undefined) t.true(side === 'buy' ? limit < min : limit > max);
        else t.true(quote >= min && quote <= max && (side === 'buy' ? quote <= limit : quote >= limit));
      },
    ),
    { seed: 6, numRuns: 500 },
  );
});

test('draws every price it may quote about equally often', (t) => {
  const random = createRandomRoot(2).stream('quotes');
  const counts = new Map<bigint, number>();
  for (let i = 0; i < 6_000; i++) {
    const quote = zeroIntelligenceQuote({ side: 'sell', limit: 8n, min: 1n, max: 10n, random }) ?? -1n;
    counts.set(quote, (counts.get(quote) ?? 0) + 1);
  }
  t.deepEqual(
    [...counts.keys()].toSorted((a, b) => Number(a - b)),
    [8n, 9n, 10n],
  );
  // Six standard deviations around 2,000.
  for (const count of counts.values()) t.true(Math.abs(count - 2_000) < 220);
});

test('draws nothing where it has nothing to quote', (t) => {
  const random = createRandomRoot(3).stream('quotes');
  t.is(zeroIntelligenceQuote({ side: 'buy', limit: 4n, min: 5n, max: 10n, random }), undefined);
  t.is(zeroIntelligenceQuote({ side: 'sell', limit: 11n, min: 5n, max: 10n, random }), undefined);
  t.is(random.draws, 0);
});

test('refuses an interval that no draw covers without bias', (t) => {
  const random = createRandomRoot(4).stream('quotes');
  const wide = { side: 'buy', limit: 10n ** 17n, min: 0n, max: 10n ** 17n, random } as const;
  t.throws(() => zeroIntelligenceQuote(wide), { code: 'bad-range' });
});
