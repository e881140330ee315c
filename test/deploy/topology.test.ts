import { connect, nanos, type ConnectionOptions } from 'nats';
import { authenticatorOf } from '../../agent-core/adapters/keys/authenticator.ts';
import { issueUser } from '../../agent-core/adapters/keys/realm-folder.ts';
import { startNatsServer } from '../../agent-core/adapters/nats-server/run.ts';
import { nodeBackend } from '../../agent-core/adapters/node-crypto.ts';
import { inboxPrefixOf, streamsOf } from '../../agent-core/bus/permissions.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import { broker, brokers, eventually, live } from '../live/broker.ts';
import { deployText } from './files.ts';
import { INCLUDES, noBroker, REALM, startTopology, trust } from './topology.ts';

const SECONDS = 30;

interface Maker extends Pick<ConnectionOptions, 'authenticator' | 'inboxPrefix'> {
  readonly nkey: string;
}

/** The login of whoever makes the streams of a realm. */
async function toolOf(folder: string): Promise<Maker> {
  const signer = nodeBackend.signer(new Uint8Array(32).fill(7));
  const { nkey } = signer;
  const jwt = await issueUser(folder, { role: 'tool', nkey, name: 'test' });
  return { nkey, authenticator: authenticatorOf(signer, { jwt }), inboxPrefix: inboxPrefixOf('tool', nkey) };
}

/** True where `act` ends well. While nodes elect a leader, requests fail or nobody answers them. */
async function done(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch {
    return false;
  }
}

for (const program of brokers.length > 0 ? brokers : [null]) {
  const on = `(nats-server ${program?.version ?? 'needed'})`;

  live(`the nodes of compose.yaml are one broker that survives the death of a node ${on}`, async (t) => {
    if (program === null) throw noBroker();
    const { accounts, folder } = await trust(t);
    const { nkey, ...tool } = await toolOf(folder);
    const nodes = await startTopology(t, { program, accounts });
    for (const { name, healthy } of nodes) await eventually(`${name} is healthy`, healthy, SECONDS);
    const connection = await connect({ servers: nodes.map(({ server }) => server.url), ...tool });
    t.teardown(async () => await connection.close());
    const manager = await connection.jetstreamManager({ checkAPI: false, timeout: 2_000 });
    const jetstream = connection.jetstream({ timeout: 2_000 });

    const name = streamsOf(REALM).mailStream;
    const settings = { name, subjects: [`haggle.${REALM}.mail.*.*`], num_replicas: 3, max_age: nanos(600_000) };
    await eventually('the mailbox has three replicas', () => done(() => manager.streams.add(settings)), SECONDS);
    const send = (id: string): Promise<boolean> =>
      done(() => jetstream.publish(`haggle.${REALM}.mail.${nkey}.${nkey}`, id, { msgID: id }));
    const kept = async (): Promise<number> => (await manager.streams.info(name)).state.messages;
    for (let i = 0; i < 10; i++) await eventually(`mail ${i} is stored`, () => send(`before-${i}`), SECONDS);
    t.is(await kept(), 10);

    const { cluster } = await manager.streams.info(name);
    t.is(cluster?.replicas?.length, 2);
    const leader = nodes.find((node) => node.name === cluster?.leader);
    t.truthy(leader, `the stream is led by ${cluster?.leader}`);
    await leader?.server.kill('SIGKILL');
    for (let i = 0; i < 10; i++)
      await eventually(`mail ${i} is stored by the two others`, () => send(`after-${i}`), SECONDS);
    t.is(await kept(), 20);

    await leader?.server.restart();
    await eventually('the node that died is healthy again', async () => (await leader?.healthy()) === true, SECONDS);
    const caughtUp = async (): Promise<boolean> => {
      const { replicas = [] } = (await manager.streams.info(name)).cluster ?? {};
      return replicas.length === 2 && replicas.every(({ current }) => current);
    };
    await eventually('the node that died has caught up', async () => await caughtUp(), SECONDS);
    t.is(await kept(), 20);
  });

  live(`a broker that nobody gave accounts refuses to start ${on}`, async (t) => {
    if (program === null) throw noBroker();
    const placeholders = ['staging', 'production'].flatMap((name) => {
      const text = deployText(`kustomize/overlays/${name}/kustomization.yaml`);
      return [...text.matchAll(/- '(?:operator|accounts)\.conf=(.*)'$/gm)].map(([, placeholder]) => placeholder ?? '');
    });
    t.is(placeholders.length, 4);
    t.is(INCLUDES.length, 2);
    for (const config of new Set([...placeholders, ...INCLUDES])) {
      const error = await t.throwsAsync(broker(t, { program, config: `${config}\n` }), { instanceOf: HaggleError });
      t.is(error.code, 'broker-not-started', config);
    }
  });

  live(`the broker reads from its environment what the files put there ${on}`, async (t) => {
    const values = { NATS_NAME: 'nats-0', NATS_MONITOR: '127.0.0.1:-1', NATS_ROUTES: 'localhost:-1' };
    for (const [name, value] of Object.entries(values)) process.env[name] = value;
    if (program === null) throw noBroker();
    const { accounts, folder } = await trust(t);
    const tool = await toolOf(folder);
    const text = deployText('nats/cluster.conf')
      .replaceAll(/^include .*$/gm, '')
      .replace(/routes: \[[^\]]*\]/, '')
      .replace(/jetstream \{[^}]*\}/, '');
    const server = await startNatsServer({ program, config: `${text}${accounts}` });
    t.teardown(async () => await server.stop());
    const connection = await connect({ servers: server.url, ...tool });
    t.is(connection.info?.server_name, 'nats-0');
    t.is(connection.info?.max_payload, 69_632);
    await eventually('it serves its monitor', () =>
      server.logs.some((line) => /http monitor on 127\.0\.0\.1/.test(line)),
    );
    await eventually('it listens for routes', () =>
      server.logs.some((line) => /route connections on localhost/.test(line)),
    );
    await connection.close();
  });

  live(`whoever has no token of the realm is refused by the nodes' configuration ${on}`, async (t) => {
    if (program === null) throw noBroker();
    const { accounts } = await trust(t);
    const server = await broker(t, { program, config: accounts });
    const error = await t.throwsAsync(connect({ servers: server.url, reconnect: false, maxReconnectAttempts: 0 }));
    t.regex(error.message, /AUTHORIZATION_VIOLATION|Authorization/i);
  });
}
