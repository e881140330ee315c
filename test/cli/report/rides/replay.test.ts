import { createContext, Script } from 'node:vm';
import test from 'ava';
import { rideDay } from '../../../../cli/report/rides/day.ts';
import { groundOf } from '../../../../cli/report/rides/ground.ts';
import { busiestTime, replayData, type ReplayData } from '../../../../cli/report/rides/replay-data.ts';
import { REPLAY_SCRIPT } from '../../../../cli/report/rides/replay-script.ts';
import { waysOf } from '../../../../cli/report/rides/ways.ts';
import { unitsOf } from '../../../../cli/report/rides/words.ts';
import { madeDay, type MadeDay } from '../ride-days.ts';

function dataOf({ instance, simulation }: MadeDay): ReplayData {
  const day = rideDay(instance, simulation.agents.solution);
  return replayData({
    instance,
    day,
    ground: groundOf(instance),
    ways: waysOf(instance.map),
    units: unitsOf(instance),
  });
}

/** As much of a page as the script touches: what it wrote and drew is kept. */
interface Page {
  readonly say: () => string;
  readonly discs: () => readonly (readonly [x: number, y: number, radius: number])[];
  readonly scrub: (share: number) => void;
  readonly click: () => void;
  /** Lets so many milliseconds pass, frame by frame. */
  readonly pass: (millis: number) => void;
  readonly button: () => string;
}

function pageWith(data: ReplayData, { calm = false } = {}): Page {
  const listeners = new Map<string, () => void>();
  const element = (name: string): Record<string, unknown> => ({
    addEventListener: (_: string, listener: () => void) => void listeners.set(name, listener),
    setAttribute: () => undefined,
  });
  let discs: (readonly [number, number, number])[] = [];
  const paper = new Proxy<Record<string, unknown>>(
    {},
    {
      get:
        (_, name) =>
        (...values: number[]) => {
          if (name === 'fillRect' && values[0] === 0) discs = [];
          if (name === 'arc') discs.push([values[0] ?? 0, values[1] ?? 0, values[2] ?? 0]);
        },
    },
  );
  const parts: Record<string, Record<string, unknown>> = {
    'replay-data': { textContent: JSON.stringify(data) },
    replay: { getContext: () => paper },
    'replay-play': element('play'),
    'replay-time': { ...element('slider'), max: '2000', value: '0' },
    'replay-speed': { value: '10' },
    'replay-now': {},
    'replay-controls': {},
  };
  let clock = 0;
  let frames: ((at: number) => void)[] = [];
  const page = createContext({
    document: { getElementById: (id: string) => parts[id] ?? null, documentElement: {} },
    window: {},
    matchMedia: (query: string) => ({ matches: calm && query.includes('motion'), addEventListener: () => undefined }),
    getComputedStyle: () => ({ getPropertyValue: () => '#000' }),
    performance: { now: () => clock },
    requestAnimationFrame: (frame: (at: number) => void) => void frames.push(frame),
  });
  new Script(REPLAY_SCRIPT).runInContext(page);
  return {
    say: () => String(parts['replay-now']?.['textContent']),
    discs: () => discs,
    scrub: (share) => {
      parts['replay-time'] = Object.assign(parts['replay-time'] ?? {}, { value: String(Math.round(share * 2000)) });
      listeners.get('slider')?.();
    },
    click: () => listeners.get('play')?.(),
    pass: (millis) => {
      for (const end = clock + millis; clock < end;) {
        clock += 50;
        const due = frames;
        frames = [];
        for (const frame of due) frame(clock);
      }
    },
    button: () => String(parts['replay-play']?.['textContent']),
  };
}

const DAY = madeDay({ vehicles: 3, requests: 14, streets: 8 });

test('a vehicle is at every stop when it is served there, by its replayed way', (t) => {
  const data = dataOf(DAY);
  const ground = groundOf(DAY.instance);
  const day = rideDay(DAY.instance, DAY.simulation.agents.solution);
  for (const [k, { stops }] of day.driven.entries()) {
    const way = data.vehicles[k]?.way ?? [];
    for (const { place, leave } of stops) {
      const at = way.findIndex((value, j) => j % 3 === 0 && value === Math.round(leave * 100) / 100);
      const { x, y } = ground.place(place);
      t.true(at >= 0 && Math.abs((way[at + 1] ?? 0) - x) < 0.06 && Math.abs((way[at + 2] ?? 0) - y) < 0.06);
    }
    t.true(way.every((value, j) => j % 3 !== 0 || j === 0 || value >= (way[j - 3] ?? 0)));
  }
});

test('at the beginning all wait, at the end all are delivered', (t) => {
  const page = pageWith(dataOf(DAY));
  t.regex(page.say(), /^0:00: .* 0 on board, 0 delivered$/);
  page.scrub(1);
  t.regex(page.say(), /0 waiting, 0 on board, 14 delivered$/);
});

test('the busiest time has as many riders on board as the fleet ever has', (t) => {
  const day = rideDay(DAY.instance, DAY.simulation.agents.solution);
  const page = pageWith(dataOf(DAY));
  const onBoard = (): number => Number(/(\d+) on board/.exec(page.say())?.[1]);
  let most = 0;
  for (let k = 0; k <= 400; k += 1) {
    page.scrub(k / 400);
    most = Math.max(most, onBoard());
  }
  page.scrub((busiestTime(day) - day.from) / (day.to - day.from));
  t.is(onBoard(), most);
});

test('the replay plays, pauses, and stops at the end of the day', (t) => {
  const page = pageWith(dataOf(DAY));
  page.click();
  t.regex(page.button(), /Pause/);
  page.pass(2000);
  const said = page.say();
  t.notRegex(said, /^0:00/);
  page.click();
  t.regex(page.button(), /Play/);
  page.pass(1000);
  t.is(page.say(), said);
  page.click();
  page.pass(9000);
  t.regex(page.say(), /14 delivered$/);
  t.regex(page.button(), /Play/);
  page.click();
  page.pass(100);
  t.regex(page.say(), /0 delivered$/);
});

test('who asked for less motion sees one picture after another', (t) => {
  const page = pageWith(dataOf(DAY), { calm: true });
  page.click();
  const seen = new Set<string>();
  for (let k = 0; k < 40; k += 1) {
    page.pass(50);
    seen.add(JSON.stringify(page.discs()));
  }
  t.true(seen.size <= 4, `${seen.size} pictures in two seconds`);
});

test('whom nobody serves is shown until the time is over', (t) => {
  const day = madeDay({ vehicles: 1, requests: 40, hours: 3 });
  const lost = day.simulation.agents.solution.unserved.length;
  const page = pageWith(dataOf(day));
  page.scrub(1);
  t.regex(page.say(), new RegExp(`${40 - lost} delivered, \\d+ whom nobody serves`));
});

test('a large fleet moves in straight lines, and what is replayed is bounded', (t) => {
  const { vehicles, named, riders } = dataOf(madeDay({ vehicles: 300, requests: 3000, streets: 20, hours: 12 }));
  t.false(named);
  t.true(vehicles.reduce((sum, { way }) => sum + way.length / 3, 0) <= 50_000);
  t.is(riders.length, 3000);
});

test('the script cannot end its element', (t) => {
  t.notRegex(REPLAY_SCRIPT, /<\/script|<!--/i);
});
