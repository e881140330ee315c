import test from 'ava';
import { z } from 'zod';
import { nodeBackend } from '../../../agent-core/adapters/node-crypto.ts';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import { createVerifiedRoots } from '../../../agent-core/message/evidence.ts';
import { createAuditor } from '../../../agent-core/message/open.ts';
import { amount } from '../../../agent-core/protocol/amount.ts';
import { contractNet, type ContractNetResult } from '../../../agent-core/protocol/contract-net.ts';
import { world, type World } from '../../../simulator/world.ts';

const Print = contractNet({
  name: 'print',
  version: '1.0.0',
  task: z.object({ copies: z.int() }),
  bid: z.object({ price: amount() }),
  result: z.object({ copies: z.int() }),
});

type Result = ContractNetResult<{ price: bigint }, { copies: number }>;

/** Prints as many copies as it is told to, or gives the award back. */
const printer = defineAgent({
  name: 'printer',
  params: z.object({ prints: z.int(), honest: z.boolean() }),
  setup: (agent) =>
    Print.participant(agent, {
      bid: () => ({ price: 70n }),
      secured: (bid) => bid.price,
      perform: async (ctx, award) => {
        await ctx.sleep('1 h');
        return ctx.params.prints === 0 ? award.giveBack('press broken') : { copies: ctx.params.prints };
      },
    }),
});

async function order(prints: number): Promise<{ w: World; result: Result | undefined; left: bigint }> {
  const w = world({ seed: 1, strict: true });
  const to = [w.spawn(printer({ prints, honest: true })).did];
  const publisher = w.spawn(
    defineAgent({
      name: 'publisher',
      state: () => ({ results: [] as Result[] }),
      setup: (agent) =>
        agent.start(async (ctx) => {
          const result = await ctx.run(Print.initiator, {
            task: { copies: 500 },
            to,
            bidsWithin: '1 s',
            resultWithin: '2 h',
            choose: ([first]) => first ?? null,
            escrow: ({ bid }) => ({ amount: bid.price }),
            accepts: ({ copies }) => copies === 500,
          });
          ctx.state.results.push(result);
        }),
    })(),
    { funds: 100n },
  );
  await w.run({ until: '3 h' });
  const [result] = publisher.state.results;
  return { w, result, left: w.ledger.balance(publisher.did).available };
}

test('a result that is what was called for is paid', async (t) => {
  const { result, left } = await order(500);
  t.is(result?.type, 'done');
  t.is(left, 30n);
});

test('a result that is not what was called for is disputed: nothing is paid, and its signed words are kept', async (t) => {
  const { result, left } = await order(1);
  t.is(result?.type, 'failed');
  t.is(left, 100n, 'back by itself after the deadline');
  const award = result?.type === 'failed' ? result.awards[0] : undefined;
  t.is(award?.type, 'disputed');
  if (award?.type !== 'disputed') return;
  t.deepEqual(award.result, { copies: 1 });
  const auditor = createAuditor({ backend: nodeBackend, requireSignature: true, verifiedRoots: createVerifiedRoots() });
  const said = [award.recorded, award.evidence].map((recorded) => {
    const audited = auditor.audit(recorded);
    return 'refused' in audited ? audited.refused : [audited.envelope.from, audited.envelope.type];
  });
  t.deepEqual(said, [
    [award.peer, 'propose'],
    [award.peer, 'inform'],
  ]);
});

test('an award that is given back is refunded at once, with the reason, and no run stops over it', async (t) => {
  const { result, left } = await order(0);
  t.is(left, 100n);
  const award = result?.type === 'failed' ? result.awards[0] : undefined;
  t.like(award, { type: 'unfulfilled', code: 'failed', reason: 'press broken' });
});
