import test from 'ava';
import { z } from 'zod';
import { HaggleError } from '../../../agent-core/errors.ts';
import { amount } from '../../../agent-core/protocol/amount.ts';
import { defineProtocol } from '../../../agent-core/protocol/protocol.ts';
import { Metering } from '../../fixtures/metering.ts';

interface Change {
  readonly name?: string;
  readonly version?: string;
  readonly roles?: readonly [string, string];
  readonly from?: string;
  readonly type?: string;
  readonly body?: z.ZodType;
}

function define({ name = 'greet', version = '1.0.0', roles = ['a', 'b'], from = 'a', type = 'hello', body }: Change) {
  return defineProtocol<
    string,
    Record<string, { from: string; as: 'inform'; body: z.ZodType }>,
    Record<string, object>,
    string
  >({
    name,
    version,
    roles,
    messages: { [type]: { from, as: 'inform', body: body ?? z.object({ text: z.string() }) } },
    dialogue: { initial: 'idle', states: { idle: { on: { [type]: 'done' } }, done: { type: 'final' } } },
  });
}

const faults: readonly [string, Change, RegExp][] = [
  ['a name with capitals', { name: 'Greet' }, /name must be lower-case/],
  ['a version that is not three numbers', { version: '1' }, /version must read like 1\.0\.0/],
  ['two roles of one name', { roles: ['a', 'a'] }, /two roles must differ/],
  ['a message from a stranger', { from: 'c' }, /from "c", which is not one of its roles/],
  ['a message type that the runtime speaks', { type: 'failure' }, /spoken by the runtime/],
  ['a message type with spaces', { type: 'hello there' }, /must be lower-case/],
  ['a body without a JSON form', { body: z.object({ at: z.date() }) }, /no JSON form/],
];

for (const [what, change, message] of faults) {
  test(`refuses ${what}`, (t) => {
    const error = t.throws(() => define(change), { instanceOf: HaggleError, message });
    t.is(error?.code, 'bad-protocol');
  });
}

test('the digest changes with the name, version, roles, bodies and dialogue', (t) => {
  const plain = define({}).digest;
  const others = [
    define({ name: 'greeting' }),
    define({ version: '1.0.1' }),
    define({ roles: ['a', 'c'] }),
    define({ type: 'hi' }),
    define({ body: z.object({ text: z.string().max(9) }) }),
  ].map((protocol) => protocol.digest);
  t.is(new Set([plain, ...others]).size, others.length + 1);
  t.is(define({}).digest, plain);
});

test('the id is name, version and digest, as envelopes carry it', (t) => {
  t.is(Metering.id, `metering/1.0.0/${Metering.digest}`);
  t.regex(Metering.digest, /^[\w-]{43}$/);
});

test('an amount is a decimal string on the wire and a bigint in programs', (t) => {
  t.is(amount().encode(12_000_000n), '12000000');
  t.is(amount().parse('340282366920938463463'), 340_282_366_920_938_463_463n);
  for (const wrong of ['-1', '01', '1.5', '1e3', '', ' 1', '9'.repeat(31), 5])
    t.false(amount().safeParse(wrong).success);
});
