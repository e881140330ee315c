/** Variables. All arrays have the same length; use ±Infinity where there is no bound. */
export interface ProgramColumns {
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  /** Coefficient of x in the objective. */
  readonly cost: readonly number[];
  /** Coefficient of x² in the objective (not halved). Convex: ≥ 0 when minimising, ≤ 0 when maximising. */
  readonly quadraticCost?: readonly number[];
  /** Which columns take whole values only; none where left out. Duals mean nothing where there are any. */
  readonly integer?: readonly boolean[];
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

/** A linear or convex separable quadratic program. */
export interface Program {
  readonly columns: ProgramColumns;
  readonly rows: ProgramRows;
  readonly sense: 'minimise' | 'maximise';
}
