import type { Micros } from '../clock.ts';
import type { Did } from '../identity/did-key.ts';
import type { RecordedMessage } from '../message/open.ts';
import type {
  AnswersTo,
  AnyProtocol,
  BodyOf,
  RepliesTo,
  RoleOf,
  Says,
  TypeOf,
} from '../protocol/conversation-types.ts';

/** How a dialogue ended, on this side. */
export type DialogueOutcome = 'done' | 'expired' | 'failed' | 'not-understood' | 'stopped';

/**
 * What became of a message, as far as its sender can know: the peer accepted it (its receipt or its answer is signed); nobody
 * was there; nothing was heard of it before it expired (it may have arrived); the peer did not understand it.
 */
export type Delivery =
  | { readonly type: 'delivered' }
  | { readonly type: 'no-such-agent' }
  | { readonly type: 'expired' }
  | { readonly type: 'refused'; readonly code: string };

/** A message that was said. */
export interface Sent {
  readonly id: string;
  /**
   * Asks the peer for a receipt, and waits for what became of the message. To be called in the turn in which it was said.
   *
   * @throws HaggleError `already-sent`, `too-many-deliveries`
   */
  outcome(): Promise<Delivery>;
}

/** The end of a dialogue as its agent learns of it. */
export interface DialogueEnd {
  readonly dialogue: string;
  /** As {@link Dialogue.key}. */
  readonly key: string;
  readonly peer: Did;
  readonly outcome: DialogueOutcome;
  /** Machine-readable reason: a refusal code, the peer's failure code, or the outcome itself. */
  readonly code: string;
  /** Name of the state it was in. */
  readonly state: string;
  /** What the peer said about it, for people, where it ended by its `failure` or `not-understood`. Not to be acted upon. */
  readonly reason?: string;
  /** The peer's signed message that ended it, where it ended by `failure` or `not-understood` of the peer. */
  readonly recorded?: RecordedMessage;
}

/** One side of a running dialogue. */
export interface Dialogue<P extends AnyProtocol, Role extends RoleOf<P>> {
  readonly id: string;
  /** Names it among all dialogues of this agent: keep what you know of a dialogue under its key. Two peers may choose the same `id`. */
  readonly key: string;
  readonly peer: Did;
  /** Absolute time by which the dialogue ends on both sides. */
  readonly deadline: Micros;
  /** Name of the present state. */
  readonly state: string;
  /** True while something can still be said in it. */
  readonly open: boolean;
  /**
   * Says something in this dialogue.
   *
   * @throws HaggleError `illegal-message` where the state does not allow it from this role, `dialogue-ended`,
   * `invalid-body`, `payload-too-large`.
   */
  send<T extends Says<P, Role>>(type: T, body: BodyOf<P, T>): Sent;
  /** Says something and waits for what comes back. */
  ask<T extends Says<P, Role>>(type: T, body: BodyOf<P, T>): Promise<Answer<P, Role, T>>;
  /** Ends the dialogue: the peer gets `failure` with this reason. */
  fail(reason: string): void;
}

/** A message that a handler receives. */
export interface Received<P extends AnyProtocol, Role extends RoleOf<P>, T extends TypeOf<P>> {
  readonly type: T;
  readonly body: BodyOf<P, T>;
  readonly from: Did;
  /** The sender's clock when it was said. */
  readonly sent: Micros;
  readonly dialogue: Dialogue<P, Role>;
  /** As it came, signature and all: proof of what was said. */
  readonly recorded: RecordedMessage;
  /** Answers. Only what the protocol allows after this message compiles. `dialogue.send` says the same and tells what became of it. */
  reply<R extends RepliesTo<P, Role, T>>(type: R, body: BodyOf<P, R>): void;
  /** Ends the dialogue: the peer gets `failure` with this reason. */
  fail(reason: string): void;
}

/** Why no answer came: the deadline passed, the peer failed or did not understand, or this agent is stopping. */
export interface NoAnswer {
  readonly type: 'timeout' | 'failure' | 'not-understood' | 'stopped';
  readonly code: string;
}

/** What {@link Dialogue.ask} resolves to: one of the legal answers, or the reason why there is none. */
export type Answer<P extends AnyProtocol, Role extends RoleOf<P>, T extends string> =
  { [A in AnswersTo<P, Role, T> & TypeOf<P>]: Received<P, Role, A> }[AnswersTo<P, Role, T> & TypeOf<P>] | NoAnswer;
