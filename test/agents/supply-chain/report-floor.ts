import { defineAgent, type Agent } from '../../../agent-core/agent/agent.ts';
import type { Context } from '../../../agent-core/agent/context.ts';
import type { Received } from '../../../agent-core/agent/dialogue.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import { costCollector } from '../../../agents/supply-chain/cost-collector.ts';
import { DemandReport, type ToldDemand } from '../../../agents/supply-chain/demand-report.ts';
import { firm } from '../../../agents/supply-chain/firm.ts';
import type { FirmParams, FirmState } from '../../../agents/supply-chain/firm-state.ts';
import { echelonBaseStock } from '../../../agents/supply-chain/policies/echelon-base-stock.ts';
import { PurchaseOrder } from '../../../agents/supply-chain/purchase-order.ts';
import { rawSource } from '../../../agents/supply-chain/raw-source.ts';
import type { PlacedAgent } from '../../../simulator/placed-agent.ts';
import { world, type World } from '../../../simulator/world.ts';

/** Micro-tokens of a customer's fee, where nothing else is said. */
export const FEE = 200_000n;
/** Micro-tokens that everybody starts with. */
export const FUNDS = 1_000_000_000n;

/** What a customer says that a test plays, and what it has heard. */
export type TellerState = { readonly heard: string[] };
type Told = Received<typeof DemandReport, 'customer', 'accept'>;

/** How a customer that a test plays deals with who asks for a report. */
export interface Teller {
  readonly fee: bigint | null;
  readonly accept: (ctx: Context<void, TellerState>, m: Told, period: number) => Promise<void> | void;
}

/** What lies behind a customer, as it says. */
export const TOLD: Omit<ToldDemand, 'period'> = {
  asked: 5,
  expected: 7,
  position: 20,
  holding: 0.02,
  leadTime: 4,
  forecast: null,
};

/** Takes the fee and reports. */
export function honest(changes: Partial<ToldDemand> = {}): Teller {
  return {
    fee: FEE,
    async accept(ctx, m, period) {
      await takeFee(ctx, m);
      m.reply('report', { ...TOLD, period, ...changes });
    },
  };
}

export async function takeFee(ctx: Context<void, TellerState>, m: Told): Promise<void> {
  if (m.body.escrow === null) return;
  await ctx.ledger.post({ reservation: m.body.escrow, payer: m.from, amount: FEE });
}

function teller({ fee, accept }: Teller): Agent<void, TellerState> {
  return defineAgent({
    name: 'teller',
    state: (): TellerState => ({ heard: [] }),
    setup(agent) {
      let period = 0;
      agent.play(DemandReport, 'customer', {
        inquire(ctx, m) {
          period = m.body.period;
          ctx.state.heard.push('inquire');
          if (fee === null) m.reply('decline', { reason: 'not for sale' });
          else m.reply('offer', { fee, tiers: 0 });
        },
        accept(ctx, m) {
          ctx.state.heard.push('accept');
          return accept(ctx, m, period);
        },
        reject: (ctx, m) => void ctx.state.heard.push(`reject: ${m.body.reason}`),
      });
    },
  })();
}

/** What a supplier that a test plays says and hears. */
export type ReaderScript = (ctx: Context<void, ReaderState>, shop: Did) => Promise<void>;
export type ReaderState = { readonly heard: string[]; readonly reports: ToldDemand[] };

/** A supplier: takes orders, ships nothing, and buys reports as the script says. */
function reader(script: ReaderScript, shop: Did): Agent<void, ReaderState> {
  return defineAgent({
    name: 'reader',
    state: (): ReaderState => ({ heard: [], reports: [] }),
    setup(agent) {
      agent.start((ctx) => script(ctx, shop));
      agent.play(PurchaseOrder, 'supplier', { order: (_, m) => m.reply('decline', { reason: 'closed' }) });
      agent.play(DemandReport, 'supplier', { offer() {}, report() {}, decline() {} });
    },
  })();
}

/** Buys one report as it should; what comes of it is heard. */
export async function buyReport(
  ctx: Context<void, ReaderState>,
  shop: Did,
  {
    period = 0,
    escrow = async (fee) => {
      const id = `fee-${period}`;
      await ctx.ledger.reserve({ id, to: shop, amount: fee, release: 'payee', within: '1 h' });
      return id;
    },
  }: { readonly period?: number; readonly escrow?: (fee: bigint) => Promise<string | null> } = {},
): Promise<void> {
  const { heard, reports } = ctx.state;
  const offer = await ctx.ask(DemandReport, 'supplier', shop, 'inquire', { period }, { within: '2 h' });
  if (offer.type !== 'offer') return void heard.push(offer.type === 'decline' ? offer.body.reason : offer.type);
  const report = await offer.dialogue.ask('accept', { escrow: await escrow(offer.body.fee) });
  heard.push(report.type === 'decline' ? report.body.reason : report.type);
  if (report.type === 'report') reports.push(report.body);
}

/** A maker between a raw source, customers that the test plays, and a supplier that the test plays too. */
export interface Floor {
  readonly place: World;
  readonly maker: PlacedAgent<FirmState>;
  readonly tellers: readonly PlacedAgent<TellerState>[];
  readonly reader: PlacedAgent<ReaderState>;
}

/** Places a maker of two periods; its customers and what its supplier does are given, and what else differs. */
export function floor({
  tellers = [],
  script = () => Promise.resolve(),
  changes = {},
  funds = FUNDS,
  sign = 'off',
}: {
  readonly tellers?: readonly Teller[];
  readonly script?: ReaderScript;
  readonly changes?: Partial<FirmParams>;
  readonly funds?: bigint;
  readonly sign?: 'off' | 'each';
}): Floor {
  const place = world({ seed: 1, sign, strict: true, record: true });
  const customers = tellers.map((_, k) => ({ agent: place.didOf(`teller-${k}`), price: 2 }));
  const lane = { leadTime: 1, price: 0, pipelineCost: 0, orderCost: 0 };
  const params: FirmParams = {
    opensAt: 0,
    periods: 2,
    backlog: true,
    items: [{ stock: 10, holding: 0, perOutput: 1 }],
    operatingCost: 0,
    capacity: Infinity,
    suppliers: [
      { ...lane, agent: place.didOf('raw'), item: 0, listed: true },
      { ...lane, agent: place.didOf('reader'), item: 0, listed: false },
    ],
    customers,
    markets: [],
    outages: [],
    costsTo: place.spawn(costCollector(), { name: 'costs' }).did,
    rule: echelonBaseStock(),
    members: [],
    trade: null,
    reports: { fee: 0.2, feeMost: 1, forecasts: false },
    ...changes,
  };
  place.spawn(rawSource({ periods: 2, customers: [{ agent: place.didOf('maker'), price: 0 }], outages: [] }), {
    name: 'raw',
  });
  return {
    place,
    maker: place.spawn(firm(params), { name: 'maker', funds }),
    tellers: tellers.map((one, k) => place.spawn(teller(one), { name: `teller-${k}`, funds: FUNDS })),
    reader: place.spawn(reader(script, place.didOf('maker')), { name: 'reader', funds: FUNDS }),
  };
}

/** Units that the maker ordered in its first period and its second. */
export function ordered({ maker }: Floor): readonly number[] {
  return [0, 1].map((period) => maker.state.ordered.reduce((sum, lane) => sum + (lane[period] ?? 0), 0));
}
