import type { AgentBuilder } from '../../agent-core/agent/agent.ts';
import type { TimerTag } from '../../agent-core/agent/context.ts';
import type { Micros } from '../../agent-core/clock.ts';
import { assert } from '../../agent-core/errors.ts';
import { Ride } from './ride.ts';
import { timetable } from './timetable.ts';
import { tourOf, type VehicleContext, type VehicleParams, type VehicleState } from './vehicle-state.ts';

/** Lets a vehicle drive what it has planned. */
export interface Driving {
  /** Sets the next departure anew; to be called whenever the plan has changed. */
  plan(ctx: VehicleContext): void;
}

/**
 * Declares the timers of driving. A vehicle leaves for its next stop so that it arrives when service begins in the earliest timetable: until
 * then it can still be given something else to do. A leg that has begun is driven to its end. `changed` is called with every new plan.
 */
export function driving(
  agent: AgentBuilder<VehicleParams, VehicleState>,
  changed: (ctx: VehicleContext) => void = () => undefined,
): Driving {
  const depart: TimerTag<number> = agent.timer('depart', (ctx, leave) => {
    ctx.state.departure = null;
    setOff(ctx, leave);
    const { underWay } = ctx.state;
    if (underWay !== null) ctx.schedule(serve, untilTime(ctx, underWay.begin + underWay.visit.service), null);
  });
  const serve: TimerTag<null> = agent.timer('serve', (ctx) => {
    finishStop(ctx);
    plan(ctx);
  });
  const plan = (ctx: VehicleContext): void => {
    const { state } = ctx;
    if (state.departure !== null) ctx.cancel(state.departure.timer);
    state.departure = null;
    changed(ctx);
    const [next] = state.visits;
    if (state.underWay !== null || next === undefined) return;
    const tour = tourOf(ctx);
    const times = timetable(tour, state.visits);
    assert(times !== null, 'a vehicle plans only what it can drive');
    const leave = Math.max(times.leave, (times.begin[0] ?? 0) - tour.map.time(tour.from, next.place));
    const delay = untilTime(ctx, leave);
    state.departure = { timer: ctx.schedule(depart, delay, leave), at: ctx.now() + delay };
  };
  return { plan };
}

/** Rounded down, so that the clock never reads more than a planned time before that time has come. */
function untilTime(ctx: VehicleContext, time: number): Micros {
  const { dayStart, microsPerTime } = ctx.params.clock;
  return Math.max(0, Math.floor(dayStart + time * microsPerTime) - ctx.now());
}

function setOff(ctx: VehicleContext, leave: number): void {
  const { state, params } = ctx;
  const { open } = state;
  const [visit, ...rest] = state.visits;
  const times = timetable({ ...tourOf(ctx), earliest: Math.max(open.earliest, leave) }, state.visits);
  const begin = times?.begin[0];
  assert(visit !== undefined && begin !== undefined, 'a vehicle leaves for the first stop of its plan');
  if (state.session !== null) {
    state.session.stale = true;
    state.session.bound = false;
  }
  if (!open.left) {
    state.leftAt = leave;
    open.left = true;
    open.homeBy = Math.min(open.homeBy, leave + params.maxDuration);
    open.maxDuration = Infinity;
  }
  state.underWay = { visit, begin };
  open.from = visit.place;
  open.earliest = begin + visit.service;
  open.latest = Infinity;
  const { trip } = visit;
  open.onBoard += visit.kind === 'pickup' ? trip.load : -trip.load;
  // From now on the ride is bounded by when it began.
  const dropBy = begin + visit.service + trip.maxRide;
  state.visits = rest.map((next) =>
    next.trip.id === trip.id ? { ...next, latest: Math.min(next.latest, dropBy) } : next,
  );
}

function finishStop(ctx: VehicleContext): void {
  const { state } = ctx;
  assert(state.underWay !== null, 'a stop ends where one was made');
  const { visit, begin } = state.underWay;
  const { id } = visit.trip;
  state.underWay = null;
  state.driven.push({ trip: id, kind: visit.kind, begin });
  const contract = state.contracts.get(id);
  if (contract === undefined) return;
  if (visit.kind === 'pickup') {
    contract.pickedUpAt = begin;
    return;
  }
  state.contracts.delete(id);
  const dialogue = ctx.dialogue(Ride, 'participant', { peer: contract.rider, id: contract.dialogue });
  if (dialogue?.open === true) dialogue.send('inform', { pickupAt: contract.pickedUpAt ?? begin, dropoffAt: begin });
}
