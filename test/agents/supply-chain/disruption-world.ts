import { createRandomRoot } from '../../../agent-core/random.ts';
import type { FirmState } from '../../../agents/supply-chain/firm-state.ts';
import { SupplyEnvironment } from '../../../scenarios/supply-chain/environment.ts';
import { generateSupply } from '../../../scenarios/supply-chain/generator.ts';
import type { SupplyInstance } from '../../../scenarios/supply-chain/network.ts';
import { DEFAULT_OPTIONS, type SupplyOptions } from '../../../scenarios/supply-chain/options.ts';
import { populateSupply, SUPPLY_FUNDS } from '../../../scenarios/supply-chain/population.ts';
import { laneName, type SupplySolution } from '../../../scenarios/supply-chain/solution.ts';
import { world, type World } from '../../../simulator/world.ts';
import type { WorldOptions } from '../../../simulator/world-options.ts';

/** A small network with things that go wrong, decided by the seed. */
export function smallNetwork(
  seed: number,
  { backlog = true, disruptions = 3 }: { readonly backlog?: boolean; readonly disruptions?: number } = {},
): SupplyInstance {
  const random = createRandomRoot(seed).stream('network');
  const parameters = {
    firms: String(random.integer(6, 8)),
    tiers: String(random.integer(2, 3)),
    products: '1',
    periods: '12',
    mean: '4',
    disruptions: String(disruptions),
    backlog: backlog ? 'yes' : 'no',
  };
  return generateSupply(new Map(Object.entries(parameters)), random);
}

/** A run and what came of it. */
export interface DisruptedRun {
  readonly instance: SupplyInstance;
  readonly place: World;
  readonly solution: SupplySolution;
}

/** Plays a network through. */
export async function playDisrupted(
  instance: SupplyInstance,
  options: Partial<SupplyOptions>,
  setting: WorldOptions,
): Promise<DisruptedRun> {
  const place = world({ sign: 'off', strict: true, ...setting });
  const settled = { ...DEFAULT_OPTIONS, paths: 8, lots: [4, 1], ...options };
  const profitOf = (orders: SupplySolution['orders']): number => replay(instance, orders).profit;
  const population = populateSupply(place, instance, { options: settled, profitOf });
  await place.run();
  return { instance, place, solution: population.agreement() };
}

/** Orders once more through the environment. */
export function replay(instance: SupplyInstance, orders: SupplySolution['orders']): SupplyEnvironment {
  const environment = new SupplyEnvironment(instance);
  for (let t = 0; t < instance.periods; t += 1) {
    environment.step(Float64Array.from(instance.network.lanes, (lane) => orders[laneName(lane)]?.[t] ?? 0));
  }
  return environment;
}

/** The state of a firm at the end, by its node. */
export function firmAt({ instance, place }: DisruptedRun, id: number): FirmState {
  const kind = instance.network.nodes.find((node) => node.id === id)?.kind ?? '';
  const agent = place.agents.find(({ name }) => name === `${kind}-${id}`);
  return agent?.state as FirmState;
}

/** Firms, raw sources left out. */
export function firmIds({ instance }: DisruptedRun): readonly number[] {
  return instance.network.nodes.flatMap(({ id, kind }) => (kind === 'raw' ? [] : [id]));
}

/** Where the books of two firms about their contracts differ; by more than rounding. */
export function bookFaults(run: DisruptedRun): readonly string[] {
  const { lanes } = run.instance.network;
  const firms = new Set(firmIds(run));
  const faults: string[] = [];
  for (const { supplier, buyer } of lanes) {
    if (!firms.has(supplier)) continue;
    const lane = lanes.filter((one) => one.buyer === buyer).findIndex((one) => one.supplier === supplier);
    const customer = lanes.filter((one) => one.supplier === supplier).findIndex((one) => one.buyer === buyer);
    const [sells, buys] = [firmAt(run, supplier), firmAt(run, buyer)];
    for (let t = 0; t < run.instance.periods; t += 1) {
      const units = (sells.promised[customer]?.[t] ?? 0) - (buys.planned[lane]?.[t] ?? 0);
      const tokens = (sells.claims[customer]?.[t] ?? 0) - (buys.dues[lane]?.[t] ?? 0);
      if (Math.abs(units) > 1e-9) faults.push(`${supplier}-${buyer} period ${t}: ${units} units`);
      if (Math.abs(tokens) > 1e-6) faults.push(`${supplier}-${buyer} period ${t}: ${tokens} tokens`);
    }
  }
  return faults;
}

/** Where a firm's stock is not what the environment has, or below zero. */
export function stockFaults(run: DisruptedRun): readonly string[] {
  const environment = replay(run.instance, run.solution.orders);
  const faults: string[] = [];
  let place = 0;
  for (const { id, kind, items } of run.instance.network.nodes) {
    for (const [item] of items.entries()) {
      const there = environment.stockOf(place);
      const own = kind === 'raw' ? there : (firmAt(run, id).stock[item] ?? 0);
      if (own < -1e-9 || Math.abs(own - there) > 1e-6)
        faults.push(`firm ${id} item ${item}: ${own}, replayed ${there}`);
      place += 1;
    }
  }
  return faults;
}

/** Micro-tokens by which the account of each firm differs from what its book says; those that do not differ are left out. */
export function moneyFaults(run: DisruptedRun): ReadonlyMap<number, bigint> {
  const faults = new Map<number, bigint>();
  for (const id of firmIds(run)) {
    const kind = run.instance.network.nodes.find((node) => node.id === id)?.kind ?? '';
    const balance = run.place.ledger.balance(run.place.didOf(`${kind}-${id}`));
    const difference = balance.available - SUPPLY_FUNDS - firmAt(run, id).profit;
    if (difference !== 0n) faults.set(id, difference);
  }
  return faults;
}
