import { mkdirSync, readFileSync } from 'node:fs';
import { posix, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { freePort } from '../../agent-core/adapters/nats-server/free-port.ts';
import type { NatsProgram } from '../../agent-core/adapters/nats-server/find.ts';
import { writeRealm } from '../../agent-core/adapters/keys/realm-folder.ts';
import { startNatsServer, type NatsServer } from '../../agent-core/adapters/nats-server/run.ts';
import { scratch } from '../cli/haggle.ts';
import { agents, mountsOf, networksOf, nodes, type Service } from './compose.ts';
import { deployText } from './files.ts';

/** The realm of the agents of compose.yaml. */
export const REALM = agents[0]?.[1].environment?.['HAGGLE_REALM'] ?? '';

/** The lines by which a node reads whom to trust. */
export const INCLUDES: readonly string[] = deployText('nats/cluster.conf').match(/^include .*$/gm) ?? [];

/** One node of compose.yaml as a process on loopback. */
export interface RunningNode {
  readonly name: string;
  readonly server: NatsServer;
  /** What compose.yaml asks to know whether it is healthy. */
  readonly healthy: () => Promise<boolean>;
}

/** Where a test that needs a nats-server must not be skipped and there is none. */
export function noBroker(): Error {
  return new Error('no nats-server: HAGGLE_NATS_SERVER names one, or it is on the PATH');
}

/** What `haggle nats-config` makes, for the nodes and for whoever logs in. */
export interface Trust {
  readonly folder: string;
  /** The files that the configuration of a node includes, in that order. */
  readonly accounts: string;
}

/** Makes the keys of a realm in a folder that ends with the test. */
export async function trust(t: ExecutionContext): Promise<Trust> {
  const folder = scratch(t)('realm');
  mkdirSync(folder);
  await writeRealm(folder, { realm: REALM, host: '127.0.0.1', port: 4222, jetstream: null });
  const names = INCLUDES.map((line) => /"accounts\/(.*)"$/.exec(line)?.[1] ?? '');
  return { folder, accounts: names.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n') };
}

/** Settings of the nodes that a test replaces. */
export interface TopologyOptions {
  readonly program: NatsProgram;
  /** Stands for the included files: whom to trust. */
  readonly accounts: string;
}

/** Since this release a node knows `sync_interval: always`. */
const ALWAYS_SINCE = [2, 10];

/** The nodes of compose.yaml with its configuration; only addresses and folders are this machine's. They end with the test. */
export async function startTopology(
  t: ExecutionContext,
  { program, accounts }: TopologyOptions,
): Promise<readonly RunningNode[]> {
  const path = scratch(t);
  const places = new Map<string, Place>();
  for (const [name, service] of nodes) places.set(name, await placeOf(name, service, path(name)));
  const started = await Promise.all(
    [...places].map(async ([name, place]) => {
      const config = withoutUnknown(configOf(place, [...places.values()], accounts), program, t);
      const server = await startNatsServer({ program, config, port: place.client });
      t.teardown(async () => await server.stop());
      return { name, server, healthy: async () => await isHealthy(place) };
    }),
  );
  return started;
}

interface Place {
  readonly service: Service;
  /** `host:port` of the file → `host:port` here. */
  readonly addresses: ReadonlyMap<string, string>;
  readonly client: number;
  /** Where the volume of `/data` lies here. */
  readonly folder: string;
}

async function placeOf(name: string, service: Service, folder: string): Promise<Place> {
  const environment = service.environment ?? {};
  const addresses = new Map<string, string>();
  for (const value of Object.values(environment)) {
    if (value.includes(':')) addresses.set(value, `127.0.0.1:${await freePort()}`);
  }
  const reached = [...networksOf(service).values()].flat();
  if (![...addresses.keys()].some((address) => reached.includes(address.split(':')[0] ?? ''))) {
    throw new Error(`${name} listens for routes on none of its own names`);
  }
  mkdirSync(folder);
  return { service, addresses, client: await freePort(), folder };
}

/** The file that the service is told to read, found through its mounts, with its environment and this machine's addresses. */
function configOf(place: Place, all: readonly Place[], accounts: string): string {
  const { service, folder } = place;
  const told = service.command[service.command.indexOf('--config') + 1] ?? '';
  let text = deployText(mountedFile(service, told));
  for (const [name, value] of Object.entries(service.environment ?? {})) {
    text = text.replaceAll(new RegExp(`\\$${name}\\b`, 'g'), `"${place.addresses.get(value) ?? value}"`);
  }
  for (const { addresses } of all) {
    for (const [there, here] of addresses) text = text.replaceAll(`//${there}"`, `//${here}"`);
  }
  const volume = mountsOf(service).find(({ source }) => !source.startsWith('.'));
  text = text.replaceAll(`"${volume?.path}"`, JSON.stringify(join(folder, 'data')));
  return `${text.replaceAll(/^include .*$/gm, '')}${accounts}`;
}

function mountedFile(service: Service, path: string): string {
  for (const { source, path: mounted } of mountsOf(service)) {
    if (mounted === path) return source;
    const inside = posix.relative(mounted, path);
    if (source.startsWith('.') && !inside.startsWith('..')) return posix.join(source, inside);
  }
  throw new Error(`nothing is mounted at ${path}`);
}

/** Debian's 2.9.10 cannot sync at every write; it still forms the same cluster. */
function withoutUnknown(config: string, { version }: NatsProgram, t: ExecutionContext): string {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const knows = major > (ALWAYS_SINCE[0] ?? 0) || minor >= (ALWAYS_SINCE[1] ?? 0);
  if (knows) return config;
  t.log(`nats-server ${version} does not know sync_interval: always; it is left out in this test`);
  return config.replace(/^\s*sync_interval:.*$/m, '');
}

async function isHealthy({ service, addresses }: Place): Promise<boolean> {
  const url = new URL(service.healthcheck?.test.at(-1) ?? '');
  const here = addresses.get(url.host);
  if (here === undefined) throw new Error(`the health check asks ${url.host}, where nothing listens`);
  try {
    const response = await fetch(`http://${here}${url.pathname}${url.search}`);
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
