/** A TCP proxy for tests: what passes through can be cut off, refused or held back. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { freePort } from '../../agent-core/adapters/nats-server/free-port.ts';

/** A proxy in front of one port of 127.0.0.1. */
export interface TcpProxy {
  readonly port: number;
  /** Breaks all connections, and refuses new ones until {@link TcpProxy.restore}. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  /** Reads nothing more from the server: what it sends stays with it. */
  stall(): void;
  resume(): void;
  close(): Promise<void>;
}

/** Starts a {@link TcpProxy}. */
export async function tcpProxy(target: number): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let stalled = false;
  const port = await freePort();
  const server = createServer((near) => {
    const far = connect({ port: target, host: '127.0.0.1' });
    const pair = [near, far] as const;
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', end);
    }
    near.on('data', (chunk) => void far.write(chunk));
    far.on('data', (chunk) => void near.write(chunk));
    if (stalled) far.pause();
  });
  const listen = async (): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const end = async (): Promise<void> => {
    const closed = server.listening ? once(server, 'close') : Promise.resolve();
    if (server.listening) server.close();
    for (const [near, far] of pairs) {
      near.destroy();
      far.destroy();
    }
    await closed;
  };
  await listen();
  return {
    port,
    cut: end,
    restore: listen,
    stall: () => {
      stalled = true;
      for (const [, far] of pairs) far.pause();
    },
    resume: () => {
      stalled = false;
      for (const [, far] of pairs) far.resume();
    },
    close: end,
  };
}
