import { counted, decimal } from '../numbers.ts';
import type { Verdict } from '../page.ts';
import { duration, measured, type LearningFacts } from './facts.ts';

const ENDS: Readonly<Record<string, string>> = {
  budget: 'It ended when it had learnt from as much as it was to.',
  score: 'It ended when it reached the score that it was to reach.',
  patience: 'It ended as no judging found it better for a while.',
  signal: 'It was stopped before its end.',
};

/** Judges a training in plain words: from which score to which, which policy is kept, why and when it ended. */
export function learningVerdict(facts: LearningFacts): Verdict {
  const { stopped } = facts;
  const sentences = [keptWords(facts), ENDS[stopped] ?? `It ended: ${stopped}.`, speedWords(facts)].filter(
    (sentence) => sentence !== '',
  );
  return { ...judged(facts), sentences };
}

function judged({ first, best, total, counts }: LearningFacts): Omit<Verdict, 'sentences'> {
  if (first === null || best === null) {
    return {
      good: false,
      stamp: 'Not judged',
      headline: 'The policy was never judged, so nobody knows what it learnt.',
    };
  }
  if (total === 0) {
    return {
      good: false,
      stamp: 'Not trained',
      headline: `The policy scores ${measured(first.score)}; it has learnt from nothing.`,
    };
  }
  const budget = `${decimal(total, 0)} ${counts}`;
  if (best.score <= first.score) {
    return {
      good: false,
      stamp: 'Learnt nothing that shows',
      headline: `No update scored better than the start, ${measured(first.score)}, in ${budget}.`,
    };
  }
  return {
    good: true,
    stamp: 'Learnt',
    headline: `On seeds that it did not learn from, the score rose from ${measured(first.score)} to ${measured(best.score)} in ${budget}.`,
  };
}

function keptWords({ first, best, last }: LearningFacts): string {
  if (first === null || best === null || last === null || best.update === 0) return '';
  const after = `Kept is the policy of update ${decimal(best.update, 0)}`;
  return best.update === last.update
    ? `${after}, the last and the best.`
    : `${after}, the best; the last, of update ${decimal(last.update, 0)}, scores ${measured(last.score)}.`;
}

function speedWords({ seconds, total, counts, curve }: LearningFacts): string {
  const episodes = curve.at(-1)?.episodes ?? 0;
  const speed =
    seconds > 0 && total > 0
      ? `, ${decimal(total / seconds, total / seconds < 10 ? 1 : 0)} ${counts} a second, judging included`
      : '';
  return `It took ${duration(seconds)}${speed}${episodes > 0 ? `; ${counted(episodes, 'episode')} in all` : ''}.`;
}
