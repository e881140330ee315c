/**
 * Optimal costs per unit of time as they are published. Example 6.1: Snyder and Shen 2019. All others: stockpyl's tests
 * (tests/test_ssm_serial.py); those of normal demand are of a grid of ten demands there, up to 3 % above the exact optimum.
 */
const COSTS: ReadonlyMap<string, number> = new Map([
  ['example_6_1', 47.65],
  ['example_6_1_poisson', 72.0435],
  ['problem_6_1', 170.285],
  ['problem_6_2a', 457.58],
  ['problem_6_2b', 453.6856],
  ['problem_6_16', 451.655],
  ['shang_song_1', 12.688],
  ['shang_song_9', 53.008],
  ['shang_song_17', 16.206],
  ['shang_song_25', 74.564],
]);

/** The published optimal cost of an instance per unit of its time; null where none is known. */
export function publishedSerial(name: string): number | null {
  return COSTS.get(name) ?? null;
}
