import { AssertionError } from '../agent-core/errors.ts';

/** Turns of the microtask queue that run under the guard before the macrotask takes the rest. */
const GUARDED_TURNS = 32;

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

/**
 * Lets every promise that is on the move come to rest, so that virtual time stands still while handlers run.
 *
 * The first turns run inside `guarded`; a macrotask then makes sure that nothing is left.
 */
export async function settlePromises(guarded: { enter(): void; leave(): void }): Promise<void> {
  guarded.enter();
  try {
    for (let turn = 0; turn < GUARDED_TURNS; turn++) await Promise.resolve();
  } finally {
    guarded.leave();
  }
  await new Promise<void>((resolve) => {
    defer(resolve);
  });
}
