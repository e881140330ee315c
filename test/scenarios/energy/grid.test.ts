import test from 'ava';
import { AssertionError } from '../../../agent-core/errors.ts';
import {
  angleLimitsRad,
  ANGLE_PAD_RAD,
  flowInterval,
  flowsMw,
  generatorCostPerHour,
  perUnit,
  seriesSusceptancePu,
} from '../../../scenarios/energy/grid.ts';
import { islands } from '../../../scenarios/energy/islands.ts';
import { changed, threeBuses } from './three-buses.ts';

test('refuses a branch without impedance', (t) => {
  t.throws(() => seriesSusceptancePu(0, 0), { code: 'bad-grid' });
  t.is(seriesSusceptancePu(0.1, 0), 0);
  t.is(seriesSusceptancePu(0, -0.5), -2);
});

test('keeps angle limits below 90° and puts 1.0472 rad for the others', (t) => {
  t.deepEqual(angleLimitsRad({ minDegrees: -45, maxDegrees: 0 }), {
    angleMinRad: -Math.PI / 4,
    angleMaxRad: 0,
  });
  t.deepEqual(angleLimitsRad({ minDegrees: -90, maxDegrees: 360 }), {
    angleMinRad: -ANGLE_PAD_RAD,
    angleMaxRad: ANGLE_PAD_RAD,
  });
});

test('joins rate and angle limits into one interval of flow, also for a negative susceptance', (t) => {
  const grid = changed(threeBuses(), { angleMinRad: 0.01 });
  const [line] = grid.branches;
  if (line === undefined) throw new AssertionError('three buses have generators and lines');
  t.deepEqual(flowInterval(grid, { ...line, susceptancePu: 10 }), { lowPu: 0.1, highPu: 0.4 });
  const reversed = flowInterval(grid, { ...line, susceptancePu: -10 });
  t.deepEqual(reversed, { lowPu: -0.4, highPu: -0.1 });
  t.deepEqual(flowInterval(grid, { ...line, active: false }), { lowPu: 0, highPu: 0 });
  t.deepEqual(flowInterval(grid, { ...line, susceptancePu: 0 }), { lowPu: 0, highPu: 0 });
});

test('gives agents costs that mean the same in pu', (t) => {
  const grid = changed(threeBuses(), { generators: [{ c2: 0.02, c1: 10, c0: 7 }, { active: false }] });
  const view = perUnit(grid);
  t.is(view.generators.length, 1);
  const [unit] = view.generators;
  const [generator] = grid.generators;
  if (unit === undefined || generator === undefined) throw new AssertionError('three buses have generators and lines');
  t.is(unit.quadratic * 0.25 + unit.linear * 0.5 + unit.constant, generatorCostPerHour(generator, 50));
  t.deepEqual([unit.minPu, unit.maxPu], [0, 4]);
  t.deepEqual(view.loadPu, [0, 1, 0]);
  t.deepEqual(
    view.branches.map((branch) => [branch.lowPu, branch.highPu]),
    [
      [-0.4, 0.4],
      [-3, 3],
      [-3, 3],
    ],
  );
});

test('flows run down the angles, and inactive lines carry nothing', (t) => {
  t.deepEqual(flowsMw(threeBuses(), [0, -0.04, -0.02]).map(Math.round), [40, 20, 20]);
  t.deepEqual(flowsMw(changed(threeBuses(), { branchActive: false }), [0, -1, 1]), [0, 0, 0]);
});

test('gives each island the bus of type 3 as its reference, else its first', (t) => {
  t.deepEqual(islands(threeBuses()), [{ busRows: [0, 1, 2], referenceRow: 0 }]);
  t.deepEqual(
    islands(changed(threeBuses(), { branchActive: false })).map((island) => island.referenceRow),
    [0, 1, 2],
  );
  const moved = threeBuses().buses.map((bus) => ({
    ...bus,
    kind: bus.row === 2 ? ('reference' as const) : ('load' as const),
  }));
  t.is(islands({ ...threeBuses(), buses: moved })[0]?.referenceRow, 2);
});
