import test from 'ava';
import { LIMITS } from '../../../agent-core/limits.ts';
import { canonicalize } from '../../../agent-core/message/canonical.ts';
import {
  isRecordRefusal,
  openRecord,
  sealRecord,
  timelyFault,
  type AgentRecord,
} from '../../../agent-core/directory/record.ts';
import { encodeBase64Url } from '../../../agent-core/identity/encoding.ts';
import { backend, forged, HOUR, key, NOW, portableBackend, recordOf, sealed, signText } from './records.ts';

const alice = key(1);

function codeOf(text: string): string {
  const opened = openRecord(text, backend);
  return isRecordRefusal(opened) ? opened.refused : 'opened';
}

test('opens what it sealed, the same in both backends', (t) => {
  const record = recordOf(alice, { name: 'alice-1', box: encodeBase64Url(new Uint8Array(32).fill(7)) });
  const text = sealRecord(record, alice);
  for (const one of [backend, portableBackend]) t.deepEqual(openRecord(text, one), { record, sealed: text });
});

test('has the format that the documentation gives: 86 characters, a space, canonical JSON', (t) => {
  const text = sealed(alice);
  t.is(text[86], ' ');
  t.is(text.slice(87), canonicalize(recordOf(alice)));
});

test('refuses a record with any one character changed', (t) => {
  const text = sealed(alice);
  for (let at = 0; at < text.length; at++) {
    const changed = `${text.slice(0, at)}${text[at] === 'x' ? 'y' : 'x'}${text.slice(at + 1)}`;
    t.not(codeOf(changed), 'opened', `at ${at}`);
  }
});

test('refuses a record that another key signed', (t) => {
  t.is(codeOf(forged(key(2), recordOf(alice))), 'bad-signature');
});

test('refuses a signature that was given for a message', (t) => {
  const text = canonicalize(recordOf(alice));
  const signature = encodeBase64Url(alice.sign(new TextEncoder().encode(`haggle/v1/message\0${text}`)));
  t.is(codeOf(`${signature} ${text}`), 'bad-signature');
});

test('refuses what is too large before it reads anything', (t) => {
  t.is(codeOf('x'.repeat(LIMITS.recordBytes + 1)), 'record-too-large');
  t.is(codeOf('\u20ac'.repeat(LIMITS.recordBytes / 2)), 'record-too-large');
});

test('refuses what has no signature, no canonical text or no agent', (t) => {
  for (const text of ['', ' ', 'x'.repeat(86), `${'A'.repeat(86)} `, sealed(alice).slice(0, -1), ` ${sealed(alice)}`]) {
    t.is(codeOf(text), 'malformed-record', JSON.stringify(text.slice(0, 20)));
  }
  t.is(codeOf(signText(alice, '{ }')), 'malformed-record');
  t.is(codeOf(signText(alice, '[]')), 'malformed-record');
  t.is(codeOf(signText(alice, '{"agent":"did:key:zOops"}')), 'malformed-record');
  t.is(codeOf(signText(alice, `{"agent":"${alice.did}","x":[[[[1]]]]}`)), 'malformed-record');
});

const BROKEN: Readonly<Record<string, Record<string, unknown>>> = {
  'another version': { v: 2 },
  'a realm with a dot': { realm: 'a.b' },
  'an empty name': { name: '' },
  'a name with a space': { name: 'a b' },
  'a name that is too long': { name: 'n'.repeat(65) },
  'a protocol without a digest': { protocols: [{ id: 'haul/1.0.0', roles: [] }] },
  'protocols out of order': {
    protocols: [
      { id: 'b/1/x', roles: [] },
      { id: 'a/1/x', roles: [] },
    ],
  },
  'a protocol twice': {
    protocols: [
      { id: 'a/1/x', roles: [] },
      { id: 'a/1/x', roles: [] },
    ],
  },
  'a protocol with a field too many': { protocols: [{ id: 'a/1/x', roles: [], more: 1 }] },
  'three roles': { protocols: [{ id: 'a/1/x', roles: ['a', 'b', 'c'] }] },
  'roles out of order': { protocols: [{ id: 'a/1/x', roles: ['b', 'a'] }] },
  'a role that is no text': { protocols: [{ id: 'a/1/x', roles: [1] }] },
  'protocols that are no list': { protocols: {} },
  'too many protocols': {
    protocols: Array.from({ length: 65 }, (_, i) => ({ id: `p${String(i).padStart(2, '0')}/1/x`, roles: [] })),
  },
  'tags out of order': { tags: ['b', 'a'] },
  'a tag in capitals': { tags: ['North'] },
  'a tag that is too long': { tags: ['t'.repeat(65)] },
  'too many tags': { tags: Array.from({ length: 17 }, (_, i) => `t${String(i).padStart(2, '0')}`) },
  'a box key that is too short': { box: 'abc' },
  'number 0': { seq: 0 },
  'a number that is no integer': { seq: 1.5 },
  'a time before all times': { issued: -1 },
  'an expiry before the issue': { expires: NOW - 1 },
  'a field too many': { more: true },
};

for (const [what, changes] of Object.entries(BROKEN)) {
  test(`refuses ${what}, from a peer and from its own agent`, (t) => {
    const record = { ...recordOf(alice), ...changes };
    t.is(codeOf(forged(alice, record)), 'malformed-record');
    t.throws(() => sealRecord(record as unknown as AgentRecord, alice), { code: 'malformed-record' });
  });
}

test('refuses a record without a field', (t) => {
  for (const field of Object.keys(recordOf(alice)).filter((name) => name !== 'agent')) {
    const { [field as 'v']: _, ...rest } = recordOf(alice);
    t.is(codeOf(forged(alice, rest)), 'malformed-record', field);
  }
});

test('signs for nobody else', (t) => {
  t.throws(() => sealRecord(recordOf(alice), key(2)), { code: 'malformed-record', message: /another key/ });
});

test('a record with the longest of everything is within the limit', (t) => {
  const protocols = Array.from({ length: LIMITS.agentProtocols }, (_, i) => ({
    id: `${`${i + 100}`.padEnd(64, 'p')}/${'9'.repeat(17)}/${'d'.repeat(43)}`,
    roles: ['a'.repeat(64), 'b'.repeat(64)],
  }));
  const tags = Array.from({ length: LIMITS.agentTags }, (_, i) => `${i + 100}`.padEnd(64, 't'));
  t.is(codeOf(sealed(alice, { protocols, tags, name: 'n'.repeat(64), realm: 'r'.repeat(64) })), 'opened');
});

test('a record that does not fit is not signed', (t) => {
  const protocols = Array.from({ length: LIMITS.agentProtocols }, (_, i) => ({
    id: `${`${i + 100}`.padEnd(100, 'p')}/${'9'.repeat(30)}/${'d'.repeat(43)}`,
    roles: ['\u20ac'.repeat(64), '\u20ad'.repeat(64)],
  }));
  t.throws(() => sealed(alice, { protocols }), { code: 'record-too-large' });
});

const reader = { realm: 'test', now: NOW };

test('holds in its realm and time only', (t) => {
  const fault = (changes: Partial<AgentRecord>) => timelyFault(recordOf(alice, changes), reader)?.refused ?? null;
  t.is(fault({}), null);
  t.is(fault({ realm: 'other' }), 'wrong-realm');
  t.is(fault({ expires: NOW + LIMITS.recordLifeMicros }), null);
  t.is(fault({ expires: NOW + LIMITS.recordLifeMicros + 1 }), 'life-too-long');
  t.is(fault({ issued: NOW + LIMITS.clockSkewMicros }), null);
  t.is(fault({ issued: NOW + LIMITS.clockSkewMicros + 1 }), 'issued-in-future');
  t.is(fault({ issued: NOW - HOUR, expires: NOW }), null);
  t.is(fault({ issued: NOW - HOUR, expires: NOW - 1 }), 'expired');
});

test('one that takes others back matters as long as those could hold', (t) => {
  const gone = (issued: number) => timelyFault(recordOf(alice, { issued, expires: issued }), reader)?.refused ?? null;
  t.is(gone(NOW - LIMITS.recordLifeMicros), null);
  t.is(gone(NOW - LIMITS.recordLifeMicros - 1), 'expired');
});
