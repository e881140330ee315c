import type { Micros } from '../../clock.ts';
import type { Timing } from './timing.ts';

/** The clock of a live agent: wall time that never goes back, and stands still while an input is handled. */
export interface LiveClock {
  /** The present instant, as last read. */
  readonly now: Micros;
  /** Reads the machine's clocks: the present instant from now on. */
  advance(): Micros;
  /** Goes to an instant that was present in an earlier process; to one before the present one it does not go back. */
  replayAt(time: Micros): void;
  /** How far it runs ahead of the wall clock, in microseconds: what was not believed of a wall clock that went back. */
  readonly ahead: Micros;
}

/** A wall clock that is set back by no more is waited for; over a longer step the steady clock bridges. */
const WAITED_OUT_MICROS = 1_000_000;

/**
 * A clock that goes on from the wall clock, or from the last instant that it was brought to where that is later: no life sees a
 * time before what an earlier one saw. Forward it follows the wall clock, also when that jumps, as it does after a sleep of the
 * machine.
 */
export function createLiveClock(timing: Timing): LiveClock {
  let now = 0;
  let base = timing.wall();
  let baseSteady = timing.steady();
  let ahead = 0;
  const advance = (): Micros => {
    const steady = timing.steady();
    const wall = timing.wall();
    const bridged = base + (steady - baseSteady);
    base = wall >= bridged - WAITED_OUT_MICROS ? wall : bridged;
    baseSteady = steady;
    now = Math.max(now, base);
    ahead = now - wall;
    return now;
  };
  return {
    get now() {
      return now;
    },
    get ahead() {
      return Math.max(0, ahead);
    },
    advance,
    replayAt(time) {
      now = Math.max(now, time);
      base = Math.max(base, now);
    },
  };
}
