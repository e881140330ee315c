import { createHash } from 'node:crypto';
import test from 'ava';
import { ridesReport } from '../../../cli/report/rides.ts';
import type { RideSolution } from '../../../scenarios/ride-sharing/solution.ts';
import { madeDay, reportOf, type MadeDay } from './ride-days.ts';
import { occurrences } from './simulated.ts';

const HOSTILE = `<img src=x onerror="alert(1)">'&</title></script><script>alert(2)</script>`;

/** A city with everything in it: trades, riders whom nobody serves, vehicles that never leave. */
function everything(): MadeDay {
  return madeDay({ vehicles: 5, requests: 60, streets: 9, trades: 12, hours: 3, seed: 4 });
}

function days(): Readonly<Record<string, MadeDay>> {
  return {
    everything: everything(),
    plane: madeDay({ vehicles: 3, requests: 12 }),
    goods: madeDay({ vehicles: 3, requests: 12, capacity: 200, trades: 1 }),
    many: madeDay({ vehicles: 40, requests: 90, streets: 12, trades: 400 }),
    'many on a plane': madeDay({ vehicles: 40, requests: 90 }),
    nobody: madeDay({ vehicles: 2, requests: 0 }),
    'no vehicle': madeDay({ vehicles: 0, requests: 3 }),
    'one trip': madeDay({ vehicles: 1, requests: 1 }),
  };
}

test('the head says where policies come from, and nothing of scripted ones', (t) => {
  const { instance, simulation } = everything();
  const { result } = simulation;
  for (const [policy, words] of [
    ['scripted', null],
    ['learned', 'Policies <b>learned</b>'],
    ['file', 'Policies <b>from files</b>'],
  ] as const) {
    const page = ridesReport(instance, { ...simulation, result: { ...result, mode: { ...result.mode, policy } } });
    t.is(occurrences(page, words ?? 'Policies '), words === null ? 0 : 1);
  }
});

test('hostile names stay text everywhere', (t) => {
  const { instance, simulation } = everything();
  const page = ridesReport(
    {
      ...instance,
      name: HOSTILE,
      units: { time: HOSTILE, distance: HOSTILE },
      published: { distance: 900, vehicles: null, status: 'best-known', source: HOSTILE },
    },
    {
      ...simulation,
      result: {
        ...simulation.result,
        instance: HOSTILE,
        fingerprint: HOSTILE,
        references: { [HOSTILE]: { [HOSTILE]: 1, distance: 3 } },
      },
    },
  );
  t.false(page.includes('<img'));
  t.false(page.includes('<script>alert'));
  t.is(occurrences(page, '</script>'), 2);
  t.true(page.includes('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&#39;&amp;&lt;/title&gt;'));
});

test('the page loads nothing and runs one script, which its policy names', (t) => {
  const page = reportOf(everything());
  const [, script = ''] = /<script>([^]*?)<\/script>/.exec(page) ?? [];
  const digest = createHash('sha256').update(script).digest('base64');
  t.true(
    page.includes(
      `content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; script-src &#39;sha256-${digest}&#39;"`,
    ),
  );
  t.is(occurrences(page, '<script>'), 1);
  t.notRegex(page, /<(?:link|iframe|img|object|base|form)|https?:|url\(|@import|\bon\w+="|javascript:/);
  t.notRegex(script, /fetch|XMLHttpRequest|WebSocket|import\(|eval|innerHTML|localStorage/);
});

for (const [name, day] of Object.entries(days())) {
  test(`no number of the page is broken: ${name}`, (t) => {
    const page = reportOf(day).replace(/<script>[^]*?<\/script>/, '');
    t.notRegex(page, /NaN|Infinity|undefined|\[object|null[,\]]/);
  });

  test(`elements close in the order in which they open: ${name}`, (t) => {
    const open: string[] = [];
    const page = reportOf(day)
      .replace(/<style>.*<\/style>/s, '')
      .replaceAll(/<script[^]*?<\/script>/g, '')
      .replace('<!doctype html>', '');
    for (const [, end, element = ''] of page.matchAll(/<(\/?)([\w-]+)[^>]*>/g)) {
      if (element === 'meta' || element === 'input') continue;
      if (end === '') open.push(element);
      else t.is(open.pop(), element);
    }
    t.deepEqual(open, []);
  });

  test(`ids are unique and every drawing has a title and a description: ${name}`, (t) => {
    const page = reportOf(day);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    t.is(new Set(ids).size, ids.length);
    for (const [, names = ''] of page.matchAll(/aria-labelledby="([^"]+)"/g)) {
      for (const id of names.split(' ')) t.true(ids.includes(id), id);
    }
    for (const [drawing] of page.matchAll(/<svg [^>]*>/g)) t.regex(drawing, /aria-labelledby=|aria-hidden="true"/);
    t.is(occurrences(page, '<canvas'), occurrences(page, '<canvas id="replay" class="replay"'));
  });
}

test('the same day has the same page', (t) => {
  t.is(reportOf(everything()), reportOf(everything()));
});

test('the verdict stands beside the proven optimum, the contract net and rides of one’s own', (t) => {
  const { instance, simulation } = madeDay({ vehicles: 3, requests: 12 });
  const kpis = (distance: number): { readonly distance: number } => ({ distance });
  const { result } = simulation;
  const page = ridesReport(
    { ...instance, published: { distance: 100, vehicles: null, status: 'proven', source: 'a paper' } },
    {
      ...simulation,
      result: { ...result, agents: kpis(102), baseline: kpis(110), references: { ownTaxi: kpis(204) } },
    },
  );
  t.regex(page, /agreed on routes of 102\.00 km, 2 % above the proven optimum of 100\.00\. All 12 requests are served/);
  t.regex(page, /would drive 110\.00 km \(7\.8 % more\)\. Renegotiation closed 80 % of the gap/);
  t.regex(page, /With a taxi for every rider it would be 204\.00 km \(100 % more\)/);
  t.regex(page, /Published value: a paper\./);
});

test('as many vehicles as the best known, or how many more, is part of the verdict', (t) => {
  const { instance, simulation } = madeDay({ vehicles: 3, requests: 12 });
  const distance = simulation.result.agents['distance'] ?? 0;
  const withVehicles = (vehicles: number): string =>
    ridesReport(
      { ...instance, published: { distance, vehicles, status: 'best-known', source: 'a paper' } },
      simulation,
    );
  const used = simulation.agents.solution.routes.length;
  t.regex(withVehicles(used - 1), /as short as the best known solution, with 1 vehicle more\./);
  t.regex(withVehicles(used + 2), /as short as the best known solution, with 2 vehicles fewer\./);
  t.regex(withVehicles(used), /as short as the best known solution\. All/);
});

test('a solution that breaks limits is called so, with every limit that it breaks', (t) => {
  const { instance, simulation } = everything();
  const page = ridesReport(instance, {
    ...simulation,
    result: {
      ...simulation.result,
      feasible: false,
      violations: { windowTime: 2.5, servedOnceTrips: 1, rideTime: 0, oddity: 3 },
    },
  });
  t.regex(page, /✗ Agreed, but not feasible/);
  t.regex(
    page,
    /they break a limit: a stop is 2\.5 min outside its time window, and 1 request must be served once and is not, and oddity 3\./,
  );
});

test('whom nobody serves is counted, drawn and listed', (t) => {
  const day = everything();
  const { unserved } = day.simulation.agents.solution;
  t.true(unserved.length > 0);
  const page = reportOf(day);
  t.regex(page, new RegExp(`${60 - unserved.length} of 60 requests are served, ${unserved.length} not`));
  for (const id of unserved) t.is(occurrences(page, `<title>Request ${id}: nobody serves it</title>`), 1);
  t.is(occurrences(page, '<td>not served</td>'), unserved.length);
});

test('a vehicle without trips is in the table, and has no route', (t) => {
  const day = madeDay({ vehicles: 4, requests: 2, seed: 3 });
  const page = reportOf(day);
  const driven = day.simulation.agents.solution.routes.length;
  t.true(driven < 4);
  t.is(occurrences(page, '<td>never left</td>'), 4 - driven);
  t.regex(page, /vehicles? of 4 never left\./);
});

test('every stop, ride and route of a small day is drawn once on the map', (t) => {
  const day = madeDay({ vehicles: 4, requests: 20, streets: 9, trades: 3 });
  const page = reportOf(day);
  const map = page.slice(page.indexOf('id="city-title"'), page.indexOf('class="days"'));
  for (const { id } of day.instance.requests) {
    t.is(occurrences(map, `request ${id} picked up at `), 1);
    t.is(occurrences(map, `request ${id} dropped off at `), 1);
    t.is(occurrences(page, `<title>Request ${id}, 1 seat: `), 1);
    t.is(occurrences(page, `<th scope="row" class="text">${id}</th>`), 1);
  }
  t.is(occurrences(page, '<h3><i></i>'), day.simulation.agents.solution.routes.length);
});

test('without trades the page says that nothing was renegotiated', (t) => {
  t.regex(reportOf(madeDay({ vehicles: 3, requests: 12 })), /No vehicle traded a trip with another/);
});

test('the curve of joint cost ends at the cost of the routes', (t) => {
  const day = madeDay({ vehicles: 3, requests: 12, trades: 9 });
  const gained = day.simulation.agents.solution.trades.reduce((sum, { gain }) => sum + gain, 0);
  const cost = day.simulation.result.agents['distance'] ?? 0;
  const page = reportOf(day);
  t.true(page.includes(`From ${(cost + gained).toFixed(2)} to ${cost.toFixed(2)} in 9 trades`));
});

test('a fleet with more vehicles than colours is drawn as traffic, which says how much of it', (t) => {
  const page = reportOf(madeDay({ vehicles: 60, requests: 200, streets: 12 }));
  t.regex(page, /The city and its traffic/);
  t.regex(
    page,
    /All \d+ ways of \d+ vehicles between two stops are drawn, over the shortest streets; routes of single vehicles are left out/,
  );
  t.regex(page, /24 of \d+ vehicles are drawn, spread evenly over their numbers/);
  t.regex(page, /The fleet over time/);
});

for (const streets of [0, 50]) {
  test(`a thousand vehicles and ten thousand riders fit into 3 MB, and what is left out is said: ${streets} streets a side`, (t) => {
    const day = madeDay({ vehicles: 1000, requests: 10_000, capacity: 6, trades: 5000, hours: 12, streets });
    const page = reportOf(day);
    t.log(`${Buffer.byteLength(page)} bytes`);
    t.true(Buffer.byteLength(page) < 3_000_000);
    t.regex(
      page,
      /[\d,]+ of the [\d,]+ ways of [\d,]+ vehicles between two stops are drawn \(every \d+(?:st|nd|rd|th)\)/,
    );
    t.regex(page, /10,000 requests \(the first 1,000\)/);
  });
}

test('few vehicles with thousands of riders have no ride drawn alone', (t) => {
  const page = reportOf(madeDay({ vehicles: 24, requests: 2200, capacity: 8, hours: 400 }));
  t.true(Buffer.byteLength(page) < 3_000_000);
  t.is(occurrences(page, 'class="load"'), 24);
  t.notRegex(page, /<title>Request \d+, 1 seat/);
});

test('a solution of nothing but strange stops is drawn without them', (t) => {
  const { instance, simulation } = madeDay({ vehicles: 1, requests: 1 });
  const solution: RideSolution = {
    ...simulation.agents.solution,
    routes: [[1, 77, 1_000_001]],
    begins: [[100, 101, 300]],
    vehicles: [0],
    shifts: [[0, 400]],
  };
  const page = ridesReport(instance, { ...simulation, agents: { ...simulation.agents, solution } });
  t.notRegex(page.replace(/<script>[^]*?<\/script>/, ''), /NaN|undefined|request 77/);
});
