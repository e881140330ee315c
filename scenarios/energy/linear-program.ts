import highsModule, { type Highs, type Model, type ModelData } from 'highs';
import { HaggleError, assert } from '../../agent-core/errors.ts';
import type { Program } from './program.ts';
import { objectiveOf, segments, type Segments } from './quadratic-segments.ts';

/** An optimal solution. `rowDuals[i]` is the change of the objective per unit by which the binding side of row i is raised. */
export interface ProgramSolution {
  readonly status: 'optimal';
  readonly objective: number;
  readonly values: readonly number[];
  readonly rowDuals: readonly number[];
}

/** How a program is solved. */
export interface SolveOptions {
  /**
   * What HiGHS tries first: its own choice, which is the simplex method, or an interior point that is then moved to a corner. The latter
   * is ten times as fast on large programs over many periods.
   */
  readonly first?: 'usual' | 'interior-point';
}

/** Rounds of {@link segments} after which a quadratic program is given up. 16 to 35 are usual. */
const ROUNDS_MAX = 300;

/**
 * Solves `program` to optimality with HiGHS, in a solver of its own: nothing is carried over from one call to the next.
 * Quadratic costs are handled by {@link segments}; their columns must have finite bounds. Whole columns are found by branch and bound.
 *
 * @throws HaggleError `program-infeasible`, `program-unbounded`, `bad-program` (a quadratic column that is unbounded or not convex), or
 * `solver-failed` where HiGHS ends in any other way (also for malformed input such as arrays of different lengths or a NaN).
 */
export async function solveProgram(program: Program, { first = 'usual' }: SolveOptions = {}): Promise<ProgramSolution> {
  const series = segments(program);
  const highs = await load();
  let model: Model | undefined;
  try {
    model = highs.createModel(modelOf(highs, series.linear));
    model.options.set('output_flag', false);
    if (first === 'interior-point') model.options.set('solver', 'ipm');
    // Whole values are proven best, not merely good: by default HiGHS stops at a gap of 1e-4.
    model.options.set('mip_rel_gap', 0);
    model.options.set('mip_abs_gap', 0);
    return solveSeries(model, program, series);
  } catch (error) {
    if (error instanceof HaggleError) throw error;
    throw failed(error instanceof Error ? error.message : 'unknown cause', program, error);
  } finally {
    model?.dispose();
  }
}

function solveSeries(model: Model, program: Program, series: Segments): ProgramSolution {
  const columns = program.columns.cost.length;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    refuseUnlessOptimal(runToVerdict(model), program);
    const { colValue, rowDual } = model.getSolution();
    const values = [...colValue.subarray(0, columns)];
    const chords = series.narrow(values);
    if (chords === undefined) {
      const rowDuals = [...rowDual.subarray(0, program.rows.lower.length)];
      return { status: 'optimal', objective: objectiveOf(program, values), values, rowDuals };
    }
    const selection = { kind: 'range', from: columns, to: columns + chords.cost.length - 1 } as const;
    model.changeColsCost(selection, chords.cost);
    model.changeColsBounds(
      selection,
      chords.upper.map(() => 0),
      chords.upper,
    );
  }
  throw failed(`quadratic costs did not settle in ${ROUNDS_MAX} rounds`, program);
}

/**
 * Ways to a verdict, tried in order. HiGHS ends about one dispatch problem in twenty of 250 buses and more without one
 * ("unknown", or an error), mostly from the basis of an earlier round or after presolve; another way then gives it. Whichever
 * way it is, the verdict is HiGHS's own.
 */
const WAYS: readonly Readonly<Record<string, string | number | boolean>>[] = [
  {},
  { presolve: 'off' },
  { presolve: 'off', simplex_strategy: 4 },
  { presolve: 'on', solver: 'ipm' },
];

function runToVerdict(model: Model): number {
  let attempt = run(model);
  for (const way of WAYS) {
    if (hasVerdict(attempt.status)) break;
    model.clearSolver();
    for (const [name, value] of Object.entries(way)) model.options.set(name, value);
    attempt = run(model);
  }
  if (attempt.error !== undefined) throw attempt.error;
  return attempt.status;
}

/** One run. An error is kept, not thrown: another way may still give a verdict, and the last one's is thrown then. */
function run(model: Model): { readonly status: number; readonly error?: Error } {
  try {
    return { status: model.run().modelStatus };
  } catch (error) {
    return {
      status: NO_VERDICT,
      error: error instanceof Error ? error : new HaggleError('solver-failed', String(error)),
    };
  }
}

function hasVerdict(status: number): boolean {
  return status === OPTIMAL || status === INFEASIBLE || status === UNBOUNDED || status === UNBOUNDED_OR_INFEASIBLE;
}

type Loader = typeof highsModule.default;

/** Under `nodenext` TypeScript takes the default import of this CommonJS package for its namespace, so it is not callable. */
async function load(): Promise<Highs> {
  const loader: unknown = highsModule;
  assert(isLoader(loader), 'the default export of highs is its loader');
  return loader();
}

function isLoader(value: unknown): value is Loader {
  return typeof value === 'function';
}

const NO_VERDICT = -1;
const OPTIMAL = 7;
const INFEASIBLE = 8;
const UNBOUNDED_OR_INFEASIBLE = 9;
const UNBOUNDED = 10;

function refuseUnlessOptimal(status: number, program: Program): void {
  const fields = { columns: program.columns.cost.length, rows: program.rows.lower.length };
  const size = `program of ${fields.columns} columns and ${fields.rows} rows`;
  switch (status) {
    case OPTIMAL:
      return;
    case INFEASIBLE:
      throw new HaggleError('program-infeasible', `no values meet all constraints of the ${size}`, { fields });
    case UNBOUNDED:
    case UNBOUNDED_OR_INFEASIBLE:
      throw new HaggleError('program-unbounded', `the objective of the ${size} has no bound`, { fields });
    default:
      throw failed(`model status ${status}`, program);
  }
}

function failed(reason: string, program: Program, cause?: unknown): HaggleError {
  const fields = { columns: program.columns.cost.length, rows: program.rows.lower.length };
  const message = `HiGHS gave no solution of a program of ${fields.columns} columns and ${fields.rows} rows: ${reason}`;
  return new HaggleError('solver-failed', message, { fields, cause });
}

function modelOf(highs: Highs, { columns, rows, sense }: Program): ModelData {
  const starts = [0];
  for (const entries of rows.entries) starts.push((starts.at(-1) ?? 0) + entries.length);
  const { minimize, maximize } = highs.constants.objectiveSense;
  const numCols = columns.cost.length;
  const numRows = rows.lower.length;
  const { continuous, integer } = highs.constants.variableType;
  return {
    numCols,
    numRows,
    sense: sense === 'minimise' ? minimize : maximize,
    colCost: columns.cost,
    colLower: columns.lower,
    colUpper: columns.upper,
    rowLower: rows.lower,
    rowUpper: rows.upper,
    ...(columns.integer === undefined
      ? {}
      : { integrality: columns.integer.map((whole) => (whole ? integer : continuous)) }),
    matrix: {
      format: 'csr',
      numRows,
      numCols,
      starts,
      indices: rows.entries.flatMap((entries) => entries.map((entry) => entry.column)),
      values: rows.entries.flatMap((entries) => entries.map((entry) => entry.coefficient)),
    },
  };
}
