import test from 'ava';
import { nodeBackend } from '../../../agent-core/adapters/node-crypto.ts';
import { portableBackend } from '../../../agent-core/identity/portable.ts';
import type { SignatureBackend, Signer } from '../../../agent-core/identity/signer.ts';
import { createEvidenceCheck } from '../../../agent-core/ledger/evidence-check.ts';
import type { Ledger } from '../../../agent-core/ledger/ledger.ts';
import type { Operation } from '../../../agent-core/ledger/operation.ts';
import { isOpenChain, openChain, sealChain, type SealedChain } from '../../../agent-core/ledger/sealed-chain.ts';
import { encodeBase64Url } from '../../../agent-core/identity/encoding.ts';
import { encodeEnvelope, type Envelope } from '../../../agent-core/message/envelope.ts';
import { createVerifiedRoots } from '../../../agent-core/message/evidence.ts';
import type { RecordedMessage } from '../../../agent-core/message/open.ts';
import { createSealer, type SigningMode } from '../../../agent-core/message/seal.ts';
import { signable, type SigningPurpose } from '../../../agent-core/message/signable.ts';
import { subjects } from '../../../agent-core/bus/subjects.ts';
import { alice, bob, carol, faults, funded, held, hold, pay, say } from './parties.ts';

const REALM = 'test';

function open(
  sealed: SealedChain,
  requireSignature = true,
  backend: SignatureBackend = nodeBackend,
): string | Operation[] {
  const opened = openChain(sealed, { realm: REALM, backend, requireSignature });
  return isOpenChain(opened) ? [...opened.operations] : say(opened);
}

/** Hands a sealed chain to a ledger as the keeper of a book does. */
function handIn(ledger: Ledger, sealed: SealedChain, now = ledger.now): string {
  const opened = openChain(sealed, { realm: REALM, backend: nodeBackend, requireSignature: true });
  return say(isOpenChain(opened) ? ledger.apply(opened, now) : opened);
}

const sealed = (signer: Signer, ...operations: readonly Operation[]): SealedChain =>
  sealChain(REALM, { from: signer.did, operations }, signer);

const book = (): Ledger =>
  funded({
    checkEvidence: createEvidenceCheck({
      realm: REALM,
      backend: nodeBackend,
      verifiedRoots: createVerifiedRoots(),
      requireSignature: true,
    }),
  });

test('what is sealed is what is opened, by either backend, and says the same in all its fields', (t) => {
  const operations: readonly Operation[] = [
    pay({ reference: 'd.1~x' }),
    hold({ amount: 10n ** 29n }),
    { type: 'issue', id: 'i', to: 'issuer', asset: 'a-b9', amount: 1n },
    { type: 'post', id: 'p/1:x', reservation: 'r', payer: bob.did, amount: 5n, rest: 'keep' },
    { type: 'void', id: 'v', reservation: 'r', evidence: { subject: 's', payload: 'p', headers: { a: 'b' } } },
  ];
  for (const backend of [nodeBackend, portableBackend]) {
    t.deepEqual(open(sealed(alice, ...operations), true, backend), [...operations]);
  }
  t.deepEqual(open(sealChain(REALM, { from: alice.did, operations }, null), false), [...operations]);
});

test('a signed chain handed in again has no second effect', (t) => {
  const ledger = book();
  const chain = sealed(alice, pay(), hold());
  for (let k = 0; k < 5; k++) t.is(handIn(ledger, chain, 1_000 + k), 'applied');
  t.deepEqual(held(ledger, alice.did), [50n, 40n, 0n]);
  t.is(handIn(ledger, chain, 9_000), 'applied');
  t.deepEqual(held(ledger, bob.did), [10n, 0n, 0n]);
});

test('a chain signed twice, or spelled with another signature, is still the same chain', (t) => {
  const ledger = book();
  t.is(handIn(ledger, sealed(alice, pay())), 'applied');
  t.is(handIn(ledger, sealed(alice, pay(), pay())), 'applied');
  t.deepEqual(held(ledger, bob.did), [10n, 0n, 0n]);
});

test('money is spent once, whatever the chains that try', (t) => {
  const ledger = book();
  t.is(handIn(ledger, sealed(alice, pay({ amount: 80n }))), 'applied');
  t.is(handIn(ledger, sealed(alice, pay({ id: '2', to: carol.did, amount: 80n }))), 'insufficient-funds 0');
  t.is(handIn(ledger, sealed(alice, hold({ to: carol.did, amount: 21n }))), 'insufficient-funds 0');
  t.is(
    handIn(ledger, sealed(alice, hold({ id: 'h2', amount: 15n }), pay({ id: '3', amount: 6n }))),
    'insufficient-funds 1',
  );
  t.is(handIn(ledger, sealed(alice, hold({ id: 'h2', amount: 20n }))), 'applied');
  t.is(handIn(ledger, sealed(bob, pay({ to: alice.did, amount: 81n }))), 'insufficient-funds 0');
  t.deepEqual(held(ledger, alice.did), [0n, 20n, 0n]);
});

test('what is reserved for somebody cannot be spent by it before it is posted', (t) => {
  const ledger = book();
  handIn(ledger, sealed(alice, hold()));
  t.is(handIn(ledger, sealed(bob, pay({ to: carol.did, amount: 1n }))), 'insufficient-funds 0');
});

test('a chain that fails at its end leaves no trace of its beginning', (t) => {
  const ledger = book();
  const chain = [pay({ id: '1' }), hold(), { type: 'post', id: 'p', reservation: 'hold', amount: 7n } as const];
  t.is(handIn(ledger, sealed(alice, ...chain, pay({ id: '4', amount: 84n }))), 'insufficient-funds 3');
  t.deepEqual(held(ledger, alice.did), [100n, 0n, 0n]);
  t.deepEqual(held(ledger, bob.did), [0n, 0n, 0n]);
  t.is(ledger.reservation(alice.did, 'hold'), null);
  t.deepEqual(ledger.advance(3_000), []);
  t.deepEqual(faults(ledger), []);
});

test('undoing a chain brings back a reservation that it had posted, voided or used up', (t) => {
  const ledger = book();
  handIn(ledger, sealed(alice, hold({ id: 'a', amount: 30n, release: 'payee' }), hold({ id: 'b', amount: 20n })));
  const chain = sealed(
    bob,
    { type: 'post', id: '1', payer: alice.did, reservation: 'a', amount: 10n, rest: 'keep' },
    { type: 'post', id: '2', payer: alice.did, reservation: 'a', amount: 5n },
    { type: 'void', id: '3', payer: alice.did, reservation: 'b' },
    { type: 'void', id: '4', payer: alice.did, reservation: 'b' },
  );
  t.is(handIn(ledger, chain), 'already-resolved 3');
  t.deepEqual(held(ledger, alice.did), [50n, 50n, 0n]);
  t.deepEqual(faults(ledger), []);
  t.deepEqual(
    ledger.advance(2_000).map(({ id, remaining }) => `${id} ${remaining}`),
    ['a 0', 'b 0'],
  );
  t.deepEqual(held(ledger, alice.did), [100n, 0n, 0n]);
});

test('a reservation is resolved once: no second post, no void after it, no post after a void', (t) => {
  const ledger = book();
  handIn(ledger, sealed(alice, hold({ id: 'a', amount: 30n }), hold({ id: 'b', amount: 20n })));
  const post = (id: string, reservation: string, amount: bigint): SealedChain =>
    sealed(alice, { type: 'post', id, reservation, amount });
  const void_ = (id: string, reservation: string): SealedChain =>
    sealed(bob, { type: 'void', id, reservation, payer: alice.did });
  t.is(handIn(ledger, post('1', 'a', 31n)), 'exceeds-reservation 0');
  t.is(handIn(ledger, post('2', 'a', 10n)), 'applied');
  t.is(handIn(ledger, post('3', 'a', 1n)), 'already-resolved 0');
  t.is(handIn(ledger, void_('4', 'a')), 'already-resolved 0');
  t.is(handIn(ledger, void_('5', 'b')), 'applied');
  t.is(handIn(ledger, post('6', 'b', 1n)), 'already-resolved 0');
  t.is(handIn(ledger, void_('7', 'b')), 'already-resolved 0');
  t.deepEqual(held(ledger, alice.did), [90n, 0n, 0n]);
});

test('at the instant of expiry a reservation has expired, one microsecond before it has not', (t) => {
  for (const [now, answer] of [
    [1_999, 'applied'],
    [2_000, 'reservation-expired 0'],
  ] as const) {
    const ledger = book();
    handIn(ledger, sealed(alice, hold()));
    t.is(handIn(ledger, sealed(alice, { type: 'post', id: 'p', reservation: 'hold', amount: 40n }), now), answer);
    const other = book();
    handIn(other, sealed(alice, hold()));
    t.is(handIn(other, sealed(bob, { type: 'void', id: 'v', reservation: 'hold', payer: alice.did }), now), answer);
    t.deepEqual(faults(ledger), []);
  }
});

test('nobody debits an account of another: a chain is by its signer', (t) => {
  const ledger = book();
  const chain = sealed(alice, pay());
  t.is(handIn(ledger, { ...chain, from: bob.did }), 'bad-signature null');
  const forged = sealed(bob, pay({ to: carol.did }));
  t.is(handIn(ledger, { ...forged, from: alice.did }), 'bad-signature null');
  const claimed = sealChain(REALM, { from: alice.did, operations: [pay()] }, bob);
  t.is(handIn(ledger, claimed), 'bad-signature null');
  t.is(handIn(ledger, { ...claimed, from: bob.did }), 'sender-mismatch null');
  t.is(open({ ...chain, from: 'issuer' as typeof alice.did }), 'malformed-chain null');
  t.deepEqual(held(ledger, alice.did), [100n, 0n, 0n]);
});

test('a signature is over these bytes, for this purpose, strictly checked, and required', (t) => {
  const chain = sealed(alice, pay());
  t.is(open({ ...chain, signature: null }), 'unsigned null');
  t.true(Array.isArray(open({ ...chain, signature: null }, false)));
  const changed = chain.text.replace('"amount":"10"', '"amount":"99"');
  t.is(open({ ...chain, text: changed }), 'bad-signature null');
  t.is(open({ ...chain, text: changed }, false), 'bad-signature null', 'a signature that is there is checked');
  for (const signature of ['', 'x', '!', encodeBase64Url(new Uint8Array(64)), `${chain.signature}A`]) {
    t.is(open({ ...chain, signature }), 'bad-signature null');
  }
  const sign = (purpose: SigningPurpose): string => encodeBase64Url(alice.sign(signable(purpose, chain.text)));
  t.is(open({ ...chain, signature: sign('message') }), 'bad-signature null');
  t.is(sign('transfer'), chain.signature ?? '');
  // S + L: the same point equation, other bytes (RFC 8032 section 5.1.7 demands S < L).
  const bytes = alice.sign(signable('transfer', chain.text));
  let carry = 0;
  const order = Buffer.from('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010', 'hex');
  for (const [i, byte] of order.entries()) {
    carry += (bytes[32 + i] ?? 0) + byte;
    bytes[32 + i] = carry & 0xff;
    carry >>= 8;
  }
  t.is(open({ ...chain, signature: encodeBase64Url(bytes) }), 'bad-signature null');
});

const signText = (text: string): SealedChain => ({
  from: alice.did,
  text,
  signature: text.isWellFormed() ? encodeBase64Url(alice.sign(signable('transfer', text))) : null,
  evidence: [],
});

const MALFORMED: readonly (readonly [string, (text: string) => string])[] = [
  ['malformed-chain null', () => ''],
  ['malformed-chain null', () => 'null'],
  ['malformed-chain null', (text) => ` ${text}`],
  ['malformed-chain null', (text) => text.slice(0, -1)],
  ['malformed-chain null', (text) => text.replace('"v":1', '"v":2')],
  ['malformed-chain null', (text) => text.replace('"v":1', '"v":1,"w":1')],
  ['malformed-chain null', (text) => text.replace(/"operations":.*"realm"/, '"operations":{},"realm"')],
  ['malformed-chain null', (text) => text.replace('"realm":"test"', '"realm":"\ud800"')],
  ['wrong-realm null', (text) => text.replace('"realm":"test"', '"realm":"tset"')],
  ['sender-mismatch null', (text) => text.replace(/"from":"[^"]*"/, '"from":"issuer"')],
  ['malformed-chain 0', (text) => text.replace('"type":"transfer"', '"type":"mint"')],
  ['malformed-chain 0', (text) => text.replace('"type":"transfer"', '"type":"issue","v":1')],
  ['malformed-chain 0', (text) => text.replace('"amount":"10"', '"amount":"010"')],
  ['malformed-chain 0', (text) => text.replace('"amount":"10"', '"amount":"-10"')],
  ['malformed-chain 0', (text) => text.replace('"amount":"10"', '"amount":10')],
  ['malformed-chain 0', (text) => text.replace('"amount":"10"', `"amount":"1${'0'.repeat(60)}"`)],
  ['malformed-chain 0', (text) => text.replace('"id":"pay"', '"id":"p y"')],
  ['malformed-chain 0', (text) => text.replace('"id":"pay"', `"id":"${'p'.repeat(193)}"`)],
  ['malformed-chain 0', (text) => text.replace('"asset":"token"', '"asset":"Token"')],
  ['malformed-chain 0', (text) => text.replace('"asset":"token"', `"asset":"${'t'.repeat(65)}"`)],
  ['malformed-chain 0', (text) => text.replace(/"to":"[^"]*"/, '"to":"bob"')],
  ['malformed-chain 0', (text) => text.replace(/"to":"[^"]*"/, '"to":7')],
  ['malformed-chain null', (text) => text.replace(/"to":"[^"]*"/, '"to":["issuer"]')],
  ['malformed-chain 0', (text) => text.replace(/\[.*\]/, '[7]')],
  ['chain-too-large null', (text) => text.replace('"id":"pay"', `"id":"${'p'.repeat(300_000)}"`)],
];

for (const [answer, spoil] of MALFORMED) {
  const text = sealed(alice, pay()).text;
  test(`${answer}: also signed, ${spoil(text)
    .slice(0, 420)
    .replaceAll(/did:key:\w+/g, 'did')}`, (t) => {
    t.not(spoil(text), text);
    t.is(open(signText(spoil(text)), spoil(text).isWellFormed()), answer);
  });
}

test('an amount that is well-formed but too large has its own code, also from the wire', (t) => {
  const ledger = book();
  const text = sealed(alice, pay()).text.replace('"amount":"10"', `"amount":"${10n ** 30n}"`);
  t.is(handIn(ledger, signText(text)), 'amount-too-large 0');
});

test('what cannot be said throws before it is sealed, naming the field', (t) => {
  const bad =
    (changes: object): (() => unknown) =>
    () =>
      sealed(alice, pay(changes));
  t.throws(bad({ amount: -1n }), { code: 'malformed-operation', message: /amount/ });
  t.throws(bad({ id: '' }), { code: 'malformed-operation', message: /id: 1 to 192/ });
  t.throws(bad({ asset: 'a--b' }), { code: 'malformed-operation', message: /asset/ });
  t.throws(bad({ reference: 'a/b' }), { code: 'malformed-operation', message: /reference/ });
  t.throws(() => sealed(alice, hold({ expires: 1.5 })), { code: 'malformed-operation', message: /expires/ });
  t.throws(() => sealed(alice, hold({ release: 'both' as 'payer' })), {
    code: 'malformed-operation',
    message: /release/,
  });
  const many = Array.from({ length: 257 }, (_, k) => pay({ id: `${k}` }));
  t.throws(() => sealed(alice, ...many), { code: 'chain-too-long', message: /257/ });
  const fat = many
    .slice(1)
    .map((_, k) =>
      hold({ id: `${k}`.padEnd(192, 'x'), asset: 'a'.repeat(64), reference: 'r'.repeat(128), amount: 10n ** 59n }),
    );
  t.true(sealed(alice, ...fat).text.length < 262_144, 'the longest of all chains fits');
});

function failure(changes: Partial<Envelope> = {}, by: Signer = bob, mode: SigningMode = 'each'): RecordedMessage {
  const payload = encodeEnvelope({
    v: 1,
    id: 'm-9',
    realm: REALM,
    from: by.did,
    to: alice.did,
    protocol: 'haul/1.0.0/Zm9vYmFy',
    dialogue: 'd-1',
    seq: 4,
    re: null,
    type: 'failure',
    body: { code: 'broken', reason: '' },
    sent: 900,
    exp: 1_900,
    by: 2_000,
    ...changes,
  });
  const [sealedMessage] = createSealer({ mode, signer: by, backend: nodeBackend }).seal([payload]);
  if (sealedMessage === undefined) throw new TypeError('a sealer seals each payload');
  return { subject: subjects.inbox(REALM, alice.nkey, by.nkey), ...sealedMessage };
}

function voidWith(evidence: RecordedMessage, changes: Parameters<typeof hold>[0] = {}): string {
  const ledger = book();
  handIn(ledger, sealed(alice, hold(changes)));
  return handIn(ledger, sealed(alice, { type: 'void', id: 'v', reservation: 'hold', evidence }));
}

test('the payer has its money back with the failure that the payee signed in that dialogue', (t) => {
  t.is(voidWith(failure()), 'applied');
  t.is(voidWith(failure({}, bob, 'batch')), 'applied');
  t.is(voidWith(failure(), { release: 'payee' }), 'applied');
});

const WORTHLESS: readonly (readonly [string, RecordedMessage, Parameters<typeof hold>[0]?])[] = [
  ['says something else', failure({ type: 'inform' })],
  ['says that it was not understood', failure({ type: 'not-understood' })],
  ['is of another dialogue', failure({ dialogue: 'd-2' })],
  ['is of another realm', failure({ realm: 'other' })],
  ['is to another payer', failure({ to: carol.did })],
  [
    'is signed by the payer itself',
    { ...failure({ to: bob.did }, alice), subject: subjects.inbox(REALM, bob.nkey, alice.nkey) },
  ],
  ['is signed by a stranger', failure({}, carol)],
  [
    'is signed by a stranger in the name of the payee',
    { ...failure({ from: bob.did }, carol), subject: failure().subject },
  ],
  ['is not signed', { ...failure(), headers: {} }],
  ['was changed', { ...failure(), payload: failure().payload.replace('broken', 'brokeN') }],
  ['is no message', { subject: failure().subject, payload: '{}', headers: failure().headers }],
  ['is about a reservation for the issuer', failure(), { to: 'issuer' }],
];

for (const [what, evidence, changes] of WORTHLESS) {
  test(`a payer convinces nobody with a message that ${what}`, (t) => {
    t.is(voidWith(evidence, changes), 'bad-evidence 0');
  });
}

test('a payer convinces nobody where its reservation names no dialogue', (t) => {
  const { reference: _none, ...nameless } = hold();
  const ledger = book();
  t.is(handIn(ledger, sealed(alice, nameless)), 'applied');
  t.is(
    handIn(ledger, sealed(alice, { type: 'void', id: 'v', reservation: 'hold', evidence: failure() })),
    'bad-evidence 0',
  );
});

test('evidence is no part of the content: it neither makes another operation nor saves a refused one', (t) => {
  const ledger = book();
  handIn(ledger, sealed(alice, hold()));
  const plain = { type: 'void', id: 'v', reservation: 'hold' } as const;
  t.is(handIn(ledger, sealed(alice, plain)), 'evidence-required 0');
  t.is(handIn(ledger, sealed(alice, { ...plain, evidence: failure() })), 'evidence-required 0');
  t.is(sealed(alice, { ...plain, evidence: failure() }).text, sealed(alice, plain).text);
  t.is(handIn(ledger, sealed(alice, { ...plain, id: 'w', evidence: failure() })), 'applied');
  t.is(handIn(ledger, sealed(alice, { ...plain, id: 'w' })), 'applied');
});

test('evidence for an operation that is not there or is no void is ignored', (t) => {
  const ledger = book();
  const evidence = [7, 0, -1, Number.NaN].map((index) => ({ index, message: failure() }));
  t.is(handIn(ledger, { ...sealed(alice, pay()), evidence }), 'applied');
});

test('a chain whose parts are of the wrong kind is malformed, and nothing throws', (t) => {
  const ledger = book();
  handIn(ledger, sealed(alice, hold()));
  const chain = sealed(alice, { type: 'void', id: 'v', reservation: 'hold', evidence: failure() });
  const message = failure();
  const wrong: readonly object[] = [
    { from: 5 },
    { text: null },
    { signature: 7 },
    { evidence: null },
    { evidence: [null] },
    { evidence: [{ index: '0', message }] },
    { evidence: [{ index: 0, message: null }] },
    { evidence: [{ index: 0, message: { ...message, payload: 4 } }] },
    { evidence: [{ index: 0, message: { ...message, subject: undefined } }] },
    { evidence: [{ index: 0, message: { ...message, headers: null } }] },
    { evidence: [{ index: 0, message: { ...message, headers: { 'Haggle-Sig': 1 } } }] },
    { evidence: Array.from({ length: 257 }, () => ({ index: 0, message })) },
  ];
  for (const change of wrong) t.is(handIn(ledger, { ...chain, ...change }), 'malformed-chain null');
  t.is(handIn(ledger, chain), 'applied');
});
