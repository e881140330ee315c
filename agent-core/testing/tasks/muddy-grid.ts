import { assert } from '../../errors.ts';
import type { DecisionEnv, Turn } from '../../learning/decision-env.ts';
import { discount } from '../../learning/discounting.ts';
import { box, discrete, type Mask } from '../../policy/space.ts';
import { soloEnv } from './solo-task.ts';

/** `.` is left in one unit of time, `M` is mud and takes seven, `#` is a wall, `G` is the goal (10), `g` a lesser one (2). */
const ROWS = ['.M.G', '.#..', '...g'] as const;
const WIDTH = 4;
/** Moves after which an episode is cut off: one who has learnt nothing may walk in circles. */
const MOVES_MAX = 40;
const MUD_TIME = 7;
const REWARDS: Readonly<Record<string, number>> = { G: 10, g: 2 };
const MOVES = { north: [-1, 0], east: [0, 1], south: [1, 0], west: [0, -1] } as const;
const CELLS = ROWS.join('');
const STARTS = Array.from(CELLS).flatMap((kind, cell) => (kind === '.' || kind === 'M' ? [cell] : []));
const CHOICES = Object.keys(MOVES);

/** A step from one cell to another. */
export interface GridMove {
  readonly to: number;
  readonly reward: number;
  readonly elapsed: number;
  readonly terminated: boolean;
}

/**
 * A walk over a small grid whose best way depends on time and not on steps: through the mud is shorter, around it is faster. Moves into walls
 * are masked. A learner that discounts by the step instead of by the time learns another, worse way. An episode starts in a random cell.
 */
export function muddyGrid(): DecisionEnv {
  let cell = 0;
  let moves = 0;
  return soloEnv({
    name: 'muddy-grid',
    agent: 'walker',
    observes: box(Array.from(CELLS).map((_, index) => ({ name: `in cell ${index}`, min: 0, max: 1 }))),
    acts: discrete(CHOICES),
    begin: (random) => {
      cell = random.pick(STARTS);
      moves = 0;
      return turnIn(cell, { reward: 0, elapsed: 0, terminated: false });
    },
    act: ([choice = 0]) => {
      const move = moveFrom(cell, choice);
      assert(move !== null, 'a masked choice is refused before');
      cell = move.to;
      moves++;
      return { ...turnIn(cell, move), truncated: !move.terminated && moves >= MOVES_MAX };
    },
  });
}

/** {@link muddyGrid} under the name by which training asks a module for its environment. */
export const createEnv = muddyGrid;

/** The cells in which decisions are made. */
export const gridCells: readonly number[] = STARTS;

/** What a choice leads to; null where it is masked. */
export function moveFrom(cell: number, choice: number): GridMove | null {
  const [down, right] = Object.values(MOVES)[choice] ?? [0, 0];
  const row = Math.floor(cell / WIDTH) + down;
  const column = (cell % WIDTH) + right;
  const kind = ROWS[row]?.[column];
  if (kind === undefined || kind === '#') return null;
  const elapsed = CELLS[cell] === 'M' ? MUD_TIME : 1;
  const reward = REWARDS[kind] ?? 0;
  return { to: row * WIDTH + column, reward, elapsed, terminated: reward > 0 };
}

/** What an agent sees in a cell. */
export function gridView(cell: number): readonly number[] {
  return Array.from(CELLS, (_, index) => (index === cell ? 1 : 0));
}

/** Which moves are open in a cell. */
export function gridMask(cell: number): Mask {
  return CHOICES.map((_, choice) => moveFrom(cell, choice) !== null);
}

/**
 * What each choice in each cell is worth to one who goes on as well as possible: value iteration (Bellman 1957) to the last bit. `-Infinity` where
 * masked. `timed: false` discounts each step alike, whatever time it takes.
 */
export function gridWorths(gamma: number, timed = true): ReadonlyMap<number, readonly number[]> {
  let values = new Map(STARTS.map((cell) => [cell, 0]));
  for (;;) {
    const worths = new Map(
      STARTS.map((cell) => [cell, CHOICES.map((_, choice) => worthOf({ cell, choice, gamma, timed }, values))]),
    );
    const next = new Map([...worths].map(([cell, choices]) => [cell, Math.max(...choices)]));
    if ([...next].every(([cell, value]) => value === values.get(cell))) return worths;
    values = next;
  }
}

function worthOf(
  of: { readonly cell: number; readonly choice: number; readonly gamma: number; readonly timed: boolean },
  values: ReadonlyMap<number, number>,
): number {
  const move = moveFrom(of.cell, of.choice);
  if (move === null) return -Infinity;
  const fade = discount(of.gamma, of.timed ? move.elapsed : 1);
  return move.reward + (move.terminated ? 0 : fade * (values.get(move.to) ?? 0));
}

function turnIn(cell: number, came: Pick<Turn, 'reward' | 'elapsed' | 'terminated'>): Turn {
  const { reward, elapsed, terminated } = came;
  const mask = terminated ? {} : { mask: gridMask(cell) };
  return { observation: gridView(cell), ...mask, reward, elapsed, terminated, truncated: false, info: {} };
}
