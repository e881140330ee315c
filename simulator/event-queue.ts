import type { Micros } from '../agent-core/clock.ts';
import { assert, HaggleError } from '../agent-core/errors.ts';

/**
 * Where an event stands in the total order: earlier time first, then lower priority, then lower source key, then lower
 * source counter. No two events share a key, and nothing in it depends on when or where an event was inserted.
 */
export interface OrderKey {
  readonly time: Micros;
  /** A 32-bit integer; the lower runs first. */
  readonly priority: number;
  /** A 52-bit number that stands for the source's name. */
  readonly sourceKey: number;
  /** How many events the source had scheduled before this one. */
  readonly sourceCounter: number;
}

/** Names one event for ever: the handle of an event that has run or was cancelled never names another. */
export type EventHandle = number;

/**
 * An action whose datum's type is forgotten: `push` takes action and datum as a pair that fits, and they stay a pair. A
 * method's type, because its parameters are compared both ways, so that no assertion is needed.
 */
export type Action = { run(data: unknown): void }['run'];

/** Low bits of a handle that hold the slot; the rest of the 53 bits hold the slot's generation. */
const SLOT_BITS = 24;
const SLOT_COUNT = 2 ** SLOT_BITS;
const LAST_GENERATION = 2 ** 29 - 1;
/** A queue takes at most this many pending events; slots of cancelled events that still lie in the heap need the rest. */
export const MAX_PENDING = SLOT_COUNT / 4;

/** The root lies at 3, so that the four children of `i`, at `4 (i - 2)`, share a cache line. */
const ROOT = 3;
const NO_SLOT = -1;

/**
 * Offsets in the facts of a slot. Those of a source's own array are the same, with the time of the event in place of the
 * generation.
 */
export const PRIORITY = 0;
export const SOURCE_KEY = 1;
export const SOURCE_COUNTER = 2;
const GENERATION = 3;
export const TIME = GENERATION;
const FIRST_CAPACITY = 64;
/** Below this many heap entries, cancelled events are not worth a compaction. */
const COMPACT_FROM = 64;

/**
 * Pending events as an implicit 4-ary heap over typed arrays. Times lie in heap order; the rest of the order key lies by
 * slot and is read only where times are equal. Cancelling is O(1): the entry stays, dead, until it surfaces or until the
 * dead outnumber the living.
 *
 * Taking the first event leaves the root vacant until {@link EventQueue.release} or the next push, because most actions
 * schedule a successor: one walk down the heap then does the work of two.
 */
export class EventQueue {
  readonly #maxPending: number;
  #capacity = 0;
  #times = new Float64Array(0);
  #slots = new Int32Array(0);
  /** One past the last heap entry. */
  #end = ROOT;
  #vacant = false;
  #dead = 0;

  /** Four numbers a slot, in one cache line: see the offsets PRIORITY, SOURCE_KEY, SOURCE_COUNTER, GENERATION. */
  #facts = new Float64Array(0);
  /** Free slots, the one that was freed last on top, where it is still in the cache. */
  #free = new Int32Array(0);
  #freeCount = 0;
  /** The slot that was taken and not yet released. */
  #taken = NO_SLOT;
  /** By slot; the action is undefined where no live event has the slot. */
  #actions: (Action | undefined)[] = [];
  #data: unknown[] = [];

  constructor(maxPending: number) {
    this.#maxPending = maxPending;
    this.#grow(FIRST_CAPACITY);
  }

  /** Live events. */
  get size(): number {
    return this.#end - ROOT - this.#dead - (this.#vacant ? 1 : 0);
  }

  /**
   * Adds an event. The order key comes as four numbers in a typed array, at the offsets above: numbers in objects or
   * arguments would be boxed, and their garbage drives the heap out of the processor's cache.
   *
   * @throws HaggleError `event-queue-full`
   */
  push<T>(order: Float64Array, action: (data: T) => void, data: T): EventHandle {
    if (this.size >= this.#maxPending) throw queueFull(this.#maxPending);
    const slot = this.#freshSlot();
    const facts = this.#facts;
    const generation = (facts[4 * slot + GENERATION] ?? 0) + 1;
    facts[4 * slot + GENERATION] = generation;
    facts[4 * slot + PRIORITY] = order[PRIORITY] ?? 0;
    facts[4 * slot + SOURCE_KEY] = order[SOURCE_KEY] ?? 0;
    facts[4 * slot + SOURCE_COUNTER] = order[SOURCE_COUNTER] ?? 0;
    this.#actions[slot] = action;
    this.#data[slot] = data;
    const at = this.#vacant ? ROOT : this.#end++;
    this.#times[at] = order[TIME] ?? 0;
    this.#slots[at] = slot;
    if (this.#vacant) {
      this.#vacant = false;
      this.#sinkFrom(ROOT);
    } else {
      this.#riseFrom(at);
    }
    return generation * SLOT_COUNT + slot;
  }

  /** Time of the first live event; `Infinity` where there is none. */
  nextTime(): Micros {
    if (this.#vacant) this.#fillVacancy();
    while (this.#end > ROOT) {
      const slot = this.#slots[ROOT] ?? 0;
      if (this.#dead === 0 || this.#actions[slot] !== undefined) return this.#times[ROOT] ?? 0;
      this.#dead--;
      this.#fillVacancy();
      this.#putBack(slot);
    }
    return Infinity;
  }

  /**
   * Takes the first event out and returns its slot, by which it can be read until it is released. From here on its
   * handle is void. The caller has just learnt from {@link EventQueue.nextTime} that there is an event.
   */
  take(): number {
    const slot = this.#slots[ROOT] ?? 0;
    this.#vacant = true;
    this.#taken = slot;
    return slot;
  }

  actionOf(slot: number): Action | undefined {
    return this.#actions[slot];
  }

  dataOf(slot: number): unknown {
    return this.#data[slot];
  }

  /** The order key of a taken event; its time is known to whoever took it. */
  keyOf(slot: number, time: Micros): OrderKey {
    return {
      time,
      priority: this.#facts[4 * slot + PRIORITY] ?? 0,
      sourceKey: this.#facts[4 * slot + SOURCE_KEY] ?? 0,
      sourceCounter: this.#facts[4 * slot + SOURCE_COUNTER] ?? 0,
    };
  }

  /** Gives the slot of a taken event back. */
  release(slot: number): void {
    if (this.#vacant) this.#fillVacancy();
    this.#actions[slot] = undefined;
    this.#data[slot] = undefined;
    this.#taken = NO_SLOT;
    this.#putBack(slot);
  }

  /** True where the handle named a pending event, which now will not run. */
  cancel(handle: EventHandle): boolean {
    const slot = handle % SLOT_COUNT;
    if (!(slot < this.#capacity) || this.#facts[4 * slot + GENERATION] !== Math.floor(handle / SLOT_COUNT))
      return false;
    if (slot === this.#taken || this.#actions[slot] === undefined) return false;
    this.#actions[slot] = undefined;
    this.#data[slot] = undefined;
    this.#dead++;
    if (this.#dead * 2 > this.#end - ROOT && this.#end - ROOT >= COMPACT_FROM) this.#compact();
    return true;
  }

  #putBack(slot: number): void {
    this.#free[this.#freeCount++] = slot;
  }

  /** A slot whose generations are used up is retired here, so that no handle ever names two events. */
  #freshSlot(): number {
    for (;;) {
      if (this.#freeCount === 0) this.#grow(this.#capacity * 2);
      const slot = this.#free[--this.#freeCount] ?? 0;
      if ((this.#facts[4 * slot + GENERATION] ?? 0) < LAST_GENERATION) return slot;
    }
  }

  #fillVacancy(): void {
    this.#vacant = false;
    const last = --this.#end;
    this.#times[ROOT] = this.#times[last] ?? 0;
    this.#slots[ROOT] = this.#slots[last] ?? 0;
    this.#times[last] = Infinity;
    if (last > ROOT) this.#sinkFrom(ROOT);
  }

  /** Whether heap entry `a` comes before entry `b`, their times being equal. */
  #beats(a: number, b: number): boolean {
    return a < this.#end && this.#before(this.#slots[a] ?? 0, this.#slots[b] ?? 0);
  }

  #before(slotA: number, slotB: number): boolean {
    const facts = this.#facts;
    for (let part = PRIORITY; part <= SOURCE_COUNTER; part++) {
      const a = facts[4 * slotA + part] ?? 0;
      const b = facts[4 * slotB + part] ?? 0;
      if (a !== b) return a < b;
    }
    return false;
  }

  #riseFrom(start: number): void {
    const times = this.#times;
    const slots = this.#slots;
    const time = times[start] ?? 0;
    const slot = slots[start] ?? 0;
    let at = start;
    while (at > ROOT) {
      const parent = (at >> 2) + 2;
      const parentTime = times[parent] ?? 0;
      if (time > parentTime || (time === parentTime && !this.#before(slot, slots[parent] ?? 0))) break;
      times[at] = parentTime;
      slots[at] = slots[parent] ?? 0;
      at = parent;
    }
    times[at] = time;
    slots[at] = slot;
  }

  #sinkFrom(start: number): void {
    const times = this.#times;
    const slots = this.#slots;
    const time = times[start] ?? 0;
    const slot = slots[start] ?? 0;
    const end = this.#end;
    let at = start;
    for (let child = 4 * (at - 2); child < end; child = 4 * (at - 2)) {
      let best = child;
      let bestTime = times[child] ?? 0;
      // Entries past the end hold Infinity, so all four siblings can be read.
      const time1 = times[child + 1] ?? 0;
      const time2 = times[child + 2] ?? 0;
      const time3 = times[child + 3] ?? 0;
      if (time1 <= bestTime && (time1 < bestTime || this.#beats(child + 1, best))) {
        best = child + 1;
        bestTime = time1;
      }
      if (time2 <= bestTime && (time2 < bestTime || this.#beats(child + 2, best))) {
        best = child + 2;
        bestTime = time2;
      }
      if (time3 <= bestTime && (time3 < bestTime || this.#beats(child + 3, best))) {
        best = child + 3;
        bestTime = time3;
      }
      if (time <= bestTime && (time < bestTime || this.#before(slot, slots[best] ?? 0))) break;
      times[at] = bestTime;
      slots[at] = slots[best] ?? 0;
      at = best;
    }
    times[at] = time;
    slots[at] = slot;
  }

  /** Drops dead entries and builds the heap anew (Floyd): linear time, paid by the cancellations before it. */
  #compact(): void {
    const times = this.#times;
    const slots = this.#slots;
    let end = ROOT;
    for (let from = this.#vacant ? ROOT + 1 : ROOT; from < this.#end; from++) {
      const slot = slots[from] ?? 0;
      if (this.#actions[slot] === undefined) {
        this.#putBack(slot);
      } else {
        times[end] = times[from] ?? 0;
        slots[end++] = slot;
      }
    }
    this.#vacant = false;
    this.#dead = 0;
    times.fill(Infinity, end, this.#end);
    this.#end = end;
    for (let at = ((end - 1) >> 2) + 2; at >= ROOT; at--) {
      if (at < end) this.#sinkFrom(at);
    }
  }

  #grow(capacity: number): void {
    assert(capacity <= SLOT_COUNT, `event queue cannot hold ${capacity} slots`);
    this.#times = enlarged(this.#times, new Float64Array(capacity + ROOT + 1).fill(Infinity));
    this.#slots = enlarged(this.#slots, new Int32Array(capacity + ROOT + 1));
    this.#facts = enlarged(this.#facts, new Float64Array(4 * capacity));
    this.#free = enlarged(this.#free, new Int32Array(capacity));
    for (let slot = capacity - 1; slot >= this.#capacity; slot--) this.#putBack(slot);
    while (this.#actions.length < capacity) {
      this.#actions.push(undefined);
      this.#data.push(undefined);
    }
    this.#capacity = capacity;
  }
}

function enlarged<A extends Float64Array | Int32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

function queueFull(maxPending: number): HaggleError {
  return new HaggleError('event-queue-full', `scheduling would exceed ${maxPending} pending events`, {
    fields: { maxPending },
  });
}
