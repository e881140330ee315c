import { HaggleError } from '../../agent-core/errors.ts';

/** What a generated city is made of. */
export interface CityParameters {
  readonly requests: number;
  readonly vehicles: number;
  /** How long riders set out, in hours. */
  readonly hours: number;
  /** Companies that the vehicles belong to. */
  readonly operators: number;
  /** Length of the city's sides in kilometres. */
  readonly size: number;
  /** Seats of a vehicle. */
  readonly seats: number;
  /** Longest wait at a pickup in minutes. */
  readonly wait: number;
  /** How much longer than the fastest way a ride may take, in percent; five minutes are always allowed. */
  readonly detour: number;
  /** Riders call at most so many minutes before they want to leave; null: some the day before, the others up to 40. */
  readonly notice: number | null;
  /** Whether vehicles can turn off at every crossing. */
  readonly turns: boolean;
}

/** Bounds of every parameter, and what holds where it is not given; null: that depends. */
const BOUNDS: Readonly<Record<keyof CityParameters, readonly [min: number, max: number, usual: number | null]>> = {
  requests: [1, 20_000, 60],
  vehicles: [1, 2_000, 8],
  hours: [1, 24, 4],
  operators: [1, 10, 1],
  size: [2, 50, null],
  seats: [3, 50, 4],
  wait: [1, 120, 15],
  detour: [0, 500, 60],
  notice: [0, 120, null],
  turns: [0, 1, 0],
};

/** Sides of a city whose size is not given: so many vehicles reach their riders in time there, in kilometres. */
const SIZE_LEAST = 4;
const SIZE_USUAL_MAX = 24;

/**
 * Reads `key=value` parameters of a city; all are whole numbers.
 *
 * @throws HaggleError `bad-parameter` naming key, value and bound
 */
export function cityParameters(parameters: ReadonlyMap<string, string>): CityParameters {
  for (const key of parameters.keys()) {
    if (!Object.hasOwn(BOUNDS, key)) {
      const known = Object.keys(BOUNDS).join(', ');
      throw badParameter(`a generated city takes the parameters ${known}, got "${key}"`, { key });
    }
  }
  const vehicles = read(parameters, 'vehicles', 0);
  const operators = read(parameters, 'operators', 0);
  if (operators > vehicles) {
    throw badParameter(`operators must be at most the ${vehicles} vehicles, got ${operators}`, { operators, vehicles });
  }
  return {
    requests: read(parameters, 'requests', 0),
    vehicles,
    hours: read(parameters, 'hours', 0),
    operators,
    size: read(parameters, 'size', Math.min(SIZE_USUAL_MAX, Math.round(SIZE_LEAST + Math.sqrt(vehicles)))),
    seats: read(parameters, 'seats', 0),
    wait: read(parameters, 'wait', 0),
    detour: read(parameters, 'detour', 0),
    notice: parameters.has('notice') ? read(parameters, 'notice', 0) : null,
    turns: read(parameters, 'turns', 0) === 1,
  };
}

function read(parameters: ReadonlyMap<string, string>, key: keyof CityParameters, otherwise: number): number {
  const [min, max, usual] = BOUNDS[key];
  const text = parameters.get(key);
  if (text === undefined) return usual ?? otherwise;
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  const shown = text.length > 40 ? `${text.slice(0, 40)}...` : text;
  throw badParameter(`${key} must be a whole number from ${min} to ${max}, got "${shown}"`, { key, min, max });
}

function badParameter(message: string, fields: Readonly<Record<string, string | number>>): HaggleError {
  return new HaggleError('bad-parameter', message, { fields });
}
