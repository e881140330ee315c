import type { Simulation, SimulationResult } from '../../scenarios/simulate.ts';
import type { DispatchFacts, LineFacts } from './facts.ts';
import { counted, decimal, errorSize, fixed, scientific, sentenceStart } from './numbers.ts';
import type { Verdict } from './page.ts';

/** A gap below this share is rounding. */
const EQUAL_GAP = 5e-7;
/** A loading above this is an overload: 100 % up to the tolerance of the scenario. */
const OVERLOADED = 1.0001;

const LIMITS: Readonly<Record<string, (size: number) => string>> = {
  worstOverloadPu: (size) => `a line is overloaded by ${errorSize(size)} p.u.`,
  worstBalanceMismatchPu: (size) => `supply and demand of a bus differ by ${errorSize(size)} p.u.`,
  worstAngleViolationRad: (size) => `the angle across a line is ${errorSize(size)} rad beyond its limit`,
  worstGeneratorViolationPu: (size) => `a generator runs ${errorSize(size)} p.u. beyond its limits`,
};

/** Judges a simulated dispatch in plain words. */
export function verdictOf<Solution>(simulation: Simulation<Solution>, facts: DispatchFacts): Verdict {
  const { result } = simulation;
  const cost = result.agents['costPerHour'] ?? 0;
  const agreed = `The agents agreed on a dispatch that costs ${fixed(cost, 2)} $/h`;
  if (!result.feasible) {
    return {
      good: false,
      headline: `${agreed}, but it breaks a limit: ${brokenWords(result)}.`,
      sentences: [overloadWords(facts)].filter((sentence) => sentence !== ''),
    };
  }
  return {
    good: true,
    headline: `${agreed}${gapWords(result.gap)}. It is feasible: every limit of the grid holds.`,
    sentences: [baselineWords(simulation, facts)].filter((sentence) => sentence !== ''),
  };
}

function brokenWords({ violations }: SimulationResult): string {
  const sizes = Object.entries(violations).filter(([, size]) => size > 0);
  const worst = sizes.reduce<readonly [string, number] | null>(
    (most, entry) => (most === null || entry[1] > most[1] ? entry : most),
    null,
  );
  if (worst === null) return 'which one is not known';
  const [name, size] = worst;
  return LIMITS[name]?.(size) ?? `${name} ${errorSize(size)}`;
}

function gapWords(gap: number | null): string {
  if (gap === null) return '';
  if (Math.abs(gap) < EQUAL_GAP) return `, as cheap as the optimum (gap ${gap === 0 ? '0' : scientific(gap)})`;
  const size = Math.abs(gap * 100);
  const share = size < 0.01 ? scientific(size) : decimal(size, 4);
  return `, ${share} % ${gap > 0 ? 'above' : 'below'} the optimum`;
}

function overloadWords({ lines }: DispatchFacts): string {
  const over = lines.filter(({ loading }) => loading > OVERLOADED);
  const worst = mostLoaded(over, (line) => line.loading);
  if (worst === null) return '';
  return `${sentenceStart(counted(over.length, 'line'))} ${over.length === 1 ? 'is' : 'are'} overloaded, the worst is ${worst.name} at ${decimal(worst.loading * 100, 1)} % of ${decimal(worst.limitMw, 1)} MW.`;
}

function baselineWords<Solution>({ result }: Simulation<Solution>, { lines }: DispatchFacts): string {
  const cost = result.baseline['costPerHour'];
  if (cost === undefined) return '';
  const over = lines.filter(({ baselineLoading }) => baselineLoading > OVERLOADED);
  const worst = mostLoaded(over, (line) => line.baselineLoading);
  if (worst === null)
    return `Merit order, which ignores the network, would cost ${fixed(cost, 2)} $/h and overload no line.`;
  return `Merit order, which ignores the network, would cost ${fixed(cost, 2)} $/h but overload ${counted(over.length, 'line')}, the worst, ${worst.name}, to ${decimal(worst.baselineLoading * 100, 0)} % of its limit.`;
}

function mostLoaded(lines: readonly LineFacts[], loadingOf: (line: LineFacts) => number): LineFacts | null {
  return lines.reduce<LineFacts | null>(
    (most, line) => (most === null || loadingOf(line) > loadingOf(most) ? line : most),
    null,
  );
}
