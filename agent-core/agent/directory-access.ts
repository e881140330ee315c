import type { AgentCard } from '../directory/card.ts';
import type { AnyProtocol, RoleOf } from '../protocol/conversation-types.ts';

/** What {@link DirectoryAccess.find} looks for: all that is given must hold. */
export interface AgentsWanted<Protocol, Role> {
  /** A protocol itself, or its `name`, `name/version` or id. */
  readonly protocol?: Protocol;
  /** A role that they play: in that protocol, where one is given. */
  readonly role?: Role;
  /** Tags that they have, all of them. */
  readonly tags?: readonly string[];
  /** Cards wanted at most; 1,024 if left out. */
  readonly limit?: number;
}

/**
 * Where agents are found. What it answers is what agents have said of themselves, signed by each: that one claims a role does not
 * make it able, and that it has a card says that it was there a while ago, not that it is.
 */
export interface DirectoryAccess {
  /**
   * Looks for other agents. The order is the asker's own, always the same for the same agents, and differs from asker to asker, so
   * that `limit` does not lead everybody to the same few.
   *
   * @throws HaggleError `no-directory` where there is none, `bad-query`, `bad-tags`.
   */
  find<P extends AnyProtocol>(
    wanted: AgentsWanted<P, RoleOf<NoInfer<P>>> & { readonly protocol: P },
  ): Promise<readonly AgentCard[]>;
  find(wanted?: AgentsWanted<string, string>): Promise<readonly AgentCard[]>;
}
