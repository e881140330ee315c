/** Runs the agents of a grid without any solver beside them, and weighs what they said. */
import type { Duration } from '../agent-core/clock.ts';
import { HaggleError } from '../agent-core/errors.ts';
import { LIMITS } from '../agent-core/limits.ts';
import type { SigningMode } from '../agent-core/message/seal.ts';
import type { Grid } from '../scenarios/energy/grid.ts';
import type { Optimum } from '../scenarios/energy/optimum.ts';
import { populateGrid } from '../scenarios/energy/population.ts';
import { scoreDispatch, type DispatchScore, type PricedDispatch } from '../scenarios/energy/score.ts';
import { world } from '../simulator/world.ts';

/** How to run a negotiation. */
export interface NegotiationOptions {
  readonly seed: number;
  readonly sign?: SigningMode;
  readonly latency?: Duration | readonly [Duration, Duration];
}

/** How a negotiation went. */
export interface Negotiation {
  /** Null where the agents came to an end without agreement. */
  readonly agreement: PricedDispatch | null;
  /** Why there is no agreement; empty where there is one. */
  readonly reason: string;
  readonly rounds: number;
  readonly messages: number;
  readonly bytes: number;
  readonly largestMessageBytes: number;
  readonly virtualMicros: number;
  readonly fingerprint: string;
  readonly cpuSeconds: number;
}

/** Lets the buses of `grid` negotiate to the end. @throws HaggleError of a handler, but not `no-agreement`. */
export async function negotiate(grid: Grid, options: NegotiationOptions): Promise<Negotiation> {
  let largestMessageBytes = 0;
  const place = world({
    seed: options.seed,
    sign: options.sign ?? 'off',
    strict: true,
    record: ({ payload }) => {
      largestMessageBytes = Math.max(largestMessageBytes, payload.length);
    },
    ...(options.latency === undefined ? {} : { latency: options.latency }),
  });
  const population = populateGrid(place, grid);
  const before = process.cpuUsage();
  await place.run();
  const { user, system } = process.cpuUsage(before);
  const outcome = population.finished() ? agreementOf(() => population.agreement()) : 'the agents fell silent';
  return {
    agreement: typeof outcome === 'string' ? null : outcome,
    reason: typeof outcome === 'string' ? outcome : '',
    rounds: population.rounds(),
    messages: place.traffic.messages,
    bytes: place.traffic.bytes,
    largestMessageBytes,
    virtualMicros: place.now(),
    fingerprint: place.fingerprint(),
    cpuSeconds: (user + system) / 1e6,
  };
}

function agreementOf(ask: () => PricedDispatch): PricedDispatch | string {
  try {
    return ask();
  } catch (error) {
    if (error instanceof HaggleError && error.code === 'no-agreement') return error.message;
    throw error;
  }
}

/** What is demanded of an agreement, and what is aimed at. Gaps in %, violations in p.u. or rad. */
export const DEMANDED = { gapPercent: 0.1, violation: 1e-4 } as const;
export const AIMED = { gapPercent: 0.001, violation: 1e-6 } as const;

/** A negotiation beside the optimum. */
export interface Verdict {
  readonly score: DispatchScore | null;
  readonly gapPercent: number;
  readonly violation: number;
  /** What is wrong, in words; empty where nothing is. */
  readonly faults: readonly string[];
}

/** Judges `negotiation` by `demanded`. */
export function judge(
  grid: Grid,
  { negotiation, optimum }: { readonly negotiation: Negotiation; readonly optimum: Optimum },
  demanded: { readonly gapPercent: number; readonly violation: number } = DEMANDED,
): Verdict {
  const faults: string[] = [];
  if (negotiation.largestMessageBytes > LIMITS.payloadBytes) faults.push('a message too large');
  const { agreement } = negotiation;
  if (agreement === null) {
    return { score: null, gapPercent: Infinity, violation: Infinity, faults: [...faults, negotiation.reason] };
  }
  const score = scoreDispatch(grid, agreement, optimum);
  const gapPercent = gapOf(grid, score.costPerHour, optimum);
  const violation = Math.max(
    score.worstBalanceMismatchPu,
    score.worstOverloadPu,
    score.worstAngleViolationRad,
    score.worstGeneratorViolationPu,
  );
  if (!(Math.abs(gapPercent) <= demanded.gapPercent)) faults.push(`a gap of ${gapPercent.toExponential(1)} %`);
  if (!(violation <= demanded.violation)) faults.push(`a violation of ${violation.toExponential(1)}`);
  return { score, gapPercent, violation, faults };
}

/** Relative to the optimum; where that is next to nothing, to a thousandth of the load at the dearest price. */
function gapOf(grid: Grid, costPerHour: number, optimum: Optimum): number {
  const load = grid.buses.reduce((sum, { demandMw }) => sum + Math.abs(demandMw), 0);
  const dearest = grid.generators.reduce((most, { c1 }) => Math.max(most, Math.abs(c1)), 0);
  const least = Math.max(1e-3 * load * dearest, 1e-9);
  return (100 * (costPerHour - optimum.costPerHour)) / Math.max(Math.abs(optimum.costPerHour), least);
}
