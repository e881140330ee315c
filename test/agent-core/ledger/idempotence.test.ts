import test from 'ava';
import { restoreLedger, snapshotLedger, type LedgerSnapshot } from '../../../agent-core/ledger/snapshot.ts';
import { createLedger } from '../../../agent-core/ledger/ledger.ts';
import type { Operation } from '../../../agent-core/ledger/operation.ts';
import { alice, bob, carol, faults, funded, held, hold, pay, submit } from './parties.ts';

test('the same operation again has the same answer and no second effect, alone, in a chain or twice in one chain', (t) => {
  const ledger = funded();
  for (let k = 0; k < 3; k++) t.is(submit(ledger, alice.did, pay()), 'applied');
  t.deepEqual(held(ledger, bob.did), [10n, 0n, 0n]);
  t.is(submit(ledger, alice.did, pay(), pay({ id: 'new' }), pay({ id: 'new' })), 'applied');
  t.deepEqual(held(ledger, bob.did), [20n, 0n, 0n]);
  t.is(ledger.operations, 4);
});

const OTHERS: readonly Operation[] = [
  hold({ amount: 39n }),
  hold({ to: carol.did }),
  hold({ asset: 'steel' }),
  hold({ expires: 2_001 }),
  hold({ release: 'payee' }),
  hold({ reference: 'd-2' }),
  pay({ id: 'hold', amount: 40n, reference: 'd-1' }),
  { ...pay({ id: 'hold', amount: 40n, reference: 'd-1' }), type: 'issue' },
  { type: 'post', id: 'hold', reservation: 'hold', amount: 40n },
  { type: 'void', id: 'hold', reservation: 'hold' },
];

for (const other of OTHERS) {
  test(`id-taken: an id given to a reserve, then to ${JSON.stringify(other, (_, v: unknown) => (typeof v === 'bigint' ? String(v) : v)).replaceAll(/did:key:\w+(\w{4})/g, '$1')}`, (t) => {
    const ledger = funded();
    t.is(submit(ledger, alice.did, hold()), 'applied');
    t.is(submit(ledger, alice.did, other), 'id-taken 0');
    t.is(submit(ledger, alice.did, pay(), other), 'id-taken 1');
    t.deepEqual(held(ledger, bob.did), [0n, 0n, 40n]);
    t.is(submit(ledger, alice.did, hold()), 'applied');
  });
}

test('what a field means when left out is the same content as the field written out', (t) => {
  const ledger = funded();
  submit(ledger, alice.did, hold());
  const post = { type: 'post', id: 'p', reservation: 'hold', amount: 1n } as const;
  t.is(submit(ledger, alice.did, post), 'applied');
  t.is(submit(ledger, alice.did, { ...post, payer: alice.did, rest: 'return' }), 'applied');
  t.is(submit(ledger, alice.did, { ...post, rest: 'keep' }), 'id-taken 0');
  t.is(submit(ledger, alice.did, { ...post, payer: bob.did }), 'id-taken 0');
});

test('an id belongs to its submitter: nobody takes another one away', (t) => {
  const ledger = funded();
  submit(ledger, alice.did, pay({ amount: 50n }));
  t.is(submit(ledger, bob.did, pay({ id: 'next', to: carol.did })), 'applied');
  t.is(submit(ledger, alice.did, pay({ id: 'next', to: carol.did })), 'applied');
  t.deepEqual(held(ledger, carol.did), [20n, 0n, 0n]);
});

test('a refusal uses its id up: a refused payment cannot be handed in again once there is money', (t) => {
  const ledger = funded();
  const refused = pay({ id: 'too-much', amount: 101n });
  t.is(submit(ledger, alice.did, refused), 'insufficient-funds 0');
  submit(ledger, 'issuer', { ...pay({ id: 'more', to: alice.did, amount: 500n }), type: 'issue' });
  t.is(submit(ledger, alice.did, refused), 'insufficient-funds 0');
  t.is(submit(ledger, alice.did, { ...refused, amount: 100n }), 'id-taken 0');
  t.is(submit(ledger, alice.did, { ...refused, id: 'once-more' }), 'applied');
});

test('of a refused chain only the operation at fault is remembered, and the chain stays refused', (t) => {
  const ledger = funded();
  const chain = [pay({ id: '1' }), pay({ id: '2', amount: 200n }), pay({ id: '3' })];
  t.is(submit(ledger, alice.did, ...chain), 'insufficient-funds 1');
  submit(ledger, 'issuer', { ...pay({ id: 'more', to: alice.did, amount: 500n }), type: 'issue' });
  t.is(submit(ledger, alice.did, ...chain), 'insufficient-funds 1');
  t.deepEqual(held(ledger, bob.did), [0n, 0n, 0n]);
  t.is(submit(ledger, alice.did, pay({ id: '1', amount: 3n })), 'applied');
});

test('an id whose trouble was the id, or what no state allows, is not used up', (t) => {
  const ledger = funded();
  t.is(submit(ledger, alice.did, pay({ amount: 0n })), 'zero-amount 0');
  t.is(submit(ledger, alice.did, pay({ to: alice.did })), 'same-account 0');
  t.is(submit(ledger, alice.did, pay({ amount: 10n ** 30n })), 'amount-too-large 0');
  t.is(submit(ledger, alice.did, pay(), pay({ amount: 2n })), 'id-taken 1');
  t.is(ledger.operations, 2);
  t.is(submit(ledger, alice.did, pay({ amount: 2n })), 'applied');
});

test('an answer outlives what it was about: a reserve said again after its expiry was applied and stays expired', (t) => {
  const ledger = funded();
  submit(ledger, alice.did, hold());
  ledger.advance(5_000);
  t.is(submit(ledger, alice.did, hold()), 'applied');
  t.deepEqual(held(ledger, alice.did), [100n, 0n, 0n]);
  t.is(ledger.reservation(alice.did, 'hold')?.state, 'expired');
});

test('a snapshot remembers answers, refusals and open reservations', (t) => {
  const ledger = funded();
  submit(ledger, alice.did, hold({ release: 'payee' }));
  submit(ledger, bob.did, { type: 'post', id: 'p', payer: alice.did, reservation: 'hold', amount: 5n, rest: 'keep' });
  submit(ledger, alice.did, pay({ id: 'refused', amount: 90n }));
  const restored = restoreLedger(JSON.parse(JSON.stringify(snapshotLedger(ledger))));
  t.deepEqual(snapshotLedger(restored), snapshotLedger(ledger));
  t.deepEqual(restored.reservation(alice.did, 'hold'), ledger.reservation(alice.did, 'hold'));
  t.is(submit(restored, alice.did, pay({ id: 'refused', amount: 90n })), 'insufficient-funds 0');
  t.is(submit(restored, alice.did, pay({ id: 'refused', amount: 1n })), 'id-taken 0');
  t.deepEqual(
    restored.advance(2_000).map(({ id }) => id),
    ['hold'],
  );
  t.deepEqual(held(restored, alice.did), [95n, 0n, 0n]);
  t.deepEqual(snapshotLedger(createLedger()), { v: 1, now: 0, books: [] });
});

test('an asset may have any name, also one that an object may not', (t) => {
  const ledger = createLedger();
  submit(ledger, 'issuer', { type: 'issue', id: 'i', to: alice.did, asset: 'constructor', amount: 3n });
  t.deepEqual(held(restoreLedger(snapshotLedger(ledger)), alice.did, 'constructor'), [3n, 0n, 0n]);
});

type Tree = Record<string, unknown>;

const SPOILT: readonly (readonly [string, (snapshot: { v: unknown; now: unknown; books: Tree[] }) => unknown])[] = [
  ['another version', (s) => (s.v = 2)],
  ['no time', (s) => (s.now = -1)],
  ['a book that is none', (s) => (s.books[0] = [] as unknown as Tree)],
  ['an owner that is none', (s) => ((s.books[0] as Tree)['owner'] = 'nobody')],
  ['money from nowhere', (s) => ((s.books[0] as Tree)['accounts'] = [['token', '0', '0', '0', '200']])],
  ['an account that is none', (s) => ((s.books[0] as Tree)['accounts'] = [['token', '0']])],
  ['a total that is none', (s) => ((s.books[0] as Tree)['accounts'] = [['token', '0', '0', '0', '-5']])],
  ['an asset that is none', (s) => ((s.books[0] as Tree)['accounts'] = [[5, '0', '0', '0', '5']])],
  ['an entry that is none', (s) => ((s.books[0] as Tree)['remembered'] = ['x'])],
  ['an operation that is none', (s) => ((s.books[0] as Tree)['remembered'] = [{ operation: { type: 'mint' } }])],
  ['a reservation forgotten', (s) => ((s.books[0] as Tree)['remembered'] = [])],
  ['a code that is none', (s) => spoilEntry(s.books, { code: 'why' })],
  ['a state that is none', (s) => spoilEntry(s.books, { state: 'gone' })],
  ['more left than there was', (s) => spoilEntry(s.books, { remaining: '50' })],
  ['overdue', (s) => (s.now = 2_000)],
];

function spoilEntry(books: readonly Tree[], changes: Tree): void {
  const entries = (books[0]?.['remembered'] ?? []) as Tree[];
  Object.assign(entries[0] ?? {}, changes);
}

for (const [fault, spoil] of SPOILT) {
  test(`bad-snapshot: ${fault}`, (t) => {
    const ledger = funded();
    submit(ledger, alice.did, hold());
    const snapshot = JSON.parse(JSON.stringify(snapshotLedger(ledger))) as LedgerSnapshot;
    t.notThrows(() => restoreLedger(snapshot));
    const books = (snapshot.books as Tree[]).toSorted((a) => (a['owner'] === alice.did ? -1 : 1));
    const spoilt = { v: snapshot.v, now: snapshot.now, books };
    spoil(spoilt);
    t.throws(() => restoreLedger(spoilt as unknown as LedgerSnapshot), { code: 'bad-snapshot' });
  });
}

test('an audit names what is wrong', (t) => {
  const ledger = funded();
  submit(ledger, alice.did, hold());
  t.deepEqual(faults(ledger), []);
  const book = ledger.books().find(({ owner }) => owner === alice.did);
  const account = book?.accounts.get('token');
  if (account === undefined || book === undefined) throw new TypeError('alice has an account');
  account.debitsPosted += 70n;
  account.debitsPending -= 50n;
  book.openReservations = 2;
  t.deepEqual(
    faults(ledger).map((fault) => fault.replaceAll(/did:key:\w+/g, 'alice')),
    [
      'alice: 1 reservations are open, not 2',
      'token of alice: a total is negative',
      'token of alice: what is pending is not what is reserved',
      'token: pending debits exceed pending credits by -50',
      'token: posted debits exceed posted credits by 70',
    ],
  );
  account.debitsPending += 50n;
  t.true(faults(ledger).some((fault) => fault.endsWith('less than nothing available')));
});
