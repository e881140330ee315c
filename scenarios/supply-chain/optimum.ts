import { solveProgram } from '../energy/linear-program.ts';
import type { Program, ProgramEntry } from '../energy/program.ts';
import { layoutOf, type SupplyLayout } from './layout.ts';
import { createOutages } from './outages.ts';
import type { SupplyInstance } from './network.ts';
import { laneName, type SupplySolution } from './solution.ts';
import { unitBounds } from './unit-bounds.ts';

/**
 * The best that anybody could have ordered who knew all demand beforehand: the linear program that gym-invmgmt calls its oracle, with
 * whole columns where an order has a fixed cost or where a retailer has several markets (each is served in full before the next one gets
 * anything).
 *
 * @throws HaggleError `solver-failed`, see {@link solveProgram}
 */
export async function supplyOptimum(instance: SupplyInstance): Promise<SupplySolution> {
  const { program, shipped } = supplyProgram(instance);
  const large = program.columns.cost.length > LARGE_COLUMNS && program.columns.integer === undefined;
  const { objective, values } = await solveProgram(program, { first: large ? 'interior-point' : 'usual' });
  const { lanes } = instance.network;
  const orders = Object.fromEntries(
    lanes.map((lane, index) => [
      laneName(lane),
      Array.from({ length: instance.periods }, (_, t) => Math.max(0, values[shipped(index, t)] ?? 0)),
    ]),
  );
  return { orders, profit: objective, firms: {}, payments: [] };
}

/** Programs with more columns are solved by an interior point: 100 firms over 60 periods in 6 s instead of 60. */
const LARGE_COLUMNS = 10_000;

/** The program of {@link supplyOptimum}, and the column of what is shipped on a lane in a period. */
function supplyProgram(instance: SupplyInstance): {
  readonly program: Program;
  readonly shipped: (lane: number, period: number) => number;
} {
  const draft = createDraft();
  const layout = layoutOf(instance.network);
  const plan: Plan = { instance, layout, draft, weights: weightsOf(instance), rooms: roomsOf(instance, layout) };
  const { lanes, markets } = instance.network;
  const first = {
    shipped: draft.size(),
    stock: addShipments(plan),
    sold: addStocks(plan),
    unserved: addSales(plan),
  };
  for (let market = 0; market < markets.length; market++) addUnserved(plan, market);
  const columns: Columns = {
    shipped: (lane, t) => first.shipped + t * lanes.length + lane,
    stock: (item, t) => first.stock + t * layout.items + item,
    sold: (market, t) => first.sold + t * markets.length + market,
    unserved: (market, t) => first.unserved + market * instance.periods + t,
  };
  for (let t = 0; t < instance.periods; t++) {
    addFlows(plan, columns, t);
    addCapacities(plan, columns, t);
    addDemands(plan, columns, t);
  }
  addWholes(plan, columns);
  return { program: draft.program(), shipped: columns.shipped };
}

interface Plan {
  readonly instance: SupplyInstance;
  readonly layout: SupplyLayout;
  readonly draft: Draft;
  /** What money of a period counts. */
  readonly weights: readonly number[];
  readonly rooms: readonly Room[];
}

/** What outages leave in one period. */
interface Room {
  readonly nodes: Float64Array;
  readonly cut: Uint8Array;
}

/** The column of a thing in a period. */
interface Columns {
  readonly shipped: (lane: number, period: number) => number;
  readonly stock: (item: number, period: number) => number;
  readonly sold: (market: number, period: number) => number;
  readonly unserved: (market: number, period: number) => number;
}

function weightsOf({ periods, discount }: SupplyInstance): readonly number[] {
  let weight = 1;
  return Array.from({ length: periods }, () => {
    const now = weight;
    weight *= discount;
    return now;
  });
}

function roomsOf(instance: SupplyInstance, layout: SupplyLayout): readonly Room[] {
  const outages = createOutages(instance, layout);
  return Array.from({ length: instance.periods }, (_, t) => {
    const nodes = new Float64Array(instance.network.nodes.length);
    outages.begin(t, nodes);
    return { nodes, cut: outages.cut.slice() };
  });
}

/** Columns of what is shipped, period by period. Prices between firms cancel; only what raw sources take is lost. */
function addShipments({ instance, layout, draft, weights, rooms }: Plan): number {
  const { nodes, lanes } = instance.network;
  for (let t = 0; t < instance.periods; t++) {
    for (const [index, lane] of lanes.entries()) {
      const supplier = layout.supplier[index] ?? 0;
      let cost = (weights[t] ?? 0) * (layout.raw[supplier] === 1 ? lane.price : (nodes[supplier]?.operatingCost ?? 0));
      const end = Math.min(t + lane.leadTime, instance.periods);
      for (let s = t; s < end; s++) cost += (weights[s] ?? 0) * lane.pipelineCost;
      const closed = rooms[t]?.cut[index] === 1 || rooms[t]?.nodes[supplier] === 0;
      draft.column({ cost: -cost, upper: closed ? 0 : Infinity });
    }
  }
  return draft.size();
}

function addStocks({ instance, layout, draft, weights }: Plan): number {
  for (let t = 0; t < instance.periods; t++) {
    for (let item = 0; item < layout.items; item++) {
      draft.column({ cost: -(weights[t] ?? 0) * (layout.holding[item] ?? 0) });
    }
  }
  return draft.size();
}

function addSales({ instance, layout, draft, weights, rooms }: Plan): number {
  for (let t = 0; t < instance.periods; t++) {
    for (const [index, market] of instance.network.markets.entries()) {
      const room = rooms[t]?.nodes[layout.seller[index] ?? 0] ?? Infinity;
      draft.column({ cost: (weights[t] ?? 0) * market.price, upper: room });
    }
  }
  return draft.size();
}

function addUnserved({ instance, draft, weights }: Plan, market: number): void {
  const penalty = instance.network.markets[market]?.penalty ?? 0;
  for (let t = 0; t < instance.periods; t++) draft.column({ cost: -(weights[t] ?? 0) * penalty });
}

/** Stock goes on from period to period; what is shipped was there before anything arrived. */
function addFlows({ instance, layout, draft }: Plan, columns: Columns, t: number): void {
  const stocks = instance.network.nodes.flatMap(({ items }) => items.map(({ stock }) => stock));
  const arrivals: ProgramEntry[][] = stocks.map(() => []);
  const taken: ProgramEntry[][] = stocks.map(() => []);
  for (const [lane, { leadTime }] of instance.network.lanes.entries()) {
    const into = layout.item[lane] ?? 0;
    if (t >= leadTime) arrivals[into]?.push({ column: columns.shipped(lane, t - leadTime), coefficient: -1 });
    const from = layout.supplier[lane] ?? 0;
    for (let item = layout.itemFrom[from] ?? 0; item < (layout.itemFrom[from + 1] ?? 0); item++) {
      taken[item]?.push({ column: columns.shipped(lane, t), coefficient: layout.perOutput[item] ?? 1 });
    }
  }
  for (let market = 0; market < instance.network.markets.length; market++) {
    taken[layout.sold[market] ?? 0]?.push({ column: columns.sold(market, t), coefficient: 1 });
  }
  for (const [item, stock] of stocks.entries()) {
    const left = { column: columns.stock(item, t), coefficient: 1 };
    const before = t === 0 ? [] : [{ column: columns.stock(item, t - 1), coefficient: -1 }];
    const brought = arrivals[item] ?? [];
    const first = t === 0 ? stock : 0;
    draft.row([left, ...before, ...brought, ...(taken[item] ?? [])], first, first);
    const kind = instance.network.nodes[layout.itemNode[item] ?? 0]?.kind;
    if (kind !== 'retailer' && brought.length > 0) draft.row([left, ...brought], 0, Infinity);
  }
}

function addCapacities({ instance, layout, draft, rooms }: Plan, columns: Columns, t: number): void {
  const out: ProgramEntry[][] = instance.network.nodes.map(() => []);
  for (let lane = 0; lane < instance.network.lanes.length; lane++) {
    out[layout.supplier[lane] ?? 0]?.push({ column: columns.shipped(lane, t), coefficient: 1 });
  }
  for (let market = 0; market < instance.network.markets.length; market++) {
    out[layout.seller[market] ?? 0]?.push({ column: columns.sold(market, t), coefficient: 1 });
  }
  for (const [node, entries] of out.entries()) {
    const room = rooms[t]?.nodes[node] ?? Infinity;
    if (room < Infinity && entries.length > 0) draft.row(entries, -Infinity, room);
  }
}

function addDemands({ instance, draft }: Plan, columns: Columns, t: number): void {
  for (const [market, demand] of instance.demand.entries()) {
    const asked = demand[t] ?? 0;
    const waited = instance.backlog && t > 0 ? [{ column: columns.unserved(market, t - 1), coefficient: -1 }] : [];
    const entries = [
      { column: columns.sold(market, t), coefficient: 1 },
      { column: columns.unserved(market, t), coefficient: 1 },
    ];
    draft.row([...entries, ...waited], asked, asked);
  }
}

/** Whole columns: whether an order is made, where that costs; whether a market went short, where a retailer has several. */
function addWholes(plan: Plan, columns: Columns): void {
  const { instance, layout, draft, weights, rooms } = plan;
  const { lanes, markets } = instance.network;
  const shared = markets.map((one) => markets.filter(({ retailer }) => retailer === one.retailer).length > 1);
  if (!shared.includes(true) && lanes.every(({ orderCost }) => orderCost === 0)) return;
  const bounds = unitBounds(instance, layout);
  for (let t = 0; t < instance.periods; t++) {
    for (const [lane, { orderCost }] of lanes.entries()) {
      if (orderCost === 0) continue;
      const made = draft.column({ cost: -(weights[t] ?? 0) * orderCost, upper: 1, whole: true });
      const most = bounds.shipped[lane] ?? 0;
      draft.row(
        [
          { column: columns.shipped(lane, t), coefficient: 1 },
          { column: made, coefficient: -most },
        ],
        -Infinity,
        0,
      );
    }
    for (const [market, isShared] of shared.entries()) {
      // A retailer that is closed sells nothing, whatever it has.
      if (isShared && rooms[t]?.nodes[layout.seller[market] ?? 0] !== 0)
        addShortage(plan, columns, { market, t, most: bounds.sold[market] ?? 0 });
    }
  }
}

/** Either the market is served in full, or nothing is left for those behind it and for the next period. */
function addShortage(
  { instance, layout, draft }: Plan,
  columns: Columns,
  { market, t, most }: { readonly market: number; readonly t: number; readonly most: number },
): void {
  const { markets } = instance.network;
  const short = draft.column({ cost: 0, upper: 1, whole: true });
  const asked = (instance.demand[market] ?? []).slice(0, t + 1).reduce((sum, units) => sum + units, 0);
  draft.row(
    [
      { column: columns.unserved(market, t), coefficient: 1 },
      { column: short, coefficient: -asked },
    ],
    -Infinity,
    0,
  );
  const behind = markets.flatMap(({ retailer }, index) =>
    index > market && retailer === markets[market]?.retailer
      ? [{ column: columns.sold(index, t), coefficient: 1 }]
      : [],
  );
  draft.row(
    [
      { column: columns.stock(layout.sold[market] ?? 0, t), coefficient: 1 },
      ...behind,
      { column: short, coefficient: most },
    ],
    -Infinity,
    most,
  );
}

/** A program that grows. */
interface Draft {
  readonly size: () => number;
  /** Adds a variable from 0 to `upper`, and gives its number. */
  readonly column: (column: { readonly cost: number; readonly upper?: number; readonly whole?: boolean }) => number;
  readonly row: (entries: readonly ProgramEntry[], lower: number, upper: number) => void;
  readonly program: () => Program;
}

function createDraft(): Draft {
  const [cost, upper, integer]: [number[], number[], boolean[]] = [[], [], []];
  const [lowers, uppers, rows]: [number[], number[], (readonly ProgramEntry[])[]] = [[], [], []];
  return {
    size: () => cost.length,
    column(added) {
      cost.push(added.cost);
      upper.push(added.upper ?? Infinity);
      integer.push(added.whole ?? false);
      return cost.length - 1;
    },
    row(entries, least, most) {
      rows.push(entries);
      lowers.push(least);
      uppers.push(most);
    },
    program: () => ({
      columns: { lower: cost.map(() => 0), upper, cost, ...(integer.includes(true) ? { integer } : {}) },
      rows: { lower: lowers, upper: uppers, entries: rows },
      sense: 'maximise',
    }),
  };
}
