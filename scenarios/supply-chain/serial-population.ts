import { micros, type Micros } from '../../agent-core/clock.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import { endCustomers } from '../../agents/supply-chain/serial/end-customers.ts';
import { baseStock, stermanRule } from '../../agents/supply-chain/serial/order-policies.ts';
import type { Policy } from '../../agent-core/policy/policy.ts';
import { serialStage } from '../../agents/supply-chain/serial/stage.ts';
import type { StageState } from '../../agents/supply-chain/serial/stage-state.ts';
import type { PlacedAgent } from '../../simulator/placed-agent.ts';
import type { World } from '../../simulator/world.ts';
import type { Population } from '../scenario.ts';
import type { SerialInstance, SerialProblem, SerialRule } from './serial-instance.ts';
import type { SerialFirm, SerialSolution } from './serial-solution.ts';
import type { SupplyPayment } from './solution.ts';

/** The talk about levels is over by then, and the first period begins; firms that are slower take the orders later. */
const START_MICROS: Micros = micros('1 min');
const PERIOD_MICROS: Micros = micros('1 s');
/** More than anybody spends. */
const FUNDS = 10n ** 21n;
/** Goods are worth so many times what storing them for a period costs. */
const WORTH = 10;

/** Places the firms of a chain and their customers. */
export function populateSerial(place: World, { instance, rule }: SerialProblem): Population<SerialSolution> {
  const { stages, demand } = instance;
  const firms = stages.map((_, k) =>
    place.spawn(stageAgent(place, instance, { rule, k }), { name: firmName(k), funds: FUNDS }),
  );
  const customers = endCustomers({
    retailer: place.didOf(firmName(0)),
    demand: [...demand],
    startAt: START_MICROS,
    period: PERIOD_MICROS,
    price: priceOf(instance, 0),
  });
  const market = place.spawn(customers, { name: 'customers', funds: FUNDS });
  return {
    finished: () => firms.every(({ state }) => state.over),
    progress: () => progressOf(firms, demand.length),
    rounds: () => firms[0]?.state.turns ?? 0,
    agreement: () => {
      const { payments, ...rest } = solutionOf(instance, firms);
      return { ...rest, payments: [...salesOf(market.state.paid), ...payments] };
    },
  };
}

function stageAgent(
  place: World,
  instance: SerialInstance,
  { rule, k }: { readonly rule: SerialRule; readonly k: number },
): ReturnType<typeof serialStage> {
  const { stages, start } = instance;
  const stage = stages[k];
  if (stage === undefined)
    throw new HaggleError('bad-parameter', `a chain of ${stages.length} stages has none at ${k}`);
  const supplier = stages[k + 1];
  const customer = stages[k - 1];
  return serialStage({
    supplier: supplier === undefined ? null : place.didOf(firmName(k + 1)),
    customer: place.didOf(customer === undefined ? 'customers' : firmName(k - 1)),
    orderDelay: stage.orderDelay,
    shipDelay: stage.shipDelay,
    holding: stage.holding,
    echelonHolding: stage.holding - (supplier?.holding ?? 0),
    backlog: stage.backlog,
    underWay: stage.underWay,
    customerShipDelay: customer?.shipDelay ?? 0,
    demand: k === 0 ? instance.law : null,
    start: { ...start, sent: start.arriving },
    purchasePrice: supplier === undefined ? 0n : priceOf(instance, k + 1),
    policy: policyOf(instance, { rule, k }),
  });
}

function policyOf(
  { stages, published, sterman }: SerialInstance,
  { rule, k }: { readonly rule: SerialRule; readonly k: number },
): Policy | null {
  if (rule === 'negotiated') return null;
  if (rule === 'base-stock') return baseStock(published.localLevels?.[k] ?? 0);
  const { orderDelay = 0, shipDelay = 1 } = stages[k] ?? {};
  return stermanRule({ stock: sterman.stock, onOrder: sterman.perPeriod * (orderDelay + shipDelay) });
}

/** Micro-tokens for a unit of what a firm ships. */
function priceOf({ stages }: SerialInstance, k: number): bigint {
  return BigInt(Math.round(WORTH * (stages[k]?.holding ?? 0) * 1_000_000));
}

function firmName(k: number): string {
  return k === 0 ? 'retailer' : `firm-${k + 1}`;
}

/** The periods that are played count as rounds: the talk is a matter of moments. */
function progressOf(firms: readonly PlacedAgent<StageState>[], periods: number) {
  const here = firms.filter((agent) => agent.here);
  const round = here.reduce((least, { state }) => Math.min(least, state.period), here.length === 0 ? 0 : periods);
  return { round, disagreement: here.length === 0 ? 0 : 1 + periods - round };
}

function solutionOf(instance: SerialInstance, firms: readonly PlacedAgent<StageState>[]): SerialSolution {
  const late = firms.find(({ state }) => !state.over);
  if (late !== undefined) {
    const { period, agreed } = late.state;
    const how = agreed ? `came to period ${period} of ${instance.demand.length}` : 'did not agree on its level';
    throw new HaggleError('no-agreement', `playing ${instance.name}: ${late.name} ${how}`);
  }
  const ended = firms.map(({ state }) => firmOf(instance, state));
  return {
    firms: ended,
    playedCost: ended.reduce((sum, { cost }) => sum + cost, 0),
    quotedCost: firms[0]?.state.quoted ?? null,
    turns: firms[0]?.state.turns ?? 0,
    payments: firms.flatMap(({ state }, k) => paymentsOf(state, k)),
  };
}

function firmOf(
  { warmUp }: SerialInstance,
  { level, customerLevel, step, orders, stocks, costs }: StageState,
): SerialFirm {
  return {
    echelonLevel: level === null ? null : level * step,
    localLevel: level === null ? null : (level - customerLevel) * step,
    orders: [...orders],
    stocks: [...stocks],
    cost: costs.slice(warmUp).reduce((sum, cost) => sum + cost, 0),
  };
}

function salesOf(paid: bigint): readonly SupplyPayment[] {
  return paid === 0n ? [] : [{ from: 'customers', to: firmName(0), amount: String(paid), what: 'sales' }];
}

function paymentsOf({ goodsPaid, compensationPaid }: StageState, k: number): readonly SupplyPayment[] {
  const from = firmName(k);
  const goods = { from, to: firmName(k + 1), amount: String(goodsPaid), what: 'goods' } as const;
  const to = k === 0 ? 'customers' : firmName(k - 1);
  const penalty = { from, to, amount: String(compensationPaid), what: 'penalty' } as const;
  return [...(goodsPaid > 0n ? [goods] : []), ...(compensationPaid > 0n ? [penalty] : [])];
}
