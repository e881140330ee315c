import test from 'ava';
import * as fc from 'fast-check';
import { solveProgram } from '../../../scenarios/energy/linear-program.ts';
import type { Program } from '../../../scenarios/energy/program.ts';

const FREE = { lower: -Infinity, upper: Infinity };

/** A program over one row that sums all columns to `total`. */
function sharing(columns: Program['columns'], total: number): Program {
  return {
    sense: 'minimise',
    columns,
    rows: { lower: [total], upper: [total], entries: [columns.cost.map((_, column) => ({ column, coefficient: 1 }))] },
  };
}

test('solves a linear program with a ranged row, and the dual of a row is the price of its bound', async (t) => {
  const solution = await solveProgram({
    sense: 'maximise',
    columns: { lower: [0, 0], upper: [Infinity, Infinity], cost: [3, 2] },
    rows: {
      lower: [1, -Infinity],
      upper: [4, 6],
      entries: [
        [
          { column: 0, coefficient: 1 },
          { column: 1, coefficient: 1 },
        ],
        [
          { column: 0, coefficient: 2 },
          { column: 1, coefficient: 1 },
        ],
      ],
    },
  });
  t.deepEqual(solution, { status: 'optimal', objective: 10, values: [2, 2], rowDuals: [1, 1] });
});

test('solves a quadratic program exactly: unequal curvatures share in inverse proportion', async (t) => {
  const solution = await solveProgram(
    sharing({ lower: [-50, -50], upper: [50, 50], cost: [0, 0], quadraticCost: [1, 3] }, 8),
  );
  t.true(Math.abs((solution.values[0] ?? 0) - 6) < 1e-6);
  t.true(Math.abs((solution.rowDuals[0] ?? 0) - 12) < 1e-6);
  t.true(Math.abs(solution.objective - 48) < 1e-6);
});

test('maximises a concave quadratic', async (t) => {
  const columns = { lower: [-10], upper: [10], cost: [4], quadraticCost: [-1] };
  const { values, objective } = await solveProgram({
    sense: 'maximise',
    columns,
    rows: { lower: [], upper: [], entries: [] },
  });
  t.true(Math.abs((values[0] ?? 0) - 2) < 1e-6);
  t.true(Math.abs(objective - 4) < 1e-9);
});

test('finds the water-filling optimum of random separable quadratics', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          q: fc.double({ min: 0.01, max: 10, noNaN: true }),
          c: fc.double({ min: -20, max: 20, noNaN: true }),
        }),
        {
          minLength: 1,
          maxLength: 6,
        },
      ),
      fc.double({ min: -3, max: 3, noNaN: true }),
      async (units, mean) => {
        const solution = await solveProgram(
          sharing(
            {
              lower: units.map(() => -5),
              upper: units.map(() => 5),
              cost: units.map(({ c }) => c),
              quadraticCost: units.map(({ q }) => q),
            },
            mean * units.length,
          ),
        );
        const price = solution.rowDuals[0] ?? 0;
        return units.every(({ q, c }, column) => {
          const wished = Math.min(5, Math.max(-5, (price - c) / (2 * q)));
          return Math.abs(wished - (solution.values[column] ?? 0)) < 1e-5;
        });
      },
    ),
    { seed: 11, numRuns: 25 },
  );
  t.pass();
});

test('says program-infeasible where rows contradict', async (t) => {
  const program = sharing({ lower: [0], upper: [1], cost: [1] }, 2);
  await t.throwsAsync(solveProgram(program), { code: 'program-infeasible', message: /1 columns and 1 rows/ });
});

test('says program-unbounded where nothing stops the objective', async (t) => {
  const columns = { lower: [FREE.lower, 0], upper: [FREE.upper, FREE.upper], cost: [1, -1] };
  await t.throwsAsync(solveProgram(sharing(columns, 0)), { code: 'program-unbounded' });
});

test('refuses a quadratic column without a bound, and one that is not convex', async (t) => {
  const unbounded = sharing({ lower: [0], upper: [Infinity], cost: [0], quadraticCost: [1] }, 1);
  await t.throwsAsync(solveProgram(unbounded), { code: 'bad-program', message: /bounds are 0 and Infinity/ });
  const concave = sharing({ lower: [0], upper: [1], cost: [0], quadraticCost: [-1] }, 1);
  await t.throwsAsync(solveProgram(concave), { code: 'bad-program', message: /must be convex \(to minimise\)/ });
});

test('says solver-failed for arrays of different lengths, a NaN and a column that is not there', async (t) => {
  const short = sharing({ lower: [], upper: [1], cost: [1] }, 1);
  await t.throwsAsync(solveProgram(short), { code: 'solver-failed' });
  const nan = sharing({ lower: [0], upper: [1], cost: [Number.NaN] }, 1);
  await t.throwsAsync(solveProgram(nan), { code: 'solver-failed' });
  const absent: Program = {
    sense: 'minimise',
    columns: { lower: [0], upper: [1], cost: [1] },
    rows: { lower: [0], upper: [1], entries: [[{ column: 3, coefficient: 1 }]] },
  };
  await t.throwsAsync(solveProgram(absent), { code: 'solver-failed' });
});

test('finds the best whole values where columns are whole, and keeps the others free', async (t) => {
  // The relaxation takes half of everything; 3 of the first and 0.5 of the second is the best with a whole first.
  const { values, objective } = await solveProgram({
    sense: 'maximise',
    columns: { lower: [0, 0], upper: [10, 0.5], cost: [2, 1], integer: [true, false] },
    rows: {
      lower: [-Infinity],
      upper: [7],
      entries: [
        [
          { column: 0, coefficient: 2 },
          { column: 1, coefficient: 1 },
        ],
      ],
    },
  });
  t.deepEqual(
    values.map((value) => Math.round(value * 1e6) / 1e6),
    [3, 0.5],
  );
  t.is(Math.round(objective * 1e6) / 1e6, 6.5);
});
