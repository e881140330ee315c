import test from 'ava';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import type { Negotiator } from '../../../agent-core/negotiation/negotiator.ts';
import type { BargainingResult } from '../../../agent-core/protocol/alternating-offers.ts';
import { stackedAlternatingOffers, type PartyResult } from '../../../agent-core/protocol/stacked-alternating-offers.ts';
import { testAgent } from '../../../agent-core/testing/bench.ts';
import { Sale, saleSpace } from '../../fixtures/bargaining.ts';

const Table = stackedAlternatingOffers({ name: 'table', version: '1.0.0', space: saleSpace });

const DEAR = { price: 20, delivery: 'today' } as const;
const FAIR = { price: 10, delivery: 'today' } as const;
const CHEAP = { price: 0, delivery: 'today' } as const;

/** Wants `DEAR`, and takes nothing below `FAIR`. */
function seller(times: number[] = []): Negotiator {
  return {
    hear: (_, { time }) => void times.push(time),
    respond: ({ price }) => (Number(price) >= FAIR.price ? 'accept' : 'reject'),
    propose: ({ time }) => {
      times.push(time);
      return DEAR;
    },
    state: () => null,
  };
}

interface Ends<Result> {
  readonly ends: (readonly [peer: string, result: Result])[];
  readonly times: number[];
}

const vendor = defineAgent({
  name: 'vendor',
  state: (): Ends<BargainingResult> => ({ ends: [], times: [] }),
  setup: (agent) =>
    Sale.participant(agent, {
      negotiator: (ctx) => seller(ctx.state.times),
      ended: (ctx, result, { from }) => void ctx.state.ends.push([from, result]),
    }),
});

const guest = defineAgent({
  name: 'guest',
  state: (): Ends<PartyResult> => ({ ends: [], times: [] }),
  setup: (agent) =>
    Table.party(agent, {
      negotiator: (ctx) => seller(ctx.state.times),
      ended: (ctx, result, { chair }) => void ctx.state.ends.push([chair, result]),
    }),
});

test('two bargainings of one name with two peers are two bargainings', (t) => {
  const b = testAgent(vendor());
  const [anna, mallory] = [b.peer('anna'), b.peer('mallory')];
  for (const peer of [anna, mallory]) {
    peer.say({ type: 'invite', protocol: Sale.id, id: 'same-1', body: { rounds: 3 } });
  }
  mallory.say({ type: 'withdraw', protocol: Sale.id, id: 'w', dialogue: 'same-1', body: {} });
  anna.say({ type: 'offer', protocol: Sale.id, id: 'o', dialogue: 'same-1', body: { outcome: FAIR } });
  t.like(b.state.ends, [
    [mallory.did, { type: 'left', by: 'them', round: 0 }],
    [anna.did, { type: 'agreed', outcome: FAIR, round: 0, by: 'us' }],
  ]);
});

test('two sittings of one name with two chairs are two sittings', (t) => {
  const b = testAgent(guest());
  const [anna, mallory] = [b.peer('anna'), b.peer('mallory')];
  for (const peer of [anna, mallory]) {
    peer.say({ type: 'invite', protocol: Table.id, id: 'same-1', body: { rounds: 3, parties: 2, place: 0 } });
  }
  mallory.say({ type: 'over', protocol: Table.id, id: 'w', dialogue: 'same-1', body: { reason: 'failed' } });
  anna.say({ type: 'turn', protocol: Table.id, id: 't', dialogue: 'same-1', body: { round: 0, said: [] } });
  anna.say({ type: 'agreed', protocol: Table.id, id: 'a', dialogue: 'same-1', body: { outcome: DEAR, round: 0 } });
  t.deepEqual(b.state.ends, [
    [mallory.did, { type: 'over', reason: 'failed' }],
    [anna.did, { type: 'agreed', outcome: DEAR, round: 0 }],
  ]);
});

const joined = { rounds: 3, parties: 2, place: 1 } as const;
const offered = (outcome: typeof CHEAP | typeof FAIR, round = 0) => ({
  round,
  said: [{ by: 0, round, type: 'offer' as const, outcome }],
});

test('a party believes no agreement on what it has neither offered nor accepted', (t) => {
  for (const said of [[], [CHEAP]]) {
    const b = testAgent(guest());
    const chair = b.peer('chair').open(Table, 'chair', 'invite', joined, { within: '1 h' });
    for (const outcome of said) chair.send('turn', offered(outcome));
    chair.send('agreed', { outcome: CHEAP, round: 0 });
    t.deepEqual(
      b.state.ends.map(([, result]) => result),
      [{ type: 'failed', code: 'agreed-otherwise' }],
    );
  }
});

test('a party believes an agreement on what it offered or accepted last', (t) => {
  for (const [said, outcome] of [
    [CHEAP, DEAR],
    [FAIR, FAIR],
  ] as const) {
    const b = testAgent(guest());
    const chair = b.peer('chair').open(Table, 'chair', 'invite', joined, { within: '1 h' });
    chair.send('turn', offered(said));
    chair.send('agreed', { outcome, round: 0 });
    t.deepEqual(
      b.state.ends.map(([, result]) => result),
      [{ type: 'agreed', outcome, round: 0 }],
    );
  }
});

const wrongTurns = {
  'a round that was had': [offered(CHEAP, 0), offered(CHEAP, 0)],
  'a round that is left out': [offered(CHEAP, 1)],
  'a round after the last': [offered(CHEAP, 0), offered(CHEAP, 1), offered(CHEAP, 2), offered(CHEAP, 3)],
  'words of a later round': [{ round: 0, said: offered(CHEAP, 900).said }],
} as const;

for (const [what, turns] of Object.entries(wrongTurns)) {
  test(`a party gives up where its chair comes with ${what}`, (t) => {
    const b = testAgent(guest());
    const chair = b.peer('chair').open(Table, 'chair', 'invite', joined, { within: '1 h' });
    for (const turn of turns) chair.send('turn', turn);
    t.is(chair.heard().at(-1)?.type, 'failure');
    t.like(b.state.ends[0]?.[1], { type: 'failed' });
    t.true(
      b.state.times.every((time) => time >= 0 && time <= 1),
      b.state.times.join(' '),
    );
  });
}
