import type { LifecycleState } from '../agent/lifecycle.ts';
import type { RuntimeCounters } from '../agent/runtime.ts';
import type { PendingTimer } from '../agent/set-timer.ts';
import type { Duration, Micros } from '../clock.ts';
import type { AgentCard } from '../directory/card.ts';
import type { Did } from '../identity/did-key.ts';
import type { SignatureBackend } from '../identity/signer.ts';
import type { Funds } from '../ledger/funds.ts';
import type { LedgerView } from '../ledger/ledger-view.ts';
import type { LedgerPort } from '../ledger/port.ts';
import type { Log, LogEntry } from '../log.ts';
import type { Letter } from '../message/mail.ts';
import type { RecordedMessage } from '../message/open.ts';
import type { SigningMode } from '../message/seal.ts';
import type { PeerCard } from './bench-directory.ts';
import type { Peer } from './peer.ts';
import type { SaidReader, SpokenRecord } from './spoken.ts';

/** One line of the agent's log. */
export interface LoggedEntry {
  readonly time: Micros;
  readonly level: keyof Log;
  readonly entry: LogEntry;
}

/** Options of {@link testAgent}. */
export interface TestOptions {
  /** All chance follows from it: keys, message ids, the agent's own draws. 1 if left out. */
  readonly seed?: number | string;
  /** Name of the agent; that of its kind if left out. With the same seed and name it draws as it would in a world. */
  readonly name?: string;
  /** Time at which the agent starts; 0 if left out, as in a world. */
  readonly startsAt?: Duration;
  /** Throw what a handler threw from the call that brought it about; true if left out. Otherwise see `errors`. */
  readonly strict?: boolean;
  /** How the agent signs. `off`, the default, also lets it take unsigned messages, and makes tests fast. */
  readonly sign?: SigningMode;
  /** Ed25519 implementation; the portable one if left out. */
  readonly backend?: SignatureBackend;
  /**
   * What the agent starts with: micro-tokens, or an amount of each asset; `{}` for accounts with nothing in them. Then the bench
   * has a ledger, as a world has; without `funds` there is no money.
   */
  readonly funds?: Funds;
  /** What a test puts in the place of a ledger; not together with `funds`. */
  readonly ledger?: LedgerPort;
}

/** One agent under test, with peers that the test plays, in virtual time that passes when the test says so. */
export interface TestBench<State> {
  readonly name: string;
  readonly did: Did;
  /** The agent's live state. */
  readonly state: State;
  readonly lifecycle: LifecycleState;
  readonly counters: RuntimeCounters;
  /** The timers that are set, in the order in which they were set. */
  readonly timers: readonly PendingTimer[];
  /** What handlers have thrown, in a bench that is not strict. */
  readonly errors: readonly unknown[];
  readonly log: readonly LoggedEntry[];
  /** Every message so far in both directions: for `transcript`. */
  readonly messages: readonly SpokenRecord[];
  /** What the agent has said, to anybody: all of it, or one type of a protocol with its bodies decoded. */
  readonly said: SaidReader;
  /** Who holds what, of a bench with `funds`. @throws HaggleError `no-ledger` */
  readonly ledger: LedgerView;
  now(): Micros;
  /** The address that a peer of this name has or will have. */
  didOf(name: string): Did;
  /** The peer of this name, made when first asked for. @throws HaggleError `bad-peer` */
  peer(name: string): Peer;
  /** What the agent has put in mailboxes: openings to addresses that no peer of this bench has. */
  readonly letters: readonly Letter[];
  /** The agent's own card as others find it; null once it has stopped. */
  readonly card: AgentCard | null;
  /**
   * Gives a peer a card, so that the agent finds it: before the agent is let to go on where it looks as it starts.
   *
   * @throws HaggleError `bad-tags`, `bad-peer`
   */
  introduce(name: string, card: PeerCard): AgentCard;
  /**
   * Issues money or goods, to a peer or to the agent by its name, on top of what it has.
   *
   * @throws HaggleError `bad-funds`; `no-ledger` in a bench without `funds`; `bad-peer`.
   */
  fund(name: string, funds: Funds): void;
  /**
   * Lets virtual time pass: timers and intervals fire, deadlines expire, async handlers go on.
   *
   * @throws HaggleError as {@link settle} does; `bad-duration`.
   */
  pass(duration: Duration): Promise<void>;
  /**
   * Lets async handlers go on as far as they can without time passing, after the agent has learned which of its messages
   * went to nobody; its ledger and its directory answer. A handler that awaits nothing needs none of it: it has run when `open` or `send` of a
   * peer returns.
   *
   * @throws HaggleError `foreign-await` where a handler waits on something else than `ctx`; `endless-asking` where it asks its
   * ledger or directory for ever; in a strict bench what a handler threw.
   */
  settle(): Promise<void>;
  /** Stops the agent now, as `ctx.stop()` would. */
  stop(): void;
  /** Ends the agent as a crash would: nobody is told, and whatever its handlers still wait for never comes. */
  crash(): void;
  /** Delivers a message to the agent as it stands, evidence and all. */
  deliver(message: RecordedMessage): void;
}

/** Addresses of peers, for parameters of the agent that is to be tested. */
export interface PeerAddresses {
  readonly didOf: (name: string) => Did;
}
