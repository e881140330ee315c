import test from 'ava';
import * as fc from 'fast-check';
import { atFault, settlementChain } from '../../../agents/market/settlement.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import { auditLedger } from '../../../agent-core/ledger/audit.ts';
import { createLedger, type Ledger } from '../../../agent-core/ledger/ledger.ts';
import { balanceOf, ISSUER, refused } from '../../../agent-core/ledger/operation.ts';

const [buyer, seller, hub] = ['did:key:buyer', 'did:key:seller', 'did:key:exchange'] as Did[] as [Did, Did, Did];

/** Both sides have set aside what three units at 9 cost. */
function reserved(): Ledger {
  const ledger = createLedger();
  const apply = (from: Did | typeof ISSUER, operation: Parameters<Ledger['apply']>[0]['operations'][number]): void => {
    ledger.apply({ from, operations: [operation] }, 0);
  };
  const hold = { to: hub, expires: 1_000, release: 'payee' } as const;
  apply(ISSUER, { type: 'issue', id: 'm', to: buyer, asset: 'token', amount: 100n });
  apply(ISSUER, { type: 'issue', id: 'g', to: seller, asset: 'steel', amount: 5n });
  apply(buyer, { type: 'reserve', id: 'b', asset: 'token', amount: 27n, ...hold });
  apply(seller, { type: 'reserve', id: 's', asset: 'steel', amount: 3n, ...hold });
  return ledger;
}

const held = (ledger: Ledger, owner: Did, asset: string): bigint => balanceOf(ledger.account(owner, asset)).available;

test('a chain settles any part at any price up to the limit, and the exchange keeps nothing', (t) => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 9n }), fc.integer({ min: 1, max: 3 }), (price, quantity) => {
      const ledger = reserved();
      const parties = { buyer: { trader: buyer, id: 'b' }, seller: { trader: seller, id: 's' } };
      const terms = { asset: 'steel', money: 'token', price, limit: 9n, quantity };
      const operations = settlementChain({ trade: 't', ...parties, ...terms });
      t.deepEqual(ledger.apply({ from: hub, operations }, 1), { type: 'applied' });
      const units = BigInt(quantity);
      t.is(held(ledger, hub, 'token'), 0n);
      t.is(held(ledger, hub, 'steel'), 0n);
      t.is(held(ledger, seller, 'token'), price * units);
      t.is(held(ledger, buyer, 'steel'), units);
      // What is neither paid nor still set aside for the rest of the order is at hand.
      t.is(held(ledger, buyer, 'token'), 100n - 27n + (9n - price) * units);
      t.is(ledger.reservation(buyer, 'b')?.remaining, 27n - 9n * units);
      t.deepEqual(auditLedger(ledger).faults, []);
      t.deepEqual(
        ledger.apply({ from: hub, operations }, 2),
        { type: 'applied' },
        'said again it has no second effect',
      );
      t.is(held(ledger, buyer, 'steel'), units);
    }),
    { seed: 23 },
  );
});

test('a chain that is refused says whose reservation it was refused for', (t) => {
  t.deepEqual(atFault(refused('reservation-expired', 0)), ['buy']);
  t.deepEqual(atFault(refused('already-resolved', 1)), ['sell']);
  t.deepEqual(atFault(refused('insufficient-funds', 2)), ['buy', 'sell']);
  t.deepEqual(atFault(refused('malformed-chain')), ['buy', 'sell']);
});
