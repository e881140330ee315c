/** Turns of the microtask queue that promises get at least: an await takes one to three. */
const TURNS_MIN = 64;
/** Turns after which whoever still waits, waits on something that no turn brings. */
const TURNS_MAX = 10_000;

/**
 * Lets promises go on until they rest, as far as that can be known without a macrotask, which pure code does not have: some
 * turns always, more until `rests` says that nobody is between two awaits.
 */
export async function settleTurns(rests: () => boolean): Promise<void> {
  for (let turn = 0; turn < TURNS_MIN || (turn < TURNS_MAX && !rests()); turn++) await Promise.resolve();
}
