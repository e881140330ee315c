import type { Axis } from '../scale.ts';
import type { CommunityFacts } from './facts.ts';
import { clock, dayOfHours, monthName } from './words.ts';

/** A piece of time that is drawn as one: hours from `from` to before `to`. */
export interface Slot {
  readonly from: number;
  readonly to: number;
  readonly title: string;
}

/** How finely time is drawn. */
export interface Grain {
  readonly per: 'hour' | 'day';
  readonly slots: readonly Slot[];
}

/** An axis of slots and what stands under it. */
export interface SlotAxis {
  readonly axis: Axis;
  readonly title: string;
}

/** From so many days on, months stand under a chart of days. */
const MONTHS_FROM_DAYS = 62;
/** Up to so many hours, hours stand under a chart of hours. */
const CLOCK_TO_HOURS = 48;
/** A month shorter than this in the first place is not named: the next stands there. */
const MONTH_DAYS_MIN = 8;

type Calendar = Pick<CommunityFacts, 'instance'>;

/** Hours from `from` to before `to`, each for itself. */
export function hourGrain({ instance: { calendar } }: Calendar, from: number, to: number): Grain {
  const days = dayOfHours(calendar);
  return {
    per: 'hour',
    slots: Array.from({ length: to - from }, (_, k) => {
      const hour = from + k;
      const title = `Day ${(days[hour] ?? 0) + 1}, ${clock(calendar.hourOfDay[hour] ?? 0)}`;
      return { from: hour, to: hour + 1, title };
    }),
  };
}

/** All days, each as one. */
export function dayGrain({ instance: { calendar, hours } }: Calendar): Grain {
  const starts = dayStarts(calendar);
  return {
    per: 'day',
    slots: starts.map((from, day) => ({
      from,
      to: starts[day + 1] ?? hours,
      title: `Day ${day + 1}, ${monthName(calendar.month[from] ?? 0)}`,
    })),
  };
}

/** Hours in which days begin. */
export function dayStarts(calendar: Parameters<typeof dayOfHours>[0]): readonly number[] {
  const days = dayOfHours(calendar);
  return [...days.keys()].filter((hour) => hour === 0 || days[hour] !== days[hour - 1]);
}

/** Slots side by side, each as wide as the others. */
export function slotAxis(
  { instance: { calendar } }: Calendar,
  { per, slots }: Grain,
  range: readonly [number, number],
): SlotAxis {
  const at = (slot: number): number => range[0] + (slot / Math.max(1, slots.length)) * (range[1] - range[0]);
  const placed = (ticks: readonly number[], label: (tick: number) => string): Axis => ({
    domain: [0, slots.length],
    range,
    at,
    ticks,
    label,
  });
  const every = (step: number): number[] => [...slots.keys()].filter((slot) => slot % step === 0);
  if (per === 'day') {
    const month = (slot: number): number => calendar.month[slots[slot]?.from ?? 0] ?? 0;
    if (slots.length < MONTHS_FROM_DAYS) {
      return { axis: placed(every(slots.length > 20 ? 7 : 1), (slot) => String(slot + 1)), title: 'Day' };
    }
    const firsts = [...slots.keys()].filter((slot) => slot === 0 || month(slot) !== month(slot - 1));
    const named = firsts.filter((slot, k) => k > 0 || (firsts[1] ?? slots.length) - slot >= MONTH_DAYS_MIN);
    return { axis: placed(named, (slot) => monthName(month(slot))), title: 'Month' };
  }
  if (slots.length <= CLOCK_TO_HOURS) {
    const hourAt = (slot: number): string => clock(calendar.hourOfDay[slots[slot]?.from ?? 0] ?? 0);
    return { axis: placed(every(3), hourAt), title: 'Hour' };
  }
  const days = dayOfHours(calendar);
  const dayAt = (slot: number): number => days[slots[slot]?.from ?? 0] ?? 0;
  const starts = [...slots.keys()].filter((slot) => slot === 0 || dayAt(slot) !== dayAt(slot - 1));
  return { axis: placed(starts, (slot) => String(dayAt(slot) + 1)), title: 'Day, from its first hour' };
}

/** Where a week of hours begins in which neighbours traded most, on the first hour of a day. */
export function busiestWeek({ instance: { calendar, hours }, betweenKwh }: CommunityFacts, length: number): number {
  const starts = dayStarts(calendar).filter((from) => from + length <= hours);
  let [best, most] = [0, -1];
  for (const from of starts) {
    const traded = betweenKwh.slice(from, from + length).reduce((sum, kwh) => sum + kwh, 0);
    if (traded > most) [best, most] = [from, traded];
  }
  return best;
}
