import test from 'ava';
import { auditLedger } from '../../../agent-core/ledger/audit.ts';
import { createLedger, type Ledger } from '../../../agent-core/ledger/ledger.ts';
import { balanceOf, ISSUER } from '../../../agent-core/ledger/operation.ts';
import { createRandomRoot } from '../../../agent-core/random.ts';
import { ASSETS, drawChain, drawing, OWNERS } from './draws.ts';

const OPERATIONS = 1_000_000;
const CHAINS_OF_BLOCK = 100;

/** Pending and posted debits less credits over all owners, and the least that anybody but the issuer has. */
function sums(
  ledger: Ledger,
  asset: string,
): { readonly pending: bigint; readonly posted: bigint; readonly least: bigint } {
  let [pending, posted, least] = [0n, 0n, 0n];
  for (const owner of OWNERS) {
    const account = ledger.account(owner, asset);
    pending += account.debitsPending - account.creditsPending;
    posted += account.debitsPosted - account.creditsPosted;
    const { available } = balanceOf(account);
    if (owner !== ISSUER && available < least) least = available;
  }
  return { pending, posted, least };
}

test('a million random operations create and destroy nothing, and nobody ever has less than nothing', (t) => {
  const random = createRandomRoot('a million').stream('chains');
  const ledger = createLedger();
  let now = 0;
  let done = 0;
  let applied = 0;
  for (let block = 0; done < OPERATIONS; block++) {
    const before = drawing(Array.from({ length: 80 }, (_, k) => `b${block}-${k}`));
    for (let k = 0; k < CHAINS_OF_BLOCK; k++) {
      now += random.uniform() < 0.3 ? random.integer(1, 20) : 0;
      const chain = drawChain(random, now, before);
      if (ledger.apply(chain, now).type === 'applied') applied += 1;
      done += chain.operations.length;
      if (k % 10 !== 0) continue;
      for (const asset of ASSETS) {
        const { pending, posted, least } = sums(ledger, asset);
        if (pending !== 0n || posted !== 0n || least !== 0n) t.fail(`block ${block}, chain ${k}, ${asset}`);
      }
    }
    if (block % 1_000 === 0) t.deepEqual(auditLedger(ledger).faults, []);
  }
  const audit = auditLedger(ledger);
  t.deepEqual(audit.faults, []);
  t.log(`${applied} chains applied, ${ledger.operations} operations remembered, ${audit.openReservations} still open`);
  t.true(applied > 100_000);
});
