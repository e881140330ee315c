import test from 'ava';
import * as fc from 'fast-check';
import { decide } from '../../../agent-core/policy/policy.ts';
import { followDemand, REPOSITION_FEATURES } from '../../../agents/ride-sharing/policies/repositioning.ts';
import { markupByLoad } from '../../../agents/ride-sharing/policies/shading.ts';

const follow = followDemand({ horizonRides: 1, perWayRide: 0.75, othersNearer: 0 });

test('an idle vehicle prefers places that save more, are near, and to which nobody else is nearer', (t) => {
  const score = (seen: Readonly<Record<string, number>>): number => {
    const observation = REPOSITION_FEATURES.map(({ name }) => seen[name] ?? 0);
    return decide(follow, observation).action[0] ?? Number.NaN;
  };
  const usual = score({ savingRides: 1.5, wayRides: 1 });
  t.true(usual > 0);
  t.true(score({ savingRides: 2, wayRides: 1 }) > usual);
  t.true(score({ savingRides: 1.5, wayRides: 1.5 }) < usual);
  t.true(score({ savingRides: 1.5, wayRides: 1, othersNearer: 1 }) < 0);
  t.true(score({ savingRides: 0, wayRides: 0.5 }) < 0, 'what saves nothing is no reason to go anywhere');
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
