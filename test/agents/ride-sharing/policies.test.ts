import test from 'ava';
import * as fc from 'fast-check';
import { decide } from '../../../agent-core/policy/policy.ts';
import { followDemand } from '../../../agents/ride-sharing/policies/repositioning.ts';
import { markupByLoad } from '../../../agents/ride-sharing/policies/shading.ts';

const follow = followDemand({ leastShare: 0.1, memorySeconds: 1_800, perWaySecond: 0.001 });

test('an idle vehicle prefers places with more calls, later ones, and those that are near', (t) => {
  const score = (observation: readonly number[]): number => decide(follow, observation).action[0] ?? Number.NaN;
  const usual = score([8, 60, 120, 20]);
  t.true(usual > 0);
  t.true(score([10, 60, 120, 20]) > usual);
  t.true(score([8, 600, 120, 20]) < usual);
  t.true(score([8, 60, 240, 20]) < usual);
  t.true(score([2, 0, 0, 20]) <= 0, 'a tenth of the calls is no reason to go anywhere');
});

test('a vehicle asks for more the busier it is and the more it wins, never less than its costs nor more than twice them', (t) => {
  const policy = markupByLoad({ perTrip: 0.2, perWin: 0.3 });
  fc.assert(
    fc.property(
      fc.double({ min: -1, max: 20, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (trips, won) => {
        const markup = decide(policy, [trips, won]).action[0] ?? Number.NaN;
        const busier = decide(policy, [trips + 1, won]).action[0] ?? Number.NaN;
        t.true(markup >= 0 && markup <= busier && busier <= 1);
      },
    ),
  );
  t.is(decide(markupByLoad({ perTrip: 0, perWin: 0 }), [3, 1]).action[0], 0);
});
