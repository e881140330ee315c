import type { Piece } from './storage-plan.ts';

/** Steps by which the kink of a tariff is rounded off. */
const STEPS = 10;

/** What somebody pays for a net load: the tariff for what is drawn, nothing for what is given away. */
export interface NetCost {
  /** Net load without the battery, Wh. */
  readonly net: ArrayLike<number>;
  /** Micro-tokens a Wh, by hour. */
  readonly tariff: ArrayLike<number>;
  /** The price rises from nothing to the tariff between minus and plus this net load, Wh; at once where it is zero. */
  readonly smoothingWh: number;
}

/**
 * The cost of a battery's flow on top of a net load, for `planStorage`: the tariff times what is drawn. Rounded off, its slope is
 * a price that several who plan in turn can agree on; at the kink itself each would wait for the others.
 */
export function netCost({ net, tariff, smoothingWh }: NetCost, powerW: number): (hour: number, piece: Piece) => void {
  const steps = smoothingWh > 0 ? STEPS : 1;
  const width = smoothingWh / STEPS;
  return (hour, piece) => {
    const base = net[hour] ?? 0;
    const price = tariff[hour] ?? 0;
    let at = -powerW;
    for (let step = 0; step < steps && at < powerW; step++) {
      const bend = smoothingWh > 0 ? width * (2 * step + 1) - smoothingWh : 0;
      const to = Math.min(powerW, bend - base);
      if (to <= at) continue;
      piece((price * step) / steps, to - at);
      at = to;
    }
    if (at < powerW) piece(price, powerW - at);
  };
}

/** The cost of a whole net load, rounded off as in {@link netCost}, in micro-tokens. */
export function costOfNet({ net, tariff, smoothingWh }: NetCost): number {
  let sum = 0;
  for (let hour = 0; hour < net.length; hour++) {
    sum += (tariff[hour] ?? 0) * drawn(net[hour] ?? 0, smoothingWh);
  }
  return sum;
}

/** What counts as drawn: the net load above zero, or its rounded form. */
function drawn(net: number, smoothingWh: number): number {
  if (net >= smoothingWh) return net;
  if (net <= -smoothingWh) return 0;
  const width = smoothingWh / STEPS;
  let cost = 0;
  for (let step = 0; step < STEPS; step++) {
    cost += Math.max(0, net - (width * (2 * step + 1) - smoothingWh)) / STEPS;
  }
  return cost;
}

/** The slope of {@link costOfNet} in an hour: what one more Wh costs. */
export function priceOfNet(netWh: number, tariff: number, smoothingWh: number): number {
  if (smoothingWh <= 0) return netWh > 0 ? tariff : 0;
  const steps = Math.round(((netWh + smoothingWh) / (2 * smoothingWh)) * STEPS);
  return (tariff * Math.min(STEPS, Math.max(0, steps))) / STEPS;
}
