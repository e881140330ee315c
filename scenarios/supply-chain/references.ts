import { assert } from '../../agent-core/errors.ts';
import type { Policy } from '../../agent-core/policy/policy.ts';
import { localOrders, type LocalItem, type LocalView } from '../../agents/supply-chain/local-rule.ts';
import { SupplyEnvironment } from './environment.ts';
import type { SupplyInstance } from './network.ts';
import { shareDemand, type DemandPart, type DemandSharing } from './shared-demand.ts';
import { laneName, type SupplySolution } from './solution.ts';

/** What firms do that all follow one rule. */
export interface LocalRuleRun {
  /** Units that were ordered, by lane and period. */
  readonly orders: readonly (readonly number[])[];
  /** Of the whole network, in tokens. */
  readonly profit: number;
  /** By the node's place in the network's list, raw sources too. */
  readonly profits: readonly number[];
}

/** How the rule is played. */
export interface LocalRuleOptions {
  /** Firms are told demand and stocks downstream, as the published rules are; otherwise each knows what was asked of it. */
  readonly shared?: boolean;
  /** What each then takes for its own of the demand downstream; the whole of it if left out, as is published. */
  readonly part?: DemandPart;
}

/**
 * Runs an instance with every firm ordering by the same rule, without negotiation.
 *
 * @throws HaggleError `bad-observation`, `bad-action` for a policy whose features are not those of replenishment
 */
export function runLocalRule(
  instance: SupplyInstance,
  rule: Policy,
  { shared = false, part = 'whole' }: LocalRuleOptions = {},
): LocalRuleRun {
  const environment = new SupplyEnvironment(instance);
  const { nodes, lanes } = instance.network;
  const sharing = shared ? shareDemand(environment, part) : null;
  const firms = nodes.map((_, place) => firmAt(environment, place));
  const asked: number[][] = nodes.map(() => []);
  const orders: number[][] = lanes.map(() => []);
  const now = new Float64Array(lanes.length);
  while (!environment.finished) {
    now.fill(0);
    for (const firm of firms) {
      if (firm.items.every(({ lanes: inbound }) => inbound.length === 0)) continue;
      const view = viewOf(environment, { firm, asked: asked[firm.place] ?? [], sharing });
      for (const [k, amounts] of localOrders(rule, view).entries()) {
        for (const [j, units] of amounts.entries()) now[firm.items[k]?.lanes[j] ?? -1] = units;
      }
    }
    for (const firm of firms) asked[firm.place]?.push(askedOf(environment, firm, now));
    for (const [lane, units] of now.entries()) orders[lane]?.push(units);
    environment.step(now);
  }
  return { orders, profit: environment.profit, profits: nodes.map((_, place) => environment.profitOf(place)) };
}

/** {@link runLocalRule} as a solution that can be scored and compared. */
export function localRuleOrders(
  instance: SupplyInstance,
  rule: Policy,
  options: LocalRuleOptions = {},
): SupplySolution {
  const { orders, profit } = runLocalRule(instance, rule, options);
  const named = instance.network.lanes.map((lane, index) => [laneName(lane), orders[index] ?? []] as const);
  return { orders: Object.fromEntries(named), profit, firms: {}, payments: [] };
}

/** Places of what belongs to a firm, in the lists of network and layout. */
interface Firm {
  readonly place: number;
  readonly items: readonly { readonly item: number; readonly lanes: readonly number[] }[];
  readonly outbound: readonly number[];
  readonly markets: readonly number[];
}

function firmAt({ layout }: SupplyEnvironment, place: number): Firm {
  const first = layout.itemFrom[place] ?? 0;
  const count = (layout.itemFrom[place + 1] ?? 0) - first;
  return {
    place,
    items: Array.from({ length: count }, (_, k) => ({ item: first + k, lanes: placesOf(layout.item, first + k) })),
    outbound: placesOf(layout.supplier, place),
    markets: placesOf(layout.seller, place),
  };
}

function placesOf(values: Int32Array, wanted: number): readonly number[] {
  return [...values.keys()].filter((index) => values[index] === wanted);
}

interface Insight {
  readonly firm: Firm;
  /** Of it, by period. */
  readonly asked: readonly number[];
  readonly sharing: DemandSharing | null;
}

function viewOf(environment: SupplyEnvironment, { firm, asked, sharing }: Insight): LocalView {
  const { instance, period } = environment;
  const { nodes, lanes, markets } = instance.network;
  const node = nodes[firm.place];
  assert(node !== undefined, `there is a node at place ${firm.place}`);
  const sales = firm.markets.flatMap((market) => markets[market] ?? []);
  const prices = [...firm.outbound.flatMap((lane) => lanes[lane] ?? []), ...sales].map(({ price }) => price);
  return {
    period,
    periodsLeft: instance.periods - period,
    asked,
    backlog: instance.backlog ? firm.markets.reduce((sum, market) => sum + environment.unservedAt(market), 0) : 0,
    capacity: node.capacity,
    price: Math.max(0, ...prices),
    penalty: Math.max(0, ...sales.map(({ penalty }) => penalty)),
    operatingCost: node.operatingCost,
    items: firm.items.map(({ item, lanes: inbound }, k) =>
      itemOf(environment, { item, inbound, static: node.items[k] }),
    ),
    ...(sharing === null ? {} : { shared: sharing(firm.place) }),
  };
}

interface ItemPlaces {
  readonly item: number;
  readonly inbound: readonly number[];
  readonly static: { readonly holding: number; readonly perOutput: number } | undefined;
}

function itemOf(environment: SupplyEnvironment, { item, inbound, static: terms }: ItemPlaces): LocalItem {
  const { lanes } = environment.instance.network;
  return {
    stock: environment.stockOf(item),
    holding: terms?.holding ?? 0,
    perOutput: terms?.perOutput ?? 1,
    suppliers: inbound.flatMap((place) => {
      const lane = lanes[place];
      if (lane === undefined) return [];
      const { leadTime, price, pipelineCost, orderCost } = lane;
      return [{ leadTime, price, pipelineCost, orderCost, onOrder: environment.underWayOn(place) }];
    }),
  };
}

/** By its customers, or by its markets. */
function askedOf({ instance, period }: SupplyEnvironment, firm: Firm, orders: Float64Array): number {
  const ordered = firm.outbound.reduce((sum, lane) => sum + (orders[lane] ?? 0), 0);
  return firm.markets.reduce((sum, market) => sum + (instance.demand[market]?.[period] ?? 0), ordered);
}
