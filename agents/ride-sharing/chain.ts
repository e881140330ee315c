import { TIME_TOLERANCE, type Tour } from './tour.ts';
import type { Visit } from './trip.ts';

/**
 * A fixed order of stops as difference constraints between the times at which service begins.
 *
 * Position 0 is the departure, the last one the end of the tour. Arrays may be longer than the chain: they are kept for the next one.
 */
export interface Chain {
  /** Index of the end of the tour. */
  end: number;
  /** Time from the beginning of service at the position before to that at this one, at the least: service and way. */
  leg: Float64Array;
  /** Lower bounds of the times, which `settle` raises to the least solution. */
  begin: Float64Array;
  latest: Float64Array;
  /** Position of the pickup whose ride ends here; 0 where none does, or where nothing limits it. */
  pickupAt: Int32Array;
  /** By how much the pickup's time may precede this one: service at the pickup and the longest ride. */
  hold: Float64Array;
}

/** An empty chain with room for some positions. One buffer for all arrays: chains are made for every bid, and buffers are dear. */
export function createChain(room = 64): Chain {
  const buffer = new ArrayBuffer(room * 36);
  return {
    end: 0,
    leg: new Float64Array(buffer, 0, room),
    begin: new Float64Array(buffer, room * 8, room),
    latest: new Float64Array(buffer, room * 16, room),
    hold: new Float64Array(buffer, room * 24, room),
    pickupAt: new Int32Array(buffer, room * 32, room),
  };
}

/** Makes room for positions 0 to `end`. What the chain held is lost where it has to grow. */
export function resize(chain: Chain, end: number): void {
  chain.end = end;
  if (chain.leg.length <= end) Object.assign(chain, createChain(2 * end + 2), { end });
}

/** Writes a tour into a chain. */
export function loadVisits(chain: Chain, tour: Tour, visits: readonly Visit[]): void {
  const { map, home } = tour;
  resize(chain, visits.length + 1);
  const { leg, begin, latest, pickupAt } = chain;
  leg[0] = 0;
  begin[0] = tour.earliest;
  latest[0] = tour.latest;
  pickupAt[0] = 0;
  let at = tour.from;
  let service = 0;
  let k = 1;
  for (const visit of visits) {
    leg[k] = service + map.time(at, visit.place);
    begin[k] = visit.earliest;
    latest[k] = visit.latest;
    limitRide(chain, visits, k);
    at = visit.place;
    ({ service } = visit);
    k++;
  }
  leg[k] = service + (home === null || visits.length === 0 ? 0 : map.time(at, home));
  begin[k] = 0;
  latest[k] = tour.homeBy;
  pickupAt[k] = 0;
}

/** Finds the pickup that belongs to position `k`. Who was on board from the start has none, and no limit but the window. */
function limitRide({ pickupAt, hold }: Chain, visits: readonly Visit[], k: number): void {
  pickupAt[k] = 0;
  hold[k] = 0;
  const visit = visits[k - 1];
  if (visit?.kind !== 'dropoff' || visit.trip.maxRide === Infinity) return;
  for (let before = k - 1; before > 0; before--) {
    if (visits[before - 1]?.trip !== visit.trip) continue;
    pickupAt[k] = before;
    hold[k] = visit.trip.pickup.service + visit.trip.maxRide;
    return;
  }
}

/**
 * Raises `begin` to the least solution; false where there is none.
 *
 * Sweeps of Bellman and Ford: forward along the tour, backward over rides and over the whole tour's duration. More sweeps than
 * positions mean a cycle that no times satisfy. (Cormen et al., "Introduction to Algorithms", section 24.4; a single forward
 * pass would miss feasible tours, see Firat and Woeginger 2011.)
 */
export function settle(chain: Chain, maxDuration: number): boolean {
  for (let sweep = 0; sweep <= chain.end; sweep++) {
    if (!driveForward(chain)) return false;
    const raised = putOff(chain, maxDuration);
    if (raised === null) return false;
    if (!raised) return true;
  }
  return false;
}

function driveForward({ end, leg, begin, latest }: Chain): boolean {
  let at = begin[0] ?? 0;
  for (let k = 1; k <= end; k++) {
    const start = at + (leg[k] ?? 0);
    at = begin[k] ?? 0;
    if (start > at) begin[k] = at = start;
    if (at > (latest[k] ?? 0) + TIME_TOLERANCE) return false;
  }
  return true;
}

/** Puts pickups off whose ride is too long, and the departure where the tour is. True where any was; null where that is too late. */
function putOff({ end, begin, latest, pickupAt, hold }: Chain, maxDuration: number): boolean | null {
  let raised = false;
  for (let k = end; k > 0; k--) {
    const from = pickupAt[k] ?? 0;
    if (from === 0 && k !== end) continue;
    const least = (begin[k] ?? 0) - (k === end ? maxDuration : (hold[k] ?? 0));
    if (least <= (begin[from] ?? 0) + TIME_TOLERANCE) continue;
    if (least > (latest[from] ?? 0) + TIME_TOLERANCE) return null;
    begin[from] = least;
    raised = true;
  }
  return raised;
}

/**
 * The latest times of a chain that has a solution, from above: lowers `late`, which begins as the latest times. The result bounds
 * the times of every tour that holds these stops in this order.
 */
export function settleLate({ end, leg, pickupAt, hold }: Chain, maxDuration: number, late: Float64Array): void {
  for (let sweep = 0; sweep <= end; sweep++) {
    for (let k = end; k > 0; k--) late[k - 1] = Math.min(late[k - 1] ?? 0, (late[k] ?? 0) - (leg[k] ?? 0));
    let lowered = false;
    for (let k = 1; k <= end; k++) {
      const from = pickupAt[k] ?? 0;
      if (from === 0 && k !== end) continue;
      const most = (late[from] ?? 0) + (k === end ? maxDuration : (hold[k] ?? 0));
      if (most >= (late[k] ?? 0) - TIME_TOLERANCE) continue;
      late[k] = most;
      lowered = true;
    }
    if (!lowered) return;
  }
}
