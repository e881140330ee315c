import test from 'ava';
import * as fc from 'fast-check';
import { outcomeSpace } from '../../../agent-core/negotiation/outcome-space.ts';
import { power } from '../../../agent-core/negotiation/power.ts';
import {
  additivePreferences,
  discountOfRounds,
  normalised,
  preferencesOf,
  utilityTable,
  type AdditiveSpec,
} from '../../../agent-core/negotiation/preferences.ts';
import { countAtLeast, rankOutcomes } from '../../../agent-core/negotiation/ranking.ts';
import { buyer, SALE, seller } from './trade.ts';

const close = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-12 * Math.max(1, Math.abs(b));

test('an additive utility is the weighted sum over the issues', (t) => {
  t.true(close(seller().utility({ price: 10, colour: 'green', weeks: 3 }), 0.25 + 0.08 + 0.15));
  t.true(close(buyer().utility({ price: 20, colour: 'blue', weeks: 5 }), 0.5));
});

test('a discount costs its factor by the deadline and less before', (t) => {
  const impatient = seller({ discount: 0.25 });
  const best = { price: 20, colour: 'red', weeks: 5 };
  t.true(close(impatient.utility(best), 1));
  t.true(close(impatient.utility(best, 0.5), 0.5));
  t.true(close(impatient.utility(best, 1), 0.25));
  t.true(close(discountOfRounds(0.9, 3), 0.81));
  t.is(discountOfRounds(0.9, 1), 1);
});

test('a table of utilities says the same as asking one by one', (t) => {
  for (const preferences of [seller(), buyer(), normalised(SALE, buyer({ reservation: 0.3 }))]) {
    const table = utilityTable(SALE, preferences);
    for (const [index, outcome] of [...SALE.enumerate()].entries()) {
      t.true(close(table[index] ?? NaN, preferences.utility(outcome)));
    }
  }
});

test('normalising puts the worst outcome at 0, the best at 1 and the reservation value between', (t) => {
  const raw = preferencesOf((outcome) => 40 + 10 * Number(outcome['price']), { reservation: 90, discount: 0.5 });
  const scaled = normalised(SALE, raw);
  const table = utilityTable(SALE, scaled);
  t.is(Math.min(...table), 0);
  t.is(Math.max(...table), 1);
  t.is(scaled.reservation, 0.25);
  t.true(close(scaled.utility({ price: 20, colour: 'red', weeks: 1 }, 1), 0.5));
});

test('normalising outcomes that are all worth the same gives 1, and a reservation on its side', (t) => {
  for (const [reservation, expected] of [
    [2, 0],
    [3, 0],
    [4, 1],
  ] as const) {
    const scaled = normalised(
      SALE,
      preferencesOf(() => 3, { reservation }),
    );
    t.is(scaled.utility(SALE.outcomeAt(0)), 1);
    t.is(scaled.reservation, expected);
  }
});

test('refuses preferences that do not fit the space', (t) => {
  const space = outcomeSpace({ issues: [{ type: 'categorical', name: 'c', values: ['a', 'b'] }] });
  const wrong: readonly Omit<AdditiveSpec, 'space'>[] = [
    { values: {} },
    { values: { c: { a: 1 } } },
    { values: { c: { a: 1, b: Number.NaN } } },
    { values: { c: { a: 1, b: 2 }, d: { a: 1 } } },
    { values: { c: { a: 1, b: 2 } }, weights: { d: 1 } },
    { values: { c: { a: 1, b: 2 } }, weights: { c: -1 } },
    { values: { c: { a: 1, b: 2 } }, weights: { c: Infinity } },
    { values: { c: { a: 1, b: 2 } }, reservation: Number.NaN },
    { values: { c: { a: 1, b: 2 } }, discount: 0 },
    { values: { c: { a: 1, b: 2 } }, discount: 1.1 },
  ];
  for (const spec of wrong) {
    t.throws(() => additivePreferences({ space, ...spec }), { code: 'bad-preferences' }, JSON.stringify(spec));
  }
  const odd = additivePreferences({ space, values: { c: (value) => (value === 'b' ? Number.NaN : 1) } });
  t.throws(() => odd.utility({ c: 'b' }), { code: 'bad-preferences', message: /"b" of issue "c"/ });
  t.throws(() => odd.utility({}), { code: 'bad-preferences' });
  t.throws(() => utilityTable(space, odd), { code: 'bad-preferences' });
  t.throws(() => utilityTable(space, { ...odd, tabulate: () => new Float64Array(3) }), { code: 'bad-preferences' });
  t.throws(
    () =>
      utilityTable(
        space,
        preferencesOf(() => Infinity),
      ),
    { code: 'bad-preferences' },
  );
  t.throws(() => preferencesOf(() => 0, { discount: -1 }), { code: 'bad-preferences' });
  for (const [factor, rounds] of [[0, 3] as const, [2, 3] as const, [0.5, 0] as const]) {
    t.throws(() => discountOfRounds(factor, rounds), { code: 'bad-preferences' });
  }
});

test('a space that is too large is not ranked', (t) => {
  const space = outcomeSpace({ issues: [{ type: 'integer', name: 'n', min: 0, max: 2_000_000 }] });
  const additive = additivePreferences({ space, values: { n: Number } });
  t.is(additive.utility({ n: 5 }), 5);
  t.throws(() => rankOutcomes(space, additive), { code: 'too-many-outcomes' });
  t.throws(
    () =>
      rankOutcomes(
        space,
        preferencesOf(() => 1),
      ),
    { code: 'too-many-outcomes' },
  );
});

test('a ranking is sorted, counts by level, and is made once for the same preferences', (t) => {
  const preferences = buyer({ reservation: 0.2 });
  const ranking = rankOutcomes(SALE, preferences);
  const sorted = Array.from(ranking.order, (index) => ranking.utilities[index] ?? NaN);
  t.true(sorted.every((u, place) => place === 0 || u <= (sorted[place - 1] ?? 0)));
  for (const level of [-1, 0, 0.3, 0.95, 1, 2, ...sorted.slice(0, 40)]) {
    t.is(countAtLeast(ranking, level), sorted.filter((u) => u >= level).length);
  }
  t.is(ranking.floor, 0.2);
  t.is(rankOutcomes(SALE, preferences), ranking);
});

test('a power has the value of Math.pow within 1e-13', (t) => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 10, noNaN: true }), fc.double({ min: -5, max: 5, noNaN: true }), (b, e) => {
      const [ours, theirs] = [power(b, e), b ** e];
      return ours === theirs || Math.abs(ours - theirs) <= 1e-13 * Math.max(1e-290, Math.abs(theirs)) || b < 1e-50;
    }),
    { seed: 2, numRuns: 500 },
  );
  t.is(power(0, 2), 0);
  t.is(power(0, -1), Infinity);
  t.is(power(0, 0), 1);
});
