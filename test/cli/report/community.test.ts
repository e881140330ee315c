import test, { type ExecutionContext } from 'ava';
import { communityReport } from '../../../cli/report/community.ts';
import type { CommunityInstance } from '../../../scenarios/energy/community/community.ts';
import { homeCommunities } from '../../../scenarios/energy/community/community-scenario.ts';
import {
  configureCommunity,
  wholeCommunity,
  type CommunityProblem,
} from '../../../scenarios/energy/community/options.ts';
import type { CommunitySolution } from '../../../scenarios/energy/community/solution.ts';
import { simulate, type Simulation } from '../../../scenarios/simulate.ts';
import { street } from '../../scenarios/energy/community/street.ts';
import { occurrences } from './simulated.ts';

const HOSTILE = `<img src=x onerror="alert(1)">'&</title></script><script>alert(2)</script>`;

type Run = Simulation<CommunitySolution>;

interface Played {
  readonly problem: CommunityProblem;
  readonly run: Run;
}

async function played(instance: CommunityInstance, settings: Readonly<Record<string, string>> = {}): Promise<Played> {
  const problem = configureCommunity(wholeCommunity(instance), new Map(Object.entries(settings)));
  return { problem, run: await simulate(homeCommunities, problem, { seed: 1, sign: 'off' }) };
}

/** A run in which nothing was traded, nothing stored, and everybody pays for what was drawn. */
function still(instance: CommunityInstance): Played {
  const problem = wholeCommunity(instance);
  const drawn = ({ loadWh, sunWh }: CommunityInstance['homes'][number]): number[] =>
    loadWh.map((load, hour) => (load - (sunWh[hour] ?? 0)) / 1_000);
  const by = <T>(of: (home: CommunityInstance['homes'][number]) => T): Record<string, T> =>
    Object.fromEntries(instance.homes.map((home) => [home.name, of(home)]));
  const solution: CommunitySolution = {
    chargeKwh: by(({ loadWh }) => loadWh.map(() => 0)),
    tradesKwh: by(drawn),
    bill: by((home) =>
      drawn(home).reduce((sum, kwh, hour) => sum + (Math.max(0, kwh) * (instance.tariff[hour] ?? 0)) / 1_000, 0),
    ),
  };
  const outcome = { solution, kpis: { bill: 1 }, violations: {}, feasible: true };
  return {
    problem,
    run: {
      agents: outcome,
      baseline: outcome,
      optimum: null,
      course: [],
      chains: null,
      result: {
        scenario: 'energy',
        variant: 'community, foresight',
        instance: instance.name,
        seed: 1,
        mode: { bus: 'memory', workers: 1, sign: 'batch', policy: 'scripted' },
        objective: { name: 'bill', unit: '$', sense: 'min' },
        agents: outcome.kpis,
        baseline: outcome.kpis,
        optimum: null,
        references: {},
        gap: null,
        feasible: true,
        violations: {},
        fingerprint: '00'.repeat(32),
        messages: 0,
        bytes: 0,
        rounds: instance.hours,
        virtualSeconds: 1,
        decisions: {},
        cpuSeconds: 1,
      },
    },
  };
}

function pageOf({ problem, run }: Played): string {
  return communityReport(problem, run);
}

/** Claims that a page loads nothing, runs nothing, has no broken number, and names everything once. */
function claimSound(t: ExecutionContext, page: string): void {
  t.true(page.includes(`content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;"`));
  t.notRegex(page, /<(?:script|link|iframe|img|object|base|form)|https?:|url\(|@import|\bon\w+="|javascript:/);
  t.notRegex(page, /NaN|Infinity|undefined|\[object|null[,\]]/);
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  t.is(new Set(ids).size, ids.length);
}

/** The first cells of a row of a table, by its name. */
function cells(page: string, name: string): readonly string[] {
  const row = page.slice(page.indexOf(`>${name}</th>`)).split('</tr>', 1)[0] ?? '';
  return [...row.matchAll(/<td[^>]*>([^<]*)<\/td>/g)].map(([, cell = '']) => cell);
}

const two = played(street({ homes: 4, days: 2 }));

test('the page loads nothing, runs nothing, has no broken number and unique ids', async (t) => {
  claimSound(t, pageOf(await two));
});

test('the verdict says what all pay, how much less than alone, and that nobody pays more', async (t) => {
  const { problem, run } = await two;
  const page = pageOf({ problem, run });
  const { bill = 0, aloneBill = 0, capture = 0 } = run.agents.kpis;
  t.true(bill < aloneBill);
  t.true(page.includes(`4 homes together pay ${bill.toFixed(2)} $, ${(aloneBill - bill).toFixed(2)} $ (`));
  t.true(page.includes(`less than alone, ${aloneBill.toFixed(2)} $. Nobody pays more than alone.`));
  t.true(page.includes('✓ Agreed and feasible'));
  const share = (capture * 100).toFixed(1).replace(/\.0$/, '');
  t.true(page.includes(`${share} % of what there was to gain`), share);
  t.true(page.includes(`${share} % of the gap`));
});

test('a home that pays more than alone is named, with how much', async (t) => {
  const { problem, run } = await two;
  const { bill } = run.agents.solution;
  const solution = { ...run.agents.solution, alone: { ...bill, 'home-2': (bill['home-2'] ?? 0) - 1.25 } };
  const page = pageOf({ problem, run: { ...run, agents: { ...run.agents, solution } } });
  t.true(page.includes('✗ Agreed and feasible, but 1 home pays more than alone'));
  t.true(page.includes('One of them pays more than alone, home-2 by 1.25 $.'));
  t.is(occurrences(page, 'class="loss-bar" x="1"'), 1);
  t.regex(page, /class="verdict bad"/);
});

test('a broken limit is said in words', async (t) => {
  const { problem, run } = await two;
  const result = { ...run.result, feasible: false, violations: { batteryEnergyKwh: 2.5, balanceKwh: 0 } };
  const page = pageOf({ problem, run: { ...run, result } });
  t.true(page.includes('but a limit is broken: a battery is 2.5 kWh below empty or above full.'));
  t.true(page.includes('✗ Agreed, but not feasible'));
});

test('what homes paid less what they received and passed on is their bill, and all of it the utility’s', async (t) => {
  const { problem, run } = await two;
  const page = pageOf({ problem, run });
  const trades = page.slice(page.indexOf('Trades between neighbours'));
  const number = (text = ''): number => Number(text.replaceAll(',', '').replace('−', '-'));
  for (const name of [...problem.instance.homes.map((home) => home.name), 'All homes']) {
    const [, , , paid, received, shared, bill] = cells(trades, name).map(number);
    t.true(Math.abs((paid ?? 0) - (received ?? 0) + (shared ?? 0) - (bill ?? 0)) < 0.021, name);
    const own = name === 'All homes' ? run.agents.solution.utilityReceives : run.agents.solution.bill[name];
    t.true(Math.abs((bill ?? 0) - (own ?? 0)) < 0.0051, name);
  }
});

test('what went from neighbour to neighbour is what the scenario counts', async (t) => {
  const { problem, run } = await two;
  const { tradedKwh = 0 } = run.agents.kpis;
  t.true(tradedKwh > 10);
  t.true(
    pageOf({ problem, run }).includes(`${tradedKwh.toFixed(1).replace(/\.0$/, '')} kWh went from home to home, for `),
  );
});

test('a short time is drawn hour by hour, with every hour’s numbers to point at', async (t) => {
  const page = pageOf(await two);
  t.is(occurrences(page, '<h2>Hour by hour</h2>'), 1);
  t.is(occurrences(page, '<h2>Day by day</h2>'), 0);
  t.is(occurrences(page, 'kWh among neighbours</title>'), 48);
  t.regex(page, /<title>Day 2, 17:00: [\d.]+ kWh drawn \(alone [\d.]+\)/);
});

test('of a year every day is drawn, and the week in which neighbours traded most by the hour', (t) => {
  const page = pageOf(still(street({ homes: 3, days: 365 })));
  claimSound(t, page);
  t.is(occurrences(page, '<h2>Day by day</h2>'), 1);
  t.is(occurrences(page, 'kWh among neighbours</title>'), 365 + 168);
  t.true(page.includes('>Jun</text>'));
  t.true(Buffer.byteLength(page) < 500_000);
});

test('a part of a day at the end is said to be one', async (t) => {
  const instance = street({ homes: 2, days: 20 });
  const page = pageOf(still(configureCommunity(wholeCommunity(instance), new Map([['hours', '470']])).instance));
  t.true(page.includes('Of 1 day only some hours are part of this.'));
});

test('homes without foresight are compared with what they would do alone, and with those who have it', async (t) => {
  const { problem, run } = await played(street({ homes: 3, days: 2 }), { plan: 'policy' });
  const page = pageOf({ problem, run });
  claimSound(t, page);
  const { aloneBill = 0 } = run.agents.kpis;
  t.true(page.includes(`Each alone: ${aloneBill.toFixed(2)} $`));
  t.true(page.includes(`Alone, foresight: ${run.baseline.kpis['bill']?.toFixed(2)} $`));
  t.true(page.includes(`pays ${run.baseline.kpis['bill']?.toFixed(2)} $ each alone, and `));
  t.true(page.includes(`it has no foresight`));
});

test('one home has no neighbours, and pays what it pays alone', async (t) => {
  const page = pageOf(await played(street({ homes: 1, days: 1 })));
  claimSound(t, page);
  t.regex(page, /1 home pays [\d.]+ \$, the same as alone\. It pays no more than alone\./);
  t.true(page.includes('There are no neighbours.'));
});

test('one hour, no sun, no battery and no tariff have a page', (t) => {
  const one = street({ homes: 1, days: 1, sun: 0, batteries: 0 });
  const [instance] = [configureCommunity(wholeCommunity(one), new Map([['hours', '1']])).instance];
  const page = pageOf(still({ ...instance, tariff: [0], carbonKgPerKwh: null }));
  claimSound(t, page);
  t.true(page.includes('The best plan for all is not known'));
});

test('of many homes those are drawn whose bills differ most from alone; the tables have all', (t) => {
  const page = pageOf(still(street({ homes: 40, days: 1 })));
  claimSound(t, page);
  t.true(page.includes('The 24 of 40 homes whose bills differ most from alone are drawn.'));
  t.is(occurrences(page, 'class="cell '), 24 * 24);
  t.is(occurrences(page, '>home-40</th>'), 2);
});

test('the challenge’s figures are told apart, where they were measured', async (t) => {
  const { problem, run } = await two;
  const page = pageOf({ problem, run });
  const part = page.slice(page.indexOf('As the CityLearn Challenge 2022 counts'));
  t.is(cells(part, 'Score: their mean')[0], run.agents.kpis['challengeScore']?.toFixed(3));
  t.false(page.slice(page.indexOf('id="comparison"'), page.indexOf('What each home pays')).includes('hallenge'));
  t.false(pageOf(still(street())).includes('As the CityLearn Challenge 2022 counts'));
});

test('hostile names stay text everywhere', async (t) => {
  const plain = street({ homes: 2, days: 1 });
  const instance = {
    ...plain,
    name: HOSTILE,
    homes: plain.homes.map((home, at) => ({ ...home, name: `${HOSTILE}${at}` })),
  };
  const { problem, run } = still(instance);
  const result = { ...run.result, fingerprint: HOSTILE, references: { [HOSTILE]: { bill: 2 } } };
  const page = pageOf({ problem, run: { ...run, agents: { ...run.agents, kpis: { bill: 1, [HOSTILE]: 3 } }, result } });
  t.false(page.includes('<img'));
  t.false(page.includes('<script'));
  t.true(page.includes('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&#39;&amp;&lt;/title&gt;'));
});

test('a share of what alone would cost is not told where a home earns', async (t) => {
  const { problem, run } = await two;
  const solution = {
    ...run.agents.solution,
    bill: { ...run.agents.solution.bill, 'home-1': -3 },
    alone: { ...run.agents.solution.alone, 'home-1': 0.5 },
  };
  const page = pageOf({ problem, run: { ...run, agents: { ...run.agents, solution } } });
  t.deepEqual(cells(page, 'home-1').slice(-4), ['0.50', '−3.00', '3.50', '–']);
  t.true(page.includes('>3.50 $</text>'));
});
