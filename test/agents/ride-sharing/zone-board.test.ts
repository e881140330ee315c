import test from 'ava';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import type { Context } from '../../../agent-core/agent/context.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import { findNear } from '../../../agents/ride-sharing/finding.ts';
import { BOARD_LIMITS, ZoneBoard, zoneBoard, type ZoneBoardState } from '../../../agents/ride-sharing/zone-board.ts';
import { squareZones, type Boards, type Presence } from '../../../agents/ride-sharing/zones.ts';
import { planeMap } from '../../../scenarios/ride-sharing/plane.ts';
import type { PlacedAgent } from '../../../simulator/placed-agent.ts';
import { world, type World } from '../../../simulator/world.ts';

/** 400 places, 20 in a row, and 25 cells of 4 times 4. */
const MAP = planeMap(Array.from({ length: 400 }, (_, k) => ({ x: k % 20, y: Math.floor(k / 20) })));
const ZONES = squareZones(MAP.positions, 25);
/** Time is in minutes. */
const CLOCK = { dayStart: 0, microsPerTime: 60_000_000 };
const LIFE = 600_000_000;

interface Town {
  readonly place: World;
  readonly boards: Boards;
  readonly states: readonly PlacedAgent<ZoneBoardState>[];
}

function town(): Town {
  const place = world({ seed: 1, strict: true });
  const states = Array.from({ length: ZONES.cells }, (_, cell) =>
    place.spawn(zoneBoard({ cell, zones: ZONES, map: MAP, clock: CLOCK, lifeMicros: LIFE }), { name: `board-${cell}` }),
  );
  const boards = {
    zones: ZONES,
    addresses: states.map(({ did }) => did),
    company: null,
    renewMicros: null,
    until: Infinity,
  };
  return { place, boards, states };
}

/** An agent that does one thing at its start. */
function visitor({ place }: Town, name: string, act: (ctx: Context<void, undefined>) => Promise<void> | void): Did {
  const agent = defineAgent({
    name: 'visitor',
    setup(builder) {
      builder.play(ZoneBoard, 'visitor', { near: () => undefined, refuse: () => undefined });
      builder.start(act);
    },
  });
  return place.spawn(agent(), { name }).did;
}

interface Post extends Partial<Presence> {
  readonly place: number;
  readonly cell?: number;
  readonly number?: number;
  readonly company?: number;
}

function post(here: Town, name: string, { cell, ...given }: Post): Did {
  const body = { from: 0, until: 1_000, company: 0, number: 1, ...given };
  return visitor(here, name, (ctx) => {
    const board = here.boards.addresses[cell ?? ZONES.cellOf(given.place)];
    if (board !== undefined) ctx.open(ZoneBoard, 'visitor', board, 'post', body, { within: '1 s' });
  });
}

interface Wanted {
  readonly place: number;
  readonly at?: number | null;
  readonly most?: number;
  readonly company?: number | null;
  readonly after?: number;
}

async function found(
  here: Town,
  { place, at = 0, most = 8, company = null, after = 1_000_000 }: Wanted,
): Promise<readonly Did[]> {
  let result: readonly Did[] = [];
  visitor(here, `asker-${here.place.agents.length}`, async (ctx) => {
    await ctx.sleep(`${after} us`);
    result = await ctx.run(findNear, { boards: { ...here.boards, company }, place, at, most });
  });
  await here.place.run();
  return result;
}

test('tells who can be somewhere soonest, by place and time', async (t) => {
  const here = town();
  const far = post(here, 'far', { place: 63 });
  const late = post(here, 'late', { place: 42, from: 30 });
  const near = post(here, 'near', { place: 43 });
  t.deepEqual(await found(here, { place: 42 }), [near, far, late]);
  t.deepEqual(await found(here, { place: 42, at: 40 }), [late, near, far]);
  t.deepEqual(await found(here, { place: 42, at: null }), [late, near, far]);
});

test('a rider far from all vehicles still finds one', async (t) => {
  const here = town();
  const only = post(here, 'only', { place: 399 });
  t.deepEqual(await found(here, { place: 0 }), [only]);
});

test('nobody is found in an empty town', async (t) => {
  t.deepEqual(await found(town(), { place: 210 }), []);
});

test('answers are bounded: as many as were asked for, the nearest', async (t) => {
  const here = town();
  const all = Array.from({ length: 12 }, (_, k) => post(here, `vehicle-${k}`, { place: 20 + k }));
  t.deepEqual(await found(here, { place: 20, most: 3 }), all.slice(0, 3));
});

test('no more boards are asked than it takes to find enough', async (t) => {
  const here = town();
  for (let k = 0; k < 8; k++) post(here, `vehicle-${k}`, { place: 190 });
  await found(here, { place: 190 });
  t.true(here.states.reduce((sum, { state }) => sum + state.asks, 0) <= 4);
});

test('forgets whom nothing was heard of for the life of a post, and who has left', async (t) => {
  const here = town();
  post(here, 'silent', { place: 0 });
  post(here, 'gone', { place: 1, until: 5 });
  t.is((await found(here, { place: 0 })).length, 2);
  t.is((await found(here, { place: 0, at: null, after: 360_000_000 })).length, 1);
  t.is((await found(here, { place: 0, at: null, after: LIFE + 1 })).length, 0);
  t.is(here.states[0]?.state.entries.size, 0);
});

test('refuses posts of places that are not its own, or not on the map', async (t) => {
  const here = town();
  post(here, 'elsewhere', { place: 399, cell: 0 });
  post(here, 'nowhere', { place: 400, cell: 0 });
  await here.place.run();
  t.deepEqual([here.states[0]?.state.entries.size, here.states[0]?.state.refused], [0, 2]);
});

test('refuses questions about places that are not on the map', async (t) => {
  const here = town();
  let answer = '';
  visitor(here, 'lost', async (ctx) => {
    const [board] = here.boards.addresses;
    if (board === undefined) return;
    const body = { place: 400, at: null, company: null, most: 8 };
    answer = (await ctx.ask(ZoneBoard, 'visitor', board, 'ask', body, { within: '1 s' })).type;
  });
  await here.place.run();
  t.deepEqual([answer, here.states[0]?.state.refused], ['refuse', 1]);
});

test('an older post that comes later changes nothing', async (t) => {
  const here = town();
  visitor(here, 'twice', (ctx) => {
    const [board] = here.boards.addresses;
    if (board === undefined) return;
    for (const [number, place] of [
      [2, 1],
      [1, 0],
    ] as const) {
      const body = { place, from: 0, until: 9, company: 0, number };
      ctx.open(ZoneBoard, 'visitor', board, 'post', body, { within: '1 s' });
    }
  });
  await here.place.run();
  t.deepEqual(
    [...(here.states[0]?.state.entries.values() ?? [])].map(({ place }) => place),
    [1],
  );
});

test('vehicles of another company are not told to who asks for its own', async (t) => {
  const here = town();
  const own = post(here, 'own', { place: 0, company: 1 });
  post(here, 'other', { place: 0, company: 2 });
  t.deepEqual(await found(here, { place: 0, company: 1 }), [own]);
});

test('a board learns of a vehicle one place, two times and its company, and nothing of riders', (t) => {
  const { post: told, ask } = ZoneBoard.messages;
  t.deepEqual(Object.keys(told.body.shape).toSorted(), ['company', 'from', 'number', 'place', 'until']);
  t.deepEqual(Object.keys(ask.body.shape).toSorted(), ['at', 'company', 'most', 'place']);
  t.is(BOARD_LIMITS.answer, 32);
});
