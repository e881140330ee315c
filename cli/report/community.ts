import type { CommunityProblem } from '../../scenarios/energy/community/options.ts';
import type { CommunitySolution } from '../../scenarios/energy/community/solution.ts';
import type { Simulation, SimulationResult } from '../../scenarios/simulate.ts';
import { billFigure } from './community/bills.ts';
import { challengeSection, comparisonSection } from './community/compared.ts';
import { courseFigures } from './community/course.ts';
import { communityFacts, type CommunityFacts } from './community/facts.ts';
import { neighbourFigure } from './community/neighbours.ts';
import { COMMUNITY_STYLE } from './community/style.ts';
import { typicalDay } from './community/typical-day.ts';
import { communityVerdict } from './community/verdict.ts';
import { el, trusted, type Markup } from './markup.ts';
import { FINGERPRINT_NOTE, heading, pageText } from './page.ts';
import { REPORT_STYLE } from './style.ts';
import { effortList } from './table.ts';

/**
 * The report of a community of homes as one self-contained HTML page: no network, no scripts. Every text that comes from the
 * instance is escaped. Of long times it draws days and one week by hour, of many homes some, and says which.
 */
export function communityReport(problem: CommunityProblem, simulation: Simulation<CommunitySolution>): string {
  const { result } = simulation;
  const facts = communityFacts(problem, simulation);
  const title = `Home-energy community: ${result.instance}`;
  return pageText(
    { title, style: trusted(REPORT_STYLE.markup + COMMUNITY_STYLE.markup) },
    heading(title, result, communityVerdict(facts, simulation)),
    comparisonSection(facts, simulation),
    billFigure(facts),
    typicalDay(facts),
    courseFigures(facts),
    neighbourFigure(facts),
    challengeSection(facts, simulation),
    effort(facts, problem, result),
    el(
      'footer',
      {},
      el(
        'p',
        {},
        'Units: $ (tokens of the ledger) for money, kWh for energy; kW are kWh in an hour. The utility sells at the tariff and pays nothing for what it takes. What is left in a battery at the end is worth nothing. Meters count whole Wh.',
      ),
      el('p', {}, FINGERPRINT_NOTE),
    ),
  );
}

function effort({ homes, plan }: CommunityFacts, { options }: CommunityProblem, result: SimulationResult): Markup {
  const foresight = plan === 'foresight';
  return el(
    'section',
    { class: 'card wide', id: 'effort' },
    el('h2', {}, 'What it took, and what each agent saw'),
    effortList(result, {
      agents: homes.length + 2,
      agentWords: 'one for every home, a utility and a market',
      roundWords: 'hours that were traded',
    }),
    el(
      'ul',
      { class: 'knowledge' },
      el(
        'li',
        {},
        foresight
          ? 'A home knows its own load and sun of all hours ahead: perfect foresight, which no real home has.'
          : `A home decides by what it has seen so far (policy ${options.policy.name}); it has no foresight.`,
      ),
      foresight && homes.length > 1
        ? el(
            'li',
            {},
            'Plans go round from home to home as one sum of what all mean to draw, hidden at first by a mask that only the first home knows. A home reckons from totals; nobody is told the load or sun of another.',
          )
        : null,
      el('li', {}, 'Orders go to the market alone. It tells the price of an hour, and everybody their own trades.'),
      options.share && homes.length > 1
        ? el(
            'li',
            {},
            'At the end one home is told what each gained beside alone, by its own word, and says who passes on how much.',
          )
        : null,
      el('li', {}, 'The optimum and the other ways to do it were worked out apart, for comparison only.'),
    ),
  );
}
