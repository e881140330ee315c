import test from 'ava';
import { evaluate } from '../../../scenarios/evaluate.ts';
import type { InstanceSource } from '../../../scenarios/instance-source.ts';
import { learnedPolicies } from '../../../scenarios/learned-policies.ts';
import { rideSharing } from '../../../scenarios/ride-sharing/scenario.ts';

const city: InstanceSource = {
  type: 'generated',
  parameters: new Map(Object.entries({ requests: '60', vehicles: '6', notice: '0', turns: '1' })),
  settings: new Map(Object.entries({ mode: 'online', renegotiate: 'no' })),
};

test('riders who call at once wait less where vehicles ask by the markup that they learned', async (t) => {
  const policies = learnedPolicies('ride-sharing').filter(({ file }) => file === 'ride-sharing.shading.json');
  t.is(policies.length, 1);
  const { comparisons } = await evaluate(
    rideSharing,
    [
      { name: 'scripted', source: city },
      { name: 'learned', source: { ...city, policies } },
    ],
    { seeds: [1, 2, 3, 4, 5, 6], sign: 'off', kpis: ['meanWait'] },
  );
  const wait = comparisons.find(({ kpi }) => kpi === 'meanWait');
  const { mean = 0, half = Infinity } = wait?.difference ?? {};
  t.true(mean + half < 0, `a difference of ${mean} ± ${half} min`);
});
