import type { Micros } from '../clock.ts';
import type { Owner, ReservationState } from './operation.ts';

/** What an {@link ExpiryQueue} reads of a reservation. */
export interface Expiring {
  readonly expires: Micros;
  readonly payer: Owner;
  readonly id: string;
  readonly state: ReservationState;
}

/** Below this size a queue is not worth cleaning. */
const CLEAN_ABOVE = 1_024;

/**
 * Reservations in the order (expires, payer, id): a binary heap. Resolved ones stay until their time comes or half of the queue is
 * such, so that resolving costs nothing here.
 */
export class ExpiryQueue<T extends Expiring> {
  #heap: T[] = [];
  #cleanAt = CLEAN_ABOVE;

  get size(): number {
    return this.#heap.length;
  }

  add(item: T): void {
    this.#heap.push(item);
    this.#rise(this.#heap.length - 1);
  }

  /** Takes the first pending reservation that expires at `time` or before. */
  take(time: Micros): T | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || (first.state === 'pending' && first.expires > time)) return undefined;
      this.#removeFirst();
      if (first.state === 'pending') return first;
    }
  }

  /** Drops what is resolved, where there may be much of it. Not while a chain may still be undone. */
  clean(): void {
    if (this.#heap.length < this.#cleanAt) return;
    this.#heap = this.#heap.filter(({ state }) => state === 'pending').toSorted((a, b) => (isBefore(a, b) ? -1 : 1));
    this.#cleanAt = Math.max(CLEAN_ABOVE, 2 * this.#heap.length);
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(from: number): void {
    for (let at = from; at > 0;) {
      const up = (at - 1) >> 1;
      if (!this.#swapIfBefore(at, up)) return;
      at = up;
    }
  }

  #sink(from: number): void {
    for (let at = from; ;) {
      const left = 2 * at + 1;
      const [a, b] = [this.#heap[left], this.#heap[left + 1]];
      if (a === undefined) return;
      const child = b !== undefined && isBefore(b, a) ? left + 1 : left;
      if (!this.#swapIfBefore(child, at)) return;
      at = child;
    }
  }

  #swapIfBefore(child: number, parent: number): boolean {
    const [below, above] = [this.#heap[child], this.#heap[parent]];
    if (below === undefined || above === undefined || !isBefore(below, above)) return false;
    this.#heap[child] = above;
    this.#heap[parent] = below;
    return true;
  }
}

function isBefore(a: Expiring, b: Expiring): boolean {
  if (a.expires !== b.expires) return a.expires < b.expires;
  return a.payer === b.payer ? a.id < b.id : a.payer < b.payer;
}
