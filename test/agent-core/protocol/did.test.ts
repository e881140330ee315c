import test from 'ava';
import { z } from 'zod';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import { did } from '../../../agent-core/protocol/did.ts';
import { testAgent } from '../../../agent-core/testing/bench.ts';

const ADDRESS = 'did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp';

const payer = defineAgent({ name: 'payer', params: z.object({ to: did() }), setup: () => undefined });

test('an address stays what it is, as a Did, in both directions', (t) => {
  const address: Did = did().parse(ADDRESS);
  t.is(address, ADDRESS as Did);
  t.is(did().encode(address), ADDRESS);
});

test('whatever is no address is refused by the same one sentence', (t) => {
  for (const value of ['', 'meter', ADDRESS.slice(0, -1), `did:key:z${'1'.repeat(10_000)}`, 7, null, undefined, {}]) {
    const messages = did()
      .safeParse(value)
      .error?.issues.map(({ message }) => message);
    t.deepEqual(messages, ["must be an agent's did:key address"], JSON.stringify(value));
  }
});

test('a parameter that is no address is named with what it must be', (t) => {
  t.throws(() => payer({ to: 'meter-1' }), {
    code: 'bad-params',
    message: 'parameters of agent "payer": to: must be an agent\'s did:key address',
  });
  t.notThrows(() => testAgent(({ didOf }) => payer({ to: didOf('meter-1') })));
});

test('in a message it is a text of at most 128 characters', (t) => {
  t.like(z.toJSONSchema(did()), { type: 'string', maxLength: 128 });
});
