import { HaggleError } from '../../agent-core/errors.ts';
import { world } from '../../simulator/world.ts';
import type { Assessment, Scenario } from '../scenario.ts';
import { generateCity } from './city.ts';
import { parseDialARide } from './dial-a-ride.ts';
import { parseRideFolder } from './folder.ts';
import { rideFormat } from './format.ts';
import type { RideInstance } from './instance.ts';
import { optimalRides } from './optimum.ts';
import { DEFAULT_OPTIONS, withSettings, type RideOptions, type RideProblem } from './options.ts';
import { parsePdptw } from './pdptw.ts';
import { populateRides } from './population.ts';
import { ownTaxi, trivialContractNet } from './references.ts';
import { assessRides } from './score.ts';
import { RIDE_ROLES, withRidePolicies } from './roles.ts';
import type { RideSolution } from './solution.ts';

/**
 * Ride-sharing: riders call for proposals, vehicles bid and trade trips among themselves. Judged by the way of all vehicles, beside
 * the same contract net without trade, a taxi for every rider, and the optimum where it is known or can be computed.
 */
export const rideSharing: Scenario<RideProblem, RideSolution> = {
  name: 'ride-sharing',
  objective: { name: 'distance', unit: 'way', sense: 'min' },
  variant: ({ instance, options }) => `${instance.variant}, ${options.mode}`,
  label: ({ instance: { name, vehicles, requests } }) =>
    `${name} (${vehicles.length} vehicles, ${requests.length} requests)`,
  parse(text, file) {
    return { instance: parseFile(text, file), options: DEFAULT_OPTIONS };
  },
  parseFolder: (files, folder) => ({
    instance: parseRideFolder(files, folder),
    options: { ...DEFAULT_OPTIONS, mode: 'online' },
  }),
  roles: RIDE_ROLES,
  withPolicies: ({ instance, options }, policies) => ({ instance, options: withRidePolicies(options, policies) }),
  configure: ({ instance, options }, settings) => withSettings({ instance, options }, settings),
  generate: (parameters, random) => ({ instance: generateCity(parameters, random), options: DEFAULT_OPTIONS }),
  populate: (place, { instance, options }) => populateRides(place, instance, options),
  assess: ({ instance }, solution, reference) => assessRides(instance, solution, reference),
  async baseline({ instance, options }, { reference, seed }) {
    const isStatic = options.mode === 'static';
    const rides = isStatic ? trivialContractNet(instance) : await withoutTrade(instance, { options, seed });
    return assessRides(instance, rides, reference);
  },
  references: ({ instance }) => ({ ownTaxi: ownTaxi(instance) }),
  async optimum({ instance }): Promise<Assessment<RideSolution> | null> {
    const { published } = instance;
    if (published !== null) return publishedAssessment(published);
    const best = await optimalRides(instance);
    return best === null ? null : assessRides(instance, best, null);
  },
};

function parseFile(text: string, file: string): RideInstance {
  const format = rideFormat(text);
  if (format === 'dial-a-ride') return parseDialARide(text, file);
  if (format === 'pdptw') return parsePdptw(text, file);
  const kinds =
    'a dial-a-ride problem (m n T Q R, then 7 columns) nor a pickup-and-delivery problem (K Q speed, then 9)';
  throw new HaggleError('bad-ride-file', `${file} is neither ${kinds}`);
}

/** The same day without trade: what riders do not know in time, their vehicles do not know either. */
async function withoutTrade(
  instance: RideInstance,
  { options, seed }: { readonly options: RideOptions; readonly seed: number },
): Promise<RideSolution> {
  // The seed of the run: riders who prefer an operator prefer the same one.
  const place = world({ seed, sign: 'off', strict: true });
  const population = populateRides(place, instance, { ...options, renegotiate: false });
  await place.run();
  return population.agreement();
}

/** What is published of an instance is a figure, without routes. */
function publishedAssessment({ distance, vehicles }: NonNullable<RideInstance['published']>): Assessment<RideSolution> {
  return {
    solution: { routes: [], vehicles: [], begins: [], shifts: [], unserved: [], trades: [], seen: [] },
    kpis: { distance, ...(vehicles === null ? {} : { vehicles }) },
    violations: {},
    feasible: true,
  };
}
