import { HaggleError } from '../../agent-core/errors.ts';
import type { Program, ProgramEntry } from './program.ts';

/**
 * Separable quadratic programs by a short series of linear ones. HiGHS 1.15.3 has a solver for quadratic programs, but it
 * gave up (status -1) on 3 to 5 of 60 generated dispatch problems, one of them of 4 columns, with every setting tried; its linear
 * solver on none.
 *
 * q·x² is replaced by four chords around a centre, which is a point of the curve. The cost of the linear solution can then only
 * fall from one round to the next (the chords lie above the curve and touch it at the centre); where a solution
 * gains and runs to the end of the inner chords, they widen; else all narrow, until nothing is gained any more.
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
/** A fall of the objective by less than this part of it is none. */
const GAIN = 1e-13;

/**
 * The series of linear programs for `program`.
 *
 * @throws HaggleError `bad-program` where a column with a quadratic cost has an infinite bound or is not convex for the sense.
 */
export function segments(program: Program): Segments {
  let curves = firstCurves(program);
  let best = Infinity;
  return {
    linear: linearProgram(program, curves),
    narrow: (values) => {
      const cost = program.sense === 'minimise' ? objectiveOf(program, values) : -objectiveOf(program, values);
      // Without a gain, solutions that still move do so within the solver's tolerance, and chasing them has no end.
      const gained = cost < best - GAIN * Math.abs(best) || best === Infinity;
      best = Math.min(best, cost);
      if (!gained && curves.every(isNarrow)) return undefined;
      const farther = gained && curves.some((curve) => ranOut(curve, values[curve.column] ?? 0));
      curves = curves.map((curve) => recentred(curve, values[curve.column] ?? 0, farther));
      return curves.length === 0 ? undefined : chordsOf(curves);
    },
  };
}

/** What `values` cost in `program`. */
export function objectiveOf({ columns }: Program, values: readonly number[]): number {
  return values.reduce((sum, value, column) => {
    const quadratic = columns.quadraticCost?.[column] ?? 0;
    return sum + ((columns.cost[column] ?? 0) + quadratic * value) * value;
  }, 0);
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
      ...(columns.integer === undefined ? {} : { integer: [...columns.integer, ...upper.map(() => false)] }),
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

/** At the end of the inner chords or beyond it: the optimum may be farther out. */
function ranOut({ centre, width }: Curve, value: number): boolean {
  return Math.abs(value - centre) > 0.99 * width;
}

/** The solution becomes the centre. While any column goes farther, those that ran out widen and none narrows: they move together. */
function recentred(curve: Curve, value: number, farther: boolean): Curve {
  const { lower, upper, width } = curve;
  const widened = ranOut(curve, value) ? 2 * width : width;
  return {
    ...curve,
    centre: Math.min(upper, Math.max(lower, value)),
    width: Math.min((upper - lower) / 4, Math.max(farther ? widened : width / 4, NARROWEST * (upper - lower))),
  };
}
