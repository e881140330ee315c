import type { Grid } from '../../scenarios/energy/grid.ts';
import type { PricedDispatch } from '../../scenarios/energy/score.ts';
import type { Simulation } from '../../scenarios/simulate.ts';

/** The report of a negotiated dispatch as one self-contained HTML page. */
export function dispatchReport(grid: Grid, simulation: Simulation<PricedDispatch>): string {
  return `<!doctype html><title>${grid.name}</title><pre>${JSON.stringify(simulation.result, null, 2)}</pre>`;
}
