import type { Simulation } from '../../scenarios/simulate.ts';
import type { SerialProblem } from '../../scenarios/supply-chain/serial-instance.ts';
import type { SerialSolution } from '../../scenarios/supply-chain/serial-solution.ts';
import { barChart, signedShare, type Bar } from './bars.ts';
import { el, trusted, type Markup } from './markup.ts';
import { counted, decimal, fixed, sentenceStart } from './numbers.ts';
import { FINGERPRINT_NOTE, heading, pageText, type Verdict } from './page.ts';
import { stageBullwhip, stageFigure } from './serial/course.ts';
import { levelFigure } from './serial/levels.ts';
import { partyName, serialWords } from './serial/words.ts';
import { REPORT_STYLE } from './style.ts';
import { paymentSection } from './supply/payments.ts';
import { SUPPLY_STYLE } from './supply/style.ts';
import { comparison, effortList, type Compared } from './table.ts';

/** References that stand there by another name: the published cost, and base stock at the published levels. */
const HIDDEN: ReadonlySet<string> = new Set(['published', 'baseStock']);
/** A cost that differs by less than this share is the same. */
const EQUAL_SHARE = 5e-7;

/**
 * The report of a serial chain or a beer game as one self-contained HTML page: no network, no scripts. Every text that comes from the
 * instance is escaped. Of long games and chains it draws a part and says which.
 */
export function serialReport(problem: SerialProblem, simulation: Simulation<SerialSolution>): string {
  const { result } = simulation;
  const { instance } = problem;
  const { firms, payments } = simulation.agents.solution;
  const title = `${instance.variant === 'beer-game' ? 'Beer game' : 'Serial chain'}: ${result.instance}`;
  const known = [...new Set(payments.flatMap(({ from, to }) => [from, to]).map(partyName))];
  return pageText(
    { title, style: trusted(REPORT_STYLE.markup + SUPPLY_STYLE.markup) },
    heading(title, result, verdictOf(problem, simulation)),
    comparisonSection(problem, simulation),
    levelFigure(problem, simulation),
    stageFigure(instance, firms),
    stageBullwhip(instance, firms),
    paymentSection(payments, { order: known, of: partyName, grouped: false }),
    effort(problem, simulation),
    el(
      'footer',
      {},
      el(
        'p',
        {},
        `Units: tokens for money, units of goods for stocks and orders. ${instance.periodsPerTime === 1 ? '' : `A unit of the instance’s time is ${decimal(instance.periodsPerTime, 2)} periods. `}Stock, what customers and other firms are owed, and goods under way cost what the instance says, at the end of every period.`,
      ),
      el('p', {}, FINGERPRINT_NOTE),
    ),
  );
}

function verdictOf(problem: SerialProblem, { result, agents, baseline, optimum }: Simulation<SerialSolution>): Verdict {
  const { instance, rule } = problem;
  const words = serialWords(problem);
  const cost = agents.kpis['cost'] ?? 0;
  const how = rule === 'negotiated' ? 'agreed on levels that' : 'played by a rule that';
  const headline = `${sentenceStart(counted(instance.stages.length, 'firm'))} ${how} cost ${fixed(cost, 2)} ${words.costUnit}`;
  if (!result.feasible) return { good: false, headline: `${headline}, but they break a rule.`, sentences: [] };
  const best = optimum?.kpis['cost'];
  const plain = baseline.kpis['cost'];
  return {
    good: true,
    headline: `${headline}${best === undefined ? '' : besideWords(cost, best, words.optimumWay)}.`,
    sentences: [
      plain === undefined ? '' : `It is ${fixed(plain, 2)} tokens ${words.baselineWay}${bracketed(plain, cost)}.`,
      instance.published.cost === null
        ? ''
        : `The published cost is ${decimal(instance.published.cost, 4)}${besideWords(cost, instance.published.cost, null)}.`,
    ].filter((sentence) => sentence !== ''),
  };
}

/** How a cost compares with another, which has a name or was named before. */
function besideWords(cost: number, other: number, name: string | null): string {
  const gap = other > 0 ? cost / other - 1 : 0;
  const share = `${decimal(Math.abs(gap) * 100, 2)} %`;
  if (name === null)
    return Math.abs(gap) < EQUAL_SHARE ? ', the same' : `; the agents’ is ${share} ${gap > 0 ? 'more' : 'less'}`;
  if (Math.abs(gap) < EQUAL_SHARE) return `, the same as ${name}`;
  return `, ${share} ${gap > 0 ? 'more' : 'less'} than ${name} (${fixed(other, 2)})`;
}

/** In brackets, how another cost compares with the agents’; nothing where it is the same. */
function bracketed(other: number, own: number): string {
  const ratio = own > 0 ? other / own : 1;
  if (Math.abs(ratio - 1) < EQUAL_SHARE) return '';
  return ratio >= 2 ? ` (${decimal(ratio, 1)} times)` : ` (${signedShare(ratio - 1)})`;
}

function comparisonSection(problem: SerialProblem, simulation: Simulation<SerialSolution>): Markup {
  const { agents, baseline, optimum, result } = simulation;
  const words = serialWords(problem);
  const published = problem.instance.published.cost;
  const columns: readonly (Compared & Pick<Bar, 'kind'>)[] = [
    { title: 'Agents', kind: 'agents', kpis: agents.kpis },
    ...(optimum === null ? [] : [{ title: words.optimum, kind: 'best' as const, kpis: optimum.kpis }]),
    ...(published === null ? [] : [{ title: 'Published', kind: 'best' as const, kpis: { cost: published } }]),
    { title: words.baseline, kind: 'other', kpis: baseline.kpis },
    ...Object.entries(result.references)
      .filter(([name]) => !HIDDEN.has(name))
      .map(([title, kpis]) => ({ title, kind: 'other' as const, kpis })),
  ];
  const own = agents.kpis['cost'] ?? 0;
  const bars = columns.flatMap(({ title, kind, kpis }): Bar[] => {
    const cost = kpis?.['cost'];
    if (cost === undefined) return [];
    return [{ title, kind, value: cost, words: `${fixed(cost, 2)}${bracketed(cost, own)}` }];
  });
  const cost = (name: string, unit: string) => ({ words: name, unit, format: (value: number) => fixed(value, 4) });
  return el(
    'section',
    { class: 'card wide', id: 'comparison' },
    el('h2', {}, 'What it cost, beside other ways to do it'),
    el('p', { class: 'caption' }, `Costs in ${words.costUnit}; in brackets, beside the agents.`),
    barChart({ id: 'costs', title: 'Cost of the agents and of other ways to do it', label: 'Chart of costs' }, bars),
    comparison(
      'Costs compared',
      columns.map((column) => ({ ...column, kpis: withoutProfit(column.kpis) })),
      {
        cost: cost('Cost', words.costUnit),
        playedCost: cost('As it was played', 'tokens per unit of time'),
        expectedCost: cost('Expected of these levels in the long run', 'tokens per unit of time'),
      },
    ),
  );
}

/** The cost below zero says nothing more. */
function withoutProfit(kpis: Compared['kpis']): Compared['kpis'] {
  return kpis && Object.fromEntries(Object.entries(kpis).filter(([name]) => name !== 'profit'));
}

function effort({ instance, rule }: SerialProblem, { result }: Simulation<SerialSolution>): Markup {
  const talked = rule === 'negotiated';
  return el(
    'section',
    { class: 'card wide' },
    el('h2', {}, 'What it took, and what each agent saw'),
    effortList(result, {
      agents: instance.stages.length + 1,
      agentWords: 'one for every firm, and one for the customers',
      roundWords: talked ? 'proposals about levels that the retailer made' : 'of talk about levels',
    }),
    el(
      'ul',
      { class: 'knowledge' },
      el('li', {}, 'A firm knows its own costs and stock, and talks with its supplier and its customer alone.'),
      talked
        ? el(
            'li',
            {},
            'What it tells its supplier: the law of what it orders in a period, its level, and what falling short would cost it. What a supplier tells: the cost of the chain from there on, one number for each proposal, and in the end its level. Who reckons can learn the cost of a stock-out and the time that goods take from that.',
          )
        : null,
      el('li', {}, 'The other ways to do it were worked out apart, for comparison only.'),
    ),
  );
}
