import type { Duration, Micros } from '../clock.ts';
import type { Did } from '../identity/did-key.ts';
import type { Log } from '../log.ts';
import type { JsonValue } from '../message/canonical.ts';
import type { MailWay } from '../message/mail.ts';
import type { AnyProtocol, BodyOf, Openings, RoleOf, TypeOf } from '../protocol/conversation-types.ts';
import type { Policy } from '../policy/policy.ts';
import type { Mask } from '../policy/space.ts';
import type { RandomStream } from '../random.ts';
import type { Answer, Dialogue } from './dialogue.ts';
import type { DirectoryAccess } from './directory-access.ts';
import type { Program } from './program.ts';
import type { LedgerAccess } from './ledger-access.ts';

/** Bounds of a new dialogue. */
export interface DialogueOptions {
  /** Life of the dialogue from now on; its absolute deadline travels with every message. */
  readonly within: Duration;
  /**
   * Where nobody listens to the opening, the same signed message waits for the receiver in its mailbox, up to 7 days, instead of
   * ending the dialogue as `no-such-agent`: readable for the broker (`plain`) or for nobody but the receiver (`sealed`). Later
   * messages of the dialogue wait nowhere. Left out, nothing waits.
   */
  readonly mail?: MailWay;
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
  /** Where other agents are found. */
  readonly directory: DirectoryAccess;

  /**
   * Asks a policy what to do, and lets the world record it: the policy's hash, that of what it observed, and the action. What
   * lies beyond its bounds counts as the bounds, as `decide` has it. A world in which a policy learns may answer in its place.
   *
   * @param mask - of choices: which are open; all, if left out
   * @throws HaggleError `bad-observation`, `bad-action`, `bad-mask`
   */
  decide(policy: Policy, observation: readonly number[], mask?: Mask): readonly number[];

  /**
   * Opens a dialogue; later messages of it reach the handlers given to `agent.play` for this role.
   *
   * @throws HaggleError `role-not-played`, `too-many-dialogues`, `illegal-message`, `invalid-body`, `bad-duration`,
   * `no-mailbox` where it is to be mailed and there are none.
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

  /**
   * Plays a role through to its result, with one peer or with many: a contract net, an auction, a bargaining. The program owns
   * the dialogues that it opens, apart from the handlers of `agent.play`. Rejects with what the program threw, and with
   * HaggleError `agent-stopped` where the agent has stopped already. A run whose agent stops never ends.
   */
  run<Input, Result>(program: Program<Input, Result>, input: NoInfer<Input>): Promise<Result>;

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
