import { policyOf } from '../../agent-core/policy/policy-file.ts';
import { curveFigure, lossFigure } from './learning/curve.ts';
import { learningFacts, type Training } from './learning/facts.ts';
import { LEARNING_STYLE } from './learning/style.ts';
import { pointTable, trainedSection } from './learning/tables.ts';
import { learningVerdict } from './learning/verdict.ts';
import { el, trusted } from './markup.ts';
import { headed, pageText } from './page.ts';
import { REPORT_STYLE } from './style.ts';

/**
 * The report of a training as one self-contained HTML page: no network, no scripts. Every text that comes from the policy is escaped.
 * Of long curves it draws means of neighbours.
 *
 * @throws HaggleError `bad-policy`, `bad-network`, `bad-space` where the policy is none
 */
export function learningReport(training: Training): string {
  const facts = learningFacts(training);
  const { policy } = training;
  const title = `Training: ${policy.role}`;
  const run: readonly (readonly [string, string])[] = [
    ['Policy', policy.name],
    ['Learnt by', policy.origin.algorithm],
    ['Haggle', policy.origin.haggle],
    ['Hash', policyOf(policy).hash],
  ];
  return pageText(
    { title, style: trusted(REPORT_STYLE.markup + LEARNING_STYLE.markup) },
    headed(title, run, learningVerdict(facts)),
    curveFigure(facts),
    lossFigure(facts),
    trainedSection(facts),
    pointTable(facts),
    el(
      'footer',
      {},
      el(
        'p',
        {},
        'Rewards are in the unit of the scenario; what is kept is the policy with the greatest score. The hash is over all that decides: traces of runs name it with every decision. The same command and version give the same weights on the same backend; wall time is the only number here that differs from run to run.',
      ),
    ),
  );
}
