import { HaggleError } from '../../../agent-core/errors.ts';
import { callExchange } from '../../../agents/market/call-exchange.ts';
import { home } from '../../../agents/energy/community/home.ts';
import { ENERGY_ASSET, type HomeParams, type HomeState } from '../../../agents/energy/community/home-state.ts';
import { utility, type UtilityState } from '../../../agents/energy/community/utility.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import type { PlacedAgent } from '../../../simulator/placed-agent.ts';
import type { World } from '../../../simulator/world.ts';
import type { Population } from '../../scenario.ts';
import { metered, type CommunityHome, type CommunityInstance } from './community.ts';
import type { CommunityOptions } from './options.ts';
import type { CommunitySolution } from './solution.ts';

/** Micro-tokens, and Wh to deliver, that everybody starts with: more than a year can take. What counts is what they change by. */
const FUNDS = { token: 10n ** 20n, [ENERGY_ASSET]: 10n ** 18n };

const MARKET = 'market';
const UTILITY = 'utility';

/** Places a market, a utility and the homes. */
export function populateCommunity(
  place: World,
  instance: CommunityInstance,
  options: CommunityOptions,
): Population<CommunitySolution> {
  const exchange = place.spawn(
    // Orders are nobody else's business, and prices of one call are shared by all who are at the margin.
    callExchange({ assets: [ENERGY_ASSET], every: '1 h', margin: 'pro-rata', discloses: false, keepTrades: 64 }),
    { name: MARKET },
  ).did;
  const { tariff } = instance;
  const seller = place.spawn(utility({ exchange, tariff: [...tariff] }), { name: UTILITY, funds: FUNDS });
  const dids = instance.homes.map(({ name }) => place.didOf(name));
  const homes = instance.homes.map((one, at) => {
    const params = homeParameters(instance, { one, at, options, dids });
    return place.spawn(home({ ...params, exchange, utility: seller.did }), { name: one.name, funds: FUNDS });
  });
  return {
    finished: () => homes.every(({ state }) => state.isOver) && seller.state.isOver,
    progress: () => ({
      round: Math.max(0, ...homes.map((one) => (one.here ? one.state.hour + 1 : 0))),
      // Each hour ends with trades that everybody has agreed to.
      disagreement: 1,
    }),
    rounds: () => homes.reduce((most, { state }) => Math.max(most, state.hour + 1), 0),
    agreement: () => solutionOf(instance, homes, seller),
  };
}

function homeParameters(
  { tariff, calendar }: CommunityInstance,
  {
    one,
    at,
    options,
    dids,
  }: {
    readonly one: CommunityHome;
    readonly at: number;
    readonly options: CommunityOptions;
    readonly dids: readonly Did[];
  },
): Omit<Parameters<typeof home>[0], 'exchange' | 'utility'> {
  const [convenor = null] = dids;
  return {
    tariff: [...tariff],
    loadWh: metered(one.loadWh),
    sunWh: metered(one.sunWh),
    battery: one.battery,
    hourOfDay: [...calendar.hourOfDay],
    dayType: [...calendar.dayType],
    month: [...calendar.month],
    decides:
      options.plan === 'policy'
        ? { by: 'policy', policy: options.policy }
        : { by: 'foresight', ring: ringOf(dids, at) },
    convenor: options.share ? convenor : null,
    members: options.share && at === 0 ? [...dids] : [],
  };
}

function ringOf(
  dids: readonly Did[],
  at: number,
): Extract<HomeParams['decides'], { readonly by: 'foresight' }>['ring'] {
  const [before, after] = [dids.at(at - 1), dids[(at + 1) % dids.length]];
  if (dids.length < 2 || before === undefined || after === undefined) return null;
  return { before, after, leads: at === 0 };
}

function solutionOf(
  instance: CommunityInstance,
  homes: readonly PlacedAgent<HomeState>[],
  seller: PlacedAgent<UtilityState>,
): CommunitySolution {
  const short = homes.find(({ state }) => state.flowWh.length !== instance.hours);
  if (short !== undefined) {
    const { name, state } = short;
    const fields = { home: name, hours: state.flowWh.length };
    throw new HaggleError('no-agreement', `${name} traded ${state.flowWh.length} of ${instance.hours} hours`, {
      fields,
    });
  }
  const by = <T>(what: (state: HomeState) => T): Record<string, T> =>
    Object.fromEntries(homes.map(({ name, state }) => [name, what(state)]));
  return {
    chargeKwh: by(({ flowWh }) => flowWh.map((wh) => wh / 1_000)),
    tradesKwh: by(({ tradedWh }) => tradedWh.map((wh) => wh / 1_000)),
    bill: by(({ paid }) => Number(paid) / 1e6),
    alone: by(({ shadow }) => shadow.paid / 1e6),
    shared: by(({ shared }) => Number(shared) / 1e6),
    pricePerKwh: instance.tariff.map((_, hour) => {
      const price = homes.map(({ state }) => state.prices[hour]).find((seen) => typeof seen === 'number');
      return price === undefined || price === null ? null : price / 1_000;
    }),
    utilityReceives: Number(seller.state.received) / 1e6,
    meteredKwh: homes.reduce((sum, { state }) => sum + state.meteredWh, 0) / 1_000,
  };
}
