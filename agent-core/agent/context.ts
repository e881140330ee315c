import type { Duration, Micros } from '../clock.ts';
import type { Did } from '../identity/did-key.ts';
import type { Log } from '../log.ts';
import type { JsonValue } from '../message/canonical.ts';
import type {
  AnswersTo,
  AnyProtocol,
  BodyOf,
  Openings,
  RepliesTo,
  RoleOf,
  Says,
  TypeOf,
} from '../protocol/conversation-types.ts';
import type { RandomStream } from '../random.ts';
import type { LedgerAccess } from './ledger-access.ts';

/** How a dialogue ended, on this side. */
export type DialogueOutcome = 'done' | 'expired' | 'failed' | 'not-understood' | 'stopped';

/** The end of a dialogue as its agent learns of it. */
export interface DialogueEnd {
  readonly dialogue: string;
  readonly peer: Did;
  readonly outcome: DialogueOutcome;
  /** Machine-readable reason: a refusal code, the peer's failure code, or the outcome itself. */
  readonly code: string;
  /** Name of the state it was in. */
  readonly state: string;
}

/** One side of a running dialogue. */
export interface Dialogue<P extends AnyProtocol, Role extends RoleOf<P>> {
  readonly id: string;
  readonly peer: Did;
  /** Absolute time by which the dialogue ends on both sides. */
  readonly deadline: Micros;
  /** Name of the present state. */
  readonly state: string;
  readonly open: boolean;
  /**
   * Says something in this dialogue.
   *
   * @throws HaggleError `illegal-message` where the state does not allow it from this role, `dialogue-ended`,
   * `invalid-body`, `payload-too-large`.
   */
  send<T extends Says<P, Role>>(type: T, body: BodyOf<P, T>): void;
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
  /** Answers. Only what the protocol allows after this message compiles. */
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

/** Bounds of a new dialogue. */
export interface DialogueOptions {
  /** Life of the dialogue from now on; its absolute deadline travels with every message. */
  readonly within: Duration;
}

/** A declared timer: what {@link Context.schedule} may set. */
export interface TimerTag<Data extends JsonValue> {
  readonly tag: string;
  /** Type marker only; never present at run time. */
  readonly data?: Data;
}

/** Names a timer that was set. */
export type TimerId = number;

/**
 * The only door out of a handler: time, chance, messages, timers and log. Everything else that a handler could reach
 * (wall clock, `Math.random`, sockets) would end reproducibility, and throws in simulation.
 */
export interface Context<Params, State> {
  readonly self: Did;
  readonly name: string;
  readonly params: Params;
  /** The agent's own state: plain data, changed in place. */
  readonly state: State;
  /** Current time in microseconds. */
  now(): Micros;
  /** The agent's default random stream. */
  readonly random: RandomStream;
  /** A named stream of its own: draws on it move no other stream. */
  stream(purpose: string): RandomStream;
  readonly log: Log;
  /** The agent's money and goods. */
  readonly ledger: LedgerAccess;

  /**
   * Opens a dialogue; later messages of it reach the handlers given to `agent.play` for this role.
   *
   * @throws HaggleError `role-not-played`, `too-many-dialogues`, `illegal-message`, `invalid-body`, `bad-duration`.
   */
  open<P extends AnyProtocol, Role extends RoleOf<P>, T extends Openings<P, Role> & TypeOf<P>>(
    protocol: P,
    role: Role,
    to: Did,
    type: T,
    body: BodyOf<P, T>,
    options: DialogueOptions,
  ): Dialogue<P, Role>;

  /** Opens a dialogue and waits for the first answer. */
  ask<P extends AnyProtocol, Role extends RoleOf<P>, T extends Openings<P, Role> & TypeOf<P>>(
    protocol: P,
    role: Role,
    to: Did,
    type: T,
    body: BodyOf<P, T>,
    options: DialogueOptions,
  ): Promise<Answer<P, Role, T>>;

  /** A dialogue that is open now, by its peer and id: so that state may keep names instead of handles. */
  dialogue<P extends AnyProtocol, Role extends RoleOf<P>>(
    protocol: P,
    role: Role,
    name: { readonly peer: Did; readonly id: string },
  ): Dialogue<P, Role> | undefined;

  /** Waits. */
  sleep(duration: Duration): Promise<void>;
  /** Sets a declared timer; its data is JSON, so that it can outlive the process. */
  schedule<Data extends JsonValue>(timer: TimerTag<Data>, delay: Duration, data: NoInfer<Data>): TimerId;
  /** Takes a timer back. False where it fired already or never was. */
  cancel(timer: TimerId): boolean;
  /**
   * Ends this agent once the present turn is over (at the next await, in an async handler): open dialogues end as
   * `stopped`, and whatever a handler still says is refused.
   */
  stop(): void;
}
