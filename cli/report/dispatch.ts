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
import { comparisonTable, dataTables, effortList } from './tables.ts';
import { unitFigure } from './units.ts';
import { verdictOf, type Verdict } from './verdict.ts';

/** Nothing but the page's own styles: no script runs and nothing is loaded, whatever a file had in it. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

const SIGNING: Readonly<Record<SimulationResult['mode']['sign'], string>> = {
  each: 'every message',
  batch: 'in batches',
  off: 'off',
};

/**
 * The report of a negotiated dispatch as one self-contained HTML page: no network, no scripts. Every text that comes from the
 * instance is escaped.
 */
export function dispatchReport(grid: Grid, simulation: Simulation<PricedDispatch>): string {
  const { result, course } = simulation;
  const facts = dispatchFacts(grid, simulation);
  const agents = facts.buses.filter(({ isolated }) => !isolated).length;
  const page = el(
    'html',
    { lang: 'en' },
    el(
      'head',
      {},
      el('meta', { charset: 'utf-8' }),
      el('meta', { 'http-equiv': 'Content-Security-Policy', content: POLICY }),
      el('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      el('title', {}, `Energy dispatch: ${grid.name}`),
      el('style', {}, REPORT_STYLE),
    ),
    el(
      'body',
      {},
      el(
        'main',
        {},
        heading(result, verdictOf(simulation, facts)),
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
      ),
    ),
  );
  return `<!doctype html>\n${page.markup}\n`;
}

function heading(result: SimulationResult, { good, headline, sentences }: Verdict): Markup {
  const run: readonly (readonly [string, string])[] = [
    ['Scenario', `${result.scenario}, ${result.variant}`],
    ['Seed', String(result.seed)],
    ['Signing', SIGNING[result.mode.sign]],
    ['Fingerprint', result.fingerprint],
  ];
  return el(
    'header',
    {},
    el('h1', {}, `Energy dispatch: ${result.instance}`),
    el(
      'ul',
      { class: 'run' },
      run.map(([name, value]) => el('li', {}, `${name} `, el('b', {}, value))),
    ),
    el(
      'div',
      { class: good ? 'verdict' : 'verdict bad' },
      el('strong', {}, good ? '✓ Agreed and feasible' : '✗ Agreed, but not feasible'),
      [headline, ...sentences].map((sentence) => el('p', {}, sentence)),
    ),
  );
}

function effort(result: SimulationResult, agents: number): Markup {
  return el(
    'section',
    { class: 'card wide' },
    el('h2', {}, 'What it took, and what each agent saw'),
    effortList(result, agents),
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
    el(
      'p',
      {},
      'The fingerprint is a hash over every message delivered: the same instance, seed and version give the same one, whatever the signing. CPU time is the only number here that differs from run to run.',
    ),
  );
}
