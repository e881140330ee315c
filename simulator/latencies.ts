import { micros, type Duration, type Micros } from '../agent-core/clock.ts';
import { HaggleError } from '../agent-core/errors.ts';
import type { LatencyModel, LatencyRange } from './link.ts';
import type { WorldOptions } from './world-options.ts';

/** Latencies of a world as its network takes them, and the least that any link can have. */
export interface Latencies {
  readonly model: LatencyModel;
  readonly least: Micros;
}

/**
 * Reads the latencies of a world.
 *
 * @throws HaggleError `bad-duration`; for a link below the least, once it is used, `bad-latency`
 */
export function latencies(option: NonNullable<WorldOptions['latency']>): Latencies {
  if (typeof option !== 'object' || !('least' in option)) {
    const model = rangeOf(option);
    return { model, least: model.min };
  }
  const least = micros(option.least);
  return {
    least,
    model: (link) => {
      const range = rangeOf(option.of(link));
      if (range.min >= least) return range;
      throw new HaggleError(
        'bad-latency',
        `latency of ${link.from} -> ${link.to} is ${range.min} us; no link may have less than ${least} us`,
      );
    },
  };
}

function rangeOf(latency: Duration | readonly [Duration, Duration]): LatencyRange {
  if (typeof latency !== 'object') return { min: micros(latency) };
  return { min: micros(latency[0]), max: micros(latency[1]) };
}
