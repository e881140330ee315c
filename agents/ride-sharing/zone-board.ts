import { z } from 'zod';
import { defineAgent } from '../../agent-core/agent/agent.ts';
import type { Context } from '../../agent-core/agent/context.ts';
import type { Micros } from '../../agent-core/clock.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';
import { did } from '../../agent-core/protocol/did.ts';
import { defineProtocol } from '../../agent-core/protocol/protocol.ts';
import type { RoadMap } from './trip.ts';
import type { DayClock } from './vehicle-state.ts';
import type { Presence, Zones } from './zones.ts';

/** Bounds of what one board takes and tells. */
export const BOARD_LIMITS = {
  /** Vehicles in one answer: who asks calls no more of them anyway. */
  answer: 32,
  /** Vehicles that one board remembers: more than a fleet has in one cell. Those that posted longest ago make room. */
  entries: 4_096,
  /** How long a post holds where nothing is heard of the vehicle, so that one that is gone is forgotten: 1 h. */
  lifeMicros: 3_600_000_000,
} as const;

/**
 * Vehicles tell the board of a cell when they will be there; riders and vehicles ask it who is near. It decides nothing, and hears
 * nothing of riders, windows, fares or routes: of each vehicle one place in its own cell, with two times, and whose it is.
 */
export const ZoneBoard = defineProtocol({
  name: 'zone-board',
  version: '1.0.0',
  roles: ['visitor', 'board'],
  messages: {
    /** `number` grows with each post of a vehicle: an older one that comes later changes nothing. */
    post: {
      from: 'visitor',
      as: 'inform',
      body: z.object({
        place: z.int().nonnegative(),
        from: z.number(),
        until: z.number(),
        company: z.int().nonnegative(),
        number: z.int().nonnegative(),
      }),
    },
    /** Who can be at a place soonest after a time; at whatever time where it is null. `company`: only vehicles of this one. */
    ask: {
      from: 'visitor',
      as: 'query-ref',
      body: z.object({
        place: z.int().nonnegative(),
        at: z.number().nullable(),
        company: z.int().nonnegative().nullable(),
        most: z.int().positive().max(BOARD_LIMITS.answer),
      }),
    },
    /** `reach`: how long after the time it can be there; the nearest first. */
    near: {
      from: 'board',
      as: 'inform',
      body: z.object({
        vehicles: z.array(z.object({ vehicle: did(), reach: z.number() })).max(BOARD_LIMITS.answer),
      }),
    },
    refuse: { from: 'board', as: 'refuse', body: z.object({ reason: z.string().max(64) }) },
  },
  dialogue: {
    initial: 'idle',
    states: {
      idle: { on: { post: 'over', ask: 'asked' } },
      asked: { on: { near: 'over', refuse: 'over' } },
      over: { type: 'final' },
    },
  },
});

const params = z.object({
  cell: z.int().nonnegative(),
  zones: z.custom<Zones>(),
  map: z.custom<RoadMap>(),
  clock: z.custom<DayClock>(),
  /** How long a post holds. */
  lifeMicros: z.int().positive().default(BOARD_LIMITS.lifeMicros),
});

/** Parameters of {@link zoneBoard}. */
export type ZoneBoardParams = z.output<typeof params>;

/** What a board knows of a vehicle. */
export interface BoardEntry extends Presence {
  readonly company: number;
  readonly number: number;
  readonly expires: Micros;
}

/** State of {@link zoneBoard}. */
export interface ZoneBoardState {
  /** In the order of their last posts. */
  readonly entries: Map<Did, BoardEntry>;
  posts: number;
  asks: number;
  /** Posts and questions about places that are not this board's, or not on the map. */
  refused: number;
}

type BoardContext = Context<ZoneBoardParams, ZoneBoardState>;

/** The bulletin board of one cell of the map. */
export const zoneBoard = defineAgent({
  name: 'zone-board',
  params,
  state: (): ZoneBoardState => ({ entries: new Map(), posts: 0, asks: 0, refused: 0 }),
  setup(agent) {
    agent.play(ZoneBoard, 'board', {
      post(ctx, m) {
        const {
          state,
          params: { cell, zones, map, lifeMicros },
        } = ctx;
        const { entries } = state;
        const { place, number } = m.body;
        if (place >= map.places || zones.cellOf(place) !== cell) {
          state.refused++;
          return;
        }
        const before = entries.get(m.from);
        if (before !== undefined && before.number > number) return;
        entries.delete(m.from);
        entries.set(m.from, { ...m.body, expires: ctx.now() + lifeMicros });
        state.posts++;
        if (entries.size > BOARD_LIMITS.entries) makeRoom(entries);
      },
      ask(ctx, m) {
        const {
          state,
          params: { map },
        } = ctx;
        if (m.body.place >= map.places) {
          state.refused++;
          return m.reply('refuse', { reason: 'not on the map' });
        }
        state.asks++;
        forget(ctx);
        m.reply('near', { vehicles: nearest(ctx, m.body).filter(({ vehicle }) => vehicle !== m.from) });
      },
    });
  },
});

function makeRoom(entries: Map<Did, BoardEntry>): void {
  for (const oldest of entries.keys()) {
    entries.delete(oldest);
    return;
  }
}

/** Whoever has left, or was not heard of for long, is not there any more. */
function forget(ctx: BoardContext): void {
  const { entries } = ctx.state;
  const { clock } = ctx.params;
  const now = ctx.now();
  const time = (now - clock.dayStart) / clock.microsPerTime;
  for (const [vehicle, { until, expires }] of entries) {
    if (until < time || expires < now) entries.delete(vehicle);
  }
}

function nearest(
  { state: { entries }, params: { map } }: BoardContext,
  wanted: {
    readonly place: number;
    readonly at: number | null;
    readonly company: number | null;
    readonly most: number;
  },
): { vehicle: Did; reach: number }[] {
  const { place, at, company, most } = wanted;
  const found: { vehicle: Did; reach: number }[] = [];
  for (const [vehicle, entry] of entries) {
    if (company !== null && entry.company !== company) continue;
    if (at !== null && entry.until < at) continue;
    const wait = at === null ? 0 : Math.max(0, entry.from - at);
    found.push({ vehicle, reach: wait + map.time(entry.place, place) });
  }
  found.sort((a, b) => a.reach - b.reach || (a.vehicle < b.vehicle ? -1 : 1));
  return found.slice(0, most);
}
