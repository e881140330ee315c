import { HaggleError } from '../../agent-core/errors.ts';
import type { Program, ProgramEntry } from './linear-program.ts';

/**
 * Separable quadratic programs by a short series of linear ones. HiGHS has a solver for quadratic programs, but it gives up
 * (status -1) on a few in a hundred of our small dispatch problems, whatever the options; its linear solver does not.
 *
 * q·x² is replaced by four chords around a centre, which is a point of the curve. The cost of the linear solution can then only
 * fall from one round to the next (the chords lie above the curve and touch it at the centre); a column whose solution stays within
 * the inner chords narrows them, one that runs to their end widens them, until all are narrower than the solver's tolerance.
 */
export interface Segments {
  /** The linear program of the first round: the columns and rows of the original, then those of the chords. */
  readonly linear: Program;
  /** Adapts the chords to a solution. Gives `undefined` when they are as narrow as is of use. */
  narrow(values: readonly number[]): Chords | undefined;
}

/** Bounds and costs of all chord columns. */
export interface Chords {
  readonly upper: readonly number[];
  readonly cost: readonly number[];
}

/** The chords of one column: breakpoints lower, centre − width, centre, centre + width, upper. */
interface Curve {
  readonly column: number;
  readonly coefficient: number;
  readonly lower: number;
  readonly upper: number;
  readonly centre: number;
  readonly width: number;
}

const CHORDS = 4;
/** Narrowest chord as a part of the column's range: prices are then right to this part of their rise over the range. */
const NARROWEST = 1e-9;
/** What a linear solution may miss a bound by. */
const TOLERANCE = 1e-7;

/**
 * The series of linear programs for `program`.
 *
 * @throws HaggleError `bad-program` where a column with a quadratic cost has an infinite bound or is not convex for the sense.
 */
export function segments(program: Program): Segments {
  let curves = firstCurves(program);
  return {
    linear: linearProgram(program, curves),
    narrow: (values) => {
      const done = curves.every((curve) => isNarrow(curve) && !movedOut(curve, values[curve.column] ?? 0));
      if (done) return undefined;
      curves = curves.map((curve) => recentred(curve, values[curve.column] ?? 0));
      return chordsOf(curves);
    },
  };
}

function firstCurves({ columns, sense }: Program): readonly Curve[] {
  const curves: Curve[] = [];
  for (const [column, coefficient] of (columns.quadraticCost ?? []).entries()) {
    if (coefficient === 0) continue;
    const lower = columns.lower[column] ?? -Infinity;
    const upper = columns.upper[column] ?? Infinity;
    const convex = sense === 'minimise' ? coefficient > 0 : coefficient < 0;
    if (!convex || !Number.isFinite(upper - lower)) {
      throw new HaggleError(
        'bad-program',
        `column ${column} with quadratic cost ${coefficient} must be convex (to ${sense}) and bounded, bounds are ${lower} and ${upper}`,
        { fields: { column, coefficient, lower, upper } },
      );
    }
    curves.push({ column, coefficient, lower, upper, centre: (lower + upper) / 2, width: (upper - lower) / 4 });
  }
  return curves;
}

/** Adds to each quadratic column the row x − Σ chords = lower, and the chords as columns from 0 to their length. */
function linearProgram({ columns, rows, sense }: Program, curves: readonly Curve[]): Program {
  const { upper, cost } = chordsOf(curves);
  const first = columns.cost.length;
  const links = curves.map(({ column }, index): readonly ProgramEntry[] => [
    { column, coefficient: 1 },
    ...Array.from({ length: CHORDS }, (_, chord) => ({ column: first + index * CHORDS + chord, coefficient: -1 })),
  ]);
  const starts = curves.map((curve) => curve.lower);
  return {
    sense,
    columns: {
      lower: [...columns.lower, ...upper.map(() => 0)],
      upper: [...columns.upper, ...upper],
      cost: [...columns.cost, ...cost],
    },
    rows: {
      lower: [...rows.lower, ...starts],
      upper: [...rows.upper, ...starts],
      entries: [...rows.entries, ...links],
    },
  };
}

function chordsOf(curves: readonly Curve[]): Chords {
  const upper: number[] = [];
  const cost: number[] = [];
  for (const curve of curves) {
    const left = Math.max(curve.lower, curve.centre - curve.width);
    const right = Math.min(curve.upper, curve.centre + curve.width);
    let from = curve.lower;
    for (const to of [left, curve.centre, right, curve.upper]) {
      upper.push(to - from);
      // Slope of the chord of q·x² between two points.
      cost.push(curve.coefficient * (from + to));
      from = to;
    }
  }
  return { upper, cost };
}

function isNarrow({ width, lower, upper }: Curve): boolean {
  return width <= NARROWEST * (upper - lower);
}

/** At a breakpoint away from the centre that is not a bound, or beyond it: the optimum may be farther out. */
function movedOut({ centre, width }: Curve, value: number): boolean {
  return Math.abs(value - centre) > Math.max(0.99 * width, TOLERANCE * Math.max(1, Math.abs(centre)));
}

function recentred(curve: Curve, value: number): Curve {
  const { lower, upper, width } = curve;
  const next = movedOut(curve, value) ? 2 * width : width / 3;
  return {
    ...curve,
    centre: Math.min(upper, Math.max(lower, value)),
    width: Math.min((upper - lower) / 4, Math.max(next, NARROWEST * (upper - lower))),
  };
}
