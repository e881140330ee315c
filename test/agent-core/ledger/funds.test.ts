import test from 'ava';
import { issueFunds, type Funds } from '../../../agent-core/ledger/funds.ts';
import type { ChainOutcome, Issuance } from '../../../agent-core/ledger/operation.ts';
import { alice } from './parties.ts';

function issued(funds: Funds, outcome: ChainOutcome = { type: 'applied' }): readonly Issuance[] {
  const seen: Issuance[] = [];
  issueFunds(funds, { name: 'a', to: alice.did, id: 'f' }, (operations) => {
    seen.push(...operations);
    return outcome;
  });
  return seen;
}

test('a bigint is money, a record an amount of each asset, and no asset no chain', (t) => {
  const common = { type: 'issue', to: alice.did } as const;
  t.deepEqual(issued(5n), [{ ...common, id: 'f/token', asset: 'token', amount: 5n }]);
  t.deepEqual(issued({ token: 1n, steel: 2n }), [
    { ...common, id: 'f/token', asset: 'token', amount: 1n },
    { ...common, id: 'f/steel', asset: 'steel', amount: 2n },
  ]);
  t.deepEqual(issued({}), []);
});

test('what is no amount is named with its asset and what is expected', (t) => {
  const cases: readonly [unknown, string][] = [
    [5, '"a" with the number 5 of token: an amount is a bigint above 0'],
    [Number.NaN, '"a" with the number NaN of token'],
    ['5', '"a" with the text "5" of token'],
    [null, '"a" with null of token'],
    [true, '"a" with a value of type boolean of token'],
    [0n, '"a" with 0 of token'],
    [-1n, '"a" with -1 of token'],
    [{ token: 1n, steel: 4 }, '"a" with the number 4 of steel: an amount is a bigint above 0'],
    [{ steel: undefined }, '"a" with a value of type undefined of steel'],
    [{ Steel: 1n }, '"a" with 1 of "Steel": '],
    [[1n], '"a" with 1 of "0": '],
  ];
  for (const [funds, message] of cases) {
    const error = t.throws(() => issued(funds as never), { code: 'bad-funds' });
    t.true(error.message.includes(message), error.message);
  }
});

test('what the book refuses is named with its code', (t) => {
  t.throws(() => issued({ token: 1n, steel: 2n }, { type: 'refused', code: 'amount-too-large', index: 1 }), {
    code: 'bad-funds',
    message: 'funding "a" with 2 of steel: amount-too-large',
  });
});
