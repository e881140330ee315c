import { HaggleError } from '../../agent-core/errors.ts';

/**
 * A power grid under the linear ("DC") power flow model, with the conventions of PowerModels.jl's `DCPPowerModel`, so that
 * its optimum is comparable with the DC column of PGLib-OPF's BASELINE.md:
 *
 * - the susceptance of a branch is x / (r² + x²); tap ratios, phase shifts and line charging are ignored;
 * - the shunt conductance Gs of a bus is a load of Gs MW (voltage is 1 pu everywhere);
 * - |flow| ≤ rateA (0 means unlimited) and angmin ≤ θfrom − θto ≤ angmax;
 * - buses of type 4, what hangs on them and rows out of service keep their row number and are inactive.
 */
export interface Grid {
  readonly name: string;
  readonly baseMva: number;
  readonly buses: readonly GridBus[];
  readonly generators: readonly GridGenerator[];
  readonly branches: readonly GridBranch[];
}

/** MATPOWER's bus types 1, 2, 3 and 4 as words. */
export type BusKind = 'load' | 'generator' | 'reference' | 'isolated';

/** One bus. `row` is its index in {@link Grid.buses}, `id` its number in the file. */
export interface GridBus {
  readonly row: number;
  readonly id: number;
  readonly kind: BusKind;
  readonly isolated: boolean;
  readonly demandMw: number;
  readonly shuntMw: number;
  /** Where to draw the bus, in an arbitrary plane. */
  readonly position?: { readonly x: number; readonly y: number };
}

/** One generator, or a dispatchable load where `minMw` is negative. It costs c2·P² + c1·P + c0 $/h at P MW. */
export interface GridGenerator {
  readonly row: number;
  readonly busRow: number;
  readonly minMw: number;
  readonly maxMw: number;
  /** $/h per MW². */
  readonly c2: number;
  /** $/h per MW. */
  readonly c1: number;
  /** $/h while in service. */
  readonly c0: number;
  readonly inService: boolean;
  /** In service and not on an isolated bus. */
  readonly active: boolean;
}

/** One line or transformer. Parallel ones stay separate rows. */
export interface GridBranch {
  readonly row: number;
  readonly fromRow: number;
  readonly toRow: number;
  readonly resistancePu: number;
  readonly reactancePu: number;
  /** x / (r² + x²). Negative for series capacitors, 0 where x is 0. */
  readonly susceptancePu: number;
  /** `Infinity` where unlimited. */
  readonly limitMw: number;
  readonly angleMinRad: number;
  readonly angleMaxRad: number;
  readonly inService: boolean;
  /** In service and no end on an isolated bus. */
  readonly active: boolean;
}

/** What PowerModels.jl puts in place of an angle limit it does not support, in rad (60° to four decimals, as there). */
export const ANGLE_PAD_RAD = 1.0472;

const RAD_PER_DEGREE = Math.PI / 180;

/**
 * The series susceptance x / (r² + x²) of a branch in pu.
 *
 * @throws HaggleError `bad-grid` where resistance and reactance are both 0.
 */
export function seriesSusceptancePu(resistancePu: number, reactancePu: number): number {
  const squared = resistancePu * resistancePu + reactancePu * reactancePu;
  if (squared === 0) {
    throw new HaggleError('bad-grid', 'a branch must have a resistance or a reactance, both are 0');
  }
  return reactancePu / squared;
}

/**
 * The angle limits in force for limits written in degrees, by the rule of PowerModels.jl (`correct_voltage_angle_differences!`):
 * a limit at or beyond ±90° becomes ±{@link ANGLE_PAD_RAD}, and so do both where both are 0.
 */
export function angleLimitsRad(limits: { readonly minDegrees: number; readonly maxDegrees: number }): {
  readonly angleMinRad: number;
  readonly angleMaxRad: number;
} {
  const open = limits.minDegrees === 0 && limits.maxDegrees === 0;
  return {
    angleMinRad: open || limits.minDegrees <= -90 ? -ANGLE_PAD_RAD : limits.minDegrees * RAD_PER_DEGREE,
    angleMaxRad: open || limits.maxDegrees >= 90 ? ANGLE_PAD_RAD : limits.maxDegrees * RAD_PER_DEGREE,
  };
}

/** What a bus takes from the grid whatever the prices: demand and shunt, in MW. 0 for an isolated bus. */
export function fixedLoadMw(bus: GridBus): number {
  return bus.isolated ? 0 : bus.demandMw + bus.shuntMw;
}

/** Cost of running `generator` at `outputMw`, in $/h. */
export function generatorCostPerHour(generator: GridGenerator, outputMw: number): number {
  return (generator.c2 * outputMw + generator.c1) * outputMw + generator.c0;
}

/** Flow of every branch row in MW, positive from `fromRow` to `toRow`, 0 where inactive. */
export function flowsMw(grid: Grid, thetaRad: readonly number[]): readonly number[] {
  return grid.branches.map((branch) => {
    if (!branch.active) return 0;
    return grid.baseMva * branch.susceptancePu * ((thetaRad[branch.fromRow] ?? 0) - (thetaRad[branch.toRow] ?? 0));
  });
}

/** Bounds of a flow, in pu of {@link Grid.baseMva}. `lowPu > highPu` means that no flow is allowed: the grid is infeasible. */
export interface FlowInterval {
  readonly lowPu: number;
  readonly highPu: number;
}

/** The flows that rate and angle limits of `branch` allow together. [0, 0] where the susceptance is 0 or the branch inactive. */
export function flowInterval(grid: Grid, branch: GridBranch): FlowInterval {
  if (!branch.active || branch.susceptancePu === 0) return { lowPu: 0, highPu: 0 };
  const ratePu = branch.limitMw / grid.baseMva;
  const atMin = branch.susceptancePu * branch.angleMinRad;
  const atMax = branch.susceptancePu * branch.angleMaxRad;
  return { lowPu: Math.max(-ratePu, Math.min(atMin, atMax)), highPu: Math.min(ratePu, Math.max(atMin, atMax)) };
}

/** A generator in pu: it costs `quadratic`·p² + `linear`·p + `constant` $/h at p pu. */
export interface PerUnitGenerator {
  readonly row: number;
  readonly busRow: number;
  readonly minPu: number;
  readonly maxPu: number;
  readonly quadratic: number;
  readonly linear: number;
  readonly constant: number;
}

/** A branch in pu: it carries `susceptancePu` · (θfrom − θto) within the interval. */
export interface PerUnitBranch extends FlowInterval {
  readonly row: number;
  readonly fromRow: number;
  readonly toRow: number;
  readonly susceptancePu: number;
}

/** The active part of a grid in pu, row numbers kept: what agents are given to negotiate about. */
export interface PerUnitGrid {
  readonly loadPu: readonly number[];
  readonly generators: readonly PerUnitGenerator[];
  readonly branches: readonly PerUnitBranch[];
}

/** {@link Grid} in pu of its base power. A price in $/h per pu is `baseMva` times the price in $/MWh. */
export function perUnit(grid: Grid): PerUnitGrid {
  const base = grid.baseMva;
  return {
    loadPu: grid.buses.map((bus) => fixedLoadMw(bus) / base),
    generators: grid.generators
      .filter((generator) => generator.active)
      .map((generator) => ({
        row: generator.row,
        busRow: generator.busRow,
        minPu: generator.minMw / base,
        maxPu: generator.maxMw / base,
        quadratic: generator.c2 * base * base,
        linear: generator.c1 * base,
        constant: generator.c0,
      })),
    branches: grid.branches
      .filter((branch) => branch.active)
      .map((branch) => ({
        row: branch.row,
        fromRow: branch.fromRow,
        toRow: branch.toRow,
        susceptancePu: branch.susceptancePu,
        ...flowInterval(grid, branch),
      })),
  };
}
