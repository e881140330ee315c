import type { Did } from '../identity/did-key.ts';

/** Names a dialogue among all of an agent's. Its id alone does not: ids are the peers' choice, and two may choose the same. */
export function dialogueKey(peer: Did, id: string): string {
  return `${peer} ${id}`;
}
