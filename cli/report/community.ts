import type { CommunityProblem } from '../../scenarios/energy/community/options.ts';
import type { CommunitySolution } from '../../scenarios/energy/community/solution.ts';
import type { Simulation } from '../../scenarios/simulate.ts';
import { el, trusted } from './markup.ts';
import { fixed } from './numbers.ts';
import { FINGERPRINT_NOTE, heading, pageText, type Verdict } from './page.ts';
import { REPORT_STYLE } from './style.ts';
import { comparison, effortList } from './table.ts';

/**
 * The report of a community of homes as one self-contained HTML page: no network, no scripts. Every text that comes from the
 * instance is escaped.
 */
export function communityReport({ instance }: CommunityProblem, simulation: Simulation<CommunitySolution>): string {
  const { result, baseline, agents, optimum } = simulation;
  const title = `Home-energy community: ${result.instance}`;
  return pageText(
    { title, style: trusted(REPORT_STYLE.markup) },
    heading(title, result, verdictOf(simulation)),
    el(
      'section',
      { class: 'card wide', id: 'comparison' },
      el('h2', {}, 'What homes pay'),
      comparison(
        'Together, alone, and the best plan for all',
        [
          { title: 'agents', kpis: agents.kpis },
          { title: 'each alone', kpis: baseline.kpis },
          { title: 'optimum', kpis: optimum?.kpis ?? null },
        ],
        { bill: { words: 'Bill of all', unit: '$', format: (value) => fixed(value, 2) } },
      ),
    ),
    el(
      'section',
      { class: 'card wide', id: 'effort' },
      el('h2', {}, 'Effort'),
      effortList(result, {
        agents: instance.homes.length + 2,
        agentWords: 'homes, a utility and a market',
        roundWords: 'hours traded',
      }),
    ),
    el('footer', {}, el('p', {}, FINGERPRINT_NOTE)),
  );
}

function verdictOf({ result, baseline }: Simulation<CommunitySolution>): Verdict {
  const [bill, alone] = [result.agents['bill'] ?? 0, baseline.kpis['bill'] ?? 0];
  const headline = `Together the homes pay ${fixed(bill, 2)} $`;
  if (!result.feasible) return { good: false, headline: `${headline}, but a limit is broken.`, sentences: [] };
  return { good: bill <= alone, headline: `${headline}; each for itself, ${fixed(alone, 2)} $.`, sentences: [] };
}
