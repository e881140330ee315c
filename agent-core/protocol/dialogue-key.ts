import type { Did } from '../identity/did-key.ts';

/**
 * Names a dialogue among those of one agent. Its id alone does not: whoever opens a dialogue chooses the id, so two peers may
 * choose the same, by design too.
 */
export function dialogueKey(peer: Did, id: string): string {
  return `${peer} ${id}`;
}
