import { connect, type NatsConnection } from 'nats';
import { authenticatorOf } from '../../agent-core/adapters/keys/authenticator.ts';
import { issueUser, revokeUser } from '../../agent-core/adapters/keys/realm-folder.ts';
import {
  permissionsOf,
  BROKER_ROLES,
  streamsOf,
  SUBJECT_CLASSES,
  type Holder,
  type BrokerRole,
} from '../../agent-core/bus/permissions.ts';
import { subjects } from '../../agent-core/bus/subjects.ts';
import { broker, brokers, cluster, eventually, live } from './broker.ts';
import { guardedBroker, REALM, realmFolder, refusalsOn, signerOf } from './guarded-broker.ts';

const [ME, OTHER, THIRD] = [signerOf(1), signerOf(2), signerOf(3)];
const me: Holder = { realm: REALM, nkey: ME.nkey };
const other: Holder = { realm: REALM, nkey: OTHER.nkey };
const elsewhere: Holder = { realm: 'elsewhere', nkey: ME.nkey };
const { agents, agentStream, mailStream } = streamsOf(REALM);

/** What nobody may do, whatever the table says: written by hand. */
const FORBIDDEN: { readonly publish: readonly string[]; readonly subscribe: readonly string[] } = {
  publish: [
    // As somebody else.
    subjects.inbox(REALM, OTHER.nkey, THIRD.nkey),
    subjects.inbox(REALM, ME.nkey, OTHER.nkey),
    subjects.unreachable(REALM, ME.nkey, { id: 'x', to: OTHER.nkey }),
    subjects.unreachable(REALM, OTHER.nkey, { id: 'x', to: ME.nkey }),
    subjects.event(REALM, OTHER.nkey, 'bye'),
    `haggle.${REALM}.mail.${ME.nkey}.${OTHER.nkey}`,
    `$KV.${agents}.${OTHER.nkey}`,
    `_INBOX.${OTHER.nkey}.x`,
    // What belongs to somebody else.
    `$JS.API.CONSUMER.MSG.NEXT.${mailStream}.${OTHER.nkey}`,
    `$JS.API.CONSUMER.CREATE.${mailStream}.${OTHER.nkey}.haggle.${REALM}.mail.${OTHER.nkey}.*`,
    `$JS.API.CONSUMER.CREATE.${mailStream}.${ME.nkey}.haggle.${REALM}.mail.${OTHER.nkey}.*`,
    `$JS.API.CONSUMER.CREATE.${mailStream}.${ME.nkey}.haggle.${REALM}.mail.>`,
    `$JS.API.CONSUMER.CREATE.${mailStream}.${ME.nkey}`,
    `$JS.API.CONSUMER.CREATE.${mailStream}`,
    `$JS.API.CONSUMER.DURABLE.CREATE.${mailStream}.${ME.nkey}`,
    `$JS.API.CONSUMER.DELETE.${mailStream}.${OTHER.nkey}`,
    `$JS.API.CONSUMER.DELETE.${agentStream}.x`,
    `$JS.API.STREAM.MSG.GET.${mailStream}`,
    `$JS.API.DIRECT.GET.${mailStream}`,
    `$JS.ACK.${mailStream}.${OTHER.nkey}.1.1.1.1.1`,
    // What would throw away or take over.
    `$JS.API.STREAM.DELETE.${agentStream}`,
    `$JS.API.STREAM.PURGE.${agentStream}`,
    `$JS.API.STREAM.MSG.DELETE.${mailStream}`,
    `$JS.API.STREAM.DELETE.${mailStream}`,
    '$JS.API.STREAM.CREATE.mine',
    '$JS.API.STREAM.LIST',
    '$SYS.REQ.SERVER.PING',
    '$SYS.REQ.CLAIMS.UPDATE',
    'anything',
    'haggle',
  ],
  subscribe: [
    '>',
    '*',
    'haggle.>',
    `haggle.${REALM}.>`,
    `haggle.${REALM}.in.>`,
    `haggle.${REALM}.in.*.*`,
    subjects.inboxOf(REALM, OTHER.nkey),
    subjects.inbox(REALM, '*', ME.nkey),
    `haggle.${REALM}.mail.>`,
    `haggle.${REALM}.mail.${ME.nkey}.*`,
    `haggle.*.in.${OTHER.nkey}.*`,
    '_INBOX.>',
    '_INBOX.*.>',
    `_INBOX.${OTHER.nkey}.>`,
    `_INBOX.tool.${OTHER.nkey}.>`,
    '_INBOX.tool.>',
    '$SYS.>',
    '$JS.>',
    '$JS.API.>',
    '$KV.>',
    `$KV.${agents}.>`,
  ],
};

interface Probe {
  readonly action: 'publish' | 'subscribe';
  readonly subject: string;
}

/** Every class of subjects, for oneself, for another and in another realm, and everything forbidden. */
function probes(): readonly Probe[] {
  const found = new Map<string, Probe>();
  const add = (action: Probe['action'], subject: string): void => {
    found.set(`${action} ${subject}`, { action, subject });
  };
  for (const { publish, subscribe } of SUBJECT_CLASSES) {
    for (const holder of [me, other, elsewhere]) {
      for (const pattern of publish?.(holder) ?? []) add('publish', sampleOf(pattern));
      for (const pattern of subscribe?.(holder) ?? []) add('subscribe', pattern);
    }
  }
  for (const subject of FORBIDDEN.publish) add('publish', subject);
  for (const subject of FORBIDDEN.subscribe) add('subscribe', subject);
  return [...found.values()];
}

/** A subject that a pattern allows. */
function sampleOf(pattern: string): string {
  return pattern
    .split('.')
    .map((token) => (token === '*' ? OTHER.nkey : token === '>' ? 'x.y' : token))
    .join('.');
}

/** True where everything that `subject` stands for is in `pattern`. */
function covers(pattern: string, subject: string): boolean {
  const [wide, narrow] = [pattern.split('.'), subject.split('.')];
  for (const [index, token] of wide.entries()) {
    const against = narrow[index];
    if (against === undefined) return false;
    if (token === '>') return true;
    if (against === '>' || (token !== '*' && token !== against)) return false;
  }
  return wide.length === narrow.length;
}

function isAllowed(role: BrokerRole, { action, subject }: Probe): boolean {
  return permissionsOf(role, me)[action].some((pattern) => covers(pattern, subject));
}

async function tryAll(connection: NatsConnection): Promise<ReadonlySet<string>> {
  const refusals = refusalsOn(connection);
  for (const { action, subject } of probes()) {
    if (action === 'publish') connection.publish(subject);
    // The refusal is told to the callback too; without one it would end the iterator.
    else connection.subscribe(subject, { callback: () => undefined });
  }
  return await refusals.settled();
}

for (const program of brokers) {
  for (const role of BROKER_ROLES) {
    live(`${program.version}: the broker allows a ${role} exactly what the table says`, async (t) => {
      const { login } = await guardedBroker(t, program);
      const refused = await tryAll(await login(ME, role));
      for (const probe of probes()) {
        const { action, subject } = probe;
        t.is(refused.has(`${action} ${subject}`), !isAllowed(role, probe), `${role} ${action} ${subject}`);
      }
    });

    live(`${program.version}: nothing that nobody may do is open to a ${role}`, async (t) => {
      const { login } = await guardedBroker(t, program);
      const refused = await tryAll(await login(ME, role));
      for (const action of ['publish', 'subscribe'] as const) {
        for (const subject of FORBIDDEN[action]) t.true(refused.has(`${action} ${subject}`), `${action} ${subject}`);
      }
    });
  }

  live(`${program.version}: what one agent says to another arrives, and no third hears it`, async (t) => {
    const { login } = await guardedBroker(t, program);
    const [a, b, c] = [await login(ME), await login(OTHER), await login(THIRD)];
    const heard: string[] = [];
    const hear = (who: string) => (error: unknown, message: { readonly subject: string }) => {
      if (error === null) heard.push(`${who} ${message.subject}`);
    };
    b.subscribe(subjects.inboxOf(REALM, OTHER.nkey), { callback: hear('b') });
    c.subscribe(subjects.inboxOf(REALM, THIRD.nkey), { callback: hear('c') });
    c.subscribe(subjects.inboxOf(REALM, OTHER.nkey), { callback: hear('eavesdropper') });
    c.subscribe('>', { callback: hear('eavesdropper') });
    await Promise.all([b.flush(), c.flush()]);
    a.publish(subjects.inbox(REALM, OTHER.nkey, ME.nkey));
    a.publish(subjects.inbox(REALM, OTHER.nkey, THIRD.nkey));
    c.publish(subjects.inbox(REALM, OTHER.nkey, ME.nkey));
    await Promise.all([a.flush(), c.flush()]);
    await Promise.all([b.flush(), c.flush()]);
    t.deepEqual(heard, [`b ${subjects.inbox(REALM, OTHER.nkey, ME.nkey)}`]);
  });

  live(`${program.version}: that nobody listens is told on a subject where the sender may not publish`, async (t) => {
    const { login } = await guardedBroker(t, program);
    const connection = await login(ME);
    const heard: string[] = [];
    connection.subscribe(subjects.inboxOf(REALM, ME.nkey), {
      callback: (error, message) => {
        if (error === null) heard.push(`${message.subject} ${message.headers?.code}`);
      },
    });
    const reply = subjects.unreachable(REALM, ME.nkey, { id: 'm1', to: OTHER.nkey });
    connection.publish(subjects.inbox(REALM, OTHER.nkey, ME.nkey), 'hello', { reply });
    await connection.flush();
    t.deepEqual(heard, [`${reply} 503`]);
  });

  live(
    `${program.version}: agents keep their own record, read all records and their own mail, and no other`,
    async (t) => {
      const { login } = await guardedBroker(t, program);
      await makeStreams(await login(signerOf(9), 'tool'));
      const [a, b] = [await login(ME), await login(OTHER)];
      const mine = await a.jetstream().views.kv(agents, { bindOnly: true });
      await mine.put(ME.nkey, 'record of me');
      await t.throwsAsync(mine.put(OTHER.nkey, 'record of another, forged'));
      const read = await (await b.jetstream().views.kv(agents, { bindOnly: true })).get(ME.nkey);
      t.is(read?.string(), 'record of me');
      await t.throwsAsync(mine.destroy());

      await a.jetstream().publish(`haggle.${REALM}.mail.${OTHER.nkey}.${ME.nkey}`, 'sealed');
      t.is(await firstMail(b, OTHER.nkey), 'sealed');
      await t.throwsAsync(firstMail(a, OTHER.nkey));
    },
  );

  live(`${program.version}: agents and observers watch the directory; nobody but a tool makes it`, async (t) => {
    const { login } = await guardedBroker(t, program);
    const [agent, observer] = [await login(ME), await login(OTHER, 'observer')];
    await t.throwsAsync(agent.jetstream({ timeout: 500 }).views.kv(agents, { history: 1 }));
    await makeStreams(await login(signerOf(9), 'tool'));
    await (await agent.jetstream().views.kv(agents, { history: 1 })).put(ME.nkey, 'record of me');
    for (const connection of [agent, observer]) {
      const watch = await (await connection.jetstream().views.kv(agents, { bindOnly: true })).watch();
      for await (const entry of watch) {
        t.is(entry.string(), 'record of me');
        break;
      }
    }
    const forged = (await observer.jetstream({ timeout: 500 }).views.kv(agents, { bindOnly: true })).put(
      OTHER.nkey,
      'x',
    );
    await t.throwsAsync(forged);
  });

  live(`${program.version}: agents answer a tool that asks who runs`, async (t) => {
    const { login } = await guardedBroker(t, program);
    const [agent, tool] = [await login(ME), await login(OTHER, 'tool')];
    await agent.services.add({ name: 'haggle-agent', version: '1.0.0' });
    await agent.flush();
    const found: string[] = [];
    for await (const { name } of await tool.services.client().info('haggle-agent')) found.push(name);
    t.deepEqual(found, ['haggle-agent']);
  });

  live(`${program.version}: who has no token, a foreign or an expired one is refused at login`, async (t) => {
    const { server, folder } = await guardedBroker(t, program);
    const refused = async (options: Parameters<typeof connect>[0]): Promise<void> => {
      const attempt = connect({ servers: server.url, reconnect: false, ...options });
      await t.throwsAsync(attempt, { code: 'AUTHORIZATION_VIOLATION' });
    };
    const token = (expires?: number): Promise<string> =>
      issueUser(folder, { role: 'agent', nkey: ME.nkey, name: 'me', ...(expires === undefined ? {} : { expires }) });
    await refused({});
    await refused({ authenticator: authenticatorOf(ME) });
    await refused({ user: 'admin', pass: 'admin' });
    await refused({ authenticator: authenticatorOf(OTHER, { jwt: await token() }) });
    await refused({ authenticator: authenticatorOf(ME, { jwt: await token(1) }) });
    const { folder: foreign } = await realmFolder(t);
    const jwt = await issueUser(foreign, { role: 'agent', nkey: ME.nkey, name: 'me' });
    await refused({ authenticator: authenticatorOf(ME, { jwt }) });
  });

  live(`${program.version}: a revoked token ends its connection and opens no other; a later one does`, async (t) => {
    const { server, folder, login } = await guardedBroker(t, program);
    const [connection, bystander] = [await login(ME), await login(OTHER)];
    const jwt = await issueUser(folder, { role: 'agent', nkey: ME.nkey, name: 'me' });
    const at = Math.floor(Date.now() / 1_000);
    await revokeUser(folder, { nkey: ME.nkey, at });
    await server.kill('SIGHUP');
    await connection.closed();
    const again = connect({ servers: server.url, reconnect: false, authenticator: authenticatorOf(ME, { jwt }) });
    await t.throwsAsync(again, { code: 'AUTHORIZATION_VIOLATION' });
    t.false(bystander.isClosed());
    await eventually('a second passes, which is how finely tokens tell the time', () => Date.now() / 1_000 >= at + 1);
    await t.notThrowsAsync(login(ME));
  });

  live(`${program.version}: a broker that lists keys itself lets them in without a token`, async (t) => {
    const config = `authorization { users: [ { nkey: ${ME.nkey} } ] }`;
    const { url } = await broker(t, { program, config });
    const connection = await connect({ servers: url, reconnect: false, authenticator: authenticatorOf(ME) });
    await t.notThrowsAsync(connection.flush());
    await connection.close();
    const stranger = connect({ servers: url, reconnect: false, authenticator: authenticatorOf(OTHER) });
    await t.throwsAsync(stranger, { code: 'AUTHORIZATION_VIOLATION' });
  });

  live(`${program.version}: every node of a cluster of three asks for a nonce that we sign`, async (t) => {
    const { folder, config } = await realmFolder(t);
    const { nodes } = await cluster(t, 3, { program, config });
    const jwt = await issueUser(folder, { role: 'agent', nkey: ME.nkey, name: 'me' });
    for (const { url } of nodes) {
      const nonces: string[] = [];
      const sign = authenticatorOf(ME, { jwt });
      const authenticator = (nonce?: string): ReturnType<typeof sign> => {
        nonces.push(nonce ?? '');
        return sign(nonce);
      };
      const connection = await connect({ servers: url, authenticator, ignoreClusterUpdates: true });
      await connection.close();
      t.is(nonces.length, 1);
      t.regex(nonces[0] ?? '', /^[A-Za-z0-9_-]{8,64}$/);
    }
  });
}

// Skipped by name where there is no server; failed where one is required.
if (brokers.length === 0) live('the permission matrix holds on a real broker', (t) => t.fail());

/** What the tools of a realm make once: the directory's bucket and the mailbox. */
async function makeStreams(tool: NatsConnection): Promise<void> {
  await tool.jetstream().views.kv(agents, { history: 1 });
  await (await tool.jetstreamManager()).streams.add({ name: mailStream, subjects: [`haggle.${REALM}.mail.*.*`] });
}

async function firstMail(connection: NatsConnection, of: string): Promise<string | undefined> {
  const manager = await connection.jetstreamManager();
  await manager.consumers.add(mailStream, {
    name: of,
    durable_name: of,
    filter_subject: `haggle.${REALM}.mail.${of}.*`,
  });
  const consumer = await connection.jetstream().consumers.get(mailStream, of);
  const message = await consumer.next({ expires: 2_000 });
  message?.ack();
  await connection.flush();
  return message?.string();
}
