import { z } from 'zod';
import { amount } from '../agent-core/protocol/amount.ts';
import { contractNet } from '../agent-core/protocol/contract-net.ts';
import type { AnyProtocol } from '../agent-core/protocol/conversation-types.ts';
import { PriceCoordination } from '../agent-core/protocol/price-coordination.ts';
import { HaggleError } from '../agent-core/errors.ts';

/** A protocol of the library with a sentence for people. */
export interface CatalogueEntry {
  readonly protocol: AnyProtocol;
  readonly about: string;
}

// What the examples are about: plain goods for money.
const goods = z.object({ item: z.string(), units: z.number().int().positive() });
const price = z.object({ price: amount() });

function example(name: string): { readonly name: string; readonly version: string } {
  return { name, version: '1.0.0' };
}

/**
 * The protocols of the library: what `haggle protocols` lists and `docs/protocols.md` describes. A protocol that is made
 * from an author's own schemas stands here as one made from plain examples.
 */
export const CATALOGUE: readonly CatalogueEntry[] = [
  {
    protocol: contractNet({ ...example('contract-net'), task: goods, bid: price, result: goods }),
    about: 'One calls many for bids, awards some of them and gets their results: `contractNet({ task, bid, result })`.',
  },
  {
    protocol: PriceCoordination,
    about: 'Neighbours of a network agree on prices and flows without telling their costs.',
  },
];

/** The entry of this name. @throws HaggleError `bad-flag` listing the names there are. */
export function catalogueEntry(name: string): CatalogueEntry {
  const entry = CATALOGUE.find(({ protocol }) => protocol.name === name);
  if (entry !== undefined) return entry;
  const names = CATALOGUE.map(({ protocol }) => protocol.name).join(', ');
  throw new HaggleError('bad-flag', `there is no protocol "${name}"; there is: ${names}`);
}
