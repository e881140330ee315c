import type { Bus, BusMessage } from '../bus/bus.ts';
import type { Clock, Micros } from '../clock.ts';
import type { DirectoryPort } from '../directory/port.ts';
import type { Did } from '../identity/did-key.ts';
import type { LedgerPort } from '../ledger/port.ts';
import type { Log } from '../log.ts';
import type { MailPort } from '../message/mail.ts';
import type { Opened } from '../message/open.ts';
import type { Refusal } from '../message/refusals.ts';
import type { Sealed } from '../message/seal.ts';
import type { RandomStream } from '../random.ts';
import type { Decider, DecisionRecord } from './decision.ts';
import type { Tracing } from './tracing.ts';

/**
 * What a world gives to the runtime of one agent: the whole outside, behind one small interface. A simulation, a
 * simulation over NATS and a live process differ in nothing else.
 */
export interface Host {
  readonly realm: string;
  readonly self: Did;
  /** NKEY of the same key: the agent's token in subjects. */
  readonly nkey: string;
  readonly name: string;
  /**
   * Number of the first message to each peer; 1 if left out. After a restart it lies above every number that was used before:
   * peers take no number twice, and two messages under one number convict their sender.
   */
  readonly firstSeq?: number;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly log: Log;
  /** The agent's accounts; a host without money leaves it out. */
  readonly ledger?: LedgerPort;
  /** Answers in the place of policies; left out where each is asked itself. */
  readonly decider?: Decider;
  /** Is told of every decision; left out where nobody records them. */
  readonly decided?: (decision: DecisionRecord) => void;
  /** Traces of what is said; left out where nobody follows them, as in simulation. */
  readonly tracing?: Tracing;
  /** Where the agent is found and finds others; a host without a directory leaves it out. */
  readonly directory?: DirectoryPort;
  /** Where messages wait for agents that are away; a host without mailboxes leaves it out. */
  readonly mail?: MailPort;
  /** The agent's own random streams, by purpose. */
  stream(...purpose: readonly string[]): RandomStream;
  /** Signs what leaves in one flush. */
  seal(payloads: readonly string[]): readonly Sealed[];
  /** Checks what arrives, up to and including replay. Never throws. */
  receive(message: BusMessage): Opened | Refusal;
  /** Calls back at an absolute time. */
  wakeAt(time: Micros, wake: () => void): number;
  cancelWake(handle: number): void;
  /** Calls back once everything that has arrived by now was handled: what an agent said meanwhile leaves in one flush. */
  endOfInstant(call: () => void): void;
  /** Runs author's code: under the guard against wall clock and unseeded chance, where the host has one. */
  guarded<T>(call: () => T): T;
  /** Promises of handlers are on the move: call `runtime.flush()` once they rest. */
  asyncStarted(): void;
  /** A handler threw. Strict worlds stop here. */
  handlerFailed(error: unknown): void;
}
