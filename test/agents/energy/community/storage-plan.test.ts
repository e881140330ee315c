import test from 'ava';
import * as fc from 'fast-check';
import { netCost, costOfNet, priceOfNet } from '../../../../agents/energy/community/pooled-cost.ts';
import { planStorage } from '../../../../agents/energy/community/storage-plan.ts';

/** The least cost over all plans in whole steps of store, by trying them all. */
function bruteForce(
  net: readonly number[],
  tariff: readonly number[],
  { capacity, power, efficiency }: { capacity: number; power: number; efficiency: number },
): number {
  let best = new Map([[0, 0]]);
  for (const [hour, load] of net.entries()) {
    const next = new Map<number, number>();
    for (const [stored, cost] of best) {
      for (let after = 0; after <= capacity; after++) {
        const change = after - stored;
        const flow = change > 0 ? change / efficiency : change * efficiency;
        if (Math.abs(flow) > power) continue;
        const total = cost + (tariff[hour] ?? 0) * Math.max(0, load + flow);
        if (total < (next.get(after) ?? Infinity)) next.set(after, total);
      }
    }
    best = next;
  }
  return Math.min(...best.values());
}

const hours = fc.integer({ min: 1, max: 7 }).chain((length) =>
  fc.record({
    net: fc.array(fc.integer({ min: -4, max: 4 }), { minLength: length, maxLength: length }),
    tariff: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: length, maxLength: length }),
    capacity: fc.integer({ min: 1, max: 5 }),
    power: fc.integer({ min: 1, max: 5 }),
  }),
);

test('no plan in whole steps costs less, and without losses the plan is as good as the best of them', (t) => {
  fc.assert(
    fc.property(hours, fc.constantFrom(1, 0.9), ({ net, tariff, capacity, power }, efficiency) => {
      const battery = { capacityWh: capacity, powerW: power, efficiency };
      const cost = netCost({ net, tariff, smoothingWh: 0 }, power);
      const { flowWh } = planStorage({ battery, hours: net.length, cost });
      const drawn = net.map((load, hour) => load + (flowWh[hour] ?? 0));
      const planned = costOfNet({ net: drawn, tariff, smoothingWh: 0 });
      const best = bruteForce(net, tariff, { capacity, power, efficiency });
      t.true(planned <= best + 1e-6, `${planned} > ${best}`);
      if (efficiency === 1) t.true(Math.abs(planned - best) < 1e-6);
    }),
    { seed: 20_261_123, numRuns: 300 },
  );
});

test('a plan keeps to the battery: never below empty, above full or beyond its power', (t) => {
  fc.assert(
    fc.property(hours, fc.integer({ min: 0, max: 3 }), ({ net, tariff, capacity, power }, smoothingWh) => {
      const battery = { capacityWh: capacity, powerW: power, efficiency: 0.8 };
      const cost = netCost({ net, tariff, smoothingWh }, power);
      const { flowWh } = planStorage({ battery, hours: net.length, cost });
      let stored = 0;
      for (const flow of flowWh) {
        stored += flow > 0 ? flow * 0.8 : flow / 0.8;
        t.true(stored >= -1e-6 && stored <= capacity + 1e-6 && Math.abs(flow) <= power + 1e-6);
      }
    }),
    { seed: 20_261_124, numRuns: 300 },
  );
});

test('what one more stored Wh is worth is what it saves', (t) => {
  const battery = { capacityWh: 10, powerW: 5, efficiency: 0.9 };
  const net = [1, 8, 8];
  const tariff = [2, 5, 7];
  const costFrom = (storedWh: number): number => {
    const cost = netCost({ net, tariff, smoothingWh: 0 }, 5);
    const { flowWh } = planStorage({ battery, hours: 3, storedWh, cost });
    return costOfNet({ net: net.map((load, hour) => load + (flowWh[hour] ?? 0)), tariff, smoothingWh: 0 });
  };
  // What is missing at the start is bought in the first hour; more than 5 Wh of the last hour cannot be given.
  t.true(Math.abs(costFrom(9) - costFrom(10) - 2 / 0.9) < 1e-9);
  const { value } = planStorage({ battery, hours: 3, cost: netCost({ net, tariff, smoothingWh: 0 }, 5) });
  t.true(Math.abs((value[0] ?? 0) - 5 / 0.9) < 1e-9, 'it need not be bought in the second hour');
  t.is((value[1] ?? 0) + 0, 0, 'there is enough for the last');
});

test('starts with what is stored, and leaves what is worth more at the end', (t) => {
  const battery = { capacityWh: 10, powerW: 10, efficiency: 1 };
  const cost = netCost({ net: [5], tariff: [3], smoothingWh: 0 }, 10);
  t.deepEqual([...planStorage({ battery, hours: 1, storedWh: 4, cost }).flowWh], [-4]);
  t.deepEqual([...planStorage({ battery, hours: 1, storedWh: 4, endValue: 4, cost }).flowWh], [6]);
});

test('a battery without power or room does nothing', (t) => {
  const cost = (powerW: number) => netCost({ net: [5, -5], tariff: [3, 3], smoothingWh: 0 }, powerW);
  for (const battery of [
    { capacityWh: 10, powerW: 0, efficiency: 1 },
    { capacityWh: 0, powerW: 5, efficiency: 1 },
  ]) {
    t.deepEqual([...planStorage({ battery, hours: 2, cost: cost(battery.powerW) }).flowWh], [0, 0]);
  }
});

test('a rounded cost is convex, spans the power, and its price is its slope', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: -50, max: 50 }),
      fc.integer({ min: 0, max: 20 }),
      fc.integer({ min: 1, max: 30 }),
      (base, smoothingWh, power) => {
        let [last, length] = [-Infinity, 0];
        netCost({ net: [base], tariff: [10], smoothingWh }, power)(0, (slope, piece) => {
          t.true(slope >= last);
          const middle = base - power + length + piece / 2;
          t.true(Math.abs(priceOfNet(middle, 10, smoothingWh) - slope) < 1e-9);
          last = slope;
          length += piece;
        });
        t.true(Math.abs(length - 2 * power) < 1e-9);
      },
    ),
    { seed: 20_261_125, numRuns: 300 },
  );
});
