import type { ExecutionContext } from 'ava';
import { liveMail, type LiveMail, type LiveMailOptions } from '../../agent-core/adapters/mail/live-mail.ts';
import { connectNats } from '../../agent-core/adapters/nats.ts';
import type { NatsServer } from '../../agent-core/adapters/nats-server/run.ts';
import { nodeBackend } from '../../agent-core/adapters/node-crypto.ts';
import type { BusMessage } from '../../agent-core/bus/bus.ts';
import { subjects } from '../../agent-core/bus/subjects.ts';
import { boxKeyOf, type BoxKey } from '../../agent-core/identity/box-key.ts';
import { encodeBase64Url } from '../../agent-core/identity/encoding.ts';
import type { Signer } from '../../agent-core/identity/signer.ts';
import { LIMITS } from '../../agent-core/limits.ts';
import { encodeEnvelope } from '../../agent-core/message/envelope.ts';
import { createVerifiedRoots } from '../../agent-core/message/evidence.ts';
import type { Letter, MailWay } from '../../agent-core/message/mail.ts';
import { createOpener } from '../../agent-core/message/open.ts';
import { createReplayWindow } from '../../agent-core/message/replay-window.ts';
import { createSealer } from '../../agent-core/message/seal.ts';
import { PATIENCE, broker, brokers, eventually, live } from './broker.ts';
import { key, REALM } from './directory-harness.ts';

const [alice, bob] = [key(1), key(2)];
const boxOf = (signer: Signer): BoxKey => boxKeyOf(nodeBackend.sha256(signer.publicKey), nodeBackend.sha256);
const clock = { now: () => Date.now() * 1_000 };

interface Post {
  readonly mail: LiveMail;
  /** As that of the mail; it ends with the test, too. */
  readonly collect: LiveMail['collect'];
  /** Everything that the broker shows to whoever may see everything. */
  readonly seen: readonly string[];
}

async function post(
  t: ExecutionContext,
  server: NatsServer,
  { signer, spy = false, ...options }: { readonly signer: Signer; readonly spy?: boolean } & Partial<LiveMailOptions>,
): Promise<Post> {
  const link = await connectNats({ servers: server.url, connectWithin: PATIENCE });
  t.teardown(async () => await link.bus.drain());
  const seen: string[] = [];
  if (spy) {
    link.bus.subscribe('haggle.>', ({ subject, payload, headers }) => {
      seen.push(JSON.stringify({ subject, payload, headers }));
    });
    await link.bus.flush();
  }
  const mail = liveMail({
    link,
    signer,
    realm: REALM,
    box: boxOf(signer),
    boxOf: async () => await Promise.resolve(encodeBase64Url(boxOf(bob).publicKey)),
    ...options,
  });
  const collect: LiveMail['collect'] = (take) => {
    const end = mail.collect(take);
    t.teardown(end);
    return end;
  };
  return { mail, seen, collect };
}

/** A signed message of alice to bob that lives as long as mail may. */
function letter(seq: number, way: MailWay, text = 'secret'): Letter {
  const sent = clock.now();
  const exp = sent + LIMITS.mailLifeMicros;
  const payload = encodeEnvelope({
    v: 1,
    id: `m${seq}`,
    realm: REALM,
    from: alice.did,
    to: bob.did,
    protocol: 'note/1.0.0/abc',
    dialogue: `m${seq}`,
    seq,
    re: null,
    type: 'note',
    body: { text },
    sent,
    exp,
    by: exp,
  });
  const [sealed] = createSealer({ mode: 'each', signer: alice, backend: nodeBackend }).seal([payload]);
  return { id: `m${seq}`, to: bob.did, way, payload, headers: sealed?.headers ?? {} };
}

/** Bob's checks, with a memory of their own. */
function checks() {
  return createOpener({
    me: bob.did,
    realm: REALM,
    backend: nodeBackend,
    clock,
    requireSignature: true,
    verifiedRoots: createVerifiedRoots(),
    replay: createReplayWindow(),
  });
}

for (const program of brokers) {
  const on = `(nats-server ${program.version})`;

  live(`a letter waits for its receiver, is taken once, and passes all checks of a message ${on}`, async (t) => {
    const server = await broker(t, { program, jetstream: true });
    const from = await post(t, server, { signer: alice });
    const opener = checks();
    for (const way of ['plain', 'sealed'] as const) {
      t.is(await from.mail.post(letter(way === 'plain' ? 1 : 2, way)), null);
    }
    const to = await post(t, server, { signer: bob });
    const taken: BusMessage[] = [];
    const end = to.collect((message, done) => {
      taken.push(message);
      done();
    });
    await eventually('both are there', () => taken.length === 2);
    for (const [index, message] of taken.entries()) {
      t.like(opener.open(message), { envelope: { seq: index + 1, body: { text: 'secret' } }, evidence: 'each' });
      t.like(opener.open(message), { refused: 'replayed' });
    }
    t.is(await from.mail.post(letter(3, 'plain')), null);
    await eventually('what comes while it listens is there too', () => taken.length === 3);
    await end();
    const later: BusMessage[] = [];
    const again = await post(t, server, { signer: bob });
    const endAgain = again.collect((message, done) => {
      later.push(message);
      done();
    });
    t.is(await from.mail.post(letter(4, 'plain')), null);
    await eventually('the next is there', () => later.length === 1);
    t.true(later[0]?.payload.includes('"seq":4'));
    await endAgain();
  });

  live(`what was not taken comes again ${on}`, async (t) => {
    const server = await broker(t, { program, jetstream: true });
    const from = await post(t, server, { signer: alice });
    await from.mail.post(letter(1, 'plain'));
    const to = await post(t, server, { signer: bob, takeWithin: '500 ms' });
    let handed = 0;
    const end = to.collect((_, done) => {
      handed += 1;
      if (handed === 2) done();
    });
    await eventually('it is handed in twice', () => handed === 2);
    await end();
    t.is(handed, 2);
  });

  live(`of a sealed letter the broker sees the subject alone ${on}`, async (t) => {
    const server = await broker(t, { program, jetstream: true });
    const from = await post(t, server, { signer: alice });
    const spy = await post(t, server, { signer: key(3), spy: true });
    const sent = letter(1, 'sealed', 'a very private price');
    t.is(await from.mail.post(sent), null);
    await eventually('the spy sees it', () => spy.seen.length > 0);
    const all = spy.seen.join('\n');
    t.true(all.includes(subjects.mail(REALM, bob.nkey, alice.nkey)));
    for (const secret of ['private', alice.did, 'Haggle-Signature', sent.headers['Haggle-Signature'] ?? '?', 'note']) {
      t.false(all.includes(secret), secret);
    }
  });

  live(`without JetStream there is no mailbox ${on}`, async (t) => {
    const server = await broker(t, { program });
    const { mail, collect } = await post(t, server, { signer: alice });
    t.is(await mail.post(letter(1, 'plain')), 'no-mailbox');
    const end = collect(() => t.fail());
    await eventually('it says so', () => (mail.faults.get('mailbox-unavailable') ?? 0) > 1);
    await end();
  });
}

live('what cannot be sealed is not sent', async (t) => {
  const server = await broker(t, { jetstream: true });
  const keyless = await post(t, server, { signer: alice, boxOf: async () => await Promise.resolve(null) });
  t.is(await keyless.mail.post(letter(1, 'sealed')), 'no-box-key');
  const { mail } = await post(t, server, { signer: alice });
  t.is(await mail.post(letter(1, 'sealed', 'x'.repeat(LIMITS.sealedPlainBytes))), 'letter-too-large');
});

live('mail that is no letter is put aside and counted', async (t) => {
  const server = await broker(t, { jetstream: true });
  const from = await post(t, server, {
    signer: alice,
    boxOf: async () => await Promise.resolve(encodeBase64Url(boxOf(alice).publicKey)),
  });
  const to = await post(t, server, { signer: bob });
  const got: string[] = [];
  const end = to.collect(({ payload }, done) => {
    got.push(payload);
    done();
  });
  t.is(await from.mail.post(letter(1, 'sealed')), null); // sealed for another key
  const link = await connectNats({ servers: server.url, connectWithin: PATIENCE });
  t.teardown(async () => await link.bus.drain());
  const subject = subjects.mail(REALM, bob.nkey, alice.nkey);
  link.bus.publish(subject, 'rubbish');
  link.bus.publish(subject, 'rubbish', { headers: { 'Haggle-Mail': 'sealed' } });
  link.connection.publish(subject, Uint8Array.of(0xff));
  const last = letter(2, 'plain');
  t.is(await from.mail.post(last), null);
  await eventually('what follows is there', () => got.length === 1);
  t.deepEqual(got, [last.payload]);
  t.deepEqual(Object.fromEntries(to.mail.faults), { 'unopened-letter': 1, 'malformed-mail': 2, 'malformed-letter': 1 });
  await end();
});

live('a mailbox keeps the newest letters of a sender', async (t) => {
  const server = await broker(t, { jetstream: true });
  const from = await post(t, server, { signer: alice });
  const count = LIMITS.lettersFromSender + 2;
  for (let seq = 1; seq <= count; seq++) await from.mail.post(letter(seq, 'plain'));
  const to = await post(t, server, { signer: bob });
  const got: string[] = [];
  const end = to.collect(({ payload }, done) => {
    got.push(payload);
    done();
  });
  await eventually('the last is there', () => got.at(-1)?.includes(`"seq":${count},`) === true);
  t.is(got.length, LIMITS.lettersFromSender);
  await end();
});
