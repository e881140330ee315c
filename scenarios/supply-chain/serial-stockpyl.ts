import { z } from 'zod';
import { HaggleError } from '../../agent-core/errors.ts';
import { createRandomRoot } from '../../agent-core/random.ts';
import { drawDemand, lawOfDemand, type SerialDemand } from './serial-demand.ts';
import type { SerialInstance, SerialProblem, SerialStage } from './serial-instance.ts';
import { STAGES_MAX } from './serial-instance.ts';
import { publishedSerial } from './serial-published.ts';

const number = z.number().nullish();
const numbers = z.array(z.int()).nullish();

const demandSource = z.object({
  type: z.string().nullish(),
  mean: number,
  standard_deviation: number,
  lo: number,
  hi: number,
});

const node = z.object({
  _index: z.int(),
  _predecessor_indices: numbers,
  _successor_indices: numbers,
  local_holding_cost: number,
  echelon_holding_cost: number,
  stockout_cost: number,
  shipment_lead_time: number,
  order_lead_time: number,
  processing_time: number,
  demand_source: demandSource.nullish(),
});

const network = z.object({ _nodes: z.array(node).min(1) });

const single = z.object({
  holding_cost: z.number(),
  stockout_cost: z.number(),
  demand_mean: number,
  demand_sd: number,
  demand_pmf: z.record(z.string(), z.number()).nullish(),
  lead_time: number,
});

const library = z.object({
  instances: z.array(z.object({ name: z.string(), type: z.string(), data: z.unknown() })).min(1),
});

type Node = z.output<typeof node>;

/** Keys of single-stage problems that are something else than a demand served from stock at linear costs. */
const OTHER_PROBLEMS =
  /^(fixed_cost|num_periods|discount_factor|.*_rate|.*_prob|yield_.*|mu|sigma|salvage_value|revenue)$/;
/** Periods of play where costs count, and before. */
const PLAYED = 1_000;
const WARM_UP_LEAD_TIMES = 4;
/** Lead times are looked for as whole numbers of a period of this part of the instance's time, at least. */
const PARTS_MAX = 1_000;

/** True where a text is a library of stockpyl instances. */
export function isStockpyl(text: string): boolean {
  return /"instances"\s*:/.test(text) && /"_id"|"last_updated"|"_nodes"/.test(text);
}

/**
 * Reads the serial and single-stage instances of a stockpyl library; the first of them is the problem until another is chosen by name.
 *
 * @throws HaggleError `bad-serial-file` naming file and path; `unsupported-instance` where the library holds no serial chain
 */
export function parseStockpyl(text: string, file: string): SerialProblem {
  const read = library.safeParse(parseJson(text, file));
  if (!read.success) {
    const issue = read.error.issues[0];
    throw badFile(`${file}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`);
  }
  const all = new Map<string, SerialInstance | { readonly refused: string }>();
  for (const { name, type, data } of read.data.instances) {
    if (all.has(name)) throw badFile(`${file}: instances.${name}: the name is taken already`);
    all.set(name, type === 'network' ? networkInstance(name, data, file) : singleInstance(name, data));
  }
  const chains = [...all.values()].flatMap((one) => ('refused' in one ? [] : [one]));
  const instance = chains.find(({ stages }) => stages.length > 1) ?? chains[0];
  if (instance !== undefined) return { instance, library: all, rule: 'negotiated' };
  const reasons = [...all].map(([name, one]) => `${name}: ${'refused' in one ? one.refused : ''}`);
  throw new HaggleError('unsupported-instance', `${file} holds no serial chain (${reasons.slice(0, 5).join('; ')})`);
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HaggleError('bad-serial-file', `${file} is not JSON`, { cause });
  }
}

type Outcome = SerialInstance | { readonly refused: string };

function networkInstance(name: string, data: unknown, file: string): Outcome {
  const read = network.safeParse(data);
  if (!read.success) {
    const issue = read.error.issues[0];
    throw badFile(`${file}: ${name}: data.${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`);
  }
  const order = chainOf(read.data._nodes);
  if (typeof order === 'string') return { refused: order };
  const [retailer] = order;
  const holding = holdingOf(order);
  const demand = demandOf(retailer?.demand_source ?? {});
  const leadTimes = order.map((one) => (one.shipment_lead_time ?? 0) + (one.order_lead_time ?? 0));
  if (holding === null) return { refused: 'a node has neither a local nor an echelon holding cost' };
  if (typeof demand === 'string') return { refused: demand };
  const stockout = retailer?.stockout_cost ?? 0;
  if (stockout <= 0) return { refused: 'its retailer has no stock-out cost' };
  if (order.slice(1).some((one) => (one.stockout_cost ?? 0) !== 0)) {
    return { refused: 'a firm that is not the retailer has a stock-out cost' };
  }
  return serialInstance({ name, holding, leadTimes, stockout, demand });
}

/** Nodes from the retailer up, or why they are no chain. */
function chainOf(nodes: readonly Node[]): readonly Node[] | string {
  const before = nodes.map((one) => one._predecessor_indices?.length ?? 0);
  const after = nodes.map((one) => one._successor_indices?.length ?? 0);
  const joins = before.some((count) => count > 1);
  const splits = after.some((count) => count > 1);
  if (nodes.some((one) => one.processing_time !== null && one.processing_time !== undefined)) {
    return 'a guaranteed-service network: safety stock by service times, without stock-out costs';
  }
  if (joins || splits) {
    return joins && splits
      ? 'a tree of suppliers and customers'
      : joins
        ? 'an assembly network'
        : 'a distribution network';
  }
  if (nodes.length > STAGES_MAX) return `at most ${STAGES_MAX} stages, it has ${nodes.length}`;
  const byIndex = new Map(nodes.map((one) => [one._index, one]));
  const chain: Node[] = [];
  for (let at = nodes.find((_, k) => after[k] === 0); at !== undefined && chain.length <= nodes.length;) {
    chain.push(at);
    const supplier: number | undefined = at._predecessor_indices?.[0];
    at = supplier === undefined ? undefined : byIndex.get(supplier);
  }
  return chain.length === nodes.length ? chain : 'a network that is not connected';
}

/** Local holding costs, retailer first. Where both kinds are given and differ, the echelon costs hold, as in stockpyl's own algorithm. */
function holdingOf(chain: readonly Node[]): readonly number[] | null {
  if (chain.every((one) => typeof one.echelon_holding_cost === 'number')) {
    return chain.map((_, k) => chain.slice(k).reduce((sum, one) => sum + (one.echelon_holding_cost ?? 0), 0));
  }
  if (!chain.every((one) => typeof one.local_holding_cost === 'number')) return null;
  return chain.map((one) => one.local_holding_cost ?? 0);
}

function demandOf({ type, mean, standard_deviation, lo, hi }: z.output<typeof demandSource>): SerialDemand | string {
  const isSpread = typeof mean === 'number' && typeof standard_deviation === 'number' && standard_deviation > 0;
  if (type === 'N' && isSpread) return { kind: 'normal', mean, deviation: standard_deviation };
  if (type === 'P' && typeof mean === 'number' && mean > 0) return { kind: 'poisson', mean };
  const isWhole = Number.isInteger(lo) && Number.isInteger(hi);
  if (type === 'UD' && isWhole && typeof lo === 'number' && typeof hi === 'number' && lo >= 0 && hi > lo) {
    return { kind: 'uniform', low: lo, high: hi };
  }
  return `its demand is not normal, Poisson or uniform on whole numbers (type ${type ?? 'none'})`;
}

/** A newsvendor orders before it sees the demand: one period passes. A lead time comes on top of that. */
function singleInstance(name: string, data: unknown): Outcome {
  const other = Object.keys(data instanceof Object ? data : {}).find((key) => OTHER_PROBLEMS.test(key));
  if (other !== undefined) return { refused: `a single-stage problem of another kind (it has "${other}")` };
  const read = single.safeParse(data);
  if (!read.success) return { refused: 'a single-stage problem without holding and stock-out costs' };
  const { holding_cost, stockout_cost, demand_mean, demand_sd, demand_pmf, lead_time } = read.data;
  const demand =
    demand_pmf === null || demand_pmf === undefined
      ? demandOf({ type: typeof demand_sd === 'number' ? 'N' : 'P', mean: demand_mean, standard_deviation: demand_sd })
      : givenDemand(demand_pmf);
  if (typeof demand === 'string') return { refused: demand };
  return serialInstance({
    name,
    holding: [holding_cost],
    leadTimes: [(lead_time ?? 0) + 1],
    stockout: stockout_cost,
    demand,
  });
}

function givenDemand(chances: Readonly<Record<string, number>>): SerialDemand | string {
  const units = Object.keys(chances).map(Number);
  if (units.length === 0 || units.some((one) => !Number.isInteger(one) || one < 0 || one > 10_000)) {
    return 'its demand is not in whole units from 0 to 10,000';
  }
  const low = Math.min(...units);
  const all = Array.from({ length: Math.max(...units) - low + 1 }, () => 0);
  for (const [key, chance] of Object.entries(chances)) all[Number(key) - low] = chance;
  return { kind: 'given', low, chances: all };
}

/** What makes a serial instance, in its own time; retailer first. */
export interface SerialSpec {
  readonly name: string;
  /** Local, money per unit and time. */
  readonly holding: readonly number[];
  readonly leadTimes: readonly number[];
  readonly stockout: number;
  /** Per unit of time. */
  readonly demand: SerialDemand;
}

/**
 * A serial chain in periods: as long as all lead times are whole numbers of them. Goods under way cost what storage at their supplier does.
 * It begins empty; costs count once it has settled.
 */
export function serialInstance({ name, holding, leadTimes, stockout, demand }: SerialSpec): Outcome {
  const parts = partsOf(leadTimes);
  const perPeriod = parts === null ? null : demandOfPart(demand, parts);
  if (parts === null) return { refused: `its lead times are not above 0 and multiples of 1/${PARTS_MAX}` };
  if (perPeriod === null) return { refused: 'its lead times are not whole, and its demand cannot be divided' };
  const delays = leadTimes.map((one) => Math.round(one * parts));
  const stages = holding.map((rate, k): SerialStage => ({
    orderDelay: 0,
    shipDelay: delays[k] ?? 1,
    holding: rate / parts,
    backlog: k === 0 ? stockout / parts : 0,
    underWay: k === 0 ? 0 : rate / parts,
  }));
  const law = lawOfDemand(perPeriod, Math.min(...delays));
  const warmUp = WARM_UP_LEAD_TIMES * delays.reduce((sum, one) => sum + one, 0);
  const random = createRandomRoot(`serial ${name}`).stream('demand');
  const mean = perPeriod.kind === 'uniform' ? (perPeriod.low + perPeriod.high) / 2 : 0;
  return {
    variant: 'serial',
    name,
    stages,
    law,
    demand: Array.from({ length: warmUp + PLAYED }, () => drawDemand(perPeriod, random)),
    warmUp,
    periodsPerTime: parts,
    start: { stock: 0, ordered: 0, arriving: 0 },
    published: { cost: publishedSerial(name), localLevels: null },
    sterman: { stock: mean, perPeriod: mean },
  };
}

function partsOf(leadTimes: readonly number[]): number | null {
  const isWhole = (parts: number): boolean =>
    leadTimes.every((one) => one > 0 && Math.abs(one * parts - Math.round(one * parts)) < 1e-9);
  for (let parts = 1; parts <= PARTS_MAX; parts++) if (isWhole(parts)) return parts;
  return null;
}

function demandOfPart(demand: SerialDemand, parts: number): SerialDemand | null {
  if (parts === 1) return demand;
  if (demand.kind === 'normal') {
    return { kind: 'normal', mean: demand.mean / parts, deviation: demand.deviation / Math.sqrt(parts) };
  }
  return demand.kind === 'poisson' ? { kind: 'poisson', mean: demand.mean / parts } : null;
}

function badFile(problem: string): HaggleError {
  return new HaggleError('bad-serial-file', problem);
}
