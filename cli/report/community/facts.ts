import type { CommunityHome } from '../../../scenarios/energy/community/community.ts';
import { bareNet, billOf, summed, type CommunityInstance } from '../../../scenarios/energy/community/community.ts';
import type { CommunityOptions, CommunityProblem } from '../../../scenarios/energy/community/options.ts';
import type { CommunitySolution } from '../../../scenarios/energy/community/solution.ts';
import type { Simulation } from '../../../scenarios/simulate.ts';

/** One number for each hour. */
export type Hourly = readonly number[];

/** What all homes together did, hour by hour, kWh. */
export interface CommunityRun {
  readonly importKwh: Hourly;
  readonly exportKwh: Hourly;
  /** At the wires of the batteries. */
  readonly chargedKwh: Hourly;
  readonly dischargedKwh: Hourly;
  /** In the batteries at the end of the hour. */
  readonly storedKwh: Hourly;
}

/** One home, over the whole time. Energy in kWh, money in tokens ($). */
export interface HomeFacts {
  readonly name: string;
  readonly loadKwh: number;
  readonly sunKwh: number;
  readonly capacityKwh: number;
  readonly boughtKwh: number;
  /** Of that, from neighbours: in every hour each buyer has the same part. */
  readonly neighboursKwh: number;
  /** Sold to neighbours or, where nobody bought, given away. */
  readonly passedOnKwh: number;
  readonly paid: number;
  readonly received: number;
  /** Paid to others at the end, so that nobody pays more than alone. */
  readonly shared: number;
  readonly bill: number;
  /** Without a market. */
  readonly alone: number;
  readonly noBattery: number;
  /** Bought less sold. */
  readonly tradesKwh: Hourly;
}

/** What the report of a community draws. */
export interface CommunityFacts {
  readonly instance: CommunityInstance;
  readonly plan: CommunityOptions['plan'];
  readonly homes: readonly HomeFacts[];
  readonly agents: CommunityRun;
  /** Each home with its best plan for itself, and its own meter. */
  readonly alone: CommunityRun;
  readonly loadKwh: Hourly;
  readonly sunKwh: Hourly;
  /** From home to home. */
  readonly betweenKwh: Hourly;
  readonly boughtKwh: Hourly;
  /** $ a kWh; null where nothing was traded. */
  readonly price: readonly (number | null)[];
  readonly tariff: Hourly;
  readonly capacityKwh: number;
  /** What homes paid each other for energy. */
  readonly betweenTokens: number;
}

/** Works out what happened between homes from what each did. */
export function communityFacts(
  { instance, options }: CommunityProblem,
  { agents, baseline }: Simulation<CommunitySolution>,
): CommunityFacts {
  const { homes, hours } = instance;
  const tariff = instance.tariff.map((micros) => micros / 1_000);
  const price = Array.from({ length: hours }, (_, hour) => agents.solution.pricePerKwh?.[hour] ?? null);
  const trades = homes.map(({ name }) => agents.solution.tradesKwh[name] ?? []);
  const boughtKwh = summed(trades.map(above), hours);
  const run = runOf(instance, agents.solution, true);
  const betweenKwh = boughtKwh.map((kwh, hour) => Math.max(0, kwh - (run.importKwh[hour] ?? 0)));
  const solved = { agents: agents.solution, alone: baseline.solution };
  const facts = homes.map((home) => homeFacts(instance, home, { ...solved, price, boughtKwh, betweenKwh }));
  return {
    instance,
    plan: options.plan,
    homes: facts,
    agents: run,
    alone: runOf(instance, baseline.solution, false),
    loadKwh: kilo(homes.map(({ loadWh }) => loadWh)),
    sunKwh: kilo(homes.map(({ sunWh }) => sunWh)),
    betweenKwh,
    boughtKwh,
    price,
    tariff,
    capacityKwh: facts.reduce((sum, { capacityKwh }) => sum + capacityKwh, 0),
    betweenTokens: facts.reduce((sum, { received }) => sum + received, 0),
  };

  function kilo(series: readonly Hourly[]): number[] {
    return summed(series, hours).map((wh) => wh / 1_000);
  }
}

function above(series: Hourly): number[] {
  return series.map((value) => Math.max(0, value));
}

function below(series: Hourly): number[] {
  return series.map((value) => Math.max(0, -value));
}

/** Sums over homes; `netted`: what one home gives away another uses. */
function runOf(
  { homes, hours }: CommunityInstance,
  { chargeKwh, tradesKwh }: CommunitySolution,
  netted: boolean,
): CommunityRun {
  const drawn = homes.map(({ name }) => tradesKwh[name] ?? []);
  const metered = netted ? [summed(drawn, hours)] : drawn;
  const flows = homes.map(({ name }) => chargeKwh[name] ?? []);
  return {
    importKwh: summed(metered.map(above), hours),
    exportKwh: summed(metered.map(below), hours),
    chargedKwh: summed(flows.map(above), hours),
    dischargedKwh: summed(flows.map(below), hours),
    storedKwh: summed(
      homes.map(({ battery }, at) => storedIn(battery, flows[at] ?? [])),
      hours,
    ),
  };
}

function storedIn({ efficiency }: CommunityHome['battery'], flow: Hourly): number[] {
  let stored = 0;
  return flow.map((kwh) => {
    stored += kwh > 0 ? kwh * efficiency : kwh / efficiency;
    return Math.max(0, stored);
  });
}

interface Solved {
  readonly agents: CommunitySolution;
  readonly alone: CommunitySolution;
  readonly price: CommunityFacts['price'];
  readonly boughtKwh: Hourly;
  readonly betweenKwh: Hourly;
}

function homeFacts(instance: CommunityInstance, home: CommunityHome, solved: Solved): HomeFacts {
  const { name, battery } = home;
  const { agents, alone, price, boughtKwh, betweenKwh } = solved;
  const tradesKwh = agents.tradesKwh[name] ?? [];
  const bought = above(tradesKwh);
  const total = (series: Hourly): number => series.reduce((sum, value) => sum + value, 0);
  const weighed = (weight: (hour: number) => number): number => total(bought.map((kwh, hour) => kwh * weight(hour)));
  const bill = agents.bill[name] ?? 0;
  const shared = agents.shared?.[name] ?? 0;
  // One price for all in an hour; what no trade covered costs the tariff. What was received is what the bill leaves.
  const paid = Math.max(
    bill - shared,
    weighed((hour) => price[hour] ?? (instance.tariff[hour] ?? 0) / 1_000),
  );
  return {
    name,
    loadKwh: total(home.loadWh) / 1_000,
    sunKwh: total(home.sunWh) / 1_000,
    capacityKwh: battery.capacityWh / 1_000,
    boughtKwh: total(bought),
    neighboursKwh: weighed((hour) => {
      const all = boughtKwh[hour] ?? 0;
      return all > 0 ? (betweenKwh[hour] ?? 0) / all : 0;
    }),
    passedOnKwh: total(below(tradesKwh)),
    paid,
    received: paid - (bill - shared),
    shared,
    bill,
    alone: agents.alone?.[name] ?? alone.bill[name] ?? 0,
    noBattery: billOf(instance, bareNet(home)),
    tradesKwh,
  };
}
