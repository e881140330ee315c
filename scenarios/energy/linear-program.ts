import highsModule, { type Highs, type Model, type ModelData } from 'highs';
import { HaggleError, assert } from '../../agent-core/errors.ts';

/** Variables. All arrays have the same length; use ±Infinity where there is no bound. */
export interface ProgramColumns {
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  /** Coefficient of x in the objective. */
  readonly cost: readonly number[];
  /** Coefficient of x² in the objective (not halved). Convex: ≥ 0 when minimising, ≤ 0 when maximising. */
  readonly quadraticCost?: readonly number[];
}

/** One coefficient of a row. */
export interface ProgramEntry {
  readonly column: number;
  readonly coefficient: number;
}

/** Constraints lower ≤ Σ coefficient · x ≤ upper. All arrays have the same length; a column appears at most once in a row. */
export interface ProgramRows {
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  readonly entries: readonly (readonly ProgramEntry[])[];
}

/** A linear or separable convex quadratic program. */
export interface Program {
  readonly columns: ProgramColumns;
  readonly rows: ProgramRows;
  readonly sense: 'minimise' | 'maximise';
}

/** An optimal solution. `rowDuals[i]` is the change of the objective per unit by which the binding side of row i is raised. */
export interface ProgramSolution {
  readonly status: 'optimal';
  readonly objective: number;
  readonly values: readonly number[];
  readonly rowDuals: readonly number[];
}

/**
 * Solves `program` to optimality with HiGHS, in a solver of its own: nothing is carried over from one call to the next.
 *
 * @throws HaggleError `program-infeasible`, `program-unbounded`, or `solver-failed` where HiGHS ends in any other way (also for
 * malformed input such as arrays of different lengths or a NaN).
 */
export async function solveProgram(program: Program): Promise<ProgramSolution> {
  const highs = await load();
  let model: Model | undefined;
  try {
    model = highs.createModel(modelOf(highs, program));
    model.options.set('output_flag', false);
    // HiGHS adds 1e-7 · x² to a quadratic objective by default, which shows in the prices.
    model.options.set('qp_regularization_value', 0);
    const { modelStatus } = model.run();
    refuseUnlessOptimal(modelStatus, program);
    const { colValue, rowDual } = model.getSolution();
    return { status: 'optimal', objective: model.getObjectiveValue(), values: [...colValue], rowDuals: [...rowDual] };
  } catch (error) {
    if (error instanceof HaggleError) throw error;
    throw failed(`${error instanceof Error ? error.message : 'unknown cause'}`, program, error);
  } finally {
    model?.dispose();
  }
}

/** Under `nodenext` TypeScript takes the default import of this CommonJS package for its namespace, so it is not callable. */
async function load(): Promise<Highs> {
  const loader: unknown = highsModule;
  assert(typeof loader === 'function', 'the default export of highs is its loader');
  return (await Reflect.apply(loader, undefined, [])) as Highs;
}

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
  return {
    numCols,
    numRows,
    sense: sense === 'minimise' ? minimize : maximize,
    colCost: columns.cost,
    colLower: columns.lower,
    colUpper: columns.upper,
    rowLower: rows.lower,
    rowUpper: rows.upper,
    matrix: {
      format: 'csr',
      numRows,
      numCols,
      starts,
      indices: rows.entries.flatMap((entries) => entries.map((entry) => entry.column)),
      values: rows.entries.flatMap((entries) => entries.map((entry) => entry.coefficient)),
    },
    ...hessian(columns),
  };
}

function hessian(columns: ProgramColumns): Pick<ModelData, 'hessian'> {
  const quadratic = columns.quadraticCost ?? [];
  const starts = [0];
  const indices: number[] = [];
  const values: number[] = [];
  for (const [column, coefficient] of quadratic.entries()) {
    if (coefficient !== 0) {
      indices.push(column);
      // HiGHS minimises ½ x'Qx.
      values.push(2 * coefficient);
    }
    starts.push(indices.length);
  }
  if (values.length === 0) return {};
  return { hessian: { format: 'triangular', dimension: columns.cost.length, starts, indices, values } };
}
