/** A payment, or the sum of such payments. */
export interface SupplyPayment {
  /** Node id; `costs` stands for all who are paid for storage, transport, operation and penalties. */
  readonly from: string;
  readonly to: string;
  /** Micro-tokens, in decimal digits. */
  readonly amount: string;
  readonly what: 'goods' | 'sales' | 'costs' | 'settlement' | 'forecast' | 'penalty';
}

/** How a firm fared, in tokens. */
export interface FirmAccount {
  /** What its money changed by, with settlements. */
  readonly profit: number;
  /** What it received and paid to share the gains. */
  readonly settlement: number;
  /** What its local rule would have earned in the same days, all others keeping to theirs; null where the rule was what it played. */
  readonly alone: number | null;
  /** Partners it exchanged messages with. */
  readonly partners: number;
}

/** What the firms ordered of each other, and what came of it. */
export interface SupplySolution {
  /** Units that were ordered, by `"<supplier>-<buyer>"` and period. */
  readonly orders: Readonly<Record<string, readonly number[]>>;
  /** Of the whole network, in tokens, as the orders give it. */
  readonly profit: number;
  /** By node id; empty where no agents were at work. */
  readonly firms: Readonly<Record<string, FirmAccount>>;
  /** Sums by payer, payee and purpose; empty where no agents were at work. */
  readonly payments: readonly SupplyPayment[];
}

/** The name of a lane in {@link SupplySolution.orders}. */
export function laneName({ supplier, buyer }: { readonly supplier: number; readonly buyer: number }): string {
  return `${supplier}-${buyer}`;
}
