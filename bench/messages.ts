/**
 * Typed, validated messages from agent to agent in the simulator, everything on: envelopes, canonical form, zod bodies with a
 * codec, dialogues, replay windows, fingerprint. Messages per CPU-second of the whole process: `npm run bench:messages`.
 *
 * Each pattern runs in all signing modes; the modes take turns and the best of the repeats counts. Every run checks that
 * all messages were delivered, none refused or misunderstood, and that all modes of a pattern have one fingerprint.
 */
import { z } from 'zod';
import { defineAgent } from '../agent-core/agent/agent.ts';
import type { Dialogue } from '../agent-core/agent/dialogue.ts';
import type { Did } from '../agent-core/identity/did-key.ts';
import { assert } from '../agent-core/errors.ts';
import type { SigningMode } from '../agent-core/message/seal.ts';
import { amount } from '../agent-core/protocol/amount.ts';
import { defineProtocol } from '../agent-core/protocol/protocol.ts';
import { world, type World } from '../simulator/world.ts';

const MODES: readonly SigningMode[] = ['off', 'batch', 'each'];
/** Signatures cost the same each time; what is faster is more easily disturbed by others on the machine. */
const REPEATS: Readonly<Record<SigningMode, number>> = { off: 9, batch: 5, each: 1 };
const LIFE = '10 h';

/** `node dist/bench/messages.js [part of a pattern's name] [mode]` runs a part of the table. */
const modes = MODES.filter((mode) => mode === (process.argv[3] ?? mode));
/** Traders take their turns one after the other, so that a tick is a second of 72 flushes and not one instant of all. */
const PHASE_MICROS = 10_000;

const offer = z.strictObject({ price: amount(), quantity: z.int().min(0).max(1_000_000), unit: z.enum(['kWh', 'kg']) });

/** An offer, its counter-offer, then the next offer, for as long as the initiator likes. */
const Haggling = defineProtocol({
  name: 'haggling',
  version: '1.0.0',
  roles: ['initiator', 'participant'],
  messages: {
    propose: { from: 'initiator', as: 'propose', body: offer },
    counter: { from: 'participant', as: 'propose', body: offer },
    'accept-proposal': { from: 'initiator', as: 'accept-proposal', body: z.null() },
  },
  dialogue: {
    initial: 'mine',
    states: {
      mine: { on: { propose: 'yours' } },
      yours: { on: { counter: 'countered' } },
      countered: { on: { propose: 'yours', 'accept-proposal': 'done' } },
      done: { type: 'final' },
    },
  },
});

type Mine = Dialogue<typeof Haggling, 'initiator'>;
type Yours = Dialogue<typeof Haggling, 'participant'>;

const price = 12_500_000n;

function terms(quantity: number): z.output<typeof offer> {
  return { price: price + BigInt(quantity), quantity, unit: 'kWh' };
}

/** Haggles `offers` times in each of `dialogues` dialogues, one after the other; all with one peer. */
const haggler = defineAgent({
  name: 'haggler',
  params: z.object({ peer: z.custom<Did>(), offers: z.int(), dialogues: z.int() }),
  state: () => ({ said: 0, agreed: 0 }),
  setup(agent) {
    agent.play(Haggling, 'initiator', {
      counter: (ctx, m) => {
        if (++ctx.state.said < ctx.params.offers) return m.reply('propose', terms(m.body.quantity + 1));
        m.reply('accept-proposal', null);
        ctx.state.said = 0;
        if (++ctx.state.agreed < ctx.params.dialogues) {
          ctx.open(Haggling, 'initiator', ctx.params.peer, 'propose', terms(0), { within: LIFE });
        }
      },
    });
    agent.start((ctx) => {
      ctx.open(Haggling, 'initiator', ctx.params.peer, 'propose', terms(0), { within: LIFE });
    });
  },
});

const answerer = defineAgent({
  name: 'answerer',
  setup(agent) {
    agent.play(Haggling, 'participant', {
      propose: (_, m) => m.reply('counter', terms(m.body.quantity)),
      'accept-proposal': () => undefined,
    });
  },
});

/** Offers to all its peers in one turn, and answers in one turn, a second later, all offers that it got. */
const trader = defineAgent({
  name: 'trader',
  params: z.object({ peers: z.custom<readonly Did[]>(), rounds: z.int(), phase: z.int() }),
  state: () => ({ tick: 0, mine: [] as Mine[], yours: [] as Yours[] }),
  setup(agent) {
    agent.play(Haggling, 'initiator', {
      counter: (ctx, m) => void ctx.state.mine.push(m.dialogue),
    });
    agent.play(Haggling, 'participant', {
      propose: (ctx, m) => void ctx.state.yours.push(m.dialogue),
      'accept-proposal': () => undefined,
    });
    const next = agent.timer('next', (ctx) => {
      const { state, params } = ctx;
      const tick = state.tick++;
      if (tick === 0) {
        for (const peer of params.peers) ctx.open(Haggling, 'initiator', peer, 'propose', terms(0), { within: LIFE });
      } else if (tick % 2 === 1) {
        for (const dialogue of state.yours.splice(0)) dialogue.send('counter', terms(tick));
      } else {
        for (const dialogue of state.mine.splice(0)) {
          if (tick < 2 * params.rounds) dialogue.send('propose', terms(tick));
          else dialogue.send('accept-proposal', null);
        }
      }
      if (tick < 2 * params.rounds) ctx.schedule(next, '1 s', null);
    });
    agent.start((ctx) => void ctx.schedule(next, ctx.params.phase, null));
  },
});

/** One way of talking, and how many messages it takes. */
interface Pattern {
  readonly name: string;
  /** Messages of one agent that leave in one flush: under one signature where the mode is `batch`. */
  readonly flush: number;
  readonly messages: number;
  place(world: World): void;
}

interface Pairs {
  readonly name: string;
  readonly offers: number;
  readonly dialogues: number;
}

/** Pairs of agents; each message is a flush of its own. An accept and the next opening leave together. */
function inPairs({ name, offers, dialogues }: Pairs): Pattern {
  const pairs = 16;
  return {
    name,
    flush: 1,
    messages: pairs * dialogues * (2 * offers + 1),
    place: (at) => {
      for (let pair = 0; pair < pairs; pair++) {
        at.spawn(answerer(), { name: `answerer-${pair}` });
        at.spawn(haggler({ peer: at.didOf(`answerer-${pair}`), offers, dialogues }), { name: `haggler-${pair}` });
      }
    },
  };
}

/** A ring of agents; each trades with the `flush` that follow it, so that each flush has `flush` messages. */
function market(flush: number): Pattern {
  const agents = 72;
  const rounds = Math.max(8, Math.round(200 / flush));
  const nameOf = (agent: number): string => `trader-${agent % agents}`;
  return {
    name: 'market, offers and answers once a second',
    flush,
    messages: agents * flush * (2 * rounds + 1),
    place: (at) => {
      for (let agent = 0; agent < agents; agent++) {
        const peers = Array.from({ length: flush }, (_, k) => at.didOf(nameOf(agent + 1 + k)));
        at.spawn(trader({ peers, rounds, phase: agent * PHASE_MICROS }), { name: nameOf(agent) });
      }
    },
  };
}

/** Pairs of agents with a book of `flush` dialogues between them; a turn speaks in all of them. */
function books(flush: number): Pattern {
  const agents = 16;
  const rounds = Math.max(8, Math.round(800 / flush));
  const nameOf = (agent: number): string => `dealer-${agent}`;
  return {
    name: 'pairs with a book of dialogues, offers and answers once a second',
    flush,
    messages: agents * flush * (2 * rounds + 1),
    place: (at) => {
      for (let agent = 0; agent < agents; agent++) {
        const peers = Array.from({ length: flush }, () => at.didOf(nameOf(agent % 2 === 0 ? agent + 1 : agent - 1)));
        at.spawn(trader({ peers, rounds, phase: agent * PHASE_MICROS }), { name: nameOf(agent) });
      }
    },
  };
}

interface Run {
  readonly perSecond: number;
  readonly bytes: number;
  readonly fingerprint: string;
}

async function play(pattern: Pattern, sign: SigningMode): Promise<Run> {
  const at = world({ seed: 'messages', sign, strict: true });
  pattern.place(at);
  const start = process.cpuUsage();
  await at.run();
  const { user, system } = process.cpuUsage(start);
  const { messages, bytes } = at.traffic;
  assert(messages === pattern.messages, `delivered ${messages} of ${pattern.messages} messages`);
  let accepted = 0;
  for (const { counters } of at.agents) {
    accepted += counters.accepted;
    const ill = counters.refused.size + counters.misunderstood.size + counters.handlerErrors + counters.dialoguesOpen;
    assert(ill === 0, 'a message was refused, misunderstood or left a dialogue open');
  }
  assert(accepted === messages, `accepted ${accepted} of ${messages} messages`);
  return { perSecond: (messages * 1e6) / (user + system), bytes: bytes / messages, fingerprint: at.fingerprint() };
}

function row(pattern: Pattern, sign: SigningMode, runs: readonly Run[]): string {
  const rates = runs.map(({ perSecond }) => perSecond);
  const best = Math.max(...rates);
  const thousands = (rate: number): string => (rate / 1e3).toFixed(1);
  const cells = [
    pattern.name,
    pattern.flush,
    sign,
    `${thousands(best)} (from ${thousands(Math.min(...rates))})`,
    (1e6 / best).toFixed(1),
    Math.round(runs[0]?.bytes ?? 0),
  ];
  return `| ${cells.join(' | ')} |`;
}

async function measure(pattern: Pattern): Promise<void> {
  const runs = new Map<SigningMode, Run[]>(MODES.map((mode) => [mode, []]));
  for (let repeat = 0; repeat < Math.max(...Object.values(REPEATS)); repeat++) {
    for (const mode of modes.filter((each) => repeat < REPEATS[each])) runs.get(mode)?.push(await play(pattern, mode));
  }
  const fingerprints = new Set([...runs.values()].flat().map(({ fingerprint }) => fingerprint));
  assert(fingerprints.size === 1, `${pattern.name}: the signing modes have different fingerprints`);
  for (const mode of modes) console.log(row(pattern, mode, runs.get(mode) ?? []));
}

async function main(): Promise<void> {
  const long = inPairs({ name: 'haggling, one long dialogue a pair', offers: 400, dialogues: 1 });
  const short = inPairs({ name: 'haggling, a dialogue: offer, counter, accept', offers: 1, dialogues: 250 });
  const patterns = [long, short, ...[1, 4, 16, 64].map(market), ...[64, 256].map(books)].filter(({ name, flush }) =>
    `${name} ${flush}`.includes(process.argv[2] ?? ''),
  );
  await play(long, 'off');
  await play(short, 'off');
  console.log(
    `Node ${process.version}; thousand messages per CPU-second, best of ${REPEATS.off} (off), ${REPEATS.batch} (batch), ${REPEATS.each} (each) (and worst)\n`,
  );
  console.log(
    '| pattern | flush | sign | thousand messages/s | µs a message | payload bytes |\n|---|---|---|---|---|---|',
  );
  for (const pattern of patterns) await measure(pattern);
}

await main();
