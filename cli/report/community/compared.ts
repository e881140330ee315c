import type { CommunitySolution } from '../../../scenarios/energy/community/solution.ts';
import type { Kpis } from '../../../scenarios/scenario.ts';
import type { Simulation } from '../../../scenarios/simulate.ts';
import { barChart, signedShare, type Bar } from '../bars.ts';
import { diamond, drawing, scrolling, textWidth } from '../chart.ts';
import { el, type Markup } from '../markup.ts';
import { decimal, fixed } from '../numbers.ts';
import { comparison, type Compared, type Measure } from '../table.ts';
import type { CommunityFacts } from './facts.ts';
import { dollars, energy, percent } from './words.ts';

const kwhs = (words: string): Measure => ({ words, unit: 'kWh', format: energy });

const MEASURES: Readonly<Record<string, Measure>> = {
  bill: { words: 'Bill of all', unit: '$', format: (value) => fixed(value, 2) },
  capture: {
    words: 'Part of the gap from alone to the optimum',
    unit: '',
    format: (value) => (Number.isFinite(value) ? percent(value) : '–'),
  },
  storageCapture: {
    words: 'Part of the gap from no battery, netted, to the optimum',
    unit: '',
    format: (value) => (Number.isFinite(value) ? percent(value) : '–'),
  },
  homesWorseThanAlone: { words: 'Homes that pay more than alone', unit: '', format: (value) => decimal(value, 0) },
  aloneBill: { words: 'Alone, as homes reckon it themselves', unit: '$', format: (value) => fixed(value, 2) },
  sharedTokens: { words: 'Gains passed on at the end', unit: '$', format: (value) => fixed(value, 2) },
  peakKw: { words: 'Most drawn in an hour', unit: 'kW', format: (value) => fixed(value, 2) },
  importedKwh: kwhs('Drawn from the grid, all homes netted'),
  exportedKwh: kwhs('Given to the grid for nothing, netted'),
  tradedKwh: kwhs('From home to home'),
  selfConsumption: { words: 'Sun that was used at home or next door', unit: '', format: percent },
  emissionsKg: { words: 'Emissions of what was drawn', unit: 'kg CO₂', format: (value) => fixed(value, 1) },
};

const CHALLENGE: Readonly<Record<string, Measure>> = {
  challengeCost: ratio('Cost'),
  challengeEmissions: ratio('Emissions'),
  challengeGrid: ratio('Grid: ramps and peaks'),
  challengeScore: ratio('Score: their mean'),
};

function ratio(words: string): Measure {
  return { words, unit: '', format: (value) => fixed(value, 3) };
}

/** How references are called in sentences and columns, and in which order. */
const REFERENCES: readonly (readonly [name: string, title: string])[] = [
  ['alonePooled', 'Alone, netted'],
  ['noBatteryPooled', 'No battery, netted'],
  ['noBattery', 'No battery'],
];

interface Column extends Compared {
  readonly kind: Bar['kind'];
  /** A line with a bill and nothing else. */
  readonly reference: boolean;
}

/** Bills as bars, how much of the gap was captured, and all indicators. */
export function comparisonSection(facts: CommunityFacts, simulation: Simulation<CommunitySolution>): Markup {
  const columns = columnsOf(facts, simulation);
  const alone =
    facts.plan === 'foresight'
      ? 'Alone: every home with its best plan for itself, on its own meter. Optimum: one planner of all batteries. All of them know load and sun ahead.'
      : 'Alone: every home for itself, in the same way and on its own meter; with foresight, by its best plan. Optimum: one planner of all batteries, who knows load and sun ahead.';
  return el(
    'section',
    { class: 'card wide', id: 'comparison' },
    el('h2', {}, 'What all homes pay'),
    el(
      'p',
      { class: 'caption' },
      `${alone} Netted: as if all homes were on one meter, without trading or planning together.`,
    ),
    barChart(
      { id: 'bills', title: 'Bill of all homes, and what it would be otherwise', label: 'Chart of bills' },
      bars(columns),
    ),
    gapStrip(facts, simulation),
    comparison(
      'Indicators of homes together, alone and of the optimum compared',
      columns.filter(({ reference }) => !reference).map(indicators),
      MEASURES,
    ),
  );
}

function columnsOf(
  { plan, homes }: CommunityFacts,
  { result, agents, baseline, optimum }: Simulation<CommunitySolution>,
): readonly Column[] {
  const foresight = plan === 'foresight';
  const own = homes.reduce((sum, { alone }) => sum + alone, 0);
  const known = new Map(REFERENCES);
  const order = (name: string): number => REFERENCES.findIndex(([one]) => one === name);
  return [
    { title: 'Together', kind: 'agents', reference: false, kpis: agents.kpis },
    ...(optimum === null ? [] : [{ title: 'Optimum', kind: 'best' as const, reference: false, kpis: optimum.kpis }]),
    { title: foresight ? 'Each alone' : 'Alone, foresight', kind: 'other', reference: false, kpis: baseline.kpis },
    ...(foresight ? [] : [{ title: 'Each alone', kind: 'other' as const, reference: true, kpis: { bill: own } }]),
    ...Object.entries(result.references)
      .toSorted(([a], [b]) => order(a) - order(b))
      .map(([name, kpis]) => ({ title: known.get(name) ?? name, kind: 'other' as const, reference: true, kpis })),
  ];
}

function bars(columns: readonly Column[]): readonly Bar[] {
  const own = columns[0]?.kpis?.['bill'] ?? 0;
  return columns.flatMap(({ title, kind, kpis }): Bar[] => {
    const bill = kpis?.['bill'];
    if (bill === undefined) return [];
    const more =
      kind !== 'agents' && own > 0 && dollars(bill) !== dollars(own) ? ` (${signedShare(bill / own - 1)})` : '';
    return [{ title, kind, value: bill, words: `${dollars(bill)}${more}` }];
  });
}

/** Without what the challenge counts, and trades of those who do not trade. */
function indicators(column: Column): Compared {
  const trades = column.kind === 'agents';
  return picked((name) => !name.startsWith('challenge') && (trades || name !== 'tradedKwh'))(column);
}

function picked(wanted: (name: string) => boolean): (column: Column) => Compared {
  return ({ title, kpis }) => ({
    title,
    kpis: kpis && (Object.fromEntries(Object.entries(kpis).filter(([name]) => wanted(name))) satisfies Kpis),
  });
}

const WIDTH = 1120;
const STRIP = { left: 150, right: 970, y: 34, height: 66 };

/** The way from each alone to the best plan for all, and how far the homes came; nothing where there is no such way. */
function gapStrip(
  { plan }: CommunityFacts,
  { agents, baseline, optimum }: Simulation<CommunitySolution>,
): Markup | null {
  const [alone, best, bill] = [baseline.kpis['bill'], optimum?.kpis['bill'], agents.kpis['bill']];
  const capture = agents.kpis['capture'];
  const name = plan === 'foresight' ? 'each alone' : 'alone with foresight';
  if (alone === undefined || best === undefined || bill === undefined || capture === undefined) return null;
  if (dollars(alone - best) === dollars(0) || !Number.isFinite(capture)) return null;
  const at = (share: number): number => STRIP.left + Math.min(1, Math.max(0, share)) * (STRIP.right - STRIP.left);
  const place = at(capture);
  const words = `${percent(capture)} of the gap`;
  const half = textWidth(words) / 2;
  const middle = Math.min(STRIP.right - half, Math.max(STRIP.left + half, place));
  return scrolling(
    'Chart of the gap',
    drawing(
      {
        id: 'gap',
        title: 'How much of what could be gained was gained',
        description: `${percent(capture)} of the way from ${dollars(alone)}, ${name}, to ${dollars(best)}, the optimum.`,
        width: WIDTH,
        height: STRIP.height,
      },
      el('line', { class: 'gap-line', x1: STRIP.left, x2: STRIP.right, y1: STRIP.y, y2: STRIP.y }),
      el('line', { class: 'gap-done', x1: STRIP.left, x2: place, y1: STRIP.y, y2: STRIP.y }),
      diamond({ x: STRIP.left, y: STRIP.y }, 7, 'baseline-mark'),
      el('circle', { class: 'optimum-ring', cx: STRIP.right, cy: STRIP.y, r: 8 }),
      el('circle', { class: 'agents-dot', cx: place, cy: STRIP.y, r: 6 }),
      el(
        'text',
        { class: 'gap-name', x: STRIP.left, y: STRIP.y + 26, 'text-anchor': 'middle' },
        `${name} ${dollars(alone)}`,
      ),
      el(
        'text',
        { class: 'gap-name', x: STRIP.right, y: STRIP.y + 26, 'text-anchor': 'middle' },
        `optimum ${dollars(best)}`,
      ),
      el('text', { class: 'gap-name', x: middle, y: STRIP.y - 16, 'text-anchor': 'middle' }, words),
    ),
  );
}

/** What the CityLearn Challenge 2022 measures; nothing where it was not measured. */
export function challengeSection(facts: CommunityFacts, simulation: Simulation<CommunitySolution>): Markup | null {
  const columns = columnsOf(facts, simulation)
    .map(picked((name) => Object.hasOwn(CHALLENGE, name)))
    .filter(({ kpis }) => Object.keys(kpis ?? {}).length > 0);
  if (columns.length === 0) return null;
  return el(
    'section',
    { class: 'card wide', id: 'challenge' },
    el('h2', {}, 'As the CityLearn Challenge 2022 counts'),
    el(
      'p',
      { class: 'caption' },
      'Ratios to the same homes without batteries: 1 is no change, less is better. The challenge bills every home on its own meter, so what a neighbour delivers counts there as dearly as what the utility does: homes that trade look dearer than they pay.',
    ),
    comparison('Figures of the CityLearn Challenge 2022', columns, CHALLENGE),
  );
}
