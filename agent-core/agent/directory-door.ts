import type { AgentCard } from '../directory/card.ts';
import { noDirectory } from '../directory/port.ts';
import { checkQuery } from '../directory/query.ts';
import type { AnyProtocol } from '../protocol/conversation-types.ts';
import type { AgentsWanted, DirectoryAccess } from './directory-access.ts';
import type { Host } from './host.ts';
import type { Turns } from './turns.ts';

/** The door from handlers to the host's directory. */
export function createDirectoryAccess(host: Host, turns: Turns): DirectoryAccess {
  return Object.freeze({
    find: ({ protocol, ...wanted }: AgentsWanted<AnyProtocol | string, string> = {}) => {
      const { directory } = host;
      if (directory === undefined) throw noDirectory(`looking for agents by "${host.name}"`);
      const id = typeof protocol === 'object' ? protocol.id : protocol;
      const query = checkQuery({ ...wanted, ...(id === undefined ? {} : { protocol: id }) });
      let settle: (cards: readonly AgentCard[]) => void = () => undefined;
      // First the question: where it throws, no handler may be counted as waiting.
      directory.find(query, (cards) => settle(cards));
      const { promise, resolve } = turns.promise<readonly AgentCard[]>();
      settle = resolve;
      return promise;
    },
  });
}
