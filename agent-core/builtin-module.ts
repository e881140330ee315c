interface Builtins {
  readonly process?: { readonly getBuiltinModule?: (name: string) => unknown };
}

/**
 * A module that the runtime brings along; undefined where it has none of this name, or `isIt` does not know it. The one place
 * in pure code that asks the runtime, so that everything else stays portable.
 */
export function builtinModule<Module>(name: string, isIt: (module: unknown) => module is Module): Module | undefined {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a runtime that has the property has it in this form
  const found = (globalThis as Builtins).process?.getBuiltinModule?.(name);
  return isIt(found) ? found : undefined;
}

/** True where `module` is an object with functions of all these names. */
export function hasFunctions(module: unknown, names: readonly string[]): module is Readonly<Record<string, unknown>> {
  if (typeof module !== 'object' || module === null) return false;
  return names.every((name) => typeof Reflect.get(module, name) === 'function');
}
