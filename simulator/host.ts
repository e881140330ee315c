import type { Decider, DecisionRecord } from '../agent-core/agent/decision.ts';
import type { Host } from '../agent-core/agent/host.ts';
import type { Bus } from '../agent-core/bus/bus.ts';
import type { DirectoryPort } from '../agent-core/directory/port.ts';
import type { SignatureBackend, Signer } from '../agent-core/identity/signer.ts';
import type { LedgerPort } from '../agent-core/ledger/port.ts';
import type { Log } from '../agent-core/log.ts';
import type { VerifiedRoots } from '../agent-core/message/evidence.ts';
import type { MailPort } from '../agent-core/message/mail.ts';
import { createOpener } from '../agent-core/message/open.ts';
import { createReplayWindow } from '../agent-core/message/replay-window.ts';
import { createSealer, type SigningMode } from '../agent-core/message/seal.ts';
import type { RandomRoot } from '../agent-core/random.ts';
import type { Guard } from '../agent-core/agent/guard.ts';
import type { EventSource, Kernel } from './kernel.ts';

/** What agents say leaves after everything else that happens at its instant. */
const FLUSH_PRIORITY = 1;

/** What agents decided is noted last at its instant, so that its place in the order of events does not depend on when they asked. */
const NOTE_PRIORITY = 2;

/** What the host of a simulated agent is made from. */
export interface HostParts {
  readonly name: string;
  readonly realm: string;
  readonly signer: Signer;
  readonly mode: SigningMode;
  readonly backend: SignatureBackend;
  readonly verifiedRoots: VerifiedRoots;
  readonly kernel: Kernel;
  /** Everything that the agent schedules. */
  readonly source: EventSource;
  readonly bus: Bus;
  readonly ledger: LedgerPort | undefined;
  readonly directory: DirectoryPort;
  readonly mail: MailPort;
  readonly log: Log;
  readonly random: RandomRoot;
  readonly guard: Guard;
  /** Answers in the place of policies. */
  readonly decider: Decider | undefined;
  /** Records what was decided, in an event of its own. */
  readonly note: (decision: DecisionRecord) => void;
  readonly asyncStarted: () => void;
  readonly handlerFailed: (error: unknown) => void;
}

/** The host of one agent in virtual time. */
export function simulatedHost(parts: HostParts): Host {
  const { name, realm, signer, mode, backend, verifiedRoots, kernel, source, ledger } = parts;
  const sealer = createSealer({ mode, signer, backend });
  const opener = createOpener({
    me: signer.did,
    realm,
    backend,
    clock: kernel,
    requireSignature: mode !== 'off',
    verifiedRoots,
    replay: createReplayWindow(),
  });
  const run = (wake: () => void): void => wake();
  return {
    realm,
    self: signer.did,
    nkey: signer.nkey,
    name,
    clock: kernel,
    bus: parts.bus,
    log: parts.log,
    ...(ledger === undefined ? {} : { ledger }),
    directory: parts.directory,
    mail: parts.mail,
    ...(parts.decider === undefined ? {} : { decider: parts.decider }),
    decided: (decision) => void source.at(kernel.now(), parts.note, decision, NOTE_PRIORITY),
    stream: (...purpose) => parts.random.stream('agent', name, ...purpose),
    seal: (payloads) => sealer.seal(payloads),
    receive: (message) => opener.open(message),
    wakeAt: (time, wake) => source.at(time, run, wake),
    cancelWake: (handle) => kernel.cancel(handle),
    endOfInstant: (call) => void source.at(kernel.now(), run, call, FLUSH_PRIORITY),
    guarded: (call) => parts.guard.run(name, call),
    asyncStarted: parts.asyncStarted,
    handlerFailed: parts.handlerFailed,
  };
}
