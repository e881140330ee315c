import { HaggleError } from '../errors.ts';
import type { Did } from '../identity/did-key.ts';
import type { BusMessage } from '../bus/bus.ts';
import type { Sealed } from './seal.ts';

/**
 * How a message may wait for an agent that is away: `plain`, as it would go to one that listens, signed and readable for the broker;
 * or `sealed`, so that only the receiver can read any of it.
 */
export type MailWay = 'plain' | 'sealed';

/** Header of a message that may wait in a mailbox. Its value is a {@link MailWay}. */
export const MAIL_HEADER = 'Haggle-Mail';

/** A signed message that is to wait for its receiver. */
export interface Letter extends Sealed {
  /** Id of the message. */
  readonly id: string;
  readonly to: Did;
  readonly way: MailWay;
}

/** An opening that waits to be heard, and is to be mailed where nobody listens. */
export interface PendingLetter {
  readonly way: MailWay;
  /** The message itself, once it is said. */
  payload: string;
}

/** Why a letter was not kept. */
export type LetterRefusal =
  /** There is no mailbox, or we may not use it. */
  | 'no-mailbox'
  /** The receiver has told nobody a key to seal with. */
  | 'no-box-key'
  /** It does not fit, as sealed it is a third longer. */
  | 'letter-too-large';

/**
 * An agent's way to mailboxes. Whoever implements it posts in the agent's name and reads its mail, and no other's.
 */
export interface MailPort {
  /** Puts a letter in the mailbox of its receiver. `refused` may be called later, never before this has returned. */
  post(letter: Letter, refused: (code: LetterRefusal) => void): void;
  /** Hands in the mail that waits, and what comes from now on, as the messages they are. Returns what ends it. */
  collect(take: (message: BusMessage) => void): () => void;
}

/** The error of whoever wants to send mail where there are no mailboxes. */
export function noMailbox(action: string): HaggleError {
  return new HaggleError('no-mailbox', `${action}: there are no mailboxes here; every world has them`);
}
