import type { HandlerResult } from './agent.ts';
import type { Host } from './host.ts';

/** Runs an author's code and keeps count of what it left waiting. */
export interface Turns {
  /** True where a handler waits, but on no promise that `ctx` made: nothing in this world will ever wake it. */
  readonly stuck: boolean;
  /** True where no handler waits and nothing is promised to any. */
  readonly idle: boolean;
  /** Runs a handler; `failed` is called with what it threw, now or after its last await. */
  run(call: () => HandlerResult, failed: (error: unknown) => void, done?: () => void): void;
  /** A promise that a handler may wait on. Resolving it puts its handler back on the move. */
  promise<T>(): {
    readonly promise: Promise<T>;
    readonly resolve: (value: T) => void;
    readonly reject: (error: unknown) => void;
  };
  /** From now on no author's code runs: what waits is never woken. */
  cut(): void;
  /** Where handlers are {@link Turns.stuck}: they count as failed with this error, and nobody waits for them any longer. */
  giveUpStuck(error: unknown): void;
}

/** Turns of one agent: `afterTurn` runs when author's code has returned, before anything else happens. */
export function createTurns(host: Host, afterTurn: () => void): Turns {
  let depth = 0;
  const waiting = createWaiting(host);
  let promised = 0;
  let isCut = false;

  return {
    get stuck() {
      return waiting.size > 0 && promised === 0;
    },
    get idle() {
      return waiting.size === 0 && promised === 0;
    },
    run(call, failed, done) {
      if (isCut) return;
      depth += 1;
      let result: HandlerResult = undefined;
      let thrown: { readonly error: unknown } | null = null;
      try {
        result = host.guarded(call);
      } catch (error) {
        thrown = { error };
      }
      try {
        if (thrown !== null) failed(thrown.error);
        else if (result instanceof Promise) void waiting.track(result, failed, done);
        else done?.();
      } finally {
        depth -= 1;
        if (depth === 0) afterTurn();
      }
    },
    promise<T>() {
      const { promise, settle, refuse } = openPromise<T>();
      promised += 1;
      const move = (end: () => void): void => {
        if (isCut) return;
        promised -= 1;
        host.asyncStarted();
        end();
      };
      return {
        promise,
        resolve: (value: T): void => move(() => settle(value)),
        reject: (error: unknown): void => move(() => refuse(error)),
      };
    },
    cut() {
      isCut = true;
    },
    giveUpStuck(error) {
      if (isCut || promised > 0) return;
      if (waiting.size === 0) return;
      waiting.giveUp(error);
      afterTurn();
    },
  };
}

/** The handlers that wait on a promise. */
interface Waiting {
  readonly size: number;
  /** Waits with a handler; then it is done, or has failed. */
  track(promise: Promise<unknown>, failed: (error: unknown) => void, done?: () => void): Promise<void>;
  /** All of them have failed; how they end is of no interest any more. */
  giveUp(error: unknown): void;
}

function createWaiting(host: Host): Waiting {
  const turns = new Set<{ readonly failed: (error: unknown) => void }>();
  return {
    get size() {
      return turns.size;
    },
    async track(promise, failed, done) {
      const turn = { failed };
      turns.add(turn);
      host.asyncStarted();
      let thrown: { readonly error: unknown } | null = null;
      try {
        await promise;
      } catch (error) {
        thrown = { error };
      }
      if (!turns.delete(turn)) return;
      host.asyncStarted();
      if (thrown === null) done?.();
      else failed(thrown.error);
    },
    giveUp(error) {
      const given = [...turns];
      turns.clear();
      for (const { failed } of given) failed(error);
    },
  };
}

/** A promise with its ends in hand. */
function openPromise<T>(): {
  readonly promise: Promise<T>;
  readonly settle: (value: T) => void;
  readonly refuse: (error: unknown) => void;
} {
  let settle: (value: T) => void = () => undefined;
  let refuse: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = resolve;
    refuse = reject;
  });
  return { promise, settle, refuse };
}
