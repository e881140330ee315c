import test from 'ava';
import type { DirectoryPort } from '../../../../agent-core/directory/port.ts';
import type { AgentCard, CardWords } from '../../../../agent-core/directory/card.ts';
import { defineAgent } from '../../../../agent-core/agent/agent.ts';
import { mortal, place, signerOf } from './place.ts';

const card: AgentCard = { agent: signerOf(9).did, protocols: [], tags: ['fuel'], issued: 1, expires: 2 };

interface Still extends DirectoryPort {
  readonly announced: CardWords[];
  readonly asked: unknown[];
  withdrawn: number;
  answer: (() => void) | null;
}

/** A directory that answers when it is told to. */
function directory(): Still {
  const still: Still = {
    announced: [],
    asked: [],
    withdrawn: 0,
    answer: null,
    announce: (words) => void still.announced.push(words),
    withdraw: () => void (still.withdrawn += 1),
    find(query, done) {
      still.asked.push(query);
      still.answer = () => done([card]);
    },
  };
  return still;
}

const seeker = defineAgent({
  name: 'seeker',
  setup: (agent) =>
    agent.start(async (ctx) => {
      const found = await ctx.directory.find({ tags: ['fuel'] });
      ctx.log.info({ event: 'found', agent: found[0]?.agent ?? null });
      await ctx.sleep('1 s');
      ctx.log.info({ event: 'later', found: found.length });
    }),
});

test('who is killed while it waits for an answer asks again; who had it, does not', async (t) => {
  const where = place();
  const still = directory();
  const a = await mortal(where, { n: 1, agent: seeker(), directory: still });
  await where.timing.settle();
  t.is(still.announced.length, 1);
  t.is(still.asked.length, 1);
  await a.rise(Infinity);
  await where.timing.settle();
  t.is(still.asked.length, 2, 'asked again');
  t.is(still.announced.length, 2, 'there again');
  still.answer?.();
  await where.timing.pass(100_000);
  t.deepEqual(a.log.filter((entry) => JSON.stringify(entry).includes('"found"')).length, 1);
  await a.rise();
  await where.timing.pass(2_000_000);
  t.is(still.asked.length, 2, 'the answer was kept');
  t.regex(JSON.stringify(a.log), /"event":"later","found":1/);
  void a.live.drain(0);
  await where.timing.pass(1_000_000);
  t.is(still.withdrawn, 1);
});

test('an agent without a directory is told so by name', async (t) => {
  const where = place();
  const a = await mortal(where, { n: 1, agent: seeker() });
  await where.timing.settle();
  t.regex(JSON.stringify(a.log), /no directory|there is no directory/);
  a.kill();
});
