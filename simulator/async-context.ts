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

interface RuntimeGlobals {
  readonly process?: {
    readonly getBuiltinModule?: (name: string) => { readonly AsyncLocalStorage: new () => Storage } | undefined;
  };
}

/** The runtime's asynchronous context (Node's AsyncLocalStorage), or null where it has none. Asked for once. */
export const asyncContext: AsyncContext | null = find();

function find(): AsyncContext | null {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a runtime that has the property has it in this form
  const { process } = globalThis as RuntimeGlobals;
  const hooks = process?.getBuiltinModule?.('node:async_hooks');
  if (hooks === undefined) return null;
  const storage = new hooks.AsyncLocalStorage();
  return { run: (value, call) => storage.run(value, call), current: () => storage.getStore() };
}
