import { linesOf } from './number-lines.ts';

/** Formats of a single file that holds a ride-sharing problem: Cordeau's, and Li and Lim's. */
export type RideFormat = 'dial-a-ride' | 'pdptw';

/** Which format a text has, by how many numbers its first two lines hold; null where it is neither. It never throws. */
export function rideFormat(text: string): RideFormat | null {
  // Two lines are enough; a long text is not split for them.
  const head = linesOf(text.slice(0, 2_000))
    .map((line) => line.split(/\s+/).filter((word) => word !== ''))
    .filter((words) => words.length > 0)
    .slice(0, 2);
  const numbers = head.every((words) => words.every((word) => Number.isFinite(Number(word))));
  const [header = 0, node = 0] = head.map((words) => words.length);
  if (!numbers) return null;
  if (header === 5 && node === 7) return 'dial-a-ride';
  return header === 3 && node === 9 ? 'pdptw' : null;
}
