import type { RideInstance } from '../../../scenarios/ride-sharing/instance.ts';
import type { SimulationResult } from '../../../scenarios/simulate.ts';
import { counted, decimal, errorSize, sentenceStart } from '../numbers.ts';
import type { Verdict } from '../page.ts';
import type { Outcome } from './compared.ts';
import type { RideDay } from './day.ts';
import type { Units } from './words.ts';

/** What a violation means, by its name: how far, and of what. */
const LIMITS: Readonly<Record<string, (size: number, time: string) => string>> = {
  windowTime: (size, time) => `a stop is ${errorSize(size)}${time} outside its time window`,
  wayTime: (size, time) => `a vehicle drives ${errorSize(size)}${time} faster than it can`,
  rideTime: (size, time) => `a ride is ${errorSize(size)}${time} too long`,
  durationTime: (size, time) => `a vehicle is out ${errorSize(size)}${time} too long`,
  shiftTime: (size, time) => `a vehicle drives ${errorSize(size)}${time} outside its day`,
  capacitySeats: (size) => `a vehicle carries ${counted(size, 'seat')} too many`,
  precedenceTrips: (size) => `${counted(size, 'rider')} would be dropped off before the pickup`,
  pairingTrips: (size) => `${counted(size, 'request')} would change vehicles`,
  servedOnceTrips: (size) => `${counted(size, 'request')} must be served once and ${size < 2 ? 'is' : 'are'} not`,
  fleetRoutes: (size) => `${counted(size, 'route')} would need a vehicle that is not there`,
  unknownStops: (size) => `${counted(size, 'stop')} of nobody would be visited`,
};

/** A violation below this is rounding, as in the score. */
const TOLERANCE = 1e-6;
/** A gap below this share is rounding. */
const EQUAL_GAP = 5e-7;

/** What {@link rideVerdict} judges. */
export interface Judged {
  readonly instance: RideInstance;
  readonly result: SimulationResult;
  readonly day: RideDay;
  readonly outcomes: readonly Outcome[];
  readonly units: Units;
}

/** Judges what was agreed in plain words: beside the best known, the contract net and rides of one's own. */
export function rideVerdict(judged: Judged): Verdict {
  const { result, day, units, instance } = judged;
  const distance = result.agents['distance'] ?? day.distance;
  const agreed = `${sentenceStart(counted(day.driven.length, 'vehicle'))} agreed on routes of ${units.way(distance)}`;
  const requests = instance.requests.length;
  const lost = day.unserved.length;
  const served =
    lost === 0
      ? `All ${decimal(requests, 0)} requests are served`
      : `${decimal(requests - lost, 0)} of ${decimal(requests, 0)} requests are served, ${decimal(lost, 0)} not`;
  if (!result.feasible) {
    return {
      good: false,
      headline: `${agreed}, but they break a limit: ${brokenWords(result, units)}. ${served}.`,
      sentences: [],
    };
  }
  return {
    good: true,
    headline: `${agreed}${bestWords(judged, distance)}. ${served}, and every limit holds.`,
    sentences: [baselineWords(judged, distance), taxiWords(judged, distance)].filter((sentence) => sentence !== ''),
  };
}

function brokenWords({ violations }: SimulationResult, { timeUnit }: Units): string {
  const broken = Object.entries(violations).filter(([, size]) => size > TOLERANCE);
  if (broken.length === 0) return 'which one is not known';
  const time = timeUnit === '' ? '' : ` ${timeUnit}`;
  return broken.map(([name, size]) => LIMITS[name]?.(size, time) ?? `${name} ${errorSize(size)}`).join(', and ');
}

function outcome({ outcomes }: Judged, ...roles: readonly Outcome['role'][]): Outcome | undefined {
  return outcomes.find(({ role }) => roles.includes(role));
}

function bestWords(judged: Judged, distance: number): string {
  const best = outcome(judged, 'optimum', 'published');
  const length = best?.kpis?.['distance'];
  if (best === undefined || length === undefined || length <= 0) return '';
  const name = bestName(judged);
  const needed = best.kpis?.['vehicles'];
  const used = judged.day.driven.length;
  const vehicles =
    needed !== undefined && needed !== used
      ? `, with ${counted(Math.abs(used - needed), 'vehicle')} ${used > needed ? 'more' : 'fewer'}`
      : '';
  const gap = distance / length - 1;
  if (Math.abs(gap) < EQUAL_GAP) return `, as short as ${name}${vehicles}`;
  return `, ${decimal(Math.abs(gap) * 100, Math.abs(gap) < 1e-3 ? 4 : 2)} % ${gap > 0 ? 'above' : 'below'} ${name} of ${judged.units.distance(length)}${vehicles}`;
}

function bestName({ instance: { published } }: Judged): string {
  if (published === null) return 'the optimum';
  return published.status === 'proven' ? 'the proven optimum' : 'the best known solution';
}

function baselineWords(judged: Judged, distance: number): string {
  const kpis = outcome(judged, 'baseline')?.kpis;
  const length = kpis?.['distance'];
  if (length === undefined || distance <= 0) return '';
  const lost = kpis?.['unserved'] ?? 0;
  const without = lost > 0 ? ` and leave ${counted(lost, 'request')} unserved` : '';
  const best = outcome(judged, 'optimum', 'published')?.kpis?.['distance'];
  const closed =
    best !== undefined && length - best > EQUAL_GAP * best && length > distance && lost === 0
      ? ` Renegotiation closed ${decimal(Math.min(1, (length - distance) / (length - best)) * 100, 0)} % of the gap between that and ${bestName(judged)}.`
      : '';
  return `A contract net without renegotiation would drive ${judged.units.way(length)} (${comparedWords(length, distance)})${without}.${closed}`;
}

function taxiWords(judged: Judged, distance: number): string {
  const taxi = judged.outcomes.find(({ role, title }) => role === 'reference' && title === 'Own taxi');
  const length = taxi?.kpis?.['distance'];
  if (length === undefined || distance <= 0) return '';
  return `With a taxi for every rider it would be ${judged.units.way(length)} (${comparedWords(length, distance)}).`;
}

function comparedWords(length: number, distance: number): string {
  const share = length / distance - 1;
  if (Math.abs(share) < EQUAL_GAP) return 'the same';
  return `${decimal(Math.abs(share) * 100, 1)} % ${share > 0 ? 'more' : 'less'}`;
}
