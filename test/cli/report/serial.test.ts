import test from 'ava';
import { serialReport } from '../../../cli/report/serial.ts';
import { createRandomRoot } from '../../../agent-core/random.ts';
import { generateBeer } from '../../../scenarios/supply-chain/beer-settings.ts';
import type { Simulation } from '../../../scenarios/simulate.ts';
import { assessSerial, baselineSerial, optimumSerial } from '../../../scenarios/supply-chain/serial-score.ts';
import type { SerialProblem } from '../../../scenarios/supply-chain/serial-instance.ts';
import type { SerialSolution } from '../../../scenarios/supply-chain/serial-solution.ts';
import { occurrences } from './simulated.ts';

const HOSTILE = `<img src=x onerror="alert(1)">'&</title></script><script>alert(2)</script>`;

function beer(): SerialProblem {
  return generateBeer(new Map([['game', 'uniform']]), createRandomRoot(1).stream('instance'));
}

/** A game with made-up orders and stocks at the published levels, one token dearer than these. */
function runOf(problem: SerialProblem, { levels = true } = {}): Simulation<SerialSolution> {
  const optimum = optimumSerial(problem);
  const { demand } = problem.instance;
  const agents = assessSerial(problem, {
    ...optimum.solution,
    firms: optimum.solution.firms.map((firm, k) => ({
      ...firm,
      ...(levels ? {} : { echelonLevel: null, localLevel: null }),
      orders: demand.map((units) => units * (k + 1)),
      stocks: demand.map((units, t) => (t % 7) - units),
    })),
    playedCost: optimum.solution.playedCost + 1,
    payments: [
      { from: 'customers', to: 'retailer', amount: '7500000', what: 'sales' },
      { from: 'retailer', to: 'firm-2', amount: '2500000', what: 'goods' },
    ],
  });
  const baseline = baselineSerial(problem);
  return {
    agents,
    baseline,
    optimum,
    course: [],
    chains: null,
    result: {
      scenario: 'supply-chain',
      variant: 'beer-game',
      instance: problem.instance.name,
      seed: 1,
      mode: { bus: 'memory', workers: 1, sign: 'batch', policy: 'scripted' },
      objective: { name: 'cost', unit: 'tokens', sense: 'min' },
      agents: agents.kpis,
      baseline: baseline.kpis,
      optimum: optimum.kpis,
      references: {},
      gap: null,
      feasible: true,
      violations: {},
      fingerprint: '00'.repeat(32),
      messages: 1234,
      bytes: 67_890,
      rounds: 9,
      virtualSeconds: 34.5,
      decisions: {},
      cpuSeconds: 1.25,
    },
  };
}

function reportOf(problem: SerialProblem, run = runOf(problem)): string {
  return serialReport(problem, run);
}

test('hostile names stay text everywhere', (t) => {
  const problem = beer();
  const run = runOf(problem);
  const page = reportOf(
    { ...problem, instance: { ...problem.instance, name: HOSTILE } },
    {
      ...run,
      agents: {
        ...run.agents,
        solution: {
          ...run.agents.solution,
          payments: [{ from: HOSTILE, to: HOSTILE, amount: '1', what: 'goods' }],
        },
      },
      result: { ...run.result, instance: HOSTILE, fingerprint: HOSTILE, references: { [HOSTILE]: { cost: 1 } } },
    },
  );
  t.false(page.includes('<img'));
  t.false(page.includes('<script'));
  t.true(page.includes('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&#39;&amp;&lt;/title&gt;'));
});

test('the page loads nothing, runs nothing, has no broken number and unique ids', (t) => {
  const page = reportOf(beer());
  t.true(page.includes(`content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;"`));
  t.notRegex(page, /<(?:script|link|iframe|img|object|base|form)|https?:|url\(|@import|\bon\w+="|javascript:/);
  t.notRegex(page, /NaN|Infinity|undefined|\[object|null[,\]]/);
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  t.is(new Set(ids).size, ids.length);
});

test('the verdict says what the levels cost beside the published ones and Sterman’s rule', (t) => {
  const problem = beer();
  const run = runOf(problem);
  const [cost = 0, best = 0] = [run.agents.kpis['cost'], run.optimum?.kpis['cost']];
  t.is(cost, best + 1);
  t.regex(
    reportOf(problem, run),
    /4 firms agreed on levels that cost [\d,]+\.00 tokens a game, 0\.\d+ % more than base stock at the published levels/,
  );
  t.regex(reportOf(problem, run), /when all play by Sterman’s rule \(\d[\d.]* times\)/);
});

test('levels of every firm stand beside the published ones', (t) => {
  const page = reportOf(beer());
  t.regex(page, /The levels that were agreed/);
  t.regex(page, /Retailer<\/th><td>0\.5<\/td><td>1<\/td><td>4<\/td><td>19<\/td><td>19<\/td><td>19<\/td><td>19<\/td>/);
  t.regex(page, /Firm 4<\/th><td>0\.5<\/td><td>1<\/td><td>3<\/td><td>73<\/td><td>73<\/td><td>14<\/td><td>14<\/td>/);
});

test('firms that play by a rule have no levels, and the page says so', (t) => {
  const problem: SerialProblem = { ...beer(), rule: 'sterman' };
  const page = reportOf(problem, runOf(problem, { levels: false }));
  t.regex(page, /4 firms played by a rule that cost/);
  t.regex(page, /The firms ordered by a rule and talked about nothing\./);
  t.notRegex(page, /Echelon level/);
});

test('bullwhip grows from firm to firm as the orders do', (t) => {
  const page = reportOf(beer());
  const bars = page.slice(page.indexOf('id="bullwhip-title"'));
  for (const [k, name] of ['Retailer', 'Firm 2', 'Firm 3', 'Firm 4'].entries()) {
    t.true(bars.includes(`${name}: ${((k + 1) ** 2).toFixed(2)}`), name);
  }
});

test('of a long game the first periods after the warm-up are drawn, and the page says so', (t) => {
  const { instance, ...rest } = beer();
  const demand = Array.from({ length: 5000 }, (_, period) => period % 9);
  const problem = { ...rest, instance: { ...instance, demand, warmUp: 10 } };
  const page = reportOf(problem);
  t.true(Buffer.byteLength(page) < 200_000);
  t.regex(page, /The first 120 of 4,990 periods are drawn\. Periods are counted after a warm-up of 10\./);
});

test('a published cost is named with how far the agents are from it', (t) => {
  const { instance, ...rest } = beer();
  const run = runOf({ ...rest, instance });
  const cost = (run.agents.kpis['cost'] ?? 0) / 1.01;
  const page = reportOf({ ...rest, instance: { ...instance, published: { ...instance.published, cost } } }, run);
  t.regex(page, /The published cost is [\d,.]+; the agents’ is 1 % more\./);
  t.is(occurrences(page, '<th scope="col">Published</th>'), 1);
});
