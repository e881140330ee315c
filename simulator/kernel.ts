import type { Clock, Micros } from '../agent-core/clock.ts';
import { HaggleError } from '../agent-core/errors.ts';
import { hashPath52 } from '../agent-core/stream-hash.ts';
import { EventQueue, MAX_PENDING, type EventHandle, type OrderKey } from './event-queue.ts';
import { PRIORITY, SOURCE_COUNTER, SOURCE_KEY, TIME } from './event-slots.ts';

/** Schedules events in the name of one owner. Its own counter, never a global one, orders its simultaneous events. */
export interface EventSource {
  /** The owner's name, unique in a kernel. */
  readonly name: string;
  /** The 52-bit number that stands for the name in {@link OrderKey}. */
  readonly key: number;
  /** Events scheduled so far. */
  readonly count: number;
  /**
   * Runs `action(data)` at `time`.
   *
   * @param priority a 32-bit integer, the lower first among events of one time; 0 if left out
   * @throws HaggleError `bad-time`, `time-in-past`, `bad-priority`, `event-queue-full`
   */
  at<T>(time: Micros, action: (data: T) => void, data: T, priority?: number): EventHandle;
  /** Like {@link EventSource.at}, `delay` microseconds from now. */
  after<T>(delay: Micros, action: (data: T) => void, data: T, priority?: number): EventHandle;
  /**
   * The order key of an event that this source schedules now and that runs elsewhere: it counts as one of the source's, and
   * {@link Kernel.insert} gives it its place there.
   *
   * @throws HaggleError `bad-time`, `time-in-past`, `bad-priority`
   */
  claim(time: Micros, priority?: number): OrderKey;
}

/** When {@link Kernel.run} comes back; with neither bound it runs until nothing is pending. */
export interface RunOptions {
  /** The last instant that still runs. */
  readonly until?: Micros;
  /** The first instant that no longer runs. Unlike `until` it leaves `now()` at the time of the last event. */
  readonly before?: Micros;
  /** Events that this call may process. */
  readonly maxEvents?: number;
}

/** Why a run came back: nothing pending, `until` or `before` reached, `maxEvents` processed, or an action called `pause()`. */
export type RunEnd = 'idle' | 'until' | 'max-events' | 'paused';

/** A discrete-event kernel: virtual time in microseconds that jumps from event to event. */
export interface Kernel extends Clock {
  /**
   * The event source of an owner, once per name, at start-up or later.
   *
   * @throws HaggleError `duplicate-source`; `source-collision` where another name has the same 52-bit key
   */
  source(name: string): EventSource;
  /** Takes a pending event back. False where it has run, is running or was cancelled before. */
  cancel(handle: EventHandle): boolean;
  /**
   * Adds an event that a source claimed elsewhere, at exactly its place. No counter moves.
   *
   * @throws HaggleError `bad-time`, `time-in-past`, `event-queue-full`
   */
  insert<T>(key: OrderKey, action: (data: T) => void, data: T): void;
  /**
   * Processes events in order. After `'idle'` or `'until'`, with `until` given, `now()` is `until`; otherwise it is the
   * time of the last event. An action's error leaves the kernel consistent (the event counts as processed) and propagates.
   *
   * @throws HaggleError `kernel-running` from inside an action; `bad-time` for an `until` before now
   */
  run(options?: RunOptions): RunEnd;
  /** Makes the run under way return `'paused'` after the current action; without one, the next run at once. */
  pause(): void;
  /** Processes one event; false where none is pending. */
  step(): boolean;
  /** Order key of the event whose action is running, undefined between events. Read it before the action ends. */
  readonly current: OrderKey | undefined;
  /** Order key of the event whose action threw and so ended the last run; undefined where none did. */
  readonly failedAt: OrderKey | undefined;
  readonly pending: number;
  readonly processed: number;
  /** Time of the first pending event; `Infinity` where there is none. */
  readonly nextTime: Micros;
}

/** Options of {@link createKernel}. */
export interface KernelOptions {
  /** Pending events at most; 4,194,304 (the hard limit) if left out. */
  readonly maxPending?: number;
}

const NO_SLOT = -1;

class VirtualKernel implements Kernel {
  readonly #queue: EventQueue;
  readonly #names = new Map<number, string>();
  /** The time, in a typed array that the sources share: a number in a field would be boxed at every change. */
  readonly #clock = new Float64Array(1);
  readonly #inserted = new Float64Array(4);
  #processed = 0;
  #currentSlot = NO_SLOT;
  #failedAt: OrderKey | undefined;
  #running = false;
  #pauseAsked = false;

  constructor(maxPending: number) {
    this.#queue = new EventQueue(maxPending);
  }

  now(): Micros {
    return this.#clock[0] ?? 0;
  }

  get current(): OrderKey | undefined {
    return this.#currentSlot === NO_SLOT ? undefined : this.#queue.keyOf(this.#currentSlot, this.now());
  }

  get failedAt(): OrderKey | undefined {
    return this.#failedAt;
  }

  get pending(): number {
    return this.#queue.size;
  }

  get processed(): number {
    return this.#processed;
  }

  get nextTime(): Micros {
    return this.#queue.nextTime();
  }

  source(name: string): EventSource {
    const key = hashPath52([name]);
    const holder = this.#names.get(key);
    if (holder === name) throw new HaggleError('duplicate-source', `event source "${name}" exists already`);
    if (holder !== undefined) {
      throw new HaggleError(
        'source-collision',
        `event sources "${name}" and "${holder}" have the same 52-bit key; rename one`,
      );
    }
    this.#names.set(key, name);
    return new NamedSource({ clock: this.#clock, queue: this.#queue, name, key });
  }

  cancel(handle: EventHandle): boolean {
    return this.#queue.cancel(handle);
  }

  insert<T>({ time, priority, sourceKey, sourceCounter }: OrderKey, action: (data: T) => void, data: T): void {
    const name = this.#names.get(sourceKey) ?? `source ${sourceKey}`;
    if (!Number.isSafeInteger(time)) throw badTime(name, time);
    if (time < this.now()) throw timeInPast({ name }, time, this.now());
    const order = this.#inserted;
    order[TIME] = time;
    order[PRIORITY] = priority;
    order[SOURCE_KEY] = sourceKey;
    order[SOURCE_COUNTER] = sourceCounter;
    this.#queue.push(order, action, data);
  }

  pause(): void {
    this.#pauseAsked = true;
  }

  step(): boolean {
    const before = this.#processed;
    this.run({ maxEvents: 1 });
    return this.#processed > before;
  }

  run(options: RunOptions = {}): RunEnd {
    const { until = Infinity, before = Infinity, maxEvents = Infinity } = options;
    if (this.#running) throw new HaggleError('kernel-running', 'run was called from inside an action; use pause()');
    if (!(until >= this.now())) {
      throw new HaggleError('bad-time', `run until ${until} us lies before now, ${this.now()} us`);
    }
    this.#running = true;
    this.#failedAt = undefined;
    try {
      const end = this.#loop(Math.min(until, before - 1), maxEvents);
      if (until !== Infinity && (end === 'idle' || end === 'until')) this.#clock[0] = until;
      return end;
    } finally {
      this.#running = false;
      this.#pauseAsked = false;
    }
  }

  #loop(until: Micros, maxEvents: number): RunEnd {
    const queue = this.#queue;
    let left = maxEvents;
    for (;;) {
      // Before all else: who asked for the pause may have more to schedule, and the clock must not move on till then.
      if (this.#pauseAsked) return 'paused';
      const time = queue.nextTime();
      if (time === Infinity) return 'idle';
      if (time > until) return 'until';
      if (left-- <= 0) return 'max-events';
      this.#clock[0] = time;
      this.#runFirst(queue);
    }
  }

  #runFirst(queue: EventQueue): void {
    const slot = queue.take();
    this.#currentSlot = slot;
    this.#processed++;
    const action = queue.actionOf(slot);
    try {
      action?.(queue.dataOf(slot));
    } catch (error) {
      this.#failedAt = this.current;
      throw error;
    } finally {
      this.#currentSlot = NO_SLOT;
      queue.release(slot);
    }
  }
}

interface SourceParts {
  readonly clock: Float64Array;
  readonly queue: EventQueue;
  readonly name: string;
  readonly key: number;
}

class NamedSource implements EventSource {
  readonly name: string;
  readonly key: number;
  readonly #clock: Float64Array;
  readonly #queue: EventQueue;
  /** Filled and handed to the queue, which copies it: one object for all events of a source. */
  readonly #order = new Float64Array(4);

  constructor(parts: SourceParts) {
    this.name = parts.name;
    this.key = parts.key;
    this.#clock = parts.clock;
    this.#queue = parts.queue;
    this.#order[SOURCE_KEY] = parts.key;
  }

  get count(): number {
    return this.#order[SOURCE_COUNTER] ?? 0;
  }

  // oxlint-disable-next-line max-params -- an options object for each event would be garbage on the hottest path
  at<T>(time: Micros, action: (data: T) => void, data: T, priority = 0): EventHandle {
    if (!Number.isSafeInteger(time)) throw badTime(this.name, time);
    const now = this.#clock[0] ?? 0;
    if (time < now) throw timeInPast(this, time, now);
    if ((priority | 0) !== priority) throw badPriority(this.name, priority);
    const order = this.#order;
    order[TIME] = time;
    order[PRIORITY] = priority;
    const handle = this.#queue.push(order, action, data);
    order[SOURCE_COUNTER] = (order[SOURCE_COUNTER] ?? 0) + 1;
    return handle;
  }

  claim(time: Micros, priority = 0): OrderKey {
    const sourceCounter = this.count;
    if (!Number.isSafeInteger(time)) throw badTime(this.name, time);
    const now = this.#clock[0] ?? 0;
    if (time < now) throw timeInPast(this, time, now);
    if ((priority | 0) !== priority) throw badPriority(this.name, priority);
    this.#order[SOURCE_COUNTER] = sourceCounter + 1;
    return { time, priority, sourceKey: this.key, sourceCounter };
  }

  // oxlint-disable-next-line max-params -- an options object for each event would be garbage on the hottest path
  after<T>(delay: Micros, action: (data: T) => void, data: T, priority = 0): EventHandle {
    return this.at((this.#clock[0] ?? 0) + delay, action, data, priority);
  }
}

function badTime(name: string, time: number): HaggleError {
  return new HaggleError('bad-time', `"${name}" scheduled at ${time}; times are whole microseconds up to 2^53 - 1`);
}

function timeInPast(source: Pick<EventSource, 'name'>, time: Micros, now: Micros): HaggleError {
  return new HaggleError('time-in-past', `"${source.name}" scheduled at ${time} us, but it is ${now} us`, {
    fields: { source: source.name, time, now },
  });
}

function badPriority(name: string, priority: number): HaggleError {
  return new HaggleError('bad-priority', `"${name}" gave priority ${priority}; it must be a 32-bit integer`);
}

/**
 * A kernel at time 0 with nothing pending.
 *
 * @throws HaggleError `bad-max-pending` unless `maxPending` is a whole number from 1 to 4,194,304
 */
export function createKernel(options: KernelOptions = {}): Kernel {
  const { maxPending = MAX_PENDING } = options;
  if (!Number.isInteger(maxPending) || maxPending < 1 || maxPending > MAX_PENDING) {
    throw new HaggleError('bad-max-pending', `maxPending must be from 1 to ${MAX_PENDING}, got ${maxPending}`);
  }
  return new VirtualKernel(maxPending);
}
