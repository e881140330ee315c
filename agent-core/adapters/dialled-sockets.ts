import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

/**
 * The sockets that one NATS connection dials. The client library abandons a socket whose other end takes the connection and then says
 * nothing: it times out and dials again, and the old one stays open and keeps the process alive. A connection has one socket
 * at a time, so a new one means that all before are over.
 */
export interface DialledSockets {
  /** Runs what dials, now and at every reconnect that follows from it. */
  run<T>(dial: () => Promise<T>): Promise<T>;
  /** Ends all that are left: the connection was not made. */
  abandon(): void;
}

const dialling = new AsyncLocalStorage<(socket: Socket) => void>();

// Node tells of every socket that it opens; of those in the context of a connection we keep the last.
subscribe('net.client.socket', (message) => {
  const keep = dialling.getStore();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what Node publishes on this channel, by its documentation
  keep?.((message as { readonly socket: Socket }).socket);
});

/** Nothing dialled yet. */
export function dialledSockets(): DialledSockets {
  let last: Socket | null = null;
  const keep = (socket: Socket): void => {
    last?.destroy();
    last = socket;
  };
  return {
    run: (dial) => dialling.run(keep, dial),
    abandon: () => void last?.destroy(),
  };
}
