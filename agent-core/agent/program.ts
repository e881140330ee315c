import type { Micros } from '../clock.ts';
import type { Did } from '../identity/did-key.ts';
import type { LedgerPort } from '../ledger/port.ts';
import type { Log } from '../log.ts';
import type { AnyProtocol, BodyOf, Hears, Openings, RoleOf, TypeOf } from '../protocol/conversation-types.ts';
import type { Cancellation } from '../protocol/cancellation.ts';
import type { RandomStream } from '../random.ts';
import type { Dialogue, DialogueEnd, Received } from './dialogue.ts';

/** Any message that a role can hear, told apart by its `type`. */
export type Heard<P extends AnyProtocol, Role extends RoleOf<P>> = {
  [T in Hears<P, Role> & TypeOf<P>]: Received<P, Role, T>;
}[Hears<P, Role> & TypeOf<P>];

/** How a program follows the dialogues that it opened. Where its agent stops it is never called again, and its run never ends. */
export interface Following<P extends AnyProtocol, Role extends RoleOf<P>> {
  /** A legal message came. */
  heard(message: Heard<P, Role>): void;
  /** A dialogue ended, however it did; after `heard` of its last message. */
  ended(end: DialogueEnd): void;
}

/** What a running program has at hand. */
export interface Run<P extends AnyProtocol, Role extends RoleOf<P>, Result> {
  readonly self: Did;
  readonly log: Log;
  /** The agent's stream for programs of this protocol. */
  readonly random: RandomStream;
  /** The agent's ledger; its answers come as turns of this program. @throws HaggleError `no-ledger` where there is none */
  readonly ledger: LedgerPort;
  now(): Micros;
  /**
   * Opens a dialogue that ends at `by`.
   *
   * @throws HaggleError as `ctx.open` does
   */
  open<T extends Openings<P, Role> & TypeOf<P>>(to: Did, type: T, words: OpeningOf<P, T>): Dialogue<P, Role>;
  /** Calls at an absolute time, at once if it is over; not after the end. */
  at(time: Micros, call: () => void): void;
  /** Calls once it is cancelled, at once where it was; not after the end. A program that has ended is forgotten by its cancellation. */
  onCancel(cancellation: Cancellation | undefined, call: () => void): void;
  /** Ends the program. Dialogues that are still open get `failure` with the code `run-over`. Later calls change nothing. */
  finish(result: Result): void;
}

/** The body of an opening message, and when the dialogue ends at the latest. */
export interface OpeningOf<P extends AnyProtocol, T extends TypeOf<P>> {
  readonly body: BodyOf<P, T>;
  readonly by: Micros;
}

/**
 * One role of a protocol as a program: from an input to a result, with as many dialogues as it needs. A synchronous state
 * machine, driven by what it hears and by time, so that a thousand of them wait without a promise each.
 */
export interface Program<in Input, Result> {
  readonly protocol: AnyProtocol;
  readonly role: string;
  /** How the runtime begins it. */
  readonly begin: (run: Erased<Result>, input: Input) => ErasedFollowing;
}

/** A run without the protocol's types, as the runtime hands it in. */
export interface Erased<in Result> {
  finish(result: Result): void;
}

/** A following without the protocol's types, as the runtime calls it. */
export interface ErasedFollowing {
  heard(message: unknown): void;
  ended(end: DialogueEnd): void;
}

/**
 * Defines a program. `begin` opens what it opens, sets its times, and returns how it follows them; whatever it throws, then or
 * later, ends the run: its dialogues fail and `ctx.run` rejects.
 */
export function defineProgram<P extends AnyProtocol, Role extends RoleOf<P>, Input, Result>(
  protocol: P,
  role: Role,
  begin: (run: Run<P, Role, Result>, input: Input) => Following<P, Role>,
): Program<Input, Result> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the erased machinery meets the program's types here
  return Object.freeze({ protocol, role, begin: begin as unknown as Program<Input, Result>['begin'] });
}
