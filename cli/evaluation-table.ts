import type { PairedDifference } from '../agent-core/statistics.ts';
import type { CandidateResult, Comparison, Evaluation } from '../scenarios/evaluate.ts';

/** An evaluation for a terminal: means with intervals, then every candidate beside the first. */
export function evaluationTable({ scenario, objective, seeds, candidates, comparisons }: Evaluation): string {
  const kpis = Object.keys(candidates[0]?.kpis ?? {});
  const title = (kpi: string): string => (kpi === objective.name ? `${kpi} (${objective.unit})` : kpi);
  const means = candidates.map(({ name, kpis: found, infeasible }) => [
    infeasible === 0 ? name : `${name} (${infeasible} infeasible)`,
    ...kpis.map((kpi) => interval(found[kpi]?.mean ?? Number.NaN, found[kpi]?.half ?? Number.NaN)),
  ]);
  const [first] = candidates;
  const beside = comparisons.map((one) => [
    one.name,
    title(one.kpi),
    interval(one.difference.mean, one.difference.half),
    probability(one.p),
    saved(one.difference),
    verdict(one),
  ]);
  return [
    `${scenario}, ${objective.name} (${objective.sense === 'min' ? 'less is better' : 'more is better'}): ${seeds.length} seeds, mean ± half of the 95 % interval`,
    '',
    ...table(['policies', ...kpis.map(title)], means),
    '',
    ...unlike(candidates),
    ...(beside.length === 0
      ? []
      : [
          `beside ${first?.name ?? ''}, seed by seed (p: Student's paired test, Holm-corrected over ${beside.length})`,
          '',
          ...table(['policies', 'indicator', 'difference', 'p', 'variance saved', ''], beside),
          '',
        ]),
  ].join('\n');
}

/** What candidates played, where it was not the same: then it is not policies alone that differ. */
function unlike(candidates: readonly CandidateResult[]): readonly string[] {
  const variants = new Set(candidates.map(({ variant }) => variant));
  if (variants.size < 2) return [];
  const played = candidates.map(({ name, variant }) => `${name} played ${JSON.stringify(variant)}`);
  return [`They did not play alike: ${played.join(', ')}.`, ''];
}

/** Level at which a difference counts as one. */
const LEVEL = 0.05;

function verdict({ p }: Comparison): string {
  return p < LEVEL ? 'differs' : 'may be chance';
}

function interval(mean: number, half: number): string {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.max(1e-9, Math.abs(half) || Math.abs(mean) || 1))));
  const places = Math.min(6, digits);
  return Number.isNaN(half) ? mean.toFixed(places) : `${mean.toFixed(places)} ± ${half.toFixed(places)}`;
}

function probability(p: number): string {
  return p < 1e-4 ? '< 0.0001' : p.toFixed(4);
}

/** How many times fewer runs pairing needs. */
function saved({ varianceRatio }: PairedDifference): string {
  return Number.isFinite(varianceRatio) ? `${varianceRatio.toFixed(1)} x` : '–';
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = head.map((title, c) => Math.max(title.length, ...rows.map((row) => row[c]?.length ?? 0)));
  return [head, ...rows].map((cells) =>
    cells
      .map((text, c) => (c === 0 ? text.padEnd(widths[c] ?? 0) : text.padStart((widths[c] ?? 0) + 3)))
      .join('')
      .trimEnd(),
  );
}
