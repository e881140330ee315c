import test from 'ava';
import * as fc from 'fast-check';
import {
  agreedStep,
  constraintsOf,
  createBusProblem,
  errorSize,
  linearise,
  measure,
  newtonError,
  prepareSteps,
  takeSteps,
  turnoverOf,
  type BusProblem,
  type GeneratorOffer,
  type LineEnd,
} from '../../../agents/energy/bus-problem.ts';
import { magnitudeOf, powerOfTen } from '../../../agents/energy/magnitude.ts';

const RUNS = { seed: 22, numRuns: 200 };

const offer = (over: Partial<GeneratorOffer> = {}): GeneratorOffer => ({
  row: 0,
  minPu: 0,
  maxPu: 2,
  c2: 0,
  c1: 1000,
  ...over,
});

const line = (over: Partial<LineEnd> = {}): LineEnd => ({
  row: 0,
  neighbour: 0,
  outward: true,
  susceptancePu: 10,
  lowPu: -1,
  highPu: 1,
  ...over,
});

test('the magnitude bounds every marginal cost within limits, and a power of ten less does not', (t) => {
  const cost = fc.double({ min: -1e6, max: 1e6, noNaN: true }).filter((c) => Math.abs(c) > 1e-3);
  fc.assert(
    fc.property(cost, fc.double({ min: 0, max: 1e4, noNaN: true }), (c1, c2) => {
      const magnitude = magnitudeOf([offer({ c1, c2 })]) ?? Number.NaN;
      const largest = Math.max(Math.abs(c1), Math.abs(c1 + 4 * c2));
      t.true(powerOfTen(magnitude) >= largest);
      t.true(powerOfTen(magnitude - 1) < largest);
    }),
    RUNS,
  );
  t.is(magnitudeOf([offer({ c1: 100 })]), 2);
  t.is(magnitudeOf([offer({ c1: 0.02 })]), -1);
});

test('there is no magnitude where nobody has a choice or anything to pay', (t) => {
  t.is(magnitudeOf([]), null);
  t.is(magnitudeOf([offer({ minPu: 1, maxPu: 1 })]), null);
  t.is(magnitudeOf([offer({ c1: 0 })]), null);
});

test('powers of ten are those of the number literals from -22 to 22', (t) => {
  for (let exponent = -22; exponent <= 22; exponent++) t.is(powerOfTen(exponent), Number(`1e${exponent}`));
});

test('counts two constraints for each generator that can move and each line that begins here', (t) => {
  const offers = [offer(), offer({ minPu: 1, maxPu: 1 })];
  t.is(constraintsOf(offers, [line(), line({ outward: false })]), 4);
});

test('the problem starts strictly within all limits, prices and angles at 0', (t) => {
  const problem = createBusProblem({ loadPu: 1, offers: [offer()], lines: [line()], neighbours: 1, scale: 1000 });
  const [generator] = problem.generators;
  t.like(generator, { fixed: false, outputPu: 1, toMin: 1, toMax: 1, linear: 1 });
  t.true(
    problem.lines.every(({ toLow, toHigh, lowPrice, highPrice }) => Math.min(toLow, toHigh, lowPrice, highPrice) > 0),
  );
  t.deepEqual(problem.own, { angle: 0, price: 0 });
  t.is(turnoverOf(problem), 1);
});

test('a generator without room between its limits stays where it is', (t) => {
  const fixed = offer({ minPu: 0.5, maxPu: 0.5 });
  const problem = createBusProblem({ loadPu: 0.75, offers: [fixed], lines: [line()], neighbours: 1, scale: 1 });
  measure(problem);
  t.is(problem.balance, -0.25);
  linearise(problem, 0.5);
  t.is(problem.supplySlope, 0);
  problem.ownChange = { angle: 0.01, price: 5 };
  prepareSteps(problem, 0.5);
  takeSteps(problem, 1, 1);
  t.is(problem.generators[0]?.outputPu, 0.5);
});

test('a line interval without an interior is widened evenly, one that excludes 0 starts inside its slacks', (t) => {
  const narrow = createBusProblem({
    loadPu: 0,
    offers: [],
    lines: [line({ lowPu: 0.3, highPu: 0.3 })],
    neighbours: 1,
    scale: 1,
  });
  const [widened] = narrow.lines;
  t.true(Math.abs((widened?.low ?? 0) - (0.3 - 5e-7)) < 1e-12 && Math.abs((widened?.high ?? 0) - (0.3 + 5e-7)) < 1e-12);
  const aside = createBusProblem({
    loadPu: 0,
    offers: [],
    lines: [line({ lowPu: 1, highPu: 2 })],
    neighbours: 1,
    scale: 1,
  });
  t.true((aside.lines[0]?.toLow ?? 0) > 0 && (aside.lines[0]?.toHigh ?? 0) > 0);
  t.is(measure(aside).primal, 1.1);
});

/** Both ends of one line, which hear of each other's changes as they would over the wire. */
function pair(limits: {
  readonly lowPu: number;
  readonly highPu: number;
  readonly susceptancePu: number;
}): [BusProblem, BusProblem] {
  const first = createBusProblem({ loadPu: 0, offers: [offer()], lines: [line(limits)], neighbours: 1, scale: 1000 });
  const second = createBusProblem({
    loadPu: 1.5,
    offers: [offer({ maxPu: 1, c1: 2500, c2: 3 })],
    lines: [line({ ...limits, outward: false })],
    neighbours: 1,
    scale: 1000,
  });
  return [first, second];
}

test('both ends of a line keep bit-identical flows, slacks and multipliers, whatever the steps', (t) => {
  const real = fc.double({ min: -1, max: 1, noNaN: true });
  const change = fc.record({ angle: real, price: real });
  const step = fc.double({ min: 0.01, max: 0.2, noNaN: true });
  const round = fc.record({ a: change, b: change, primal: step, dual: step });
  const limits = fc.record({
    lowPu: fc.double({ min: -3, max: -0.01, noNaN: true }),
    highPu: fc.double({ min: 0.01, max: 3, noNaN: true }),
    susceptancePu: fc.double({ min: 0.1, max: 300, noNaN: true }),
  });
  fc.assert(
    fc.property(limits, fc.array(round, { maxLength: 6 }), (bounds, rounds) => {
      const [first, second] = pair(bounds);
      for (const { a, b, primal, dual } of rounds) {
        for (const problem of [first, second]) {
          measure(problem);
          linearise(problem, 0.3);
        }
        first.ownChange = second.neighbourChanges[0] = a;
        second.ownChange = first.neighbourChanges[0] = b;
        prepareSteps(first, 0.3);
        prepareSteps(second, 0.3);
        takeSteps(first, primal, dual);
        takeSteps(second, primal, dual);
        const plain = (problem: BusProblem): unknown => problem.lines.map((state) => ({ ...state, end: null }));
        t.deepEqual(plain(first), plain(second));
        t.deepEqual([first.own, first.neighbours[0]], [second.neighbours[0], second.own]);
      }
    }),
    RUNS,
  );
});

/** The Newton direction of the two buses, found by probing their linear equations with unit changes. */
function newton([first, second]: [BusProblem, BusProblem]): void {
  const set = (values: readonly number[]): void => {
    const [a = 0, p = 0, b = 0, q = 0] = values;
    first.ownChange = second.neighbourChanges[0] = { angle: a, price: p };
    second.ownChange = first.neighbourChanges[0] = { angle: b, price: q };
  };
  const rest = (): number[] => [...newtonError(first, 1), ...newtonError(second, 0)];
  set([]);
  const right = rest();
  const columns = [0, 1, 2, 3].map((k) => {
    set([0, 1, 2, 3].map((j) => (j === k ? 1 : 0)));
    return rest().map((value, row) => (right[row] ?? 0) - value);
  });
  const matrix = right.map((value, row) => [...columns.map((column) => column[row] ?? 0), value]);
  for (let k = 0; k < 4; k++) {
    const best = matrix.slice(k).reduce((top, row) => (Math.abs(row[k] ?? 0) > Math.abs(top[k] ?? 0) ? row : top));
    matrix.splice(matrix.indexOf(best), 1);
    matrix.splice(k, 0, best);
    for (const row of matrix) {
      if (row === best) continue;
      const factor = (row[k] ?? 0) / (best[k] ?? 1);
      for (let c = 0; c < 5; c++) row[c] = (row[c] ?? 0) - factor * (best[c] ?? 0);
    }
  }
  set(matrix.map((row, k) => (row[4] ?? 0) / (row[k] ?? 1)));
}

test('rounds of Newton steps bring balance, limits, optimality and gap to 0', (t) => {
  const both = pair({ lowPu: -1, highPu: 1, susceptancePu: 10 });
  let barrier = 0.5;
  for (let round = 0; round < 30; round++) {
    for (const problem of both) {
      measure(problem);
      linearise(problem, barrier);
    }
    newton(both);
    for (const problem of both) t.true(errorSize(problem, newtonError(problem, problem === both[0] ? 1 : 0)) < 1e-9);
    const limits = both.map((problem) => prepareSteps(problem, barrier));
    const step = agreedStep(Math.min(...limits.flatMap(({ primalStep, dualStep }) => [primalStep, dualStep])));
    const before = both.map((problem) => Math.abs(problem.balance));
    for (const problem of both) takeSteps(problem, step, step);
    for (const problem of both) measure(problem);
    for (const [k, problem] of both.entries()) {
      t.true(Math.abs(problem.balance) <= (1 - step) * (before[k] ?? 0) + 1e-9, `balance in round ${round}`);
    }
    barrier *= 0.5;
  }
  const standing = both.map((problem) => measure(problem));
  for (const { primal, dual, gap } of standing) t.true(primal < 1e-6 && dual < 1e-6 && gap < 1e-6);
  // 1 p.u. fits through the line, so the dear generator makes the rest, and each price is its generator's cost.
  t.true(Math.abs((both[0].generators[0]?.outputPu ?? 0) - 1) < 1e-6);
  t.true(Math.abs(both[0].own.price - 1) < 1e-6);
  t.true(Math.abs(both[1].own.price - 2.503) < 1e-6);
});

test('no step goes further than the boundary, and a side without limits allows the whole step', (t) => {
  const both = pair({ lowPu: -1, highPu: 1, susceptancePu: 10 });
  for (const problem of both) {
    measure(problem);
    linearise(problem, 1e-3);
  }
  newton(both);
  const limits = both.map((problem) => prepareSteps(problem, 1e-3));
  const primal = agreedStep(Math.min(...limits.map(({ primalStep }) => primalStep)));
  const dual = agreedStep(Math.min(...limits.map(({ dualStep }) => dualStep)));
  for (const problem of both) takeSteps(problem, primal, dual);
  for (const { generators, lines } of both) {
    for (const { toMin, toMax, minPrice, maxPrice } of generators)
      t.true(Math.min(toMin, toMax, minPrice, maxPrice) > 0);
    for (const { toLow, toHigh, lowPrice, highPrice } of lines)
      t.true(Math.min(toLow, toHigh, lowPrice, highPrice) > 0);
  }
  const free = createBusProblem({ loadPu: 1, offers: [], lines: [], neighbours: 0, scale: 1 });
  measure(free);
  linearise(free, 1);
  t.is(agreedStep(prepareSteps(free, 1).primalStep), 1);
});

test('the gap after a step is the polynomial that was told', (t) => {
  const both = pair({ lowPu: -0.5, highPu: 1, susceptancePu: 4 });
  for (const problem of both) {
    measure(problem);
    linearise(problem, 0.2);
  }
  newton(both);
  const [p, d] = [0.3, 0.2];
  const told = both
    .map((problem) => prepareSteps(problem, 0.2).gap)
    .reduce((sum, [c0, cP, cD, cPD]) => sum + c0 + p * cP + d * cD + p * d * cPD, 0);
  for (const problem of both) takeSteps(problem, p, d);
  const found = both.reduce((sum, problem) => sum + measure(problem).gap, 0);
  t.true(Math.abs(told - found) < 1e-12 * Math.max(1, found));
});
