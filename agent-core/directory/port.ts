import { HaggleError } from '../errors.ts';
import type { AgentCard, CardWords } from './card.ts';
import type { DirectoryQuery } from './query.ts';

/**
 * An agent's way to a directory. Whoever implements it speaks in the agent's name and in no other's. Answers come later, never
 * before the call has returned; in a world that ends first, not at all. Words and answers are plain JSON, so that they can be kept.
 */
export interface DirectoryPort {
  /** The agent is there: from some time soon it can be found, and as long as it lives. Said once a life. */
  announce(words: CardWords): void;
  /** The agent stops: nobody shall look for it any more. Who is cut off without a word is found until its record expires. */
  withdraw(): void;
  /** Looks for others. The query was checked. */
  find(query: DirectoryQuery, done: (cards: readonly AgentCard[]) => void): void;
}

/** The error of whoever looks for agents where there is no directory: `no-directory`, naming the action. */
export function noDirectory(action: string): HaggleError {
  return new HaggleError('no-directory', `${action}: there is no directory here; every world and every bench has one`);
}
