/** Changes of a grid that make new instances out of known ones. Pure: each gives a new grid and leaves the old one. */
import type { RandomStream } from '../agent-core/random.ts';
import {
  seriesSusceptancePu,
  type Grid,
  type GridBranch,
  type GridBus,
  type GridGenerator,
} from '../scenarios/energy/grid.ts';
import { islands } from '../scenarios/energy/islands.ts';

type Chance = Pick<RandomStream, 'uniform' | 'between' | 'integer'>;

const RAD_PER_DEGREE = Math.PI / 180;

/** All demands times `factor`. */
export function scaledLoad(grid: Grid, factor: number): Grid {
  const buses = grid.buses.map((bus) => ({ ...bus, demandMw: bus.demandMw * factor, shuntMw: bus.shuntMw * factor }));
  return renamed({ ...grid, buses }, `load x${factor}`);
}

/** All costs times `factor`. */
export function scaledCosts(grid: Grid, factor: number): Grid {
  return renamed(
    withGenerators(grid, ({ c2, c1, c0 }) => ({ c2: c2 * factor, c1: c1 * factor, c0: c0 * factor })),
    `cost x${factor}`,
  );
}

/** All line limits times `factor`. */
export function scaledLimits(grid: Grid, factor: number): Grid {
  return renamed(
    withBranches(grid, ({ limitMw }) => ({ limitMw: limitMw * factor })),
    `limits x${factor}`,
  );
}

/** The `count` most loaded lines limited to `factor` of the flow they carry in `flowMw`. */
export function tightened(
  grid: Grid,
  { flowMw, count, factor }: { readonly flowMw: readonly number[]; readonly count: number; readonly factor: number },
): Grid {
  const loaded = grid.branches
    .filter(({ active, row }) => active && Math.abs(flowMw[row] ?? 0) > 0.2 * grid.baseMva * 0.1)
    .toSorted((a, b) => Math.abs(flowMw[b.row] ?? 0) - Math.abs(flowMw[a.row] ?? 0));
  const chosen = new Set(loaded.slice(0, count).map(({ row }) => row));
  return renamed(
    withBranches(grid, ({ row, limitMw }) =>
      chosen.has(row) ? { limitMw: Math.min(limitMw, factor * Math.abs(flowMw[row] ?? 0)) } : {},
    ),
    `${count} lines at ${factor} of their flow`,
  );
}

/** All angle differences within ±`degrees`. */
export function narrowedAngles(grid: Grid, degrees: number): Grid {
  const most = degrees * RAD_PER_DEGREE;
  return renamed(
    withBranches(grid, ({ angleMinRad, angleMaxRad }) => ({
      angleMinRad: Math.max(angleMinRad, -most),
      angleMaxRad: Math.min(angleMaxRad, most),
    })),
    `angles within ${degrees}°`,
  );
}

/** Every `step`-th line that carries power must carry nearly as much, by its angle limit: no flow of 0 is allowed there. */
export function forcedFlows(grid: Grid, thetaRad: readonly number[], step: number): Grid {
  return renamed(
    withBranches(grid, ({ row, fromRow, toRow, angleMinRad, angleMaxRad }) => {
      const difference = (thetaRad[fromRow] ?? 0) - (thetaRad[toRow] ?? 0);
      if (row % step !== 0 || Math.abs(difference) < 1e-3) return {};
      return difference > 0
        ? { angleMinRad: Math.max(angleMinRad, 0.9 * difference) }
        : { angleMaxRad: Math.min(angleMaxRad, 0.9 * difference) };
    }),
    'forced flows',
  );
}

/** `count` lines out of service that do not split the grid. */
export function lineOutages(grid: Grid, count: number, chance: Chance): Grid {
  let result = grid;
  const whole = islands(grid).length;
  for (let tries = 0, out = 0; out < count && tries < 20 * count; tries++) {
    const without = withoutBranch(result, chance.integer(0, grid.branches.length - 1));
    if (islands(without).length > whole) continue;
    result = without;
    out++;
  }
  return renamed(result, `${count} lines out`);
}

/** `count` generators out of service. */
export function generatorOutages(grid: Grid, count: number, chance: Chance): Grid {
  const out = new Set<number>();
  const most = Math.min(count, grid.generators.length - 1);
  while (out.size < most) out.add(chance.integer(0, grid.generators.length - 1));
  return renamed(
    withGenerators(grid, ({ row }) => (out.has(row) ? { inService: false, active: false } : {})),
    `${most} generators out`,
  );
}

/** Every third load bus may also give up a part of its load for a price: a generator with negative minimum. */
export function withDispatchableLoads(grid: Grid, chance: Chance): Grid {
  const price = grid.generators.reduce((most, { c1 }) => Math.max(most, c1), 1);
  const loads = grid.buses.filter(({ demandMw, isolated, row }) => demandMw > 0 && !isolated && row % 3 === 0);
  const added = loads.map((bus, index): GridGenerator => {
    const c1 = price * chance.between(0.3, 1.5);
    return {
      row: grid.generators.length + index,
      busRow: bus.row,
      minMw: -bus.demandMw * chance.between(0.2, 0.6),
      maxMw: 0,
      c2: chance.uniform() < 0.5 ? 0 : (0.1 * c1) / bus.demandMw,
      c1,
      c0: 0,
      inService: true,
      active: true,
    };
  });
  return renamed({ ...grid, generators: [...grid.generators, ...added] }, 'dispatchable loads');
}

/** A share of the generators, 1 for all, costs nothing. */
export function zeroCosts(grid: Grid, share: number, chance: Chance): Grid {
  return renamed(
    withGenerators(grid, () => (share >= 1 || chance.uniform() < share ? { c2: 0, c1: 0, c0: 0 } : {})),
    `${100 * share} % at no cost`,
  );
}

/** Every generator has a quadratic cost. */
export function quadraticOnly(grid: Grid, chance: Chance): Grid {
  return renamed(
    withGenerators(grid, ({ c1, minMw, maxMw }) => ({
      c1: c1 * 0.8,
      c2: ((Math.abs(c1) + 1) * chance.between(0.1, 0.6)) / Math.max(1, maxMw - minMw),
    })),
    'quadratic only',
  );
}

/** All generators fixed at `pgMw`. */
export function fixedGenerators(grid: Grid, pgMw: readonly number[]): Grid {
  return renamed(
    withGenerators(grid, ({ row, active }) => (active ? { minMw: pgMw[row] ?? 0, maxMw: pgMw[row] ?? 0 } : {})),
    'all generators fixed',
  );
}

/** A share of the lines becomes two: half of them alike, half of them as unlike as a cable beside an overhead line. */
export function withParallelLines(grid: Grid, share: number, chance: Chance): Grid {
  const doubled = grid.branches.filter(() => chance.uniform() < share);
  const added = doubled.map((branch, index): GridBranch => {
    const factor = index % 2 === 0 ? 1 : chance.between(0.05, 5);
    return { ...reactanceTimes(branch, factor), row: grid.branches.length + index };
  });
  return renamed({ ...grid, branches: [...grid.branches, ...added] }, `${100 * share} % of lines doubled`);
}

/** A share of the lines gets a reactance `factor` times what it was; -1 makes series capacitors of them. */
export function scaledReactances(
  grid: Grid,
  { share, factor }: { readonly share: number; readonly factor: number },
  chance: Chance,
): Grid {
  const branches = grid.branches.map((branch) => (chance.uniform() < share ? reactanceTimes(branch, factor) : branch));
  return renamed({ ...grid, branches }, `${100 * share} % of reactances x${factor}`);
}

/** Grids side by side, each pair joined by `ties` random lines; 0 leaves them islands. */
export function glued(grids: readonly Grid[], ties: number, chance: Chance): Grid {
  const baseMva = grids[0]?.baseMva ?? 100;
  const buses: GridBus[] = [];
  const generators: GridGenerator[] = [];
  const branches: GridBranch[] = [];
  const starts: number[] = [];
  for (const grid of grids) {
    const start = buses.length;
    starts.push(start);
    // Another base rescales susceptances; MW stay as they are.
    const ratio = grid.baseMva / baseMva;
    for (const bus of grid.buses) buses.push({ ...bus, row: buses.length, id: buses.length + 1 });
    for (const unit of grid.generators)
      generators.push({ ...unit, row: generators.length, busRow: unit.busRow + start });
    for (const line of grid.branches) {
      const { fromRow, toRow } = line;
      const moved = { ...line, row: branches.length, fromRow: fromRow + start, toRow: toRow + start };
      branches.push({ ...moved, susceptancePu: line.susceptancePu * ratio });
    }
  }
  for (const [a, from] of grids.entries()) {
    for (const [b, to] of grids.entries()) {
      if (a >= b) continue;
      for (let tie = 0; tie < ties; tie++) {
        const fromRow = (starts[a] ?? 0) + chance.integer(0, from.buses.length - 1);
        const toRow = (starts[b] ?? 0) + chance.integer(0, to.buses.length - 1);
        branches.push(tieLine({ row: branches.length, fromRow, toRow }, chance));
      }
    }
  }
  const name = grids.map((grid) => grid.name.replace('pglib_opf_', '')).join(' + ');
  return { name: `${name}, ${ties} ties`, baseMva, buses, generators, branches: branches.map(deactivated(buses)) };
}

/** `count` random lines more, between any two buses: what makes borders of subtrees wide. */
export function meshed(grid: Grid, count: number, chance: Chance): Grid {
  const last = grid.buses.length - 1;
  const added: GridBranch[] = [];
  while (added.length < count) {
    const [fromRow, toRow] = [chance.integer(0, last), chance.integer(0, last)];
    if (fromRow === toRow) continue;
    const row = grid.branches.length + added.length;
    added.push({ ...tieLine({ row, fromRow, toRow }, chance), limitMw: Infinity });
  }
  const branches = [...grid.branches, ...added].map(deactivated(grid.buses));
  return renamed({ ...grid, branches }, `${count} lines more`);
}

/** `count` buses that hang on one line only become isolated, with all that is on them. */
export function isolatedLeaves(grid: Grid, count: number): Grid {
  const degree = grid.buses.map(() => 0);
  for (const { fromRow, toRow, active } of grid.branches) {
    if (!active) continue;
    degree[fromRow] = (degree[fromRow] ?? 0) + 1;
    degree[toRow] = (degree[toRow] ?? 0) + 1;
  }
  const chosen = new Set(
    grid.buses
      .filter(({ row, kind }) => degree[row] === 1 && kind !== 'reference')
      .slice(0, count)
      .map(({ row }) => row),
  );
  const buses = grid.buses.map((bus): GridBus =>
    chosen.has(bus.row) ? { ...bus, kind: 'isolated', isolated: true } : bus,
  );
  const generators = grid.generators.map((unit) => (chosen.has(unit.busRow) ? { ...unit, active: false } : unit));
  const branches = grid.branches.map(deactivated(buses));
  return renamed({ ...grid, buses, generators, branches }, `${chosen.size} leaves isolated`);
}

/** A grid of one bus: a generator and its load. */
export function singleBus(demandMw: number, maxMw: number): Grid {
  return {
    name: `one bus, ${demandMw} of ${maxMw} MW`,
    baseMva: 100,
    buses: [{ row: 0, id: 1, kind: 'reference', isolated: false, demandMw, shuntMw: 0 }],
    generators: [
      { row: 0, busRow: 0, minMw: 0, maxMw, c2: 0.01, c1: 20, c0: 5, inService: true, active: true },
      { row: 1, busRow: 0, minMw: 0, maxMw: maxMw / 2, c2: 0, c1: 25, c0: 0, inService: true, active: true },
    ],
    branches: [],
  };
}

/** Two hubs, each joined to every one of `spokes` buses and to nothing else: the subtree of the second hub borders on all spokes. */
export function doubleStar(spokes: number, chance: Chance): Grid {
  const hub = singleBus(0, 10 * spokes);
  const buses = Array.from({ length: spokes + 2 }, (_, row): GridBus => {
    const kind = row === 0 ? 'reference' : 'load';
    return { row, id: row + 1, kind, isolated: false, demandMw: row < 2 ? 0 : chance.integer(2, 9), shuntMw: 0 };
  });
  const generators = hub.generators.map((unit) => ({ ...unit, busRow: unit.row }));
  const branches = Array.from({ length: 2 * spokes }, (_, row) => {
    const ends = { row, fromRow: row % 2, toRow: 2 + Math.floor(row / 2) };
    return tieLine(ends, chance);
  });
  return { name: `two hubs, ${spokes} spokes`, baseMva: 100, buses, generators, branches };
}

function renamed(grid: Grid, what: string): Grid {
  return { ...grid, name: `${grid.name.replace('pglib_opf_', '')} | ${what}` };
}

function withGenerators(grid: Grid, change: (unit: GridGenerator) => Partial<GridGenerator>): Grid {
  return { ...grid, generators: grid.generators.map((unit) => ({ ...unit, ...change(unit) })) };
}

function withBranches(grid: Grid, change: (branch: GridBranch) => Partial<GridBranch>): Grid {
  return { ...grid, branches: grid.branches.map((branch) => ({ ...branch, ...change(branch) })) };
}

function withoutBranch(grid: Grid, row: number): Grid {
  return withBranches(grid, (branch) => (branch.row === row ? { inService: false, active: false } : {}));
}

function reactanceTimes(branch: GridBranch, factor: number): GridBranch {
  const reactancePu = branch.reactancePu * factor;
  const resistancePu = branch.resistancePu * Math.abs(factor);
  return { ...branch, reactancePu, resistancePu, susceptancePu: seriesSusceptancePu(resistancePu, reactancePu) };
}

function tieLine(ends: Pick<GridBranch, 'row' | 'fromRow' | 'toRow'>, chance: Chance): GridBranch {
  const reactancePu = 1 / chance.between(5, 25);
  return {
    ...ends,
    resistancePu: 0,
    reactancePu,
    susceptancePu: seriesSusceptancePu(0, reactancePu),
    limitMw: chance.between(30, 230),
    angleMinRad: -30 * RAD_PER_DEGREE,
    angleMaxRad: 30 * RAD_PER_DEGREE,
    inService: true,
    active: true,
  };
}

function deactivated(buses: readonly GridBus[]): (branch: GridBranch) => GridBranch {
  return (branch) =>
    buses[branch.fromRow]?.isolated === true || buses[branch.toRow]?.isolated === true
      ? { ...branch, active: false }
      : branch;
}
