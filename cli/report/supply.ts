import type { Simulation } from '../../scenarios/simulate.ts';
import type { SupplyInstance } from '../../scenarios/supply-chain/network.ts';
import type { SupplyProblem } from '../../scenarios/supply-chain/options.ts';
import type { SupplySolution } from '../../scenarios/supply-chain/solution.ts';
import { el, trusted, type Markup } from './markup.ts';
import { counted, decimal } from './numbers.ts';
import { FINGERPRINT_NOTE, heading, pageText } from './page.ts';
import { REPORT_STYLE } from './style.ts';
import { bullwhipFigure } from './supply/bullwhip.ts';
import { comparisonSection } from './supply/compared.ts';
import { disruptionFigure } from './supply/disruptions.ts';
import { firmFigure } from './supply/firms.ts';
import { networkFigure } from './supply/network-map.ts';
import { paymentFigure } from './supply/payments.ts';
import { runsOf, type SupplyRuns } from './supply/runs.ts';
import { salesFigure } from './supply/sales.ts';
import { SUPPLY_STYLE } from './supply/style.ts';
import { tierFigure } from './supply/tier-course.ts';
import { supplyVerdict } from './supply/verdict.ts';
import { effortList } from './table.ts';

/**
 * The report of a supply network as one self-contained HTML page: no network, no scripts. Every text that comes from the instance is
 * escaped. Of large networks it draws tiers with their largest firms and says so, so that the page stays below 2 MB.
 *
 * @throws HaggleError `bad-orders`, `unbounded-order` where a solution cannot be played
 */
export function supplyReport(problem: SupplyProblem, simulation: Simulation<SupplySolution>): string {
  const { result } = simulation;
  const { instance, options } = problem;
  const runs = runsOf(problem, simulation);
  const title = `Supply chain: ${result.instance}`;
  return pageText(
    { title, style: trusted(REPORT_STYLE.markup + SUPPLY_STYLE.markup) },
    heading(title, result, supplyVerdict(runs, result, options.negotiate)),
    comparisonSection(runs, result, options.rule.name.replace(/-\d+$/, '')),
    networkFigure(runs),
    tierFigure(runs),
    salesFigure(runs),
    bullwhipFigure(runs),
    paymentFigure(runs),
    firmFigure(runs),
    disruptionFigure(runs),
    effort(runs, problem, simulation),
    footnotes(instance),
  );
}

function effort(
  { agents }: SupplyRuns,
  { instance, options }: SupplyProblem,
  { result }: Simulation<SupplySolution>,
): Markup {
  const markets = new Set(instance.network.markets.map(({ market }) => market)).size;
  return el(
    'section',
    { class: 'card wide' },
    el('h2', {}, 'What it took, and what each agent saw'),
    effortList(result, {
      agents: instance.network.nodes.length + markets + 1,
      agentWords: 'every firm, raw source and market, and who is paid for costs',
      roundWords: options.negotiate ? 'of negotiation, by the busiest retailer' : 'of orders',
    }),
    el(
      'ul',
      { class: 'knowledge' },
      el('li', {}, `A firm sees its own stock, its own orders, and what its partners send it. ${partnerWords(agents)}`),
      el(
        'li',
        {},
        'A retailer knows what its markets asked for so far. Nobody is told how demand comes about, or what it will be.',
      ),
      el(
        'li',
        {},
        `No agent ever holds the whole network. ${options.negotiate ? 'At the end one retailer is told what each firm gained over its rule, by the firm’s own word, and says who pays whom to share it. ' : ''}The local rules and the optimum here were worked out apart, for comparison only.`,
      ),
    ),
  );
}

function partnerWords({ solution: { firms } }: SupplyRuns['agents']): string {
  const counts = Object.values(firms).map(({ partners }) => partners);
  if (counts.length === 0) return '';
  const most = counts.reduce((top, count) => Math.max(top, count), 0);
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return `It had ${decimal(mean, 1)} partners on average and ${decimal(most, 0)} at most, of ${counted(counts.length, 'firm')}, with markets, raw sources and who is paid for costs.`;
}

function footnotes({ periods, backlog, discount }: SupplyInstance): Markup {
  const weight =
    discount === 1
      ? ''
      : ` Profit of period t counts ${decimal(discount, 4)} to the power of t − 1; what firms paid each other is not discounted.`;
  return el(
    'footer',
    {},
    el(
      'p',
      {},
      `Units: tokens for money, units of goods for stocks and flows; a flow over ${counted(periods, 'period')} is the sum of all. Demand that is not served ${backlog ? 'waits until it can be' : 'is lost'}. Raw material is bought at its list price from sources outside the network, so what they take is a cost of the network.${weight} The stock of a period is what is left at its end.`,
    ),
    el('p', {}, FINGERPRINT_NOTE),
  );
}
