import { firm } from '../../agents/supply-chain/firm.ts';
import type { FirmState, Outage, ReportTerms, TradeTerms } from '../../agents/supply-chain/firm-state.ts';
import { market, type MarketState } from '../../agents/supply-chain/market.ts';
import { rawSource, type RawSourceState } from '../../agents/supply-chain/raw-source.ts';
import { costCollector } from '../../agents/supply-chain/cost-collector.ts';
import { assert } from '../../agent-core/errors.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';
import type { PlacedAgent } from '../../simulator/placed-agent.ts';
import type { World } from '../../simulator/world.ts';
import type { Population } from '../scenario.ts';
import type { SupplyInstance, SupplyLane, SupplyNode } from './network.ts';
import { REPORT_FEE_MAX, type SupplyOptions } from './options.ts';
import { laneName, type FirmAccount, type SupplyPayment, type SupplySolution } from './solution.ts';

/** Micro-tokens that everybody starts with: more than a game can cost within the limits of networks. */
export const SUPPLY_FUNDS = 10n ** 26n;

/** Firms, raw sources and markets by node, as they are placed. */
interface Placed {
  readonly firms: ReadonlyMap<number, PlacedAgent<FirmState>>;
  readonly sources: ReadonlyMap<number, PlacedAgent<RawSourceState>>;
  readonly markets: ReadonlyMap<number, PlacedAgent<MarketState>>;
}

/** Places a firm for every node of a network, its markets, and those who are paid for storage and transport. */
export function populateSupply(
  place: World,
  instance: SupplyInstance,
  {
    options,
    profitOf,
  }: { readonly options: SupplyOptions; readonly profitOf: (orders: SupplySolution['orders']) => number },
): Population<SupplySolution> {
  const costsTo = place.spawn(costCollector(), { name: COSTS }).did;
  const placed: Placed = {
    firms: new Map(firmsOf(instance).map((node) => [node.id, placeFirm(place, instance, { node, options, costsTo })])),
    sources: placeSources(place, instance),
    markets: placeMarkets(place, instance),
  };
  const firms = [...placed.firms.values()];
  return {
    finished: () => firms.every(({ state }) => state.isOver),
    progress: () => ({
      round: Math.max(0, ...firms.map((one) => (one.here ? one.state.period + 1 : 0))),
      // Each period ends with contracts that both sides have agreed to.
      disagreement: 1,
    }),
    rounds: () => firms.reduce((most, { state }) => Math.max(most, state.rounds), 0),
    agreement: () => solutionFrom(place, instance, { placed, profitOf }),
  };
}

const COSTS = 'costs';

function nameOf({ kind, id }: Pick<SupplyNode, 'kind' | 'id'>): string {
  return `${kind}-${id}`;
}

function marketName(id: number): string {
  return `market-${id}`;
}

function firmsOf({ network }: SupplyInstance): readonly SupplyNode[] {
  return network.nodes.filter(({ kind }) => kind !== 'raw');
}

function nodeOf({ network }: SupplyInstance, id: number): SupplyNode | undefined {
  return network.nodes.find((node) => node.id === id);
}

function didOfNode(place: World, instance: SupplyInstance, id: number): Did {
  const node = nodeOf(instance, id);
  return place.didOf(node === undefined ? marketName(id) : nameOf(node));
}

function placeFirm(
  place: World,
  instance: SupplyInstance,
  { node, options, costsTo }: { readonly node: SupplyNode; readonly options: SupplyOptions; readonly costsTo: Did },
): PlacedAgent<FirmState> {
  const { network, periods, backlog } = instance;
  const didOf = (id: number): Did => didOfNode(place, instance, id);
  const members = firmsOf(instance).map(({ id }) => didOf(id));
  const convenor = firmsOf(instance).find(({ kind }) => kind === 'retailer')?.id;
  const agent = firm({
    periods,
    backlog,
    items: node.items.map(({ stock, holding, perOutput }) => ({ stock, holding, perOutput })),
    operatingCost: node.operatingCost,
    capacity: node.capacity,
    suppliers: network.lanes
      .filter(({ buyer }) => buyer === node.id)
      .map((lane) => supplierOf(instance, { lane, node, agent: didOf(lane.supplier) })),
    customers: network.lanes
      .filter(({ supplier }) => supplier === node.id)
      .map(({ buyer, price }) => ({ agent: didOf(buyer), price })),
    markets: network.markets
      .filter(({ retailer }) => retailer === node.id)
      .map((lane) => ({ agent: didOf(lane.market), price: lane.price, penalty: lane.penalty })),
    outages: outagesOf(instance, node),
    costsTo,
    rule: options.rule,
    members: node.id === convenor ? members : [],
    trade: options.negotiate
      ? tradeOf(instance, { node, options, convenor: convenor === undefined ? null : didOf(convenor) })
      : null,
    reports: options.reports ? reportsOf(options, node.id) : null,
  });
  return place.spawn(agent, { name: nameOf(node), funds: SUPPLY_FUNDS });
}

function reportsOf({ reportFee, reportTerms, forecasts }: SupplyOptions, id: number): ReportTerms | null {
  const terms = reportTerms.get(id);
  return terms === undefined ? { fee: reportFee, feeMost: REPORT_FEE_MAX, forecasts } : terms;
}

function supplierOf(
  instance: SupplyInstance,
  { lane, node, agent }: { readonly lane: SupplyLane; readonly node: SupplyNode; readonly agent: Did },
): Parameters<typeof firm>[0]['suppliers'][number] {
  const supplier = nodeOf(instance, lane.supplier);
  const item = node.items.findIndex(({ product }) => product === supplier?.product);
  const { leadTime, price, pipelineCost, orderCost } = lane;
  assert(item >= 0, `node ${node.id} has an item of what lane ${laneName(lane)} brings, as every checked network`);
  return { agent, item, leadTime, price, pipelineCost, orderCost, listed: supplier?.kind === 'raw' };
}

function outagesOf({ network, disruptions }: SupplyInstance, { id }: SupplyNode): Outage[] {
  const customers = network.lanes.filter(({ supplier }) => supplier === id).map(({ buyer }) => buyer);
  return disruptions.flatMap((one): Outage[] => {
    if (one.kind === 'plant' && one.node === id)
      return [{ customer: null, from: one.from, to: one.to, share: one.share }];
    if (one.kind === 'lane' && one.supplier === id) {
      return [{ customer: customers.indexOf(one.buyer), from: one.from, to: one.to, share: 0 }];
    }
    return [];
  });
}

function tradeOf(
  instance: SupplyInstance,
  {
    node,
    options,
    convenor,
  }: { readonly node: SupplyNode; readonly options: SupplyOptions; readonly convenor: Did | null },
): TradeTerms {
  const { penalty, paths, share, anticipate, renegotiate, notices = renegotiate } = options;
  const { lots, worthwhile } = haggling(instance, node);
  return {
    lots: options.lots ?? lots,
    worthwhile,
    window: options.window ?? windowOf(instance),
    penalty,
    paths,
    share,
    anticipate,
    renegotiate,
    notices,
    convenor,
  };
}

/** Periods that firms contract ahead at least, unless the game is over before. */
const WINDOW_MIN = 30;

/** Twice the longest way from a raw source to a market: what is bought now is sold well within it. */
function windowOf({ network, periods }: SupplyInstance): number {
  const reach = new Map<number, number>();
  // Lanes lead nowhere back, so a way has at most as many lanes as there are nodes.
  for (let changed = true; changed;) {
    changed = false;
    for (const { supplier, buyer, leadTime } of network.lanes) {
      const behind = (reach.get(supplier) ?? 0) + leadTime + 1;
      if (behind <= (reach.get(buyer) ?? 0)) continue;
      reach.set(buyer, behind);
      changed = true;
    }
  }
  return Math.min(periods, Math.max(WINDOW_MIN, 2 * Math.max(0, ...reach.values())));
}

/** Networks with more lanes than this make fewer, larger contracts, and change them for more. */
const FEW_LANES = 24;

/**
 * A retailer contracts in lots of one unit, four and sixteen where its own opening stock is tens of units a period, and in proportion
 * elsewhere; other firms take the lots for which their customers call. In a large network every lot is a chain of contracts from the
 * market to the raw sources, so lots are larger.
 */
function haggling(
  { network }: SupplyInstance,
  { id, kind, items }: SupplyNode,
): Pick<TradeTerms, 'lots' | 'worthwhile'> {
  const isLarge = network.lanes.length > FEW_LANES;
  const worthwhile = isLarge ? 0.02 : 0.005;
  if (kind !== 'retailer') return { lots: [], worthwhile };
  const leads = network.lanes.filter(({ buyer }) => buyer === id).map(({ leadTime }) => leadTime);
  const cover = (items[0]?.stock ?? 0) / (Math.max(0, ...leads) + 1);
  const unit = 2 ** Math.max(0, Math.round(Math.log2(Math.max(1, cover) / 24)));
  return { lots: isLarge ? [32 * unit, 8 * unit] : [16 * unit, 4 * unit, unit], worthwhile };
}

function placeSources(place: World, instance: SupplyInstance): ReadonlyMap<number, PlacedAgent<RawSourceState>> {
  const { network, periods } = instance;
  const raw = network.nodes.filter(({ kind }) => kind === 'raw');
  return new Map(
    raw.map((node) => {
      const lanes = network.lanes.filter(({ supplier }) => supplier === node.id);
      const customers = lanes.map(({ buyer, price }) => ({ agent: didOfNode(place, instance, buyer), price }));
      const outages = outagesOf(instance, node);
      return [node.id, place.spawn(rawSource({ periods, customers, outages }), { name: nameOf(node) })];
    }),
  );
}

function placeMarkets(place: World, instance: SupplyInstance): ReadonlyMap<number, PlacedAgent<MarketState>> {
  const { network, demand } = instance;
  const ids = [...new Set(network.markets.map((lane) => lane.market))];
  return new Map(
    ids.map((id) => {
      const retailers = network.markets.flatMap((lane, k) =>
        lane.market === id
          ? [{ agent: didOfNode(place, instance, lane.retailer), price: lane.price, demand: [...(demand[k] ?? [])] }]
          : [],
      );
      return [id, place.spawn(market({ retailers }), { name: marketName(id), funds: SUPPLY_FUNDS })];
    }),
  );
}

function solutionFrom(
  place: World,
  instance: SupplyInstance,
  { placed, profitOf }: { readonly placed: Placed; readonly profitOf: (orders: SupplySolution['orders']) => number },
): SupplySolution {
  const orders: Record<string, readonly number[]> = {};
  for (const lane of instance.network.lanes) {
    const buyer = placed.firms.get(lane.buyer);
    const inbound = instance.network.lanes.filter((one) => one.buyer === lane.buyer);
    orders[laneName(lane)] = [...(buyer?.state.ordered[inbound.indexOf(lane)] ?? [])];
  }
  const firms: Record<string, FirmAccount> = {};
  for (const [id, { state }] of placed.firms) firms[String(id)] = accountOf(state);
  return { orders, profit: profitOf(orders), firms, payments: paymentsOf(place, instance, placed) };
}

function accountOf({ profit, book, shadow }: FirmState): FirmAccount {
  const entries = [...book.values()];
  const settlement = entries.reduce((sum, { what, amount }) => sum + (what === 'settlement' ? amount : 0n), 0n);
  return {
    profit: Number(profit) / 1e6,
    settlement: Number(settlement) / 1e6,
    alone: shadow === null ? null : shadow.profit,
    partners: new Set(entries.filter(({ what }) => what !== 'settlement').map(({ partner }) => partner)).size,
  };
}

/** What each firm has paid, and what it was paid by markets: each payment is in the book of one firm that is counted. */
function paymentsOf(place: World, instance: SupplyInstance, { firms }: Placed): readonly SupplyPayment[] {
  const names = new Map<Did, string>([[place.didOf(COSTS), COSTS]]);
  for (const { id } of instance.network.nodes) names.set(didOfNode(place, instance, id), String(id));
  for (const { market: id } of instance.network.markets) names.set(place.didOf(marketName(id)), String(id));
  const payments: SupplyPayment[] = [];
  for (const [id, { state }] of firms) {
    for (const { partner, what, amount } of state.book.values()) {
      const other = names.get(partner) ?? partner;
      if (amount < 0n) payments.push({ from: String(id), to: other, amount: (-amount).toString(), what });
      else if (what === 'sales') payments.push({ from: other, to: String(id), amount: amount.toString(), what });
    }
  }
  return payments;
}
