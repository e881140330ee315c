import type { RideInstance } from '../../../scenarios/ride-sharing/instance.ts';
import { decimal, fixed } from '../numbers.ts';
import { niceStep } from '../scale.ts';

/** Vehicles are counted from 1 for people. */
export function vehicleName(vehicle: number): string {
  return `Vehicle ${decimal(vehicle + 1, 0)}`;
}

/** How times and distances of an instance are written. */
export interface Units {
  /** A time of day: hours and minutes where the instance has real time, else the number. */
  readonly clock: (time: number) => string;
  /** What a clock's numbers are, for axes. */
  readonly clockUnit: string;
  /** How long something took, with its unit. */
  readonly span: (time: number) => string;
  readonly distance: (distance: number) => string;
  /** With its unit. */
  readonly way: (distance: number) => string;
  readonly timeUnit: string;
  readonly distanceUnit: string;
  /** Ticks of a clock's axis stand at multiples of this many units of time. */
  readonly clockStep: (span: number, count: number) => number;
}

const MINUTE = 60;
const HOUR = 3600;
/** Steps of a clock's axis that people read, in seconds. */
const STEPS = [1, 5, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 43_200, 86_400];

/** The units of an instance. Names from a file are text like all others. */
export function unitsOf({ units, secondsPerTime }: RideInstance): Units {
  const real = /^(?:s|sec|seconds?|min|minutes?|h|hours?)$/i.test(units.time);
  const withUnit = (text: string, unit: string): string => (unit === '' ? text : `${text} ${unit}`);
  const distance = (value: number): string => fixed(value, 2);
  return {
    clock: (time) => (real ? clockText(time * secondsPerTime) : decimal(time, 1)),
    clockUnit: real ? 'hours:minutes' : units.time,
    span: (time) => withUnit(decimal(time, 1), units.time),
    distance,
    way: (value) => withUnit(distance(value), units.distance),
    timeUnit: units.time,
    distanceUnit: units.distance,
    clockStep: (span, count) => {
      const rough = (span * secondsPerTime) / count;
      const step = real ? (STEPS.find((seconds) => seconds >= rough) ?? Math.ceil(rough / 86_400) * 86_400) : null;
      return step === null ? niceStep(span, count) : step / secondsPerTime;
    },
  };
}

/** 3:07 for 187 minutes. */
function clockText(seconds: number): string {
  const whole = Math.round(Math.abs(seconds) / MINUTE) * MINUTE;
  const minutes = String(Math.round((whole % HOUR) / MINUTE)).padStart(2, '0');
  return `${seconds < 0 && whole > 0 ? '−' : ''}${decimal(Math.floor(whole / HOUR), 0)}:${minutes}`;
}
