import type { Micros } from '../../clock.ts';
import { assert } from '../../errors.ts';

/** A wake-up that is due or will be. */
export interface Wake {
  readonly time: Micros;
  readonly handle: number;
}

/** The wake-ups that one life of an agent waits for, ordered by time, then by handle. Handles count up from 1, so a re-executed life gives the same. */
export interface Wakes {
  /** Wake-ups that are set. */
  readonly size: number;
  add(time: Micros, call: () => void): number;
  /** False where it was taken or cancelled before. */
  cancel(handle: number): boolean;
  /** The first wake-up; null where none is set. */
  first(): Wake | null;
  /** Removes a wake-up and returns its call; undefined where it is not set. */
  take(handle: number): (() => void) | undefined;
}

/** Cancelled entries that a heap may hold beyond the live ones before it is built anew. */
const SLACK = 64;

/** No wake-ups yet: a binary heap from which cancelled entries vanish when they come up. */
export function createWakes(): Wakes {
  let heap: Wake[] = [];
  let next = 1;
  const calls = new Map<number, { readonly time: Micros; readonly call: () => void }>();
  const rebuild = (): void => {
    if (heap.length <= 2 * calls.size + SLACK) return;
    heap = heap.filter(({ handle }) => calls.has(handle)).toSorted((a, b) => (isBefore(a, b) ? -1 : 1));
  };
  return {
    get size() {
      return calls.size;
    },
    add(time, call) {
      const handle = next++;
      calls.set(handle, { time, call });
      push(heap, { time, handle });
      return handle;
    },
    cancel(handle) {
      const found = calls.delete(handle);
      rebuild();
      return found;
    },
    first() {
      for (;;) {
        const [wake] = heap;
        if (wake === undefined) return null;
        if (calls.has(wake.handle)) return wake;
        pop(heap);
      }
    },
    take(handle) {
      const call = calls.get(handle)?.call;
      calls.delete(handle);
      return call;
    },
  };
}

function isBefore(a: Wake, b: Wake): boolean {
  return a.time < b.time || (a.time === b.time && a.handle < b.handle);
}

function at(heap: readonly Wake[], index: number): Wake {
  const wake = heap[index];
  assert(wake !== undefined, 'a place inside a heap holds a wake-up');
  return wake;
}

function push(heap: Wake[], wake: Wake): void {
  let place = heap.length;
  heap.push(wake);
  while (place > 0) {
    const parent = (place - 1) >> 1;
    if (!isBefore(wake, at(heap, parent))) break;
    heap[place] = at(heap, parent);
    place = parent;
  }
  heap[place] = wake;
}

function pop(heap: Wake[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let place = 0;
  for (;;) {
    let child = 2 * place + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(at(heap, child + 1), at(heap, child))) child += 1;
    if (!isBefore(at(heap, child), last)) break;
    heap[place] = at(heap, child);
    place = child;
  }
  heap[place] = last;
}
