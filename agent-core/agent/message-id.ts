import type { Envelope } from '../message/envelope.ts';
import type { RandomStream } from '../random.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const PAIRS: readonly string[] = Array.from({ length: 1024 }, (_, n) => `${ALPHABET[n >> 5]}${ALPHABET[n & 31]}`);

/**
 * The id of a message that opens a dialogue, and so of the dialogue: it ends in the message's sequence number. As a receiver takes
 * no number of a sender twice, no dialogue is opened twice. Otherwise its opener could have words of two dialogues taken for words of
 * one, and a failure said in the second taken for one in the first.
 */
export function openingId(id: string, seq: number): string {
  return `${id}-${seq}`;
}

/** Whether a message may open a dialogue: see {@link openingId}. */
export function mayOpen({ id, dialogue, seq }: Pick<Envelope, 'id' | 'dialogue' | 'seq'>): boolean {
  return id === dialogue && id.endsWith(`-${seq}`);
}

/** Makes message ids: 80 random bits in 16 characters of Crockford's base 32. */
export function createMessageIds(stream: RandomStream): () => string {
  const three = (bits: number): string => `${PAIRS[bits >>> 22]}${PAIRS[(bits >>> 12) & 1023]}`;
  return () => {
    const a = stream.uint32();
    const b = stream.uint32();
    const c = stream.uint32();
    return `${three(a)}${three(b)}${three(c)}${PAIRS[((a & 4095) ^ (b & 4095)) >>> 2]}${PAIRS[c & 1023]}`;
  };
}
