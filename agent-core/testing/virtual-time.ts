import type { Clock, Micros } from '../clock.ts';

interface Wake {
  readonly time: Micros;
  readonly handle: number;
  readonly call: () => void;
}

/** A clock that stands still until it is told to go on, and the calls that wait for it. */
export class VirtualTime implements Clock {
  #now: Micros;
  #nextHandle = 1;
  /** In the order in which they are due, from `#head` on; those taken back stay until their turn. */
  #queue: Wake[] = [];
  #head = 0;
  readonly #waiting = new Set<number>();

  constructor(now: Micros) {
    this.#now = now;
  }

  now(): Micros {
    return this.#now;
  }

  /** Calls back at an absolute time; calls of one time come in the order in which they were asked for. */
  wakeAt(time: Micros, call: () => void): number {
    const wake: Wake = { time: Math.max(time, this.#now), handle: this.#nextHandle++, call };
    this.#queue.splice(this.#placeAfter(wake.time), 0, wake);
    this.#waiting.add(wake.handle);
    return wake.handle;
  }

  cancelWake(handle: number): void {
    this.#waiting.delete(handle);
  }

  /** Moves to the next call that is due by `end` and makes it. False where there is none. */
  step(end: Micros): boolean {
    for (;;) {
      const wake = this.#queue[this.#head];
      if (wake === undefined || wake.time > end) return false;
      this.#drop();
      if (!this.#waiting.delete(wake.handle)) continue;
      this.#now = wake.time;
      wake.call();
      return true;
    }
  }

  /** Moves on to a time at which nothing is due before. */
  moveTo(time: Micros): void {
    this.#now = Math.max(this.#now, time);
  }

  #drop(): void {
    this.#head += 1;
    if (this.#head * 2 < this.#queue.length) return;
    this.#queue = this.#queue.slice(this.#head);
    this.#head = 0;
  }

  #placeAfter(time: Micros): number {
    let low = this.#head;
    let high = this.#queue.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#queue[middle]?.time ?? Infinity) <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
