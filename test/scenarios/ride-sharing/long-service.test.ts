import test from 'ava';
import { parseDialARide } from '../../../scenarios/ride-sharing/dial-a-ride.ts';
import { DEFAULT_OPTIONS } from '../../../scenarios/ride-sharing/options.ts';
import { rideSharing } from '../../../scenarios/ride-sharing/scenario.ts';
import { simulate } from '../../../scenarios/simulate.ts';

test('a rider is served whose alighting takes longer than an hour', async (t) => {
  const text = `1 1 480 3 60
0 0 0 0 0 0 480
1 5 0 1 1 10 60
2 9 0 90 -1 0 65
`;
  for (const mode of ['static', 'online'] as const) {
    const problem = { instance: parseDialARide(text, 'long.txt'), options: { ...DEFAULT_OPTIONS, mode } };
    const { result, agents } = await simulate(rideSharing, problem, { seed: 1, sign: 'off' });
    t.deepEqual(agents.solution.unserved, []);
    t.true(result.feasible);
  }
});
