import type { LifecycleState } from '../../agent/lifecycle.ts';
import type { RuntimeCounters } from '../../agent/runtime.ts';
import type { Duration } from '../../clock.ts';
import type { DirectoryPort } from '../../directory/port.ts';
import type { Did } from '../../identity/did-key.ts';
import type { SignatureBackend, Signer } from '../../identity/signer.ts';
import type { Log } from '../../log.ts';
import type { SigningMode } from '../../message/seal.ts';
import type { LiveMail } from '../mail/live-mail.ts';
import type { NatsLink } from '../nats.ts';
import type { Files } from './files.ts';
import type { Meter } from './meter.ts';
import type { Timing } from './timing.ts';

/** What a live agent needs of its link to the broker. */
export type LiveLink = Pick<NatsLink, 'bus' | 'status' | 'onStatus'>;

/** Options of `startLiveAgent`. */
export interface LiveOptions {
  readonly signer: Signer;
  readonly realm: string;
  readonly name: string;
  readonly link: LiveLink;
  /** Folder of the journal; null keeps none, and a crash forgets everything but that no number is used twice. */
  readonly dataDir: string | null;
  /** `each` if left out. */
  readonly sign?: SigningMode;
  readonly log?: Log;
  readonly meter?: Meter;
  /**
   * What to do where a life that was cut off cannot be gone on with, as its journal is damaged or the agent's code or parameters
   * are others. `refuse`, the default, throws and changes nothing; `abandon` begins a new life, and the peers of every dialogue
   * that may be open hear `failure` with the code `agent-restarted`.
   */
  readonly onDiverged?: 'refuse' | 'abandon';
  /** Where it is found and finds others; without one `ctx.directory` throws `no-directory`. */
  readonly directory?: DirectoryPort;
  /** Where messages wait for agents that are away, and for this one; without it `mail` of `ctx.open` throws `no-mailbox`. */
  readonly mail?: Pick<LiveMail, 'post' | 'collect'>;
  /** The journal's folder if it is not on this machine's disk; `dataDir` is then only its name. */
  readonly files?: Files;
  /**
   * Bytes of the journal above which a quiet agent (no dialogue, no program, no handler that waits) begins a shorter one from its
   * state and timers. What its author keeps outside of `ctx.state` is forgotten then. `LIMITS.journalCompactBytes` if left out.
   */
  readonly compactBytes?: number;
  /** New lives after failures: at most so many within so long, then the agent is over. 5 in 10 s if left out. */
  readonly restarts?: { readonly times: number; readonly within: Duration };
  /** OpenSSL of Node if left out. */
  readonly backend?: SignatureBackend;
  /** The machine's clocks if left out; tests hand in others. */
  readonly timing?: Timing;
}

/** Why a live agent is over. */
export type LiveEnd =
  /** Stopped by itself or drained: every dialogue has ended, and all that could leave in time has left; the log tells of the rest (`left-unsaid`). */
  | { readonly type: 'stopped' }
  /** Restarted too often: the failures came faster than the limit. */
  | { readonly type: 'failed'; readonly error: unknown };

/** An agent that runs live. */
export interface LiveAgent {
  readonly did: Did;
  readonly nkey: string;
  readonly lifecycle: LifecycleState;
  readonly counters: RuntimeCounters;
  /** What keeps it from being ready; empty where it is: `broker`, `journal`, `clock`, `draining`, `overloaded`. */
  readonly notReady: readonly string[];
  readonly queues: {
    /** Messages that arrived and were not handled yet. */
    readonly inbox: number;
    /** Messages said and not handed to the broker yet. */
    readonly outbox: number;
    readonly outboxOldestSeconds: number;
  };
  /** Takes no new dialogue, lets the open ones end for so long, then ends them; all said leaves, the journal is closed. */
  drain(within: Duration): Promise<void>;
  readonly ended: Promise<LiveEnd>;
}
