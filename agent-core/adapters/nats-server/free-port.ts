import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { HaggleError } from '../../errors.ts';

// Below the ports that systems give to outgoing connections (32768 on Linux, 49152 elsewhere): a client that keeps dialling a
// broker that is down could otherwise be given the broker's own port, connect to itself and keep the broker from coming back.
const LOWEST = 12_000;
const HIGHEST = 32_000;
const TRIES = 100;

/** A port on which nothing listens at 127.0.0.1. It is free now, not reserved: whoever uses it must be able to try again. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = randomInt(LOWEST, HIGHEST);
    if (await isFree(port)) return port;
  }
  throw new HaggleError('no-free-port', `no free port among ${TRIES} tried between ${LOWEST} and ${HIGHEST}`);
}

async function isFree(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
