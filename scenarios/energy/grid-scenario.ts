import { HaggleError } from '../../agent-core/errors.ts';
import type { RandomStream } from '../../agent-core/random.ts';
import { withoutRoles, type Assessment, type Kpis, type Scenario } from '../scenario.ts';
import { meritOrderDispatch } from './baseline.ts';
import { GENERATED_BUSES, generateGrid } from './generator.ts';
import type { Grid } from './grid.ts';
import { parseMatpower } from './matpower.ts';
import { optimalDispatch } from './optimum.ts';
import { populateGrid } from './population.ts';
import { scoreDispatch, type PricedDispatch } from './score.ts';

/** Buses of the grid that runs when nothing is said. */
const DEFAULT_BUSES = 40;

/** A violation above this, in p.u. or rad, makes a dispatch infeasible. */
const FEASIBILITY_TOLERANCE = 1e-4;

type DispatchAssessment = Assessment<PricedDispatch>;

/** The buses of a grid negotiate its dispatch: what every generator runs at, and the price of power at every bus. */
export const gridDispatch: Scenario<Grid, PricedDispatch> = {
  name: 'energy',
  objective: { name: 'costPerHour', unit: '$/h', sense: 'min' },
  variant: () => 'dispatch',
  label: (grid) =>
    `${grid.name} (${grid.buses.length} buses, ${grid.generators.length} generators, ${grid.branches.length} lines)`,
  parse: (text, file) => parseMatpower(text, { file }),
  generate,
  roles: [],
  withPolicies: (grid, policies) => withoutRoles(grid, 'a grid of buses', policies),
  populate: populateGrid,
  assess,
  baseline(grid, { reference }) {
    const { pgMw, thetaRad, pricePerMwh } = meritOrderDispatch(grid);
    return assess(grid, { pgMw, thetaRad, pricePerMwh }, reference);
  },
  async optimum(grid) {
    const { pgMw, thetaRad, pricePerMwh, congestionPricePerMwh } = await optimalDispatch(grid);
    return assess(grid, { pgMw, thetaRad, pricePerMwh, congestionPricePerMwh }, null);
  },
};

function generate(parameters: ReadonlyMap<string, string>, random: RandomStream): Grid {
  for (const key of parameters.keys()) {
    if (key !== 'buses')
      throw new HaggleError('bad-parameter', `a generated grid takes the parameter "buses", got "${key}"`);
  }
  const text = parameters.get('buses') ?? String(DEFAULT_BUSES);
  const buses = Number(text);
  if (!/^\d{1,6}$/.test(text) || buses < GENERATED_BUSES.min || buses > GENERATED_BUSES.max) {
    const { min, max } = GENERATED_BUSES;
    throw new HaggleError('bad-parameter', `buses must be a whole number from ${min} to ${max}, got "${text}"`);
  }
  return generateGrid({ buses, random });
}

function assess(grid: Grid, solution: PricedDispatch, reference: DispatchAssessment | null): DispatchAssessment {
  const prices = reference?.solution.pricePerMwh;
  const score = scoreDispatch(grid, solution, prices === undefined ? undefined : { pricePerMwh: prices });
  const violations: Kpis = {
    worstOverloadPu: score.worstOverloadPu,
    worstBalanceMismatchPu: score.worstBalanceMismatchPu,
    worstAngleViolationRad: score.worstAngleViolationRad,
    worstGeneratorViolationPu: score.worstGeneratorViolationPu,
  };
  return {
    solution,
    kpis: { ...score },
    violations,
    feasible: Object.values(violations).every((size) => size <= FEASIBILITY_TOLERANCE),
  };
}
