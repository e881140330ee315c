import type { Host } from './host.ts';

/** A host of which an agent can be cut off. */
export interface Severable {
  readonly host: Host;
  /** Calls off every wake-up that is pending; from now on nothing is published and nothing is woken. */
  sever(): void;
}

/** Puts a switch between a host and the runtime of its agent. */
export function severable(outside: Host): Severable {
  const { bus } = outside;
  const wakes = new Set<number>();
  let severed = false;
  return {
    host: {
      ...outside,
      bus: {
        publish: (subject, payload, options) => {
          if (!severed) bus.publish(subject, payload, options);
        },
        subscribe: (subject, listener, options) => bus.subscribe(subject, listener, options),
        flush: () => bus.flush(),
        drain: () => bus.drain(),
      },
      wakeAt(time, wake) {
        if (severed) return 0;
        const handle = outside.wakeAt(time, () => {
          wakes.delete(handle);
          wake();
        });
        wakes.add(handle);
        return handle;
      },
      cancelWake(handle) {
        if (wakes.delete(handle)) outside.cancelWake(handle);
      },
    },
    sever() {
      severed = true;
      for (const handle of wakes) outside.cancelWake(handle);
      wakes.clear();
    },
  };
}
