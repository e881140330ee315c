import test from 'ava';
import { nodeBackend } from '../../../agent-core/adapters/node-crypto.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import { createLedger } from '../../../agent-core/ledger/ledger.ts';
import { ISSUER, type Operation, type Owner, type Post, type Void } from '../../../agent-core/ledger/operation.ts';
import { LIMITS } from '../../../agent-core/limits.ts';
import { alice, bob, carol, faults, funded, held, hold, pay, say, submit } from './parties.ts';

const post = (changes: Partial<Post> = {}): Post => ({
  type: 'post',
  id: 'post',
  reservation: 'hold',
  amount: 40n,
  ...changes,
});
const fromAlice = { payer: alice.did };
const giveBack = (changes: Partial<Void> = {}): Void => ({ type: 'void', id: 'void', reservation: 'hold', ...changes });

test('a transfer moves at once, and only what the payer has', (t) => {
  const ledger = funded();
  t.is(submit(ledger, alice.did, pay({ amount: 100n })), 'applied');
  t.deepEqual(held(ledger, alice.did), [0n, 0n, 0n]);
  t.deepEqual(held(ledger, bob.did), [100n, 0n, 0n]);
  t.is(submit(ledger, alice.did, pay({ id: 'again', amount: 1n })), 'insufficient-funds 0');
  t.is(submit(ledger, carol.did, pay({ id: 'never-had', amount: 1n })), 'insufficient-funds 0');
});

test('what goes back to the issuer is out of circulation', (t) => {
  const ledger = funded();
  t.is(submit(ledger, alice.did, pay({ to: ISSUER, asset: 'steel', amount: 2n })), 'applied');
  const { debitsPosted, creditsPosted } = ledger.account(ISSUER, 'steel');
  t.is(debitsPosted - creditsPosted, 3n);
});

test('a reservation sets aside until it is posted in full', (t) => {
  const ledger = funded();
  t.is(submit(ledger, alice.did, hold()), 'applied');
  t.deepEqual(held(ledger, alice.did), [60n, 40n, 0n]);
  t.deepEqual(held(ledger, bob.did), [0n, 0n, 40n]);
  t.is(submit(ledger, alice.did, pay({ amount: 61n })), 'insufficient-funds 0');
  t.is(submit(ledger, alice.did, post()), 'applied');
  t.deepEqual(held(ledger, alice.did), [60n, 0n, 0n]);
  t.deepEqual(held(ledger, bob.did), [40n, 0n, 0n]);
  const reservation = ledger.reservation(alice.did, 'hold');
  t.is(reservation?.state, 'posted');
  t.deepEqual([reservation?.amount, reservation?.posted, reservation?.remaining], [40n, 40n, 0n]);
});

test('a post in part gives the rest back, or keeps it where it says so', (t) => {
  const ledger = funded();
  submit(ledger, alice.did, hold({ release: 'payee' }));
  t.is(submit(ledger, bob.did, post({ ...fromAlice, id: '1', amount: 15n, rest: 'keep' })), 'applied');
  t.deepEqual(held(ledger, alice.did), [60n, 25n, 0n]);
  t.is(submit(ledger, bob.did, post({ ...fromAlice, id: '2', amount: 26n, rest: 'keep' })), 'exceeds-reservation 0');
  t.is(submit(ledger, bob.did, post({ ...fromAlice, id: '3', amount: 10n })), 'applied');
  t.deepEqual(held(ledger, alice.did), [75n, 0n, 0n]);
  t.deepEqual(held(ledger, bob.did), [25n, 0n, 0n]);
  t.is(ledger.reservation(alice.did, 'hold')?.state, 'posted');
});

test('keeping the rest of what is posted in full resolves it', (t) => {
  const ledger = funded();
  submit(ledger, alice.did, hold());
  t.is(submit(ledger, alice.did, post({ rest: 'keep' })), 'applied');
  t.is(submit(ledger, alice.did, post({ id: 'more', amount: 1n })), 'already-resolved 0');
  t.is(ledger.reservation(alice.did, 'hold')?.state, 'posted');
});

for (const release of ['payer', 'payee'] as const) {
  test(`where the ${release} releases, the other one and strangers may not post`, (t) => {
    const ledger = funded();
    submit(ledger, alice.did, hold({ release }));
    const other = release === 'payer' ? bob : alice;
    t.is(submit(ledger, other.did, post({ ...fromAlice, id: 'other' })), 'not-allowed 0');
    t.is(submit(ledger, carol.did, post(fromAlice)), 'not-allowed 0');
    t.is(submit(ledger, carol.did, giveBack(fromAlice)), 'not-allowed 0');
    const one = release === 'payer' ? alice : bob;
    t.is(submit(ledger, one.did, post({ ...fromAlice, id: 'one' })), 'applied');
  });

  test(`the payee voids at any time, also where the ${release} releases; the payer does not without evidence`, (t) => {
    const ledger = funded();
    submit(ledger, alice.did, hold({ release }));
    t.is(submit(ledger, alice.did, giveBack()), 'evidence-required 0');
    t.deepEqual(held(ledger, alice.did), [60n, 40n, 0n]);
    t.is(submit(ledger, bob.did, giveBack(fromAlice)), 'applied');
    t.deepEqual(held(ledger, alice.did), [100n, 0n, 0n]);
    t.is(ledger.reservation(alice.did, 'hold')?.state, 'voided');
  });
}

test('expiry gives back, in the order of time, payer and id, when time moves', (t) => {
  const ledger = funded();
  for (const [id, expires] of [
    ['late', 3_000],
    ['b', 2_000],
    ['a', 2_000],
    ['early', 1_500],
  ] as const) {
    submit(ledger, alice.did, hold({ id, expires, amount: 5n }));
  }
  t.deepEqual(
    ledger.advance(1_999).map(({ id }) => id),
    ['early'],
  );
  t.deepEqual(
    ledger.advance(2_000).map(({ id }) => id),
    ['a', 'b'],
  );
  t.deepEqual(held(ledger, alice.did), [95n, 5n, 0n]);
  t.deepEqual(ledger.advance(2_000), []);
  t.deepEqual(
    ledger.advance(9_000).map(({ id, state }) => `${id} ${state}`),
    ['late expired'],
  );
  t.deepEqual(faults(ledger), []);
});

test('a kept rest expires like any other', (t) => {
  const ledger = funded();
  submit(ledger, alice.did, hold());
  submit(ledger, alice.did, post({ amount: 10n, rest: 'keep' }));
  ledger.advance(2_000);
  t.deepEqual(held(ledger, alice.did), [90n, 0n, 0n]);
  t.deepEqual(held(ledger, bob.did), [10n, 0n, 0n]);
});

test('many reservations resolved early leave nothing behind in the queue', (t) => {
  const ledger = funded();
  for (let k = 0; k < 5_000; k++) {
    submit(ledger, alice.did, hold({ id: `h${k}`, amount: 1n, expires: 2_000 + (k % 7) }));
    if (k % 50 !== 0) submit(ledger, bob.did, giveBack({ ...fromAlice, id: `v${k}`, reservation: `h${k}` }));
  }
  t.deepEqual(held(ledger, alice.did), [0n, 100n, 0n]);
  const times = ledger.advance(3_000).map(({ expires, id }) => `${expires} ${id}`);
  t.deepEqual(times, times.toSorted());
  t.is(times.length, 100);
  t.deepEqual(faults(ledger), []);
});

test('a chain is applied as a whole, each operation after the other', (t) => {
  const ledger = funded();
  submit(ledger, alice.did, pay({ asset: 'steel', amount: 5n }));
  t.is(
    submit(ledger, alice.did, hold({ amount: 100n }), post({ amount: 30n }), pay({ id: 'p2', amount: 70n })),
    'applied',
  );
  t.deepEqual(held(ledger, bob.did), [100n, 0n, 0n]);
  t.deepEqual(faults(ledger), []);
});

test('delivery against payment: the seller captures and delivers in one chain, or neither', (t) => {
  const ledger = funded();
  submit(ledger, ISSUER, { ...pay({ id: 'gold', to: bob.did, asset: 'gold', amount: 2n }), type: 'issue' });
  submit(ledger, alice.did, hold({ release: 'payee' }));
  const capture = post({ ...fromAlice, amount: 40n });
  const deliver = (amount: bigint): Operation => pay({ id: `${amount}`, to: alice.did, asset: 'gold', amount });
  t.is(submit(ledger, bob.did, capture, deliver(3n)), 'insufficient-funds 1');
  t.deepEqual(held(ledger, alice.did), [60n, 40n, 0n]);
  t.is(submit(ledger, bob.did, capture, deliver(2n)), 'applied');
  t.deepEqual(held(ledger, alice.did, 'gold'), [2n, 0n, 0n]);
  t.deepEqual(held(ledger, bob.did), [40n, 0n, 0n]);
});

const DAY = 86_400_000_000;
const BIGGEST = 10n ** BigInt(LIMITS.amountDigits);

const REFUSALS: readonly (readonly [string, Owner, Operation])[] = [
  ['zero-amount', alice.did, pay({ amount: 0n })],
  ['zero-amount', alice.did, pay({ amount: -1n })],
  ['zero-amount', alice.did, hold({ amount: -1n })],
  ['zero-amount', ISSUER, { ...pay({ amount: -1n }), type: 'issue' }],
  ['zero-amount', alice.did, post({ reservation: 'open', amount: 0n })],
  ['amount-too-large', alice.did, pay({ amount: BIGGEST })],
  ['amount-too-large', alice.did, hold({ amount: BIGGEST })],
  ['amount-too-large', alice.did, post({ reservation: 'open', amount: BIGGEST })],
  ['amount-too-large', ISSUER, { ...pay({ amount: BIGGEST }), type: 'issue' }],
  ['supply-too-large', ISSUER, { ...pay({ amount: BIGGEST - 100n }), type: 'issue' }],
  ['same-account', alice.did, pay({ to: alice.did })],
  ['same-account', alice.did, hold({ to: alice.did })],
  ['same-account', ISSUER, { ...pay({ to: ISSUER }), type: 'issue' }],
  ['not-allowed', alice.did, { ...pay(), type: 'issue' }],
  ['not-allowed', ISSUER, pay()],
  ['not-allowed', ISSUER, hold()],
  ['bad-expiry', alice.did, hold({ expires: 1_000 })],
  ['bad-expiry', alice.did, hold({ expires: 1_001 + 401 * DAY })],
  ['insufficient-funds', alice.did, pay({ amount: 91n })],
  ['insufficient-funds', alice.did, hold({ amount: 91n })],
  ['insufficient-funds', alice.did, pay({ asset: 'gold' })],
  ['unknown-reservation', alice.did, post({ reservation: 'none' })],
  ['unknown-reservation', bob.did, post({ reservation: 'open' })],
  ['unknown-reservation', alice.did, giveBack({ reservation: 'none' })],
  ['exceeds-reservation', alice.did, post({ reservation: 'open', amount: 11n })],
  ['evidence-required', alice.did, giveBack({ reservation: 'open' })],
];

for (const [code, from, operation] of REFUSALS) {
  test(`${code}: ${from === ISSUER ? 'issuer' : 'agent'} ${JSON.stringify(operation, textOf)}`, (t) => {
    const ledger = funded();
    submit(ledger, alice.did, hold({ id: 'open', amount: 10n }));
    const before = held(ledger, alice.did);
    t.is(submit(ledger, from, operation), `${code} 0`);
    t.deepEqual(held(ledger, alice.did), before);
    t.deepEqual(faults(ledger), []);
  });
}

function textOf(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value).slice(0, 9) : typeof value === 'string' ? value.slice(-9) : value;
}

test('the longest life and the largest supply are allowed', (t) => {
  const ledger = funded();
  t.is(submit(ledger, alice.did, hold({ expires: 1_000 + 401 * DAY })), 'applied');
  const issue = (id: string, amount: bigint): Operation => ({ ...pay({ id, amount }), type: 'issue' });
  t.is(submit(ledger, ISSUER, issue('all', BIGGEST - 101n)), 'applied');
  t.is(submit(ledger, ISSUER, issue('one', 1n)), 'supply-too-large 0');
  t.is(submit(ledger, bob.did, pay({ to: ISSUER, amount: 5n })), 'applied');
  t.is(submit(ledger, ISSUER, issue('six', 6n)), 'supply-too-large 0');
  t.is(submit(ledger, ISSUER, issue('five', 5n)), 'applied', 'what was taken back can be issued again');
});

test('a chain of none or too many operations is refused as a whole', (t) => {
  const ledger = funded({ limits: { chainOperations: 2 } });
  t.is(submit(ledger, alice.did), 'empty-chain null');
  const chain = [pay({ id: '1' }), pay({ id: '2' }), pay({ id: '3' })];
  t.is(submit(ledger, alice.did, ...chain), 'chain-too-long null');
  t.is(submit(ledger, alice.did, ...chain.slice(1)), 'applied');
});

test('a payer has so many reservations open; a resolved one makes room', (t) => {
  const ledger = funded({ limits: { openReservations: 2 } });
  for (const id of ['1', '2']) t.is(submit(ledger, alice.did, hold({ id, amount: 1n })), 'applied');
  t.is(submit(ledger, alice.did, hold({ id: '3', amount: 1n })), 'too-many-reservations 0');
  submit(ledger, bob.did, giveBack({ ...fromAlice, reservation: '1' }));
  t.is(submit(ledger, alice.did, hold({ id: '4', amount: 1n })), 'applied');
  ledger.advance(2_000);
  t.is(submit(ledger, alice.did, hold({ id: '5', amount: 1n, expires: 3_000 })), 'applied');
});

test('a ledger remembers so many operations, and so many of one owner', (t) => {
  const one = funded({ limits: { ledgerOperationsOfOwner: 2 } });
  t.is(submit(one, alice.did, pay({ id: '1' })), 'applied');
  t.is(submit(one, alice.did, pay({ id: '2' }), pay({ id: '3' })), 'ledger-full 1');
  t.is(submit(one, alice.did, pay({ id: '2' })), 'applied');
  t.is(submit(one, alice.did, pay({ id: '3' })), 'ledger-full 0');
  t.is(submit(one, alice.did, pay({ id: '2' })), 'applied', 'what is remembered is answered');
  t.is(submit(one, bob.did, pay({ id: '1', to: alice.did })), 'applied');
  const all = funded({ limits: { ledgerOperations: 3 } });
  t.is(all.operations, 2);
  t.is(submit(all, alice.did, pay({ id: '1' })), 'applied');
  t.is(submit(all, bob.did, pay({ id: '1', to: alice.did })), 'ledger-full 0');
});

test('time does not run backwards, and is whole', (t) => {
  const ledger = funded();
  for (const now of [999, 1_000.5, Number.NaN]) {
    t.throws(() => ledger.advance(now), { code: 'bad-time' });
    t.throws(() => ledger.apply({ from: alice.did, operations: [pay()] }, now), { code: 'bad-time' });
  }
  t.is(ledger.now, 1_000);
});

test('an account never touched has nothing', (t) => {
  const ledger = createLedger();
  t.deepEqual(held(ledger, alice.did), [0n, 0n, 0n]);
  t.is(ledger.reservation(alice.did, 'none'), null);
  t.is(say({ type: 'refused', code: 'unsigned', index: null }), 'unsigned null');
});

const stranger = (n: number): Did =>
  nodeBackend.signer(Uint8Array.from({ length: 32 }, (_, at) => (n >> (8 * at)) & 0xff)).did;

test('refused chains leave nothing behind in the ledger, whomever they named', (t) => {
  const ledger = funded();
  const before = JSON.stringify(ledger.books().map(({ owner }) => owner));
  for (let round = 0; round < 20; round++) {
    const to = Array.from({ length: 10 }, (_, n) => stranger(10 * round + n));
    const chain = [
      ...to.map((did, n) => pay({ id: `p${n}`, to: did, amount: 1n })),
      hold({ id: 'h', to: stranger(1_000 + round), amount: 1n }),
      { type: 'post', id: 'q', reservation: 'h', amount: 1n },
      pay({ id: 'zero', amount: 0n }),
    ] as const;
    t.is(submit(ledger, alice.did, ...chain), 'zero-amount 12');
    t.is(submit(ledger, stranger(2_000 + round), pay({ amount: 0n })), 'zero-amount 0');
  }
  t.is(JSON.stringify(ledger.books().map(({ owner }) => owner)), before);
  t.deepEqual(held(ledger, alice.did), [100n, 0n, 0n]);
  t.deepEqual(faults(ledger), []);
});
