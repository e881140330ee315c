import type { AgentBuilder } from '../../agent-core/agent/agent.ts';
import type { TimerTag } from '../../agent-core/agent/context.ts';
import type { Micros } from '../../agent-core/clock.ts';
import { assert } from '../../agent-core/errors.ts';
import { departureOf, timesOf } from './departure.ts';
import { Ride } from './ride.ts';
import type { Tour } from './tour.ts';
import type { Visit } from './trip.ts';
import {
  timeOf,
  tourOf,
  type Leg,
  type VehicleContext,
  type VehicleParams,
  type VehicleState,
} from './vehicle-state.ts';

/** A place, and from when on a vehicle can drive from there. */
type Free = Pick<Tour, 'from' | 'earliest'>;

/** A vehicle does not leave for a rider who has not called it yet, and may be with another, for this time: 1 s. Sessions plan ahead further. */
const CONFIRM_MICROS = 1_000_000;

/** Lets a vehicle drive what it has planned. */
export interface Driving {
  /**
   * Sets the next departure anew; to be called whenever the plan has changed. `from`: what it was planned from, where that is not
   * where the vehicle could turn off now.
   */
  plan(ctx: VehicleContext, from?: Free): void;
  /** Sends a vehicle that has nothing to do to a place, to wait there. */
  goTo(ctx: VehicleContext, place: number): void;
}

/**
 * Declares the timers of driving. A vehicle leaves for its next stop so that it arrives when service begins in the earliest
 * timetable, or later where it is patient: until then it can still be given something else to do. Where the map lets it turn off it
 * can also be given that on the way; elsewhere a way that was begun is driven to its end. A stop that was begun is finished.
 * `changed` is called with every new plan.
 */
export function driving(
  agent: AgentBuilder<VehicleParams, VehicleState>,
  changed: (ctx: VehicleContext) => void = () => undefined,
): Driving {
  const depart: TimerTag<number> = agent.timer('depart', (ctx, leave) => {
    const { state, params } = ctx;
    state.departure = null;
    // Whoever has agreed to a deal stays where it is until it knows whether the deal holds; then it plans anew.
    if (state.session?.bound === true) return;
    if (state.leg !== null) turnOff(ctx, { from: state.leg.to, earliest: state.leg.end });
    leaveStart(ctx, leave);
    const to = state.visits[0]?.place ?? state.open.from;
    const end = timesOf({ ...tourOf(ctx), earliest: state.open.earliest }, state.visits).begin[0] ?? leave;
    if (params.map.turn === undefined) makeStop(ctx, end);
    else drive(ctx, { to, leftAt: leave, end, idle: false });
  });
  const makeStop = (ctx: VehicleContext, begin: number): void => {
    ctx.schedule(serve, untilTime(ctx, beginStop(ctx, begin)), null);
  };
  const drive = (ctx: VehicleContext, leg: Omit<Leg, 'from' | 'timer'>): void => {
    const timer = ctx.schedule(arrive, untilTime(ctx, leg.end), null);
    ctx.state.leg = { ...leg, from: ctx.state.open.from, timer };
  };
  const arrive: TimerTag<null> = agent.timer('arrive', (ctx) => {
    const { leg, session } = ctx.state;
    if (leg === null || session?.bound === true) return;
    if (leg.idle) return turnOff(ctx, { from: leg.to, earliest: leg.end });
    ctx.state.leg = null;
    makeStop(ctx, leg.end);
  });
  const serve: TimerTag<null> = agent.timer('serve', (ctx) => {
    finishStop(ctx);
    plan(ctx);
  });
  /** True where the vehicle goes on as it does: its next stop is where it is driving to, or it has nowhere else to go. */
  const goesOn = (ctx: VehicleContext, leg: Leg): boolean => {
    const [next] = ctx.state.visits;
    if (leg.idle) return next === undefined || ctx.params.map.turn === undefined;
    if (next?.place !== leg.to) return false;
    leg.end = timesOf(tourOf(ctx), ctx.state.visits).begin[0] ?? leg.end;
    ctx.cancel(leg.timer);
    leg.timer = ctx.schedule(arrive, untilTime(ctx, leg.end), null);
    return true;
  };
  const plan = (ctx: VehicleContext, from?: Free): void => {
    const { state } = ctx;
    if (state.departure !== null) ctx.cancel(state.departure.timer);
    state.departure = null;
    changed(ctx);
    if (state.leg !== null && !goesOn(ctx, state.leg)) {
      ctx.cancel(state.leg.timer);
      turnOff(ctx, from ?? tourOf(ctx));
    }
    const [next] = state.visits;
    if (state.underWay !== null || next === undefined || state.leg?.idle === false) return;
    const leave = Math.max(departureOf(ctx), confirmedBy(ctx, next));
    const delay = untilTime(ctx, leave);
    state.departure = { timer: ctx.schedule(depart, delay, leave), at: ctx.now() + delay };
  };
  return {
    plan,
    goTo(ctx, place) {
      const { state, params } = ctx;
      const { from, earliest } = tourOf(ctx);
      if (state.underWay !== null || state.visits.length > 0 || state.leg !== null || from === place) return;
      leaveStart(ctx, earliest);
      drive(ctx, { to: place, leftAt: earliest, end: earliest + params.map.time(from, place), idle: true });
    },
  };
}

/** When a rider who is expected has called, or is with another. */
function confirmedBy(ctx: VehicleContext, { trip }: Visit): number {
  return ctx.state.expected.has(trip.id) ? timeOf(ctx) + CONFIRM_MICROS / ctx.params.clock.microsPerTime : -Infinity;
}

/** Rounded down, so that the clock never reads more than a planned time before that time has come. */
function untilTime(ctx: VehicleContext, time: number): Micros {
  const { dayStart, microsPerTime } = ctx.params.clock;
  return Math.max(0, Math.floor(dayStart + time * microsPerTime) - ctx.now());
}

/** From now on the vehicle is on the road: a session that it sits in was about another tour. */
function leaveStart(ctx: VehicleContext, leave: number): void {
  const { state, params } = ctx;
  const { open } = state;
  if (state.session !== null) state.session.stale = true;
  open.earliest = Math.max(open.earliest, leave);
  open.latest = Infinity;
  if (open.left) return;
  state.leftAt = leave;
  open.left = true;
  open.homeBy = Math.min(open.homeBy, leave + params.maxDuration);
  open.maxDuration = Infinity;
}

/** The vehicle leaves its way, or waits where it ends. */
function turnOff({ state }: VehicleContext, { from, earliest }: Free): void {
  const { open } = state;
  state.leg = null;
  state.passed.push({ after: state.driven.length, place: from, at: earliest });
  open.from = from;
  open.earliest = earliest;
}

/** The first stop of the plan is made, come what may. Returns until when. */
function beginStop(ctx: VehicleContext, begin: number): number {
  const { state } = ctx;
  const { open } = state;
  const [visit, ...rest] = state.visits;
  assert(visit !== undefined, 'a vehicle stops at the first stop of its plan');
  if (state.session !== null) state.session.stale = true;
  state.underWay = { visit, begin };
  open.from = visit.place;
  open.earliest = begin + visit.service;
  const { trip } = visit;
  open.onBoard += visit.kind === 'pickup' ? trip.load : -trip.load;
  // From now on the ride is bounded by when it began.
  const dropBy = begin + visit.service + trip.maxRide;
  state.visits = rest.map((next) =>
    next.trip.id === trip.id ? { ...next, latest: Math.min(next.latest, dropBy) } : next,
  );
  return open.earliest;
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
