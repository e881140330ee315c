import { angleLimitsRad, seriesSusceptancePu } from './grid.ts';
import type { BusKind, Grid, GridBranch, GridBus, GridGenerator } from './grid.ts';
import { badMatpower, type Source } from './matpower-lexer.ts';
import type { CaseTables, Matrix, MatrixName, MatrixRow } from './case-tables.ts';

/** Columns of the case format, version 2 (MATPOWER User's Manual, appendix B), counted from 0. */
const BUS = { id: 0, type: 1, demand: 2, shunt: 4, columns: 13 } as const;
const GEN = { bus: 0, status: 7, max: 8, min: 9, columns: 10 } as const;
const BRANCH = { from: 0, to: 1, r: 2, x: 3, rateA: 5, status: 10, angleMin: 11, angleMax: 12, columns: 13 } as const;
const COST = { model: 0, count: 3, first: 4, columns: 5 } as const;
const DCLINE = { status: 2, columns: 3 } as const;

const KINDS: readonly (BusKind | undefined)[] = [undefined, 'load', 'generator', 'reference', 'isolated'];
const ID_MAX = 2_147_483_647;

/** One row under examination: reads cells by column and refuses them by position. */
interface Row {
  readonly index: number;
  readonly width: number;
  value(column: number): number;
  finite(column: number, what: string): number;
  refuse(column: number, problem: string): Error;
}

/**
 * The grid that `tables` describe.
 *
 * @throws HaggleError `bad-matpower` at the first cell that breaks a rule of the format or of the model.
 */
export function gridFromTables(source: Source, tables: CaseTables): Grid {
  const baseMva = baseOf(source, tables);
  const bus = required(source, tables, 'bus');
  const gen = required(source, tables, 'gen');
  const branch = required(source, tables, 'branch');
  const gencost = required(source, tables, 'gencost');
  refuseDcLines(source, tables.matrices.get('dcline'));
  if (bus.rows.length === 0) throw badMatpower(source, bus.offset, 'bus must have at least one row');

  const positions = positionsOf(source, tables.matrices.get('bus_position'), bus.rows.length);
  const busAt = new Map<number, GridBus>();
  const buses = rowsOf(source, bus, { name: 'bus', columns: BUS.columns }).map((row) => {
    const parsed = busOf(row, positions?.[row.index]);
    const earlier = busAt.get(parsed.id);
    if (earlier !== undefined) {
      throw row.refuse(BUS.id, `bus ${parsed.id} is defined twice, first in row ${earlier.row + 1}`);
    }
    busAt.set(parsed.id, parsed);
    return parsed;
  });
  const costs = costsOf(source, gencost, gen.rows.length);
  return {
    name: tables.name,
    baseMva,
    buses,
    generators: rowsOf(source, gen, { name: 'gen', columns: GEN.columns }).map((row) =>
      generatorOf(row, busAt, costs[row.index] ?? [0, 0, 0]),
    ),
    branches: rowsOf(source, branch, { name: 'branch', columns: BRANCH.columns }).map((row) => branchOf(row, busAt)),
  };
}

function baseOf(source: Source, tables: CaseTables): number {
  const { baseMva } = tables;
  if (baseMva === undefined) throw badMatpower(source, source.text.length, 'baseMVA is missing');
  if (!(baseMva.value > 0 && Number.isFinite(baseMva.value))) {
    throw badMatpower(source, baseMva.offset, `baseMVA must be positive and finite, found ${baseMva.value}`);
  }
  return baseMva.value;
}

function required(source: Source, tables: CaseTables, name: MatrixName): Matrix {
  const matrix = tables.matrices.get(name);
  if (matrix === undefined) throw badMatpower(source, source.text.length, `matrix ${name} is missing`);
  return matrix;
}

function rowsOf(source: Source, matrix: Matrix, shape: { name: MatrixName; columns: number }): readonly Row[] {
  const width = matrix.rows[0]?.values.length ?? shape.columns;
  if (width < shape.columns) {
    const offset = matrix.rows[0]?.offsets[0] ?? matrix.offset;
    throw badMatpower(source, offset, `${shape.name} must have at least ${shape.columns} columns, found ${width}`);
  }
  return matrix.rows.map((cells, index) => rowOf(source, cells, { name: shape.name, index }));
}

function rowOf(source: Source, cells: MatrixRow, at: { name: MatrixName; index: number }): Row {
  const refuse = (column: number, problem: string): Error =>
    badMatpower(source, cells.offsets[column] ?? 0, `${at.name} row ${at.index + 1}: ${problem}`);
  const value = (column: number): number => cells.values[column] ?? 0;
  return {
    index: at.index,
    width: cells.values.length,
    value,
    refuse,
    finite: (column, what) => {
      if (!Number.isFinite(value(column))) throw refuse(column, `${what} must be finite, found ${value(column)}`);
      return value(column);
    },
  };
}

function busOf(row: Row, position: GridBus['position']): GridBus {
  const id = row.value(BUS.id);
  if (!Number.isInteger(id) || id < 1 || id > ID_MAX) {
    throw row.refuse(BUS.id, `bus number must be an integer from 1 to ${ID_MAX}, found ${id}`);
  }
  const kind = KINDS[row.value(BUS.type)];
  if (kind === undefined) throw row.refuse(BUS.type, `bus type must be 1, 2, 3 or 4, found ${row.value(BUS.type)}`);
  return {
    row: row.index,
    id,
    kind,
    isolated: kind === 'isolated',
    demandMw: row.finite(BUS.demand, 'Pd'),
    shuntMw: row.finite(BUS.shunt, 'Gs'),
    ...(position === undefined ? {} : { position }),
  };
}

function busIn(row: Row, column: number, busAt: ReadonlyMap<number, GridBus>): GridBus {
  const bus = busAt.get(row.value(column));
  if (bus === undefined) throw row.refuse(column, `bus ${row.value(column)} is not in the bus matrix`);
  return bus;
}

function generatorOf(
  row: Row,
  busAt: ReadonlyMap<number, GridBus>,
  [c2, c1, c0]: readonly [number, number, number],
): GridGenerator {
  const bus = busIn(row, GEN.bus, busAt);
  const inService = row.finite(GEN.status, 'status') > 0;
  const maxMw = row.finite(GEN.max, 'Pmax');
  const minMw = row.finite(GEN.min, 'Pmin');
  if (minMw > maxMw) throw row.refuse(GEN.min, `Pmin ${minMw} is above Pmax ${maxMw}`);
  const active = inService && !bus.isolated;
  return { row: row.index, busRow: bus.row, minMw, maxMw, c2, c1, c0, inService, active };
}

function branchOf(row: Row, busAt: ReadonlyMap<number, GridBus>): GridBranch {
  const from = busIn(row, BRANCH.from, busAt);
  const to = busIn(row, BRANCH.to, busAt);
  if (from === to) throw row.refuse(BRANCH.to, `both ends are bus ${from.id}`);
  const resistancePu = row.finite(BRANCH.r, 'r');
  const reactancePu = row.finite(BRANCH.x, 'x');
  if (resistancePu === 0 && reactancePu === 0) throw row.refuse(BRANCH.r, 'r and x are both 0');
  const rateA = row.value(BRANCH.rateA);
  if (rateA < 0) throw row.refuse(BRANCH.rateA, `rateA must not be negative, found ${rateA}`);
  const minDegrees = row.value(BRANCH.angleMin);
  const maxDegrees = row.value(BRANCH.angleMax);
  if (minDegrees > maxDegrees) throw row.refuse(BRANCH.angleMin, `angmin ${minDegrees} is above angmax ${maxDegrees}`);
  const inService = row.finite(BRANCH.status, 'status') > 0;
  return {
    row: row.index,
    fromRow: from.row,
    toRow: to.row,
    resistancePu,
    reactancePu,
    susceptancePu: seriesSusceptancePu(resistancePu, reactancePu),
    limitMw: rateA === 0 ? Infinity : rateA,
    ...angleLimitsRad({ minDegrees, maxDegrees }),
    inService,
    active: inService && !from.isolated && !to.isolated,
  };
}

/** Cost polynomials [c2, c1, c0] per generator row. Further rows, as many as generators, are reactive costs and not used. */
function costsOf(source: Source, matrix: Matrix, generators: number): readonly (readonly [number, number, number])[] {
  const found = matrix.rows.length;
  if (found !== generators && found !== 2 * generators) {
    const problem = `gencost must have ${generators} rows (or ${2 * generators}, with reactive costs), found ${found}`;
    throw badMatpower(source, matrix.offset, problem);
  }
  return rowsOf(source, matrix, { name: 'gencost', columns: COST.columns }).slice(0, generators).map(costOf);
}

function costOf(row: Row): readonly [number, number, number] {
  const model = row.value(COST.model);
  if (model === 1)
    throw row.refuse(COST.model, 'piecewise linear costs (model 1) are not read, only polynomials (model 2)');
  if (model !== 2) throw row.refuse(COST.model, `cost model must be 2 (polynomial), found ${model}`);
  const count = row.value(COST.count);
  if (count !== 1 && count !== 2 && count !== 3) {
    throw row.refuse(COST.count, `a cost polynomial must have 1 to 3 coefficients, found ${count}`);
  }
  if (row.width < COST.first + count) {
    throw row.refuse(COST.count, `${count} coefficients are announced, the row has ${row.width - COST.first}`);
  }
  const coefficient = (power: number): number => {
    if (power >= count) return 0;
    return row.finite(COST.first + count - 1 - power, `c${power}`);
  };
  const c2 = coefficient(2);
  if (c2 < 0) throw row.refuse(COST.first, `c2 must not be negative (the cost must be convex), found ${c2}`);
  return [c2, coefficient(1), coefficient(0)];
}

function positionsOf(
  source: Source,
  matrix: Matrix | undefined,
  buses: number,
): readonly { readonly x: number; readonly y: number }[] | undefined {
  if (matrix === undefined) return undefined;
  if (matrix.rows.length !== buses) {
    const problem = `bus_position must have one row a bus, ${buses}, found ${matrix.rows.length}`;
    throw badMatpower(source, matrix.offset, problem);
  }
  return rowsOf(source, matrix, { name: 'bus_position', columns: 2 }).map((row) => ({
    x: row.finite(0, 'x'),
    y: row.finite(1, 'y'),
  }));
}

/** A DC line moves power that this model does not know; leaving it out would change the optimum without a word. */
function refuseDcLines(source: Source, matrix: Matrix | undefined): void {
  if (matrix === undefined) return;
  for (const row of rowsOf(source, matrix, { name: 'dcline', columns: DCLINE.columns })) {
    if (row.value(DCLINE.status) > 0) throw row.refuse(DCLINE.status, 'DC lines in service are not supported');
  }
}
