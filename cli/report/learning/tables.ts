import type { CurvePoint } from '../../../agent-core/adapters/training/run-state.ts';
import { weightsIn, type Layer } from '../../../agent-core/policy/network.ts';
import type { PolicyFile } from '../../../agent-core/policy/policy-file.ts';
import { el, type Markup } from '../markup.ts';
import { counted, decimal } from '../numbers.ts';
import { folded, table } from '../table.ts';
import { measured, type LearningFacts } from './facts.ts';
import { LOSS_WORDS } from './words.ts';

const SEEDS_SHOWN = 12;
const ROWS_MAX = 1_000;
/** More features than these are folded away. */
const FEATURES_MAX = 24;

/** What was trained: how it came to be, what it sees and does, and its net. */
export function trainedSection({ policy }: LearningFacts): Markup {
  const { origin, network } = policy;
  return el(
    'section',
    { class: 'card wide', id: 'trained' },
    el('h2', {}, 'What was trained, and how'),
    el(
      'dl',
      { class: 'origin' },
      [
        ['Way to learn', origin.algorithm],
        ['Backend', origin.backend],
        ['Seeds', seedWords(origin.seeds)],
        ['Score, as the policy file tells it', origin.score],
      ].map(([name = '', value = '']) => [el('dt', {}, name), el('dd', {}, value)]),
      el('dt', {}, 'Command'),
      el('dd', {}, el('code', {}, origin.command)),
    ),
    el('h3', {}, `Net: ${netWords(network.layers)}`),
    table({
      caption: 'Layers of the net',
      head: ['Layer', 'Takes', 'Gives', 'Then', 'Weights'],
      rows: network.layers.map((layer, k) => layerRow(layer, k)),
    }),
    spaces(policy),
  );
}

function seedWords(seeds: readonly number[]): string {
  const shown = seeds.slice(0, SEEDS_SHOWN).join(', ');
  return seeds.length > SEEDS_SHOWN ? `${shown} and ${counted(seeds.length - SEEDS_SHOWN, 'other')}` : shown;
}

function netWords(layers: readonly Layer[]): string {
  const dense = layers.flatMap((layer) => (layer.type === 'dense' ? [layer] : []));
  const widths = [dense[0]?.inputs ?? 0, ...dense.map(({ outputs }) => outputs)].map((width) => decimal(width, 0));
  const weights = layers.reduce((sum, layer) => sum + weightsIn(layer), 0);
  return `${widths.join(' → ')}, ${counted(weights, 'weight')}`;
}

function layerRow(layer: Layer, k: number): readonly string[] {
  const weights = decimal(weightsIn(layer), 0);
  const name = `${k + 1}: ${layer.type === 'dense' ? 'dense' : 'layer normalisation'}`;
  return layer.type === 'dense'
    ? [name, decimal(layer.inputs, 0), decimal(layer.outputs, 0), layer.activation, weights]
    : [name, decimal(layer.size, 0), decimal(layer.size, 0), '–', weights];
}

function spaces({ observes, acts, normaliser }: PolicyFile): readonly Markup[] {
  const seen = {
    caption: 'What the policy observes',
    head: ['Observed', 'Least', 'Greatest', 'Mean, in training', 'Deviation'],
    rows: observes.map(({ name, min, max }, k) => [
      name,
      bound(min),
      bound(max),
      measured(normaliser.means[k] ?? 0),
      measured(normaliser.deviations[k] ?? 1),
    ]),
  };
  const done =
    acts.kind === 'box'
      ? {
          caption: 'What the policy decides',
          head: ['Decided', 'Least', 'Greatest'],
          rows: acts.features.map(({ name, min, max }) => [name, bound(min), bound(max)]),
        }
      : { caption: 'What the policy chooses among', head: ['Choice'], rows: acts.choices.map((name) => [name]) };
  const decided =
    acts.kind === 'box' ? counted(acts.features.length, 'number') : `one of ${counted(acts.choices.length, 'choice')}`;
  return [
    el('h3', {}, `Observes ${counted(observes.length, 'number')}, decides ${decided}`),
    observes.length > FEATURES_MAX ? folded(counted(observes.length, 'number'), seen) : table(seen),
    done.rows.length > FEATURES_MAX ? folded(decided, done) : table(done),
  ];
}

/** A bound of a feature, as it was set. */
function bound(value: number): string {
  return decimal(value, 6);
}

/** Every point of the curve in numbers, folded away; of many, those that were judged. */
export function pointTable({ curve, counts }: LearningFacts): Markup {
  const judged = curve.length > ROWS_MAX ? curve.filter(({ score }) => score !== null) : curve;
  const shown = judged.slice(0, ROWS_MAX);
  const losses = [...new Set(shown.flatMap((point) => Object.keys(point.losses)))];
  const cell = (value: number | null | undefined): string => (typeof value === 'number' ? measured(value) : '–');
  const row = (point: CurvePoint): readonly string[] => [
    decimal(point.update, 0),
    decimal(point.decisions, 0),
    decimal(point.episodes, 0),
    cell(point.score),
    cell(point.reward),
    ...losses.map((name) => cell(point.losses[name])),
  ];
  const part = shown.length < curve.length ? ` of ${decimal(curve.length, 0)}` : '';
  return el(
    'section',
    { class: 'card wide' },
    el('h2', {}, 'All numbers'),
    folded(`${counted(shown.length, 'point')}${part}`, {
      caption: 'Points of the learning curve',
      head: [
        'Update',
        counts === 'runs' ? 'Runs' : 'Decisions',
        'Episodes',
        'Score',
        'Reward',
        ...losses.map((name) => LOSS_WORDS[name]?.words ?? name),
      ],
      rows: shown.map(row),
    }),
  );
}
