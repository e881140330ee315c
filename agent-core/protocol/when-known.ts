/** Calls with a value, now or once it is there. A synchronous answer costs no promise and leaves in the same turn. */
export function whenKnown<T>(value: T | Promise<T>, call: (value: T) => void): void | Promise<void> {
  if (value instanceof Promise) return value.then(call);
  call(value);
}
