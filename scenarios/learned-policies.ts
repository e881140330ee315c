import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { HaggleError } from '../agent-core/errors.ts';
import type { PolicySource } from './role-policies.ts';

/** Beside the sources, not among what is compiled: the same folder for both, and in the package. */
const FOLDER = fileURLToPath(new URL('../../scenarios/policies/', import.meta.url));

/**
 * The trained policies that are shipped for a scenario, one a role: `scenarios/policies/<scenario>.<role>.json`. Each says which
 * command made it.
 *
 * @throws HaggleError `no-learned-policy` where there is none
 */
export function learnedPolicies(scenario: string): readonly PolicySource[] {
  const shipped = existsSync(FOLDER) ? readdirSync(FOLDER) : [];
  const files = shipped.filter((file) => file.startsWith(`${scenario}.`) && file.endsWith('.json')).toSorted();
  if (files.length === 0) {
    throw new HaggleError('no-learned-policy', `no trained policy is shipped for ${scenario}; haggle train makes one`);
  }
  return files.map((file) => ({ file, text: readFileSync(FOLDER + file, 'utf8') }));
}
