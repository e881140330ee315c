// From an environment to a policy file and the agent's question to it; then a rule whose numbers are searched for.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkEnv, decide, policyOf, trainedNetwork } from 'haggle';
import { evolve, readPolicyFile, train, writePolicyFile } from 'haggle/adapters';
import { createEnv } from './training/kiosk-env.ts';

console.log('wrong with the environment:', checkEnv(createEnv()).findings);

const { anatomy, best, curve, backend } = await train({
  module: { url: new URL('./training/kiosk-env.js', import.meta.url).href, options: {} },
  algorithm: { kind: 'evolution', hidden: [] },
  seed: 1,
  decisions: 20_000,
});
console.log(`an episode brings ${best.score.toFixed(0)}, and brought ${curve[0]?.score?.toFixed(0)}`);

const folder = mkdtempSync(join(tmpdir(), 'kiosk-'));
const file = join(folder, 'kiosk.json');
writePolicyFile(file, {
  name: 'kiosk',
  role: 'kiosk/order',
  ...trainedNetwork(anatomy, best.snapshot),
  origin: {
    algorithm: 'evolution',
    backend,
    command: 'node dist/examples/07-training.js',
    seeds: [1],
    haggle: '0.1.0',
    score: `${best.score.toFixed(0)} an episode`,
  },
});

const policy = policyOf(readPolicyFile(file));
const [order = 0] = decide(policy, [50]).action;
console.log(`where 50 are usual, ${policy.name} orders ${order.toFixed(0)}`);
rmSync(folder, { recursive: true });

const rule = await evolve({
  module: { url: new URL('./training/kiosk-rule.js', import.meta.url).href, options: {} },
  start: [0, 1],
  deviation: 0.5,
  generations: 40,
  seed: 1,
});
const [base = 0, share = 0] = rule.best.weights;
console.log(
  `as a rule: ${base.toFixed(0)} + ${share.toFixed(2)} times what is usual, which brings ${rule.best.score.toFixed(0)}`,
);
