import { micros, type Duration, type Micros } from '../agent-core/clock.ts';
import { HaggleError } from '../agent-core/errors.ts';

const DURATION = /^(\d+(?:\.\d+)?)\s*(us|ms|s|min|h|d)$/;

/** A span such as `20s` or `'1.5 min'`. @throws HaggleError `bad-flag` */
export function spanOf(text: string, flag: string): Micros {
  const [, amount, unit] = DURATION.exec(text) ?? [];
  if (amount === undefined) {
    throw new HaggleError(
      'bad-flag',
      `${flag} takes a duration such as 20s or 5min (us, ms, s, min, h, d), got "${text}"`,
    );
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the pattern has just said so
  return micros(`${amount} ${unit}` as Duration);
}

/** Where to listen. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const PORT_MAX = 65_535;

/** `PORT` on loopback, `HOST:PORT` or `[HOST]:PORT`. @throws HaggleError `bad-flag` */
export function listenAddress(text: string, flag: string): ListenAddress {
  const colon = text.lastIndexOf(':');
  const host = colon < 0 ? '127.0.0.1' : text.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  const port = text.slice(colon + 1);
  if (host === '' || !/^\d{1,5}$/.test(port) || Number(port) > PORT_MAX) {
    throw new HaggleError(
      'bad-flag',
      `${flag} takes PORT or HOST:PORT with a port from 0 to ${PORT_MAX}, got "${text}"`,
    );
  }
  return { host, port: Number(port) };
}

/** Addresses of brokers, separated by commas. @throws HaggleError `bad-flag` for one that holds a password: others could read it. */
export function brokerAddresses(text: string, flag: string): readonly string[] {
  const addresses = text.split(',').map((part) => part.trim());
  if (flag.startsWith('--') && addresses.some((address) => address.includes('@'))) {
    throw new HaggleError(
      'bad-flag',
      `${flag} takes an address without a password: every user could see it; agents log in with their key`,
    );
  }
  if (addresses.includes(''))
    throw new HaggleError('bad-flag', `${flag} takes an address such as nats://127.0.0.1:4222`);
  return addresses;
}
