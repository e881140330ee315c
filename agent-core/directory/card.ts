import type { Micros } from '../clock.ts';
import { HaggleError } from '../errors.ts';
import type { Did } from '../identity/did-key.ts';
import { LIMITS } from '../limits.ts';

/** A protocol that an agent plays, by `name/version/digest`, and in which roles. */
export interface PlayedProtocol {
  readonly id: string;
  readonly roles: readonly string[];
}

/** What an agent has to say of itself: the same as long as it lives. */
export interface CardWords {
  readonly name?: string;
  readonly protocols: readonly PlayedProtocol[];
  readonly tags: readonly string[];
}

/** What a directory knows of an agent: plain JSON. */
export interface AgentCard extends CardWords {
  readonly agent: Did;
  /** X25519 public key for sealed mail, in base64url. */
  readonly box?: string;
  readonly issued: Micros;
  /** Last instant at which it holds. That an agent has a card says that it was there, not that it is. */
  readonly expires: Micros;
}

const TAG_CHARS = 64;

/** True for a tag: 1 to 64 of a-z 0-9 - . : / _, so that `region:north` and `fuel/diesel` can be said. */
export function isTag(value: unknown): value is string {
  if (typeof value !== 'string' || value.length === 0 || value.length > TAG_CHARS) return false;
  for (let i = 0; i < value.length; i++) if (TAG_CLASS[value.charCodeAt(i)] !== 1) return false;
  return true;
}

const TAG_CLASS = new Uint8Array(128);
for (const char of 'abcdefghijklmnopqrstuvwxyz0123456789-.:/_') TAG_CLASS[char.charCodeAt(0)] = 1;

/**
 * The tags of an agent as its card has them: sorted, none twice.
 *
 * @throws HaggleError `bad-tags` naming the first that is none, or how many there are.
 */
export function checkTags(tags: readonly string[], whose: string): readonly string[] {
  const sorted = [...new Set(tags)].toSorted();
  const bad = sorted.find((tag: unknown) => !isTag(tag));
  if (bad !== undefined) {
    const rule = 'a tag is 1 to 64 of a-z 0-9 - . : / _';
    throw new HaggleError('bad-tags', `tags of ${whose}: ${rule}, got ${JSON.stringify(bad.slice(0, 80))}`);
  }
  if (sorted.length > LIMITS.agentTags) {
    throw new HaggleError('bad-tags', `tags of ${whose}: ${sorted.length}, the limit is ${LIMITS.agentTags}`);
  }
  return sorted;
}
