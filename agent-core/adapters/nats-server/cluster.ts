import { setTimeout as pause } from 'node:timers/promises';
import { HaggleError } from '../../errors.ts';
import { freePort } from './free-port.ts';
import { startNatsServer, type NatsServer, type NatsServerOptions } from './run.ts';

/** Options of {@link startNatsCluster}. */
export interface NatsClusterOptions extends Pick<NatsServerOptions, 'program' | 'jetstream'> {
  /** Servers of the cluster; 3 if left out. */
  readonly size?: number;
  /** More of the configuration, the same for every node. */
  readonly config?: string;
}

/** Several nats-servers on this machine that are one broker. */
export interface NatsCluster {
  readonly nodes: readonly NatsServer[];
  /** Addresses of all nodes, for clients. */
  readonly urls: readonly string[];
  /** Resolves once every node that runs has a route to every other, and JetStream (if asked for) has a leader. */
  ready(): Promise<void>;
  /** Ends all nodes. */
  stop(): Promise<void>;
}

const READY_MILLIS = 30_000;
const POLL_MILLIS = 25;
const CLUSTER_TRIES = 3;

/**
 * Starts a cluster on free ports of 127.0.0.1 and waits until it is one.
 *
 * @throws HaggleError as `startNatsServer`, `broker-not-started` where the nodes do not find each other
 */
export async function startNatsCluster(options: NatsClusterOptions = {}): Promise<NatsCluster> {
  for (let tries = 1; ; tries++) {
    try {
      return await tryCluster(options);
    } catch (error) {
      // Ports of routes are chosen before the servers take them; another may have been faster.
      if (!(error instanceof HaggleError) || error.code !== 'broker-not-started' || tries === CLUSTER_TRIES)
        throw error;
    }
  }
}

interface Node {
  readonly server: NatsServer;
  readonly monitor: string;
}

async function tryCluster({
  size = 3,
  jetstream = false,
  config = '',
  program,
}: NatsClusterOptions): Promise<NatsCluster> {
  const routes: number[] = [];
  while (routes.length < size) {
    const port = await freePort();
    if (!routes.includes(port)) routes.push(port);
  }
  const started = await Promise.allSettled(
    routes.map(async (_, index): Promise<Node> => {
      const monitor = await freePort();
      const server = await startNatsServer({
        config: `${nodeConfig(routes, index, monitor)}${config}\n`,
        jetstream,
        ...(program === undefined ? {} : { program }),
      });
      return { server, monitor: `http://127.0.0.1:${monitor}` };
    }),
  );
  const nodes = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const cluster: NatsCluster = {
    nodes: nodes.map(({ server }) => server),
    urls: nodes.map(({ server }) => server.url),
    ready: async () => await clusterReady(nodes, jetstream),
    stop: async () => void (await Promise.all(nodes.map(async ({ server }) => await server.stop()))),
  };
  const failed = started.find((result) => result.status === 'rejected');
  try {
    if (failed !== undefined) throw failed.reason;
    await cluster.ready();
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

function nodeConfig(routes: readonly number[], index: number, monitor: number): string {
  const others = routes.filter((_, other) => other !== index).map((port) => `nats://127.0.0.1:${port}`);
  return [
    `server_name: node-${index + 1}`,
    `http: "127.0.0.1:${monitor}"`,
    `cluster { name: haggle, listen: "127.0.0.1:${routes[index]}", routes: [${others.join(', ')}] }`,
    '',
  ].join('\n');
}

async function clusterReady(nodes: readonly Node[], jetstream: boolean): Promise<void> {
  const deadline = performance.now() + READY_MILLIS;
  for (;;) {
    const running = nodes.filter(({ server }) => server.running);
    const faults = await Promise.all(running.map(async (node) => await nodeFault(node, running.length, jetstream)));
    const fault = faults.find((text) => text !== null) ?? null;
    if (fault === null) return;
    if (performance.now() > deadline) {
      throw new HaggleError('broker-not-started', `the cluster was not ready after ${READY_MILLIS} ms: ${fault}`);
    }
    await pause(POLL_MILLIS);
  }
}

async function nodeFault({ server, monitor }: Node, size: number, jetstream: boolean): Promise<string | null> {
  try {
    const routes = remotesOf(await answer(`${monitor}/routez`));
    if (routes.size < size - 1) return `${server.url} has routes to ${routes.size} of ${size - 1} other nodes`;
    if (jetstream && leaderOf(await answer(`${monitor}/jsz`)) === '') return `${server.url} knows no JetStream leader`;
    return null;
  } catch (error) {
    return `${server.url} does not answer: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function answer(url: string): Promise<unknown> {
  const response = await fetch(url);
  return await response.json();
}

/** Ids of the servers at the other end; several routes may lead to one. */
function remotesOf(routez: unknown): ReadonlySet<string> {
  const routes = isRecord(routez) && Array.isArray(routez['routes']) ? (routez['routes'] as readonly unknown[]) : [];
  return new Set(routes.map((route) => (isRecord(route) ? String(route['remote_id']) : '')));
}

function leaderOf(jsz: unknown): string {
  const meta = isRecord(jsz) ? jsz['meta_cluster'] : null;
  const leader = isRecord(meta) ? meta['leader'] : null;
  return typeof leader === 'string' ? leader : '';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
