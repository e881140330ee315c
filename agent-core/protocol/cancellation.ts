/** Takes a running program back from outside: made by whoever starts it, given to it, used later. */
export interface Cancellation {
  /** The reason given, once it was cancelled. */
  readonly reason: string | null;
  /** Cancels; later calls change nothing. */
  cancel(reason: string): void;
  /** Calls `listener` when it is cancelled, at once where it was. Returns what makes it forget the listener. */
  onCancel(listener: () => void): () => void;
}

/** A cancellation that nobody has used yet. One serves any number of programs. */
export function createCancellation(): Cancellation {
  const listeners = new Set<() => void>();
  let given: string | null = null;
  return {
    get reason() {
      return given;
    },
    cancel(reason) {
      if (given !== null) return;
      given = reason;
      const waiting = [...listeners];
      listeners.clear();
      for (const listener of waiting) listener();
    },
    onCancel(listener) {
      if (given === null) listeners.add(listener);
      else listener();
      return () => void listeners.delete(listener);
    },
  };
}
