/**
 * Pending events in two levels. Those before a horizon are in a 4-ary heap, small enough for the processor's nearest cache;
 * those at or after it wait unordered in buckets by time, and come to the heap a bucket at a time. A heap of all of them is
 * as good in comparisons, but misses the cache at every step down.
 *
 * As every event before the horizon is in the heap and none of the others is, the heap's order is the order of all. While
 * there are few events the horizon is infinite and the heap has them all.
 *
 * Sources: buckets by time are those of R. Brown, "Calendar queues: a fast O(1) priority queue implementation for the
 * simulation event set problem", CACM 31 (1988); finer buckets for a bucket with too many events, and an ordered structure
 * only for the next bucket, are those of W. T. Tang, R. S. M. Goh and I. L.-J. Thng, "Ladder queue: an O(1) priority queue
 * structure for large-scale discrete event simulation", ACM TOMACS 15 (2005).
 */
import type { Micros } from '../agent-core/clock.ts';
import { HaggleError } from '../agent-core/errors.ts';
import { EventSlots, NO_SLOT, SLOT_COUNT, TIME, type Action, type EventHandle, type OrderKey } from './event-slots.ts';
import { FarBuckets } from './far-buckets.ts';
import { NearHeap } from './near-heap.ts';

export type { EventHandle, OrderKey } from './event-slots.ts';

/** A queue takes at most this many pending events; slots of cancelled events that are still held need the rest. */
export const MAX_PENDING = SLOT_COUNT / 4;

/** Below this many entries, cancelled events are not worth a compaction. */
const COMPACT_FROM = 64;
const NEAR_LIMIT = 8_192;
const BUCKET_EVENTS = 1_024;

/** Sizes of an {@link EventQueue}'s levels. The defaults are for speed; small ones let a test reach all of it. */
export interface QueueSizes {
  /** Events in the heap above which most of them become far; 8,192 if left out. */
  readonly nearLimit?: number;
  /** Events that a far bucket should hold; 1,024 if left out. */
  readonly bucketEvents?: number;
}

/**
 * Pending events in a total order. Cancelling is O(1): the entry stays, dead, until it surfaces, until its bucket moves, or
 * until the dead outnumber the living.
 */
export class EventQueue {
  readonly #maxPending: number;
  readonly #nearLimit: number;
  readonly #events = new EventSlots();
  readonly #near: NearHeap;
  readonly #far: FarBuckets;
  /** Entries of the heap above which it is relieved: more than the limit where that has just not helped. */
  #relieveAbove: number;
  /** The slot that was taken and not yet released. */
  #taken = NO_SLOT;

  constructor(maxPending: number, sizes: QueueSizes = {}) {
    const { nearLimit = NEAR_LIMIT, bucketEvents = BUCKET_EVENTS } = sizes;
    this.#maxPending = maxPending;
    this.#nearLimit = nearLimit;
    this.#relieveAbove = nearLimit;
    this.#near = new NearHeap(this.#events);
    this.#far = new FarBuckets(this.#events, bucketEvents);
  }

  /** Live events. */
  get size(): number {
    return this.#near.count + this.#far.count - this.#events.dead;
  }

  /** Events that there is memory for: it never shrinks. */
  get capacity(): number {
    return this.#events.capacity;
  }

  /** Live and dead events that are not in the heap. */
  get farCount(): number {
    return this.#far.count;
  }

  /**
   * Adds an event. The order key comes as four numbers in a typed array, at the offsets of event-slots.ts: numbers in
   * objects or arguments would be boxed, and their garbage drives the heap out of the processor's cache.
   *
   * @throws HaggleError `event-queue-full`
   */
  push<T>(order: Float64Array, action: (data: T) => void, data: T): EventHandle {
    const near = this.#near;
    const far = this.#far;
    if (this.#events.used >= this.#maxPending && this.size >= this.#maxPending) throw queueFull(this.#maxPending);
    const slot = this.#events.fill(order, action, data);
    if ((order[TIME] ?? 0) >= far.horizon) {
      far.push(order, slot);
    } else if (near.push(order, slot) > this.#relieveAbove) {
      this.#relieve();
    }
    return this.#events.handleOf(slot);
  }

  /** Time of the first live event; `Infinity` where there is none. */
  nextTime(): Micros {
    const near = this.#near;
    near.settle();
    const time = near.firstTime;
    if (time < Infinity && (this.#events.dead === 0 || this.#events.isLive(near.firstSlot))) return time;
    this.#findFirst();
    return near.firstTime;
  }

  /**
   * Takes the first event out and returns its slot, by which it can be read until it is released. From here on its
   * handle is void. The caller has just learnt from {@link EventQueue.nextTime} that there is an event.
   */
  take(): number {
    const slot = this.#near.firstSlot;
    this.#near.vacate();
    this.#taken = slot;
    return slot;
  }

  actionOf(slot: number): Action | undefined {
    return this.#events.actionOf(slot);
  }

  dataOf(slot: number): unknown {
    return this.#events.dataOf(slot);
  }

  /** The order key of a taken event; its time is known to whoever took it. */
  keyOf(slot: number, time: Micros): OrderKey {
    return this.#events.keyOf(slot, time);
  }

  /** Gives the slot of a taken event back. */
  release(slot: number): void {
    this.#near.settle();
    this.#taken = NO_SLOT;
    this.#events.release(slot);
  }

  /** True where the handle named a pending event, which now will not run. */
  cancel(handle: EventHandle): boolean {
    const slot = this.#events.find(handle);
    if (slot === NO_SLOT || slot === this.#taken) return false;
    this.#events.kill(slot);
    const entries = this.#near.count + this.#far.count;
    if (this.#events.dead * 2 > entries && entries >= COMPACT_FROM) {
      this.#near.compact();
      this.#far.compact();
    }
    return true;
  }

  /** Buries the dead at the front and moves buckets to the heap until a live event is first, or nothing is left. */
  #findFirst(): void {
    const near = this.#near;
    for (;;) {
      while (near.count > 0) {
        const slot = near.firstSlot;
        if (this.#events.isLive(slot)) return;
        near.vacate();
        near.settle();
        this.#events.bury(slot);
      }
      if (!this.#far.advance(near)) return;
      this.#relieveAbove = Math.max(this.#nearLimit, 2 * near.count);
    }
  }

  #relieve(): void {
    this.#far.relieve(this.#near);
    this.#relieveAbove = Math.max(this.#nearLimit, 2 * this.#near.count);
  }
}

function queueFull(maxPending: number): HaggleError {
  return new HaggleError('event-queue-full', `scheduling would exceed ${maxPending} pending events`, {
    fields: { maxPending },
  });
}
