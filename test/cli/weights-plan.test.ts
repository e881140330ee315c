import test from 'ava';
import { formatPolicyFile } from '../../agent-core/policy/policy-file.ts';
import { planOf, type WeightsPlan } from '../../cli/training/plans.ts';
import { trainRole, type RoleTraining } from '../../cli/training/train-role.ts';
import { rideSharing } from '../../scenarios/ride-sharing/scenario.ts';
import { rolePolicies } from '../../scenarios/role-policies.ts';

/** A plan of this role as it is, but for the time that it takes. */
function shortPlan(role: string): WeightsPlan {
  const plan = planOf(role);
  if (plan.kind !== 'weights') throw new Error(`${role} is trained another way`);
  const net = { ...plan.net, population: 2, seedsPerCandidate: 1 };
  return { ...plan, net, evaluation: { episodes: 1, every: 1 } };
}

const TRAINING: RoleTraining = {
  seed: 1,
  source: { type: 'generated', parameters: new Map(), settings: new Map() },
  workers: 0,
  budget: 1,
  command: 'haggle train ride-sharing',
  version: '0.1.0',
};

for (const role of ['reposition', 'shading']) {
  test(`trains ${role} into a policy that its scenario takes, the same each time`, async (t) => {
    const plan = shortPlan(`ride-sharing/${role}`);
    const { policy, curve } = await trainRole(plan, TRAINING);
    t.is(curve.length, 2);
    const text = formatPolicyFile(policy);
    t.deepEqual([...rolePolicies(rideSharing, [{ file: 'trained.json', text }]).keys()], [role]);
    t.is(formatPolicyFile((await trainRole(plan, TRAINING)).policy), text);
  });
}

test('refuses an instance where the training has its own', async (t) => {
  const source = { ...TRAINING.source, settings: new Map([['riderTime', '1']]) };
  await t.throwsAsync(trainRole(shortPlan('ride-sharing/shading'), { ...TRAINING, source }), {
    code: 'bad-parameter',
    message: /leave out --instance, --generate and --set/,
  });
});
