import { ORDER_BOUNDS } from '../../../agent-core/market/order.ts';
import { decide, type Policy } from '../../../agent-core/policy/policy.ts';
import { mostGiven, mostTaken, storedAfter, type Battery } from '../../../agents/energy/community/battery.ts';
import { bid, drawnAlone, followTrades, type HourWish } from '../../../agents/energy/community/bidding.ts';
import { noMemory, remember, type HomeMemory } from '../../../agents/energy/community/home-memory.ts';
import {
  highestTariff,
  observeHome,
  valueBy,
  wishByValue,
  type HomeView,
} from '../../../agents/energy/community/value-policy.ts';
import { metered, type CommunityInstance } from './community.ts';
import { HourBook } from './hour-book.ts';

interface FastHome {
  readonly battery: Battery;
  readonly loadWh: readonly number[];
  readonly sunWh: readonly number[];
}

/**
 * The hours of a community whose homes decide by policy, without messages and ledger: the same orders, the same clearing, the same
 * batteries as in a world, to train by. It differs from a world by single Wh, where homes share what is left at one price and fractions
 * are alike.
 */
export class FastCommunity {
  readonly hours: number;
  readonly count: number;
  /** By home: micro-tokens paid less received. */
  readonly paid: Float64Array;
  readonly storedWh: Float64Array;
  /** By home, alone: what is in store and what was paid, where it is asked for. */
  readonly aloneStoredWh: Float64Array;
  readonly alonePaid: Float64Array;
  /** Of the last hour, by home: bought less sold with what was metered, and the flow of the battery, Wh. */
  readonly drawnWh: Float64Array;
  readonly flowWh: Float64Array;
  hour = 0;
  readonly #instance: CommunityInstance;
  readonly #homes: readonly FastHome[];
  #memories: HomeMemory[] = [];
  readonly #book = new HourBook();
  readonly #traded: Float64Array;
  readonly #views: HomeView[] = [];
  /** By home: whether it has an order in this hour. */
  readonly #orders: Uint8Array;

  constructor(instance: CommunityInstance) {
    this.#instance = instance;
    this.#homes = instance.homes.map(({ battery, loadWh, sunWh }) => ({
      battery,
      loadWh: metered(loadWh),
      sunWh: metered(sunWh),
    }));
    this.hours = instance.hours;
    this.count = instance.homes.length;
    const zeros = (): Float64Array => new Float64Array(this.count);
    this.paid = zeros();
    this.storedWh = zeros();
    this.aloneStoredWh = zeros();
    this.alonePaid = zeros();
    this.drawnWh = zeros();
    this.flowWh = zeros();
    // The last one is the utility's.
    this.#traded = new Float64Array(this.count + 1);
    this.#orders = new Uint8Array(this.count);
    this.reset();
  }

  /** Back to the first hour. */
  reset(): void {
    this.hour = 0;
    for (const list of [this.paid, this.storedWh, this.aloneStoredWh, this.alonePaid, this.drawnWh, this.flowWh])
      list.fill(0);
    this.#memories = this.#homes.map(() => noMemory());
  }

  /** Highest tariff of the next 24 hours: an action of 1 is so many micro-tokens a Wh. */
  get highestTariff(): number {
    return highestTariff(this.#instance.tariff, this.hour);
  }

  /** What a home sees now. */
  view(home: number, alone = false): HomeView {
    const { calendar, tariff } = this.#instance;
    const one = this.#homes[home];
    return {
      battery: one?.battery ?? { capacityWh: 0, powerW: 0, efficiency: 1 },
      storedWh: (alone ? this.aloneStoredWh : this.storedWh)[home] ?? 0,
      hour: this.hour,
      hourOfDay: calendar.hourOfDay,
      dayType: calendar.dayType,
      month: calendar.month,
      tariff,
      loadWh: one?.loadWh[this.hour] ?? 0,
      sunWh: one?.sunWh[this.hour] ?? 0,
      memory: this.#memories[home] ?? noMemory(),
    };
  }

  /** The observation of a home's policy. */
  observe(home: number, alone = false): number[] {
    return observeHome(this.view(home, alone));
  }

  /** Whether a home has a battery to decide about. */
  decides(home: number): boolean {
    const battery = this.#homes[home]?.battery;
    return battery !== undefined && battery.capacityWh > 0 && battery.powerW > 0;
  }

  /**
   * Trades an hour. Gives the price, null where nothing was traded.
   *
   * @param actions - by home, what a stored Wh is worth, as a multiple of {@link highestTariff}
   * @param alone - the same for each home without a market, whose books are kept where this is given
   */
  step(actions: ArrayLike<number>, alone?: ArrayLike<number>): number | null {
    const { tariff, calendar } = this.#instance;
    const now = tariff[this.hour] ?? 0;
    const highest = this.highestTariff;
    const book = this.#book;
    book.clear();
    this.#traded.fill(0);
    const orders = this.#orders.fill(0);
    for (let home = 0; home < this.count; home++) {
      const view = this.view(home);
      this.#views[home] = view;
      bid(wishByValue(view, this.decides(home) ? (actions[home] ?? 0) * highest : 0), (side, price, quantity) => {
        orders[home] = 1;
        book.add(home, side, { price, quantity });
      });
    }
    book.add(this.count, 'sell', { price: now, quantity: ORDER_BOUNDS.quantity });
    const price = book.settle(this.#traded);
    const hourOfDay = calendar.hourOfDay[this.hour] ?? 0;
    for (let home = 0; home < this.count; home++) {
      const [view, memory] = [this.#views[home], this.#memories[home]];
      if (view === undefined || memory === undefined) continue;
      this.#close(home, view, price ?? 0);
      if (alone !== undefined) this.#closeAlone(home, this.decides(home) ? (alone[home] ?? 0) * highest : 0);
      const seen = orders[home] === 1 && price !== null ? price : now;
      remember(memory, hourOfDay, { loadWh: view.loadWh, sunWh: view.sunWh, price: seen });
    }
    this.hour++;
    return price;
  }

  #close(home: number, { battery, storedWh, loadWh, sunWh, tariff }: HomeView, price: number): void {
    const traded = this.#traded[home] ?? 0;
    const reach = { givesWh: mostGiven(battery, storedWh), takesWh: mostTaken(battery, storedWh) };
    const { flowWh, restWh } = followTrades({ netWh: loadWh - sunWh, ...reach }, traded);
    this.storedWh[home] = storedAfter(battery, storedWh, flowWh);
    this.flowWh[home] = flowWh;
    this.drawnWh[home] = traded + restWh;
    const owed = price * traded + Math.max(0, restWh) * (tariff[this.hour] ?? 0);
    this.paid[home] = (this.paid[home] ?? 0) + owed;
  }

  #closeAlone(home: number, value: number): void {
    const view = this.view(home, true);
    const wish: HourWish = wishByValue(view, value);
    const drawn = drawnAlone(wish);
    const { flowWh, restWh } = followTrades(wish, drawn);
    this.aloneStoredWh[home] = storedAfter(view.battery, view.storedWh, flowWh);
    const owed = (view.tariff[this.hour] ?? 0) * Math.max(0, drawn + restWh);
    this.alonePaid[home] = (this.alonePaid[home] ?? 0) + owed;
  }
}

/** What a year, or less, came to by home, in tokens, before gains are shared. */
export interface FastOutcome {
  readonly bill: readonly number[];
  /** Where it was asked for: what each would have paid without a market. */
  readonly alone: readonly number[];
}

/** Has all homes decide by one policy to the end. */
export function playCommunity(instance: CommunityInstance, policy: Policy, { alone = true } = {}): FastOutcome {
  const model = new FastCommunity(instance);
  const ask = (home: number, isAlone: boolean): number => {
    if (!model.decides(home)) return 0;
    const seen = model.observe(home, isAlone);
    return valueBy(seen, decide(policy, seen).action[0] ?? 0);
  };
  const homes = instance.homes.map((_, home) => home);
  while (model.hour < model.hours) {
    const actions = homes.map((home) => ask(home, false));
    model.step(actions, alone ? homes.map((home) => ask(home, true)) : undefined);
  }
  const tokens = (list: Float64Array): number[] => [...list].map((micro) => micro / 1e6);
  return { bill: tokens(model.paid), alone: tokens(model.alonePaid) };
}
