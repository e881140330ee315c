/** Homes without foresight as an environment to learn in: a training module, loaded by each of its workers. */
import { z } from 'zod';
import { HaggleError } from '../../../agent-core/errors.ts';
import { checkActions } from '../../../agent-core/learning/actions.ts';
import type { Actions, DecisionEnv, Turn, Turns } from '../../../agent-core/learning/decision-env.ts';
import { box, held } from '../../../agent-core/policy/space.ts';
import { createRandomRoot, type RandomStream } from '../../../agent-core/random.ts';
import { VALUE_ACTIONS, valueBy, VALUE_FEATURES } from '../../../agents/energy/community/value-policy.ts';
import { instanceSourceSchema, loadInstance, type InstanceSource } from '../../instance-source.ts';
import { energy } from '../scenario.ts';
import type { CommunityInstance } from './community.ts';
import { FastCommunity } from './fast-model.ts';
import { generateCommunity } from './generator.ts';
import { refuseForesight } from './roles.ts';

/** What {@link createEnv} takes. */
export const homeEnvOptions = z.strictObject({
  /** Homes that learn together in an episode. */
  homes: z.int().min(1).max(100).default(5),
  days: z.int().min(2).max(365).default(14),
  /** Of each episode, a part of its time, and where it is generated another one; if null, generated ones whose season and tariff differ. */
  source: instanceSourceSchema.nullable().default(null),
});

/**
 * An environment of homes: each hour every home with a battery says how much more a stored Wh is worth to it than planned. Rewards are what it saves beside
 * a home without battery and neighbours, in full batteries of the mean size at the highest tariff: together, what the community saves. The unit of time is an hour.
 *
 * @throws HaggleError `bad-env` for options that are none, or a source that is no community or shorter than an episode; `bad-parameter`
 * for one whose homes are said to have foresight; what the scenario throws for it
 */
export function createEnv(options: unknown): DecisionEnv {
  const read = homeEnvOptions.safeParse(options);
  if (!read.success) throw badEnv(read.error.issues[0]?.message ?? 'bad options');
  const { homes, days, source } = read.data;
  if (source === null) {
    const draw = (random: RandomStream): CommunityInstance => drawnCommunity({ homes, days }, random);
    return new HomeEnv(
      Array.from({ length: homes }, (_, k) => `home-${k + 1}`),
      draw,
    );
  }
  const hours = 24 * days;
  const first = communityFrom(source, 0);
  if (first.hours < hours) throw badEnv(`its source has ${first.hours} hours, an episode ${hours}`);
  const draw = (random: RandomStream): CommunityInstance =>
    partOf(source.type === 'generated' ? communityFrom(source, random.integer(0, SEED_MAX)) : first, hours, random);
  return new HomeEnv(
    first.homes.map(({ name }) => name),
    draw,
  );
}

/** Of generated communities, one of which is drawn for each episode. */
const SEED_MAX = 0xffff_ffff;

function communityFrom(source: InstanceSource, seed: number): CommunityInstance {
  const one = loadInstance(energy, source, seed);
  if (one.kind !== 'community') throw badEnv('its source is a grid, not a community');
  refuseForesight(one.problem);
  return one.problem.instance;
}

/** Hours of the dear part of a day: when it begins, and how long it lasts. */
const DEAR_FROM = [15, 17] as const;
const DEAR_HOURS = [4, 6] as const;
/** How many times as much an hour costs then. */
const DEAR_FACTOR = [1.7, 2.7] as const;
/** How often nights cost less than days. */
const CHEAP_NIGHTS = 0.2;

/** Another neighbourhood and season in every episode, and another tariff of the usual kind: one price, and dear evenings. */
function drawnCommunity(
  { homes, days }: { readonly homes: number; readonly days: number },
  random: RandomStream,
): CommunityInstance {
  const parameters = { homes, days, sun: random.integer(50, 100), batteries: 100, month: random.integer(1, 12) };
  const made = generateCommunity(
    new Map(Object.entries(parameters).map(([key, value]) => [key, String(value)])),
    random,
  );
  const [from, length] = [random.integer(...DEAR_FROM), random.integer(...DEAR_HOURS)];
  const day = random.integer(150, 300);
  const night = random.uniform() < CHEAP_NIGHTS ? Math.round(day * random.between(0.6, 1)) : day;
  const dear = Math.round(day * random.between(...DEAR_FACTOR));
  const tariff = made.calendar.hourOfDay.map((hour) => {
    if (hour >= from && hour < from + length) return dear;
    return hour >= 7 && hour < 23 ? day : night;
  });
  return { ...made, tariff };
}

function partOf(whole: CommunityInstance, hours: number, random: RandomStream): CommunityInstance {
  const start = random.integer(0, whole.hours - hours);
  const cut = <T>(list: readonly T[]): readonly T[] => list.slice(start, start + hours);
  const { calendar, tariff } = whole;
  return {
    ...whole,
    hours,
    homes: whole.homes.map((home) => ({ ...home, loadWh: cut(home.loadWh), sunWh: cut(home.sunWh) })),
    calendar: { hourOfDay: cut(calendar.hourOfDay), dayType: cut(calendar.dayType), month: cut(calendar.month) },
    tariff: cut(tariff),
  };
}

class HomeEnv implements DecisionEnv {
  readonly name = 'energy/home';
  readonly possibleAgents: readonly string[];
  readonly #draw: (random: RandomStream) => CommunityInstance;
  #model: FastCommunity | null = null;
  #instance: CommunityInstance | null = null;
  /** Micro-tokens of a full battery of the mean size at the highest tariff. */
  #unit = 1;
  /** Who must act now. */
  #due: Turns = new Map();
  /** What each home saw last: it sees nothing more once the hours are over. */
  readonly #seen = new Map<string, readonly number[]>();

  constructor(agents: readonly string[], draw: (random: RandomStream) => CommunityInstance) {
    this.possibleAgents = agents;
    this.#draw = draw;
  }

  observationSpace(agent: string): typeof OBSERVATIONS {
    this.#check(agent);
    return OBSERVATIONS;
  }

  actionSpace(agent: string): typeof VALUE_ACTIONS {
    this.#check(agent);
    return VALUE_ACTIONS;
  }

  reset(seed: number): Turns {
    const instance = this.#draw(createRandomRoot(seed).stream('community'));
    this.#instance = instance;
    const model = new FastCommunity(instance);
    this.#model = model;
    // One unit for all: with units of their own, what one home pays another would count for more or less than it is.
    const capacity = instance.homes.reduce((sum, { battery }) => sum + battery.capacityWh, 0) / instance.homes.length;
    this.#unit = Math.max(1, capacity * Math.max(1, ...instance.tariff));
    return this.#turns(model, () => ({ reward: 0, elapsed: 0, truncated: false }));
  }

  step(actions: Actions): Turns {
    const [model, instance] = [this.#model, this.#instance];
    if (model === null || instance === null) throw badEnv('a step comes after a reset');
    if (model.hour >= model.hours) throw new HaggleError('bad-action', 'the episode is over: reset begins another');
    const { hour } = model;
    const before = Float64Array.from(model.paid);
    checkActions(this, this.#due, actions);
    const values = this.possibleAgents.map((agent) =>
      valueBy(this.#seen.get(agent) ?? [], actions.get(agent)?.[0] ?? 0),
    );
    model.step(values);
    const tariff = instance.tariff[hour] ?? 0;
    const truncated = model.hour >= model.hours;
    return this.#turns(model, (home) => {
      const { loadWh = [], sunWh = [] } = instance.homes[home] ?? {};
      const bare = tariff * Math.max(0, (loadWh[hour] ?? 0) - (sunWh[hour] ?? 0));
      const paid = (model.paid[home] ?? 0) - (before[home] ?? 0);
      return { reward: (bare - paid) / this.#unit, elapsed: 1, truncated };
    });
  }

  #turns(model: FastCommunity, told: (home: number) => Pick<Turn, 'reward' | 'elapsed' | 'truncated'>): Turns {
    const turns = new Map<string, Turn>();
    for (const [home, agent] of this.possibleAgents.entries()) {
      if (!model.decides(home)) continue;
      const view = Math.min(model.hour, model.hours - 1);
      const seen = view === model.hour ? model.observe(home) : (this.#seen.get(agent) ?? []);
      const observation = held(OBSERVATIONS, seen, { code: 'bad-observation', what: `what ${agent} sees` });
      this.#seen.set(agent, observation);
      turns.set(agent, { observation, terminated: false, info: {}, ...told(home) });
    }
    this.#due = turns;
    return turns;
  }

  #check(agent: string): void {
    if (this.possibleAgents.includes(agent)) return;
    throw new HaggleError('no-such-agent', `${this.name} has no agent ${agent}`);
  }
}

const OBSERVATIONS = box(VALUE_FEATURES);

function badEnv(problem: string): HaggleError {
  return new HaggleError('bad-env', `an environment of homes: ${problem}`);
}
