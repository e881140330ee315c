/** What stock that arrives is worth to a retailer, exactly, over demands that may come. */
import { HaggleError } from '../../agent-core/errors.ts';

/** A market as the retailer sees it from this period on. */
export interface RetailMarket {
  /** Money for a unit sold. */
  readonly price: number;
  /** Money for each unit that is asked for and not served, at the end of a period. */
  readonly penalty: number;
  /** Units of earlier demand that wait; 0 where demand that is not served is lost. */
  readonly waiting: number;
  /** Units asked for, by path and by period from now on. */
  readonly paths: readonly (readonly number[])[];
}

/** What a retailer knows and expects. */
export interface RetailView {
  /** The period that is planned first. */
  readonly now: number;
  /** Of the whole horizon; stock is worth nothing after it. */
  readonly periods: number;
  /** Units before this period's arrivals. */
  readonly stock: number;
  /** Demand that is not served waits; otherwise it is lost. */
  readonly backlog: boolean;
  /** Money for each unit that is in stock at the end of a period. */
  readonly holding: number;
  /** Served in this order. */
  readonly markets: readonly RetailMarket[];
  /** Units that arrive by absolute period: under way or contracted. Those before `now` are not read. */
  readonly arrivals: readonly number[];
}

/** The gain, in money, from a change of what arrives. */
export interface ArrivalGains {
  /** From `units` more in this period (absolute). */
  more(period: number): number;
  /** From `units` fewer in this period. */
  fewer(period: number): number;
  /** From `units` more in one period and as many fewer in another. */
  moved(to: number, from: number): number;
}

/** States that differ by less are one: the rest is rounding. */
const SAME = 1e-9;

/** A view as flat numbers, periods counted from now. */
interface Book {
  readonly view: RetailView;
  readonly length: number;
  readonly count: number;
  /** Demand by path, period, market. */
  readonly demand: Float64Array;
  readonly arrivals: Float64Array;
}

/** Where a path stands before a period: stock, then what waits by market. */
type State = Float64Array;

/**
 * Mean over the paths of what the retailer earns from this period to the last: sales less penalties and holding.
 *
 * @throws HaggleError `bad-retail-view` where the numbers do not make a view
 */
export function arrivalValue(view: RetailView): number {
  const book = openBook(view);
  let sum = 0;
  for (let path = 0; path < book.count; path++) {
    const state = startState(view);
    for (let t = 0; t < book.length; t++) sum += step(book, state, { path, t, extra: 0 });
  }
  return sum / book.count;
}

/**
 * Gains of single lots against what is planned, so that many changes can be compared at little cost.
 *
 * One market that waits: cumulated demand and arrivals alone decide, so each change is a difference of two sums. One market
 * that does not: the lot is followed until it is sold. Several markets: a changed path is followed until it has met the
 * planned one again.
 *
 * @throws HaggleError `bad-retail-view` where the numbers do not make a view, or `units` is not positive
 */
export function arrivalGains(view: RetailView, units: number): ArrivalGains {
  if (!(units > 0 && units < Infinity)) throw badView('a lot is a positive number of units', units);
  const book = openBook(view);
  const [market, second] = view.markets;
  if (market === undefined || second !== undefined) return followedGains(book, units);
  return view.backlog ? waitingGains(book, market, units) : lostGains(book, market, units);
}

/** Gains by sums: with one market that waits, a unit more in period t shifts net stock from t to the end, and no more. */
function waitingGains(book: Book, { price, penalty, waiting }: RetailMarket, units: number): ArrivalGains {
  const { view, length, count, demand, arrivals } = book;
  const [more, fewer] = [new Float64Array(length + 1), new Float64Array(length + 1)];
  for (let path = 0; path < count; path++) {
    let net = view.stock - waiting;
    for (let t = 0; t < length; t++) {
      net += (arrivals[t] ?? 0) - (demand[path * length + t] ?? 0);
      const short = t === length - 1 ? penalty + price : penalty;
      const worth = (stock: number): number => (stock > 0 ? -view.holding * stock : short * stock);
      more[t] = (more[t] ?? 0) + worth(net + units) - worth(net);
      fewer[t] = (fewer[t] ?? 0) + worth(net - units) - worth(net);
    }
  }
  for (let t = length - 1; t >= 0; t--) {
    more[t] = (more[t] ?? 0) / count + (more[t + 1] ?? 0);
    fewer[t] = (fewer[t] ?? 0) / count + (fewer[t + 1] ?? 0);
  }
  const between = (sums: Float64Array, from: number, to: number): number =>
    (sums[from - view.now] ?? 0) - (sums[to - view.now] ?? 0);
  return {
    more: (period) => more[period - view.now] ?? 0,
    fewer: (period) => fewer[period - view.now] ?? 0,
    moved: (to, from) => (to < from ? between(more, to, from) : between(fewer, from, to)),
  };
}

/** Gains where demand does not wait: of a lot, what no demand has taken is still there, and nothing else is changed. */
function lostGains(book: Book, { price, penalty }: RetailMarket, units: number): ArrivalGains {
  const { view, length, count } = book;
  const excess = plannedExcess(book);
  const sale = price + penalty;
  const pathGain = (row: number, first: Change, second: Change): number => {
    let [gain, extra] = [0, 0];
    for (let t = first.t; t < length; t++) {
      extra += (t === first.t ? first.extra : 0) + (t === second.t ? second.extra : 0);
      const planned = excess[row + t] ?? 0;
      const changed = planned + extra;
      const left = (changed > 0 ? changed : 0) - (planned > 0 ? planned : 0);
      gain += sale * (extra - left) - view.holding * left;
      extra = left;
      if (t >= second.t && extra < SAME && extra > -SAME) break;
    }
    return gain;
  };
  return gainsOf(view, units, (first, second) => {
    let sum = 0;
    for (let row = 0; row < count * length; row += length) sum += pathGain(row, first, second);
    return sum / count;
  });
}

/** Stock after arrivals less demand, below zero where sales are lost, by path and period. */
function plannedExcess({ view, length, count, demand, arrivals }: Book): Float64Array {
  const excess = new Float64Array(count * length);
  for (let path = 0; path < count; path++) {
    let stock = view.stock;
    for (let t = 0; t < length; t++) {
      const at = path * length + t;
      const over = stock + (arrivals[t] ?? 0) - (demand[at] ?? 0);
      excess[at] = over;
      stock = over > 0 ? over : 0;
    }
  }
  return excess;
}

/** Gains by following each changed path. */
function followedGains(book: Book, units: number): ArrivalGains {
  const planned = follow(book);
  const mean = (first: Change, second: Change): number => {
    let sum = 0;
    for (let path = 0; path < book.count; path++) sum += changedGain(book, planned, { path, first, second });
    return sum / book.count;
  };
  return gainsOf(book.view, units, mean);
}

/** Gains from the mean gain of one or two changes, the earlier one first. */
function gainsOf({ now }: RetailView, units: number, mean: (first: Change, second: Change) => number): ArrivalGains {
  const none = { t: 0, extra: 0 };
  return {
    more: (period) => mean({ t: period - now, extra: units }, none),
    fewer: (period) => mean({ t: period - now, extra: -units }, none),
    moved: (to, from) => {
      const gained = { t: to - now, extra: units };
      const lost = { t: from - now, extra: -units };
      return to < from ? mean(gained, lost) : mean(lost, gained);
    },
  };
}

/** So many units more arrive in this period, counted from now. */
interface Change {
  readonly t: number;
  readonly extra: number;
}

/** The planned course of every path. */
interface Course {
  /** State before each period, by path and period. */
  readonly states: Float64Array;
  /** Money by path and period. */
  readonly money: Float64Array;
}

function follow(book: Book): Course {
  const { view, count, length } = book;
  const width = 1 + view.markets.length;
  const states = new Float64Array(count * (length + 1) * width);
  const money = new Float64Array(count * length);
  for (let path = 0; path < count; path++) {
    const state = startState(view);
    const row = path * (length + 1);
    states.set(state, row * width);
    for (let t = 0; t < length; t++) {
      money[path * length + t] = step(book, state, { path, t, extra: 0 });
      states.set(state, (row + t + 1) * width);
    }
  }
  return { states, money };
}

/** Money gained on one path by one or two changes, the earlier one first. */
function changedGain(
  book: Book,
  planned: Course,
  changed: { readonly path: number; readonly first: Change; readonly second: Change },
): number {
  const { length } = book;
  const { path, first, second } = changed;
  const width = 1 + book.view.markets.length;
  const row = path * (length + 1);
  const state = planned.states.slice((row + first.t) * width, (row + first.t + 1) * width);
  let gain = 0;
  for (let t = first.t; t < length; t++) {
    const extra = (t === first.t ? first.extra : 0) + (t === second.t ? second.extra : 0);
    gain += step(book, state, { path, t, extra }) - (planned.money[path * length + t] ?? 0);
    if (t < second.t) continue;
    let same = true;
    const at = (row + t + 1) * width;
    for (let i = 0; i < width; i++) same &&= Math.abs((state[i] ?? 0) - (planned.states[at + i] ?? 0)) < SAME;
    if (same) break;
  }
  return gain;
}

/** One period: stock arrives, the markets are served in order, and what is left is paid for. Changes `state`. */
function step(
  book: Book,
  state: State,
  at: { readonly path: number; readonly t: number; readonly extra: number },
): number {
  const { view, demand, length, arrivals } = book;
  const markets = view.markets;
  let stock = (state[0] ?? 0) + (arrivals[at.t] ?? 0) + at.extra;
  let money = 0;
  let entry = (at.path * length + at.t) * markets.length;
  for (let m = 0; m < markets.length; m++) {
    const market = markets[m];
    const asked = (demand[entry++] ?? 0) + (state[m + 1] ?? 0);
    const sold = asked < stock ? asked : stock;
    stock -= sold;
    money += (market?.price ?? 0) * sold - (market?.penalty ?? 0) * (asked - sold);
    state[m + 1] = view.backlog ? asked - sold : 0;
  }
  state[0] = stock;
  return money - view.holding * stock;
}

function startState(view: RetailView): State {
  return Float64Array.from([view.stock, ...view.markets.map(({ waiting }) => (view.backlog ? waiting : 0))]);
}

function openBook(view: RetailView): Book {
  const { now, periods, markets } = view;
  const length = periods - now;
  if (!Number.isInteger(now) || !Number.isInteger(periods) || now < 0 || length < 1) {
    throw badView(`a view has a whole period below its ${periods} periods`, now);
  }
  const count = markets[0]?.paths.length ?? 0;
  if (count === 0) throw badView('a view has at least one market with at least one path', count);
  const demand = new Float64Array(count * length * markets.length);
  for (const [m, market] of markets.entries()) {
    if (market.paths.length !== count) throw badView(`every market has ${count} paths`, market.paths.length);
    for (const [path, units] of market.paths.entries()) {
      if (units.length < length) throw badView(`a path has ${length} periods`, units.length);
      for (let t = 0; t < length; t++) demand[(path * length + t) * markets.length + m] = units[t] ?? 0;
    }
  }
  const arrivals = Float64Array.from({ length }, (_, t) => view.arrivals[now + t] ?? 0);
  if (!Number.isFinite(view.stock) || view.stock < 0) throw badView('stock is finite and not negative', view.stock);
  return { view, length, count, demand, arrivals };
}

function badView(wanted: string, got: number): HaggleError {
  return new HaggleError('bad-retail-view', `${wanted}, got ${got}`, { fields: { got } });
}
