/** Takes a running program back from outside: made by whoever starts it, given to it, used later. */
export interface Cancellation {
  /** The reason given, once it was cancelled. */
  readonly reason: string | null;
  /** Cancels; later calls change nothing. */
  cancel(reason: string): void;
  /** Calls `listener` when it is cancelled, at once where it was. */
  onCancel(listener: () => void): void;
}

/** A cancellation that nobody has used yet. One serves any number of programs. */
export function createCancellation(): Cancellation {
  const listeners: (() => void)[] = [];
  let given: string | null = null;
  return {
    get reason() {
      return given;
    },
    cancel(reason) {
      if (given !== null) return;
      given = reason;
      for (const listener of listeners.splice(0)) listener();
    },
    onCancel(listener) {
      if (given === null) listeners.push(listener);
      else listener();
    },
  };
}
