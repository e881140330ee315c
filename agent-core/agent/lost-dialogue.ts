import type { Micros } from '../clock.ts';
import type { Did } from '../identity/did-key.ts';
import type { DialogueRecord } from './dialogue-book.ts';

/** A dialogue of an earlier life of an agent: all that must be known to tell its peer that it is over. */
export interface LostDialogue {
  readonly peer: Did;
  readonly id: string;
  /** `name/version/digest`. */
  readonly protocol: string;
  /** Its deadline. */
  readonly by: Micros;
}

/** How a later life would name this dialogue. */
export function nameOf({ id, peer, played, deadline }: DialogueRecord): LostDialogue {
  return { peer: peer.did, id, protocol: played.protocol.id, by: deadline };
}
