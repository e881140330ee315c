import type { RandomStream } from '../../agent-core/random.ts';
import { cityDemand } from './city-demand.ts';
import { cityParameters, type CityParameters } from './city-parameters.ts';
import type { RideInstance, RideVehicle } from './instance.ts';
import { streetGrid, type StreetGrid } from './street-grid.ts';

/** Vehicles drive on after the last riders set out, in minutes. */
const AFTER_HOURS = 120;

/**
 * A city in kilometres and minutes, decided by the draws and the parameters alone: `requests`, `vehicles`, `hours`, `operators`,
 * `size` (km), `seats`, `wait` (min), `detour` (percent), `notice` (min: 0 for riders who call when they want to leave) and `turns`
 * (1: vehicles can be called off their way). Streets are a grid that is slow in its centre. Riders set out over the
 * hours with two peaks, the first into hot spots and the second out of them; vehicles start anywhere and come home again.
 *
 * Of the usual size, nearly everybody can be served by the trivial contract net.
 *
 * @throws HaggleError `bad-parameter` naming key, value and bound
 */
export function generateCity(parameters: ReadonlyMap<string, string>, random: RandomStream): RideInstance {
  const wanted = cityParameters(parameters);
  const grid = streetGrid(wanted.size, random);
  return {
    name: `city_${wanted.requests}_${wanted.vehicles}`,
    variant: 'city',
    map: wanted.turns ? { ...grid.map, turn: grid.turn } : grid.map,
    vehicles: fleetOf(wanted, grid, random),
    requests: cityDemand(wanted, grid, random),
    costs: { perDistance: 1, perRiderTime: 0, perVehicle: 0 },
    secondsPerTime: 60,
    units: { time: 'min', distance: 'km' },
    published: null,
  };
}

function fleetOf(
  { vehicles, hours, operators, seats }: CityParameters,
  { map }: StreetGrid,
  random: RandomStream,
): readonly RideVehicle[] {
  return Array.from({ length: vehicles }, (_, number) => {
    const start = random.integer(0, map.places - 1);
    return {
      start,
      home: start,
      earliest: 0,
      latest: 60 * hours + AFTER_HOURS,
      capacity: seats,
      maxDuration: Infinity,
      operator: number % operators,
    };
  });
}
