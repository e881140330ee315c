import test from 'ava';
import { decide } from '../../../agent-core/policy/policy.ts';
import { formatPolicyFile, parsePolicyFile } from '../../../agent-core/policy/policy-file.ts';
import { networkPolicy } from '../../../agent-core/policy/network-policy.ts';
import { evaluate, RIDE_NETS } from '../../../scenarios/ride-sharing/training.ts';

test('a city is worth the same to the riders each time, and another where vehicles decide otherwise', async (t) => {
  const { start } = RIDE_NETS.reposition;
  const weights = Float32Array.from(start);
  const once = await evaluate(weights, 8, { role: 'reposition' });
  t.is(await evaluate(weights, 8, { role: 'reposition' }), once);
  t.not(await evaluate(new Float32Array(start.length), 8, { role: 'reposition' }), once);
  t.not(await evaluate(weights, 10, { role: 'reposition' }), once);
  t.true(once < 0);
});

test('kilometres count for their price alone', async (t) => {
  const weights = Float32Array.from(RIDE_NETS.reposition.start);
  const [free = 0, one = 0, two = 0] = await Promise.all(
    [0, 1, 2].map(async (secondsPerKm) => await evaluate(weights, 8, { role: 'reposition', secondsPerKm })),
  );
  t.true(one < free);
  t.true(Math.abs(two - one - (one - free)) < 1e-9);
});

test('the search for a markup starts where vehicles ask their costs', (t) => {
  const policy = networkPolicy(RIDE_NETS.shading.spec(Float32Array.from(RIDE_NETS.shading.start)));
  t.is(decide(policy, [3, 0.7]).action[0], 0);
});

test('its nets are what a policy file holds', (t) => {
  for (const { role, start, spec } of Object.values(RIDE_NETS)) {
    const origin = {
      algorithm: 'evolution',
      command: 'haggle train ride-sharing',
      seeds: [1],
      backend: 'kernel',
      haggle: '0.1.0',
      score: 'none',
    };
    const text = formatPolicyFile({ ...spec(Float32Array.from(start)), role: `ride-sharing/${role}`, origin });
    const read = parsePolicyFile(text, 'start.json');
    t.is(networkPolicy(read).hash, networkPolicy(spec(Float32Array.from(start))).hash);
  }
});

test('refuses a role and a price that there are not', async (t) => {
  const weights = Float32Array.from(RIDE_NETS.reposition.start);
  await t.throwsAsync(evaluate(weights, 8, { role: 'quote' }), { code: 'bad-fitness', message: /got quote/ });
  await t.throwsAsync(evaluate(weights, 8, null), { code: 'bad-fitness', message: /reposition or shading/ });
  await t.throwsAsync(evaluate(weights, 8, { role: 'reposition', secondsPerKm: -1 }), {
    code: 'bad-fitness',
    message: /from 0, got -1/,
  });
  await t.throwsAsync(evaluate(new Float32Array(3), 8, { role: 'reposition' }));
});
