import test from 'ava';
import { z } from 'zod';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import { contractNet } from '../../../agent-core/protocol/contract-net.ts';
import { dialogueKey } from '../../../agent-core/protocol/dialogue-key.ts';
import type { BargainingResult } from '../../../agent-core/protocol/alternating-offers.ts';
import { testAgent, type TestBench } from '../../../agent-core/testing/bench.ts';
import { Sale } from '../../fixtures/bargaining.ts';

const Job = contractNet({
  name: 'job',
  version: '1.0.0',
  task: z.object({ hours: z.number() }),
  bid: z.object({ price: z.number() }),
  result: z.object({ hours: z.number() }),
});

const worker = defineAgent({
  name: 'worker',
  setup: (agent) =>
    Job.participant(agent, {
      bid: (_, { task }) => ({ price: 10 * task.hours }),
      perform: (_, { task }) => task,
    }),
});

/** What both peers call their dialogue. */
const id = 'ours-1';

const cfp = (hours: number) =>
  ({ type: 'cfp', id, dialogue: id, protocol: Job.id, body: { task: { hours }, bidsBy: 5_000_000 } }) as const;

const award = (bench: TestBench<unknown>, name: string): void => {
  const peer = bench.peer(name);
  const accept = { type: 'accept-proposal', protocol: Job.id, body: { escrow: null } } as const;
  peer.say({ ...accept, id: `${name}-accepts`, dialogue: id });
};

test('a dialogue is named by its peer and its id', (t) => {
  const bench = testAgent(worker());
  const [ann, bob] = [bench.didOf('ann'), bench.didOf('bob')];
  t.is(new Set([dialogueKey(ann, 'a'), dialogueKey(bob, 'a'), dialogueKey(ann, 'b')]).size, 3);
});

test('two initiators that choose the same dialogue id get each its own task done', async (t) => {
  const bench = testAgent(worker());
  bench.peer('ann').say(cfp(1));
  bench.peer('bob').say(cfp(2));
  award(bench, 'ann');
  await bench.settle();
  award(bench, 'bob');
  await bench.settle();
  const results = ['ann', 'bob'].map((name) => bench.peer(name).heard().at(-1)?.body);
  t.deepEqual(results, [{ hours: 1 }, { hours: 2 }]);
});

test('an acceptance of one peer closes no bargain with another that chose the same dialogue id', (t) => {
  const ends: { from: string; result: BargainingResult }[] = [];
  const counters = [5, 15];
  const seller = defineAgent({
    name: 'seller',
    setup: (agent) =>
      Sale.participant(agent, {
        negotiator: () => {
          const price = counters.shift() ?? 0;
          return {
            hear: () => undefined,
            state: () => null,
            respond: () => 'reject',
            propose: () => ({ price, delivery: 'today' }),
          };
        },
        ended: (_, result, { from }) => void ends.push({ from, result }),
      }),
  });
  const bench = testAgent(seller());
  for (const name of ['ann', 'bob']) {
    const say = (type: string, body: object): void => {
      const last = `${name}-${type}`;
      const named = type === 'invite' ? { id, dialogue: id } : { id: last, dialogue: id };
      bench.peer(name).say({ type, protocol: Sale.id, body: { ...body }, ...named });
    };
    say('invite', { rounds: 3 });
    say('offer', { outcome: { price: 1, delivery: 'today' } });
  }
  bench.peer('ann').say({ type: 'accept-counter', protocol: Sale.id, body: {}, id: 'done', dialogue: id });
  const agreed = { type: 'agreed', outcome: { price: 5, delivery: 'today' }, round: 1, by: 'them' };
  t.like(ends[0], { from: bench.didOf('ann'), result: agreed });
  t.is(ends.length, 1);
});
