import test from 'ava';
import { createRandomRoot } from '../../../agent-core/random.ts';
import {
  CHOICE_KEYS,
  DEFAULT_CHOICE,
  chosenInstance,
  chosenWith,
  parseSupplyFile,
  parseSupplyFolder,
  type SupplyChoice,
  type SupplyFolder,
} from '../../../scenarios/supply-chain/folder.ts';
import { readFolder } from '../../../cli/files.ts';
import type { SupplyInstance } from '../../../scenarios/supply-chain/network.ts';
import { INVMGMT, INVMGMT_PRESENT } from './published.ts';

const run = INVMGMT_PRESENT ? test : test.skip;

const TOPOLOGY = `nodes: [{id: 0}, {id: 1, I0: 100, h: 0.03}, {id: 9}]
edges:
  - {from: 1, to: 0, p: 2, b: 0.1, demand_dist: constant, dist_param: {value: 20}}
  - {from: 9, to: 1, L: 0, p: 0.5, g: 0}
`;
const TWO_MARKETS = TOPOLOGY.replace('{id: 0}', '{id: 0}, {id: 5}').replace(
  'edges:',
  'edges:\n  - {from: 1, to: 5, p: 2, b: 0.1, demand_dist: constant, dist_param: {value: 7}}',
);
const TRACES = 'demand,seed,t0,t1\nstationary,42,1,2\nstationary,7,3,4\ntrend,42,5,6\n';

const folder = (): SupplyFolder =>
  parseSupplyFolder(
    new Map([
      ['README.md', '#'],
      ['topologies/a.yaml', TOPOLOGY],
      ['topologies/two.yaml', TWO_MARKETS],
      ['demand_traces.csv', TRACES],
      ['results/deep/other.yaml', 'is not read'],
    ]),
    'data',
  );

function chosen(from: SupplyFolder, settings: Readonly<Record<string, string>>, seed = 1): SupplyInstance {
  let choice: SupplyChoice = DEFAULT_CHOICE;
  for (const [key, value] of Object.entries(settings)) choice = chosenWith(choice, key, value);
  return chosenInstance(from, choice, createRandomRoot(seed).stream('instance'));
}

test('a folder with topologies and traces becomes the instance that settings name', (t) => {
  const instance = chosen(folder(), { network: 'a', demand: 'stationary', trace: '7', backlog: 'no' });
  t.deepEqual([instance.demand, instance.periods, instance.backlog], [[[3, 4]], 2, false]);
  t.is(instance.name, 'a, stationary, lost sales, trace 7');
  t.deepEqual(chosen(folder(), { network: 'a', demand: 'trend' }).demand, [[5, 6]]);
  t.deepEqual(chosen(folder(), { network: 'a', periods: '1' }).demand, [[1]]);
});

test('a demand that the folder has no trace of is drawn, as is that of several markets', (t) => {
  t.deepEqual(chosen(folder(), { network: 'a', demand: 'shock', periods: '16' }).demand, [
    [...Array.from({ length: 15 }, () => 20), 40],
  ]);
  t.deepEqual(chosen(folder(), { network: 'two', periods: '2' }).demand, [
    [7, 7],
    [20, 20],
  ]);
});

test('a file that stands alone draws its demand, and shocks of the file multiply it', (t) => {
  const text = `${TOPOLOGY}periods: 4\nbacklog: false\ndisruptions: [{market: 0, from: 1, to: 3, factor: 3}]\n`;
  const { demand, periods, backlog } = chosen(parseSupplyFile(text, 'x/alone.yaml'), {});
  t.deepEqual([demand, periods, backlog], [[[20, 60, 60, 20]], 4, false]);
  const random = parseSupplyFile(
    TOPOLOGY.replace('constant, dist_param: {value: 20}', 'poisson, dist_param: {mu: 20}'),
    'a.yaml',
  );
  t.deepEqual(chosen(random, {}, 5).demand, chosen(random, {}, 5).demand);
  t.notDeepEqual(chosen(random, {}, 5).demand, chosen(random, {}, 6).demand);
  t.is(chosen(random, {}).periods, 30);
});

for (const [settings, message] of [
  [{}, /network must be one of a, two, got none/],
  [{ network: 'b' }, /network must be one of a, two, got "b"/],
  [{ network: 'a', trace: '8' }, /trace of stationary must be one of 42, 7, got "8"/],
  [{ network: 'a', demand: 'shock', trace: '42' }, /trace of shock must be one of none, got "42"/],
  [{ network: 'two', trace: '42' }, /trace is the demand of one market, two has 2/],
  [{ network: 'a', periods: '3' }, /periods must be at most the 2 of the trace, got 3/],
  [{ periods: '0' }, /periods must be a whole number from 1 to 1000, got "0"/],
  [{ periods: '1e3' }, /periods must be a whole number/],
  [{ backlog: 'true' }, /backlog must be yes or no, got "true"/],
  [{ demand: 'chaos' }, /demand must be stationary or some of/],
  [{ colour: 'red' }, /colour is no setting of a supply network; there is network/],
] as const) {
  test(`refuses the settings ${JSON.stringify(settings)}`, (t) => {
    t.throws(() => chosen(folder(), settings), { code: 'bad-parameter', message });
  });
}

test('a folder is one of supply networks by its topologies, and holds each only once', (t) => {
  t.throws(() => parseSupplyFolder(new Map([['deep/down/a.yaml', '']]), 'data'), { code: 'bad-supply-folder' });
  t.throws(() => parseSupplyFolder(new Map([['a.csv', '']]), 'data'), {
    code: 'bad-supply-folder',
    message: /data holds no topology/,
  });
  const twice = new Map([
    ['a.yaml', TOPOLOGY],
    ['topologies/a.yaml', TOPOLOGY],
  ]);
  t.throws(() => parseSupplyFolder(twice, 'data'), { code: 'bad-supply-folder', message: /two topologies called a/ });
  t.is(CHOICE_KEYS.length, Object.keys(DEFAULT_CHOICE).length);
});

run('the folder of gym-invmgmt as it was published holds six networks and twelve traces', (t) => {
  const published = parseSupplyFolder(readFolder(INVMGMT), INVMGMT);
  t.deepEqual([published.topologies.size, published.traces.length], [6, 12]);
  const { demand, backlog, network } = chosen(published, {
    network: 'serial',
    demand: 'trend+seasonal',
    trace: '42',
    backlog: 'no',
  });
  t.deepEqual([demand[0]?.[0], backlog, network.name], [24, false, 'Serial Supply Chain']);
});
