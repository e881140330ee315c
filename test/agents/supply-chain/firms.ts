/** One firm, with partners that a test plays. */
import { fixedAnticipation } from '../../../agents/supply-chain/policies/anticipation.ts';
import { testAgent } from '../../../agent-core/testing/bench.ts';
import type { PeerDialogue } from '../../../agent-core/testing/peer-dialogue.ts';
import type { Peer } from '../../../agent-core/testing/peer.ts';
import type { BodyOf } from '../../../agent-core/protocol/conversation-types.ts';
import type { TestBench } from '../../../agent-core/testing/test-bench.ts';
import { firm } from '../../../agents/supply-chain/firm.ts';
import type { FirmParams, FirmState, TradeTerms } from '../../../agents/supply-chain/firm-state.ts';
import { baseStock } from '../../../agents/supply-chain/policies/base-stock.ts';
import { fixedShare } from '../../../agents/supply-chain/policies/gain-share.ts';
import { PurchaseOrder } from '../../../agents/supply-chain/purchase-order.ts';
import { SupplyContract } from '../../../agents/supply-chain/supply-contract.ts';

/** Micro-tokens with which everybody begins. */
export const FUNDS = 1_000_000_000_000n;

/** Periods of a game. */
export const PERIODS = 4;

const TERMS: TradeTerms = {
  lots: [4, 1],
  penalty: 0.5,
  window: PERIODS,
  paths: 10,
  anticipate: fixedAnticipation(),
  share: fixedShare(0.5),
  renegotiate: true,
  notices: true,
  worthwhile: 0,
  convenor: null,
};

/** What differs from firm to firm; partners by name. */
export interface FirmPlan {
  readonly stock?: number;
  readonly perOutput?: number;
  readonly capacity?: number;
  readonly suppliers?: readonly (Partial<Omit<FirmParams['suppliers'][number], 'agent'>> & {
    readonly agent: string;
  })[];
  readonly customers?: readonly string[];
  readonly markets?: readonly string[];
  readonly members?: readonly string[];
  readonly convenor?: string;
  readonly outages?: FirmParams['outages'];
  /** Null: it does not negotiate. */
  readonly trade?: Partial<TradeTerms> | null;
  readonly strict?: boolean;
}

/** A firm that has 10 units, stores one for 0.1 a period and ships it for 1; two customers at a list price of 5. */
export function firmBench(plan: FirmPlan = {}): TestBench<FirmState> {
  const { stock = 10, perOutput = 1, capacity = Infinity, suppliers = [], customers = ['ann', 'bob'] } = plan;
  const { markets = [], members = [], outages = [], trade = {}, strict = true } = plan;
  return testAgent(
    ({ didOf }) =>
      firm({
        periods: PERIODS,
        backlog: true,
        items: [{ stock, holding: 0.1, perOutput }],
        operatingCost: 1,
        capacity,
        suppliers: suppliers.map(({ agent, ...rest }) => ({
          agent: didOf(agent),
          item: 0,
          leadTime: 0,
          price: 2,
          pipelineCost: 0,
          orderCost: 0,
          listed: false,
          ...rest,
        })),
        customers: customers.map((name) => ({ agent: didOf(name), price: 5 })),
        markets: markets.map((name) => ({ agent: didOf(name), price: 7, penalty: 1 })),
        outages: [...outages],
        costsTo: didOf('costs'),
        rule: baseStock(),
        reports: null,
        members: members.map((name) => didOf(name)),
        trade:
          trade === null
            ? null
            : { ...TERMS, convenor: plan.convenor === undefined ? null : didOf(plan.convenor), ...trade },
      }),
    { name: 'firm', funds: FUNDS, strict },
  );
}

/** A quote, and where it can be accepted. */
export interface Quoted {
  readonly dialogue: PeerDialogue<typeof SupplyContract, 'buyer'>;
  readonly quote: BodyOf<typeof SupplyContract, 'quote'>;
}

/** Asks for quotes of a lot in a period, and hears them. */
export async function quoted(bench: TestBench<FirmState>, name: string, lot: number): Promise<Quoted> {
  const dialogue = called(bench, name, { lot });
  await bench.settle();
  return { dialogue, quote: dialogue.hear('quote') };
}

/** Asks for quotes of a lot from now on; waits half a minute for the answer, or long enough to accept it much later. */
export function called(
  bench: TestBench<FirmState>,
  name: string,
  { lot, patient = false }: { readonly lot: number; readonly patient?: boolean },
): PeerDialogue<typeof SupplyContract, 'buyer'> {
  return bench
    .peer(name)
    .open(
      SupplyContract,
      'buyer',
      'call',
      { from: Math.max(0, bench.state.period), lot, asOf: 0 },
      { within: patient ? '30 min' : '30 s' },
    );
}

/** Buys or calls off a lot at the quote and something on top, a unit; gives what the firm said. */
export async function traded(
  bench: TestBench<FirmState>,
  name: string,
  { lot, period, kind = 'buy', above = 0 }: { lot: number; period: number; kind?: 'buy' | 'call-off'; above?: number },
): Promise<{ readonly said: string; readonly price: number }> {
  const { dialogue, quote } = await quoted(bench, name, lot);
  const quotedPrice = (kind === 'buy' ? quote.more : quote.fewer)[period - bench.state.period] ?? 0;
  const price = quotedPrice + above;
  dialogue.send('amend', { kind, period, price });
  await bench.settle();
  return { said: dialogue.heard().at(-1)?.type ?? 'nothing', price };
}

/** Sets so much aside for the firm, in micro-tokens, and gives its name. */
export function escrowFor(bench: TestBench<FirmState>, { ledger }: Peer, amount: bigint): string {
  const receipt = ledger.reserve({ to: bench.did, amount, release: 'payee', within: '1 h' });
  return receipt.type === 'applied' ? receipt.id : '';
}

/** Orders from the firm in its present period. */
export function ordered(
  bench: TestBench<FirmState>,
  name: string,
  order: {
    readonly quantity: number;
    readonly escrow: string | null;
    readonly period?: number;
    readonly alone?: number;
  },
): PeerDialogue<typeof PurchaseOrder, 'buyer'> {
  const { quantity, escrow, period = Math.max(0, bench.state.period), alone = 0 } = order;
  const body = { period, quantity, alone, escrow };
  return bench.peer(name).open(PurchaseOrder, 'buyer', 'order', body, { within: '12 min' });
}

/** Micro-tokens of a party. */
export function wealthOf(bench: TestBench<FirmState>, name: string): bigint {
  const { available, reserved } = bench.peer(name).ledger.balance();
  return available + reserved;
}

/** Micro-tokens of the firm. */
export function ownWealth({ ledger, did }: TestBench<FirmState>): bigint {
  const { available, reserved } = ledger.balance(did);
  return available + reserved;
}
