import { builtinModule, hasFunctions } from '../builtin-module.ts';

/** Carries a value along with everything that a function starts, promises included. */
export interface AsyncContext {
  run<T>(value: string, call: () => T): T;
  /** The value of the run that the present code was started by. */
  current(): string | undefined;
}

interface Storage {
  run<T>(value: string, call: () => T): T;
  getStore(): string | undefined;
}

interface AsyncHooks {
  readonly AsyncLocalStorage: new () => Storage;
}

function isAsyncHooks(module: unknown): module is AsyncHooks {
  return hasFunctions(module, ['AsyncLocalStorage']);
}

/** The runtime's asynchronous context (Node's AsyncLocalStorage), or null where it has none. Asked for once. */
export const asyncContext: AsyncContext | null = find();

function find(): AsyncContext | null {
  const hooks = builtinModule('node:async_hooks', isAsyncHooks);
  if (hooks === undefined) return null;
  const storage = new hooks.AsyncLocalStorage();
  return { run: (value, call) => storage.run(value, call), current: () => storage.getStore() };
}
