import type { Kpis } from '../../scenario.ts';
import { bareNet, type CommunityInstance } from './community.ts';

/** Hours of a month as the challenge counts them. */
const MONTH_HOURS = 730;

/** A ratio; 1 where both are nothing. */
export function ratioOf(value: number, base: number): number {
  if (Math.abs(base) > 1e-9) return value / base;
  return Math.abs(value) <= 1e-9 ? 1 : Infinity;
}

/**
 * Figures of the CityLearn Challenge 2022 (Nweye et al., PMLR 220, 2023), as ratios to the homes without batteries: cost and emissions of
 * each home by itself, nothing for what it gives away, and the grid: the mean of ramping (how much what all draw changes from hour to
 * hour) and one less the load factor (mean over peak, of each month). Their mean is the score; lower is better.
 *
 * @param drawnKwh - by home and hour
 */
export function gridCost(instance: CommunityInstance, drawnKwh: readonly (readonly number[])[]): Kpis {
  const { homes, tariff, carbonKgPerKwh } = instance;
  const bare = homes.map((home) => bareNet(home).map((wh) => wh / 1_000));
  const weighted = (drawn: readonly (readonly number[])[], weights: readonly number[]): number =>
    drawn.reduce(
      (sum, series) => sum + series.reduce((all, kwh, hour) => all + Math.max(0, kwh) * (weights[hour] ?? 0), 0),
      0,
    );
  const [total, base] = [totalOf(instance, drawnKwh), totalOf(instance, bare)];
  const cost = ratioOf(weighted(drawnKwh, tariff), weighted(bare, tariff));
  const ramping = ratioOf(rampingOf(total), rampingOf(base));
  const load = ratioOf(unevenness(total), unevenness(base));
  const grid = (ramping + load) / 2;
  const parts = [cost, grid];
  if (carbonKgPerKwh === null) return { challengeCost: cost, challengeGrid: grid };
  const emissions = ratioOf(weighted(drawnKwh, carbonKgPerKwh), weighted(bare, carbonKgPerKwh));
  parts.push(emissions);
  const score = parts.reduce((sum, part) => sum + part, 0) / parts.length;
  return { challengeCost: cost, challengeEmissions: emissions, challengeGrid: grid, challengeScore: score };
}

function totalOf({ hours }: CommunityInstance, drawn: readonly (readonly number[])[]): number[] {
  return Array.from({ length: hours }, (_, hour) => drawn.reduce((sum, series) => sum + (series[hour] ?? 0), 0));
}

function rampingOf(total: readonly number[]): number {
  return total.reduce((sum, kwh, hour) => (hour === 0 ? 0 : sum + Math.abs(kwh - (total[hour - 1] ?? 0))), 0);
}

function unevenness(total: readonly number[]): number {
  const months: number[] = [];
  for (let from = 0; from < total.length; from += MONTH_HOURS) {
    const month = total.slice(from, from + MONTH_HOURS);
    const peak = month.reduce((most, kwh) => Math.max(most, kwh), -Infinity);
    const mean = month.reduce((sum, kwh) => sum + kwh, 0) / month.length;
    months.push(1 - ratioOf(mean, peak));
  }
  return months.reduce((sum, one) => sum + one, 0) / months.length;
}
