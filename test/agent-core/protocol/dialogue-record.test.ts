import test, { type ExecutionContext } from 'ava';
import { nodeBackend } from '../../../agent-core/adapters/node-crypto.ts';
import { subjects } from '../../../agent-core/bus/subjects.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import { bearsOut, proveOutcome } from '../../../agent-core/protocol/dialogue-record.ts';
import type { Signer } from '../../../agent-core/identity/signer.ts';
import { encodeEnvelope, type Envelope } from '../../../agent-core/message/envelope.ts';
import { createSealer } from '../../../agent-core/message/seal.ts';
import type { RecordedMessage } from '../../../agent-core/message/open.ts';
import { world } from '../../../simulator/world.ts';
import { createJudge, createRecords } from '../../fixtures/dialogue-records.ts';
import { Errand, Haul, LIBRARY } from '../../fixtures/library.ts';
import { GARBAGE, GIBBERISH, impostor, type Line, type Script } from '../../fixtures/under-fire.ts';

const auditor = createJudge();

interface Sides {
  readonly caller: Did;
  readonly server: Did;
  readonly of: (holder: Did) => RecordedMessage[];
}

/** The records of both sides of one haul, whose participant follows a script. */
async function recordsOf(t: ExecutionContext, script: Script): Promise<Sides> {
  const records = createRecords();
  const place = world({ seed: 1, ...records.options });
  const { did: server } = place.spawn(impostor({ protocol: Haul, role: 'participant', script }), { name: 'server' });
  const caller = LIBRARY['haul']?.initiator([server], () => undefined) ?? t.fail('no haul');
  const { did } = place.spawn(caller, { name: 'caller' });
  await place.run();
  return {
    caller: did,
    server,
    of: (holder) => records.all().find((record) => record.holder === holder)?.messages ?? [],
  };
}

const say = (type: string, body: unknown): Line => ({ say: type, body });
const bids = say('propose', { price: 1 });
const delivers = say('inform', { hours: 1 });
const honest: Script = { cfp: [bids], 'accept-proposal': [delivers] };

test("the record of either side proves the outcome, and the other's word is in it", async (t) => {
  const { caller, server, of } = await recordsOf(t, honest);
  for (const holder of [caller, server]) {
    const proven = proveOutcome({ protocol: Haul, auditor, holder }, of(holder));
    t.like(proven, { state: 'fulfilled', final: true, outcome: 'done', code: null, by: 60_000_000, faults: [] });
    t.regex(proven.decisive?.payload ?? '', /"type":"inform"/);
    const claim = { dialogue: proven.dialogue, outcome: 'done', code: 'done', state: 'fulfilled' } as const;
    t.true(bearsOut(proven, claim));
    t.false(bearsOut(proven, { ...claim, outcome: 'expired' }));
    t.false(bearsOut(proven, { ...claim, state: 'awarded' }));
    t.false(bearsOut(proven, { ...claim, dialogue: 'another' }));
  }
});

test('a record that ends early proves the earlier state and convicts nobody', async (t) => {
  const { caller, of } = await recordsOf(t, honest);
  const states = ['called', 'proposed', 'awarded', 'fulfilled'];
  for (const [index, state] of states.entries()) {
    const proven = proveOutcome({ protocol: Haul, auditor, holder: caller }, of(caller).slice(0, index + 1));
    t.like(proven, { state, outcome: index === 3 ? 'done' : 'open', faults: [] });
  }
});

test('a copy of a message says nothing new', async (t) => {
  const { caller, of } = await recordsOf(t, honest);
  const record = of(caller).flatMap((message) => [message, message]);
  t.like(proveOutcome({ protocol: Haul, auditor, holder: caller }, record), { state: 'fulfilled', faults: [] });
});

const convicted: Readonly<Record<string, readonly [Script, code: string]>> = {
  'who delivers before the award is convicted': [{ cfp: [delivers] }, 'illegal-message'],
  'who bids twice is convicted': [{ cfp: [bids, say('propose', { price: 9 })] }, 'illegal-message'],
  'who says what is the other role to say is convicted': [{ cfp: [say('accept-proposal', {})] }, 'wrong-role'],
  'who says what the protocol does not know is convicted': [{ cfp: [say(GIBBERISH, {})] }, 'unknown-type'],
  'who says garbage is convicted': [{ cfp: [say('propose', GARBAGE)] }, 'invalid-body'],
};

for (const [claim, [script, code]] of Object.entries(convicted)) {
  test(`${claim}, on both records`, async (t) => {
    const { caller, server, of } = await recordsOf(t, script);
    for (const holder of [caller, server]) {
      const { faults } = proveOutcome({ protocol: Haul, auditor, holder }, of(holder));
      t.deepEqual(
        faults.map(({ by, code: proven }) => [by, proven]),
        [[server, code]],
      );
    }
  });
}

test('nobody can be framed by leaving out what it had heard', async (t) => {
  const { caller, of } = await recordsOf(t, honest);
  const [cfp, proposal, accept, result] = of(caller);
  if (cfp === undefined || proposal === undefined || accept === undefined || result === undefined) {
    t.fail();
    return;
  }
  for (const record of [
    [cfp, proposal, result],
    [cfp, result],
    [cfp, result, accept, proposal],
  ]) {
    try {
      const { faults, outcome } = proveOutcome({ protocol: Haul, auditor, holder: caller }, record);
      t.deepEqual([faults, outcome], [[], 'open']);
    } catch (error) {
      t.like(error, { code: 'bad-record' });
    }
  }
});

test('a failure that the peer signed is the outcome', async (t) => {
  const { caller, of } = await recordsOf(t, { cfp: [bids], 'accept-proposal': [{ do: 'fail' }] });
  const proven = proveOutcome({ protocol: Haul, auditor, holder: caller }, of(caller));
  t.like(proven, { state: 'awarded', final: false, outcome: 'failed', code: 'failed', faults: [] });
  const claim = { dialogue: proven.dialogue, outcome: 'failed', state: 'awarded' } as const;
  t.true(bearsOut(proven, { ...claim, code: 'failed' }));
  t.false(bearsOut(proven, { ...claim, code: 'handler-failed' }));
  t.false(bearsOut(proven, { ...claim, code: 'no-such-agent' }), 'somebody was there');
});

test('what is no record of one dialogue is refused', async (t) => {
  const { caller, of } = await recordsOf(t, honest);
  const record = of(caller);
  const [cfp, proposal, accept] = record;
  if (cfp === undefined || proposal === undefined || accept === undefined) {
    t.fail();
    return;
  }
  const refused = (messages: readonly RecordedMessage[], question: Partial<Parameters<typeof proveOutcome>[0]> = {}) =>
    t.throws(() => proveOutcome({ protocol: Haul, auditor, holder: caller, ...question }, messages), {
      code: 'bad-record',
    })?.message ?? '';
  t.regex(refused([]), /opens a dialogue/);
  t.regex(refused([proposal, accept]), /opens a dialogue/);
  t.regex(refused(record, { protocol: Errand }), /opens a dialogue of errand/);
  t.regex(refused([cfp, { ...proposal, headers: {} }]), /message 1 is refused: unsigned/);
  t.regex(refused([cfp, { ...proposal, payload: cfp.payload }]), /message 1 is refused/);
  t.regex(refused([cfp, accept, proposal]), /answers one that had not been heard/);
  t.regex(refused([accept, proposal, cfp]), /answers one that had not been heard/);
  const stranger = world({ seed: 9 }).didOf('stranger');
  t.regex(refused(record, { holder: stranger }), /not one of/);
});

test('a message of another dialogue between the same two has no place in a record', async (t) => {
  const records = createRecords();
  const place = world({ seed: 1, ...records.options });
  const errand = LIBRARY['errand'] ?? t.fail('no errand');
  const { did: server } = place.spawn(errand.participant('honest', () => undefined, place.didOf('nobody')));
  const { did: holder } = place.spawn(errand.initiator([server, server], () => undefined));
  await place.run();
  const [first, second] = records.all().filter((record) => record.holder === holder);
  if (first === undefined || second === undefined) {
    t.fail('there are two dialogues');
    return;
  }
  const [opening, ...rest] = first.messages;
  t.like(proveOutcome({ protocol: Errand, auditor, holder }, first.messages), { state: 'informed', faults: [] });
  const mixed = [opening, ...second.messages.slice(1, 2), ...rest].filter((message) => message !== undefined);
  const error = t.throws(() => proveOutcome({ protocol: Errand, auditor, holder }, mixed), { code: 'bad-record' });
  t.regex(error?.message ?? '', /message 1 is of another dialogue/);
});

test('who signs two contents under one number is convicted', async (t) => {
  // The same seed gives the same call, so the answers of two runs are two answers to one call.
  const { caller, server, of } = await recordsOf(t, honest);
  const other = await recordsOf(t, { cfp: [say('refuse', { reason: 'no' })] });
  const record = [...of(caller).slice(0, 2), ...other.of(caller).slice(1, 2)];
  const { faults, state } = proveOutcome({ protocol: Haul, auditor, holder: caller }, record);
  t.is(state, 'proposed');
  t.deepEqual(
    faults.map(({ by, code }) => [by, code]),
    [[server, 'equivocation']],
  );
});

test('who answers in another protocol is convicted, and the dialogue ended where it was not understood', (t) => {
  const [caller, server] = [1, 2].map((seed) => nodeBackend.signer(new Uint8Array(32).fill(seed)));
  if (caller === undefined || server === undefined) {
    t.fail();
    return;
  }
  const signed = (from: Signer, to: Signer, words: Partial<Envelope>): RecordedMessage => {
    const envelope: Envelope = {
      v: 1,
      id: 'opening-1',
      realm: 'test',
      from: from.did,
      to: to.did,
      protocol: Haul.id,
      dialogue: 'opening-1',
      seq: 1,
      re: null,
      type: 'cfp',
      body: { task: { tonnes: 1 }, bidsBy: 5 },
      sent: 1,
      exp: 9,
      by: 9,
      ...words,
    };
    const [sealed] = createSealer({ mode: 'each', signer: from, backend: nodeBackend }).seal([
      encodeEnvelope(envelope),
    ]);
    return {
      subject: subjects.inbox('test', to.nkey, from.nkey),
      payload: sealed?.payload ?? '',
      headers: sealed?.headers ?? {},
    };
  };
  const foreign = { id: 'answer', protocol: Errand.id, re: 'opening-1', type: 'inform', body: { cost: 1 } };
  const body = { code: 'wrong-protocol', reason: '' };
  const record = [
    signed(caller, server, {}),
    signed(server, caller, foreign),
    signed(caller, server, { id: 'what', seq: 2, protocol: Errand.id, re: 'answer', type: 'not-understood', body }),
  ];
  const proven = proveOutcome({ protocol: Haul, auditor, holder: caller.did }, record);
  t.like(proven, { state: 'called', outcome: 'not-understood', code: 'wrong-protocol', final: false });
  t.deepEqual(
    proven.faults.map(({ by, code }) => [by, code]),
    [[server.did, 'wrong-protocol']],
  );
});
