import type { Agent } from '../../agent/agent.ts';
import type { DecisionRecord } from '../../agent/decision.ts';
import type { Guard } from '../../agent/guard.ts';
import type { Host } from '../../agent/host.ts';
import type { Rest } from '../../agent/rest.ts';
import { AgentRuntime } from '../../agent/runtime.ts';
import { createTracing, tracedLog } from '../../agent/tracing.ts';
import type { Bus, BusMessage } from '../../bus/bus.ts';
import type { Micros } from '../../clock.ts';
import { assert, HaggleError } from '../../errors.ts';
import type { AgentCard } from '../../directory/card.ts';
import type { DirectoryPort } from '../../directory/port.ts';
import type { Signer } from '../../identity/signer.ts';
import type { Log } from '../../log.ts';
import type { JsonValue } from '../../message/canonical.ts';
import type { LetterRefusal, MailPort } from '../../message/mail.ts';
import type { Opened } from '../../message/open.ts';
import type { Sealed } from '../../message/seal.ts';
import { createRandomRoot } from '../../random.ts';
import type { Effect } from './effect.ts';
import type { Input } from './input.ts';
import type { Flush, Said } from './said.ts';
import type { LifeCounters } from './tally.ts';
import { createWakes, type Wake } from './wakes.ts';

/** What makes a life: the same of it and the same inputs give the same agent, again and again. */
export interface LifeSeed {
  /** Secret and random: all chance of the life comes from it. */
  readonly root: string;
  /** Number of its first message to each peer. */
  readonly firstSeq: number;
  /** What an earlier life left to go on from; null where it begins as its author wrote. */
  readonly rest: Rest | null;
}

/** What a life needs of its surroundings. */
export interface Surroundings {
  readonly signer: Signer;
  readonly realm: string;
  readonly name: string;
  readonly log: Log;
  readonly guard: Guard;
  /** Whether there is a directory; what is wanted of it is an {@link Effect}. */
  readonly hasDirectory: boolean;
  /** Whether there are mailboxes. */
  readonly hasMail: boolean;
  /** Resolves when promises rest. */
  readonly rest: () => Promise<void>;
  /** A handler threw, or awaits what cannot be re-executed. */
  readonly handlerFailed: (error: unknown) => void;
  /** {@link Life.foreign} was set, and no input brings anybody to look at it. */
  readonly strayed: () => void;
}

/** One life of a live agent, from its start to its end, moved by inputs alone. */
export class Life<Params, State> {
  readonly runtime: AgentRuntime<Params, State>;
  readonly #surroundings: Surroundings;
  readonly #wakes = createWakes();
  readonly #opened = new WeakMap<BusMessage, Opened>();
  #listener: ((message: BusMessage) => void) | null = null;
  #instantCalls: (() => void)[] = [];
  #said: Said[][] = [];
  #effects: Effect[] = [];
  readonly #decisions = new Map<string, number>();
  #calls = 0;
  readonly #awaited = new Map<number, (value: JsonValue) => void>();
  #now: Micros = 0;
  #inside = false;
  #unsettled = false;
  #foreign: HaggleError | null = null;

  constructor(agent: Agent<Params, State>, seed: LifeSeed, surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.#inside = true;
    this.runtime = new AgentRuntime(agent, this.#host(seed), seed.rest);
    this.runtime.connect();
    this.#inside = false;
  }

  /** The wake-up that comes first; null where none is set. */
  get nextWake(): Wake | null {
    return this.#wakes.first();
  }

  /** What it has counted since it began, re-executed or not. */
  get counters(): LifeCounters {
    return { ...this.runtime.counters, decisions: this.#decisions };
  }

  /** Set once a handler went on between two inputs: what the agent is then cannot be re-executed, so it is over. */
  get foreign(): HaggleError | null {
    return this.#foreign;
  }

  /**
   * Handles one input and lets the promises that it moved come to rest. `opened` goes with a message. Returns nothing where no
   * promise moved.
   *
   * @throws AssertionError where the agent's own machinery is broken.
   */
  handle(input: Input, opened?: Opened): Promise<void> | void {
    this.#now = input.at;
    this.#inside = true;
    try {
      this.#apply(input, opened);
    } finally {
      this.#inside = false;
    }
    if (this.#unsettled) return this.#settle();
  }

  /** Ends the instant: returns what the agent said since the last one ended. */
  endInstant(): Flush {
    this.#inside = true;
    try {
      while (this.#instantCalls.length > 0) {
        const calls = this.#instantCalls;
        this.#instantCalls = [];
        for (const call of calls) call();
      }
    } finally {
      this.#inside = false;
    }
    const said = this.#said.filter((part) => part.length > 0);
    this.#said = [];
    return said;
  }

  /** What it wants of the outside since last asked. */
  takeEffects(): readonly Effect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  async #settle(): Promise<void> {
    this.#inside = true;
    try {
      while (this.#unsettled) {
        this.#unsettled = false;
        await this.#surroundings.rest();
        this.runtime.flush();
        if (this.runtime.stuck) this.runtime.giveUpStuck(this.#foreignAwait());
      }
    } finally {
      this.#inside = false;
    }
  }

  #apply(input: Input, opened: Opened | undefined): void {
    const { runtime } = this;
    switch (input.type) {
      case 'start':
        return runtime.start();
      case 'message':
        return this.#hear({ ...input.message, reply: undefined, noResponders: false }, opened);
      case 'unreachable':
        return this.#listener?.({
          subject: input.subject,
          payload: '',
          headers: {},
          reply: undefined,
          noResponders: true,
        });
      case 'wake':
        return this.#wakes.take(input.handle)?.();
      case 'answer':
        return this.#answered(input.call, input.value);
      case 'close':
        return runtime.closeTo(input.code);
      case 'disown':
        return runtime.disown(input.dialogues);
      case 'stop':
        return runtime.stop();
    }
  }

  #answered(call: number, value: JsonValue): void {
    // A letter that was posted may be refused later.
    if (value === null) return;
    const done = this.#awaited.get(call);
    this.#awaited.delete(call);
    done?.(value);
  }

  #hear(message: BusMessage, opened: Opened | undefined): void {
    assert(opened !== undefined, 'a message is opened before it is an input');
    this.#opened.set(message, opened);
    this.#listener?.(message);
  }

  #foreignAwait(): HaggleError {
    return new HaggleError(
      'foreign-await',
      `a handler of "${this.#surroundings.name}" awaits something else than a promise of ctx: its outcome could not be re-executed`,
      { fields: { agent: this.#surroundings.name } },
    );
  }

  /** A handler moved on by what no input brought. */
  #strayed(): HaggleError {
    this.#foreign ??= this.#foreignAwait();
    this.#surroundings.strayed();
    return this.#foreign;
  }

  #host({ root, firstSeq }: LifeSeed): Host {
    const { signer, realm, name, log, guard, handlerFailed } = this.#surroundings;
    const random = createRandomRoot(root);
    const tracing = createTracing(random.stream('trace'));
    const traced = tracedLog(log, tracing);
    return {
      realm,
      self: signer.did,
      nkey: signer.nkey,
      name,
      firstSeq,
      clock: {
        now: () => {
          if (!this.#inside) throw this.#strayed();
          return this.#now;
        },
      },
      bus: this.#bus(),
      log,
      tracing,
      decided: (decision) => this.#decided(decision, traced),
      ...(this.#surroundings.hasDirectory ? { directory: this.#directory() } : {}),
      ...(this.#surroundings.hasMail ? { mail: this.#mail() } : {}),
      stream: (...purpose) => random.stream('agent', ...purpose),
      seal: (payloads) => this.#seal(payloads),
      receive: (message) => {
        const opened = this.#opened.get(message);
        assert(opened !== undefined, 'a message is opened before it is delivered');
        return opened;
      },
      wakeAt: (time, wake) => this.#wakes.add(Math.max(time, this.#now), wake),
      cancelWake: (handle) => void this.#wakes.cancel(handle),
      endOfInstant: (call) => void this.#instantCalls.push(call),
      guarded: (call) => guard.run(name, call),
      asyncStarted: () => {
        this.#unsettled = true;
        if (!this.#inside) this.#strayed();
      },
      handlerFailed,
    };
  }

  /** The inputs lead to it again, so the journal keeps nothing of it; the log shows it, once. */
  #decided({ policy, observation, action }: DecisionRecord, log: Log): void {
    this.#decisions.set(policy, (this.#decisions.get(policy) ?? 0) + 1);
    log.debug({ event: 'decided', policy, observation, action: JSON.stringify(action) });
  }

  /** Signing waits: until the instant has ended, and of a life that is re-executed for ever where the message left before. */
  #seal(payloads: readonly string[]): readonly Sealed[] {
    this.#said.push([]);
    return payloads.map((payload) => ({ payload, headers: {} }));
  }

  #directory(): DirectoryPort {
    return {
      announce: (words) => void this.#effects.push({ type: 'announce', words }),
      withdraw: () => void this.#effects.push({ type: 'withdraw' }),
      find: (query, done) => {
        const call = (this.#calls += 1);
        this.#awaited.set(call, (cards) => {
          // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the answer to a find is cards
          done(cards as unknown as readonly AgentCard[]);
        });
        this.#effects.push({ type: 'find', call, query });
      },
    };
  }

  /** Mail comes in as messages do: as inputs. */
  #mail(): MailPort {
    return {
      post: ({ id, to, way, payload }, refused) => {
        const call = (this.#calls += 1);
        this.#awaited.set(call, (code) => {
          // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the answer to a letter is null or a code
          if (code !== null) refused(code as LetterRefusal);
        });
        this.#effects.push({ type: 'post', call, letter: { id, to, way, payload } });
      },
      collect: () => () => undefined,
    };
  }

  /** The agent's end of the bus: its one inbox, and what it says is kept. */
  #bus(): Bus {
    const done = Promise.resolve();
    return {
      publish: (subject, payload, { headers = {}, reply } = {}) => {
        const part = this.#said.at(-1);
        assert(part !== undefined, 'what is published was sealed before');
        part.push({ subject, payload, headers, reply });
      },
      subscribe: (subject, listener) => {
        this.#listener = listener;
        return { subject, unsubscribe: () => (this.#listener = null) };
      },
      flush: () => done,
      drain: () => done,
    };
  }
}
