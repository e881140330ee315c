import { HaggleError } from '../agent-core/errors.ts';
import { readInput } from './files.ts';

const TOKEN = /eyJ[\w-]+\.[\w-]+\.[\w-]+/;

/**
 * The token of a file that holds it alone or, as NATS writes it, between two lines. It is worth nothing without the key.
 *
 * @throws HaggleError `no-input`, `bad-token`
 */
export function tokenIn(file: string): string {
  const [token] = TOKEN.exec(readInput(file)) ?? [];
  if (token !== undefined) return token;
  throw new HaggleError('bad-token', `${file} holds no token of a broker (a JWT)`);
}
