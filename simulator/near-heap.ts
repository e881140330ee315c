import type { Micros } from '../agent-core/clock.ts';
import { enlarged, TIME, type EventSlots } from './event-slots.ts';

/** The root lies at 3, so that the four children of `i`, at `4 (i - 2)`, share a cache line. */
const ROOT = 3;
/** A multiple of 4, as are its doubles, so that the last family of siblings ends where the array does. */
const FIRST_CAPACITY = 64;

/**
 * An implicit 4-ary heap over typed arrays. Times lie in heap order; the rest of the order key is read by slot and only where
 * times are equal.
 *
 * Taking the first event leaves the root vacant until {@link NearHeap.settle} or the next push, because most actions
 * schedule a successor: one walk down the heap then does the work of two.
 */
export class NearHeap {
  readonly #events: EventSlots;
  #capacity = 0;
  #times = new Float64Array(0);
  #slots = new Int32Array(0);
  /** One past the last entry. */
  #end = ROOT;
  #vacant = false;

  constructor(events: EventSlots) {
    this.#events = events;
    this.#grow(FIRST_CAPACITY);
  }

  /** Entries, the dead included. */
  get count(): number {
    return this.#end - ROOT - (this.#vacant ? 1 : 0);
  }

  /** Time of the first entry, `Infinity` where there is none; the root must be settled. */
  get firstTime(): Micros {
    return this.#times[ROOT] ?? 0;
  }

  /** Slot of the first entry; there must be one, and the root must be settled. */
  get firstSlot(): number {
    return this.#slots[ROOT] ?? 0;
  }

  /** Time at a place, from 0 to `count - 1` in no particular order, while the root is settled. */
  timeAt(place: number): Micros {
    return this.#times[ROOT + place] ?? 0;
  }

  /** Slot at a place. */
  slotAt(place: number): number {
    return this.#slots[ROOT + place] ?? 0;
  }

  /** Adds the event of a slot at the time in `order`; returns the number of entries then. */
  push(order: Float64Array, slot: number): number {
    const at = this.#vacant ? ROOT : this.#freshEnd();
    this.#times[at] = order[TIME] ?? 0;
    this.#slots[at] = slot;
    if (this.#vacant) {
      this.#vacant = false;
      this.#sinkFrom(ROOT);
    } else {
      this.#riseFrom(at);
    }
    return this.#end - ROOT;
  }

  /** Takes the first entry out and leaves its place vacant. */
  vacate(): void {
    this.#vacant = true;
  }

  /** Fills the root if it is vacant. */
  settle(): void {
    if (this.#vacant) this.#fillVacancy();
  }

  /** Adds an entry out of order: {@link NearHeap.arrange} must follow before anything else. */
  append(time: Micros, slot: number): void {
    const at = this.#freshEnd();
    this.#times[at] = time;
    this.#slots[at] = slot;
  }

  /** Orders all entries anew from the bottom up (Floyd 1964, algorithm 245), in linear time. */
  arrange(): void {
    const end = this.#end;
    for (let at = ((end - 1) >> 2) + 2; at >= ROOT; at--) {
      if (at < end) this.#sinkFrom(at);
    }
  }

  /** Forgets all entries. */
  clear(): void {
    this.#times.fill(Infinity, ROOT, this.#end);
    this.#end = ROOT;
    this.#vacant = false;
  }

  /** Buries the dead: linear time. */
  compact(): void {
    this.settle();
    const events = this.#events;
    const times = this.#times;
    const slots = this.#slots;
    let end = ROOT;
    for (let from = ROOT; from < this.#end; from++) {
      const slot = slots[from] ?? 0;
      if (events.isLive(slot)) {
        times[end] = times[from] ?? 0;
        slots[end++] = slot;
      } else {
        events.bury(slot);
      }
    }
    times.fill(Infinity, end, this.#end);
    this.#end = end;
    this.arrange();
  }

  /** The place of a new last entry. */
  #freshEnd(): number {
    if (this.#end === this.#capacity + ROOT) this.#grow(this.#capacity * 2);
    return this.#end++;
  }

  #fillVacancy(): void {
    this.#vacant = false;
    const last = --this.#end;
    this.#times[ROOT] = this.#times[last] ?? 0;
    this.#slots[ROOT] = this.#slots[last] ?? 0;
    this.#times[last] = Infinity;
    if (last > ROOT) this.#sinkFrom(ROOT);
  }

  /** Whether entry `a` comes before entry `b`, their times being equal. */
  #beats(a: number, b: number): boolean {
    return a < this.#end && this.#events.before(this.#slots[a] ?? 0, this.#slots[b] ?? 0);
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
      if (time > parentTime || (time === parentTime && !this.#events.before(slot, slots[parent] ?? 0))) break;
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
      if (time <= bestTime && (time < bestTime || this.#events.before(slot, slots[best] ?? 0))) break;
      times[at] = bestTime;
      slots[at] = slots[best] ?? 0;
      at = best;
    }
    times[at] = time;
    slots[at] = slot;
  }

  #grow(capacity: number): void {
    this.#times = enlarged(this.#times, new Float64Array(capacity + ROOT + 1).fill(Infinity));
    this.#slots = enlarged(this.#slots, new Int32Array(capacity + ROOT + 1));
    this.#capacity = capacity;
  }
}
