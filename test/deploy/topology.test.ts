import { connect, nanos } from 'nats';
import { HaggleError } from '../../agent-core/errors.ts';
import { broker, brokers, eventually, live } from '../live/broker.ts';
import { deployText } from './files.ts';
import { startTopology } from './topology.ts';

/** Stands for the output of `haggle nats-config`, with passwords instead of keys. */
const ACCOUNTS = `accounts {
  SYS: { users: [{ user: system, password: system }] }
  HAGGLE: { jetstream: enabled, users: [{ user: agent, password: agent }] }
}
system_account: SYS
`;
const AGENT = { user: 'agent', pass: 'agent' };

for (const program of brokers) {
  live(
    `the nodes of compose.yaml are one broker that survives the death of a node (nats-server ${program.version})`,
    async (t) => {
      const nodes = await startTopology(t, { program, accounts: ACCOUNTS });
      for (const { name, healthy } of nodes) await eventually(`${name} is healthy`, healthy, 30);
      const connection = await connect({ servers: nodes.map(({ server }) => server.url), ...AGENT });
      t.teardown(async () => await connection.close());
      const manager = await connection.jetstreamManager({ checkAPI: false, timeout: 2_000 });
      const jetstream = connection.jetstream({ timeout: 2_000 });
      await eventually(
        'a stream of three replicas can be made',
        async () => {
          try {
            await manager.streams.add({ name: 'S', subjects: ['s.>'], num_replicas: 3, max_age: nanos(600_000) });
            return true;
          } catch {
            // A node is healthy before the nodes have elected a leader; until then nobody answers.
            return false;
          }
        },
        30,
      );
      for (let i = 0; i < 10; i++) await jetstream.publish('s.before', String(i));

      const { cluster } = await manager.streams.info('S');
      t.is(cluster?.replicas?.length, 2);
      const leader = nodes.find(({ name }) => name === cluster?.leader);
      t.truthy(leader, `the stream is led by ${cluster?.leader}`);
      await leader?.server.kill('SIGKILL');

      const kept = async (): Promise<number> => {
        try {
          return (await manager.streams.info('S')).state.messages;
        } catch {
          return -1;
        }
      };
      await eventually('the two others have a leader and all messages', async () => (await kept()) === 10, 30);
      for (let i = 0; i < 10; i++) {
        const id = `after-${i}`;
        await eventually(
          `${id} is stored`,
          async () => {
            try {
              await jetstream.publish('s.after', id, { msgID: id });
              return true;
            } catch {
              return false;
            }
          },
          30,
        );
      }
      t.is(await kept(), 20);

      await leader?.server.restart();
      await eventually('the node that died is healthy again', async () => await (leader?.healthy() ?? false), 30);
      await eventually(
        'the node that died has caught up',
        async () => {
          const { replicas = [] } = (await manager.streams.info('S')).cluster ?? {};
          return replicas.length === 2 && replicas.every(({ current }) => current);
        },
        30,
      );
      t.pass();
    },
  );

  live(`a broker that nobody gave accounts refuses to start (nats-server ${program.version})`, async (t) => {
    const placeholders = ['staging', 'production'].flatMap((name) => {
      const text = deployText(`kustomize/overlays/${name}/kustomization.yaml`);
      return [...text.matchAll(/- '(?:operator|accounts)\.conf=(.*)'$/gm)].map(([, placeholder]) => placeholder ?? '');
    });
    t.is(placeholders.length, 4);
    const includes = deployText('nats/cluster.conf').match(/^include .*$/gm) ?? [];
    t.is(includes.length, 2);
    for (const config of new Set([...placeholders, ...includes])) {
      const error = await t.throwsAsync(broker(t, { program, config: `${config}\n` }), { instanceOf: HaggleError });
      t.is(error.code, 'broker-not-started', config);
    }
  });
}

live('variables of the environment are read by the broker as the files write them', async (t) => {
  const { startNatsServer } = await import('../../agent-core/adapters/nats-server/run.ts');
  const values = { NATS_NAME: 'nats-0', NATS_MONITOR: '127.0.0.1:-1', NATS_ROUTES: 'localhost:-1' };
  for (const [name, value] of Object.entries(values)) process.env[name] = value;
  t.teardown(() => {
    for (const name of Object.keys(values)) delete process.env[name];
  });
  const text = deployText('nats/cluster.conf')
    .replaceAll(/^include .*$/gm, '')
    .replace(/^\s*sync_interval:.*$/m, '')
    .replace(/routes: \[[^\]]*\]/, '')
    .replace('"/data"', '"never"')
    .replace(/jetstream \{[^}]*\}/, '');
  const server = await startNatsServer({ config: `${text}${ACCOUNTS}` });
  t.teardown(async () => await server.stop());
  const connection = await connect({ servers: server.url, ...AGENT });
  t.is(connection.info?.server_name, 'nats-0');
  t.true(
    server.logs.some((line) => /monitor on 127\.0\.0\.1/.test(line)),
    server.logs.join('\n'),
  );
  await connection.close();
});
