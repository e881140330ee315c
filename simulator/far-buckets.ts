import type { Micros } from '../agent-core/clock.ts';
import { enlarged, TIME, type EventSlots } from './event-slots.ts';
import type { NearHeap } from './near-heap.ts';

/** Entries of a chunk, a power of two. */
const CHUNK = 32;
/** The end of a chain of chunks; the chunk of that number is never used. */
const NO_CHUNK = 0;
const FIRST_CHUNKS = 256;
/** Buckets of a rung at most: so many last cache lines are written to in turn. */
const MAX_BUCKETS = 2_048;
/** Rungs at most; beyond, a full bucket goes to the heap as it is. */
const MAX_RUNGS = 8;
/** How far a rung reaches, in mean distances from its first event: by Markov's inequality at most 1/8 lies beyond. */
const REACH = 8;
/** A bucket with more than this many times the wanted events is split. */
const TOO_FULL = 4;

/** A run of buckets, each `width` long, from `start`; the last one reaches to `end`. The buckets before `current` are gone. */
interface Rung {
  start: Micros;
  /** A power of two, so that `(time - start) / width` is exact and no event is put on the wrong side of a boundary. */
  width: Micros;
  /** 1 / width. */
  perMicro: number;
  end: Micros;
  current: number;
  last: number;
  /** First chunk of each bucket. */
  readonly heads: Int32Array;
  /** Where the next entry of each bucket goes; a multiple of CHUNK where its last chunk is full or it has none. */
  readonly fills: Int32Array;
}

/** A bucket taken out of its rung. */
interface Chain {
  readonly head: number;
  readonly fill: number;
}

/**
 * The events at or after a horizon, in no order within buckets of equal width in time: a ladder queue's rungs. Adding is one
 * append. {@link FarBuckets.advance} moves the next bucket to the heap and the horizon to that bucket's end; a bucket with
 * too many events becomes a finer rung first, inside the one it came from.
 */
export class FarBuckets {
  readonly #events: EventSlots;
  readonly #wanted: number;
  #count = 0;
  #horizon = Infinity;
  /** Rungs from the coarsest to the finest, the first `#depth` of them in use. A rung ends where the next bucket of the one outside it begins. */
  readonly #rungs: Rung[] = [];
  #depth = 0;
  #times = new Float64Array(FIRST_CHUNKS * CHUNK);
  #slots = new Int32Array(FIRST_CHUNKS * CHUNK);
  /** The chunk after each chunk, in its bucket or among the free ones. */
  #next = new Int32Array(FIRST_CHUNKS);
  #freeChunk = NO_CHUNK;
  #chunks = NO_CHUNK + 1;

  /** @param wanted events that a bucket should hold */
  constructor(events: EventSlots, wanted: number) {
    this.#events = events;
    this.#wanted = wanted;
  }

  /** Entries, the dead included. */
  get count(): number {
    return this.#count;
  }

  /** No event before this time is here, and none at or after it may be elsewhere. */
  get horizon(): Micros {
    return this.#horizon;
  }

  /** Adds the event of a slot at the time in `order`, which is not before the horizon. */
  push(order: Float64Array, slot: number): void {
    const time = order[TIME] ?? 0;
    let depth = this.#depth - 1;
    let rung = this.#rungAt(depth);
    while (time >= rung.end) rung = this.#rungAt(--depth);
    this.#put(rung, time, slot);
    this.#count++;
  }

  /**
   * Moves the first bucket to the heap, which is empty. All its events may turn out to be dead.
   *
   * @returns false where nothing is here
   */
  advance(near: NearHeap): boolean {
    while (this.#count > 0) {
      const rung = this.#rungAt(this.#depth - 1);
      let bucket = rung.current;
      while (bucket <= rung.last && rung.heads[bucket] === NO_CHUNK) bucket++;
      if (bucket >= rung.last) this.#depth--;
      if (bucket > rung.last) continue;
      rung.current = bucket + 1;
      const chain = detach(rung, bucket);
      const end = bucket === rung.last ? rung.end : Math.min(rung.end, rung.start + (bucket + 1) * rung.width);
      if (this.#isTooFull(chain) && this.#spread(chain, end)) continue;
      this.#load(chain, near);
      this.#horizon = end;
      return true;
    }
    this.#depth = 0;
    this.#horizon = Infinity;
    return false;
  }

  /** Takes the heap's events over and gives it the first of them back: all, where they cannot be told apart by time. */
  relieve(near: NearHeap): void {
    const chain = this.#chainOf(near);
    near.clear();
    if (this.#spread(chain, this.#horizon)) this.advance(near);
    else this.#load(chain, near);
  }

  /** Buries the dead: linear time. */
  compact(): void {
    for (let depth = 0; depth < this.#depth; depth++) {
      const rung = this.#rungAt(depth);
      for (let bucket = rung.current; bucket <= rung.last; bucket++) {
        if (rung.heads[bucket] !== NO_CHUNK) this.#deal(detach(rung, bucket), rung);
      }
    }
  }

  #rungAt(depth: number): Rung {
    const rung = this.#rungs[depth];
    if (rung !== undefined) return rung;
    const fresh = {
      start: 0,
      width: 1,
      perMicro: 0.5,
      end: Infinity,
      current: 0,
      last: 0,
      heads: new Int32Array(MAX_BUCKETS),
      fills: new Int32Array(MAX_BUCKETS),
    };
    this.#rungs[depth] = fresh;
    return fresh;
  }

  #put(rung: Rung, time: Micros, slot: number): void {
    const bucket = Math.min(Math.floor((time - rung.start) * rung.perMicro), rung.last);
    let at = rung.fills[bucket] ?? 0;
    if ((at & (CHUNK - 1)) === 0) at = this.#lengthen(rung, bucket) * CHUNK;
    this.#times[at] = time;
    this.#slots[at] = slot;
    rung.fills[bucket] = at + 1;
  }

  /** A new last chunk for a bucket whose chunks are full. */
  #lengthen(rung: Rung, bucket: number): number {
    const chunk = this.#freshChunk();
    const fill = rung.fills[bucket] ?? 0;
    if (fill === 0) rung.heads[bucket] = chunk;
    else this.#next[fill / CHUNK - 1] = chunk;
    return chunk;
  }

  #freshChunk(): number {
    let chunk = this.#freeChunk;
    if (chunk === NO_CHUNK) {
      chunk = this.#chunks++;
      if (chunk === this.#next.length) this.#grow(2 * chunk);
    } else {
      this.#freeChunk = this.#next[chunk] ?? NO_CHUNK;
    }
    this.#next[chunk] = NO_CHUNK;
    return chunk;
  }

  #grow(chunks: number): void {
    this.#times = enlarged(this.#times, new Float64Array(chunks * CHUNK));
    this.#slots = enlarged(this.#slots, new Int32Array(chunks * CHUNK));
    this.#next = enlarged(this.#next, new Int32Array(chunks));
  }

  /** Frees a chunk; returns the one after it. */
  #discard(chunk: number): number {
    const next = this.#next[chunk] ?? NO_CHUNK;
    this.#next[chunk] = this.#freeChunk;
    this.#freeChunk = chunk;
    return next;
  }

  /** One past the last entry of a chunk. */
  #endOf(chunk: number, { fill }: Chain): number {
    return this.#next[chunk] === NO_CHUNK ? fill : (chunk + 1) * CHUNK;
  }

  #isTooFull({ head }: Chain): boolean {
    let left = (TOO_FULL * this.#wanted) / CHUNK;
    for (let chunk = head; chunk !== NO_CHUNK && left >= 0; chunk = this.#next[chunk] ?? NO_CHUNK) left--;
    return left < 0;
  }

  /** Makes a bucket the finest rung, up to `end`. False, and nothing done, where its times are equal or rungs are used up. */
  #spread(chain: Chain, end: Micros): boolean {
    if (this.#depth === MAX_RUNGS) return false;
    const base = this.#times[chain.head * CHUNK] ?? 0;
    let [min, max, sum, count] = [base, base, 0, 0];
    for (let chunk = chain.head; chunk !== NO_CHUNK; chunk = this.#next[chunk] ?? NO_CHUNK) {
      const last = this.#endOf(chunk, chain);
      for (let at = chunk * CHUNK; at < last; at++) {
        const time = this.#times[at] ?? 0;
        if (time < min) min = time;
        if (time > max) max = time;
        sum += time - base;
      }
      count += last - chunk * CHUNK;
    }
    if (min === max) return false;
    const mean = base - min + sum / count;
    const width =
      2 ** Math.max(0, Math.round(Math.log2(mean * Math.max(this.#wanted / count, REACH / (MAX_BUCKETS / 2)))));
    const rung = this.#rungAt(this.#depth++);
    rung.start = min;
    rung.width = width;
    rung.perMicro = 1 / width;
    rung.end = end;
    rung.current = 0;
    rung.last = Math.min(Math.ceil((REACH * mean) / width), MAX_BUCKETS - 1);
    this.#deal(chain, rung);
    return true;
  }

  /** Puts the living of a bucket into the buckets of a rung. */
  #deal(chain: Chain, rung: Rung): void {
    const events = this.#events;
    for (let chunk = chain.head; chunk !== NO_CHUNK;) {
      // Growing leaves these arrays as they are, so that they can be read on.
      const [times, slots, last] = [this.#times, this.#slots, this.#endOf(chunk, chain)];
      for (let at = chunk * CHUNK; at < last; at++) {
        const slot = slots[at] ?? 0;
        if (events.dead === 0 || events.isLive(slot)) this.#put(rung, times[at] ?? 0, slot);
        else this.#bury(slot);
      }
      chunk = this.#discard(chunk);
    }
  }

  /** Moves the living of a bucket to the heap. */
  #load(chain: Chain, near: NearHeap): void {
    const events = this.#events;
    for (let chunk = chain.head; chunk !== NO_CHUNK;) {
      const last = this.#endOf(chunk, chain);
      for (let at = chunk * CHUNK; at < last; at++) {
        const slot = this.#slots[at] ?? 0;
        if (events.isLiveFetched(slot)) near.append(this.#times[at] ?? 0, slot);
        else events.bury(slot);
      }
      this.#count -= last - chunk * CHUNK;
      chunk = this.#discard(chunk);
    }
    near.arrange();
  }

  #bury(slot: number): void {
    this.#events.bury(slot);
    this.#count--;
  }

  #chainOf(near: NearHeap): Chain {
    const rung = this.#rungAt(MAX_RUNGS);
    rung.perMicro = 0;
    for (let place = 0; place < near.count; place++) this.#put(rung, near.timeAt(place), near.slotAt(place));
    this.#count += near.count;
    return detach(rung, 0);
  }
}

function detach(rung: Rung, bucket: number): Chain {
  const chain = { head: rung.heads[bucket] ?? NO_CHUNK, fill: rung.fills[bucket] ?? 0 };
  rung.heads[bucket] = NO_CHUNK;
  rung.fills[bucket] = 0;
  return chain;
}
