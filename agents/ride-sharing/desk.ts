import type { RandomStream } from '../../agent-core/random.ts';
import type { Topic, Verdict } from './exchange-protocol.ts';
import { insertable, type Insertable } from './insertable.ts';
import { cheapestInsertion, cheapestPlacing } from './insertion.ts';
import { releaseString } from './release.ts';
import { tripsOf, without, type Route } from './route.ts';
import type { Tour } from './tour.ts';
import type { Trip } from './trip.ts';

/** One vehicle's part in a session: its drafts, of which it tells nobody. */
export interface Desk {
  readonly tour: Tour;
  readonly committed: Route;
  /** Trips that are not to be given away. */
  readonly kept: ReadonlySet<number>;
  /** The draft after the last round that was kept, and the one after the best. */
  current: Route;
  best: Route;
  /** The draft of this round. */
  trial: Insertable | null;
  lots: readonly Trip[];
}

/** A vehicle sits down with the route that binds it. */
export function createDesk(tour: Tour, committed: Route, kept: ReadonlySet<number>): Desk {
  return { tour, committed, kept, current: committed, best: committed, trial: null, lots: [] };
}

/** What a vehicle would release in a round. */
export interface Release {
  readonly trips: readonly Trip[];
  /** How near the nearest is to the topic; null where it has none. */
  readonly nearness: number | null;
  /** One of its trips as a topic. */
  readonly idea: Topic | null;
}

/** Picks what to release near a topic. */
export function release(desk: Desk, topic: Topic, random: RandomStream): Release {
  const trips = tripsOf(desk.current).filter(({ id }) => !desk.kept.has(id));
  const released = releaseString(trips, { topic, map: desk.tour.map, random });
  return { ...released, idea: ideaOf(trips, random) };
}

/** One of some trips, at random, as a topic. */
export function ideaOf(trips: readonly Trip[], random: RandomStream): Topic | null {
  if (trips.length === 0) return null;
  const { pickup, dropoff } = random.pick(trips);
  return { pickup: pickup.place, dropoff: dropoff.place, at: pickup.earliest, timeOnly: random.uniform() < 0.5 };
}

/** What each lot would add to a vehicle's costs; null where it cannot be served. */
export type LotCosts = readonly (number | null)[];

/** Costs of a draft that cannot be driven: no session keeps it. */
const UNDRIVABLE = 1e12;

/** The lots are up: those of this vehicle leave its draft. */
export function openLots(desk: Desk, lots: readonly Trip[]): { readonly saved: number; readonly costs: LotCosts } {
  const base = without(desk.tour, desk.current, new Set(lots.map(({ id }) => id)));
  desk.lots = lots;
  desk.trial = insertable(desk.tour, base);
  // On a map without the triangle inequality a route can be late without some of its stops: that draft is no good.
  const saved = desk.trial.feasible ? desk.current.cost - base.cost : -UNDRIVABLE;
  return { saved, costs: costsOf(desk.trial, lots) };
}

/** A lot is this vehicle's, which it said it could serve. Bids again for those that are open. */
export function takeLot(desk: Desk, lot: number, open: readonly number[]): LotCosts | null {
  const trip = desk.lots[lot];
  const route = desk.trial === null || trip === undefined ? null : cheapestInsertion(desk.trial, trip);
  if (route === null) return null;
  desk.trial = insertable(desk.tour, route);
  return costsOf(
    desk.trial,
    open.flatMap((index) => desk.lots[index] ?? []),
  );
}

/** The round is over. */
export function endRound(desk: Desk, verdict: Verdict): void {
  const { trial } = desk;
  desk.trial = null;
  if (trial === null || verdict === 'undone' || verdict === 'none') return;
  desk.current = trial.route;
  if (verdict === 'best') desk.best = desk.current;
}

function costsOf(into: Insertable, lots: readonly Trip[]): LotCosts {
  return lots.map((trip) => {
    const placing = cheapestPlacing(into, trip);
    return placing === null ? null : placing.cost - into.route.cost;
  });
}
