import { HaggleError } from '../../agent-core/errors.ts';
import { denseShapes, layersIn } from '../../agent-core/learning/flat-network.ts';
import { networkPolicy, type NetworkPolicySpec, type Normaliser } from '../../agent-core/policy/network-policy.ts';
import type { DenseShape } from '../../agent-core/policy/network.ts';
import { createRandomRoot, type RandomStream } from '../../agent-core/random.ts';
import { REPOSITION_ACTIONS, REPOSITION_FEATURES } from '../../agents/ride-sharing/policies/repositioning.ts';
import { runAgents } from '../simulate.ts';
import { generateCity } from './city.ts';
import { DEFAULT_OPTIONS, type RideProblem } from './options.ts';
import { rideSharing } from './scenario.ts';

/** A rider whom nobody serves counts as if it had waited so long: 1 h. */
const UNSERVED_SECONDS = 3_600;

/** Options of {@link evaluate}. */
export interface RideFitness {
  /** Mean wait that a kilometre a rider is worth. Left out: 30, what FleetPy's example pays for its own repositioning. */
  readonly secondsPerKm?: number;
}

/** What a unit of a rider's time weighs beside a kilometre in the vehicles' costs: FleetPy's 0.35 cents a second and 25 a kilometre. */
export const RIDER_MINUTE_KM = 0.84;

/** Sizes at which observations are about 1. */
const NORMALISER: Normaliser = {
  means: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  deviations: [0.1, 0.1, 0.3, 0.2, 1, 1, 2, 1, 4, 1, 4],
  clip: 5,
};

const SHAPES: readonly DenseShape[] = denseShapes({
  inputs: REPOSITION_FEATURES.length,
  hidden: [],
  outputs: 1,
  activation: 'tanh',
});

/**
 * Where a search begins: about what the scripted rule does, in the order of the features with the bias behind them. From weights of 0,
 * with which a vehicle stays where it is, most ways lead to moves at random, and those back to staying.
 */
export const REPOSITION_START: readonly number[] = [0, 0, 0.3, 0, -0.75, -0.75, 0, 0, 0, 0, 0, 0];

/** The policy of idle vehicles that has these weights. */
export function repositioningNet(weights: Float32Array): NetworkPolicySpec {
  return {
    name: 'reposition-linear-1',
    observes: REPOSITION_FEATURES,
    acts: REPOSITION_ACTIONS,
    normaliser: NORMALISER,
    network: { layers: layersIn(SHAPES, weights) },
  };
}

/**
 * What idle vehicles with these weights are worth in a city that is drawn from the seed: minus its riders' mean wait in seconds, and
 * minus what its kilometres cost. All vehicles have the same weights; nobody trades.
 *
 * @throws HaggleError `bad-fitness` for options that it does not have; `bad-network` for another number of weights
 */
export async function evaluate(weights: Float32Array, seed: number, options: unknown): Promise<number> {
  const { secondsPerKm } = optionsOf(options);
  const { instance, options: usual } = trainingCity(createRandomRoot(seed).stream('training-city'));
  const problem = { instance, options: { ...usual, reposition: networkPolicy(repositioningNet(weights)) } };
  const { agents } = await runAgents(rideSharing, problem, { seed, sign: 'off', reference: null });
  const { meanWait = 0, served = 0, unserved = 0, distance = 0 } = agents.kpis;
  const waits = served * meanWait * instance.secondsPerTime + unserved * UNSERVED_SECONDS;
  return -(waits + secondsPerKm * distance) / instance.requests.length;
}

function optionsOf(options: unknown): Required<RideFitness> {
  const given = typeof options === 'object' && options !== null ? options : {};
  const secondsPerKm: unknown = Reflect.get(given, 'secondsPerKm') ?? 30;
  if (typeof secondsPerKm === 'number' && secondsPerKm >= 0 && Number.isFinite(secondsPerKm)) return { secondsPerKm };
  throw new HaggleError('bad-fitness', `secondsPerKm must be a number from 0, got ${String(secondsPerKm)}`);
}

/** Small cities of all kinds: rides are called at once or ahead, vehicles can turn off or not. */
function trainingCity(random: RandomStream): RideProblem {
  const vehicles = random.integer(5, 10);
  const wanted = {
    vehicles,
    requests: Math.round(vehicles * random.between(4, 8)),
    hours: 3,
    notice: random.pick([0, 0, 15]),
    turns: random.pick([1, 1, 0]),
  };
  const parameters = new Map(Object.entries(wanted).map(([key, value]) => [key, String(value)]));
  const instance = generateCity(parameters, random);
  return {
    instance: { ...instance, costs: { ...instance.costs, perRiderTime: RIDER_MINUTE_KM } },
    options: { ...DEFAULT_OPTIONS, mode: 'online', renegotiate: false },
  };
}
