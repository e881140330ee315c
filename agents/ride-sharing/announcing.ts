import type { AgentBuilder } from '../../agent-core/agent/agent.ts';
import type { TimerTag } from '../../agent-core/agent/context.ts';
import type { Micros } from '../../agent-core/clock.ts';
import { timetable } from './timetable.ts';
import { timeOf, tourOf, type VehicleContext, type VehicleParams, type VehicleState } from './vehicle-state.ts';
import { ZoneBoard } from './zone-board.ts';
import type { Boards, Presence } from './zones.ts';

/** Tells boards where a vehicle will be. */
export interface Announcing {
  /** To be called whenever the plan has changed. */
  changed(ctx: VehicleContext): void;
}

/** A post dialogue has one message; this bounds its way. */
const POST_WITHIN_MICROS = 10_000_000;
/** Boards are not told of changes below this: 5 min. */
const TOLERANCE_MICROS = 300_000_000;
/** No day of a vehicle ends later, in units of the map: bounds that are missing become this on the wire. */
const TIME_MAX = 1e12;

/**
 * Keeps the boards of all cells in which a vehicle will stop informed, one entry each: when it comes there first, and when it leaves
 * last. Posts are made anew before they expire.
 */
export function announcing(agent: AgentBuilder<VehicleParams, VehicleState>): Announcing {
  const again: TimerTag<null> = agent.timer('post-again', (ctx) => {
    const { boards } = ctx.params;
    if (boards === null || boards.renewMicros === null || isDayOver(ctx, boards)) return;
    announce(ctx, boards, ctx.now() - boards.renewMicros);
    ctx.schedule(again, boards.renewMicros, null);
  });
  agent.start((ctx) => {
    const { boards } = ctx.params;
    if (boards === null) return;
    announce(ctx, boards, -Infinity);
    if (boards.renewMicros !== null) ctx.schedule(again, boards.renewMicros, null);
  });
  // Posts have no answer; questions are asked by a program.
  agent.play(ZoneBoard, 'visitor', { near: () => undefined, refuse: () => undefined });
  return {
    changed(ctx) {
      const { boards } = ctx.params;
      const { posted, visits } = ctx.state;
      if (boards === null || posted.of === visits || ctx.now() >= boards.until) return;
      announce(ctx, boards, -Infinity);
    },
  };
}

function post(ctx: VehicleContext, cell: number, presence: Presence): void {
  const { boards } = ctx.params;
  const board = boards?.addresses[cell];
  if (board === undefined) return;
  const { posted } = ctx.state;
  const { place, from, until } = presence;
  const body = { place, from, until, company: boards?.company ?? 0, number: posted.count };
  posted.count++;
  posted.cells.set(cell, { ...presence, at: ctx.now() });
  ctx.open(ZoneBoard, 'visitor', board, 'post', body, { within: POST_WITHIN_MICROS });
}

function differ(a: Presence, b: Presence): number {
  return Math.max(Math.abs(a.from - b.from), Math.abs(a.until - b.until));
}

/** By cell, when the vehicle will be there. Between two stops it counts as being where it stopped last. */
function presences(ctx: VehicleContext, { zones }: Boards): ReadonlyMap<number, Presence> {
  const { visits } = ctx.state;
  const tour = tourOf(ctx);
  const begins = timetable(tour, visits)?.begin ?? [];
  const found = new Map<number, Presence>();
  const stay = (place: number, from: number, until: number): void => {
    const cell = zones.cellOf(place);
    const before = found.get(cell);
    found.set(
      cell,
      before === undefined
        ? { place, from, until: Math.min(until, TIME_MAX) }
        : { ...before, until: Math.min(until, TIME_MAX) },
    );
  };
  stay(tour.from, tour.earliest, begins[0] ?? tour.homeBy);
  for (const [k, { place }] of visits.entries()) stay(place, begins[k] ?? 0, begins[k + 1] ?? tour.homeBy);
  return found;
}

function isDayOver(ctx: VehicleContext, { until }: Boards): boolean {
  return ctx.now() >= until || (ctx.state.visits.length === 0 && timeOf(ctx) > ctx.params.latest);
}

/** Tells every board what has changed for it since it was told, and what it was told before `stale`. */
function announce(ctx: VehicleContext, boards: Boards, stale: Micros): void {
  const { posted, visits } = ctx.state;
  const tolerance = TOLERANCE_MICROS / ctx.params.clock.microsPerTime;
  const wanted = presences(ctx, boards);
  posted.of = visits;
  for (const [cell, presence] of wanted) {
    const before = posted.cells.get(cell);
    if (before === undefined || before.at <= stale || differ(before, presence) > tolerance) post(ctx, cell, presence);
  }
  const now = timeOf(ctx);
  for (const [cell, { place, until }] of posted.cells) {
    if (wanted.has(cell)) continue;
    if (until > now + tolerance) post(ctx, cell, { place, from: now, until: now });
    posted.cells.delete(cell);
  }
}
