import type { AskedPolicy } from '../scenarios/asked-policies.ts';
import type { SimulationResult } from '../scenarios/simulate.ts';

/**
 * The result of a simulation as a table for a terminal: agents, baseline and optimum side by side; and how often the policies that
 * were given were asked.
 */
export function resultTable(result: SimulationResult, asked: readonly AskedPolicy[]): string {
  const references = Object.entries(result.references);
  const columns = [result.agents, result.baseline, result.optimum, ...references.map(([, kpis]) => kpis)];
  const names = [...new Set(columns.flatMap((kpis) => Object.keys(kpis ?? {})))];
  const rows = names.map((name) => [
    name === result.objective.name ? `${name} (${result.objective.unit})` : name,
    ...columns.map((kpis) => cell(kpis?.[name])),
  ]);
  const head = ['', 'agents', 'baseline', 'optimum', ...references.map(([name]) => name)];
  const widths = head.map((title, c) => Math.max(title.length, ...rows.map((row) => row[c]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells.map((text, c) => (c === 0 ? text.padEnd(widths[c] ?? 0) : text.padStart((widths[c] ?? 0) + 3))).join('');
  const { mode } = result;
  return [
    `${result.scenario}, ${result.variant}: ${result.instance}, seed ${result.seed}, signing ${mode.sign}${mode.policy === 'scripted' ? '' : `, policies: ${mode.policy}`}`,
    '',
    line(head),
    ...rows.map(line),
    ...(isTooGood(result)
      ? ['', 'The baseline is better than the optimum because it ignores limits; it is not feasible.']
      : []),
    '',
    `gap to optimum   ${result.gap === null ? 'none' : percent(result.gap)}`,
    `feasible         ${result.feasible ? 'yes' : 'NO: ' + worst(result)}`,
    `negotiation      ${group(result.rounds)} rounds, ${group(result.messages)} messages, ${group(result.bytes)} bytes`,
    ...(asked.length === 0
      ? []
      : [`decisions        ${asked.map(({ role, times }) => `${group(times)} by ${role}`).join(', ')}`]),
    `time             ${result.virtualSeconds.toFixed(3)} s virtual, ${result.cpuSeconds.toFixed(2)} s CPU`,
    `fingerprint      ${result.fingerprint}`,
    '',
  ].join('\n');
}

/** True where the baseline beats the optimum, which it can only by breaking limits. */
function isTooGood({ objective, baseline, optimum }: SimulationResult): boolean {
  const rule = baseline[objective.name];
  const best = optimum?.[objective.name];
  if (rule === undefined || best === undefined) return false;
  const ahead = objective.sense === 'min' ? best - rule : rule - best;
  return ahead > TOO_GOOD * Math.abs(best);
}

/** Share of the optimum that a solver's tolerance may explain. */
const TOO_GOOD = 1e-6;

/** Constraints that hold are not worth a word beside those that do not. */
function worst(result: SimulationResult): string {
  return Object.entries(result.violations)
    .filter(([, size]) => size !== 0)
    .map(([name, size]) => `${name} ${size.toExponential(1)}`)
    .join(', ');
}

function percent(share: number): string {
  const hundredths = share * 100;
  return `${Math.abs(hundredths) < 1e-4 ? hundredths.toExponential(1) : hundredths.toFixed(4)} %`;
}

function group(count: number): string {
  return count.toLocaleString('en-US');
}

function cell(value: number | undefined): string {
  if (value === undefined) return '–';
  const size = Math.abs(value);
  if (Number.isInteger(value)) return group(value);
  if (size < 1e-3) return value.toExponential(1);
  return size >= 1000 ? value.toLocaleString('en-US', { maximumFractionDigits: 2 }) : value.toPrecision(6);
}
