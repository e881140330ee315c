import type { RandomStream } from '../../agent-core/random.ts';
import type { Verdict } from './exchange-protocol.ts';
import { insertable, type Insertable } from './insertable.ts';
import { cheapestInsertion, cheapestPlacing } from './insertion.ts';
import { releaseString, topicOf, type Nearness, type Topic } from './release.ts';
import { tripsOf, without, type Route } from './route.ts';
import type { Tour } from './tour.ts';
import type { Trip } from './trip.ts';

/** Strings of trips that a vehicle releases: up to ten, half of them split around up to ten that it keeps. */
const STRINGS = { maxTrips: 10, splitChance: 0.5, maxKept: 10 } as const;

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
export interface Offer {
  readonly trips: readonly Trip[];
  /** How far the nearest is from the topic; null where it has none. */
  readonly distance: number | null;
  /** One of its trips as a topic. */
  readonly idea: Topic | null;
}

/** What a round looks for, and by what. */
export interface Search {
  readonly topic: Topic;
  readonly nearness: Nearness;
}

/** Picks what to release near a topic. */
export function offerOf(desk: Desk, { topic, nearness }: Search, random: RandomStream): Offer {
  const trips = tripsOf(desk.current).filter(({ id }) => !desk.kept.has(id));
  const limits = { map: desk.tour.map, nearness, ...STRINGS };
  const { trips: released, distance } = releaseString({ trips, topic }, limits, random);
  return { trips: released, distance: distance === Infinity ? null : distance, idea: ideaOf(trips, random) };
}

/** One of some trips, at random, as a topic. */
export function ideaOf(trips: readonly Trip[], random: RandomStream): Topic | null {
  return trips.length === 0 ? null : topicOf(random.pick(trips));
}

/** What each lot would add to a vehicle's costs; null where it cannot be served. */
export type LotCosts = readonly (number | null)[];

/** Costs of a draft that cannot be driven: no session keeps it. */
const UNDRIVABLE = 1e12;

/** The lots are up: those of this vehicle leave its draft. */
export function openLots(desk: Desk, lots: readonly Trip[]): { readonly saved: number; readonly costs: LotCosts } {
  const own = new Set(tripsOf(desk.current).map(({ id }) => id));
  const gone = lots.filter(({ id }) => own.has(id) && !desk.kept.has(id)).map(({ id }) => id);
  const base = without(desk.tour, desk.current, new Set(gone));
  desk.lots = lots;
  desk.trial = insertable(desk.tour, base);
  // On a map without the triangle inequality a route can be late without some of its stops: that draft is no good.
  const saved = desk.trial.feasible ? desk.current.cost - base.cost : -UNDRIVABLE;
  return { saved, costs: costsOf(desk.trial, lots) };
}

/** A lot is this vehicle's, which it said it could serve. Bids again for those that are open. */
export function takeLot(desk: Desk, lot: number, open: readonly number[]): LotCosts | null {
  const trip = desk.lots[lot];
  const { trial } = desk;
  if (trial === null || trip === undefined || isIn(trial, trip)) return null;
  const route = cheapestInsertion(trial, trip);
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
  // A chair that keeps what cannot be driven offers a deal later that this vehicle does not know.
  if (trial?.feasible !== true || verdict === 'undone' || verdict === 'none') return;
  desk.current = trial.route;
  if (verdict === 'best') desk.best = desk.current;
}

function costsOf(into: Insertable, lots: readonly Trip[]): LotCosts {
  return lots.map((trip) => {
    const placing = isIn(into, trip) ? null : cheapestPlacing(into, trip);
    return placing === null ? null : placing.cost - into.route.cost;
  });
}

/** Whether a route serves a trip, or brings it to its end: nobody drives it twice, and who is on board stays. */
function isIn({ route }: Insertable, { id }: Trip): boolean {
  return route.visits.some(({ trip }) => trip.id === id);
}
