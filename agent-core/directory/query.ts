import { HaggleError } from '../errors.ts';
import type { Did } from '../identity/did-key.ts';
import { LIMITS } from '../limits.ts';
import { hashPath52 } from '../stream-hash.ts';
import { checkTags, type AgentCard, type CardWords } from './card.ts';

/** What is looked for: all that is given must hold. Plain JSON. */
export interface DirectoryQuery {
  /** `name`, `name/version` or the whole id `name/version/digest`. */
  readonly protocol?: string;
  /** A role that it plays, in that protocol if one is given. */
  readonly role?: string;
  /** Tags that it has, all of them. */
  readonly tags?: readonly string[];
  /** Cards wanted at most; `LIMITS.foundCards` if left out. */
  readonly limit?: number;
}

/**
 * Checks what an author looks for.
 *
 * @throws HaggleError `bad-query`, `bad-tags`
 */
export function checkQuery(query: DirectoryQuery): DirectoryQuery {
  const { limit = LIMITS.foundCards, protocol, tags } = query;
  const bad = (what: string): never => {
    throw new HaggleError('bad-query', `looking for agents: ${what}`);
  };
  if (!(Number.isSafeInteger(limit) && limit >= 1 && limit <= LIMITS.foundCards)) {
    bad(`limit must be a whole number from 1 to ${LIMITS.foundCards}, got ${limit}`);
  }
  if (protocol !== undefined && !isProtocolPrefix(protocol)) {
    bad(`protocol must read name, name/version or name/version/digest, got ${JSON.stringify(protocol.slice(0, 80))}`);
  }
  return { ...query, limit, ...(tags === undefined ? {} : { tags: checkTags(tags, 'a query') }) };
}

/** True where a card is what is looked for. */
export function matches({ protocols, tags }: CardWords, query: DirectoryQuery): boolean {
  if (query.tags?.some((tag) => !tags.includes(tag)) === true) return false;
  const { protocol, role } = query;
  if (protocol === undefined && role === undefined) return true;
  return protocols.some(
    ({ id, roles }) =>
      (protocol === undefined || isPrefix(protocol, id)) && (role === undefined || roles.includes(role)),
  );
}

/**
 * Puts what was found in the order of the asker and cuts it to the limit. Everyone has an order of their own (rendezvous hashing:
 * Thaler and Ravishankar 1998), so that a limit does not lead all of them to the same few; the same one always sees the same.
 */
export function ranked(found: readonly AgentCard[], asker: Did, limit: number = LIMITS.foundCards): AgentCard[] {
  const ranks = new Map(found.map((card) => [card.agent, hashPath52([asker, card.agent])]));
  const rank = ({ agent }: AgentCard): number => ranks.get(agent) ?? 0;
  return found.toSorted((a, b) => rank(a) - rank(b) || (a.agent < b.agent ? -1 : 1)).slice(0, limit);
}

/** One to three parts joined by `/`, none empty. */
function isProtocolPrefix(text: string): boolean {
  const parts = text.split('/');
  return parts.length <= 3 && parts.every((part) => part !== '');
}

function isPrefix(prefix: string, id: string): boolean {
  return id.startsWith(prefix) && (id.length === prefix.length || id[prefix.length] === '/');
}
