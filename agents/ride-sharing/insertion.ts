import { createChain, resize, settle } from './chain.ts';
import type { Insertable } from './insertable.ts';
import type { Route } from './route.ts';
import type { Tour } from './tour.ts';
import { visitsOf, type Trip } from './trip.ts';

/** Where a trip goes into a route, and what the route costs then. */
export interface Placing {
  /** Cost of the whole route with the trip. */
  readonly cost: number;
  /** Positions behind which the two stops go, counted in the route as it was: 0 is where the vehicle is. */
  readonly pickupAfter: number;
  readonly dropoffAfter: number;
}

/**
 * The cheapest feasible way to put a trip into a route whose order stays, or null where there is none below `limit`.
 *
 * Both positions are tried, at worst O(n^2) pairs, with bounds of time and of way in O(1); only what would be better than the best
 * so far is checked exactly. Bounds of time hold by the triangle inequality of travel times; distances need not obey it.
 */
export function cheapestPlacing(into: Insertable, trip: Trip, limit = Infinity): Placing | null {
  if (!into.feasible) return null;
  return new Search(into, trip, limit).run();
}

/** As `cheapestPlacing`, with the route that it makes. */
export function cheapestInsertion(into: Insertable, trip: Trip, limit = Infinity): Route | null {
  const placing = cheapestPlacing(into, trip, limit);
  return placing === null ? null : placed(into, trip, placing);
}

/** The route with a trip put where `cheapestPlacing` said. */
export function placed({ route }: Insertable, trip: Trip, { cost, pickupAfter, dropoffAfter }: Placing): Route {
  const { visits } = route;
  const { pickup, dropoff } = visitsOf(trip);
  const until = visits.slice(0, pickupAfter);
  const between = visits.slice(pickupAfter, dropoffAfter);
  return { visits: [...until, pickup, ...between, dropoff, ...visits.slice(dropoffAfter)], cost };
}

/** Bounds are looser than the exact check, so that they never decide where rounding does. */
const LOOSE = 1e-7;

/** Grow with the longest route. Way to and from a drop-off behind each position, and the least detour from there on. */
let toDropoff = new Float64Array(64);
let fromDropoff = new Float64Array(64);
let detour = new Float64Array(64);
let leastDetour = new Float64Array(65);
const trial = createChain();

/** One search for the cheapest place of one trip in one route. */
class Search {
  readonly #into: Insertable;
  readonly #tour: Tour;
  readonly #trip: Trip;
  /** Cost before the trip's way is added. */
  readonly #base: number;
  /** Direct way from pickup to drop-off. */
  readonly #direct: number;
  #cost: number;
  #pickupAfter = -1;
  #dropoffAfter = -1;

  constructor(into: Insertable, trip: Trip, limit: number) {
    this.#into = into;
    this.#tour = into.tour;
    this.#trip = trip;
    this.#base = into.size === 0 ? into.tour.perUse : into.route.cost;
    this.#direct = into.tour.map.time(trip.pickup.place, trip.dropoff.place);
    this.#cost = limit;
    if (detour.length <= into.size) {
      toDropoff = new Float64Array(2 * into.size);
      fromDropoff = new Float64Array(2 * into.size);
      detour = new Float64Array(2 * into.size);
      leastDetour = new Float64Array(2 * into.size + 1);
    }
  }

  run(): Placing | null {
    const { size, late, load, place, service, chain } = this.#into;
    const { map, capacity } = this.#tour;
    const { pickup } = this.#trip;
    const { place: at, earliest, latest } = pickup;
    let last = -1;
    for (let after = 0; after <= size; after++) {
      if (earliest > (late[after + 1] ?? 0) + LOOSE) continue;
      const arrival = (chain.begin[after] ?? 0) + (service[after] ?? 0) + map.time(place[after] ?? 0, at);
      // Later places are reached no earlier, by the triangle inequality.
      if (arrival > latest + LOOSE) break;
      if ((load[after] ?? 0) + this.#trip.load > capacity) continue;
      if (last === -1) last = this.#prepareDropoffs(after);
      if (after > last) break;
      this.#tryPickup(after, last, arrival > earliest ? arrival : earliest);
    }
    if (this.#pickupAfter < 0) return null;
    return { cost: this.#cost, pickupAfter: this.#pickupAfter, dropoffAfter: this.#dropoffAfter };
  }

  /** Detours of a drop-off behind each position from `first` on; the last position from which it is reached in time, or `first - 1`. */
  #prepareDropoffs(first: number): number {
    const { size, late, place, service, chain, gap } = this.#into;
    const { map } = this.#tour;
    const { dropoff } = this.#trip;
    let k = first;
    for (; k <= size; k++) {
      const here = place[k] ?? 0;
      const reach = map.time(here, dropoff.place);
      const arrival = (chain.begin[k] ?? 0) + (service[k] ?? 0) + reach;
      if (arrival > dropoff.latest + LOOSE) break;
      const next = place[k + 1] ?? 0;
      const onward = next < 0 ? 0 : map.time(dropoff.place, next);
      const served = Math.max(arrival, dropoff.earliest) + dropoff.service;
      const inTime = served + onward <= (late[k + 1] ?? 0) + LOOSE;
      toDropoff[k] = reach;
      fromDropoff[k] = !inTime || next < 0 ? 0 : map.distance(dropoff.place, next);
      detour[k] = inTime ? map.distance(here, dropoff.place) + (fromDropoff[k] ?? 0) - (gap[k] ?? 0) : Infinity;
    }
    leastDetour[k] = Infinity;
    for (let back = k - 1; back >= first; back--) {
      leastDetour[back] = Math.min(detour[back] ?? 0, leastDetour[back + 1] ?? 0);
    }
    return k - 1;
  }

  /** Tries every place of the drop-off for a pickup behind position `after`, served at `begin` at the earliest. */
  #tryPickup(after: number, last: number, begin: number): void {
    const { late, place, gap } = this.#into;
    const { map, perDistance } = this.#tour;
    const { pickup, dropoff } = this.#trip;
    const next = place[after + 1] ?? 0;
    const onward = next < 0 ? 0 : map.time(pickup.place, next);
    const free = begin + pickup.service;
    if (free + onward > (late[after + 1] ?? 0) + LOOSE) return;
    const way = map.distance(place[after] ?? 0, pickup.place);
    if (detour[after] !== Infinity) {
      const there = map.distance(pickup.place, dropoff.place) + (fromDropoff[after] ?? 0) - (gap[after] ?? 0);
      const total = this.#base + perDistance * (way + there);
      if (total < this.#cost) this.#tryNext(after, free, total);
    }
    if (next < 0) return;
    const base = this.#base + perDistance * (way + map.distance(pickup.place, next) - (gap[after] ?? 0));
    if (base + perDistance * (leastDetour[after + 1] ?? Infinity) < this.#cost) {
      this.#tryLater({ after, last, free, onward, base });
    }
  }

  /** The drop-off is the next stop. */
  #tryNext(after: number, free: number, total: number): void {
    const { dropoff, maxRide } = this.#trip;
    const arrival = free + this.#direct;
    if (this.#direct > maxRide + LOOSE || arrival > dropoff.latest + LOOSE) return;
    this.#offer({ after, k: after, begin: Math.max(arrival, dropoff.earliest), total });
  }

  /** Other stops come between the two. `base` is the cost with the pickup alone. */
  #tryLater(leg: {
    readonly after: number;
    readonly last: number;
    readonly free: number;
    readonly onward: number;
    readonly base: number;
  }): void {
    const { late, load, service, chain } = this.#into;
    const { capacity, perDistance } = this.#tour;
    const { pickup, dropoff, maxRide, load: seats } = this.#trip;
    const { after, last, base } = leg;
    // Nobody boards later than this, so no ride ends later than this.
    const boarded = Math.min(pickup.latest, (late[after + 1] ?? 0) - leg.onward - pickup.service) + pickup.service;
    const rideEnds = Math.min(dropoff.latest, boarded + maxRide) + LOOSE;
    let start = leg.free + leg.onward;
    /** On the way since the pickup, without waiting. */
    let riding = leg.onward;
    for (let k = after + 1; k <= last; k++) {
      const early = chain.begin[k] ?? 0;
      if (start < early) start = early;
      if (start > (late[k] ?? 0) + LOOSE || (load[k] ?? 0) + seats > capacity) return;
      if (base + perDistance * (leastDetour[k] ?? 0) >= this.#cost) return;
      const stop = service[k] ?? 0;
      const reach = stop + (toDropoff[k] ?? 0);
      // What is too late or too long here stays so further on, by the triangle inequality.
      if (start + reach > rideEnds || riding + reach > maxRide + LOOSE) return;
      const total = base + perDistance * (detour[k] ?? 0);
      if (total < this.#cost) this.#offer({ after, k, begin: Math.max(start + reach, dropoff.earliest), total });
      start += chain.leg[k + 1] ?? 0;
      riding += chain.leg[k + 1] ?? 0;
    }
  }

  /** Takes a pair of positions if it is feasible and the cheapest so far. The drop-off begins at `begin` at the earliest. */
  #offer({ after, k, begin, total }: { after: number; k: number; begin: number; total: number }): void {
    const { map, perRiderTime } = this.#tour;
    const { place, late } = this.#into;
    const { pickup, dropoff } = this.#trip;
    const next = place[k + 1] ?? 0;
    const onward = next < 0 ? 0 : map.time(dropoff.place, next);
    if (begin + dropoff.service + onward > (late[k + 1] ?? 0) + LOOSE) return;
    // A lower bound where riders' time counts: that of the others can only grow.
    if (total + perRiderTime * (begin - pickup.earliest) >= this.#cost) return;
    this.#loadTrial(after, k);
    if (!settle(trial, this.#tour.maxDuration)) return;
    const cost = perRiderTime === 0 ? total : this.#costInTime(after, k);
    if (cost >= this.#cost) return;
    this.#cost = cost;
    this.#pickupAfter = after;
    this.#dropoffAfter = k;
  }

  /** Writes the route with the trip into `trial`, with the route's own earliest times as lower bounds. */
  #loadTrial(after: number, k: number): void {
    const { map } = this.#tour;
    const { size, place, service, chain } = this.#into;
    const { pickup, dropoff, maxRide } = this.#trip;
    resize(trial, size + 3);
    this.#copy(0, after, 0);
    this.#copy(after + 1, k, 1);
    this.#copy(k + 1, size + 1, 2);
    const { leg, begin, latest, pickupAt, hold } = trial;
    for (let p = after + 2; p <= size + 3; p++) {
      const from = pickupAt[p] ?? 0;
      if (from > after) pickupAt[p] = from > k ? from + 2 : from + 1;
    }
    const [p, d] = [after + 1, k + 2];
    leg[p] = (service[after] ?? 0) + map.time(place[after] ?? 0, pickup.place);
    begin[p] = pickup.earliest;
    latest[p] = pickup.latest;
    pickupAt[p] = 0;
    const next = place[k + 1] ?? 0;
    leg[d + 1] = dropoff.service + (next < 0 ? 0 : map.time(dropoff.place, next));
    const between = after === k ? this.#direct : map.time(pickup.place, place[after + 1] ?? 0);
    leg[p + 1] = pickup.service + between;
    if (k > after) leg[d] = (service[k] ?? 0) + (toDropoff[k] ?? 0);
    begin[d] = dropoff.earliest;
    latest[d] = dropoff.latest;
    pickupAt[d] = maxRide === Infinity ? 0 : p;
    hold[d] = pickup.service + maxRide;
    begin[size + 3] = Math.max(begin[size + 3] ?? 0, chain.begin[size + 1] ?? 0);
  }

  /** Copies positions of the route into `trial`, `shift` further on. */
  #copy(first: number, last: number, shift: number): void {
    const { chain } = this.#into;
    for (let k = first; k <= last; k++) {
      trial.leg[k + shift] = chain.leg[k] ?? 0;
      trial.begin[k + shift] = chain.begin[k] ?? 0;
      trial.latest[k + shift] = chain.latest[k] ?? 0;
      trial.pickupAt[k + shift] = chain.pickupAt[k] ?? 0;
      trial.hold[k + shift] = chain.hold[k] ?? 0;
    }
  }

  /** Cost of what stands in `trial` where riders' time counts. */
  #costInTime(after: number, k: number): number {
    const { map, perUse, perDistance, perRiderTime } = this.#tour;
    const { size, place, gap, wished, route } = this.#into;
    const { pickup, dropoff } = this.#trip;
    let way = 0;
    for (let p = 0; p <= size; p++) if (p !== after && p !== k) way += gap[p] ?? 0;
    const next = place[after + 1] ?? 0;
    way += map.distance(place[after] ?? 0, pickup.place) + (fromDropoff[k] ?? 0);
    if (k === after) way += map.distance(pickup.place, dropoff.place);
    else way += map.distance(pickup.place, next) + map.distance(place[k] ?? 0, dropoff.place);
    let time = (trial.begin[k + 2] ?? 0) - pickup.earliest - wished;
    for (const [position, { kind }] of route.visits.entries()) {
      if (kind !== 'dropoff') continue;
      time += trial.begin[position + 1 + (position >= after ? 1 : 0) + (position >= k ? 1 : 0)] ?? 0;
    }
    return perUse + perDistance * way + perRiderTime * time;
  }
}
