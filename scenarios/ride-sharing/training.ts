import { HaggleError } from '../../agent-core/errors.ts';
import { encodeBase64Url } from '../../agent-core/identity/encoding.ts';
import type { SignatureBackend, Signer } from '../../agent-core/identity/signer.ts';
import { denseShapes, layersIn } from '../../agent-core/learning/flat-network.ts';
import { networkPolicy, type NetworkPolicySpec, type Normaliser } from '../../agent-core/policy/network-policy.ts';
import { createRandomRoot, type RandomStream } from '../../agent-core/random.ts';
import { REPOSITION_ACTIONS, REPOSITION_FEATURES } from '../../agents/ride-sharing/policies/repositioning.ts';
import { SHADING_ACTIONS, SHADING_FEATURES } from '../../agents/ride-sharing/policies/shading.ts';
import { defaultBackend } from '../../simulator/signature-backend.ts';
import { world } from '../../simulator/world.ts';
import { generateCity } from './city.ts';
import type { RideInstance } from './instance.ts';
import { DEFAULT_OPTIONS } from './options.ts';
import { populateRides } from './population.ts';
import { assessRides } from './score.ts';

/** Roles that can be trained here. */
export type RideTrainingRole = 'reposition' | 'shading';

/** What {@link evaluate} is told. */
export interface RideFitness {
  readonly role: RideTrainingRole;
  /**
   * Mean wait in seconds that a kilometre a rider is worth: of the vehicles' way where they learn where to wait, of what riders pay
   * where they learn what to ask. 15 if left out; FleetPy's own repositioning pays 33 on its example.
   */
  readonly secondsPerKm?: number;
}

/** A net whose weights are searched for. */
export interface RideNet {
  readonly role: RideTrainingRole;
  /** Where the search begins: layer after layer, weights before biases. */
  readonly start: readonly number[];
  /** How far from there it looks at first. */
  readonly deviation: number;
  /** How long is searched, by how many candidates a generation, and in how many cities each. */
  readonly generations: number;
  readonly population: number;
  readonly seedsPerCandidate: number;
  /** The policy with other weights. */
  readonly spec: (weights: Float32Array) => NetworkPolicySpec;
}

/** What a unit of a rider's time weighs beside a kilometre in the vehicles' costs: FleetPy's 0.35 cents a second and 25 a kilometre. */
export const RIDER_MINUTE_KM = 0.84;

/** A rider whom nobody serves counts as if it had waited so long: 1 h. */
const UNSERVED_SECONDS = 3_600;
const SECONDS_PER_KM = 15;

/** What is the same for all places of one look is scaled down: there is little to learn from it, and a change of its weights changes all. */
const REPOSITION_NORMALISER: Normaliser = {
  means: [0, 0, 0, 0, 0, 0, 2, 1, 3, 0.75, 6],
  deviations: [0.1, 0.1, 0.3, 0.2, 1, 1, 8, 4, 16, 4, 24],
  clip: 5,
};

/** The nets by role. One layer is enough for what vehicles see, and can be read. */
export const RIDE_NETS: Readonly<Record<RideTrainingRole, RideNet>> = {
  reposition: {
    role: 'reposition',
    // About what the scripted rule does. From 0, where a vehicle stays, most ways lead to moves at random, and those back to staying.
    start: [0, 0, 0.3, 0, -0.6, -1.5, 0, 0, 0, 0, 0, 0],
    deviation: 0.15,
    generations: 10,
    population: 16,
    // Among as many cities a candidate's mean wait is known to within 10 s or so, which is what candidates differ by.
    seedsPerCandidate: 32,
    spec: (weights) => ({
      name: 'reposition-linear-1',
      observes: REPOSITION_FEATURES,
      acts: REPOSITION_ACTIONS,
      normaliser: REPOSITION_NORMALISER,
      network: { layers: layersIn(linear(REPOSITION_FEATURES.length), weights) },
    }),
  },
  shading: {
    role: 'shading',
    // Output -1 stands for no markup: what the trip costs.
    start: [0, 0, -1],
    deviation: 0.2,
    generations: 16,
    population: 8,
    seedsPerCandidate: 16,
    spec: (weights) => ({
      name: 'shading-linear-1',
      observes: SHADING_FEATURES,
      acts: SHADING_ACTIONS,
      // A vehicle of four seats sees 0.25 with one trip to drive.
      normaliser: { means: [0, 0], deviations: [0.25, 0.5], clip: 5 },
      network: { layers: layersIn(linear(SHADING_FEATURES.length), weights) },
    }),
  },
};

function linear(inputs: number): ReturnType<typeof denseShapes> {
  return denseShapes({ inputs, hidden: [], outputs: 1, activation: 'tanh' });
}

/**
 * What vehicles with these weights are worth to the riders of a city that is drawn from the seed: minus their mean wait in seconds, and
 * minus kilometres at their price. All vehicles have the same weights; nobody trades.
 *
 * @throws HaggleError `bad-fitness` for a role or a price that there is not; `bad-network` for another number of weights
 */
export async function evaluate(weights: Float32Array, seed: number, settings: unknown): Promise<number> {
  const { role, secondsPerKm } = settingsOf(settings);
  const policy = networkPolicy(RIDE_NETS[role].spec(weights));
  const instance = trainingCity(role, createRandomRoot(seed).stream('training-city'));
  // One seed for all worlds: a city differs by its draws, and agents of one name keep their keys, which cost more than they do.
  const place = world({ seed: 1, sign: 'off', strict: true, backend: KEEPING });
  const population = populateRides(place, instance, {
    ...DEFAULT_OPTIONS,
    mode: 'online',
    renegotiate: false,
    [role]: policy,
  });
  const vehicles = instance.vehicles.map((_, k) => place.didOf(`vehicle-${k}`));
  const money = (): bigint => vehicles.reduce((sum, did) => sum + place.ledger.balance(did).available, 0n);
  const before = money();
  await place.run();
  const { kpis } = assessRides(instance, population.agreement(), null);
  const { meanWait = 0, served = 0, unserved = 0, distance = 0 } = kpis;
  const waits = served * meanWait * instance.secondsPerTime + unserved * UNSERVED_SECONDS;
  const kilometres = role === 'reposition' ? distance : Number(money() - before) / 1_000_000;
  return -(waits + secondsPerKm * kilometres) / instance.requests.length;
}

/** Keys of simulated agents by their seeds. They protect nothing. */
const signers = new Map<string, Signer>();
const KEEPING: SignatureBackend = keepingSigners(defaultBackend());

function keepingSigners(backend: SignatureBackend): SignatureBackend {
  return {
    ...backend,
    signer(seed) {
      const key = encodeBase64Url(seed);
      const signer = signers.get(key) ?? backend.signer(seed);
      signers.set(key, signer);
      return signer;
    },
  };
}

function settingsOf(settings: unknown): Required<RideFitness> {
  const given = typeof settings === 'object' && settings !== null ? settings : {};
  const role: unknown = Reflect.get(given, 'role');
  if (role !== 'reposition' && role !== 'shading') {
    throw new HaggleError('bad-fitness', `a role of ride-sharing is reposition or shading, got ${String(role)}`);
  }
  const secondsPerKm: unknown = Reflect.get(given, 'secondsPerKm') ?? SECONDS_PER_KM;
  if (typeof secondsPerKm === 'number' && secondsPerKm >= 0 && Number.isFinite(secondsPerKm)) {
    return { role, secondsPerKm };
  }
  throw new HaggleError('bad-fitness', `secondsPerKm must be a number from 0, got ${String(secondsPerKm)}`);
}

/**
 * Cities whose riders call at once, busy enough that it matters where vehicles wait. Where shading is learned riders' time weighs
 * nothing in the vehicles' costs, as cities are generated: a markup by load is what can stand for it.
 */
function trainingCity(role: RideTrainingRole, random: RandomStream): RideInstance {
  const vehicles = random.integer(8, 12);
  const wanted = {
    vehicles,
    requests: Math.round(vehicles * random.between(8, 11)),
    hours: 4,
    notice: 0,
    turns: 1,
  };
  const parameters = new Map(Object.entries(wanted).map(([key, value]) => [key, String(value)]));
  const instance = generateCity(parameters, random);
  return role === 'shading' ? instance : { ...instance, costs: { ...instance.costs, perRiderTime: RIDER_MINUTE_KM } };
}
