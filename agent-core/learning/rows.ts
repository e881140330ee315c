/** The named rows of a table, in the order named, as a table of their own. */
export function rowsOf(table: Float32Array, rows: readonly number[], width: number): Float32Array {
  const picked = new Float32Array(rows.length * width);
  rows.forEach((row, to) => {
    for (let k = 0; k < width; k++) picked[to * width + k] = table[row * width + k] as number;
  });
  return picked;
}

/** Columns one after another, as one. */
export function joinColumns(columns: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(columns.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const column of columns) {
    joined.set(column, at);
    at += column.length;
  }
  return joined;
}
