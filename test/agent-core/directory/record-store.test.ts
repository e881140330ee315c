import test from 'ava';
import * as fc from 'fast-check';
import { checkRecordFraud } from '../../../agent-core/directory/fraud.ts';
import { createRecordStore, type RecordStore, type StoreLimits } from '../../../agent-core/directory/record-store.ts';
import { encodeBase64Url } from '../../../agent-core/identity/encoding.ts';
import { LIMITS } from '../../../agent-core/limits.ts';
import { backend, HOUR, key, NOW, recordOf, sealed } from './records.ts';

const [alice, bob, carol] = [key(1), key(2), key(3)];
const reader = { agent: key(99).did, now: NOW };
const here = { now: NOW, via: 'here' };

function store(limits: Partial<StoreLimits> = {}): RecordStore {
  return createRecordStore({ realm: 'test', backend, limits: { ...LIMITS, ...limits } });
}

function codeOf(taken: ReturnType<RecordStore['take']>): string {
  return typeof taken === 'string' ? taken : taken.refused;
}

function take(into: RecordStore, text: string, arrival = here): string {
  return codeOf(into.take(text, arrival));
}

test('finds an agent by what its newest record says', (t) => {
  const s = store();
  t.is(take(s, sealed(alice)), 'news');
  t.is(take(s, sealed(alice)), 'known');
  t.is(take(s, sealed(alice, { seq: 2, tags: ['region:south'] })), 'news');
  t.deepEqual(s.find({ tags: ['region:north'] }, reader), []);
  t.deepEqual(
    s.find({ tags: ['region:south'] }, reader).map(({ agent }) => agent),
    [alice.did],
  );
  t.is(s.seqOf(alice.did), 2);
});

test('refuses a lower number, and holds what it says against its agent all the same', (t) => {
  const s = store();
  take(s, sealed(alice, { seq: 5 }));
  t.is(take(s, sealed(alice, { seq: 4 })), 'older-seq');
  t.is(take(s, sealed(alice, { seq: 4, tags: [] })), 'convicted');
});

test('convicts who signs two contents under one number, for good and so that others can check it', (t) => {
  const s = store();
  take(s, sealed(alice));
  t.is(take(s, sealed(alice, { tags: [] })), 'convicted');
  t.deepEqual(s.find({}, reader), []);
  t.is(take(s, sealed(alice, { seq: 9 })), 'convicted');
  t.is(s.agents, 0);
  const [proof] = s.proofs;
  t.truthy(proof);
  if (proof === undefined) return;
  t.like(checkRecordFraud(proof, backend), { verdict: 'fraud', culprit: alice.did, seq: 1, realm: 'test' });
  const other = store();
  take(other, sealed(alice, { seq: 7 }));
  t.true(other.convict(proof));
  t.deepEqual(other.find({}, reader), []);
});

test('convicts nobody on a proof that shows nothing', (t) => {
  const s = store();
  const first = sealed(alice);
  const proofs = [
    [first, first, 'same-content'],
    [first, sealed(bob), 'other-agent'],
    [first, sealed(alice, { realm: 'other' }), 'other-realm'],
    [first, sealed(alice, { seq: 2 }), 'other-seq'],
    [first, `${first}x`, 'record-refused'],
    ['x', first, 'record-refused'],
  ] as const;
  for (const [one, two, reason] of proofs) {
    t.like(checkRecordFraud({ first: one, second: two }, backend), { verdict: 'no-fraud', reason });
    t.false(s.convict({ first: one, second: two }), reason);
  }
  const elsewhere = { first: sealed(alice, { realm: 'other' }), second: sealed(alice, { realm: 'other', tags: [] }) };
  t.is(checkRecordFraud(elsewhere, backend).verdict, 'fraud');
  t.false(s.convict(elsewhere));
});

test('forgets no agent before its record expires, and finds none after', (t) => {
  const s = store();
  take(s, sealed(alice));
  t.is(s.find({}, { ...reader, now: NOW + HOUR }).length, 1);
  t.is(s.find({}, { ...reader, now: NOW + HOUR + 1 }).length, 0);
  t.is(s.recordOf(alice.did, NOW + HOUR + 1), undefined);
});

test('finds nobody who has taken their records back, not even by an older record that comes late', (t) => {
  const s = store();
  take(s, sealed(alice, { seq: 2, issued: NOW, expires: NOW }));
  t.is(take(s, sealed(alice, { seq: 1 })), 'older-seq');
  t.deepEqual(s.find({}, reader), []);
  t.is(s.recordOf(alice.did, NOW), undefined);
});

test('an asker does not find itself', (t) => {
  const s = store();
  take(s, sealed(alice));
  take(s, sealed(bob));
  t.deepEqual(
    s.find({}, { agent: alice.did, now: NOW }).map(({ agent }) => agent),
    [bob.did],
  );
});

test('a card says what the record says', (t) => {
  const s = store();
  const box = encodeBase64Url(new Uint8Array(32).fill(1));
  take(s, sealed(alice, { name: 'alice', box }));
  const { v, realm, seq, ...card } = recordOf(alice, { name: 'alice', box });
  t.deepEqual([v, realm, seq], [1, 'test', 1]);
  t.deepEqual(s.find({}, reader), [card]);
  t.deepEqual(s.sealed(NOW), [sealed(alice, { name: 'alice', box })]);
});

test('keeps the newest few records of an agent', (t) => {
  const s = store({ recordsOfAgent: 2 });
  for (const seq of [1, 2, 3]) take(s, sealed(alice, { seq }));
  // Number 1 is forgotten, so that nobody can hold this against it.
  t.is(take(s, sealed(alice, { seq: 1, tags: [] })), 'older-seq');
  t.is(take(s, sealed(alice, { seq: 3, tags: [] })), 'convicted');
});

test('a full store takes a newcomer in the place of one that expired, or of one brought by who brings many', (t) => {
  const full = () => {
    const s = store({ directoryAgents: 3 });
    take(s, sealed(key(10), { expires: NOW + 30 }), { now: NOW, via: 'flood' });
    take(s, sealed(key(11), { expires: NOW + 20 }), { now: NOW, via: 'flood' });
    take(s, sealed(key(12), { expires: NOW + 10 }), { now: NOW, via: 'itself' });
    return s;
  };
  const known = (s: RecordStore) => [10, 11, 12].filter((number) => s.recordOf(key(number).did, NOW) !== undefined);
  const flooded = full();
  t.is(take(flooded, sealed(key(13)), { now: NOW, via: 'flood' }), 'directory-full');
  t.is(take(flooded, sealed(key(14)), { now: NOW, via: 'stranger' }), 'news');
  t.deepEqual(known(flooded), [10, 12]);
  t.is(take(flooded, sealed(key(15)), { now: NOW, via: 'another' }), 'directory-full');
  const later = full();
  t.is(take(later, sealed(key(13), { issued: NOW + 11 }), { now: NOW + 11, via: 'flood' }), 'news');
  t.deepEqual(known(later), [10, 11]);
});

test('remembers a bounded number of convictions, the latest', (t) => {
  const s = store({ convictedAgents: 2 });
  for (const signer of [alice, bob, carol]) {
    take(s, sealed(signer));
    take(s, sealed(signer, { tags: [] }));
  }
  t.is(s.proofs.length, 2);
  t.is(take(s, sealed(alice)), 'news');
  t.is(take(s, sealed(carol)), 'convicted');
});

/** Few agents, few numbers, few contents: so that everything collides. */
const pool = [alice, bob, carol].flatMap((signer) =>
  [1, 2, 3].flatMap((seq) => [[], ['a'], ['b']].map((tags) => sealed(signer, { seq, tags }))),
);
const someRecords = fc.array(fc.nat(pool.length - 1), { maxLength: 12 });

/** What can be seen of a store that took these records. */
function storeOf(...lists: readonly (readonly number[])[]): unknown {
  const s = store();
  for (const index of lists.flat()) s.take(pool[index] ?? '', here);
  const found = s.find({}, reader);
  const convicted = [alice, bob, carol].filter((signer) => take(s, sealed(signer, { seq: 99 })) === 'convicted');
  return { found, convicted: convicted.map(({ did }) => did) };
}

test('taking records is commutative, associative and idempotent', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(someRecords, someRecords, someRecords, (a, b, c) => {
        const all = JSON.stringify(storeOf(a, b, c));
        t.is(JSON.stringify(storeOf(c, a, b)), all);
        t.is(JSON.stringify(storeOf(b, c, a, c, b, a)), all);
        t.is(JSON.stringify(storeOf([...a, ...b, ...c].toReversed())), all);
      }),
      { seed: 41, numRuns: 60 },
    ),
  );
});

test('two stores that hand each other what they know agree on every honest agent', (t) => {
  const honest = [alice, bob, carol].flatMap((signer) => [1, 2, 3].map((seq) => sealed(signer, { seq })));
  const some = fc.array(fc.constantFrom(...honest));
  t.notThrows(() =>
    fc.assert(
      fc.property(some, some, (mine, yours) => {
        const [a, b] = [store(), store()];
        for (const text of mine) a.take(text, here);
        for (const text of yours) b.take(text, here);
        for (const text of a.sealed(NOW)) b.take(text, here);
        for (const text of b.sealed(NOW)) a.take(text, here);
        t.deepEqual(a.find({}, reader), b.find({}, reader));
      }),
      { seed: 42, numRuns: 60 },
    ),
  );
});
