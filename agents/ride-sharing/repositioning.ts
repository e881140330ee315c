import type { AgentBuilder } from '../../agent-core/agent/agent.ts';
import type { Driving } from './driving.ts';
import { noteAccess, noteCall, noteLost, viewOf } from './outlook.ts';
import type { Trip } from './trip.ts';
import { timeOf, tourOf, type VehicleContext, type VehicleParams, type VehicleState } from './vehicle-state.ts';

/** Sends idle vehicles where their policy says. */
export interface Idleness {
  /** To be called with every new plan. */
  changed(ctx: VehicleContext): void;
  /** Hands over what drives the vehicle. */
  sends(driving: Driving): void;
}

/** A vehicle that has nothing to do looks where it could wait after this time, 60 s, and then each time after twice as long … */
const LOOK_MICROS = 60_000_000;
/** … up to eight times that; and no more than so often until it has served somebody. */
const DOUBLINGS = 3;
const LOOKS_MAX = 12;

/** Declares the timer of repositioning. */
export function createIdleness(agent: AgentBuilder<VehicleParams, VehicleState>): Idleness {
  let drives: Driving | null = null;
  const look = agent.timer('look', (ctx, after: number) => {
    const { state } = ctx;
    const { idle } = state;
    if (idle === null || idle.after !== after || state.driven.length !== after || state.visits.length > 0) return;
    if (state.leg === null) {
      const place = bestPlace(ctx, idle.since);
      if (place !== null) drives?.goTo(ctx, place);
    }
    idle.looks++;
    if (idle.looks < LOOKS_MAX) ctx.schedule(look, LOOK_MICROS * 2 ** Math.min(DOUBLINGS, idle.looks), after);
  });
  const changed = (ctx: VehicleContext): void => {
    const { state, params } = ctx;
    const after = state.driven.length;
    if (params.policies.reposition === null || state.visits.length > 0 || state.underWay !== null) return;
    if (state.idle?.after === after) return;
    state.idle = { after, since: timeOf(ctx), looks: 0 };
    ctx.schedule(look, LOOK_MICROS, after);
  };
  agent.start(changed);
  return {
    sends(driving) {
      drives = driving;
    },
    changed,
  };
}

/** Notes that a rider called. */
export function hear(ctx: VehicleContext, trip: Trip): void {
  noteCall(ctx.state.outlook, trip, { map: ctx.params.map, now: timeOf(ctx) });
}

/** Notes that somebody else serves a trip. */
export function lose(ctx: VehicleContext, trip: Trip): void {
  const { map, colleagues, boards } = ctx.params;
  const most = boards === null ? colleagues.length : Infinity;
  noteLost(ctx.state.outlook, trip, { map, now: timeOf(ctx), most });
}

/** Notes that this vehicle serves a trip; to be called before the trip is in its plan. */
export function win(ctx: VehicleContext, trip: Trip): void {
  const { state, params } = ctx;
  if (state.visits.length > 0 || state.underWay !== null) return;
  noteAccess(state.outlook, params.map.time(tourOf(ctx).from, trip.pickup.place));
}

function bestPlace(ctx: VehicleContext, idleSince: number): number | null {
  const { params, state } = ctx;
  const { map, home, clock } = params;
  const { reposition } = params.policies;
  const now = timeOf(ctx);
  if (reposition === null || now < params.earliest) return null;
  const { from, earliest, homeBy } = tourOf(ctx);
  const view = viewOf(state.outlook, { map, place: from, now, idleSince, secondsPerTime: clock.microsPerTime / 1e6 });
  let best: number | null = null;
  let most = 0;
  for (const place of view?.places ?? []) {
    // It has to be home in time from there.
    if (earliest + map.time(from, place) + (home === null ? 0 : map.time(place, home)) > homeBy) continue;
    const [score = 0] = ctx.decide(reposition, view?.prospect(place) ?? []);
    if (score > most) [most, best] = [score, place];
  }
  return best;
}
