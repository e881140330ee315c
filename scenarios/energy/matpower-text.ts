import { ANGLE_PAD_RAD, type BusKind, type Grid, type GridBranch } from './grid.ts';

const TYPE_OF: Readonly<Record<BusKind, number>> = { load: 1, generator: 2, reference: 3, isolated: 4 };

/**
 * The grid as a MATPOWER case file, format version 2. `parseMatpower(toMatpower(grid))` gives the same grid, number for number,
 * positions included. What the model does not know (voltages, reactive power, taps, charging) is written as neutral values.
 */
export function toMatpower(grid: Grid): string {
  return [
    `function mpc = ${/^[A-Za-z_][A-Za-z0-9_.]*$/.test(grid.name) ? grid.name : 'unnamed'}`,
    `mpc.version = '2';`,
    `mpc.baseMVA = ${grid.baseMva};`,
    '',
    '%	bus_i	type	Pd	Qd	Gs	Bs	area	Vm	Va	baseKV	zone	Vmax	Vmin',
    matrix('bus', busRows(grid)),
    '%	bus	Pg	Qg	Qmax	Qmin	Vg	mBase	status	Pmax	Pmin',
    matrix('gen', generatorRows(grid)),
    '%	2	startup	shutdown	n	c2	c1	c0',
    matrix(
      'gencost',
      grid.generators.map(({ c2, c1, c0 }) => [2, 0, 0, 3, c2, c1, c0]),
    ),
    '%	fbus	tbus	r	x	b	rateA	rateB	rateC	ratio	angle	status	angmin	angmax',
    matrix('branch', branchRows(grid)),
    ...positions(grid),
  ].join('\n');
}

function matrix(name: string, rows: readonly (readonly number[])[]): string {
  return [`mpc.${name} = [`, ...rows.map((row) => `\t${row.join('\t')};`), '];', ''].join('\n');
}

function busRows(grid: Grid): readonly (readonly number[])[] {
  return grid.buses.map((bus) => [
    bus.id,
    TYPE_OF[bus.kind],
    bus.demandMw,
    0,
    bus.shuntMw,
    0,
    1,
    1,
    0,
    230,
    1,
    1.1,
    0.9,
  ]);
}

function generatorRows(grid: Grid): readonly (readonly number[])[] {
  return grid.generators.map((generator) => [
    idOf(grid, generator.busRow),
    0,
    0,
    0,
    0,
    1,
    grid.baseMva,
    generator.inService ? 1 : 0,
    generator.maxMw,
    generator.minMw,
  ]);
}

function branchRows(grid: Grid): readonly (readonly number[])[] {
  return grid.branches.map((branch) => {
    const rate = branch.limitMw === Infinity ? 0 : branch.limitMw;
    return [
      idOf(grid, branch.fromRow),
      idOf(grid, branch.toRow),
      branch.resistancePu,
      branch.reactancePu,
      0,
      rate,
      rate,
      rate,
      0,
      0,
      branch.inService ? 1 : 0,
      ...angleDegrees(branch),
    ];
  });
}

function angleDegrees(branch: GridBranch): readonly [number, number] {
  return [
    branch.angleMinRad <= -ANGLE_PAD_RAD ? -360 : degreesOf(branch.angleMinRad),
    branch.angleMaxRad >= ANGLE_PAD_RAD ? 360 : degreesOf(branch.angleMaxRad),
  ];
}

/** The shortest number of degrees that is read back as exactly `radians`, or the nearest where there is none. */
function degreesOf(radians: number): number {
  const degrees = radians / (Math.PI / 180);
  for (let digits = 1; digits <= 17; digits += 1) {
    const short = Number(degrees.toPrecision(digits));
    if (short * (Math.PI / 180) === radians) return short;
  }
  return degrees;
}

function idOf(grid: Grid, row: number): number {
  return grid.buses[row]?.id ?? 0;
}

function positions(grid: Grid): readonly string[] {
  const rows = grid.buses.flatMap(({ position }) => (position === undefined ? [] : [[position.x, position.y]]));
  return rows.length < grid.buses.length ? [] : ['%	x	y', matrix('bus_position', rows)];
}
