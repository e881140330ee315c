import { sealRecord, type AgentRecord } from '../../agent-core/directory/record.ts';
import { assert } from '../../agent-core/errors.ts';
import { subjects } from '../../agent-core/bus/subjects.ts';
import { LIMITS } from '../../agent-core/limits.ts';
import { liveDirectory } from '../../agent-core/adapters/directory/live-directory.ts';
import { createRandomRoot } from '../../agent-core/random.ts';
import { serveAgent } from '../../agent-core/adapters/directory/agent-service.ts';
import { broker, brokers, cluster, eventually, live } from './broker.ts';
import { key, member, REALM, words } from './directory-harness.ts';
import { tcpProxy } from './tcp-proxy.ts';

for (const program of brokers) {
  const on = `(nats-server ${program.version})`;

  live(`agents find each other without JetStream ${on}`, async (t) => {
    const server = await broker(t, { program });
    const first = await member(t, server, { number: 1 });
    first.directory.announce(words(1));
    const second = await member(t, server, { number: 2 });
    second.directory.announce(words(2));
    await eventually('the second is told of the first', async () => (await second.names()).length === 1);
    await eventually('the first hears the second', async () => (await first.names()).length === 1);
    const third = await member(t, server, { number: 3 });
    await eventually('the newcomer is told both', async () => (await third.names()).length === 2);
    t.true((third.directory.faults.get('bucket-unavailable') ?? 0) > 0);
  });

  live(`who comes when all others are gone finds them in the bucket ${on}`, async (t) => {
    const server = await broker(t, { program, jetstream: true });
    const first = await member(t, server, { number: 1 });
    first.directory.announce(words(1));
    const second = await member(t, server, { number: 2 });
    await eventually('the record is in the bucket', async () => {
      const kv = await second.link.connection.jetstream().views.kv(`haggle-${REALM}-agents`, { bindOnly: true });
      return (await kv.get(key(1).nkey)) !== null;
    });
    first.directory.close();
    const third = await member(t, server, { number: 3 });
    t.deepEqual(await third.names(), ['agent-1']);
    t.is(third.directory.faults.size, 0);
  });

  live(`who withdraws is found no more, not even by its older record ${on}`, async (t) => {
    const server = await broker(t, { program, jetstream: true });
    const first = await member(t, server, { number: 1 });
    const second = await member(t, server, { number: 2 });
    first.directory.announce(words(1));
    await eventually('it is found', async () => (await second.names()).length === 1);
    first.directory.withdraw();
    await eventually('it is gone', async () => (await second.names()).length === 0);
    const third = await member(t, server, { number: 3 });
    t.deepEqual(await third.names(), []);
  });

  live(`a bucket that is wiped or deleted fills again ${on}`, async (t) => {
    const server = await broker(t, { program, jetstream: true });
    const first = await member(t, server, { number: 1, validity: '600 ms' });
    first.directory.announce(words(1));
    const other = await member(t, server, { number: 2, bucketReplicas: false });
    const jsm = await other.link.connection.jetstreamManager();
    const entries = async () =>
      (await jsm.streams.info(`KV_haggle-${REALM}-agents`).catch(() => null))?.state.messages ?? 0;
    await eventually('the record is there', async () => (await entries()) === 1);
    await jsm.streams.purge(`KV_haggle-${REALM}-agents`);
    await eventually('it is there again after a purge', async () => (await entries()) === 1);
    await jsm.streams.delete(`KV_haggle-${REALM}-agents`);
    await eventually('it is there again after a deletion', async () => (await entries()) === 1);
    t.deepEqual(await other.names(), ['agent-1']);
  });

  live(`what is put in another's place in the bucket is not believed, and repaired ${on}`, async (t) => {
    const server = await broker(t, { program, jetstream: true });
    const first = await member(t, server, { number: 1, validity: '3 s' });
    first.directory.announce(words(1));
    const liar = await member(t, server, { number: 2 });
    await liar.names();
    const kv = await liar.link.connection.jetstream().views.kv(`haggle-${REALM}-agents`);
    const mine = sealRecord(recordOf(2, { seq: 1 }), key(2));
    await kv.put(key(1).nkey, mine);
    await kv.put('not-a-key', mine);
    const third = await member(t, server, { number: 3 });
    await eventually('both are refused', () => (first.directory.faults.get('wrong-key') ?? 0) === 2);
    await eventually('the record is back', async () => (await third.names()).includes('agent-1'));
    t.false((await third.names()).includes('agent-2'));
  });

  live(`an agent is seen as a service of NATS ${on}`, async (t) => {
    const server = await broker(t, { program });
    const { link, signer } = await member(t, server, { number: 1 });
    const stop = await serveAgent(link.connection, { did: signer.did, realm: REALM, protocols: words(1).protocols });
    const asker = await member(t, server, { number: 2 });
    const infos = await asker.link.connection.services.client().info('haggle-agent');
    const seen = [];
    for await (const info of infos) seen.push(info);
    t.is(seen.length, 1);
    t.like(seen[0], {
      name: 'haggle-agent',
      metadata: { did: signer.did, realm: REALM, protocols: 'haul/1.0.0/abc' },
    });
    await stop();
  });
}

/** What is the same in all directories of agent 1. */
const fixed = {
  signer: key(1),
  realm: REALM,
  clock: { now: () => Date.now() * 1_000 },
  random: createRandomRoot(1).stream('directory'),
};

/** A record of agent `number` that holds now. */
function recordOf(number: number, changes: Partial<AgentRecord>): AgentRecord {
  const issued = Date.now() * 1_000;
  const signer = key(number);
  return {
    v: 1,
    realm: REALM,
    agent: signer.did,
    ...words(number),
    seq: 1,
    issued,
    expires: issued + 60_000_000,
    ...changes,
  };
}

live('what a peer tells is believed only as far as it is signed, in time and new', async (t) => {
  const server = await broker(t);
  const hearer = await member(t, server, { number: 1, bucketReplicas: false });
  const { directory, link } = hearer;
  const liar = await member(t, server, { number: 9, bucketReplicas: false });
  const tell = (...lines: readonly string[]): void =>
    liar.link.bus.publish(subjects.event(REALM, key(9).nkey, 'card'), lines.join('\n'));
  const now = Date.now() * 1_000;
  const two = sealRecord(recordOf(2, { seq: 7 }), key(2));
  tell(
    two,
    two.replace('n:2', 'n:3'),
    sealRecord(recordOf(2, { seq: 6 }), key(2)),
    sealRecord(recordOf(3, { realm: 'other' }), key(3)),
    sealRecord(recordOf(4, { issued: now - 20, expires: now - 10 }), key(4)),
    sealRecord(
      recordOf(4, { issued: now + 2 * LIMITS.clockSkewMicros, expires: now + 3 * LIMITS.clockSkewMicros }),
      key(4),
    ),
    sealRecord(recordOf(4, { expires: now + 2 * LIMITS.recordLifeMicros }), key(4)),
    sealRecord(recordOf(5, {}), key(5)),
    sealRecord(recordOf(5, { tags: [] }), key(5)),
    'x'.repeat(LIMITS.recordBytes + 1),
    'rubbish',
  );
  tell(...Array.from({ length: LIMITS.announcedRecords + 1 }, () => two));
  await eventually('all is heard', () => directory.faults.has('too-many-records'));
  t.deepEqual(await hearer.names(), ['agent-2']);
  t.deepEqual(Object.fromEntries(directory.faults), {
    'bad-signature': 1,
    'older-seq': 1,
    'wrong-realm': 1,
    expired: 1,
    'issued-in-future': 1,
    'life-too-long': 1,
    convicted: 1,
    'record-too-large': 1,
    'malformed-record': 1,
    'too-many-records': 1,
  });
  t.is(directory.proofs.length, 1);
  t.is(link.status, 'connected');
});

live('an agent whose earlier life was ahead in time speaks above it', async (t) => {
  const server = await broker(t, { jetstream: true });
  const behind = Date.now() * 1_000 - 10_000_000;
  const early = await member(t, server, { number: 1 });
  early.directory.announce({ ...words(1), tags: ['old'] });
  const other = await member(t, server, { number: 2 });
  await eventually('it is found', async () => (await other.find({ tags: ['old'] })).length === 1);
  early.directory.close();
  const late = await member(t, server, { number: 1, clock: { now: () => behind } });
  await late.names();
  late.directory.announce({ ...words(1), tags: ['new'] });
  await eventually('its new record holds', async () => (await other.find({ tags: ['new'] })).length === 1);
  t.deepEqual(await other.find({ tags: ['old'] }), []);
});

live('two sides of a partition know each other again once it heals', async (t) => {
  const server = await broker(t);
  const proxy = await tcpProxy(server.port);
  t.teardown(async () => await proxy.close());
  const here = await member(t, server, { number: 1 });
  const there = await member(t, { url: `nats://127.0.0.1:${proxy.port}` }, { number: 2 });
  here.directory.announce(words(1));
  await eventually('they know each other', async () => (await there.names()).length === 1);
  await proxy.cut();
  await eventually('the link is lost', () => there.link.status === 'reconnecting');
  const late = await member(t, server, { number: 3 });
  late.directory.announce(words(3));
  there.directory.announce(words(2));
  await proxy.restore();
  await eventually('the far side hears who came meanwhile', async () => (await there.names()).includes('agent-3'));
  await eventually('the near side hears who spoke meanwhile', async () => (await late.names()).includes('agent-2'));
  t.deepEqual(await late.names(), ['agent-1', 'agent-2']);
});

live('a bucket of three copies outlives the node that made it', async (t) => {
  const { nodes } = await cluster(t, 3, { jetstream: true });
  const [one, two, three] = nodes;
  assert(one !== undefined && two !== undefined && three !== undefined, 'a cluster of three has three nodes');
  const first = await member(t, one, { number: 1, bucketReplicas: 3, validity: '30 s' });
  first.directory.announce(words(1));
  const second = await member(t, two, { number: 2, bucketReplicas: 3 });
  await eventually('it is found', async () => (await second.names()).includes('agent-1'), 20);
  await one.kill('SIGKILL');
  const third = await member(t, three, { number: 3, bucketReplicas: 3 });
  await eventually('it is found by one that comes later', async () => (await third.names()).includes('agent-1'), 20);
  t.deepEqual(await third.names(), ['agent-1']);
});

live('refuses a validity that no record can have', async (t) => {
  const { link } = await member(t, await broker(t), { number: 1 });
  for (const validity of [0, LIMITS.recordLifeMicros + 1]) {
    t.throws(() => liveDirectory({ ...fixed, link, validity }), { code: 'bad-validity' });
  }
});

live('a question among a hundred agents is answered by few, and all are told', async (t) => {
  const server = await broker(t);
  const count = 100;
  const first = await member(t, server, { number: 200, bucketReplicas: false });
  const directories = [first.directory];
  for (let number = 1; number < count; number++) {
    const directory = liveDirectory({
      ...fixed,
      link: first.link,
      signer: key(number),
      random: createRandomRoot(number).stream('directory'),
      bucketReplicas: false,
    });
    t.teardown(() => directory.close());
    directories.push(directory);
    directory.announce(words(number));
  }
  let heardAt = performance.now();
  first.link.bus.subscribe(subjects.event(REALM, '*', 'card'), () => (heardAt = performance.now()));
  await eventually('all know all', () => directories.every(({ agents }) => agents === count - 1), 20);
  // Each of them has asked as well, and the answers to that are another matter.
  await eventually('all is said', () => performance.now() - heardAt > 2_500, 20);
  const newcomer = await member(t, server, { number: 201, bucketReplicas: false });
  let answers = 0;
  newcomer.link.bus.subscribe(subjects.event(REALM, '*', 'card'), () => (answers += 1));
  await eventually('all are told', async () => (await newcomer.names()).length === count - 1, 20);
  t.log(`${answers} answers among ${count} agents`);
  t.true(answers < count / 2);
});
