import test from 'ava';
import { negotiate, ROUNDS_MAX, type NegotiationParty } from '../../../agent-core/negotiation/alternating-offers.ts';
import type { Heard, NegotiationStrategy, NegotiatorResponse } from '../../../agent-core/negotiation/negotiator.ts';
import type { Outcome } from '../../../agent-core/negotiation/outcome-space.ts';
import { buyer, SALE, seller, STRATEGIES } from './trade.ts';

const at = (price: number): Outcome => ({ price, colour: 'red', weeks: 1 });

/** Offers by a list, then walks away; answers by a rule; notes what it hears. */
function scripted(
  offers: readonly Outcome[],
  answer: (outcome: Outcome, said: Heard) => NegotiatorResponse = () => 'reject',
): { readonly strategy: NegotiationStrategy; readonly heard: string[] } {
  const heard: string[] = [];
  const strategy: NegotiationStrategy = {
    name: 'scripted',
    negotiator: () => ({
      hear: (outcome, { from, round, type }) => void heard.push(`${round} ${from} ${type} ${outcome['price']}`),
      respond: answer,
      propose: ({ round }) => offers[round] ?? null,
      state: () => null,
    }),
  };
  return { strategy, heard };
}

const seat = (strategy: NegotiationStrategy): NegotiationParty => ({
  preferences: seller({ reservation: 0.1 }),
  strategy,
});

test('two parties speak in turn until one accepts', (t) => {
  const a = scripted([at(1), at(2), at(3)]);
  const b = scripted([at(11), at(12)], ({ price }) => (price === 3 ? 'accept' : 'reject'));
  const record = negotiate({ space: SALE, parties: [seat(a.strategy), seat(b.strategy)], rounds: 5 });
  t.deepEqual(record.agreement, at(3));
  t.is(record.end, 'agreed');
  t.deepEqual([record.round, record.time], [2, 0.5]);
  t.deepEqual(
    record.history.map(({ party, round, type, outcome }) => `${party} ${round} ${type} ${outcome?.['price']}`),
    ['0 0 offer 1', '1 0 offer 11', '0 1 offer 2', '1 1 offer 12', '0 2 offer 3', '1 2 accept 3'],
  );
  t.deepEqual(a.heard, ['0 1 offer 11', '1 1 offer 12']);
});

test('three parties agree once both others have accepted the standing offer, and hear of it', (t) => {
  const a = scripted([at(1), at(2), at(3)]);
  const b = scripted([at(11), at(12)], ({ price }, { round }) => (price === 12 || round === 2 ? 'accept' : 'reject'));
  const c = scripted([at(20)], ({ price }) => (price === 12 || price === 3 ? 'accept' : 'reject'));
  const record = negotiate({ space: SALE, parties: [seat(a.strategy), seat(b.strategy), seat(c.strategy)], rounds: 9 });
  t.deepEqual(record.agreement, at(3));
  t.deepEqual(
    record.history.slice(3).map(({ party, type, outcome }) => `${party} ${type} ${outcome?.['price']}`),
    ['0 offer 2', '1 offer 12', '2 accept 12', '0 offer 3', '1 accept 3', '2 accept 3'],
  );
  t.deepEqual(a.heard.slice(-2), ['1 2 accept 12', '2 1 accept 3']);
});

test('walking away ends it for all, by silence or in answer, and leaves the discounted reservation values', (t) => {
  const silent = negotiate({
    space: SALE,
    parties: [
      { preferences: seller({ reservation: 0.4, discount: 0.25 }), strategy: scripted([at(1)]).strategy },
      { preferences: buyer({ reservation: 0.2 }), strategy: scripted([at(2), at(3)]).strategy },
    ],
    rounds: 3,
  });
  t.is(silent.end, 'left');
  t.is(silent.agreement, null);
  t.deepEqual(silent.history.at(-1), { party: 0, round: 1, type: 'end', outcome: null });
  t.true(Math.abs((silent.utilities[0] ?? 0) - 0.2) < 1e-12 && silent.utilities[1] === 0.2);
  const parties = [seat(scripted([at(1)]).strategy), seat(scripted([], () => 'end').strategy)];
  t.deepEqual(negotiate({ space: SALE, parties, rounds: 3 }).history.at(-1), {
    party: 1,
    round: 0,
    type: 'end',
    outcome: null,
  });
});

test('the last round ends it without agreement', (t) => {
  const offers = [at(1), at(2)];
  const parties = [seat(scripted(offers).strategy), seat(scripted(offers).strategy)];
  const record = negotiate({ space: SALE, parties, rounds: 2 });
  t.deepEqual([record.end, record.round, record.time, record.history.length], ['deadline', 1, 1, 4]);
  t.is(negotiate({ space: SALE, parties, rounds: 1 }).time, 1);
});

test('refuses an offer that is not in the space', (t) => {
  const parties = [seat(scripted([at(21)]).strategy), seat(scripted([]).strategy)];
  t.throws(() => negotiate({ space: SALE, parties, rounds: 2 }), { code: 'illegal-offer', message: /party 0 .*21/ });
});

test('refuses too few or too many parties or rounds', (t) => {
  const one = seat(scripted([]).strategy);
  for (const [parties, rounds] of [
    [[one], 5],
    [Array.from({ length: 65 }, () => one), 5],
    [[one, one], 0],
    [[one, one], 1.5],
    [[one, one], ROUNDS_MAX + 1],
  ] as const) {
    t.throws(() => negotiate({ space: SALE, parties, rounds }), { code: 'bad-negotiation' });
  }
});

test('equal seeds give equal records', (t) => {
  for (const strategy of STRATEGIES) {
    const run = (seed: number) =>
      negotiate({
        space: SALE,
        parties: [
          { preferences: seller(), strategy },
          { preferences: buyer(), strategy },
        ],
        rounds: 30,
        seed,
      });
    t.deepEqual(run(5), run(5), strategy.name);
  }
});
