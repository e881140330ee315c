import { HaggleError } from '../../../agent-core/errors.ts';
import type { RandomStream } from '../../../agent-core/random.ts';
import { COMMUNITY_LIMITS, type CommunityHome, type CommunityInstance } from './community.ts';

type Key = 'homes' | 'days' | 'sun' | 'batteries' | 'month';

/** Bounds of every parameter, and what holds where it is not given. */
const BOUNDS: Readonly<Record<Key, readonly [min: number, max: number, usual: number]>> = {
  homes: [1, COMMUNITY_LIMITS.homes, 8],
  days: [1, COMMUNITY_LIMITS.hours / 24, 28],
  /** Per cent of homes that have sun, and a battery. */
  sun: [0, 100, 75],
  batteries: [0, 100, 75],
  /** In which the first day is the first. */
  month: [1, 12, 6],
};

const DAY_HOURS = 24;
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** Batteries are made of modules: so many Wh and W each, with a round trip of 0.9. */
const MODULE = { capacityWh: 3_200, powerW: 2_500, efficiency: Math.sqrt(0.9) };
const MODULES_MAX = 4;

/** Micro-tokens a Wh by hour of the day: nights, days, evenings; summer evenings are dear. */
const NIGHT = 180;
const DAY = 260;
const EVENING = 420;
const SUMMER_EVENING = 520;

/**
 * Makes a community from `homes` (8), `days` (28), `sun` and `batteries` (per cent of homes that have them, 75) and `month` (of the first
 * day, 6). Homes differ in size and habits; clouds are those of the neighbourhood.
 *
 * @throws HaggleError `bad-parameter` naming key, value and bound
 */
export function generateCommunity(parameters: ReadonlyMap<string, string>, random: RandomStream): CommunityInstance {
  for (const key of parameters.keys()) {
    if (Object.hasOwn(BOUNDS, key)) continue;
    const known = Object.keys(BOUNDS).join(', ');
    throw bad(key, `a generated community takes the parameters ${known}, got ${JSON.stringify(key.slice(0, 40))}`);
  }
  const [count, days] = [read(parameters, 'homes'), read(parameters, 'days')];
  const calendar = calendarOf(days, read(parameters, 'month'), random.integer(1, 7));
  const sky = skyOf(calendar, random);
  const [sunny, stored] = [read(parameters, 'sun') / 100, read(parameters, 'batteries') / 100];
  const homes = Array.from({ length: count }, (_, at): CommunityHome => {
    const loadWh = loadOf(calendar, random);
    const panels = random.uniform() < sunny ? random.between(2_500, 7_000) : 0;
    const modules = random.uniform() < stored ? random.integer(1, MODULES_MAX) : 0;
    return {
      name: `home-${at + 1}`,
      loadWh,
      sunWh: sky.map((light) => panels * light * random.between(0.92, 1)),
      battery: { ...MODULE, capacityWh: modules * MODULE.capacityWh, powerW: modules * MODULE.powerW },
    };
  });
  return {
    name: `generated community of ${count}`,
    homes,
    hours: days * DAY_HOURS,
    calendar,
    tariff: calendar.hourOfDay.map((hour, at) => tariffAt(hour, calendar.month[at] ?? 1)),
    carbonKgPerKwh: sky.map((light, at) => {
      const hour = calendar.hourOfDay[at] ?? 0;
      return 0.2 - 0.08 * light + (hour >= 17 && hour < 22 ? 0.06 : 0);
    }),
  };
}

function tariffAt(hour: number, month: number): number {
  if (hour >= 16 && hour < 21) return month >= 6 && month <= 9 ? SUMMER_EVENING : EVENING;
  return hour >= 7 && hour < 22 ? DAY : NIGHT;
}

function calendarOf(days: number, month: number, weekday: number): CommunityInstance['calendar'] {
  const dates: { readonly month: number; readonly day: number }[] = [];
  let [at, left] = [month, MONTH_DAYS[month - 1] ?? 30];
  for (let day = 0; day < days; day++) {
    dates.push({ month: at, day: ((weekday - 1 + day) % 7) + 1 });
    left--;
    if (left > 0) continue;
    at = (at % 12) + 1;
    left = MONTH_DAYS[at - 1] ?? 30;
  }
  const hours = dates.flatMap((date) => Array.from({ length: DAY_HOURS }, (_, hour) => ({ ...date, hour })));
  return {
    hourOfDay: hours.map(({ hour }) => hour),
    dayType: hours.map(({ day }) => day),
    month: hours.map((one) => one.month),
  };
}

/** By hour, what a W of panels gives, with the season's day and the clouds of the neighbourhood, which come and go slowly. */
function skyOf({ hourOfDay, month }: CommunityInstance['calendar'], random: RandomStream): number[] {
  let [cloud, front] = [0.3, 0.3];
  return hourOfDay.map((hour, at) => {
    if (hour === 0) front = Math.min(0.9, Math.max(0, 0.5 * front + random.between(0, 0.5)));
    cloud = Math.min(0.95, Math.max(0, 0.7 * cloud + 0.3 * front + random.normal(0, 0.08)));
    // 1 in June, 0 in December.
    const season = 1 - Math.abs((month[at] ?? 1) - 6.5) / 5.5 + 1 / 11;
    const half = 4 + 3.5 * season;
    const height = 1 - ((hour + 0.5 - 12.5) / half) ** 2;
    return Math.max(0, height) * (0.45 + 0.4 * season) * (1 - 0.8 * cloud);
  });
}

/** By hour, Wh: a base, a morning, an evening, days at home or not, and now and then a machine. */
function loadOf({ hourOfDay, dayType }: CommunityInstance['calendar'], random: RandomStream): number[] {
  const base = random.between(150, 450);
  const [morning, evening] = [random.between(0.3, 1.2) * 1_000, random.between(0.8, 2.2) * 1_000];
  const [wakes, returns] = [random.between(6, 8.5), random.between(17.5, 20.5)];
  const isHome = random.uniform() < 0.4 ? 1 : 0.15;
  const hump = (hour: number, peak: number, width: number): number => Math.max(0, 1 - Math.abs(hour - peak) / width);
  return hourOfDay.map((hour, at) => {
    const weekend = (dayType[at] ?? 1) >= 6;
    const noon = 700 * hump(hour, 13, 5) * (weekend ? 1 : isHome);
    const machine = random.uniform() < (weekend ? 0.06 : 0.03) && hour >= 8 ? random.between(800, 2_500) : 0;
    const habits =
      base + morning * hump(hour, weekend ? wakes + 1.5 : wakes, 2.5) + noon + evening * hump(hour, returns, 3.5);
    return Math.max(30, habits * random.between(0.75, 1.25) + machine);
  });
}

function read(parameters: ReadonlyMap<string, string>, key: Key): number {
  const [min, max, usual] = BOUNDS[key];
  const text = parameters.get(key);
  if (text === undefined) return usual;
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw bad(key, `${key} must be a whole number from ${min} to ${max}, got ${JSON.stringify(text.slice(0, 40))}`);
}

function bad(key: string, message: string): HaggleError {
  return new HaggleError('bad-parameter', message, { fields: { key } });
}
