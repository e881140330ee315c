import type { RideInstance } from '../../../scenarios/ride-sharing/instance.ts';
import type { RideSolution } from '../../../scenarios/ride-sharing/solution.ts';
import type { Kpis } from '../../../scenarios/scenario.ts';
import type { Simulation } from '../../../scenarios/simulate.ts';
import { barChart, signedShare, type Bar } from '../bars.ts';
import { el, type Markup } from '../markup.ts';
import { decimal, fixed } from '../numbers.ts';
import { comparison, type Compared, type Measure } from '../table.ts';
import type { Units } from './words.ts';

/** A simulation with reference lines beside baseline and optimum, where its scenario has any. */
export type ReferencedSimulation = Simulation<RideSolution> & {
  readonly result: { readonly references?: Readonly<Record<string, Kpis>> };
};

/** How references are called in sentences and columns. */
const REFERENCE_WORDS: Readonly<Record<string, string>> = { ownTaxi: 'Own taxi' };

/** One outcome to compare with. */
export interface Outcome extends Compared {
  readonly role: 'agents' | 'optimum' | 'published' | 'baseline' | 'reference';
}

/** Agents, optimum or published value, contract net and whatever else there is to compare with, in this order. */
export function outcomesOf({ published }: RideInstance, { result }: ReferencedSimulation): readonly Outcome[] {
  const references = Object.entries(result.references ?? {}).map(([name, kpis]): Outcome => ({
    role: 'reference',
    title: REFERENCE_WORDS[name] ?? name,
    kpis,
  }));
  const known = published === null ? null : publishedKpis(published);
  const best: readonly Outcome[] =
    result.optimum !== null
      ? [{ role: 'optimum', title: published === null ? 'Optimum' : publishedTitle(published), kpis: result.optimum }]
      : known !== null && published !== null
        ? [{ role: 'published', title: publishedTitle(published), kpis: known }]
        : [];
  return [
    { role: 'agents', title: 'Agents', kpis: result.agents },
    ...best,
    { role: 'baseline', title: 'Contract net', kpis: result.baseline },
    ...references,
  ];
}

type Published = NonNullable<RideInstance['published']>;

function publishedTitle({ status }: Published): string {
  return status === 'proven' ? 'Proven optimum' : 'Best known';
}

function publishedKpis({ distance, vehicles }: Published): Kpis {
  return vehicles === null ? { distance } : { distance, vehicles };
}

/** The section that compares: distance as bars, all indicators as a table. */
export function comparisonSection(outcomes: readonly Outcome[], units: Units): Markup {
  return el(
    'section',
    { class: 'card wide', id: 'comparison' },
    el('h2', {}, 'Agents beside other ways to do it'),
    el('p', { class: 'caption' }, words(outcomes)),
    bars(outcomes, units),
    comparison('Indicators of agents and references compared', withoutPlainCost(outcomes), measures(units)),
  );
}

/** Where cost is distance it says nothing more. */
function withoutPlainCost(outcomes: readonly Outcome[]): readonly Outcome[] {
  const plain = outcomes.every(({ kpis }) => kpis?.['cost'] === undefined || kpis['cost'] === kpis['distance']);
  if (!plain) return outcomes;
  return outcomes.map((outcome) => ({
    ...outcome,
    kpis: outcome.kpis && Object.fromEntries(Object.entries(outcome.kpis).filter(([name]) => name !== 'cost')),
  }));
}

function words(outcomes: readonly Outcome[]): string {
  const has = (role: Outcome['role']): boolean => outcomes.some((outcome) => outcome.role === role);
  return [
    'Contract net: riders call one after another, the cheapest vehicle takes them, and nothing is renegotiated.',
    ...(outcomes.some(({ title }) => title === REFERENCE_WORDS['ownTaxi'])
      ? ['Own taxi: nobody shares, every rider has a vehicle that comes from its start and goes back there.']
      : []),
    ...(has('optimum') || has('published') ? [] : ['No optimum is known for this instance.']),
  ].join(' ');
}

function bars(outcomes: readonly Outcome[], units: Units): Markup | null {
  const rows = outcomes.flatMap(({ title, role, kpis }) => {
    const distance = kpis?.['distance'];
    return distance === undefined ? [] : [{ title, role, distance }];
  });
  const agents = rows.find(({ role }) => role === 'agents');
  if (agents === undefined) return null;
  return barChart(
    { id: 'distances', title: 'Distance of the agents and of other ways to do it', label: 'Chart of distances' },
    rows.map(({ title, role, distance }): Bar => {
      const more = agents.distance > 0 && role !== 'agents' ? ` (${signedShare(distance / agents.distance - 1)})` : '';
      return {
        title,
        value: distance,
        kind: role === 'agents' ? 'agents' : role === 'baseline' || role === 'reference' ? 'other' : 'best',
        words: `${units.distance(distance)}${more}`,
      };
    }),
  );
}

function measures({ timeUnit, distanceUnit }: Units): Readonly<Record<string, Measure>> {
  const count = (text: string): Measure => ({ words: text, unit: '', format: (value) => decimal(value, 0) });
  const time = (text: string): Measure => ({ words: text, unit: timeUnit, format: (value) => fixed(value, 1) });
  return {
    distance: { words: 'Distance', unit: distanceUnit, format: (value) => fixed(value, 2) },
    cost: { words: 'Cost', unit: '', format: (value) => fixed(value, 2) },
    served: count('Requests served'),
    unserved: count('Requests not served'),
    vehicles: count('Vehicles used'),
    meanWait: time('Mean wait'),
    p90Wait: time('Wait of nine in ten at most'),
    meanRide: time('Mean ride'),
    meanDetourPercent: { words: 'Mean detour', unit: '%', format: (value) => fixed(value, 1) },
    trades: count('Trades among vehicles'),
    tradedTrips: count('Trips traded'),
    tradeGain: { words: 'Gain of trades', unit: '', format: (value) => fixed(value, 2) },
    tripsSeenShareMax: {
      words: 'Share of all trips that one vehicle saw, at most',
      unit: '%',
      format: (value) => decimal(value * 100, 1),
    },
    bidsReadMax: count('Bids that one vehicle read, at most'),
  };
}
