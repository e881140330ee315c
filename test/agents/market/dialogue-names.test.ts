import test from 'ava';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import type { Reservation } from '../../../agent-core/ledger/operation.ts';
import { exchange } from '../../../agents/market/exchange.ts';
import { ContinuousDoubleAuction } from '../../../agent-core/protocol/continuous-double-auction.ts';
import { testAgent } from '../../../agent-core/testing/bench.ts';

test('an order under the name of one that is being settled is refused, and hurts nobody', async (t) => {
  const due: (() => void)[] = [];
  const answer = async (): Promise<void> => {
    for (const next of due.splice(0)) next();
    await b.settle();
  };
  const held = (payer: Did, id: string): Reservation => {
    const asset = id.startsWith('sell') ? 'steel' : 'token';
    const bare = { amount: 100n, remaining: 100n, posted: 0n, expires: 60_000_000, reference: null } as const;
    return { id, payer, to: b.did, asset, ...bare, release: 'payee', state: 'pending' };
  };
  const b = testAgent(exchange({ assets: ['steel'] }), {
    strict: false,
    ledger: {
      submit: (_, done) => void due.push(() => done({ type: 'applied' })),
      balance: (_, done) => void due.push(() => done({ available: 0n, reserved: 0n, incoming: 0n })),
      reservation: ({ payer, id }, done) => void due.push(() => done(held(payer, id))),
    },
  });
  const protocol = ContinuousDoubleAuction.id;
  const order = (from: string, name: string, dialogue: string): void => {
    const side = name.startsWith('sell') ? 'sell' : 'buy';
    const body = { id: name, asset: 'steel', side, price: '5', quantity: 1, immediate: false, expires: 9_000_000 };
    b.peer(from).say({ type: 'order', protocol, id: dialogue, body });
  };
  order('anna', 'buy-1', 'one-1');
  await answer();
  order('mallory', 'sell-1', 'same-1');
  await answer();
  // They trade; while the ledger settles it, the seller leaves its dialogue and opens it anew.
  b.peer('mallory').say({ type: 'failure', protocol, id: 'f', dialogue: 'same-1', body: { code: 'x', reason: '' } });
  order('mallory', 'sell-2', 'same-1');
  t.like(b.peer('mallory').heard().at(-1), { type: 'not-understood', body: { code: 'unknown-dialogue' } });
  await answer();
  await answer();
  order('berta', 'buy-2', 'two-1');
  await answer();
  await answer();
  t.is(b.lifecycle, 'running');
});
