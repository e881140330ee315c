import { netCost } from '../../../agents/energy/community/pooled-cost.ts';
import { planStorage } from '../../../agents/energy/community/storage-plan.ts';
import { bareNet, billOf, summed, type CommunityHome, type CommunityInstance } from './community.ts';

/** Every home by itself: what its battery does, and what it pays. */
export interface AlonePlans {
  /** By home and hour, at the wires of the battery. */
  readonly flowWh: readonly (readonly number[])[];
  /** By home, tokens. */
  readonly bill: readonly number[];
}

const KNOWN = new WeakMap<CommunityInstance, AlonePlans>();

/** The optimum of each home alone, with perfect foresight, exactly. */
export function alonePlans(instance: CommunityInstance): AlonePlans {
  const known = KNOWN.get(instance);
  if (known !== undefined) return known;
  const flowWh = instance.homes.map((home) => [...bestFlow(instance, bareNet(home), home.battery)]);
  const plans = { flowWh, bill: instance.homes.map((home, at) => billOf(instance, drawnBy(home, flowWh[at] ?? []))) };
  KNOWN.set(instance, plans);
  return plans;
}

/** The flow of a battery by which a net load costs least. */
export function bestFlow(
  { tariff, hours }: CommunityInstance,
  net: readonly number[],
  battery: CommunityHome['battery'],
): Float64Array {
  return planStorage({ battery, hours, cost: netCost({ net, tariff, smoothingWh: 0 }, battery.powerW) }).flowWh;
}

/** By hour, what a home draws with these flows of its battery, Wh. */
export function drawnBy(home: CommunityHome, flowWh: ArrayLike<number>): number[] {
  return bareNet(home).map((net, hour) => net + (flowWh[hour] ?? 0));
}

/** Tokens that are paid where homes do without a market, or without batteries. */
export interface CommunityLines {
  /** Without batteries, each home for itself. */
  readonly noBattery: number;
  /** Without batteries, what all draw netted. */
  readonly noBatteryPooled: number;
  /** Each home with its best plan for itself. */
  readonly alone: number;
  /** These plans, what all draw netted. Which of several best plans a home has changes this a little. */
  readonly alonePooled: number;
}

/** The lines that need no solver. */
export function communityLines(instance: CommunityInstance): CommunityLines {
  const { homes, hours } = instance;
  const bare = homes.map(bareNet);
  const { flowWh, bill } = alonePlans(instance);
  const drawn = homes.map((home, at) => drawnBy(home, flowWh[at] ?? []));
  return {
    noBattery: bare.reduce((sum, net) => sum + billOf(instance, net), 0),
    noBatteryPooled: billOf(instance, summed(bare, hours)),
    alone: bill.reduce((sum, one) => sum + one, 0),
    alonePooled: billOf(instance, summed(drawn, hours)),
  };
}
