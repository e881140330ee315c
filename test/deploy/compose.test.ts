import test from 'ava';
import { LIMITS } from '../../agent-core/limits.ts';
import { agents, compose, mountsOf, networksOf, nodes } from './compose.ts';
import { deployText, sorted } from './files.ts';

const config = deployText('nats/cluster.conf');

test('a broker of three nodes and two agents, and nothing else', (t) => {
  t.is(nodes.length, 3);
  t.is(agents.length, 2);
  t.is(Object.keys(compose.services).length, 5);
});

test('no service may write where it need not or gain what it has not', (t) => {
  for (const [name, service] of Object.entries(compose.services)) {
    t.true(service.read_only, name);
    t.deepEqual(service.cap_drop, ['ALL'], name);
    t.deepEqual(service.security_opt, ['no-new-privileges:true'], name);
    t.regex(service.image, /^[a-z]+:\d+\.\d+\.\d+/, name);
  }
});

test('agents cannot reach the ports by which nodes trust each other', (t) => {
  const routes = Object.entries(compose.networks).filter(([, settings]) => settings.internal === true);
  t.deepEqual(
    routes.map(([name]) => name),
    ['routes'],
  );
  for (const [name, agent] of agents) t.deepEqual([...networksOf(agent).keys()], ['clients'], name);
  for (const [name, node] of nodes) {
    const aliases = networksOf(node).get('routes') ?? [];
    t.deepEqual(aliases, [`${name}.nats-routes`]);
    t.is(node.environment?.['NATS_ROUTES'], `${aliases[0]}:6222`, 'listens in that network only');
    t.true(config.includes(`"nats-route://${aliases[0]}:6222"`));
    t.is(node.environment?.['NATS_MONITOR'], '127.0.0.1:8222');
  }
});

test('nothing is published but the port for clients, and only on this machine', (t) => {
  const ports = Object.values(compose.services).flatMap(({ ports: published = [] }) => published);
  t.is(ports.length, 3);
  for (const port of ports) t.regex(port, /^127\.0\.0\.1:\d+:4222$/);
});

test('each process has a volume of its own', (t) => {
  const volumes = Object.values(compose.services).map(
    (service) => mountsOf(service).find(({ path }) => path === '/data')?.source,
  );
  t.deepEqual(sorted(volumes), sorted(Object.keys(compose.volumes)));
  t.is(new Set(volumes).size, 5);
});

test('each agent has its own key and token, and waits for healthy nodes', (t) => {
  for (const [name, agent] of agents) {
    t.deepEqual(agent.secrets, [`${name}.key`, `${name}.jwt`]);
    for (const flag of [
      `--name=${name}`,
      `--key=/run/secrets/${name}.key`,
      `--jwt=/run/secrets/${name}.jwt`,
      '--data=/data',
    ])
      t.true(agent.command.includes(flag), flag);
    t.deepEqual(
      Object.entries(agent.depends_on ?? {}),
      nodes.map(([node]) => [node, { condition: 'service_healthy' }]),
    );
    t.deepEqual(
      agent.environment?.['HAGGLE_NATS']?.split(','),
      nodes.map(([node]) => `nats://${node}:4222`),
    );
  }
});

test('every node keeps what it acknowledges, and is asked only about itself', (t) => {
  t.regex(config, /^\s*sync_interval: always$/m);
  for (const file of ['operator', 'accounts']) t.regex(config, new RegExp(`^include "accounts/${file}\\.conf"$`, 'm'));
  for (const [name, { healthcheck }] of nodes)
    t.is(healthcheck?.test.at(-1), 'http://127.0.0.1:8222/healthz?js-server-only=true', name);
});

test('the broker takes the longest message that an agent sends, headers included, and nothing longer', (t) => {
  const headerBytes = 4_096;
  const [, bytes] = /^max_payload: (\d+)$/m.exec(config) ?? [];
  t.is(Number(bytes), LIMITS.payloadBytes + headerBytes);
});
