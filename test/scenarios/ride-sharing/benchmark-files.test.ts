import test from 'ava';
import * as fc from 'fast-check';
import { HaggleError } from '../../../agent-core/errors.ts';
import { parseDialARide } from '../../../scenarios/ride-sharing/dial-a-ride.ts';
import { rideFormat } from '../../../scenarios/ride-sharing/format.ts';
import { parsePdptw } from '../../../scenarios/ride-sharing/pdptw.ts';
import { TWO_LOADS, TWO_RIDES } from '../../fixtures/rides.ts';

const PARSERS = { 'dial-a-ride': parseDialARide, pdptw: parsePdptw } as const;

test('reads a dial-a-ride problem and tightens its windows by ride, way and day', (t) => {
  const { name, variant, vehicles, requests, costs, map, secondsPerTime, published } = parseDialARide(
    TWO_RIDES,
    'some/two.v2.txt',
  );
  t.deepEqual(
    { name, variant, secondsPerTime, published },
    {
      name: 'two.v2',
      variant: 'dial-a-ride',
      secondsPerTime: 60,
      published: null,
    },
  );
  const vehicle = { start: 0, home: 0, earliest: 0, latest: 480, capacity: 3, maxDuration: 480, operator: 0 };
  t.deepEqual(vehicles, [vehicle, vehicle]);
  t.deepEqual(costs, { perDistance: 1, perRiderTime: 0, perVehicle: 0 });
  t.deepEqual(requests, [
    {
      id: 1,
      load: 1,
      maxRide: 30,
      nodes: [1, 3],
      requestTime: 0,
      // Leaves no earlier than 30 + 3 before the drop-off opens, and no later than 10 + 3 before it closes.
      pickup: { place: 1, service: 3, earliest: 27, latest: 62 },
      dropoff: { place: 3, service: 3, earliest: 60, latest: 75 },
    },
    {
      id: 2,
      load: 1,
      maxRide: 30,
      nodes: [2, 4],
      requestTime: 40,
      pickup: { place: 2, service: 3, earliest: 100, latest: 115 },
      dropoff: { place: 4, service: 3, earliest: 113, latest: 148 },
    },
  ]);
  t.deepEqual([map.places, map.distance(0, 1), map.time(2, 4), map.positions[3]], [5, 5, 10, { x: 3, y: 14 }]);
});

test('takes neither the second number of the header nor a repeated depot for the number of requests', (t) => {
  const plain = parseDialARide(TWO_RIDES, 'two.txt');
  const others = [
    TWO_RIDES.replace('2 2 480', '2 4 480'),
    `${TWO_RIDES}5 0 0 0 0 0 480\n`,
    TWO_RIDES.replaceAll('\n', '\r\n'),
    TWO_RIDES.replaceAll(' ', '\t  '),
  ];
  for (const text of others) {
    const { requests, vehicles, map } = parseDialARide(text, 'two.txt');
    t.deepEqual([requests, vehicles, map.places], [plain.requests, plain.vehicles, 5]);
  }
});

test('takes what both lines of the depot allow for the day', (t) => {
  const [vehicle] = parseDialARide(`${TWO_RIDES}5 0 0 0 0 10 470\n`, 'two.txt').vehicles;
  t.deepEqual([vehicle?.earliest, vehicle?.latest], [10, 470]);
});

test('reads a pickup-and-delivery problem whose pairs may come in any order', (t) => {
  const { variant, vehicles, requests, costs } = parsePdptw(TWO_LOADS, 'loads.txt');
  t.is(variant, 'pickup-and-delivery');
  const vehicle = { start: 0, home: 0, earliest: 0, latest: 400, capacity: 20, maxDuration: Infinity, operator: 0 };
  t.deepEqual(vehicles, [vehicle, vehicle]);
  t.deepEqual(
    requests.map(({ id, load, maxRide, nodes }) => ({ id, load, maxRide, nodes })),
    [
      { id: 1, load: 10, maxRide: Infinity, nodes: [1, 3] },
      { id: 4, load: 8, maxRide: Infinity, nodes: [4, 2] },
    ],
  );
  t.true(costs.perVehicle > 2 * (5 + 10 + Math.sqrt(109) + 5), 'one vehicle costs more than all ways');
});

test('takes times for distances whatever speed the header of a pickup-and-delivery file names', (t) => {
  for (const speed of [0, 1, 2]) {
    const { map } = parsePdptw(TWO_LOADS.replace('2 20 1', `2 20 ${speed}`), 'loads.txt');
    t.deepEqual([map.distance(0, 1), map.time(0, 1)], [5, 5]);
  }
});

test('tells the formats apart by their lines', (t) => {
  t.is(rideFormat(TWO_RIDES), 'dial-a-ride');
  t.is(rideFormat(`\n\r\n${TWO_LOADS}`), 'pdptw');
  const others = ['', 'hello', '1 2 3', '1 2 3 4 5\n', 'a b c d e\n1 2 3 4 5 6 7', '1 2 3\n1 2 3 4 5 6 7', '{"m": 2}'];
  for (const text of others) t.is(rideFormat(text), null, text);
});

type Refusal = readonly [what: string, line: number, edit: (text: string) => string, message: RegExp];
const swap =
  (from: string | RegExp, to: string) =>
  (text: string): string =>
    text.replace(from, to);

const RIDE_REFUSALS: readonly Refusal[] = [
  ['an empty file', 1, () => ' \n', /the file is empty/],
  ['a header that is too short', 1, swap('2 2 480 3 30', '2 2 480 3'), /expected 5 numbers, got 4/],
  ['no vehicles', 1, swap('2 2 480', '0 2 480'), /vehicles must be a whole number from 1 to 10000, got 0/],
  ['half a vehicle', 1, swap('2 2 480', '2.5 2 480'), /got 2.5/],
  ['no route time', 1, swap('2 2 480', '2 2 0'), /longest route must be above 0, got 0/],
  ['no ride time', 1, swap('3 30', '3 -1'), /longest ride must be above 0, got -1/],
  ['no seats', 1, swap('3 30', '0 30'), /capacity must be a whole number from 1 to 1000, got 0/],
  ['a header alone', 1, (text) => text.slice(0, 11), /ends before the depot/],
  ['a depot alone', 2, (text) => text.split('\n').slice(0, 2).join('\n'), /ends before the first request/],
  ['a depot with a load', 2, swap('0 0 0 0 0 0 480', '0 0 0 0 1 0 480'), /load of the depot must be 0, got 1/],
  ['a word', 3, swap('1 3 4 3', '1 3 NaN 3'), /expected a number of at most 10000000 either way, got "NaN"/],
  ['a hexadecimal number', 3, swap('1 3 4 3', '1 0x3 4 3'), /got "0x3"/],
  ['a huge number', 3, swap('1 3 4 3', '1 1e9 4 3'), /got "1e9"/],
  ['a node out of turn', 3, swap('1 3 4 3', '9 3 4 3'), /expected node 1 here, got node 9/],
  ['a node line that is too long', 3, swap('0 1440\n2', '0 1440 7\n2'), /expected 7 numbers, got 8/],
  ['negative service', 3, swap('1 3 4 3', '1 3 4 -3'), /service at node 1 must take at least 0, got -3/],
  ['a window that ends before it begins', 4, swap('100 115', '115 100'), /window of node 2 .* got 115 to 100/],
  ['a load above the capacity', 3, swap('4 3 1', '4 3 4'), /load of pickup 1 must be 1 to the capacity of 3, got 4/],
  ['a pickup without a load', 3, swap('4 3 1', '4 3 0'), /got 0/],
  ['half a load', 3, swap('4 3 1', '4 3 0.5'), /load of node 1 must be a whole number, got 0.5/],
  ['a drop-off of another load', 5, swap('14 3 -1', '14 3 -2'), /load of drop-off 3 must be -1, got -2/],
  ['another end depot', 7, (text) => `${text}5 1 0 0 0 0 480`, /node 5 must be the depot of line 2 again/],
];

const LOAD_REFUSALS: readonly Refusal[] = [
  ['an empty file', 1, () => '', /the file is empty/],
  ['a header that is too long', 1, swap('2 20 1', '2 20 1 1'), /expected 3 numbers, got 4/],
  ['no vehicles', 1, swap('2 20 1', '0 20 1'), /vehicles must be/],
  ['no capacity', 1, swap('2 20 1', '2 0 1'), /capacity must be/],
  ['a header alone', 1, () => '2 20 1', /ends before the depot/],
  ['a depot alone', 2, (text) => text.split('\n').slice(0, 2).join('\n'), /ends before the first request/],
  ['a counterpart that does not exist', 3, swap('5 0 3', '5 0 9'), /node 1 must name one other node/],
  ['a counterpart that names another', 3, swap('5 0 3', '5 0 2'), /node 1 must name one other node/],
  ['no counterpart', 3, swap('5 0 3', '5 0 0'), /node 1 must name one other node/],
  ['two counterparts', 3, swap('5 0 3', '5 2 3'), /node 1 must name one other node/],
  ['a drop-off of another load', 5, swap('10 -10', '10 -9'), /load of drop-off 3 must be -10, got -9/],
];

for (const [format, text, refusals] of [
  ['dial-a-ride', TWO_RIDES, RIDE_REFUSALS],
  ['pdptw', TWO_LOADS, LOAD_REFUSALS],
] as const) {
  for (const [what, line, edit, message] of refusals) {
    test(`refuses ${what} in a ${format} file and names the line`, (t) => {
      const error = t.throws(() => PARSERS[format](edit(text), 'bad.txt'), { instanceOf: HaggleError, message });
      t.is(error.code, 'bad-ride-file');
      t.deepEqual(error.fields, { file: 'bad.txt', line });
      t.true(error.message.startsWith(`bad.txt:${line}: `) && error.message.length < 200);
    });
  }

  test(`meets garbage in place of a ${format} file with bad-ride-file and nothing else`, (t) => {
    const words = text.split(' ');
    const edited = fc
      .array(
        fc.tuple(fc.nat(words.length - 1), fc.oneof(fc.integer().map(String), fc.string(), fc.double().map(String))),
        {
          minLength: 1,
          maxLength: 3,
        },
      )
      .map((edits) => words.map((word, at) => edits.find(([place]) => place === at)?.[1] ?? word).join(' '));
    fc.assert(
      fc.property(fc.oneof(fc.string(), edited), (garbage) => {
        try {
          const { requests, map } = PARSERS[format](garbage, 'g.txt');
          for (const { pickup, dropoff } of requests) t.true(pickup.place < map.places && dropoff.place < map.places);
        } catch (error) {
          t.true(error instanceof HaggleError && error.code === 'bad-ride-file', String(error));
        }
      }),
      { seed: 5, numRuns: 300 },
    );
    t.pass();
  });

  test(`refuses more stops in a ${format} file than any benchmark has`, (t) => {
    const [header = '', node = ''] = text.split('\n');
    const huge = `${header}\n${`${node}\n`.repeat(20_004)}`;
    t.throws(() => PARSERS[format](huge, 'huge.txt'), { code: 'bad-ride-file', message: /more than 20000 stops/ });
  });
}

test('reads back the numbers that were written', (t) => {
  const stop = fc.record({
    x: fc.integer({ min: -10_000, max: 10_000 }),
    y: fc.integer({ min: -10_000, max: 10_000 }),
    service: fc.nat(10),
  });
  const rides = fc.array(fc.record({ from: stop, to: stop, load: fc.integer({ min: 1, max: 6 }) }), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(rides, (wanted) => {
      const stops = [...wanted.map(({ from }) => from), ...wanted.map(({ to }) => to)];
      const lines = stops.map(({ x, y, service }, index) => {
        const load = wanted[index % wanted.length]?.load ?? 0;
        return `${index + 1} ${x / 1000} ${y / 1000} ${service} ${index < wanted.length ? load : -load} 0 5000`;
      });
      const text = `3 0 4000 6 4000\n0 0 0 0 0 0 5000\n${lines.join('\n')}`;
      const { requests, map } = parseDialARide(text, 'written.txt');
      t.deepEqual(
        requests.map(({ pickup, dropoff, load }) => ({
          from: { ...map.positions[pickup.place], service: pickup.service },
          to: { ...map.positions[dropoff.place], service: dropoff.service },
          load,
        })),
        wanted.map(({ from, to, load }) => ({
          from: { ...from, x: from.x / 1000, y: from.y / 1000 },
          to: { ...to, x: to.x / 1000, y: to.y / 1000 },
          load,
        })),
      );
    }),
    { seed: 6, numRuns: 100 },
  );
});
