import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { HaggleError } from '../../../../agent-core/errors.ts';
import {
  decodeCheckpoint,
  writeCheckpoint,
  type Checkpoint,
  type SavedArrays,
} from '../../../../agent-core/adapters/training/checkpoint.ts';
import { evolve } from '../../../../agent-core/adapters/training/evolve.ts';
import type { Algorithm } from '../../../../agent-core/adapters/training/options.ts';
import type { RunOptions } from '../../../../agent-core/adapters/training/run.ts';
import { train } from '../../../../agent-core/adapters/training/train.ts';
import { fixtureModule, taskModule } from '../../../fixtures/training/trained.ts';

type Training = (checkpoint: RunOptions['checkpoint']) => Promise<unknown>;

const BRIEF = { seed: 1, decisions: 60, evaluation: { episodes: 1, every: 1 } };

function trainingBy(
  algorithm: Algorithm,
  more: { readonly rivals?: { readonly agents: readonly string[] } } = {},
): Training {
  const module = more.rivals === undefined ? taskModule('muddy-grid') : fixtureModule('duel');
  return async (checkpoint) => await train({ ...BRIEF, ...more, module, algorithm, ...(checkpoint && { checkpoint }) });
}

const TRAININGS: Readonly<Record<string, Training>> = {
  ppo: trainingBy({ kind: 'ppo', hidden: [3], decisionsPerUpdate: 30, minibatch: 30 }),
  'ppo with rivals': trainingBy(
    { kind: 'ppo', hidden: [3], decisionsPerUpdate: 30, minibatch: 30 },
    { rivals: { agents: ['right'] } },
  ),
  dqn: trainingBy({ kind: 'dqn', hidden: [3], decisionsPerUpdate: 30, warmUp: 10, minibatch: 10, replay: 40 }),
  evolution: trainingBy({ kind: 'evolution', hidden: [3], episodes: 1, population: 2 }),
  'evolution of a fitness': async (checkpoint) =>
    await evolve({
      module: fixtureModule('hill', { top: [3, -2] }),
      start: [0, 0],
      deviation: 1,
      generations: 3,
      seed: 1,
      evaluation: { episodes: 1 },
      ...(checkpoint && { checkpoint }),
    }),
};

/** What it says where a checkpoint of its own was changed, and hashed anew. */
async function saysOf(
  t: ExecutionContext,
  name: string,
): Promise<(forge: (honest: Checkpoint) => Checkpoint) => Promise<string>> {
  const folder = mkdtempSync(join(tmpdir(), 'haggle-forged-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'training');
  const training = TRAININGS[name] as Training;
  await training({ file, every: 1 });
  const honest = decodeCheckpoint(readFileSync(file), file);
  return async (forge) => {
    writeCheckpoint(file, forge(honest));
    try {
      await training({ file, every: 1, resume: true });
      return 'nothing';
    } catch (error) {
      if (!(error instanceof HaggleError)) return String(error);
      return `${error.code} ${error.message.replace(`${file}: `, 'FILE: ')}`;
    }
  };
}

/** The array with its first number changed. */
function withFirst(values: Float32Array | Float64Array, value: number): Float32Array | Float64Array {
  const changed = values.slice();
  changed[0] = value;
  return changed;
}

function withArray(honest: Checkpoint, name: string, values: Float32Array | Float64Array): Checkpoint {
  return { ...honest, arrays: { ...honest.arrays, [name]: values } };
}

for (const name of Object.keys(TRAININGS)) {
  test.serial(`names the array that was forged, whichever of a checkpoint of ${name} it is`, async (t) => {
    const says = await saysOf(t, name);
    let arrays: SavedArrays = {};
    t.is(await says((honest) => ((arrays = honest.arrays), honest)), 'nothing', 'the honest one is gone on from');
    for (const [array, values] of Object.entries(arrays)) {
      const own = array.replace(/^(method|best)\.((learner|frozen\.\d+)\.)?/, '');
      const saysArray = async (forged: Float32Array | Float64Array): Promise<string> =>
        await says((honest) => withArray(honest, array, forged));
      for (const forged of [
        Float64Array.of(...values, 0),
        Float32Array.of(...values, 0),
        values.slice(1),
        values instanceof Float32Array ? Float64Array.from(values) : Float32Array.from(values),
        ...(values.length === 0 ? [] : [withFirst(values, NaN), withFirst(values, -Infinity)]),
      ]) {
        if (forged.length === values.length && forged.constructor === values.constructor && values.length === 0)
          continue;
        const said = await saysArray(forged);
        t.true(
          said.startsWith('bad-checkpoint FILE: ') && said.includes(own.split('.')[0] ?? own),
          `${array}: ${said}`,
        );
      }
      const { [array]: _, ...rest } = arrays;
      t.regex(await says((honest) => ({ ...honest, arrays: rest })), /^bad-checkpoint FILE: /, `${array} left out`);
    }
    t.is(
      await says((honest) => withArray(honest, 'method.more', Float32Array.of(1))),
      'bad-checkpoint FILE: there is no column method.more in a checkpoint of this training',
    );
  });
}

const COUNTERS: readonly (readonly [training: string, array: string, value: number, says: string])[] = [
  ['evolution', 'method.generation', -1, 'generation[0] must be whole, from 0, is -1'],
  ['evolution', 'method.generation', 0.5, 'generation[0] must be whole, from 0, is 0.5'],
  ['evolution', 'method.deviations', -1, 'deviations[0] must be finite, from 0 to 1000000000000, is -1'],
  ['evolution', 'best.deviations', 0, 'deviations[0] must be finite, from 0.000001, is 0'],
  ['ppo', 'method.learner.inputs.count', -1, 'inputs.count[0] must be whole, from 0, is -1'],
  ['ppo', 'method.learner.policyAdam.decays', 2, 'policyAdam.decays[0] must be finite, from 0 to 1, is 2'],
  ['ppo', 'method.learner.policyAdam.second', -1, 'policyAdam.second[0] must be finite, from 0, is -1'],
  ['dqn', 'method.learner.counts', 0.5, 'counts must be a whole number and one below 1, are 0.5 and '],
  ['dqn', 'method.learner.replay.at', 40, 'replay.at[0] must be whole, from 0 to 39, is 40'],
  ['dqn', 'method.learner.replay.actions', 9, 'replay.actions[0] must be whole, from 0 to 3, is 9'],
  ['dqn', 'method.learner.replay.nextMasks', 2, 'replay.nextMasks[0] must be whole, from 0 to 1, is 2'],
  ['dqn', 'method.learner.replay.discounts', 2, 'replay.discounts[0] must be finite, from 0 to 1, is 2'],
];
for (const training of new Set(COUNTERS.map(([name]) => name))) {
  test.serial(`refuses counters and shares that no checkpoint of ${training} has`, async (t) => {
    const says = await saysOf(t, training);
    for (const [, array, value, words] of COUNTERS.filter(([name]) => name === training)) {
      const said = await says((honest) =>
        withArray(honest, array, withFirst(honest.arrays[array] ?? new Float64Array(), value)),
      );
      t.true(said.startsWith(`bad-checkpoint FILE: ${words}`), said);
    }
  });
}

test.serial('refuses facts that no training has: counters below 0, curves with gaps, other types', async (t) => {
  const says = await saysOf(t, 'evolution of a fitness');
  const point = { update: 0, decisions: 0, episodes: 0, reward: null, score: 1, losses: {} };
  for (const [wrong, words] of [
    [{ stale: -1 }, 'stale: '],
    [{ seconds: -1 }, 'seconds: '],
    [{ seconds: 'long' }, 'seconds: '],
    [{ best: { update: 99, score: 0 } }, 'best.update must be from 0 to 3, is 99'],
    [{ best: { update: 0, score: null } }, 'best.score: '],
    [{ curve: [] }, 'curve: '],
    [{ curve: [{ ...point, decisions: -1 }] }, 'curve.0.decisions: '],
    [{ curve: [{ ...point, losses: { best: 'much' } }] }, 'curve.0.losses.best: '],
    [{ curve: [point, { ...point, update: 2 }] }, 'curve.1 must be update 1 and go on from the one before'],
    [
      {
        curve: [
          { ...point, episodes: 1 },
          { ...point, update: 1 },
        ],
      },
      'curve.1 must be update 1 and go on',
    ],
  ] as const) {
    const said = await says((honest) => ({ ...honest, facts: { ...(honest.facts as object), ...wrong } }));
    t.true(said.startsWith(`bad-checkpoint FILE: ${words}`), said);
    t.false(said.includes('\n'), said);
  }
  t.regex(await says((honest) => ({ ...honest, facts: null })), /^bad-checkpoint FILE: its facts: /);
});
