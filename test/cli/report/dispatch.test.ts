import test from 'ava';
import { createRandomRoot } from '../../../agent-core/random.ts';
import { dispatchReport } from '../../../cli/report/dispatch.ts';
import { generateGrid } from '../../../scenarios/energy/generator.ts';
import { threeBuses } from '../../scenarios/energy/three-buses.ts';
import { gridOf, occurrences, reportOf, simulated, twoBuses } from './simulated.ts';

const HOSTILE = `<img src=x onerror="alert(1)">'&</title><script>alert(2)</script>`;

test('a hostile instance name stays text everywhere', async (t) => {
  const grid = { ...twoBuses(), name: HOSTILE };
  const page = await reportOf(grid);
  t.false(page.includes('<img'));
  t.false(page.includes('<script'));
  t.true(page.includes('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&#39;&amp;&lt;/title&gt;'));
});

test('the page loads nothing and runs nothing', async (t) => {
  const page = await reportOf(threeBuses());
  t.regex(page, /Content-Security-Policy" content="default-src &#39;none&#39;;/);
  t.notRegex(page, /<(?:script|link|iframe|img|object)|https?:|url\(|@import|\bon\w+="/);
});

test('no number of the page is broken', async (t) => {
  for (const grid of [twoBuses(), threeBuses()]) t.notRegex(await reportOf(grid), /NaN|Infinity|undefined|\[object/);
});

test('elements close in the order in which they open', async (t) => {
  const open: string[] = [];
  const page = (await reportOf(threeBuses())).replace(/<style>.*<\/style>/s, '').replace('<!doctype html>', '');
  for (const [, end, name = ''] of page.matchAll(/<(\/?)([\w-]+)[^>]*>/g)) {
    if (name === 'meta') continue;
    if (end === '') open.push(name);
    else t.is(open.pop(), name);
  }
  t.deepEqual(open, []);
});

test('ids are unique and every drawing names its title and description', async (t) => {
  const page = await reportOf(threeBuses());
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  t.is(new Set(ids).size, ids.length);
  for (const [, names = ''] of page.matchAll(/aria-labelledby="([^"]+)"/g)) {
    for (const name of names.split(' ')) t.true(ids.includes(name), name);
  }
});

test('the verdict names the cost, the optimum and what merit order would overload', async (t) => {
  const page = await reportOf(twoBuses());
  t.regex(page, /costs 1,800\.00 \$\/h, as cheap as the optimum \(gap/);
  t.regex(page, /merit order.*would cost 1,000\.00 \$\/h but overload 1 line, the worst, 1–2, to 167 % of its limit/i);
});

test('an infeasible dispatch is called so, with the limit that it breaks', async (t) => {
  const simulation = await simulated(twoBuses());
  const violations = { worstOverloadPu: 0.25, worstBalanceMismatchPu: 1e-9 };
  const page = dispatchReport(twoBuses(), {
    ...simulation,
    result: { ...simulation.result, feasible: false, gap: null, violations },
  });
  t.regex(page, /✗ Agreed, but not feasible/);
  t.regex(page, /it breaks a limit: a line is overloaded by 0\.25 p\.u\./);
});

test('without an optimum the page says nothing of one', async (t) => {
  const simulation = await simulated(threeBuses());
  const page = dispatchReport(threeBuses(), {
    ...simulation,
    optimum: null,
    result: { ...simulation.result, optimum: null, gap: null },
  });
  t.notRegex(page, /as cheap as|NaN|undefined/);
});

test('map, charts and tables have every line, bus and generator', async (t) => {
  const grid = generateGrid({ buses: 24, random: createRandomRoot(3).stream('test') });
  const page = await reportOf(grid);
  const map = page.slice(page.indexOf('id="map-title"'), page.indexOf('id="convergence-title"'));
  const prices = page.slice(page.indexOf('id="prices-title"'), page.indexOf('id="loading-title"'));
  const loadings = page.slice(page.indexOf('id="loading-title"'), page.indexOf('id="units-title"'));
  for (const { id } of grid.buses) {
    t.is(occurrences(map, `<title>Bus ${id}: `), 1);
    t.is(occurrences(prices, `<title>Bus ${id}: `), 1);
  }
  for (const { fromRow, toRow } of grid.branches) {
    const name = `${grid.buses[fromRow]?.id}–${grid.buses[toRow]?.id}`;
    t.is(occurrences(map, `<title>Line ${name}: `), 1);
    t.is(occurrences(loadings, `<title>Line ${name}, limit `), 1);
    t.is(occurrences(page, `<th scope="row" class="text">${name}</th>`), 1);
  }
  t.is(occurrences(page, '<title>Generator at bus '), grid.generators.length);
});

test('lines without a limit are drawn, but have no loading', async (t) => {
  const grid = gridOf({
    buses: [
      [1, 3, 0],
      [2, 1, 50],
    ],
    generators: [[1, 0, 100, 10]],
    lines: [[1, 2, 0]],
  });
  const page = await reportOf(grid);
  t.regex(page, /No line of this grid has a limit\./);
  t.regex(page, /class="line unlimited"/);
  t.regex(page, /Line 1–2: 50\.00 MW, no limit/);
});

test('parallel lines have names of their own', async (t) => {
  const grid = gridOf({
    buses: [
      [1, 3, 0],
      [2, 1, 50],
    ],
    generators: [[1, 0, 100, 10]],
    lines: [
      [1, 2, 40],
      [2, 1, 40],
    ],
  });
  const page = await reportOf(grid);
  t.regex(page, /Line 1–2: 25\.00 MW \(62\.5 %\)/);
  t.regex(page, /Line 2–1 \(2\): −25\.00 MW \(62\.5 %\)/);
});

test('islands and isolated buses are drawn, isolated ones without a price', async (t) => {
  const grid = gridOf({
    buses: [
      [1, 3, 0],
      [2, 1, 50],
      [3, 3, 20],
      [4, 1, 10],
      [9, 4, 5],
    ],
    generators: [
      [1, 0, 100, 10],
      [3, 0, 100, 20],
    ],
    lines: [
      [1, 2, 80],
      [3, 4, 80],
    ],
  });
  const page = await reportOf(grid);
  t.regex(page, /<title>Bus 9: isolated<\/title>/);
  t.regex(page, /9 \(isolated\)/);
  t.regex(page, /price 10\.00 \$\/MWh, load 50 MW/);
  t.regex(page, /price 20\.00 \$\/MWh, load 10 MW/);
  t.notRegex(page, /NaN|undefined/);
});

test('the same run has the same page, but for CPU time', async (t) => {
  const page = async (): Promise<string> => {
    const simulation = await simulated(threeBuses());
    return dispatchReport(threeBuses(), { ...simulation, result: { ...simulation.result, cpuSeconds: 0 } });
  };
  t.is(await page(), await page());
});
