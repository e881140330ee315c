import { AssertionError } from '../agent-core/errors.ts';

type Defer = (callback: () => void) => unknown;

// The simulator's one touch of a scheduling global. Taken at load time, before a guard may stand in its place.
const defer = macrotask();

function macrotask(): Defer {
  for (const name of ['setImmediate', 'setTimeout']) {
    const found: unknown = Reflect.get(globalThis, name);
    if (isDefer(found)) return found;
  }
  throw new AssertionError('the runtime has neither setImmediate nor setTimeout');
}

function isDefer(value: unknown): value is Defer {
  return typeof value === 'function';
}

/** Lets every promise that is on the move come to rest: a macrotask comes only after all microtasks. */
export function settlePromises(): Promise<void> {
  return new Promise<void>((resolve) => {
    defer(resolve);
  });
}
