import type { RandomStream } from '../../agent-core/random.ts';
import type { CityParameters } from './city-parameters.ts';
import type { RideRequest } from './instance.ts';
import type { StreetGrid } from './street-grid.ts';

/** Time to board or to alight, in minutes. */
const SERVICE = 0.5;
/** Rides may always take so much longer than the fastest way, in minutes: short ones could not be shared otherwise. */
const DETOUR_LEAST = 5;
/** Nobody sets out before, in minutes: vehicles have to get there. */
const FIRST_PICKUP = 15;
/** Share of riders who set out in each of the two peaks; the others come at any time. */
const PEAK_SHARE = 0.3;
/** Share of riders who book before the day begins; the others say so 10 to 40 minutes ahead. */
const BOOKED_SHARE = 0.3;
const NOTICE = [10, 40] as const;
/** Lengths of trips in kilometres, and how often a place at such a distance is looked for. */
const TRIP_KM = [0.8, 6] as const;
const TRIES = 12;
/** Square kilometres for each hot spot. */
const AREA_PER_SPOT = 20;

interface Spot {
  readonly column: number;
  readonly row: number;
  readonly spread: number;
}

/** A trip before it has a number. */
type Draft = Omit<RideRequest, 'id' | 'nodes'>;

/** What happens in a city: where its hot spots are, and what chance there is. */
interface City {
  readonly wanted: CityParameters;
  readonly grid: StreetGrid;
  readonly spots: readonly Spot[];
  readonly random: RandomStream;
}

/** The riders of a city in the order in which they become known. */
export function cityDemand(wanted: CityParameters, grid: StreetGrid, random: RandomStream): readonly RideRequest[] {
  const { requests, size } = wanted;
  const spots = Array.from({ length: Math.max(3, Math.round(size ** 2 / AREA_PER_SPOT)) }, () => spotIn(grid, random));
  const city: City = { wanted, grid, spots, random };
  const drafts = Array.from({ length: requests }, () => draftIn(city));
  return drafts
    .toSorted((a, b) => a.requestTime - b.requestTime || a.pickup.earliest - b.pickup.earliest)
    .map((draft, index) => ({ ...draft, id: index + 1, nodes: [index + 1, requests + index + 1] }));
}

function spotIn({ columns, rows }: StreetGrid, random: RandomStream): Spot {
  return {
    column: random.between(0.15, 0.85) * columns,
    row: random.between(0.15, 0.85) * rows,
    spread: random.between(0.02, 0.08) * columns,
  };
}

function draftIn(city: City): Draft {
  const { wanted, grid, random } = city;
  const { from, to, earliest } = wayIn(city);
  const direct = grid.map.time(from, to);
  const maxRide = direct + Math.max(DETOUR_LEAST, (direct * wanted.detour) / 100);
  const latest = earliest + wanted.wait;
  const booked = random.uniform() < BOOKED_SHARE;
  const notice = random.between(...NOTICE);
  const seats = random.uniform();
  return {
    load: seats < 0.8 ? 1 : seats < 0.95 ? 2 : 3,
    maxRide,
    requestTime:
      wanted.notice === null && booked ? 0 : Math.max(0, earliest - Math.min(notice, wanted.notice ?? notice)),
    pickup: { place: from, service: SERVICE, earliest, latest },
    dropoff: { place: to, service: SERVICE, earliest: earliest + SERVICE + direct, latest: latest + SERVICE + maxRide },
  };
}

/** When somebody sets out and where to: into a hot spot in the first peak, out of one in the second. */
function wayIn(city: City): { readonly from: number; readonly to: number; readonly earliest: number } {
  const { wanted, random } = city;
  const day = 60 * wanted.hours;
  const kind = random.uniform();
  const first = kind < PEAK_SHARE;
  const second = !first && kind < 2 * PEAK_SHARE;
  const peak = random.normal(first ? 0.25 * day : 0.75 * day, 0.06 * day);
  const wish = first || second ? peak : random.between(0, day);
  const earliest = Math.min(day, Math.max(FIRST_PICKUP, wish));
  const spot = random.pick(city.spots);
  const hot = first || second || random.uniform() < 0.3 ? near(city, spot) : anywhere(city);
  const other = farFrom(city, hot);
  return first ? { from: other, to: hot, earliest } : { from: hot, to: other, earliest };
}

function near({ grid: { columns, rows }, random }: City, { column, row, spread }: Spot): number {
  const clamp = (value: number, count: number): number => Math.min(count - 1, Math.max(0, Math.round(value)));
  return clamp(random.normal(column, spread), columns) + columns * clamp(random.normal(row, spread), rows);
}

function anywhere({ grid, random }: City): number {
  return random.integer(0, grid.map.places - 1);
}

/** A place at the distance of a usual trip; where none was met, the last one that is another place. */
function farFrom(city: City, place: number): number {
  const { map } = city.grid;
  const [least, most] = TRIP_KM;
  let other = place === 0 ? 1 : place - 1;
  for (let tries = 0; tries < TRIES; tries++) {
    const candidate = tries % 2 === 0 ? anywhere(city) : near(city, spotAround(city, place));
    const distance = map.distance(place, candidate);
    if (distance >= least && distance <= most) return candidate;
    if (distance > 0 && tries === 0) other = candidate;
  }
  return other;
}

function spotAround({ grid: { columns } }: City, place: number): Spot {
  return { column: place % columns, row: Math.floor(place / columns), spread: 8 };
}
