import type { BusMessage, Headers } from '../../bus/bus.ts';
import type { Sealed } from '../../message/seal.ts';

/** A message as the agent's outbox hands it over, before it is signed. */
export interface Said {
  readonly subject: string;
  readonly payload: string;
  /** Beside those of the signature. */
  readonly headers: Headers;
  readonly reply: string | undefined;
}

/** What an agent said in one instant, as it leaves: each part was sealed by one call. */
export type Flush = readonly (readonly Said[])[];

/** A message that may leave. */
export type Leaving = Omit<BusMessage, 'noResponders'>;

/**
 * Signs a flush. Signatures are a function of what is signed, so a flush of a life that is executed again leaves in the same
 * bytes, however late it is signed.
 */
export function sealFlush(flush: Flush, seal: (payloads: readonly string[]) => readonly Sealed[]): readonly Leaving[] {
  return flush.flatMap((part) => {
    const sealed = seal(part.map(({ payload }) => payload));
    return part.map((said, index) => ({ ...said, headers: { ...sealed[index]?.headers, ...said.headers } }));
  });
}
