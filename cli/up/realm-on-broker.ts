import { readKeyFile } from '../../agent-core/adapters/keys/key-file.ts';
import { authenticatorOf } from '../../agent-core/adapters/keys/authenticator.ts';
import { connectNats } from '../../agent-core/adapters/nats.ts';
import { prepareRealm } from '../../agent-core/adapters/realm-streams.ts';
import { inboxPrefixOf } from '../../agent-core/bus/permissions.ts';
import { tokenIn } from '../broker-token.ts';
import { runPaths } from './run-folder.ts';

/** Which realm is made, on which broker. */
export interface RealmOnBroker {
  readonly folder: string;
  readonly realm: string;
  readonly url: string;
}

/**
 * Makes directory and mailbox of a realm on our own broker, with the login of the console: agents may use them, not make them.
 * Safe to repeat.
 */
export async function makeRealm({ folder, realm, url }: RealmOnBroker): Promise<void> {
  const key = await readKeyFile(runPaths.consoleKey(folder));
  const link = await connectNats({
    servers: url,
    name: 'haggle up',
    authenticator: authenticatorOf(key.signer, { jwt: tokenIn(runPaths.consoleToken(folder)) }),
    inboxPrefix: inboxPrefixOf('tool', key.signer.nkey),
  });
  try {
    await prepareRealm(link.connection, { realm, replicas: 1 });
  } finally {
    await link.bus.drain();
    key.dispose();
  }
}
