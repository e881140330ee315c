import type { CommunityCalendar } from '../../../scenarios/energy/community/community.ts';
import { decimal, fixed } from '../numbers.ts';

/** 812.34 $. */
export function dollars(value: number): string {
  return `${fixed(value, 2)} $`;
}

/** Energy in as many digits as say something, without its unit. */
export function energy(value: number): string {
  const size = Math.abs(value);
  return decimal(value, size < 10 ? 2 : size < 1_000 ? 1 : 0);
}

/** 12.5 kWh. */
export function kwh(value: number): string {
  return `${energy(value)} kWh`;
}

/** 0.263 $/kWh, without its unit; what is not known is a dash. */
export function price(value: number | null): string {
  return value === null ? '–' : fixed(value, 3);
}

/** 99.5 %; what is not quite whole never reads as 100 %. */
export function percent(share: number): string {
  const text = decimal(share * 100, 1);
  return `${text === '100' && share < 1 - 1e-9 ? '> 99.9' : text} %`;
}

/** 12.5 % of what would be paid alone; a dash where nothing would be, or more than all is saved, as the home earns. */
export function savedShare({ alone, bill }: { readonly alone: number; readonly bill: number }): string {
  const share = alone > 0 ? (alone - bill) / alone : Infinity;
  return share <= 1 ? percent(share) : '–';
}

/** 8.20 $ (12.5 %), where there is a share to tell. */
export function savedWords(of: { readonly alone: number; readonly bill: number }): string {
  const share = savedShare(of);
  return `${dollars(of.alone - of.bill)}${share === '–' ? '' : ` (${share})`}`;
}

/** Room for a name in a chart. */
const NAME_MAX = 17;

/** `name` as far as there is room for it. */
export function shortName(name: string): string {
  const letters = Array.from(name);
  return letters.length <= NAME_MAX ? name : `${letters.slice(0, NAME_MAX - 1).join('')}…`;
}

/** 7:00. */
export function clock(hourOfDay: number): string {
  return `${hourOfDay}:00`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Mar for 3. */
export function monthName(month: number): string {
  return MONTHS[month - 1] ?? '';
}

/** By hour: which day it is of, counted from 0. A day ends where the hour of the day falls. */
export function dayOfHours({ hourOfDay }: Pick<CommunityCalendar, 'hourOfDay'>): readonly number[] {
  let day = 0;
  return hourOfDay.map((hour, at) => {
    if (at > 0 && hour <= (hourOfDay[at - 1] ?? 0)) day++;
    return day;
  });
}
