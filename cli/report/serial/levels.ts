import type { Simulation } from '../../../scenarios/simulate.ts';
import type { SerialProblem } from '../../../scenarios/supply-chain/serial-instance.ts';
import type { SerialSolution } from '../../../scenarios/supply-chain/serial-solution.ts';
import { figure } from '../chart.ts';
import type { Markup } from '../markup.ts';
import { decimal, fixed } from '../numbers.ts';
import { amount, units } from '../supply/words.ts';
import { table } from '../table.ts';
import { serialWords, stageName } from './words.ts';

/** The levels on which the firms agreed, beside those of the optimum, and what each firm's part cost. */
export function levelFigure(problem: SerialProblem, simulation: Simulation<SerialSolution>): Markup {
  const { instance } = problem;
  const { baseline, optimum } = serialWords(problem);
  const agents = simulation.agents.solution;
  const best = simulation.optimum?.solution.firms ?? [];
  const plain = simulation.baseline.solution.firms;
  const levelled = agents.firms.some(({ echelonLevel }) => echelonLevel !== null);
  const level = (value: number | null | undefined): string =>
    value === null || value === undefined ? '–' : decimal(value, 2);
  const quoted =
    agents.quotedCost === null
      ? ''
      : ` When they agreed, the firms expected ${fixed(agents.quotedCost, 4)} tokens a period for the whole chain, goods under way to it included.`;
  return figure(
    {
      heading: levelled ? 'The levels that were agreed' : 'What each firm bore',
      caption: levelled
        ? `Echelon level: what a firm and all after it are to have in stock, under way and on order, less what is owed to customers; each orders up to it. Local level: the same for its own stock alone. Costs are those of the ${units(instance.demand.length - instance.warmUp).replace(/units?/, 'periods')} that were played${instance.warmUp > 0 ? ` after a warm-up of ${amount(instance.warmUp)}` : ''}.${quoted}`
        : 'The firms ordered by a rule and talked about nothing.',
      wide: true,
    },
    table({
      caption: 'Levels and costs of each firm',
      head: [
        'Firm',
        'Holding, tokens',
        'Backlog, tokens',
        'Lead time, periods',
        'Echelon level',
        `${optimum}: echelon`,
        'Local level',
        `${optimum}: local`,
        'Cost, tokens',
        `${baseline}: cost`,
        `${optimum}: cost`,
      ],
      rows: agents.firms.map((firm, k) => {
        const stage = instance.stages[k];
        const cost = (value: number | undefined): string => (value === undefined ? '–' : fixed(value, 2));
        return [
          stageName(k),
          level(stage?.holding),
          level(stage?.backlog),
          level((stage?.orderDelay ?? 0) + (stage?.shipDelay ?? 0)),
          level(firm.echelonLevel),
          level(best[k]?.echelonLevel),
          level(firm.localLevel),
          level(best[k]?.localLevel),
          fixed(firm.cost, 2),
          cost(plain[k]?.cost),
          cost(best[k]?.cost),
        ];
      }),
    }),
  );
}
