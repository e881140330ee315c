import type { NatsConnection } from 'nats';
import type { PlayedProtocol } from '../../directory/card.ts';
import type { Did } from '../../identity/did-key.ts';

/** Name under which agents answer as services of NATS (ADR-32), so that `nats micro ls` shows them. */
export const SERVICE_NAME = 'haggle-agent';

/** What an agent tells as a service. */
export interface ServiceFacts {
  readonly did: Did;
  readonly realm: string;
  readonly protocols: readonly PlayedProtocol[];
}

/** Version of what the service tells, not of the agent. */
const SERVICE_VERSION = '1.0.0';

/**
 * Answers `$SRV.PING`, `$SRV.INFO` and `$SRV.STATS` for an agent. Unsigned, so for people and their tools only: agents believe
 * records. Returns what ends it.
 */
export async function serveAgent(
  connection: Pick<NatsConnection, 'services'>,
  { did, realm, protocols }: ServiceFacts,
): Promise<() => Promise<void>> {
  const service = await connection.services.add({
    name: SERVICE_NAME,
    version: SERVICE_VERSION,
    description: 'A Haggle agent',
    metadata: { did, realm, protocols: protocols.map(({ id }) => id).join(' ') },
  });
  return async () => {
    await service.stop();
  };
}
