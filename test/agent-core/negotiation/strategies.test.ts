import test from 'ava';
import * as fc from 'fast-check';
import { adaptive } from '../../../agent-core/negotiation/adaptive.ts';
import { negotiate } from '../../../agent-core/negotiation/alternating-offers.ts';
import { analyseBargaining } from '../../../agent-core/negotiation/bargaining-points.ts';
import type { NegotiationStrategy, Negotiator, NegotiatorSetup } from '../../../agent-core/negotiation/negotiator.ts';
import type { Outcome } from '../../../agent-core/negotiation/outcome-space.ts';
import { hardHeaded, timeDependent, titForTat } from '../../../agent-core/negotiation/plain-strategies.ts';
import type { Preferences } from '../../../agent-core/negotiation/preferences.ts';
import { createRandomRoot } from '../../../agent-core/random.ts';
import { buyer, SALE, seller, STRATEGIES } from './trade.ts';

const setupOf = (preferences: Preferences, more: Partial<NegotiatorSetup> = {}): NegotiatorSetup => ({
  space: SALE,
  preferences,
  random: createRandomRoot(1).stream('negotiator'),
  parties: 2,
  ...more,
});

const anyStrategy = fc.constantFrom(...STRATEGIES);
const share = fc.integer({ min: 0, max: 12 }).map((k) => k / 10);

test('nobody agrees below its reservation value or offers such a thing', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ strategy: anyStrategy, reservation: share }), { minLength: 2, maxLength: 4 }),
      fc.integer({ min: 1, max: 25 }),
      fc.nat(),
      (seats, rounds, seed) => {
        const parties = seats.map(({ strategy, reservation }, place) => ({
          strategy,
          preferences: place % 2 === 0 ? seller({ reservation }) : buyer({ reservation, discount: 0.5 }),
        }));
        const { agreement, history } = negotiate({ space: SALE, parties, rounds, seed });
        for (const { preferences } of parties) {
          t.true(agreement === null || preferences.utility(agreement) >= preferences.reservation);
        }
        for (const { party, type, outcome } of history) {
          const preferences = parties[party]?.preferences;
          if (type !== 'offer' || outcome === null || preferences === undefined) continue;
          t.true(preferences.utility(outcome) >= preferences.reservation);
        }
      },
    ),
    { seed: 5, numRuns: 150 },
  );
});

test('a party that no outcome can please leaves at once', (t) => {
  for (const strategy of STRATEGIES) {
    const parties = [
      { preferences: seller({ reservation: 1.5 }), strategy },
      { preferences: buyer(), strategy },
    ];
    t.deepEqual(negotiate({ space: SALE, parties, rounds: 9 }).history, [
      { party: 0, round: 0, type: 'end', outcome: null },
    ]);
    const second = negotiate({ space: SALE, parties: parties.toReversed(), rounds: 9 });
    t.deepEqual([second.end, second.history.length], ['left', 2]);
  }
});

/** Own utilities of what a strategy offers to one who repeats an offer. */
function offersOf(strategy: NegotiationStrategy, heard: readonly Outcome[]): readonly number[] {
  const preferences = seller();
  const negotiator = strategy.negotiator(setupOf(preferences));
  return heard.map((outcome, round) => {
    const moment = { round, time: round / (heard.length - 1) };
    const offer = negotiator.propose(moment);
    negotiator.hear(outcome, { ...moment, type: 'offer', from: 'other' });
    return offer === null ? NaN : preferences.utility(offer);
  });
}

const stubborn = Array.from({ length: 11 }, () => ({ price: 0, colour: 'blue', weeks: 1 }));

test('time-dependent levels fall from the best to the floor, later for smaller exponents', (t) => {
  for (const exponent of [0.2, 1, 3]) {
    const offers = offersOf(timeDependent({ exponent }), stubborn);
    for (const [k, u] of offers.entries()) {
      const level = 1 - (k / 10) ** (1 / exponent);
      t.true(u >= level - 1e-9 && u <= level + 0.05, `exponent ${exponent}, offer ${k}: ${u} for a level of ${level}`);
    }
  }
  t.true(Math.min(...offersOf(timeDependent({ exponent: 1, least: 0.6 }), stubborn)) >= 0.6 - 1e-9);
});

test('the hard-headed never goes below its share, to the end', (t) => {
  t.true(Math.min(...offersOf(hardHeaded({ share: 0.9 }), stubborn)) >= 0.9 - 1e-9);
});

test('tit for tat waits for a concession and answers it in proportion', (t) => {
  const utilities = [0.2, 0.2, 0.2, 0.25, 0.25, 0.25];
  const heard = utilities.map((u) => ({ price: Math.round(u * 40), colour: 'blue', weeks: 1 }));
  const offers = offersOf(titForTat(), heard);
  for (const [k, expected] of [1, 1, 1, 1, 0.8, 0.8].entries()) {
    t.true(Math.abs((offers[k] ?? 0) - expected) < 0.04, `offer ${k}: ${offers[k]}`);
  }
  const averaged = offersOf(titForTat({ window: 3 }), heard);
  t.true(averaged.slice(0, 4).every((u) => u > 0.98) && Math.abs((averaged[4] ?? 0) - 0.8) < 0.04);
});

test('tit for tat is not moved by offers that are worth nothing', (t) => {
  const heard = [...stubborn.slice(0, 3), { price: 20, colour: 'red', weeks: 5 }, ...stubborn.slice(0, 3)];
  t.true(offersOf(titForTat(), heard).every((u) => u > 0.98));
});

test('refuses parameters that mean nothing', (t) => {
  for (const make of [
    () => timeDependent({ exponent: 0 }),
    () => timeDependent({ exponent: Infinity }),
    () => timeDependent({ exponent: 1, least: 2 }),
    () => titForTat({ window: 0 }),
    () => titForTat({ window: 64 }),
    () => hardHeaded({ share: Number.NaN }),
  ]) {
    t.throws(make, { code: 'bad-strategy' });
  }
});

/** A conversation of two negotiators, in which the first is taken down and resumed from its state before round `cut`. */
function talk(strategy: NegotiationStrategy, cut: number): readonly (Outcome | null)[] {
  const random = createRandomRoot(9).stream('own');
  const preferences = seller({ discount: 0.8 });
  let own: Negotiator = strategy.negotiator(setupOf(preferences, { random }));
  const other = timeDependent({ exponent: 0.7 }).negotiator(setupOf(buyer()));
  const said: (Outcome | null)[] = [];
  for (let round = 0; round < 25; round++) {
    const moment = { round, time: round / 24 };
    if (round === cut) {
      own = strategy.negotiator(setupOf(preferences, { random, state: JSON.parse(JSON.stringify(own.state())) }));
    }
    const offer = own.propose(moment);
    const answer = other.propose(moment);
    if (offer !== null) other.hear(offer, { ...moment, type: 'offer', from: 'own' });
    if (answer !== null) own.hear(answer, { ...moment, type: 'offer', from: 'other' });
    said.push(offer);
  }
  return said;
}

test('a negotiator that is resumed from its state goes on as if nothing had happened', (t) => {
  for (const strategy of STRATEGIES) {
    const whole = talk(strategy, -1);
    for (const cut of [0, 1, 7, 24]) t.deepEqual(talk(strategy, cut), whole, `${strategy.name}, cut at ${cut}`);
  }
});

test('refuses a state that is none of its own', (t) => {
  for (const strategy of STRATEGIES) {
    for (const state of [null, 7, {}, { heard: 'x' }]) {
      t.throws(
        () => strategy.negotiator(setupOf(seller(), { state })),
        { code: 'bad-negotiator-state' },
        strategy.name,
      );
    }
  }
});

test('two adaptive negotiators with opposed weights end near the Nash point and the front', (t) => {
  const preferences = [seller(), buyer()];
  const analysis = analyseBargaining(SALE, preferences);
  const parties = preferences.map((each) => ({ preferences: each, strategy: adaptive }));
  for (let seed = 0; seed < 10; seed++) {
    const { agreement } = negotiate({ space: SALE, parties, rounds: 60, seed });
    const utilities = agreement === null ? null : preferences.map((each) => each.utility(agreement));
    t.true(analysis.nashShare(utilities) > 0.9, `seed ${seed}: ${utilities?.join()}`);
    t.true(analysis.distanceToFront(utilities ?? []) < 0.05, `seed ${seed}: ${utilities?.join()}`);
  }
});

test('three adaptive negotiators come to an agreement that each gains by', (t) => {
  const preferences = [seller({ reservation: 0.2 }), buyer({ reservation: 0.2 }), buyer({ reservation: 0.3 })];
  const parties = preferences.map((each) => ({ preferences: each, strategy: adaptive }));
  for (let seed = 0; seed < 5; seed++) {
    const { agreement } = negotiate({ space: SALE, parties, rounds: 40, seed });
    t.not(agreement, null, `seed ${seed}`);
    for (const each of preferences) t.true(agreement !== null && each.utility(agreement) > each.reservation);
  }
});

test('an impatient adaptive negotiator agrees earlier', (t) => {
  const timeOf = (discount: number): number => {
    const parties = [seller({ discount }), buyer({ discount })].map((preferences) => ({
      preferences,
      strategy: adaptive,
    }));
    return negotiate({ space: SALE, parties, rounds: 100, seed: 1 }).time;
  };
  t.true(timeOf(0.4) < timeOf(1) / 2);
});

test('an adaptive negotiator takes what a hard-headed one leaves, at its last chance', (t) => {
  const parties = [
    { preferences: seller({ reservation: 0.05 }), strategy: adaptive },
    { preferences: buyer(), strategy: hardHeaded({ share: 0.9 }) },
  ];
  const { agreement, time } = negotiate({ space: SALE, parties, rounds: 20 });
  t.true(agreement !== null && buyer().utility(agreement) >= 0.9 && time > 0.9);
});

test('an adaptive negotiator refuses to hear more parties than were announced, and outcomes of another space', (t) => {
  const negotiator = adaptive.negotiator(setupOf(seller()));
  const said = { time: 0, round: 0, type: 'offer' as const };
  negotiator.hear(SALE.outcomeAt(0), { ...said, from: 'a' });
  t.throws(() => negotiator.hear(SALE.outcomeAt(0), { ...said, from: 'b' }), { code: 'too-many-parties' });
  t.throws(() => negotiator.hear({ price: 1 }, { ...said, from: 'a' }), { code: 'outcome-outside' });
});
