/**
 * What negotiating costs in the simulator, everything on: signatures or not, canonical form, schemas, dialogue tables, replay
 * windows, fingerprint. Alternating offers: rounds per CPU-second. Contract nets: 10,000 at a time with 10 bidders each, and the
 * memory of one open dialogue. `npm run bench:negotiation`.
 */
import { z } from 'zod';
import { defineAgent } from '../agent-core/agent/agent.ts';
import { assert } from '../agent-core/errors.ts';
import type { Did } from '../agent-core/identity/did-key.ts';
import type { SigningMode } from '../agent-core/message/seal.ts';
import type { Negotiator } from '../agent-core/negotiation/negotiator.ts';
import { outcomeSpace, type Outcome } from '../agent-core/negotiation/outcome-space.ts';
import { alternatingOffers } from '../agent-core/protocol/alternating-offers.ts';
import { contractNet } from '../agent-core/protocol/contract-net.ts';
import { world, type World } from '../simulator/world.ts';

const space = outcomeSpace({
  issues: [
    { name: 'price', type: 'integer', min: 0, max: 1_000 },
    { name: 'quantity', type: 'integer', min: 1, max: 100 },
    { name: 'delivery', type: 'categorical', values: ['today', 'tomorrow', 'later'] },
  ],
});
const Bargain = alternatingOffers({ name: 'bargain', version: '1.0.0', space });

/** Offers on, one unit of price at a time, and never agrees: the cheapest strategy there is. */
function holdout(): Negotiator {
  let price = 0;
  return {
    hear: () => undefined,
    respond: () => 'reject',
    propose: (): Outcome => ({ price: (price = (price + 1) % 1_000), quantity: 7, delivery: 'later' }),
    state: () => price,
  };
}

const bargainer = defineAgent({
  name: 'bargainer',
  params: z.object({ to: z.custom<Did>(), times: z.int(), rounds: z.int() }),
  state: () => ({ ended: 0 }),
  setup: (agent) =>
    agent.start(async (ctx) => {
      const { to, times, rounds } = ctx.params;
      const all = Array.from({ length: times }, () =>
        ctx.run(Bargain.initiator, { to, rounds, within: '10 h', negotiator: holdout() }),
      );
      for (const result of await Promise.all(all)) if (result.type === 'left') ctx.state.ended += 1;
    }),
});

const counterpart = defineAgent({
  name: 'counterpart',
  setup: (agent) => Bargain.participant(agent, { negotiator: () => holdout() }),
});

interface OffersRun {
  readonly offersPerSecond: number;
  readonly fingerprint: string;
}

/** `pairs` of agents, each with `times` bargainings at once. */
async function offers(sign: SigningMode, times: number, rounds: number): Promise<OffersRun> {
  const pairs = 8;
  const w = world({ seed: 'offers', sign, strict: true });
  for (let pair = 0; pair < pairs; pair++) {
    w.spawn(counterpart(), { name: `counterpart-${pair}` });
    w.spawn(bargainer({ to: w.didOf(`counterpart-${pair}`), times, rounds }), { name: `bargainer-${pair}` });
  }
  const start = process.cpuUsage();
  await w.run();
  const { user, system } = process.cpuUsage(start);
  assertClean(w);
  const made = pairs * times * rounds * 2;
  assert(w.traffic.messages === made + 3 * pairs * times, `delivered ${w.traffic.messages} messages`);
  return { offersPerSecond: (made * 1e6) / (user + system), fingerprint: w.fingerprint() };
}

function assertClean(w: World): void {
  for (const { counters } of w.agents) {
    const { refused, misunderstood, handlerErrors, dialoguesOpen } = counters;
    assert(refused.size + misunderstood.size + handlerErrors + dialoguesOpen === 0, 'something went wrong');
  }
}

/** Runs are short and many: the best is the one that others on the machine disturbed least. */
const REPEATS = 25;

interface OffersRow {
  readonly times: number;
  readonly rounds: number;
  readonly sign: SigningMode;
  readonly repeats: number;
}

/** One message is signed at a time where there is one bargaining a pair: that costs the same each time. */
const ROWS: readonly OffersRow[] = [
  { times: 1, rounds: 500, sign: 'off', repeats: REPEATS },
  { times: 1, rounds: 500, sign: 'batch', repeats: 1 },
  { times: 64, rounds: 20, sign: 'off', repeats: REPEATS },
  { times: 64, rounds: 20, sign: 'batch', repeats: REPEATS },
];

async function offersTable(): Promise<void> {
  console.log('### Alternating offers\n');
  console.log(
    "A round is one offer and the answer to it, which is the next offer: Rubinstein's period, one message. A cycle is a turn of each side: two rounds.\n",
  );
  console.log(
    '| bargainings at once, a pair | sign | runs | thousand rounds per CPU-second: best | median | worst | thousand cycles, best |',
  );
  console.log('|---|---|---|---|---|---|---|');
  const prints = new Map<number, string>();
  for (const { times, rounds, sign, repeats } of ROWS) {
    const rates: number[] = [];
    for (let n = 0; n < repeats; n++) {
      const { offersPerSecond, fingerprint } = await offers(sign, times, rounds);
      rates.push(offersPerSecond / 1e3);
      assert((prints.get(times) ?? fingerprint) === fingerprint, 'the signing modes have different fingerprints');
      prints.set(times, fingerprint);
    }
    const sorted = rates.toSorted((a, b) => b - a);
    const [best = 0] = sorted;
    const cells = [best, sorted[Math.floor(repeats / 2)] ?? best, sorted.at(-1) ?? best, best / 2];
    console.log(`| ${times} | ${sign} | ${repeats} | ${cells.map((cell) => cell.toFixed(1)).join(' | ')} |`);
  }
}

const Net = contractNet({
  name: 'net',
  version: '1.0.0',
  task: z.object({ tonnes: z.number() }),
  bid: z.object({ price: z.number() }),
  result: z.object({ delivered: z.boolean() }),
});

const caller = defineAgent({
  name: 'caller',
  params: z.object({ to: z.custom<readonly Did[]>(), nets: z.int() }),
  state: () => ({ done: 0 }),
  setup: (agent) =>
    agent.start(async (ctx) => {
      const { to, nets } = ctx.params;
      const all = Array.from({ length: nets }, () =>
        ctx.run(Net.initiator, {
          task: { tonnes: 20 },
          to,
          bidsWithin: '1 min',
          resultWithin: '1 h',
          choose: (proposals) => proposals.toSorted((a, b) => a.bid.price - b.bid.price)[0] ?? null,
        }),
      );
      for (const result of await Promise.all(all)) if (result.type === 'done') ctx.state.done += 1;
    }),
});

const bidder = defineAgent({
  name: 'bidder',
  setup: (agent) =>
    agent.play(Net, 'participant', {
      cfp: async (ctx, m) => {
        await ctx.sleep('1 s');
        m.reply('propose', { price: ctx.random.integer(1, 1_000) });
      },
      'accept-proposal': (_, m) => m.reply('inform', { delivered: true }),
      'reject-proposal': () => undefined,
      cancel: () => undefined,
    }),
});

async function manyNets(sign: SigningMode): Promise<void> {
  const callers = 20;
  const each = 500;
  const w = world({ seed: 'nets', sign, strict: true });
  const to = Array.from({ length: 10 }, (_, n) => w.didOf(`bidder-${n}`));
  for (let n = 0; n < 10; n++) w.spawn(bidder(), { name: `bidder-${n}` });
  const placed = Array.from({ length: callers }, (_, n) =>
    w.spawn(caller({ to, nets: each }), { name: `caller-${n}` }),
  );
  const before = heap();
  const start = process.cpuUsage();
  // All calls have arrived, nobody has answered: 10,000 nets, 100,000 dialogues with two sides each are open.
  await w.run({ until: '500 ms' });
  const open = w.agents.reduce((sum, { counters }) => sum + counters.dialoguesOpen, 0);
  const bytes = (heap() - before) / open;
  await w.run();
  const { user, system } = process.cpuUsage(start);
  assertClean(w);
  const done = placed.reduce((sum, { state }) => sum + state.done, 0);
  assert(done === callers * each, `${done} contract nets were done`);
  const cells = [
    sign,
    done.toLocaleString('en'),
    open.toLocaleString('en'),
    w.traffic.messages.toLocaleString('en'),
    ((user + system) / 1e6).toFixed(1),
    (w.traffic.messages / ((user + system) / 1e3)).toFixed(1),
    Math.round(bytes).toLocaleString('en'),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

async function main(): Promise<void> {
  assert(globalThis.gc !== undefined, 'run with --expose-gc');
  console.log(`Node ${process.version}\n`);
  await offers('off', 64, 20);
  await offersTable();
  console.log('\n### 10,000 contract nets at a time, 10 bidders each\n');
  console.log(
    '| sign | done | dialogue sides open at once | messages | CPU s | thousand messages per CPU-second | bytes a dialogue side |',
  );
  console.log('|---|---|---|---|---|---|---|');
  for (const sign of ['off', 'batch'] as const) await manyNets(sign);
}

await main();
