import type { Simulation } from '../../../scenarios/simulate.ts';
import type { SerialInstance, SerialProblem } from '../../../scenarios/supply-chain/serial-instance.ts';
import type { SerialFirm, SerialSolution } from '../../../scenarios/supply-chain/serial-solution.ts';
import { figure } from '../chart.ts';
import type { Markup } from '../markup.ts';
import { counted, decimal, fixed } from '../numbers.ts';
import { amount } from '../supply/words.ts';
import { table, type TableText } from '../table.ts';
import { serialWords, stageName } from './words.ts';

/** The levels on which the firms agreed, beside those of the optimum, and what each firm's part cost. */
export function levelFigure(problem: SerialProblem, simulation: Simulation<SerialSolution>): Markup {
  const { instance } = problem;
  const { baseline, optimum } = serialWords(problem);
  const agents = simulation.agents.solution;
  const best = simulation.optimum?.solution.firms ?? [];
  const plain = simulation.baseline.solution.firms;
  const levelled = agents.firms.some(({ echelonLevel }) => echelonLevel !== null);
  const quoted =
    agents.quotedCost === null
      ? ''
      : ` When they agreed, the firms expected ${fixed(agents.quotedCost, 4)} tokens a period for the whole chain, goods under way to it included.`;
  return figure(
    {
      heading: levelled ? 'The levels that were agreed' : 'What each firm bore',
      caption: levelled
        ? `Echelon level: what a firm and all after it are to have in stock, under way and on order, less what is owed to customers; each orders up to it. Local level: the same for its own stock alone. Costs are those of the ${counted(instance.demand.length - instance.warmUp, 'period')} that were played${instance.warmUp > 0 ? ` after a warm-up of ${amount(instance.warmUp)}` : ''}.${quoted}`
        : 'The firms ordered by a rule and talked about nothing.',
      wide: true,
    },
    levelled ? table(levelTable(instance, { firms: agents.firms, best, title: optimum })) : null,
    table({
      caption: 'What each firm bore',
      head: ['Costs, tokens', 'Agents', ...(best.length > 0 ? [optimum] : []), baseline],
      rows: agents.firms.map(({ cost }, k) => [
        stageName(k),
        fixed(cost, 2),
        ...(best.length > 0 ? [costWords(best[k])] : []),
        costWords(plain[k]),
      ]),
    }),
  );
}

interface Levels {
  readonly firms: readonly SerialFirm[];
  readonly best: readonly SerialFirm[];
  /** What the best are called. */
  readonly title: string;
}

function levelTable({ stages }: SerialInstance, { firms, best, title }: Levels): TableText {
  const other = title.toLowerCase();
  return {
    caption: 'Levels of each firm',
    head: [
      'Firm',
      'Holding, tokens',
      'Backlog, tokens',
      'Lead time, periods',
      'Echelon level',
      ...(best.length > 0 ? [other] : []),
      'Local level',
      ...(best.length > 0 ? [other] : []),
    ],
    rows: firms.map((firm, k) => {
      const stage = stages[k];
      return [
        stageName(k),
        levelWords(stage?.holding),
        levelWords(stage?.backlog),
        levelWords((stage?.orderDelay ?? 0) + (stage?.shipDelay ?? 0)),
        levelWords(firm.echelonLevel),
        ...(best.length > 0 ? [levelWords(best[k]?.echelonLevel)] : []),
        levelWords(firm.localLevel),
        ...(best.length > 0 ? [levelWords(best[k]?.localLevel)] : []),
      ];
    }),
  };
}

function levelWords(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : decimal(value, 2);
}

function costWords(firm: SerialFirm | undefined): string {
  return firm === undefined ? '–' : fixed(firm.cost, 2);
}
