import type { Did } from '../../../agent-core/identity/did-key.ts';
import type { Chain } from '../../../agent-core/ledger/ledger.ts';
import { ISSUER, type Operation, type Owner } from '../../../agent-core/ledger/operation.ts';
import type { RandomStream } from '../../../agent-core/random.ts';
import { alice, bob, carol } from './parties.ts';

export const OWNERS: readonly Owner[] = [alice.did, bob.did, carol.did, ISSUER];
export const ASSETS: readonly string[] = ['token', 'steel'];

const ODD_AMOUNTS: readonly bigint[] = [0n, -3n, 10n ** 30n - 1n, 10n ** 30n, 10n ** 40n];

/** What draws know of those before them. */
export interface Drawing {
  /** Ids that are in use at a time: few, and operations often name the same. */
  readonly ids: readonly string[];
  readonly said: Chain[];
  readonly reserved: { readonly payer: Did; readonly to: Owner; readonly id: string; readonly amount: bigint }[];
}

export function drawing(ids: readonly string[]): Drawing {
  return { ids, said: [], reserved: [] };
}

/** A chain that may be anything: sensible, said before, foreign, too large. */
export function drawChain(random: RandomStream, now: number, before: Drawing): Chain {
  if (before.said.length > 0 && random.uniform() < 0.1) return random.pick(before.said);
  const from = random.uniform() < 0.1 ? ISSUER : random.pick(OWNERS.slice(0, 3));
  const length = random.uniform() < 0.6 ? 1 : random.integer(1, 5);
  const operations = Array.from({ length }, () => drawOperation(random, { from, now }, before));
  const chain = { from, operations };
  before.said.push(chain);
  return chain;
}

interface Moment {
  readonly from: Owner;
  readonly now: number;
}

function drawOperation(random: RandomStream, { from, now }: Moment, before: Drawing): Operation {
  const kind = random.integer(0, 9);
  const id = random.pick(before.ids);
  const amount = random.uniform() < 0.03 ? random.pick(ODD_AMOUNTS) : BigInt(random.integer(1, 30));
  const others = OWNERS.filter((owner) => owner !== from || random.uniform() < 0.05);
  const movement = { id, to: random.pick(others), asset: random.pick(ASSETS), amount };
  if (from === ISSUER ? kind < 8 : random.uniform() < 0.01) return { ...movement, type: 'issue', amount: amount * 3n };
  if (kind < 2) return { ...movement, type: 'transfer' };
  if (kind < 5 || from === ISSUER) {
    // Not before time 0: such an operation has no form on the wire.
    const expires = Math.max(0, now + random.integer(random.uniform() < 0.1 ? -2 : 1, 60));
    if (from !== ISSUER) before.reserved.push({ ...movement, payer: from });
    return { ...movement, type: 'reserve', expires, release: random.pick(['payer', 'payee']), reference: 'd-1' };
  }
  const mine = before.reserved.filter(({ payer, to }) => payer === from || to === from);
  const known = mine.length > 0 && random.uniform() < 0.9 ? mine : before.reserved;
  const named = known.length > 0 && random.uniform() < 0.98 ? random.pick(known) : null;
  const payer = named === null || (named.payer === from && random.uniform() < 0.8) ? {} : { payer: named.payer };
  const name = { id, reservation: named?.id ?? random.pick(before.ids), ...payer };
  if (kind === 9) return { type: 'void', ...name };
  const part = random.uniform() < 0.5 ? (named?.amount ?? amount) : amount;
  return { type: 'post', ...name, amount: part, rest: random.pick(['keep', 'return']) };
}
