import test from 'ava';
import * as fc from 'fast-check';
import { HaggleError } from '../../../agent-core/errors.ts';
import { competingFleets, parseFleetPy } from '../../../scenarios/ride-sharing/fleetpy.ts';
import { parseRideFolder } from '../../../scenarios/ride-sharing/folder.ts';
import { parseManhattan } from '../../../scenarios/ride-sharing/manhattan.ts';
import { ownTaxi, trivialContractNet } from '../../../scenarios/ride-sharing/references.ts';
import { folderFormat } from '../../../scenarios/ride-sharing/ride-folder.ts';
import { assessRides } from '../../../scenarios/ride-sharing/score.ts';
import { shortestPaths } from '../../../scenarios/ride-sharing/shortest-paths.ts';
import { hasRides, rideFiles } from '../../fixtures/rides.ts';

type Folder = Readonly<Record<string, string>>;

const FLEETPY: Folder = {
  'matrix.csv': `from,to,seconds,metres
70,70,0,0
70,80,100,1000.5
80,70,120,1100
80,80,0,0
`,
  'demand/few.csv': `rq_time,start,end,request_id
72,70,80,0
90,80,70,7
`,
  'init_vehicles_1.csv': `operator,vehicle,node
0,0,80
`,
  'network/nodes.csv': `node_index,is_stop_only,pos_x,pos_y
70,True,1.5,2
75,False,3,3
80,True,5,6
`,
  'network/edges.csv': `from_node,to_node,distance,travel_time,source_edge_id
70,75,1,1,1
75,70,1,1,
75,80,1,1,3
`,
};

const MANHATTAN: Folder = {
  'm.xy': '3\n0 0 0\n1 1 0\n2 0 1\n',
  'm.d': '5\n0 1 100\n1 2 250\n2 0 50\n0 2 500\n0 2 400\n',
  'm.drv': '1 2\n2 0\n',
  'm.reqs': '1 0 2\n2 2 1\n',
};

function files(folder: Folder, changes: Readonly<Record<string, string | null>> = {}): ReadonlyMap<string, string> {
  const all = Object.entries({ ...folder, ...changes });
  return new Map(all.flatMap(([name, text]): [string, string][] => (text === null ? [] : [[name, text]])));
}

test('reads riders, fleet and matrix of a FleetPy folder by its rules', (t) => {
  const { name, variant, map, vehicles, requests, secondsPerTime } = parseFleetPy(files(FLEETPY));
  t.deepEqual([name, variant, secondsPerTime, map.places], ['few', 'ride-pooling', 1, 2]);
  t.deepEqual([map.time(0, 1), map.distance(0, 1), map.time(1, 0), map.distance(1, 0)], [100, 1000.5, 120, 1100]);
  t.deepEqual(map.positions, [
    { x: 1.5, y: 2 },
    { x: 5, y: 6 },
  ]);
  t.is(map.streets.length, 2, 'both directions are one street');
  const open = { home: null, earliest: 0, latest: Infinity, maxDuration: Infinity };
  t.deepEqual(vehicles, [{ ...open, start: 1, capacity: 4, operator: 0 }]);
  t.deepEqual(requests[0], {
    id: 1,
    load: 1,
    // 40 % on 100 s of way and 30 s of boarding, counted from the end of boarding.
    maxRide: 152,
    requestTime: 72,
    nodes: [1, 3],
    pickup: { place: 0, service: 30, earliest: 72, latest: 372 },
    dropoff: { place: 1, service: 30, earliest: 202, latest: 554 },
  });
  t.deepEqual(requests[1]?.nodes, [2, 4]);
});

test('reads parties, and streets only where there are some', (t) => {
  const demand = 'request_id,number_passengers,end,start,rq_time\r\n0,3,80,70,5.5\r\n';
  const { requests, map } = parseFleetPy(files(FLEETPY, { 'demand/few.csv': demand, 'network/edges.csv': null }));
  t.deepEqual([requests[0]?.load, requests[0]?.requestTime, map.streets], [3, 5.5, []]);
});

test('gives every one of several operators a fleet of its own', (t) => {
  const market = competingFleets(parseFleetPy(files(FLEETPY)), 2);
  t.deepEqual(
    market.vehicles.map(({ operator, start }) => [operator, start]),
    [
      [0, 1],
      [1, 1],
    ],
  );
});

test('reads the graph of a Manhattan folder with its one-way streets', (t) => {
  const { map, vehicles, requests, name } = parseManhattan(files(MANHATTAN));
  t.is(name, 'm');
  t.deepEqual([map.distance(0, 2), map.distance(2, 1), map.distance(1, 0), map.distance(1, 1)], [350, 150, 300, 0]);
  t.is(map.time(2, 0), 6);
  t.is(map.streets.length, 3);
  t.deepEqual(
    vehicles.map(({ start, capacity }) => [start, capacity]),
    [
      [2, 8],
      [0, 8],
    ],
  );
  const always = { service: 0, earliest: 0, latest: Infinity };
  t.deepEqual(requests[1], {
    id: 2,
    load: 1,
    maxRide: Infinity,
    requestTime: 0,
    nodes: [2, 4],
    pickup: { place: 2, ...always },
    dropoff: { place: 1, ...always },
  });
});

test('takes the first requests and vehicles only where fewer are wanted, and numbers their stops anew', (t) => {
  const { requests, vehicles } = parseManhattan(files(MANHATTAN), { requests: 1, vehicles: 1 });
  t.deepEqual([requests.map(({ nodes }) => nodes), vehicles.length], [[[1, 2]], 1]);
});

test('tells folders apart by the names in them', (t) => {
  t.is(folderFormat(Object.keys(FLEETPY)), 'fleetpy');
  t.is(folderFormat(Object.keys(MANHATTAN)), 'manhattan');
  t.is(folderFormat(['a2-16.txt', 'some.xy']), null);
  t.is(parseRideFolder(files(FLEETPY), 'f').name, 'few');
  t.is(parseRideFolder(files(MANHATTAN), 'm').name, 'm');
  t.throws(() => parseRideFolder(new Map([['a2-16.txt', '']]), 'some'), {
    code: 'bad-ride-folder',
    message: /^some holds neither/,
  });
});

const swap = (
  folder: Folder,
  file: string,
  [from, to]: readonly [string, string],
): Readonly<Record<string, string>> => ({
  [file]: (folder[file] ?? '').replace(from, to),
});

const FLEETPY_FAULTS: readonly (readonly [
  file: string,
  line: number,
  edit: readonly [string, string],
  message: RegExp,
])[] = [
  ['matrix.csv', 1, ['seconds', 'hours'], /needs a column "seconds"/],
  ['matrix.csv', 1, ['80,70,120,1100\n', ''], /must have a row for every pair of its stops/],
  ['matrix.csv', 3, ['70,80,100', '70,99,100'], /to must be a stop of the matrix, got node 99/],
  ['matrix.csv', 3, ['80,100', '80,-1'], /seconds must be at least 0, got -1/],
  ['matrix.csv', 3, ['80,100', '80,inf'], /got "inf"/],
  ['matrix.csv', 3, ['80,100', '80,100,3'], /expected 4 cells, got 5/],
  ['demand/few.csv', 2, ['72,70', '72,75'], /start must be a stop of the matrix, got node 75/],
  ['demand/few.csv', 3, ['90', '-90'], /rq_time must be at least 0, got -90/],
  ['demand/few.csv', 1, ['72,70,80,0\n90,80,70,7\n', ''], /has no request/],
  ['demand/few.csv', 2, ['rq_time', 'number_passengers,rq_time'], /expected 5 cells, got 4/],
  ['init_vehicles_1.csv', 1, ['0,0,80\n', ''], /has no vehicle/],
  ['init_vehicles_1.csv', 2, ['80', '1'], /node must be a stop of the matrix, got node 1/],
  ['network/nodes.csv', 1, ['80,True', '81,True'], /node 80 of the matrix must have a position/],
];

for (const [file, line, edit, message] of FLEETPY_FAULTS) {
  test(`refuses a FleetPy folder with "${edit[1].trim()}" in line ${line} of ${file} for "${edit[0].trim()}"`, (t) => {
    const error = t.throws(() => parseFleetPy(files(FLEETPY, swap(FLEETPY, file, edit))), {
      instanceOf: HaggleError,
      message,
    });
    t.is(error.code, 'bad-ride-file');
    t.deepEqual(error.fields, { file, line });
  });
}

test('refuses more passengers of one rider than a vehicle has seats', (t) => {
  const demand = 'rq_time,start,end,request_id,number_passengers\n1,70,80,0,5\n';
  t.throws(() => parseFleetPy(files(FLEETPY, { 'demand/few.csv': demand })), {
    code: 'bad-ride-file',
    message: /number_passengers must be a whole number from 1 to 4, got 5/,
  });
});

const MANHATTAN_FAULTS: typeof FLEETPY_FAULTS = [
  ['m.xy', 1, ['3\n', '4\n'], /4 lines are announced, there are 3/],
  ['m.xy', 3, ['1 1 0', '5 1 0'], /expected vertex 1 here, got 5/],
  ['m.d', 3, ['1 2 250', '1 3 250'], /vertex must be a whole number from 0 to 2, got 3/],
  ['m.d', 3, ['1 2 250', '1 2 -1'], /a way must be at least 0 long, got -1/],
  ['m.d', 1, ['2 0 50', '2 1 50'], /vertex 1 must be on a way from vertex 0 and back/],
  ['m.drv', 1, ['1 2\n2 0\n', '\n'], /the file is empty/],
  ['m.drv', 2, ['2 0', '2 0 3'], /expected 2 numbers, got 3/],
  ['m.reqs', 2, ['2 2 1', '2 2 0.5'], /vertex must be a whole number from 0 to 2, got 0.5/],
];

for (const [file, line, edit, message] of MANHATTAN_FAULTS) {
  test(`refuses a Manhattan folder with "${edit[1].trim()}" in line ${line} of ${file} for "${edit[0].trim()}"`, (t) => {
    const error = t.throws(() => parseManhattan(files(MANHATTAN, swap(MANHATTAN, file, edit))), { message });
    t.true(error instanceof HaggleError && error.code === 'bad-ride-file');
    t.deepEqual(error instanceof HaggleError ? error.fields : null, { file, line });
  });
}

for (const [folder, name, shown] of [
  [FLEETPY, 'matrix.csv', 'matrix.csv'],
  [FLEETPY, 'demand/few.csv', 'demand/\\*.csv'],
  [FLEETPY, 'init_vehicles_1.csv', 'init_vehicles\\*.csv'],
  [FLEETPY, 'network/nodes.csv', 'nodes.csv'],
  [MANHATTAN, 'm.xy', '\\*.xy'],
  [MANHATTAN, 'm.d', '\\*.d'],
  [MANHATTAN, 'm.drv', '\\*.drv'],
  [MANHATTAN, 'm.reqs', '\\*.reqs'],
] as const) {
  test(`refuses a folder without ${name}`, (t) => {
    const parse = folder === FLEETPY ? parseFleetPy : parseManhattan;
    t.throws(() => parse(files(folder, { [name]: null })), {
      code: 'missing-ride-file',
      message: new RegExp(`needs a file ${shown}`),
    });
  });
}

test('finds the lengths that trying all intermediate vertices finds', (t) => {
  const edge = fc.record({ from: fc.nat(9), to: fc.nat(9), length: fc.nat(50) });
  fc.assert(
    fc.property(fc.array(edge, { maxLength: 40 }), (edges) => {
      const least = Array.from({ length: 10 }, (_, a) =>
        Array.from({ length: 10 }, (__, b) => (a === b ? 0 : Infinity)),
      );
      const at = (a: number, b: number): number => least[a]?.[b] ?? Infinity;
      const lower = (a: number, b: number, value: number): void => {
        const row = least[a];
        if (row !== undefined) row[b] = Math.min(at(a, b), value);
      };
      for (const { from, to, length } of edges) lower(from, to, length);
      for (let via = 0; via < 10; via++) {
        for (let a = 0; a < 10; a++) for (let b = 0; b < 10; b++) lower(a, b, at(a, via) + at(via, b));
      }
      const paths = shortestPaths(10, edges);
      t.deepEqual(
        least.map((row, a) => row.map((_, b) => paths.length(a, b))),
        least,
      );
    }),
    { seed: 31, numRuns: 200 },
  );
});

(hasRides('fleetpy') ? test : test.skip)(
  'reads the FleetPy example, whose direct ways are as long as published',
  (t) => {
    const instance = parseFleetPy(rideFiles('fleetpy'));
    const { map, requests, vehicles } = instance;
    t.deepEqual([map.places, requests.length, vehicles.length, instance.name], [28, 200, 12, 'example_200']);
    const direct = requests.reduce((sum, { pickup, dropoff }) => sum + map.distance(pickup.place, dropoff.place), 0);
    t.is(Math.round(direct), 356_177);
    const { feasible, kpis } = assessRides(instance, trivialContractNet(instance), null);
    t.true(feasible);
    t.true((kpis['served'] ?? 0) >= 190);
    t.true((ownTaxi(instance)['distance'] ?? 0) > direct);
  },
);

(hasRides('manhattan') ? test : test.skip)('reads Manhattan, and a part of it is served', (t) => {
  const instance = parseManhattan(rideFiles('manhattan'), { requests: 100, vehicles: 10 });
  t.is(instance.map.places, 4_333);
  const { feasible, kpis } = assessRides(instance, trivialContractNet(instance), null);
  t.deepEqual([feasible, kpis['served']], [true, 100]);
  const { requests, vehicles } = parseManhattan(rideFiles('manhattan'));
  t.deepEqual([requests.length, vehicles.length], [10_000, 300]);
});
