import { HaggleError } from '../../../agent-core/errors.ts';
import type { Assessment, Kpis } from '../../scenario.ts';
import { bareNet, billOf, summed, type CommunityInstance } from './community.ts';
import { gridCost, ratioOf } from './challenge.ts';
import { alonePlans } from './references.ts';
import type { CommunitySolution } from './solution.ts';

/** How a solution is judged. */
export interface Judging {
  /** The homes are billed for what all draw netted; otherwise each for itself. */
  readonly pooled: boolean;
  /** Tokens of the optimum, where it is known. */
  readonly optimum: number | null;
}

type Flows = Pick<CommunitySolution, 'chargeKwh' | 'tradesKwh' | 'bill'>;

/** Tolerances by violation. Meters count whole Wh, the ledger whole micro-tokens. */
const TOLERANCE: Readonly<Record<string, number>> = {
  batteryEnergyKwh: 1e-6,
  batteryPowerKw: 1e-6,
  balanceKwh: 2e-3,
  budgetTokens: 1e-6,
  unpaidTokens: 1e-4,
};

/** Tokens: what meters in whole Wh may change a bill by. */
const BILL_ROUNDING = 1e-2;

/**
 * Judges what homes did from its flows; bills are what they say they paid.
 *
 * @throws HaggleError `bad-solution` where a home is missing, or a series has another number of hours, or one that is no number
 */
export function assessCommunity(
  instance: CommunityInstance,
  solution: CommunitySolution,
  judging: Judging,
): Assessment<CommunitySolution> {
  checkSolution(instance, solution);
  const violations: Kpis = {
    ...batteryViolations(instance, solution),
    balanceKwh: imbalance(instance, solution),
    ...moneyViolations(instance, solution, judging),
  };
  return {
    solution,
    kpis: communityKpis(instance, solution, judging),
    violations,
    feasible: Object.entries(violations).every(([name, size]) => size <= (TOLERANCE[name] ?? 0)),
  };
}

function checkSolution({ homes, hours }: CommunityInstance, { chargeKwh, tradesKwh, bill }: Flows): void {
  for (const { name } of homes) {
    for (const [what, series] of Object.entries({ chargeKwh: chargeKwh[name], tradesKwh: tradesKwh[name] })) {
      const length = series?.length ?? 0;
      if (length !== hours) throw badSolution(`${what} of ${name} must have ${hours} hours, got ${length}`);
      const wrong = series?.findIndex((value) => !Number.isFinite(value)) ?? -1;
      if (wrong >= 0) throw badSolution(`${what} of ${name} must be finite, got ${series?.[wrong]} in hour ${wrong}`);
    }
    if (!Number.isFinite(bill[name])) throw badSolution(`the bill of ${name} must be a number, got ${bill[name]}`);
  }
}

function badSolution(problem: string): HaggleError {
  return new HaggleError('bad-solution', problem);
}

function batteryViolations({ homes }: CommunityInstance, { chargeKwh }: Flows): Kpis {
  let [energy, power] = [0, 0];
  for (const { name, battery } of homes) {
    const { capacityWh, powerW, efficiency } = battery;
    let stored = 0;
    for (const kwh of chargeKwh[name] ?? []) {
      stored += 1_000 * (kwh > 0 ? kwh * efficiency : kwh / efficiency);
      energy = Math.max(energy, -stored, stored - capacityWh);
      power = Math.max(power, 1_000 * Math.abs(kwh) - powerW);
    }
  }
  return { batteryEnergyKwh: energy / 1_000, batteryPowerKw: power / 1_000 };
}

/** By how much what a home traded so far is off what it used: meters round, and carry the rest on. */
function imbalance({ homes }: CommunityInstance, { chargeKwh, tradesKwh }: Flows): number {
  let worst = 0;
  for (const home of homes) {
    let open = 0;
    for (const [hour, net] of bareNet(home).entries()) {
      open += net / 1_000 + (chargeKwh[home.name]?.[hour] ?? 0) - (tradesKwh[home.name]?.[hour] ?? 0);
      worst = Math.max(worst, Math.abs(open));
    }
  }
  return worst;
}

/** What homes pay is what the utility gets, and it is what all draw costs. */
function moneyViolations(instance: CommunityInstance, solution: CommunitySolution, { pooled }: Judging): Kpis {
  const paid = sumOf(instance, solution.bill);
  const trades = instance.homes.map(({ name }) => (solution.tradesKwh[name] ?? []).map((kwh) => 1_000 * kwh));
  const owed = pooled
    ? billOf(instance, summed(trades, instance.hours))
    : trades.reduce((sum, drawn) => sum + billOf(instance, drawn), 0);
  return {
    budgetTokens: Math.abs(paid - (solution.utilityReceives ?? paid)),
    unpaidTokens: Math.abs(paid - owed),
  };
}

function sumOf({ homes }: CommunityInstance, values: Readonly<Record<string, number>>): number {
  return homes.reduce((sum, { name }) => sum + (values[name] ?? 0), 0);
}

function communityKpis(instance: CommunityInstance, solution: CommunitySolution, { optimum }: Judging): Kpis {
  const { homes, hours, carbonKgPerKwh } = instance;
  const drawn = homes.map(({ name }) => solution.tradesKwh[name] ?? []);
  const total = summed(drawn, hours);
  const exports = total.reduce((sum, kwh) => sum + Math.max(0, -kwh), 0);
  const sun = homes.reduce((sum, { sunWh }) => sum + sunWh.reduce((all, wh) => all + wh, 0), 0) / 1_000;
  const bought = drawn.reduce((sum, series) => sum + series.reduce((all, kwh) => all + Math.max(0, kwh), 0), 0);
  const imported = total.reduce((sum, kwh) => sum + Math.max(0, kwh), 0);
  const bill = sumOf(instance, solution.bill);
  const alone = alonePlans(instance).bill.reduce((sum, one) => sum + one, 0);
  return {
    bill,
    ...(optimum === null ? {} : { capture: ratioOf(alone - bill, alone - optimum) }),
    ...(solution.alone === undefined ? {} : worseThanAlone(instance, solution, solution.alone)),
    peakKw: total.reduce((most, kwh) => Math.max(most, kwh), 0),
    importedKwh: imported,
    exportedKwh: exports,
    // Alone, nothing goes from home to home: everything bought is drawn from the grid, as far as it is not netted by the meter of all.
    tradedKwh: Math.max(0, bought - imported),
    selfConsumption: sun === 0 ? 1 : 1 - exports / sun,
    ...(carbonKgPerKwh === null
      ? {}
      : { emissionsKg: total.reduce((sum, kwh, hour) => sum + Math.max(0, kwh) * (carbonKgPerKwh[hour] ?? 0), 0) }),
    ...gridCost(instance, drawn),
  };
}

function worseThanAlone(
  instance: CommunityInstance,
  { bill, shared }: CommunitySolution,
  alone: Readonly<Record<string, number>>,
): Kpis {
  const worse = instance.homes.filter(({ name }) => (bill[name] ?? 0) > (alone[name] ?? 0) + BILL_ROUNDING);
  const moved = Object.values(shared ?? {}).reduce((sum, one) => sum + Math.max(0, one), 0);
  return {
    homesWorseThanAlone: worse.length,
    aloneBill: sumOf(instance, alone),
    sharedTokens: moved,
  };
}
