/**
 * Real nats-servers for tests: each test starts its own on a free port, and it ends with the test.
 *
 * Where none can be had the tests are skipped by name; with HAGGLE_REQUIRE_NATS=1 they fail instead.
 */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import {
  startNatsCluster,
  type NatsCluster,
  type NatsClusterOptions,
} from '../../agent-core/adapters/nats-server/cluster.ts';
import {
  cacheFolder,
  compareVersions,
  findNatsServers,
  type NatsProgram,
} from '../../agent-core/adapters/nats-server/find.ts';
import { installNatsServer, type InstallMethod } from '../../agent-core/adapters/nats-server/install.ts';
import { startNatsServer, type NatsServer, type NatsServerOptions } from '../../agent-core/adapters/nats-server/run.ts';

/** Older than this a nats-server lacks what some tests ask for, and has known holes. */
const MODERN = '2.11.0';
/** After an attempt to install has failed, other test processes do not try again for so long. */
const FAILED_MILLIS = 10 * 60_000;

/**
 * The servers that can be had here, the one that tests use first; one of each version.
 *
 * A machine with none gets one, into the cache and without root; one that has a recent one gets Debian's old one beside it
 * where apt can give it, and the other way round, so that a matrix has both. Not where `HAGGLE_NATS_SERVER` says which one to
 * test, and not with HAGGLE_NATS_INSTALL=0.
 */
export const brokers: readonly NatsProgram[] = await available();

async function available(): Promise<readonly NatsProgram[]> {
  const found = await findNatsServers();
  const named = process.env['HAGGLE_NATS_SERVER'] ?? '';
  if (named !== '' || process.env['HAGGLE_NATS_INSTALL'] === '0') return found;
  const modern = found.some(({ version }) => compareVersions(version, MODERN) >= 0);
  const old = found.some(({ version }) => compareVersions(version, MODERN) < 0);
  if (!modern) await attempt(['go', 'archive']);
  if (!old) await attempt(['apt']);
  if (!modern && !old) await attempt(['brew']);
  return await findNatsServers();
}

async function attempt(methods: readonly InstallMethod[]): Promise<void> {
  for (const method of methods) {
    const failed = join(cacheFolder(), 'nats-server', `.${method}-failed`);
    const age = Date.now() - (statSync(failed, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (age < FAILED_MILLIS) continue;
    try {
      await installNatsServer({ method });
      return;
    } catch (error) {
      mkdirSync(dirname(failed), { recursive: true });
      writeFileSync(failed, error instanceof Error ? error.message : String(error));
    }
  }
}

const [program] = brokers;
const REQUIRED = process.env['HAGGLE_REQUIRE_NATS'] === '1';

/**
 * A test that needs a nats-server. Those of one file run one after another: a machine that starts twenty servers and their clients at once
 * keeps no promise about time, and nats-server itself gives a login two seconds.
 */
export const live = program === undefined && !REQUIRED ? test.serial.skip : test.serial;

/** How long a test waits for a server that is there: longer than any machine is busy with other things. */
export const PATIENCE = '60 s';

/** One server; it ends with the test. */
export async function broker(t: ExecutionContext, options: NatsServerOptions = {}): Promise<NatsServer> {
  const server = await startNatsServer({ ...(program === undefined ? {} : { program }), ...options });
  t.teardown(async () => await server.stop());
  return server;
}

/** A cluster of `size` servers; it ends with the test. */
export async function cluster(
  t: ExecutionContext,
  size: number,
  options: Omit<NatsClusterOptions, 'size'> = {},
): Promise<NatsCluster> {
  const servers = await startNatsCluster({ ...(program === undefined ? {} : { program }), ...options, size });
  t.teardown(async () => await servers.stop());
  return servers;
}

/** Waits until `condition` holds; fails with `what` where it does not within `seconds`. For what no event tells. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  seconds = 60,
): Promise<void> {
  const deadline = performance.now() + seconds * 1_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}
