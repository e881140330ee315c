import test from 'ava';
import { parseDialARide } from '../../../scenarios/ride-sharing/dial-a-ride.ts';
import { rideFormat } from '../../../scenarios/ride-sharing/format.ts';
import type { RideInstance } from '../../../scenarios/ride-sharing/instance.ts';
import { parsePdptw } from '../../../scenarios/ride-sharing/pdptw.ts';
import { hasRides, rideNames, rideText, type RideFolder } from '../../fixtures/rides.ts';

/** Some published figures, written down a second time. */
const DIAL_A_RIDE: Readonly<Record<string, number>> = {
  'a2-16': 294.248,
  'a4-48': 668.8182,
  'a8-80': 945.7306,
  'b4-16': 296.9582,
  'b6-60': 860.0704,
  'b8-64': 839.8898,
};
const PDPTW: Readonly<Record<string, readonly [vehicles: number, distance: number]>> = {
  lc101: [10, 828.94],
  lr101: [19, 1650.8],
};

function read(folder: RideFolder, name: string): RideInstance {
  const text = rideText(folder, `${name}.txt`);
  return (rideFormat(text) === 'pdptw' ? parsePdptw : parseDialARide)(text, `${name}.txt`);
}

for (const [folder, title] of [
  ['darp', 'dial-a-ride files of 2006'],
  ['darp2003', 'dial-a-ride files of 2003'],
  ['pdptw', 'pickup-and-delivery files'],
] as const) {
  const run = hasRides(folder) ? test : test.skip;

  run(`reads all ${title} and leaves time for every request`, (t) => {
    for (const name of rideNames(folder)) {
      const { requests, vehicles } = read(folder, name);
      const [, fleet = 0, count = 0] = (/^[ab](\d+)-(\d+)$/.exec(name) ?? []).map(Number);
      if (folder !== 'pdptw') t.deepEqual([vehicles.length, requests.length], [fleet, count], name);
      for (const { id, pickup, dropoff } of requests) {
        t.true(pickup.earliest <= pickup.latest && dropoff.earliest <= dropoff.latest, `${name}: ${id}`);
      }
    }
  });
}

const run = hasRides('darp') ? test : test.skip;

run('knows the optimum of every dial-a-ride file of 2006 that is given, and of none of 2003', (t) => {
  for (const name of rideNames('darp')) {
    const { published } = read('darp', name);
    t.truthy(published, name);
    const figure = DIAL_A_RIDE[name];
    if (figure !== undefined) t.is(published?.distance, figure);
    t.is(published?.status, ['b7-56', 'b8-64'].includes(name) ? 'best-known' : 'proven', name);
    t.is(published?.vehicles, null);
  }
  for (const name of rideNames('darp2003')) t.is(read('darp2003', name).published, null, name);
});

run('knows an instance by its numbers: not by its name, and no longer when one is edited', (t) => {
  const text = rideText('darp', 'a2-16.txt');
  t.is(parseDialARide(text, 'other.txt').published?.distance, 294.248);
  t.is(parseDialARide(text.replace('2 16 480', '2 32 480'), 'a2-16.txt').published?.distance, 294.248);
  t.is(parseDialARide(text.trimEnd().split('\n').slice(0, -1).join('\n'), 'a2-16.txt').published?.distance, 294.248);
  t.is(parseDialARide(text.replace('2 16 480', '3 16 480'), 'a2-16.txt').published, null);
  t.is(parseDialARide(text.replace('-5.164', '-5.165'), 'a2-16.txt').published, null);
});

(hasRides('pdptw') ? test : test.skip)('knows vehicles and distance of every pickup-and-delivery file given', (t) => {
  for (const name of rideNames('pdptw')) {
    const { published } = read('pdptw', name);
    t.is(published?.status, 'best-known', name);
    const [vehicles, distance] = PDPTW[name] ?? [published?.vehicles, published?.distance];
    t.deepEqual([published?.vehicles, published?.distance], [vehicles, distance]);
  }
});
