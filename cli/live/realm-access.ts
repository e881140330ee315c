import { randomBytes } from 'node:crypto';
import { serveAgent } from '../../agent-core/adapters/directory/agent-service.ts';
import { liveDirectory } from '../../agent-core/adapters/directory/live-directory.ts';
import { systemTiming } from '../../agent-core/adapters/live/timing.ts';
import { liveMail, type LiveMail } from '../../agent-core/adapters/mail/live-mail.ts';
import type { NatsLink } from '../../agent-core/adapters/nats.ts';
import type { PlayedProtocol } from '../../agent-core/directory/card.ts';
import type { DirectoryPort } from '../../agent-core/directory/port.ts';
import type { BoxKey } from '../../agent-core/identity/box-key.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';
import type { Signer } from '../../agent-core/identity/signer.ts';
import type { Log } from '../../agent-core/log.ts';
import { createRandomRoot } from '../../agent-core/random.ts';

/** Whose access to a realm it is. */
export interface RealmAccessParts {
  readonly link: NatsLink;
  readonly signer: Signer;
  readonly box: BoxKey;
  readonly realm: string;
  readonly log: Log;
}

/** What an agent has of its realm beside messages: who is there, mail, and to be seen by tools. */
export interface RealmAccess {
  readonly directory: DirectoryPort;
  /** Undefined where the broker has no JetStream. */
  readonly mail: LiveMail | undefined;
  close(): Promise<void>;
}

/** Opens the realm to one agent. A broker without JetStream leaves it a directory of peers, and no mail. */
export function openRealm({ link, signer, box, realm, log }: RealmAccessParts): RealmAccess {
  const { jetstream } = link;
  const records = liveDirectory({
    link,
    ...(jetstream ? {} : { bucketReplicas: false }),
    signer,
    realm,
    log,
    clock: { now: () => systemTiming.wall() },
    random: createRandomRoot(randomBytes(16).toString('hex')).stream('directory'),
    box: box.publicKey,
  });
  const boxOf = (agent: Did): Promise<string | null> => records.boxOf(agent);
  const mail = jetstream ? liveMail({ link, signer, realm, box, log, boxOf }) : undefined;
  const service = createService(link, { signer, realm, log });
  return {
    mail,
    directory: {
      announce(words) {
        records.announce(words);
        service.begin(words.protocols);
      },
      withdraw() {
        records.withdraw();
        service.end();
      },
      find: (query, done) => records.find(query, done),
    },
    async close() {
      service.end();
      await service.settled();
      records.close();
    },
  };
}

interface Service {
  begin(protocols: readonly PlayedProtocol[]): void;
  end(): void;
  /** Resolves once what was begun or ended is. */
  settled(): Promise<void>;
}

/** The agent as a service of NATS, one after another: a life that begins anew may play other roles. */
function createService(
  { connection }: NatsLink,
  { signer, realm, log }: Pick<RealmAccessParts, 'signer' | 'realm' | 'log'>,
): Service {
  let running: Promise<(() => Promise<void>) | null> = Promise.resolve(null);
  const failed = (error: unknown): null => {
    const why = error instanceof Error ? error.message : 'unknown';
    log.warn({ event: 'not-served', why });
    return null;
  };
  const over = async (): Promise<null> => {
    const end = await running;
    await end?.();
    return null;
  };
  return {
    begin(protocols) {
      const facts = { did: signer.did, realm, protocols };
      running = over()
        .then(() => serveAgent(connection, facts))
        .catch(failed);
    },
    end() {
      running = over().catch(failed);
    },
    settled: async () => void (await running),
  };
}
