import test from 'ava';
import type { CurvePoint } from '../../../agent-core/adapters/training/run-state.ts';
import type { PolicyFile } from '../../../agent-core/policy/policy-file.ts';
import { box, discrete } from '../../../agent-core/policy/space.ts';
import { learningReport } from '../../../cli/report/learning.ts';
import { occurrences } from './simulated.ts';

const HOSTILE = `<img src=x onerror="alert(1)">'&</title></script><script>alert(2)</script>`;

/** Two numbers seen, one decided. */
function policy(changes: Partial<PolicyFile> = {}): PolicyFile {
  return {
    name: 'energy-home',
    role: 'energy/home',
    observes: [
      { name: 'load', min: 0, max: 10 },
      { name: 'sun', min: -1, max: 5 },
    ],
    acts: box([{ name: 'value', min: 0, max: 1.2 }]),
    normaliser: { means: [2.5, 1], deviations: [0.5, 2], clip: 5 },
    network: {
      layers: [
        {
          type: 'dense',
          inputs: 2,
          outputs: 3,
          activation: 'tanh',
          kernel: new Float32Array(6),
          bias: new Float32Array(3),
        },
        { type: 'layer-norm', size: 3, epsilon: 1e-5, gamma: new Float32Array(3), beta: new Float32Array(3) },
        {
          type: 'dense',
          inputs: 3,
          outputs: 1,
          activation: 'linear',
          kernel: new Float32Array(3),
          bias: new Float32Array(1),
        },
      ],
    },
    origin: {
      algorithm: 'ppo',
      command: 'haggle train energy --role home --seed 7',
      seeds: [7],
      backend: 'wasm',
      haggle: '1.2.3',
      score: 'score 4 in 8 episodes',
    },
    ...changes,
  };
}

function point(update: number, changes: Partial<CurvePoint> = {}): CurvePoint {
  return {
    update,
    decisions: 1_000 * update,
    episodes: 2 * update,
    reward: update === 0 ? null : -update,
    score: null,
    losses: {},
    ...changes,
  };
}

/** Begins at 1, is best with 4 at update 3, and ends with 3.5. */
function course(): readonly CurvePoint[] {
  const losses = (update: number) => ({ policy: -0.01 * update, entropy: 1 / update, divergence: 2e-5 });
  return [
    point(0, { score: 1 }),
    point(1, { losses: losses(1) }),
    point(2, { score: 4, losses: losses(2) }),
    point(3, { score: 4, losses: losses(3) }),
    point(4, { score: 3.5, losses: losses(4) }),
  ];
}

function pageOf(curve = course(), changes: Partial<Parameters<typeof learningReport>[0]> = {}): string {
  return learningReport({ policy: policy(), curve, stopped: 'budget', seconds: 8, ...changes });
}

test('the page loads nothing, runs nothing, has no broken number and unique ids', (t) => {
  const page = pageOf();
  t.true(page.includes(`content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;"`));
  t.notRegex(page, /<(?:script|link|iframe|img|object|base|form)|https?:|url\(|@import|\bon\w+="|javascript:/);
  t.notRegex(page, /NaN|Infinity|undefined|\[object|null[,\]]/);
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  t.is(new Set(ids).size, ids.length);
});

test('the verdict says from which score to which, which policy is kept, why it ended, and how fast it was', (t) => {
  const page = pageOf();
  t.true(page.includes('✓ Learnt'));
  t.true(page.includes('the score rose from 1.000 to 4.000 in 4,000 decisions.'));
  t.true(page.includes('Kept is the policy of update 3, the best; the last, of update 4, scores 3.500.'));
  t.true(page.includes('It ended when it had learnt from as much as it was to.'));
  t.true(page.includes('It took 8 s, 500 decisions a second, judging included; 8 episodes in all.'));
});

for (const [stopped, words] of [
  ['score', 'It ended when it reached the score that it was to reach.'],
  ['patience', 'It ended as no judging found it better for a while.'],
  ['signal', 'It was stopped before its end.'],
  ['<b>', 'It ended: &lt;b&gt;.'],
] as const) {
  test(`a training that ended by ${stopped} says so`, (t) => {
    t.true(pageOf(course(), { stopped }).includes(words));
  });
}

test('a training that never did better than at its start is not praised', (t) => {
  const page = pageOf([point(0, { score: 2 }), point(1, { score: 1 })]);
  t.true(page.includes('✗ Learnt nothing that shows'));
  t.true(page.includes('No update scored better than the start, 2.000, in 1,000 decisions.'));
});

test('a training of one point has a page', (t) => {
  const page = pageOf([point(0, { score: -3 })], { seconds: 0 });
  t.true(page.includes('✗ Not trained'));
  t.true(page.includes('The policy scores −3.000; it has learnt from nothing.'));
  t.notRegex(page, /NaN|Infinity|undefined/);
});

test('a training that was never judged, or has no point at all, has a page', (t) => {
  for (const curve of [[point(0), point(1)], []]) {
    const page = pageOf(curve);
    t.true(page.includes('✗ Not judged'));
    t.notRegex(page, /NaN|Infinity|undefined/);
  }
});

test('every number that updates say of themselves has a chart, by name where the name is known', (t) => {
  const page = pageOf();
  for (const words of ['Policy loss', 'Entropy of decisions', 'KL divergence of an update']) {
    t.is(occurrences(page, `>${words}</text>`), 1, words);
  }
  t.true(page.includes('From −0.01 at first to −0.04 in the end, least −0.04, greatest −0.01.'));
  const other = pageOf([point(0, { score: 1 }), point(1, { losses: { surprise: 3 } })]);
  t.is(occurrences(other, '>surprise</text>'), 1);
});

test('without losses there is no chart of them', (t) => {
  t.false(pageOf([point(0, { score: 1 }), point(1, { score: 2 })]).includes('What updates said of themselves'));
});

test('what is not finite is not drawn', (t) => {
  const page = pageOf([
    point(0, { score: 1 }),
    point(1, { reward: Number.NaN, losses: { value: Infinity } }),
    point(2, { score: 2, reward: -Infinity, losses: { value: 0.5 } }),
  ]);
  t.notRegex(page, /NaN|Infinity/);
});

test('rewards far from all others leave the chart, and the page says how far they go', (t) => {
  const curve = Array.from({ length: 101 }, (_, k) =>
    point(k, { score: k / 100, reward: k === 1 ? -90_000 : k / 100 }),
  );
  t.true(pageOf(curve).includes('A few rewards are beyond the chart; the least is −90,000, the greatest 1.000.'));
});

test('a long training is drawn by means of neighbours, and stays small', (t) => {
  const curve = Array.from({ length: 20_001 }, (_, k) =>
    point(k, { score: k % 10 === 0 ? k : null, losses: { loss: k } }),
  );
  const page = pageOf(curve);
  t.true(Buffer.byteLength(page) < 400_000);
  t.true(page.includes('1,000 points of 20,001'));
});

test('an evolution by whole runs counts runs, not decisions', (t) => {
  const page = pageOf(course(), { counts: 'runs' });
  t.true(page.includes('in 4,000 runs.'));
  t.true(page.includes('>Runs learnt from</text>'));
  t.notRegex(page, /[Dd]ecisions learnt from/);
});

test('what was trained stands there: spaces, net, seeds, backend and command', (t) => {
  const page = pageOf();
  t.true(page.includes('Net: 2 → 3 → 1, 19 weights'));
  t.true(page.includes('Observes 2 numbers, decides 1 number'));
  t.regex(page, /sun<\/th><td>−1<\/td><td>5<\/td><td>1\.000<\/td><td>2\.000<\/td>/);
  t.regex(page, /value<\/th><td>0<\/td><td>1\.2<\/td>/);
  t.regex(page, /2: layer normalisation<\/th><td>3<\/td><td>3<\/td><td>–<\/td><td>6<\/td>/);
  t.true(page.includes('<code>haggle train energy --role home --seed 7</code>'));
  t.true(page.includes('<dd>wasm</dd>'));
  t.regex(page, /Hash <b>[0-9a-f]{32,}<\/b>/);
});

test('choices stand by name, and of many seeds some', (t) => {
  const base = policy();
  const page = pageOf(course(), {
    policy: policy({
      acts: discrete(['wait']),
      origin: { ...base.origin, seeds: Array.from({ length: 30 }, (_, k) => k) },
    }),
  });
  t.true(page.includes('decides one of 1 choice'));
  t.regex(page, /<th scope="row" class="text">wait<\/th>/);
  t.true(page.includes('0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 18 others'));
});

test('hostile texts stay text everywhere', (t) => {
  const { origin } = policy();
  const page = pageOf([point(0, { score: 1 }), point(1, { score: 2, losses: { [HOSTILE]: 1 } })], {
    stopped: HOSTILE,
    policy: policy({
      name: HOSTILE,
      role: HOSTILE,
      observes: [
        { name: HOSTILE, min: 0, max: 1 },
        { name: `${HOSTILE}2`, min: 0, max: 1 },
      ],
      acts: box([{ name: HOSTILE, min: 0, max: 1 }]),
      origin: { ...origin, algorithm: HOSTILE, command: HOSTILE, backend: HOSTILE, haggle: HOSTILE, score: HOSTILE },
    }),
  });
  t.false(page.includes('<img'));
  t.false(page.includes('<script'));
});
