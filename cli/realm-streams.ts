import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { authenticatorOf } from '../agent-core/adapters/keys/authenticator.ts';
import { issueUser, readRealm, type RealmKeyOptions } from '../agent-core/adapters/keys/realm-folder.ts';
import { connectNats, type NatsLink } from '../agent-core/adapters/nats.ts';
import { nodeBackend } from '../agent-core/adapters/node-crypto.ts';
import { prepareRealm } from '../agent-core/adapters/realm-streams.ts';
import { inboxPrefixOf } from '../agent-core/bus/permissions.ts';
import { HaggleError } from '../agent-core/errors.ts';

/** Which realm to prepare, and where. */
export interface RealmStreamsRequest extends RealmKeyOptions {
  /** The folder that `haggle nats-config` made. */
  readonly folder: string;
  readonly servers: readonly string[];
  /** Copies in a cluster: 1, 3 or 5. */
  readonly replicas: number;
}

/** The login lives as long as the work may take, and a little. */
const LOGIN_SECONDS = 120;
/** A cluster that has just been started has no leader yet, and says so in many ways. */
const PATIENCE_MILLIS = 15_000;
const RETRY_MILLIS = 250;

/**
 * Makes the directory's bucket and the mailboxes' stream of a realm, with a key and a login that are forgotten afterwards: no agent
 * may make them, as whoever can make a stream can have it repeat messages into the inboxes of others. Safe to repeat.
 *
 * @throws HaggleError `realm-not-prepared`; as `issueUser` and `connectNats`
 */
export async function makeRealmStreams(request: RealmStreamsRequest): Promise<void> {
  const { folder, servers, replicas, passphrase } = request;
  const { realm } = readRealm(folder);
  const signer = nodeBackend.signer(randomBytes(32));
  const jwt = await issueUser(folder, {
    role: 'tool',
    nkey: signer.nkey,
    name: 'haggle nats-config streams',
    expires: Math.floor(Date.now() / 1_000) + LOGIN_SECONDS,
    ...(passphrase === undefined ? {} : { passphrase }),
  });
  const link = await connectNats({
    servers,
    name: 'haggle nats-config streams',
    authenticator: authenticatorOf(signer, { jwt }),
    inboxPrefix: inboxPrefixOf('tool', signer.nkey),
  });
  try {
    await prepared(link, { realm, replicas });
  } finally {
    await link.bus.drain();
  }
}

async function prepared(link: NatsLink, streams: Parameters<typeof prepareRealm>[1]): Promise<void> {
  const until = Date.now() + PATIENCE_MILLIS;
  for (;;) {
    try {
      return await prepareRealm(link.connection, streams);
    } catch (cause) {
      if (link.jetstream && Date.now() < until) {
        await pause(RETRY_MILLIS);
        continue;
      }
      const why = cause instanceof Error ? cause.message : 'it says nothing';
      const what = link.jetstream ? why : 'it has no JetStream';
      throw new HaggleError('realm-not-prepared', `making the streams of realm "${streams.realm}": ${what}`, { cause });
    }
  }
}
