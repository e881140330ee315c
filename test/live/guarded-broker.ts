import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { connect, Events, type NatsConnection } from 'nats';
import { authenticatorOf } from '../../agent-core/adapters/keys/authenticator.ts';
import { issueUser, writeRealm } from '../../agent-core/adapters/keys/realm-folder.ts';
import type { NatsProgram } from '../../agent-core/adapters/nats-server/find.ts';
import type { NatsServer } from '../../agent-core/adapters/nats-server/run.ts';
import { nodeBackend } from '../../agent-core/adapters/node-crypto.ts';
import { inboxPrefixOf, type BrokerRole } from '../../agent-core/bus/permissions.ts';
import type { Signer } from '../../agent-core/identity/signer.ts';
import { broker } from './broker.ts';

/** The realm of the tests. */
export const REALM = 'bazaar';

/** Signers by a number, the same in each run. */
export const signerOf = (number: number): Signer => nodeBackend.signer(new Uint8Array(32).fill(number));

/** A folder as `haggle nats-config` makes it, and the text by which a broker of the fixture takes it. */
export async function realmFolder(t: ExecutionContext): Promise<{ readonly folder: string; readonly config: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'haggle-realm-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  await writeRealm(folder, { realm: REALM, host: '127.0.0.1', port: 4222, jetstream: null });
  // Includes are relative to the folder of the fixture's file, which lies beside this one.
  return { folder, config: `include "../${basename(folder)}/nats-server.conf"\n` };
}

/** A broker that lets in only whom the folder's keys have issued a token. */
export interface GuardedBroker {
  readonly server: NatsServer;
  readonly folder: string;
  /** Logs in under a role with a token issued for that key. */
  readonly login: (signer: Signer, role?: BrokerRole) => Promise<NatsConnection>;
}

/** Starts a {@link GuardedBroker} with JetStream. */
export async function guardedBroker(t: ExecutionContext, program: NatsProgram): Promise<GuardedBroker> {
  const { folder, config } = await realmFolder(t);
  const server = await broker(t, { program, config, jetstream: true });
  return {
    server,
    folder,
    login: async (signer, role = 'agent') => {
      const jwt = await issueUser(folder, { role, nkey: signer.nkey, name: role });
      const connection = await connect({
        servers: server.url,
        authenticator: authenticatorOf(signer, { jwt }),
        inboxPrefix: inboxPrefixOf(role, signer.nkey),
        reconnect: false,
      });
      t.teardown(async () => await connection.close());
      return connection;
    },
  };
}

/** What the broker refused on a connection, as `publish SUBJECT` and `subscribe PATTERN`. */
export interface Refusals {
  /** All that were refused since this was made, once the broker has answered everything sent so far. */
  readonly settled: () => Promise<ReadonlySet<string>>;
}

/** Listens to the refusals on a connection. */
export function refusalsOn(connection: NatsConnection): Refusals {
  const refused = new Set<string>();
  void (async () => {
    for await (const status of connection.status()) {
      const context = status.type === Events.Error ? status.permissionContext : undefined;
      if (context === undefined) continue;
      refused.add(`${context.operation === 'publish' ? 'publish' : 'subscribe'} ${context.subject}`);
    }
  })();
  return {
    async settled() {
      await connection.flush();
      // The errors came before the answer to the flush; the loop above takes them one turn later each.
      for (let turn = 0; turn < 1_000; turn++) await Promise.resolve();
      return refused;
    },
  };
}
