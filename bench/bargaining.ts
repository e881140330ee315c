/**
 * Bargaining on the ANAC domains, as a markdown page: `npm run bench:bargaining -- [--seeds 20] [--quick]`.
 *
 * First the adaptive strategy against itself with three deadlines, then every built-in strategy against every other.
 */
import { parseArgs } from 'node:util';
import { HaggleError } from '../agent-core/errors.ts';
import { adaptive } from '../agent-core/negotiation/adaptive.ts';
import type { NegotiationStrategy } from '../agent-core/negotiation/negotiator.ts';
import {
  boulware,
  conceder,
  hardHeaded,
  linear,
  titForTat,
  zeroIntelligence,
} from '../agent-core/negotiation/plain-strategies.ts';
import {
  anacCases,
  generatedCases,
  mean,
  scoreOf,
  type BargainingCase,
  type BargainingScore,
} from './bargaining-cases.ts';

const DEADLINES_ROUNDS = [20, 100, 1_000];
/** Deadline of the round robin. */
const ROUND_ROBIN_ROUNDS = 100;

const STRATEGIES: readonly NegotiationStrategy[] = [
  adaptive,
  boulware,
  linear,
  conceder,
  titForTat(),
  titForTat({ window: 5 }),
  hardHeaded(),
  zeroIntelligence,
];

function selfPlay(cases: readonly BargainingCase[], seeds: number): void {
  console.log(`\n## Adaptive against adaptive, ${seeds} seeds\n`);
  print([
    [
      'domain',
      'outcomes',
      'rounds',
      'agreed %',
      'share of Nash product %',
      'worst',
      'distance to front',
      'largest',
    ].concat(['utilities', 'at Nash', 'time of deal']),
    ...DEADLINES_ROUNDS.flatMap((rounds) => {
      const scores = cases.map((each) => scoreOf(each, [adaptive, adaptive], { rounds, seeds }));
      const rows = cases.map((each, k) => selfPlayRow(each, rounds, scores[k]));
      return [...rows, averageRow(rounds, scores)];
    }),
  ]);
}

function selfPlayRow(
  { name, space, analysis }: BargainingCase,
  rounds: number,
  score?: BargainingScore,
): readonly string[] {
  if (score === undefined) return [];
  const nash = analysis.nash?.utilities ?? [];
  return [
    name,
    String(space.size),
    String(rounds),
    percent(score.agreed),
    percent(score.nashShare),
    percent(score.nashShareMin),
    score.distance.toFixed(4),
    score.distanceMax.toFixed(4),
    `${score.first.toFixed(3)}, ${score.second.toFixed(3)}`,
    nash.map((u) => u.toFixed(3)).join(', '),
    score.time.toFixed(2),
  ];
}

function averageRow(rounds: number, scores: readonly BargainingScore[]): readonly string[] {
  const over = (part: (score: BargainingScore) => number): number => mean(scores.map(part));
  return [
    '**mean**',
    '',
    `**${rounds}**`,
    percent(over(({ agreed }) => agreed)),
    `**${percent(over(({ nashShare }) => nashShare))}**`,
    percent(Math.min(...scores.map(({ nashShareMin }) => nashShareMin))),
    `**${over(({ distance }) => distance).toFixed(4)}**`,
    Math.max(...scores.map(({ distanceMax }) => distanceMax)).toFixed(4),
    '',
    '',
    over(({ time }) => time).toFixed(2),
  ];
}

/** The same on domains that no parameter was chosen on. */
function generated(domains: number): void {
  console.log(`\n## Adaptive against adaptive on ${domains} generated domains of each kind, 2 seeds\n`);
  print([
    ['issues', 'reservation', 'rounds', 'domains', 'agreed %', 'share of Nash product %', 'worst', 'distance to front'],
    ...(['categorical', 'integer'] as const).flatMap((type) =>
      [0, 0.3].flatMap((reservation) => {
        const cases = generatedCases({ type, reservation, domains });
        return [20, 100].map((rounds) => generatedRow([type, String(reservation)], rounds, cases));
      }),
    ),
  ]);
}

function generatedRow(title: readonly string[], rounds: number, cases: readonly BargainingCase[]): readonly string[] {
  const scores = cases.map((each) => scoreOf(each, [adaptive, adaptive], { rounds, seeds: 2 }));
  return [
    ...title,
    String(rounds),
    String(cases.length),
    percent(mean(scores.map(({ agreed }) => agreed))),
    percent(mean(scores.map(({ nashShare }) => nashShare))),
    percent(Math.min(...scores.map(({ nashShareMin }) => nashShareMin))),
    mean(scores.map(({ distance }) => distance)).toFixed(4),
  ];
}

function roundRobin(cases: readonly BargainingCase[], seeds: number): void {
  const scores = STRATEGIES.map((own) =>
    STRATEGIES.map((other) => ({ other, games: cases.map((each) => pairing(each, [own, other], seeds)) })),
  );
  console.log(
    `\n## Round robin, ${ROUND_ROBIN_ROUNDS} rounds, ${seeds} seeds in each seat, all domains\n\n` +
      'Own utility at time 0 (the reservation value without agreement) of the row against each column.\n',
  );
  print([
    ['own utility', ...STRATEGIES.map(({ name }) => name), 'mean'],
    ...STRATEGIES.map(({ name }, k) => {
      const cells = (scores[k] ?? []).map(({ games }) => mean(games.map(({ own }) => own)));
      return [name, ...cells.map((u) => u.toFixed(3)), `**${mean(cells).toFixed(3)}**`];
    }),
  ]);
  console.log('\nMeans over all opponents, itself included:\n');
  print([
    ['strategy', 'own utility', 'discounted', 'opponent', 'share of Nash product %', 'agreed %', 'distance to front'],
    ...STRATEGIES.map(({ name }, k) => {
      const games = (scores[k] ?? []).flatMap((row) => row.games);
      const over = (part: (game: Pairing) => number): number => mean(games.map(part));
      return [
        name,
        over(({ own }) => own).toFixed(3),
        over(({ discounted }) => discounted).toFixed(3),
        over(({ opponent }) => opponent).toFixed(3),
        percent(over(({ nashShare }) => nashShare)),
        percent(over(({ agreed }) => agreed)),
        (
          over(({ distance, agreed }) => distance * agreed) /
          Math.max(
            1e-9,
            over(({ agreed }) => agreed),
          )
        ).toFixed(4),
      ];
    }),
  ]);
}

interface Pairing {
  readonly own: number;
  readonly discounted: number;
  readonly opponent: number;
  readonly nashShare: number;
  readonly agreed: number;
  readonly distance: number;
}

/** A strategy in both seats of a domain against another. */
function pairing(
  each: BargainingCase,
  [own, other]: readonly [NegotiationStrategy, NegotiationStrategy],
  seeds: number,
): Pairing {
  const rounds = ROUND_ROBIN_ROUNDS;
  const first = scoreOf(each, [own, other], { rounds, seeds });
  // The other seat: the domain turned round, so that "first" is the own strategy again.
  const turned: BargainingCase = {
    ...each,
    parties: [each.parties[1], each.parties[0]],
    analysis: turnedAnalysis(each),
  };
  const second = scoreOf(turned, [own, other], { rounds, seeds });
  const agreed = (first.agreed + second.agreed) / 2;
  return {
    own: (first.first + second.first) / 2,
    discounted: (first.firstDiscounted + second.firstDiscounted) / 2,
    opponent: (first.second + second.second) / 2,
    nashShare: (first.nashShare + second.nashShare) / 2,
    agreed,
    distance: agreed === 0 ? 0 : (first.distance * first.agreed + second.distance * second.agreed) / (2 * agreed),
  };
}

function turnedAnalysis({ analysis }: BargainingCase): BargainingCase['analysis'] {
  return {
    ...analysis,
    distanceToFront: (utilities) => analysis.distanceToFront(utilities.toReversed()),
    nashShare: (utilities) => analysis.nashShare(utilities?.toReversed() ?? null),
  };
}

function print(table: readonly (readonly string[])[]): void {
  const [headings = [], ...rows] = table;
  console.log(`| ${headings.join(' | ')} |\n|${headings.map((_, k) => (k === 0 ? '---' : '--:')).join('|')}|`);
  for (const row of rows) console.log(`| ${row.join(' | ')} |`);
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}

function options(): { readonly seeds: number; readonly quick: boolean } {
  const { values } = parseArgs({
    options: { seeds: { type: 'string', default: '20' }, quick: { type: 'boolean', default: false } },
  });
  const seeds = Number(values.seeds);
  if (!Number.isSafeInteger(seeds) || seeds < 1 || seeds > 1_000) {
    throw new HaggleError('bad-parameter', `--seeds must be 1 to 1000, got "${values.seeds}"`);
  }
  return { seeds, quick: values.quick };
}

function main(): void {
  const { seeds, quick } = options();
  const cases = anacCases();
  if (cases.length === 0) return;
  console.log(`# Bargaining\n\n\`npm run bench:bargaining -- --seeds ${seeds}${quick ? ' --quick' : ''}\``);
  console.log('\nDomains of ANAC 2010 and 2011, stacked alternating offers; time runs from 0 to 1 at the last round.');
  selfPlay(cases, quick ? Math.min(2, seeds) : seeds);
  generated(quick ? 10 : 50);
  roundRobin(cases, quick ? 1 : 2);
  const { user, system } = process.cpuUsage();
  console.error(`${((user + system) / 1e6).toFixed(0)} CPU seconds`);
}

main();
