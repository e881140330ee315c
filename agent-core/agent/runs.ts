import type { Micros } from '../clock.ts';
import { HaggleError } from '../errors.ts';
import type { Did } from '../identity/did-key.ts';
import type { LedgerPort } from '../ledger/port.ts';
import type { Log } from '../log.ts';
import type { Cancellation } from '../protocol/cancellation.ts';
import type { RandomStream } from '../random.ts';
import type { HandlerResult } from './agent.ts';
import type { DialogueEnd } from './dialogue.ts';
import { DialogueHandle, ReceivedHandle } from './conversation.ts';
import type { DialogueRecord, PlayedRole } from './dialogue-book.ts';
import type { Dialogues } from './dialogues.ts';
import type { Host } from './host.ts';
import { portOf } from './ledger-door.ts';
import type { ErasedFollowing, Program } from './program.ts';
import type { Turns } from './turns.ts';

/** What runs of programs need of their agent. */
export interface RunParts {
  readonly host: Host;
  readonly dialogues: Dialogues;
  readonly turns: Turns;
  /** Runs program code as a turn of the agent; `failed` hears what it threw, after the agent has counted it. */
  readonly turn: (call: () => HandlerResult, failed: (error: unknown) => void) => void;
  /** Checks that a dialogue may be opened now that ends at `by`, as for `ctx.open`. */
  readonly checkOpening: (protocol: string, by: Micros) => void;
  /** Checks that something may begin now; `action` says what. */
  readonly checkRunning: (action: string) => void;
  /** The runs that go on. */
  readonly running: Set<Stoppable>;
}

/** A run as its agent ends it. */
export interface Stoppable {
  /** Ends it without a result: its agent stops, and tells the peers of its dialogues itself. */
  stop(): void;
}

/** Begins a program and promises its result. */
export function startRun<Input, Result>(
  parts: RunParts,
  program: Program<Input, Result>,
  input: Input,
): Promise<Result> {
  const { promise, resolve, reject } = parts.turns.promise<Result>();
  // Whoever started it may not wait for it; the agent has counted and logged the error already.
  promise.catch(() => undefined);
  const run = new ProgramRun<Result>(parts, program, { resolve, reject });
  run.begin((self) => program.begin(self, input));
  return promise;
}

interface Ending<Result> {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** One running program; `Run` of program.ts puts the protocol's types on it. */
class ProgramRun<Result> implements Stoppable {
  readonly self: Did;
  readonly log: Log;
  readonly #parts: RunParts;
  readonly #ending: Ending<Result>;
  readonly #role: PlayedRole;
  readonly #open = new Map<string, DialogueRecord>();
  readonly #wakes = new Set<number>();
  /** What makes cancellations forget this run. */
  readonly #forget: (() => void)[] = [];
  /** What happened while program code ran: it is never entered twice. */
  readonly #waiting: (() => void)[] = [];
  #busy = false;
  readonly #fail = (error: unknown): void => {
    if (this.#close()) this.#ending.reject(error);
  };
  #random: RandomStream | undefined;
  #following: ErasedFollowing | undefined;
  #over = false;

  constructor(parts: RunParts, program: Program<never, Result>, ending: Ending<Result>) {
    const { protocol, role } = program;
    this.self = parts.host.self;
    this.log = parts.host.log;
    this.#parts = parts;
    this.#ending = ending;
    const heard = (handle: ReceivedHandle): void => this.#turn(() => this.#following?.heard(handle));
    this.#role = {
      protocol,
      side: protocol.roles[0] === role ? 0 : 1,
      handlers: protocol.table.types.map(
        () => (message, record) => heard(new ReceivedHandle(message, new DialogueHandle(parts.dialogues, record))),
      ),
      ended: (end) => this.#ended(end),
    };
  }

  get random(): RandomStream {
    this.#random ??= this.#parts.host.stream('program', this.#role.protocol.name);
    return this.#random;
  }

  get ledger(): LedgerPort {
    const port = portOf(this.#parts.host, `settling ${this.#role.protocol.name}`);
    const turn = <T>(done: (answer: T) => void): ((answer: T) => void) => {
      return (answer) => this.#turn(() => done(answer));
    };
    return {
      submit: (operations, done) => port.submit(operations, turn(done)),
      balance: (asset, done) => port.balance(asset, turn(done)),
      reservation: (name, done) => port.reservation(name, turn(done)),
    };
  }

  now(): Micros {
    return this.#parts.host.clock.now();
  }

  /** Calls the program's own beginning; what it throws ends the run. */
  begin(call: (self: this) => ErasedFollowing): void {
    this.#parts.running.add(this);
    this.#turn(() => {
      this.#parts.checkRunning(`running ${this.#role.protocol.name}`);
      this.#following = call(this);
    });
  }

  /** A program that went on would make promises that nobody is left to keep. */
  stop(): void {
    this.#open.clear();
    this.#close();
  }

  open(to: Did, type: string, { body, by }: { readonly body: unknown; readonly by: Micros }): DialogueHandle {
    const { dialogues, checkOpening } = this.#parts;
    if (this.#over) {
      throw new HaggleError('run-over', `opening ${this.#role.protocol.name}: the program has finished`);
    }
    checkOpening(this.#role.protocol.name, by);
    const record = dialogues.begin({ role: this.#role, to, deadline: by });
    this.#open.set(record.id, record);
    try {
      dialogues.say(record, type, body);
    } catch (error) {
      this.#open.delete(record.id);
      dialogues.abandon(record);
      throw error;
    }
    return new DialogueHandle(dialogues, record);
  }

  at(time: Micros, call: () => void): void {
    if (this.#over) return;
    const { host } = this.#parts;
    const wake = host.wakeAt(Math.max(time, host.clock.now()), () => {
      this.#wakes.delete(wake);
      this.#turn(call);
    });
    this.#wakes.add(wake);
  }

  onCancel(cancellation: Cancellation | undefined, call: () => void): void {
    if (cancellation === undefined || this.#over) return;
    this.#forget.push(cancellation.onCancel(() => this.at(this.now(), call)));
  }

  finish(result: Result): void {
    if (this.#close()) this.#ending.resolve(result);
  }

  #turn(call: () => void): void {
    if (this.#over) return;
    if (this.#busy) {
      this.#waiting.push(call);
      return;
    }
    this.#busy = true;
    let next: (() => void) | undefined = call;
    while (next !== undefined && !this.#over) {
      this.#parts.turn(next, this.#fail);
      next = this.#waiting.shift();
    }
    this.#waiting.length = 0;
    this.#busy = false;
  }

  #ended(end: DialogueEnd): void {
    if (this.#open.delete(end.dialogue)) this.#turn(() => this.#following?.ended(end));
  }

  /** False where it was over before. */
  #close(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#parts.running.delete(this);
    for (const wake of this.#wakes) this.#parts.host.cancelWake(wake);
    this.#wakes.clear();
    for (const forget of this.#forget.splice(0)) forget();
    for (const record of this.#open.values()) this.#parts.dialogues.leave(record);
    this.#open.clear();
    return true;
  }
}
