/** A matrix of numbers with the place of each. */
export interface Matrix {
  /** Where the opening bracket stands. */
  readonly offset: number;
  readonly rows: readonly MatrixRow[];
}

/** Numbers and, at the same index, their offsets in the text. */
export interface MatrixRow {
  readonly values: readonly number[];
  readonly offsets: readonly number[];
}

/** What a case file says, before it is held against the model. */
export interface CaseTables {
  readonly name: string;
  readonly baseMva: { readonly value: number; readonly offset: number } | undefined;
  readonly matrices: ReadonlyMap<MatrixName, Matrix>;
}

/** The matrices that are read; every other field is skipped. */
export type MatrixName = 'bus' | 'gen' | 'branch' | 'gencost' | 'dcline' | 'bus_position';
