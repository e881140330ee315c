import { assert, HaggleError } from '../../agent-core/errors.ts';
import type { Assessment, Scenario } from '../scenario.ts';
import { homeCommunities } from './community/community-scenario.ts';
import type { CommunityProblem } from './community/options.ts';
import type { CommunitySolution } from './community/solution.ts';
import type { Grid } from './grid.ts';
import { gridDispatch } from './grid-scenario.ts';
import type { PricedDispatch } from './score.ts';

/** A grid whose buses agree on a dispatch, or a community of homes that trade and store. */
export type EnergyProblem =
  | { readonly kind: 'grid'; readonly problem: Grid }
  | { readonly kind: 'community'; readonly problem: CommunityProblem };

/** Of a grid, or of a community. */
export type EnergySolution = PricedDispatch | CommunitySolution;

type Assessed = Assessment<EnergySolution>;

const ofGrid = (problem: Grid): EnergyProblem => ({ kind: 'grid', problem });
const ofHomes = (problem: CommunityProblem): EnergyProblem => ({ kind: 'community', problem });

/** Energy: {@link gridDispatch}, judged by what power costs, and {@link homeCommunities}, judged by what homes pay. */
export const energy: Scenario<EnergyProblem, EnergySolution> = {
  name: 'energy',
  objective: gridDispatch.objective,
  objectiveOf: ({ kind }) => (kind === 'grid' ? gridDispatch : homeCommunities).objective,
  variant: (one) => (one.kind === 'grid' ? gridDispatch.variant(one.problem) : homeCommunities.variant(one.problem)),
  label: (one) => (one.kind === 'grid' ? gridDispatch.label(one.problem) : homeCommunities.label(one.problem)),
  parse: (text, file, random) => ofGrid(gridDispatch.parse(text, file, random)),
  parseFolder: (files, folder, random) => ofHomes(homeCommunities.parseFolder(files, folder, random)),
  configure(one, settings, random) {
    if (one.kind === 'community') return ofHomes(homeCommunities.configure(one.problem, settings, random));
    const [name] = settings.keys();
    if (name === undefined) return one;
    throw new HaggleError('bad-flag', `a grid knows no settings, got "${name}"`);
  },
  generate: (parameters, random) =>
    parameters.has('homes') || parameters.has('days')
      ? ofHomes(homeCommunities.generate(parameters, random))
      : ofGrid(gridDispatch.generate(parameters, random)),
  roles: homeCommunities.roles,
  withPolicies: (one, policies) =>
    one.kind === 'grid'
      ? ofGrid(gridDispatch.withPolicies(one.problem, policies))
      : ofHomes(homeCommunities.withPolicies(one.problem, policies)),
  populate: (place, one) =>
    one.kind === 'grid' ? gridDispatch.populate(place, one.problem) : homeCommunities.populate(place, one.problem),
  assess: (one, solution, reference) =>
    one.kind === 'grid'
      ? gridDispatch.assess(one.problem, dispatched(solution), reference === null ? null : dispatchOnly(reference))
      : homeCommunities.assess(one.problem, traded(solution), reference === null ? null : communityOnly(reference)),
  baseline: (one, { reference, seed }): Assessed | Promise<Assessed> =>
    one.kind === 'grid'
      ? gridDispatch.baseline(one.problem, { reference: reference === null ? null : dispatchOnly(reference), seed })
      : homeCommunities.baseline(one.problem, {
          reference: reference === null ? null : communityOnly(reference),
          seed,
        }),
  references: (one) => (one.kind === 'grid' ? {} : homeCommunities.references(one.problem)),
  optimum: async (one): Promise<Assessed | null> =>
    one.kind === 'grid' ? await gridDispatch.optimum(one.problem) : await homeCommunities.optimum(one.problem),
};

/** What was found for a grid. */
export function dispatched(solution: EnergySolution): PricedDispatch {
  assert('pgMw' in solution, 'a grid is solved by a dispatch');
  return solution;
}

/** What was found for a community. */
export function traded(solution: EnergySolution): CommunitySolution {
  assert('chargeKwh' in solution, 'a community is solved by flows and bills');
  return solution;
}

/** An assessment of a grid. */
export function dispatchOnly(assessment: Assessed): Assessment<PricedDispatch> {
  return { ...assessment, solution: dispatched(assessment.solution) };
}

/** An assessment of a community. */
export function communityOnly(assessment: Assessed): Assessment<CommunitySolution> {
  return { ...assessment, solution: traded(assessment.solution) };
}
