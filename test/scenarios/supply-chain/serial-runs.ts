import type { WorldOptions } from '../../../simulator/world-options.ts';
import { world } from '../../../simulator/world.ts';
import type { SerialInstance, SerialProblem, SerialRule } from '../../../scenarios/supply-chain/serial-instance.ts';
import { serialInstance, type SerialSpec } from '../../../scenarios/supply-chain/serial-stockpyl.ts';
import { populateSerial } from '../../../scenarios/supply-chain/serial-population.ts';
import type { SerialSolution } from '../../../scenarios/supply-chain/serial-solution.ts';

/** A problem without a library. */
export function problemOf(instance: SerialInstance, rule: SerialRule = 'negotiated'): SerialProblem {
  return { instance, library: new Map(), rule };
}

/** Lets agents play an instance, in one process. */
export async function playAgents(
  problem: SerialProblem,
  options: Partial<WorldOptions> = {},
): Promise<{ readonly solution: SerialSolution; readonly messages: number }> {
  const place = world({ seed: 1, sign: 'off', strict: true, ...options });
  const population = populateSerial(place, problem);
  await place.run();
  return { solution: population.agreement(), messages: place.traffic.messages };
}

/** @throws TypeError where the specification is refused */
export function chainOf(spec: SerialSpec): SerialInstance {
  const made = serialInstance(spec);
  if ('refused' in made) throw new TypeError(`${spec.name}: ${made.refused}`);
  return made;
}

/** The same instance, with so many periods of play. */
export function shorter(instance: SerialInstance, periods: number): SerialInstance {
  return { ...instance, demand: instance.demand.slice(0, periods), warmUp: Math.min(instance.warmUp, periods) };
}
