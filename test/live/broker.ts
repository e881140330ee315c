/**
 * Real nats-servers for tests: each test starts its own on a free port, and it ends with the test.
 *
 * Where none can be had the tests are skipped by name; with HAGGLE_REQUIRE_NATS=1 they fail instead.
 */
import test, { type ExecutionContext } from 'ava';
import {
  startNatsCluster,
  type NatsCluster,
  type NatsClusterOptions,
} from '../../agent-core/adapters/nats-server/cluster.ts';
import { findNatsServers, type NatsProgram } from '../../agent-core/adapters/nats-server/find.ts';
import { startNatsServer, type NatsServer, type NatsServerOptions } from '../../agent-core/adapters/nats-server/run.ts';

/** The servers that can be had here, the one that tests use first; one of each version. */
export const brokers: readonly NatsProgram[] = await findNatsServers();

const [program] = brokers;
const REQUIRED = process.env['HAGGLE_REQUIRE_NATS'] === '1';

/** A test that needs a nats-server. */
export const live = program === undefined && !REQUIRED ? test.skip : test;

/** A {@link live} test that must not run beside others of its file. */
export const liveSerial = program === undefined && !REQUIRED ? test.serial.skip : test.serial;

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
  seconds = 10,
): Promise<void> {
  const deadline = performance.now() + seconds * 1_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}
