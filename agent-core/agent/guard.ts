import { assert, HaggleError } from '../errors.ts';
import { asyncContext } from './async-context.ts';

/** Refuses wall-clock time, unseeded chance and the outside world to handlers of agents, simulated and live. */
export interface Guard {
  /** Puts the refusals in place, for all guards of the process at once. Returns what takes this installation back. */
  install(): () => void;
  /** Runs a handler of `owner`. What it starts stays under guard, also after an await. Calls nest. */
  run<T>(owner: string, call: () => T): T;
}

interface Refusal {
  readonly code: 'wall-clock-in-handler' | 'unseeded-chance-in-handler' | 'outside-world-in-handler';
  readonly instead: string;
}

const CLOCK: Refusal = { code: 'wall-clock-in-handler', instead: 'ctx.now()' };
const TIMER: Refusal = { code: 'wall-clock-in-handler', instead: 'ctx.schedule or ctx.sleep' };
const CHANCE: Refusal = { code: 'unseeded-chance-in-handler', instead: 'ctx.random' };
const WORLD: Refusal = { code: 'outside-world-in-handler', instead: 'an adapter outside the agent' };

/** Holder (a path, empty for the global object), name, refusal. The constructor Date needs more, see {@link guardedDate}. */
const GUARDED: readonly (readonly [holder: string, name: string, refusal: Refusal])[] = [
  ['Date', 'now', CLOCK],
  ['Math', 'random', CHANCE],
  ['performance', 'now', CLOCK],
  // Before `hrtime` itself, so that it is replaced on the original, which others may hold.
  ['process.hrtime', 'bigint', CLOCK],
  ['process', 'hrtime', CLOCK],
  ['AbortSignal', 'timeout', TIMER],
  ['crypto', 'randomUUID', CHANCE],
  ['crypto', 'getRandomValues', CHANCE],
  ['', 'setTimeout', TIMER],
  ['', 'setInterval', TIMER],
  ['', 'setImmediate', TIMER],
  ['', 'fetch', WORLD],
];

type Callable = (...args: unknown[]) => unknown;

/** Globals are one to a process, and so is what is known about them. */
const state: { installs: number; readonly owners: string[]; restore: (() => void)[] } = {
  installs: 0,
  owners: [],
  restore: [],
};

function refuseInHandler(call: string, refusal: Refusal): void {
  const owner = state.owners.at(-1) ?? asyncContext?.current();
  if (owner === undefined) return;
  throw new HaggleError(refusal.code, `the handler of ${owner} called ${call}; use ${refusal.instead}`, {
    fields: { owner, call },
  });
}

/** A proxy keeps what hangs on the original (name, length, `util.promisify.custom`) and the receiver it needs. */
function guardedFunction(original: Callable, call: string, refusal: Refusal): Callable {
  return new Proxy(original, {
    apply: (target, receiver: unknown, args: unknown[]): unknown => {
      refuseInHandler(call, refusal);
      return Reflect.apply(target, receiver, args);
    },
  });
}

/** Refuses `Date()` and `new Date()`; a date made from arguments reads no clock. `instanceof` goes through the proxy. */
function guardedDate(original: DateConstructor): DateConstructor {
  return new Proxy(original, {
    apply: (target, receiver: unknown, args: unknown[]): unknown => {
      refuseInHandler('Date()', CLOCK);
      return Reflect.apply(target, receiver, args);
    },
    construct: (target, args: unknown[], newTarget): object => {
      if (args.length === 0) refuseInHandler('new Date()', CLOCK);
      const made: unknown = Reflect.construct(target, args, newTarget);
      assert(isObject(made), 'a constructor makes an object');
      return made;
    },
  });
}

function isCallable(value: unknown): value is Callable {
  return typeof value === 'function';
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/**
 * Puts `value` in the place of a property, whatever it was (data, getter, read-only or inherited), and notes how to restore
 * exactly that. A property that cannot be configured is left alone.
 */
function replace(holder: object, name: string, value: unknown): void {
  const before = Object.getOwnPropertyDescriptor(holder, name);
  const enumerable = before?.enumerable ?? false;
  if (!Reflect.defineProperty(holder, name, { value, enumerable, configurable: true, writable: true })) return;
  state.restore.push(() => {
    if (before === undefined) Reflect.deleteProperty(holder, name);
    else Object.defineProperty(holder, name, before);
  });
}

function putInPlace(): void {
  for (const [holderName, name, refusal] of GUARDED) {
    const holder = holderAt(holderName);
    if (!isObject(holder)) continue;
    const original: unknown = Reflect.get(holder, name);
    if (!isCallable(original)) continue;
    const call = holderName === '' ? name : `${holderName}.${name}`;
    replace(holder, name, guardedFunction(original, call, refusal));
  }
  // Last, so that Date.now above was replaced on the original constructor, which others may hold.
  const date: DateConstructor = Reflect.get(globalThis, 'Date');
  const guarded = guardedDate(date);
  // Every date leads to its constructor: `new (date.constructor)()` reads the clock as `new Date()` does.
  replace(date.prototype, 'constructor', guarded);
  replace(globalThis, 'Date', guarded);
}

function holderAt(path: string): unknown {
  let holder: unknown = globalThis;
  for (const name of path.split('.')) {
    if (name !== '') holder = isObject(holder) ? Reflect.get(holder, name) : undefined;
  }
  return holder;
}

function takeAway(): void {
  for (const restore of state.restore.toReversed()) restore();
  state.restore = [];
  state.owners.length = 0;
}

/**
 * A guard for one world. While installed, and inside what `run` runs and starts, `Date.now`, `Date()`, `new Date()`,
 * `performance.now`, `process.hrtime`, `Math.random`, `crypto.randomUUID`, `crypto.getRandomValues`, timers and `fetch` throw; elsewhere they
 * work as ever, also for code that runs meanwhile. `queueMicrotask` stays, as promises need it and it reads no clock.
 *
 * Where the runtime has no asynchronous context, only the part of a handler before its first await is guarded.
 *
 * Errors thrown in handlers: HaggleError `wall-clock-in-handler`, `unseeded-chance-in-handler`, `outside-world-in-handler`.
 */
export function createGuard(): Guard {
  let installs = 0;
  return {
    install: () => {
      if (state.installs++ === 0) putInPlace();
      installs++;
      let inPlace = true;
      return () => {
        if (!inPlace) return;
        inPlace = false;
        installs--;
        if (--state.installs === 0) takeAway();
      };
    },
    run: (owner, call) => {
      if (installs === 0) return call();
      state.owners.push(owner);
      try {
        return asyncContext === null ? call() : asyncContext.run(owner, call);
      } finally {
        state.owners.pop();
      }
    },
  };
}
