/** A battery as its home sees it: energy moved is counted at the wires of the home, energy stored inside. */
export interface Battery {
  /** What it stores at most. */
  readonly capacityWh: number;
  /** What it takes or gives at most, at the wires. */
  readonly powerW: number;
  /** Part of the energy that is left after one way, in or out: the square root of the round trip. */
  readonly efficiency: number;
}

/** Whole Wh that it can take from the wires within an hour. */
export function mostTaken({ capacityWh, powerW, efficiency }: Battery, storedWh: number): number {
  return Math.max(0, Math.floor(Math.min(powerW, (capacityWh - storedWh) / efficiency) + ROUNDING));
}

/** Whole Wh that it can give to the wires within an hour. */
export function mostGiven({ powerW, efficiency }: Battery, storedWh: number): number {
  return Math.max(0, Math.floor(Math.min(powerW, storedWh * efficiency) + ROUNDING));
}

/** What is stored after `flowWh` at the wires: above zero where it was charged. */
export function storedAfter({ capacityWh, efficiency }: Battery, storedWh: number, flowWh: number): number {
  const stored = storedWh + (flowWh > 0 ? flowWh * efficiency : flowWh / efficiency);
  return Math.min(capacityWh, Math.max(0, stored));
}

/** The flow at the wires that takes the store from one level to another. */
export function flowBetween({ efficiency }: Battery, fromWh: number, toWh: number): number {
  const change = toWh - fromWh;
  return change > 0 ? change / efficiency : change * efficiency;
}

/** Wh: what sums of floats are off by. */
const ROUNDING = 1e-6;
