/**
 * Optimal costs per unit of time, as the sources give them: of example 6.1 the figure of the book (Snyder and Shen 2019), of Shang and Song
 * (2003) those of stockpyl's tests.
 */
const COSTS: ReadonlyMap<string, number> = new Map([
  ['example_6_1', 47.65],
  ['shang_song_1', 12.688],
  ['shang_song_9', 53.008],
]);

/** The published optimal cost of an instance per unit of its time; null where none is known. */
export function publishedSerial(name: string): number | null {
  return COSTS.get(name) ?? null;
}
