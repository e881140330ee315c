import type { Micros } from '../agent-core/clock.ts';
import { assert } from '../agent-core/errors.ts';

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
/** Slots at most. */
export const SLOT_COUNT = 2 ** SLOT_BITS;
const LAST_GENERATION = 2 ** 29 - 1;
/** No slot. */
export const NO_SLOT = -1;

/** Offset of the priority in the facts of a slot, and in the order that a source hands over. */
export const PRIORITY = 0;
/** Offset of the source key. */
export const SOURCE_KEY = 1;
/** Offset of the source counter. */
export const SOURCE_COUNTER = 2;
const GENERATION = 3;
/** Offset of the event's time in the order that a source hands over; a slot holds its generation there. */
export const TIME = GENERATION;
const FIRST_CAPACITY = 64;

/**
 * What is known of the pending events save their times: each has a slot here, and near heap and far buckets hold slots. A
 * cancelled event is dead: it keeps its slot until whoever holds the slot buries it.
 */
export class EventSlots {
  #capacity = 0;
  #dead = 0;
  /** Four numbers a slot, in one cache line: see the offsets PRIORITY, SOURCE_KEY, SOURCE_COUNTER, GENERATION. */
  #facts = new Float64Array(0);
  /** Free slots, the one that was freed last on top, where it is still in the cache. */
  #free = new Int32Array(0);
  #freeCount = 0;
  /** Action and datum of each slot, side by side in a cache line; both undefined where no live event has the slot. */
  readonly #calls: unknown[] = [];

  constructor() {
    this.#grow(FIRST_CAPACITY);
  }

  /** Cancelled events that still have a slot. */
  get dead(): number {
    return this.#dead;
  }

  /** Slots of live, dead and taken events. */
  get used(): number {
    return this.#capacity - this.#freeCount;
  }

  /** Slots that exist, used or free: what the memory is proportional to. */
  get capacity(): number {
    return this.#capacity;
  }

  /** A slot for a new event, whose order key comes at the offsets above. */
  fill<T>(order: Float64Array, action: (data: T) => void, data: T): number {
    const slot = this.#freshSlot();
    const facts = this.#facts;
    const calls = this.#calls;
    const at = 4 * slot;
    facts[at + GENERATION] = (facts[at + GENERATION] ?? 0) + 1;
    facts[at + PRIORITY] = order[PRIORITY] ?? 0;
    facts[at + SOURCE_KEY] = order[SOURCE_KEY] ?? 0;
    facts[at + SOURCE_COUNTER] = order[SOURCE_COUNTER] ?? 0;
    calls[2 * slot] = action;
    calls[2 * slot + 1] = data;
    return slot;
  }

  handleOf(slot: number): EventHandle {
    return (this.#facts[4 * slot + GENERATION] ?? 0) * SLOT_COUNT + slot;
  }

  /** The slot of the live event that the handle names; `NO_SLOT` where it names none. */
  find(handle: EventHandle): number {
    const slot = handle % SLOT_COUNT;
    if (!(slot < this.#capacity) || this.#facts[4 * slot + GENERATION] !== Math.floor(handle / SLOT_COUNT))
      return NO_SLOT;
    return this.isLive(slot) ? slot : NO_SLOT;
  }

  isLive(slot: number): boolean {
    return this.#calls[2 * slot] !== undefined;
  }

  /** Like {@link EventSlots.isLive}, and brings all that is known of the slot into the cache, where it soon is needed. */
  isLiveFetched(slot: number): boolean {
    return this.#calls[2 * slot] !== undefined && (this.#facts[4 * slot + GENERATION] ?? 0) > 0;
  }

  actionOf(slot: number): Action | undefined {
    const action = this.#calls[2 * slot];
    return isAction(action) ? action : undefined;
  }

  dataOf(slot: number): unknown {
    return this.#calls[2 * slot + 1];
  }

  keyOf(slot: number, time: Micros): OrderKey {
    return {
      time,
      priority: this.#facts[4 * slot + PRIORITY] ?? 0,
      sourceKey: this.#facts[4 * slot + SOURCE_KEY] ?? 0,
      sourceCounter: this.#facts[4 * slot + SOURCE_COUNTER] ?? 0,
    };
  }

  /** Whether the event of slot `a` comes before that of slot `b`, their times being equal. */
  before(a: number, b: number): boolean {
    const facts = this.#facts;
    for (let part = PRIORITY; part <= SOURCE_COUNTER; part++) {
      const partA = facts[4 * a + part] ?? 0;
      const partB = facts[4 * b + part] ?? 0;
      if (partA !== partB) return partA < partB;
    }
    return false;
  }

  /** Cancels the event of a slot, which stays taken until it is buried. */
  kill(slot: number): void {
    this.#calls[2 * slot] = undefined;
    this.#calls[2 * slot + 1] = undefined;
    this.#dead++;
  }

  /** Gives the slot of a dead event back, which nobody holds any more. */
  bury(slot: number): void {
    this.#dead--;
    this.#free[this.#freeCount++] = slot;
  }

  /** Gives the slot of an event that has run back. */
  release(slot: number): void {
    this.#calls[2 * slot] = undefined;
    this.#calls[2 * slot + 1] = undefined;
    this.#free[this.#freeCount++] = slot;
  }

  /** A slot whose generations are used up is retired here, so that no handle ever names two events. */
  #freshSlot(): number {
    let slot = 0;
    do {
      if (this.#freeCount === 0) this.#grow(this.#capacity * 2);
      slot = this.#free[--this.#freeCount] ?? 0;
    } while ((this.#facts[4 * slot + GENERATION] ?? 0) >= LAST_GENERATION);
    return slot;
  }

  #grow(capacity: number): void {
    assert(capacity <= SLOT_COUNT, `event queue cannot hold ${capacity} slots`);
    this.#facts = enlarged(this.#facts, new Float64Array(4 * capacity));
    this.#free = enlarged(this.#free, new Int32Array(capacity));
    for (let slot = capacity - 1; slot >= this.#capacity; slot--) this.#free[this.#freeCount++] = slot;
    while (this.#calls.length < 2 * capacity) this.#calls.push(undefined);
    this.#capacity = capacity;
  }
}

/** What lies at the place of an action is one, or nothing. */
function isAction(value: unknown): value is Action {
  return value !== undefined;
}

/** `to`, with what is in the shorter `from` at its beginning. */
export function enlarged<A extends Float64Array | Int32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
