import { assert } from '../errors.ts';

/** A chunk above this is split in two. Moving half a kilobyte of pointers costs less than one level of a tree. */
const CHUNK_ITEMS = 512;

/**
 * A list that stays sorted: sorted chunks of at most 512 items, found by two binary searches.
 *
 * Insert, remove and find cost O(log n) comparisons and move at most one chunk; a split is rare (every 256th insert into a
 * chunk at most) and moves n / 256 pointers. The first item costs O(1), iteration is in order.
 */
export class SortedList<T> {
  readonly #isBefore: (a: T, b: T) => boolean;
  readonly #chunks: T[][] = [];
  #size = 0;

  /** `isBefore` is a strict total order: two items of which neither is before the other are the same place in the list. */
  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#size;
  }

  first(): T | undefined {
    return this.#chunks[0]?.[0];
  }

  /** The item at the place of `probe`. */
  find(probe: T): T | undefined {
    const chunk = this.#chunks[this.#chunkOf(probe)];
    if (chunk === undefined) return undefined;
    const item = chunk[this.#placeIn(chunk, probe)];
    return item === undefined || this.#isBefore(probe, item) ? undefined : item;
  }

  /** Adds an item at a place that is free; a taken one is a bug of the caller. */
  insert(item: T): void {
    const found = this.#chunkOf(item);
    // Past the end of all chunks an item belongs to the last one.
    const at = Math.min(found, Math.max(0, this.#chunks.length - 1));
    const chunk = this.#chunks[at];
    this.#size++;
    if (chunk === undefined) {
      this.#chunks.push([item]);
      return;
    }
    const place = this.#placeIn(chunk, item);
    const next = chunk[place];
    assert(next === undefined || this.#isBefore(item, next), 'insert met an item at the same place');
    chunk.splice(place, 0, item);
    if (chunk.length > CHUNK_ITEMS) this.#chunks.splice(at + 1, 0, chunk.splice(CHUNK_ITEMS / 2));
  }

  /** Takes the item at the place of `probe` away. Returns false where there is none. */
  remove(probe: T): boolean {
    const at = this.#chunkOf(probe);
    const chunk = this.#chunks[at];
    if (chunk === undefined) return false;
    const place = this.#placeIn(chunk, probe);
    const item = chunk[place];
    if (item === undefined || this.#isBefore(probe, item)) return false;
    if (chunk.length === 1) this.#chunks.splice(at, 1);
    else if (place === 0) chunk.shift();
    else chunk.splice(place, 1);
    this.#size--;
    return true;
  }

  *[Symbol.iterator](): Generator<T, void> {
    for (const chunk of this.#chunks) yield* chunk;
  }

  /** Index of the first chunk whose last item is not before `probe`; the number of chunks where there is none. */
  #chunkOf(probe: T): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const last = this.#chunks[middle]?.at(-1);
      if (last !== undefined && this.#isBefore(last, probe)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Index of the first item of a chunk that is not before `probe`. */
  #placeIn(chunk: readonly T[], probe: T): number {
    let low = 0;
    let high = chunk.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const item = chunk[middle];
      if (item !== undefined && this.#isBefore(item, probe)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
