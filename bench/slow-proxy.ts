/**
 * A TCP proxy that treats a connection as a bad network would: it holds bytes back for random times, swallows them, breaks
 * the connection or turns a bit over. The order of bytes is kept, as TCP keeps it.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { RandomStream } from '../agent-core/random.ts';

/** Options of {@link slowProxy}. */
export interface SlowProxyOptions {
  /** The port of 127.0.0.1 behind it. */
  readonly target: number;
  /** Draws the delays. */
  readonly random: RandomStream;
  /** Longest time that a chunk is held back; 0 if left out. */
  readonly maxDelayMillis?: number;
}

/** A running proxy. */
export interface SlowProxy {
  readonly port: number;
  /** From now on what comes in goes nowhere, and nobody is told. */
  blackhole(): void;
  /** Ends the blackhole; what it swallowed is lost. */
  open(): void;
  /** Breaks all connections; new ones are taken. */
  cut(): void;
  /** Turns over one bit of the next chunk that comes from the target. */
  flip(): void;
  close(): Promise<void>;
}

/** Starts a proxy on a free port of 127.0.0.1. */
export async function slowProxy({ target, random, maxDelayMillis = 0 }: SlowProxyOptions): Promise<SlowProxy> {
  const sockets = new Set<Socket>();
  const state = { swallow: false, flip: false };
  const server = createServer((near) => {
    const far = connect({ port: target, host: '127.0.0.1' });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      carry(from, to, from === far);
    }
  });
  const carry = (from: Socket, to: Socket, fromTarget: boolean): void => {
    let last = 0;
    from.on('data', (chunk: Buffer) => {
      if (state.swallow) return;
      if (fromTarget && state.flip) {
        state.flip = false;
        const at = random.integer(0, chunk.length - 1);
        chunk[at] = (chunk[at] ?? 0) ^ 1;
      }
      const now = performance.now();
      last = Math.max(last, now + random.between(0, maxDelayMillis));
      if (maxDelayMillis === 0) to.write(chunk);
      else setTimeout(() => void (to.destroyed || to.write(chunk)), last - now);
    });
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: portOf(server.address()),
    blackhole: () => {
      state.swallow = true;
    },
    open: () => {
      state.swallow = false;
    },
    cut,
    flip: () => {
      state.flip = true;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
  return address.port;
}
