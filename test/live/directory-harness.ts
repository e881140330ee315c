import { PATIENCE } from './broker.ts';
/** Directories of agents over a real broker. */
import type { ExecutionContext } from 'ava';
import {
  liveDirectory,
  type LiveDirectory,
  type LiveDirectoryOptions,
} from '../../agent-core/adapters/directory/live-directory.ts';
import { connectNats, type NatsLink } from '../../agent-core/adapters/nats.ts';
import type { NatsServer } from '../../agent-core/adapters/nats-server/run.ts';
import { nodeBackend } from '../../agent-core/adapters/node-crypto.ts';
import type { AgentCard } from '../../agent-core/directory/card.ts';
import type { DirectoryQuery } from '../../agent-core/directory/query.ts';
import type { Signer } from '../../agent-core/identity/signer.ts';
import { createRandomRoot } from '../../agent-core/random.ts';

export const REALM = 'test';

/** The key with this number. */
export function key(number: number): Signer {
  return nodeBackend.signer(new Uint8Array(32).fill(number));
}

/** What agent `number` says of itself. */
export function words(number: number): { name: string; protocols: AgentCard['protocols']; tags: readonly string[] } {
  return {
    name: `agent-${number}`,
    protocols: [{ id: 'haul/1.0.0/abc', roles: ['participant'] }],
    tags: [`n:${number}`],
  };
}

/** An agent with a directory of its own. */
export interface Member {
  readonly link: NatsLink;
  readonly directory: LiveDirectory;
  readonly signer: Signer;
  find(query?: DirectoryQuery): Promise<readonly AgentCard[]>;
  /** Names of all that it finds, sorted. */
  names(): Promise<readonly string[]>;
}

/** Connects agent `number`; link and directory end with the test. */
export async function member(
  t: ExecutionContext,
  server: Pick<NatsServer, 'url'>,
  { number, ...options }: { readonly number: number } & Partial<LiveDirectoryOptions>,
): Promise<Member> {
  const link = await connectNats({ servers: server.url, name: `agent-${number}`, connectWithin: PATIENCE });
  const signer = key(number);
  const directory = liveDirectory({
    link,
    signer,
    realm: REALM,
    clock: { now: () => Date.now() * 1_000 },
    random: createRandomRoot(number).stream('directory'),
    ...options,
  });
  t.teardown(async () => {
    directory.close();
    await link.bus.drain();
  });
  const find = async (query: DirectoryQuery = {}): Promise<readonly AgentCard[]> =>
    await new Promise((resolve) => {
      directory.find(query, resolve);
    });
  return {
    link,
    directory,
    signer,
    find,
    names: async () => (await find()).map(({ name = '?' }) => name).toSorted(),
  };
}
