import type { Guard } from '../agent-core/agent/guard.ts';
import { micros, type Micros } from '../agent-core/clock.ts';
import { HaggleError } from '../agent-core/errors.ts';
import { settlePromises } from './barrier.ts';
import type { OrderKey } from './event-slots.ts';
import type { Kernel } from './kernel.ts';
import type { Placement } from './placement.ts';
import type { RunOptions, RunSummary } from './world-options.ts';

/** Why a run cannot go on, and where in the order of events. */
export interface RunFailure {
  readonly error: unknown;
  readonly key: OrderKey;
}

/** What a {@link Driver} drives. */
export interface DriverParts {
  readonly kernel: Kernel;
  readonly guard: Guard;
  /** Stop with what the first handler throws. */
  readonly strict: boolean;
  readonly placements: ReadonlyMap<string, Pick<Placement<unknown>, 'flush' | 'stuck'>>;
}

const PROGRESS_EVENTS = 4_096;

/** Runs the events of a world and waits for its handlers. */
export class Driver {
  readonly #parts: DriverParts;
  readonly #unsettled = new Set<string>();
  /** The event whose handlers are awaited. */
  #pausedAt: OrderKey | undefined;
  #failure: RunFailure | null = null;
  /** The failure that stopped the last run. */
  #raised: RunFailure | null = null;
  #running = false;
  #uninstall: (() => void) | null = null;
  /** Events after which the process had its last turn. */
  #breath = 0;

  constructor(parts: DriverParts) {
    this.#parts = parts;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Promises of an agent's handlers are on the move. */
  asyncStarted(agent: string): void {
    const { kernel } = this.#parts;
    this.#unsettled.add(agent);
    this.#pausedAt = kernel.current ?? this.#pausedAt;
    kernel.pause();
  }

  /** A handler threw; the first stops a strict world. */
  handlerFailed(error: unknown): void {
    const { kernel, strict } = this.#parts;
    if (!strict || this.#failure !== null) return;
    this.#failure = { error, key: kernel.current ?? this.#place() };
    kernel.pause();
  }

  /** @throws HaggleError see `World.run` */
  async run(options: RunOptions): Promise<RunSummary> {
    if (this.#running) throw new HaggleError('world-running', 'running a world that runs already');
    this.#running = true;
    const uninstall = this.#parts.guard.install();
    try {
      return await this.#drive(options, Infinity);
    } finally {
      this.#running = false;
      uninstall();
    }
  }

  /** Runs all events before a time; the failure that stopped it, or null. */
  async advance(before: Micros): Promise<RunFailure | null> {
    this.#uninstall ??= this.#parts.guard.install();
    this.#running = true;
    try {
      await this.#drive({}, before);
      return null;
    } catch (error) {
      if (this.#raised?.error === error) return this.#raised;
      return { error, key: this.#parts.kernel.failedAt ?? this.#place() };
    } finally {
      this.#running = false;
    }
  }

  /** No window follows: the guard is taken away. In between it stays, as a window is short and putting it in place is not. */
  rest(): void {
    this.#uninstall?.();
    this.#uninstall = null;
  }

  /** Where we are when no event runs: behind the one that was paused at, or at the beginning of its instant. */
  #place(): OrderKey {
    const time = this.#parts.kernel.now();
    if (this.#pausedAt?.time === time) return this.#pausedAt;
    return { time, priority: 0, sourceKey: 0, sourceCounter: 0 };
  }

  async #drive(options: RunOptions, before: Micros): Promise<RunSummary> {
    const { kernel } = this.#parts;
    const until = options.until === undefined ? undefined : micros(options.until);
    const from = kernel.processed;
    const step = Math.max(1, options.progressEvents ?? PROGRESS_EVENTS);
    const summary = (end: RunSummary['end']): RunSummary => ({
      end,
      now: kernel.now(),
      events: kernel.processed - from,
    });
    for (;;) {
      const left = (options.maxEvents ?? Infinity) - (kernel.processed - from);
      const end = kernel.run({
        ...(until === undefined ? {} : { until }),
        before,
        maxEvents: Math.min(left, step),
      });
      if (end === 'paused') await this.#settle();
      else if (kernel.processed - this.#breath >= PROGRESS_EVENTS) {
        // Signals, timers and sockets of the process get a turn; virtual time knows nothing of it.
        this.#breath = kernel.processed;
        await settlePromises();
      }
      this.#raise();
      options.onProgress?.(summary('idle'));
      if (options.done?.() === true) return summary('done');
      if (end === 'idle' || end === 'until') return summary(end);
      if (end === 'max-events' && left <= step) return summary(end);
    }
  }

  /** Lets the promises of handlers come to rest, then sends what they said. */
  async #settle(): Promise<void> {
    const { placements } = this.#parts;
    while (this.#unsettled.size > 0) {
      const names = [...this.#unsettled].toSorted();
      this.#unsettled.clear();
      await settlePromises();
      for (const name of names) {
        const placement = placements.get(name);
        placement?.flush();
        if (placement?.stuck === true) {
          throw new HaggleError(
            'foreign-await',
            `a handler of "${name}" awaits something else than a promise of ctx, so virtual time cannot go on`,
          );
        }
      }
    }
  }

  #raise(): void {
    this.#raised = this.#failure;
    this.#failure = null;
    if (this.#raised !== null) throw this.#raised.error;
  }
}
