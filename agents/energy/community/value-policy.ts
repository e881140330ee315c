import { box, type Box, type Feature } from '../../../agent-core/policy/space.ts';
import { definePolicy, type Policy } from '../../../agent-core/policy/policy.ts';
import { mostGiven, mostTaken, type Battery } from './battery.ts';
import type { HourWish } from './bidding.ts';
import { DAY_HOURS, type HomeMemory } from './home-memory.ts';
import { planStorage } from './storage-plan.ts';

/** What a home without foresight knows when it decides. */
export interface HomeView {
  readonly battery: Battery;
  readonly storedWh: number;
  readonly hour: number;
  /** By hour of the run, 0 to 23; the same hour of the day before stands for hours after the end. */
  readonly hourOfDay: ArrayLike<number>;
  /** By hour: 1 to 7 for a day of the week, from Monday; 8 for a holiday. */
  readonly dayType: ArrayLike<number>;
  /** By hour: 1 to 12. */
  readonly month: ArrayLike<number>;
  /** By hour, whole micro-tokens a Wh; known a day ahead. */
  readonly tariff: ArrayLike<number>;
  /** Of this hour. */
  readonly loadWh: number;
  readonly sunWh: number;
  readonly memory: HomeMemory;
}

const ahead = (name: string, min: number, max: number): Feature[] =>
  Array.from({ length: DAY_HOURS }, (_, k) => ({ name: `${name}In${k}`, min, max }));

/** A stored Wh is worth at most so many times the highest tariff of the next 24 hours. */
const VALUE_MAX = 1.2;

/** What a home's policy sees. Energy as a multiple of the battery's capacity, prices of the highest tariff of the next 24 hours. */
export const VALUE_FEATURES: readonly Feature[] = [
  { name: 'stored', min: 0, max: 1 },
  { name: 'power', min: 0, max: 4 },
  { name: 'efficiency', min: 0, max: 1 },
  { name: 'net', min: -4, max: 4 },
  /** This hour's sun, as a multiple of the mean at this hour of the day. */
  { name: 'brightness', min: 0, max: 3 },
  /** Triangle waves, a quarter of a day or a year apart: -1 at midnight and in December, 1 at noon and in June. */
  { name: 'hourWave', min: -1, max: 1 },
  { name: 'hourWaveLater', min: -1, max: 1 },
  { name: 'weekend', min: 0, max: 1 },
  { name: 'monthWave', min: -1, max: 1 },
  { name: 'monthWaveLater', min: -1, max: 1 },
  ...ahead('tariff', 0, 1),
  /** The market's mean price at that hour of the day; the tariff where there is none yet. */
  ...ahead('price', 0, 1),
  /** Expected by hour of the day, with as much sun as now is brighter or darker than usual. */
  ...ahead('net', -4, 4).map((feature) => ({ ...feature, name: `expected${feature.name.slice(3)}` })),
  /** What a stored Wh is worth by {@link rollingPlan}, as a multiple of the highest tariff of the next 24 hours. */
  { name: 'planned', min: 0, max: VALUE_MAX },
];

/**
 * How much more a stored Wh is worth than planned, as a multiple of the highest tariff of the next 24 hours: what is learned is
 * what a plan on mean days gets wrong (residual policy learning: Silver, Allen, Tenenbaum and Kaelbling 2018).
 */
export const VALUE_ACTIONS: Box = box([{ name: 'correction', min: -1, max: 1 }]);

const [TARIFF_AT, PRICE_AT, EXPECTED_AT] = [10, 10 + DAY_HOURS, 10 + 2 * DAY_HOURS];
const PLANNED_AT = EXPECTED_AT + DAY_HOURS;
const [STORED_AT, POWER_AT, EFFICIENCY_AT] = [0, 1, 2];
/** Below so many Wh at an hour of the day the sun says nothing about the weather. */
const DAYLIGHT_WH = 100;
const BRIGHTNESS_MAX = 3;

/** The values of {@link VALUE_FEATURES}. */
export function observeHome(view: HomeView): number[] {
  const { battery, storedWh, hour, loadWh, sunWh, memory } = view;
  const { capacityWh } = battery;
  const highest = highestTariff(view.tariff, hour);
  const price = highest > 0 ? 1 / highest : 0;
  const energy = capacityWh > 0 ? 1 / capacityWh : 0;
  const of = (list: ArrayLike<number>): number => list[hour] ?? 0;
  const usual = memory.sunWh[of(view.hourOfDay)] ?? 0;
  const isDay = usual >= DAYLIGHT_WH && (memory.seen[of(view.hourOfDay)] ?? 0) > 0;
  const brightness = isDay ? Math.min(BRIGHTNESS_MAX, sunWh / usual) : 1;
  const turn = (phase: number): [number, number] => [triangle(phase), triangle(phase + 0.25)];
  const values = [
    storedWh * energy,
    battery.powerW * energy,
    battery.efficiency,
    (loadWh - sunWh) * energy,
    brightness,
    ...turn(of(view.hourOfDay) / DAY_HOURS),
    of(view.dayType) >= 6 ? 1 : 0,
    ...turn(of(view.month) / 12),
  ];
  const start = of(view.hourOfDay);
  for (let k = 0; k < DAY_HOURS; k++) {
    const [at, tariff] = [(start + k) % DAY_HOURS, tariffIn(view.tariff, hour, k)];
    const seen = (memory.seen[at] ?? 0) > 0;
    const net = (seen ? (memory.loadWh[at] ?? 0) : loadWh) - brightness * (memory.sunWh[at] ?? 0);
    values[TARIFF_AT + k] = tariff * price;
    values[PRICE_AT + k] = (seen ? (memory.price[at] ?? 0) : tariff) * price;
    values[EXPECTED_AT + k] = (k === 0 ? loadWh - sunWh : net) * energy;
  }
  values[PLANNED_AT] = Math.min(VALUE_MAX, Math.max(0, plannedValue(values, USUAL)));
  return values;
}

/** Corrections below are none: prices lie close to what plans make of them, so a little to the side is another decision. */
const LEAST_CORRECTION = 0.05;

/** What a policy that corrects a plan holds a stored Wh to be worth, as a multiple of the highest tariff of the next 24 hours. */
export function valueBy(seen: readonly number[], correction: number): number {
  const planned = seen[PLANNED_AT] ?? 0;
  return Math.abs(correction) < LEAST_CORRECTION ? planned : Math.min(VALUE_MAX, Math.max(0, planned + correction));
}

/** As a cosine from -1 through 1 and back, of straight lines: the same number on every machine. */
function triangle(phase: number): number {
  return 4 * Math.abs(phase - Math.round(phase)) - 1;
}

function tariffIn(tariff: ArrayLike<number>, hour: number, k: number): number {
  return tariff[hour + k] ?? tariff[hour + k - DAY_HOURS] ?? tariff[hour] ?? 0;
}

/** The highest tariff of the next 24 hours, micro-tokens a Wh. */
export function highestTariff(tariff: ArrayLike<number>, hour: number): number {
  let highest = 0;
  for (let k = 0; k < DAY_HOURS; k++) highest = Math.max(highest, tariffIn(tariff, hour, k));
  return highest;
}

/** What a home would do that holds a stored Wh to be worth `value` micro-tokens: it gives above that and takes below, losses counted. */
export function wishByValue(view: HomeView, value: number): HourWish {
  const { battery, storedWh, hour, loadWh, sunWh, tariff } = view;
  const worth = Math.max(0, value);
  return {
    netWh: loadWh - sunWh,
    givesWh: mostGiven(battery, storedWh),
    givesAt: Math.max(1, Math.ceil(worth / battery.efficiency)),
    takesWh: mostTaken(battery, storedWh),
    takesAt: Math.floor(worth * battery.efficiency),
    tariff: tariff[hour] ?? 0,
    surplusAt: 0,
  };
}

/** Values this close to what the tariff makes of them are alike. */
const ALIKE = 0.01;

/** Where now or later comes to the same, now: later there may be no room, or too little power. */
function eager(
  value: number,
  { tariff, efficiency }: { readonly tariff: number; readonly efficiency: number },
): number {
  if (Math.abs(value * efficiency - tariff) < ALIKE * tariff) return (tariff / efficiency) * (1 + ALIKE);
  if (Math.abs(value / efficiency - tariff) < ALIKE * tariff) return tariff * efficiency * (1 - ALIKE);
  return value;
}

/** What a rolling plan is set to. */
export interface RollingPlanSettings {
  /** How far the market's price stands for what is bought; the rest is the tariff. */
  readonly buying?: number;
  /** How much of the market's price is counted on for what is sold. */
  readonly selling?: number;
  /** What a Wh is worth that is left after 24 hours, as a multiple of the highest tariff. */
  readonly leftover?: number;
}

/** Wh of the battery that a rolling plan is made for: features are multiples of its capacity. */
const UNIT_WH = 1_000;

type Settings = Required<RollingPlanSettings>;

/** What plans are made with unless a policy says otherwise. */
const USUAL: Settings = { buying: 1, selling: 1, leftover: 0.4 };

/**
 * Plans the next 24 hours on the means of past days, by `planStorage`, and holds a stored Wh to be worth what one more of it would
 * save. With the usual settings it is what other policies correct.
 */
export function rollingPlan(settings: RollingPlanSettings = {}): Policy {
  const { buying, selling, leftover } = { ...USUAL, ...settings };
  return definePolicy({
    name: 'rolling-plan-2',
    observes: VALUE_FEATURES,
    acts: VALUE_ACTIONS,
    parameters: { buying, selling, leftover },
    act: (seen) => [plannedValue(seen, { buying, selling, leftover }) - (seen[PLANNED_AT] ?? 0)],
  });
}

function plannedValue(seen: readonly number[], { buying, selling, leftover }: Settings): number {
  const at = (index: number): number => seen[index] ?? 0;
  const powerW = at(POWER_AT) * UNIT_WH;
  const battery: Battery = { capacityWh: UNIT_WH, powerW, efficiency: at(EFFICIENCY_AT) };
  const { value } = planStorage({
    battery,
    hours: DAY_HOURS,
    storedWh: at(STORED_AT) * UNIT_WH,
    endValue: leftover,
    cost(hour, piece) {
      const market = at(PRICE_AT + hour);
      const sells = Math.min(selling * market, at(TARIFF_AT + hour));
      const buys = Math.max(sells, buying * market + (1 - buying) * at(TARIFF_AT + hour));
      const surplus = Math.min(powerW, Math.max(-powerW, -at(EXPECTED_AT + hour) * UNIT_WH));
      piece(sells, surplus + powerW);
      piece(buys, powerW - surplus);
    },
  });
  return eager(value[0] ?? 0, { tariff: at(TARIFF_AT), efficiency: battery.efficiency });
}
