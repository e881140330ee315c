import type { Battery } from '../../../agents/energy/community/battery.ts';

/** A home: what it uses, what its sun gives, and its battery, which is empty at the start. */
export interface CommunityHome {
  readonly name: string;
  /** By hour, Wh. */
  readonly loadWh: readonly number[];
  readonly sunWh: readonly number[];
  readonly battery: Battery;
}

/** When the hours are. */
export interface CommunityCalendar {
  /** 0 to 23. */
  readonly hourOfDay: readonly number[];
  /** 1 (Monday) to 7; 8 for a holiday. */
  readonly dayType: readonly number[];
  /** 1 to 12. */
  readonly month: readonly number[];
}

/**
 * Homes behind one tariff. What all together draw in an hour costs the tariff, what they give away pays nothing, and what is left in a
 * battery at the end is worth nothing.
 */
export interface CommunityInstance {
  readonly name: string;
  readonly homes: readonly CommunityHome[];
  readonly hours: number;
  readonly calendar: CommunityCalendar;
  /** By hour, whole micro-tokens a Wh: thousandths of a token ($) a kWh. */
  readonly tariff: readonly number[];
  /** By hour; null where it is not known. */
  readonly carbonKgPerKwh: readonly number[] | null;
}

/** Bounds of an instance. */
export const COMMUNITY_LIMITS = {
  homes: 1_000,
  /** Of a leap year: plans of so many hours are one message. */
  hours: 8_784,
  /** kWh that a home uses, or its sun gives, in an hour. */
  hourKwh: 10_000,
  batteryKwh: 10_000,
  batteryKw: 10_000,
} as const;

/** By hour, load less sun, Wh. */
export function bareNet({ loadWh, sunWh }: CommunityHome): number[] {
  return loadWh.map((load, hour) => load - (sunWh[hour] ?? 0));
}

/** By hour, the sum of series. */
export function summed(series: readonly ArrayLike<number>[], hours: number): number[] {
  const total = Array.from({ length: hours }, () => 0);
  for (const one of series)
    for (let hour = 0; hour < hours; hour++) total[hour] = (total[hour] ?? 0) + (one[hour] ?? 0);
  return total;
}

/** Tokens that a net load costs: the tariff for what is drawn. */
export function billOf({ tariff }: Pick<CommunityInstance, 'tariff'>, netWh: ArrayLike<number>): number {
  return tariff.reduce((sum, price, hour) => sum + price * Math.max(0, netWh[hour] ?? 0), 0) / 1e6;
}

/** A series as a meter has it, in whole Wh: what is less than one is counted in the next hour. */
export function metered(series: readonly number[]): number[] {
  let carried = 0;
  return series.map((value) => {
    carried += value;
    const whole = Math.max(0, Math.round(carried));
    carried -= whole;
    return whole;
  });
}
