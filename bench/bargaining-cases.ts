/** The domains that the bargaining bench runs on, and one negotiation scored. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { negotiate } from '../agent-core/negotiation/alternating-offers.ts';
import { analyseBargaining, type BargainingAnalysis } from '../agent-core/negotiation/bargaining-points.ts';
import type { Issue } from '../agent-core/negotiation/issue.ts';
import type { NegotiationStrategy } from '../agent-core/negotiation/negotiator.ts';
import { outcomeSpace } from '../agent-core/negotiation/outcome-space.ts';
import { power } from '../agent-core/negotiation/power.ts';
import { additivePreferences, normalised, type Preferences } from '../agent-core/negotiation/preferences.ts';
import { createRandomRoot } from '../agent-core/random.ts';
import { parseAnacDomain, type AnacDomain } from '../scenarios/bargaining/anac-domain.ts';

/** A domain with its exact solution. */
export interface BargainingCase extends AnacDomain {
  readonly analysis: BargainingAnalysis;
}

/** Means over some negotiations. Utilities are those at time 0 unless said; no agreement counts as the reservation value. */
export interface BargainingScore {
  readonly runs: number;
  readonly agreed: number;
  readonly first: number;
  readonly second: number;
  readonly firstDiscounted: number;
  readonly nashShare: number;
  readonly nashShareMin: number;
  /** Over agreements only. */
  readonly distance: number;
  readonly distanceMax: number;
  /** Relative time of the end. */
  readonly time: number;
}

const FOLDER = join(process.env['HAGGLE_DATA'] ?? 'data', 'anac-domains');

/** The domains of data set anac-domains. Says by name that it is absent and gives none where it is. */
export function anacCases(): readonly BargainingCase[] {
  if (!existsSync(join(FOLDER, 'SOURCE.md'))) {
    console.error('data set anac-domains is absent: set HAGGLE_DATA to the folder that holds it');
    return [];
  }
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .map((file) => parseAnacDomain(readFileSync(join(FOLDER, file), 'utf8'), { file }))
    .map((domain) => ({ ...domain, analysis: analyseBargaining(domain.space, domain.parties) }));
}

/** How generated domains are made. */
export interface GeneratedSpec {
  readonly type: 'categorical' | 'integer';
  /** Reservation value of both parties. */
  readonly reservation: number;
  readonly domains: number;
}

/**
 * Random domains of two to six issues: values of categorical issues are worth uniform draws, integers a power of their place
 * that rises for one party and falls for the other in one of two issues. Normalised; without those that offer no gain to both.
 */
export function generatedCases({ type, reservation, domains }: GeneratedSpec): readonly BargainingCase[] {
  return Array.from({ length: domains }, (_, seed) => generatedCase(seed, type, reservation)).filter(
    ({ analysis }) => analysis.nash !== null && analysis.nash.utilities.every((u) => u > reservation),
  );
}

function generatedCase(seed: number, type: GeneratedSpec['type'], reservation: number): BargainingCase {
  const random = createRandomRoot(seed).stream('generated-domain', type);
  const issues = Array.from({ length: random.integer(2, 6) }, (_, k): Issue => {
    const count = random.integer(2, 5);
    const name = `issue ${k}`;
    if (type === 'integer') return { type, name, min: 0, max: count + 2 };
    return { type, name, values: Array.from({ length: count }, (__, value) => `value ${value}`) };
  });
  const space = outcomeSpace({ issues });
  const party = (rising: boolean): Preferences => {
    const values = space.scales.map((scale) => {
      const { count } = scale;
      const up = random.uniform() < 0.5 ? rising : !rising;
      const exponent = random.between(0.5, 2);
      const worth = Array.from({ length: count }, (_, k) =>
        type === 'integer' ? power((up ? k : count - 1 - k) / (count - 1), exponent) : random.uniform(),
      );
      return [scale.issue.name, Object.fromEntries(worth.map((u, k) => [scale.valueAt(k), u]))];
    });
    const weights = Object.fromEntries(issues.map(({ name }) => [name, random.between(0.1, 1.1)]));
    const raw = additivePreferences({ space, values: Object.fromEntries(values), weights });
    return { ...normalised(space, raw), reservation };
  };
  const parties = [party(true), party(false)] as const;
  const none = [0, 0] as const;
  return {
    name: `generated ${type} ${seed}`,
    space,
    parties,
    published: { pareto: [], nash: none, kalaiSmorodinsky: none, welfare: none },
    analysis: analyseBargaining(space, parties),
  };
}

/** Negotiates once for each seed, the strategies in the seats of the first and the second party; odd seeds let the second speak first. */
export function scoreOf(
  { space, parties, analysis }: BargainingCase,
  strategies: readonly [NegotiationStrategy, NegotiationStrategy],
  { rounds, seeds }: { readonly rounds: number; readonly seeds: number },
): BargainingScore {
  const seats = parties.map((preferences, seat) => ({ preferences, strategy: strategies[seat === 0 ? 0 : 1] }));
  const runs = Array.from({ length: seeds }, (_, seed) => {
    const swapped = seed % 2 === 1;
    const record = negotiate({ space, parties: swapped ? seats.toReversed() : seats, rounds, seed });
    const { agreement } = record;
    const utilities = agreement === null ? null : parties.map((party) => party.utility(agreement));
    return {
      utilities: utilities ?? parties.map(({ reservation }) => reservation),
      agreed: utilities !== null,
      firstDiscounted: record.utilities[swapped ? 1 : 0] ?? 0,
      nashShare: analysis.nashShare(utilities),
      distance: utilities === null ? 0 : analysis.distanceToFront(utilities),
      time: record.time,
    };
  });
  const agreed = runs.filter((run) => run.agreed).length;
  return {
    runs: seeds,
    agreed: agreed / seeds,
    first: mean(runs.map(({ utilities }) => utilities[0] ?? 0)),
    second: mean(runs.map(({ utilities }) => utilities[1] ?? 0)),
    firstDiscounted: mean(runs.map((run) => run.firstDiscounted)),
    nashShare: mean(runs.map((run) => run.nashShare)),
    nashShareMin: Math.min(...runs.map((run) => run.nashShare)),
    distance: agreed === 0 ? 0 : (mean(runs.map((run) => run.distance)) * seeds) / agreed,
    distanceMax: Math.max(...runs.map((run) => run.distance)),
    time: mean(runs.map((run) => run.time)),
  };
}

/** Arithmetic mean; 0 of nothing. */
export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
