/**
 * Rows with a single 1, at the index given. With a product it takes one entry of each row: the gradient of gather is missing on the
 * wasm backend.
 */
export function oneHot(indices: Float32Array, choices: number): Float32Array {
  const table = new Float32Array(indices.length * choices);
  for (const [row, index] of indices.entries()) table[row * choices + index] = 1;
  return table;
}
