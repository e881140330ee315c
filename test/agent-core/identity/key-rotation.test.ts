import test from 'ava';
import * as fc from 'fast-check';
import { nodeBackend } from '../../../agent-core/adapters/node-crypto.ts';
import { openKeyRotation, signKeyRotation } from '../../../agent-core/identity/key-rotation.ts';
import { portableBackend } from '../../../agent-core/identity/portable.ts';
import type { Signer } from '../../../agent-core/identity/signer.ts';
import { canonicalize } from '../../../agent-core/message/canonical.ts';
import { signable, SIGNING_PURPOSES } from '../../../agent-core/message/signable.ts';

const signerOf = (byte: number): Signer => nodeBackend.signer(new Uint8Array(32).fill(byte));
const [old, next, eve] = [signerOf(1), signerOf(2), signerOf(3)];
const since = 1_800_000_000_000_000;
const text = signKeyRotation({ old, next, since });

const open = (changed: string): unknown => openKeyRotation(nodeBackend, changed);

/** A rotation of these parts, signed by whom they say and under the purpose they say. */
function forged(parts: {
  readonly statement: string;
  readonly signed?: Signer;
  readonly accepted?: Signer;
  readonly purpose?: (typeof SIGNING_PURPOSES)[number];
}): string {
  const { statement, signed = old, accepted = next, purpose = 'key-rotation' } = parts;
  const sign = (signer: Signer): string => Buffer.from(signer.sign(signable(purpose, statement))).toString('base64url');
  return canonicalize({ accepted: sign(accepted), signed: sign(signed), statement });
}

const statementOf = (fields: object): string => canonicalize({ from: old.did, since, to: next.did, v: 1, ...fields });

test('what both keys signed is read, with every backend', (t) => {
  for (const backend of [nodeBackend, portableBackend]) {
    t.deepEqual(openKeyRotation(backend, text), { from: old.did, to: next.did, since });
  }
  t.is(forged({ statement: statementOf({}) }), text);
});

test('a stranger can neither take over a name nor be given one', (t) => {
  const statement = statementOf({});
  t.is(open(forged({ statement, signed: eve })), null);
  t.is(open(forged({ statement, accepted: eve })), null);
  t.is(open(forged({ statement: statementOf({ to: eve.did }) })), null);
  t.is(open(forged({ statement: statementOf({ from: eve.did }) })), null);
});

test('a signature for another purpose is none for a rotation', (t) => {
  for (const purpose of SIGNING_PURPOSES) {
    const opened = open(forged({ statement: statementOf({}), purpose }));
    t.is(opened === null, purpose !== 'key-rotation', purpose);
  }
});

test('statements that say too much, too little or something else are refused though both signed them', (t) => {
  const bad = [
    statementOf({ v: 2 }),
    statementOf({ since: -1 }),
    statementOf({ since: 1.5 }),
    statementOf({ since: String(since) }),
    statementOf({ also: 1 }),
    statementOf({ from: 'did:key:z6Mk' }),
    canonicalize({ from: old.did, since, to: next.did }),
    `${statementOf({})} `,
    JSON.stringify({ v: 1, from: old.did, since, to: next.did }),
    '[]',
    'null',
    '',
  ];
  for (const statement of bad) t.is(open(forged({ statement })), null, statement);
  t.is(open(forged({ statement: statementOf({ to: old.did }), accepted: old })), null);
});

test('any change of one character is refused', (t) => {
  fc.assert(
    fc.property(fc.nat({ max: text.length - 1 }), fc.integer({ min: 32, max: 126 }), (at, code) => {
      const changed = `${text.slice(0, at)}${String.fromCharCode(code)}${text.slice(at + 1)}`;
      fc.pre(changed !== text);
      t.is(open(changed), null);
    }),
    { seed: 1, numRuns: 400 },
  );
});

test('anything else is refused and never throws', (t) => {
  for (const odd of ['', 'null', '[]', '{}', '"x"', '{"accepted":1,"signed":1,"statement":1}', 'x'.repeat(100_000)]) {
    t.is(open(odd), null);
  }
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (odd) => t.is(open(odd), null)),
    { seed: 1 },
  );
});
