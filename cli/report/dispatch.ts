import type { Grid } from '../../scenarios/energy/grid.ts';
import type { PricedDispatch } from '../../scenarios/energy/score.ts';
import type { Simulation, SimulationResult } from '../../scenarios/simulate.ts';
import { convergenceFigure } from './convergence.ts';
import { dispatchFacts } from './facts.ts';
import { mapFigure } from './grid-map.ts';
import { loadingFigure } from './loadings.ts';
import { el, type Markup } from './markup.ts';
import { priceFigure } from './prices.ts';
import { REPORT_STYLE } from './style.ts';
import { FINGERPRINT_NOTE, heading, pageText } from './page.ts';
import { effortList } from './table.ts';
import { comparisonTable, dataTables } from './tables.ts';
import { unitFigure } from './units.ts';
import { verdictOf } from './verdict.ts';

/**
 * The report of a negotiated dispatch as one self-contained HTML page: no network, no scripts. Every text that comes from the
 * instance is escaped.
 */
export function dispatchReport(grid: Grid, simulation: Simulation<PricedDispatch>): string {
  const { result, course } = simulation;
  const facts = dispatchFacts(grid, simulation);
  const agents = facts.buses.filter(({ isolated }) => !isolated).length;
  return pageText(
    { title: `Energy dispatch: ${grid.name}`, style: REPORT_STYLE },
    heading(`Energy dispatch: ${result.instance}`, result, verdictOf(simulation, facts)),
    el(
      'section',
      { class: 'card wide', id: 'comparison' },
      el('h2', {}, 'Agents, merit order and optimum'),
      comparisonTable(result),
    ),
    mapFigure(grid, facts),
    convergenceFigure(course, result.rounds),
    priceFigure(facts.buses),
    loadingFigure(facts.lines),
    unitFigure(facts.units),
    effort(result, agents),
    dataTables(facts),
    footnotes(grid),
  );
}

function effort(result: SimulationResult, agents: number): Markup {
  return el(
    'section',
    { class: 'card wide' },
    el('h2', {}, 'What it took, and what each agent saw'),
    effortList(result, {
      agents,
      agentWords: 'one at every bus that is not isolated',
      roundWords: 'steps that all agents took together',
    }),
    el(
      'ul',
      { class: 'knowledge' },
      el(
        'li',
        {},
        'Each agent is one bus. It was given its own load, its own generators with their limits and costs, its own lines with their limits, and the addresses of the buses at their other ends; nothing else of the grid.',
      ),
      el(
        'li',
        {},
        'Neighbours exchange voltage angles and prices. Along a tree of neighbours run sums over all the buses below (at the end of a branch, one bus alone): how that part would respond to other prices, how far it is from balance and optimality, and its turnover.',
      ),
      el(
        'li',
        {},
        'No cost curve, generator limit or load is sent as such. No agent ever holds the whole problem; the optimum and merit order here were worked out apart, for comparison only.',
      ),
    ),
  );
}

function footnotes(grid: Grid): Markup {
  return el(
    'footer',
    {},
    el(
      'p',
      {},
      `Units: MW for power, $/h for cost, $/MWh for prices; 1 p.u. is ${String(grid.baseMva)} MW. Model: linear (“DC”) power flow, in which the flow over a line is its susceptance times the difference of the voltage angles at its ends; losses, reactive power and voltage magnitudes are left out. A nodal price is the cost of one more MWh at that bus. Merit order runs the cheapest generators first and ignores the network; where a line limit binds its cost is a bound that no feasible dispatch reaches. The optimum is the centralised DC optimal power flow.`,
    ),
    el('p', {}, FINGERPRINT_NOTE),
  );
}
