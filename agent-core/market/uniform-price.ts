import { assert, HaggleError } from '../errors.ts';
import { byPriority, crossing } from './crossing.ts';
import { checkOrder, ORDER_BOUNDS, type Order, type Side, type Trade } from './order.ts';

/** How a call market clears. */
export interface ClearingRule {
  /** Where between the lowest (0) and the highest (1,000) clearing price the price is set. Default 500. */
  readonly kPermille?: number;
  /** Who is served where orders at the marginal price want more than is left. Default `time`. */
  readonly margin?: 'time' | 'pro-rata';
}

/** What one order gets. */
export interface Fill {
  readonly order: Order;
  /** Units, from 1 to the order's quantity. */
  readonly quantity: number;
}

/** The outcome of a call market: one price for all. */
export interface Clearing {
  /** Micro-tokens a unit. */
  readonly price: bigint;
  /** The prices that clear the market, from `low` to `high`, in micro-tokens. */
  readonly low: bigint;
  readonly high: bigint;
  /** Units that change hands: the most that can at one price. */
  readonly quantity: number;
  /** Bids less asks of the units that trade, in micro-tokens: the most there is, if the orders are truthful. */
  readonly surplus: bigint;
  /** Orders that trade: buyers by price and arrival, then sellers. */
  readonly fills: readonly Fill[];
  /** The fills as payments from a buyer to a seller, in the order of `fills`: all add up to the unit and the micro-token. */
  readonly trades: readonly Trade[];
}

/**
 * Clears a call market at one price; undefined where no bid reaches an ask.
 *
 * The quantity is the largest that trades at one price, and of those the surplus is the largest. The price is that of the
 * k-double auction (Chatterjee and Samuelson 1983; Satterthwaite and Williams 1989): `low + k (high - low)`, rounded down to
 * a micro-token, which is in the interval whatever k. Better prices are filled first. Among orders at the marginal price of
 * the side that wants more than it gets, `time` serves them in the order of the array, `pro-rata` gives each the whole part
 * of its share and the units left to the largest fractions, the earlier order first (Hamilton's method). A trader with
 * orders on both sides may trade with itself, at no gain or loss.
 *
 * Nobody trades at a loss by its own orders, and what buyers pay is what sellers get. No such rule is also proof against
 * false orders (Myerson and Satterthwaite 1983): who sets the margin can gain by asking for a little more.
 *
 * @throws HaggleError `bad-order`, `order-id-taken` for two orders of one id, `too-many-orders` above a million,
 * `bad-clearing-rule` unless k is a whole number from 0 to 1,000.
 */
export function clearUniformPrice(orders: readonly Order[], rule: ClearingRule = {}): Clearing | undefined {
  const { kPermille = 500, margin = 'time' } = rule;
  if (!Number.isInteger(kPermille) || kPermille < 0 || kPermille > 1_000) {
    throw new HaggleError('bad-clearing-rule', `k must be a whole number from 0 to 1,000 permille, got ${kPermille}`);
  }
  checkAll(orders);
  const found = crossing(orders);
  if (found === undefined) return undefined;
  const { low, high, quantity, surplus } = found;
  const price = low + ((high - low) * BigInt(kPermille)) / 1_000n;
  const fillSide = (side: Side): readonly Fill[] => fillBest(byPriority(orders, side), quantity, margin);
  const [bought, sold] = [fillSide('buy'), fillSide('sell')];
  return { price, low, high, quantity, surplus, fills: [...bought, ...sold], trades: pair(bought, sold, price) };
}

function checkAll(orders: readonly Order[]): void {
  if (orders.length > ORDER_BOUNDS.orders) {
    throw new HaggleError(
      'too-many-orders',
      `a call market clears at most ${ORDER_BOUNDS.orders} orders, got ${orders.length}`,
    );
  }
  const ids = new Set<string>();
  for (const order of orders) {
    checkOrder(order);
    if (ids.has(order.id)) {
      throw new HaggleError('order-id-taken', `clearing met two orders ${order.id}`, { fields: { id: order.id } });
    }
    ids.add(order.id);
  }
}

/** Gives `quantity` units to sorted orders, price by price; only the last price can get less than it wants. */
function fillBest(sorted: readonly Order[], quantity: number, margin: 'time' | 'pro-rata'): readonly Fill[] {
  const fills: Fill[] = [];
  let left = quantity;
  for (let from = 0; left > 0;) {
    const price = sorted[from]?.price;
    assert(price !== undefined, 'a side is shorter than the quantity that trades');
    let to = from;
    while (sorted[to]?.price === price) to++;
    const group = sorted.slice(from, to);
    const wanted = group.reduce((sum, order) => sum + order.quantity, 0);
    const served = wanted > left && margin === 'pro-rata' ? byShare(group, left, wanted) : byTime(group, left);
    for (const fill of served) if (fill.quantity > 0) fills.push(fill);
    left -= Math.min(left, wanted);
    from = to;
  }
  return fills;
}

function byTime(group: readonly Order[], units: number): Fill[] {
  let left = units;
  return group.map((order) => {
    const quantity = Math.min(left, order.quantity);
    left -= quantity;
    return { order, quantity };
  });
}

/** Whole parts of `units * quantity / wanted`, then one unit each to the largest fractions until none is left. */
function byShare(group: readonly Order[], units: number, wanted: number): Fill[] {
  const shares = group.map((order, index) => {
    const share = BigInt(units) * BigInt(order.quantity);
    return { order, index, whole: Number(share / BigInt(wanted)), fraction: share % BigInt(wanted) };
  });
  const left = units - shares.reduce((sum, share) => sum + share.whole, 0);
  const byFraction = shares.toSorted((a, b) =>
    a.fraction === b.fraction ? a.index - b.index : a.fraction > b.fraction ? -1 : 1,
  );
  const lucky = new Set(byFraction.slice(0, left).map((share) => share.index));
  return shares.map(({ order, index, whole }) => ({ order, quantity: whole + Number(lucky.has(index)) }));
}

/** Walks buyers and sellers side by side, so that there are fewer trades than fills. */
function pair(bought: readonly Fill[], sold: readonly Fill[], price: bigint): readonly Trade[] {
  const trades: Trade[] = [];
  const sellers = sold[Symbol.iterator]();
  let seller: Fill | undefined;
  let offered = 0;
  for (const buyer of bought) {
    for (let open = buyer.quantity; open > 0;) {
      if (offered === 0) {
        seller = sellers.next().value;
        offered = seller?.quantity ?? 0;
      }
      assert(seller !== undefined, 'more is bought than sold');
      const quantity = Math.min(open, offered);
      open -= quantity;
      offered -= quantity;
      const [buy, sell] = [buyer.order, seller.order];
      trades.push({ price, quantity, buyer: buy.trader, seller: sell.trader, buyOrder: buy.id, sellOrder: sell.id });
    }
  }
  assert(offered === 0 && sellers.next().done === true, 'more is sold than bought');
  return trades;
}
