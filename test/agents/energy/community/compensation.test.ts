import test from 'ava';
import * as fc from 'fast-check';
import { leastGains } from '../../../../agents/energy/community/compensation.ts';
import { moved, stakesOf } from '../../../fixtures/stakes.ts';

test('nobody ends below alone where all together gained, nobody pays more than it gained, and what is paid is received', (t) => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: -1_000n, max: 1_000n }), { minLength: 1, maxLength: 8 }), (gains) => {
      const stakes = stakesOf(gains);
      const transfers = leastGains(stakes);
      const total = gains.reduce((sum, one) => sum + one, 0n);
      for (const { amount } of transfers) t.true(amount > 0n);
      const after = stakes.map(({ party, gain }) => {
        const { paid, got } = moved(party, transfers);
        t.true(paid <= (gain > 0n ? gain : 0n));
        return gain - paid + got;
      });
      t.is(
        after.reduce((sum, one) => sum + one, 0n),
        total,
      );
      const least = total / (10n * BigInt(gains.length));
      if (total >= 0n) for (const one of after) t.true(one >= least, `${one} of ${total}`);
    }),
    { seed: 20_261_123, numRuns: 500 },
  );
});

test('nothing is paid where everybody gained', (t) => {
  const stakes = stakesOf([5n, 90n, 40n]);
  t.deepEqual(leastGains(stakes), []);
});
