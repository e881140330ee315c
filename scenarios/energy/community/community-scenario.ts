import type { Assessment, Kpis, Scenario } from '../../scenario.ts';
import { parseCityLearn } from './city-learn.ts';
import { HaggleError } from '../../../agent-core/errors.ts';
import { billOf, summed, type CommunityInstance } from './community.ts';
import { generateCommunity } from './generator.ts';
import { pooledOptimum } from './optimum.ts';
import { configureCommunity, wholeCommunity, type CommunityProblem } from './options.ts';
import { populateCommunity } from './population.ts';
import { alonePlans, communityLines, drawnBy } from './references.ts';
import { COMMUNITY_ROLES, withCommunityPolicies } from './roles.ts';
import { assessCommunity } from './score.ts';
import type { CommunitySolution } from './solution.ts';

type Assessed = Assessment<CommunitySolution>;

/**
 * Homes with load, sun and batteries that trade every hour and plan what they store. Judged by what all pay, beside each home with its
 * best plan for itself, and the best plan for all.
 */
export const homeCommunities: Scenario<CommunityProblem, CommunitySolution> &
  Required<Pick<Scenario<CommunityProblem, CommunitySolution>, 'parseFolder' | 'configure' | 'references'>> = {
  name: 'energy',
  objective: { name: 'bill', unit: '$', sense: 'min' },
  variant: ({ options }) => `community, ${options.plan}`,
  label: ({ instance: { name, homes, hours } }) => `${name} (${homes.length} homes, ${hours} hours)`,
  parse(_, file) {
    throw new HaggleError('bad-community', `${file}: a community is a folder, not a file`, { fields: { file } });
  },
  parseFolder: (files, folder) => wholeCommunity(parseCityLearn(files, folder)),
  configure: (problem, settings) => configureCommunity(problem, settings),
  generate: (parameters, random) => wholeCommunity(generateCommunity(parameters, random)),
  roles: COMMUNITY_ROLES,
  withPolicies: (problem, policies) => withCommunityPolicies(problem, policies),
  populate: (place, { instance, options }) => populateCommunity(place, instance, options),
  assess: ({ instance }, solution, reference) =>
    assessCommunity(instance, solution, { pooled: true, optimum: reference?.kpis['bill'] ?? null }),
  baseline: ({ instance }, { reference }) => aloneAssessment(instance, reference),
  references: ({ instance }) => linesOf(instance),
  optimum: async ({ instance }) => {
    const flowWh = await pooledOptimum(instance);
    return flowWh === null ? null : pooledAssessment(instance, flowWh);
  },
};

/** Every home for itself, with its best plan. */
function aloneAssessment(instance: CommunityInstance, reference: Assessed | null): Assessed {
  const { flowWh, bill } = alonePlans(instance);
  const solution = solutionOf(instance, { flowWh, bill });
  return assessCommunity(instance, solution, { pooled: false, optimum: reference?.kpis['bill'] ?? null });
}

/** The best plan for all; who draws in an hour pays for what all draw, in proportion. */
function pooledAssessment(instance: CommunityInstance, flowWh: readonly (readonly number[])[]): Assessed {
  const { homes, hours, tariff } = instance;
  const drawn = homes.map((home, at) => drawnBy(home, flowWh[at] ?? []));
  const total = summed(drawn, hours);
  const positive = summed(
    drawn.map((series) => series.map((wh) => Math.max(0, wh))),
    hours,
  );
  const bill = drawn.map(
    (series) =>
      series.reduce((sum, wh, hour) => {
        const all = positive[hour] ?? 0;
        const share = all > 0 ? Math.max(0, wh) / all : 0;
        return sum + share * Math.max(0, total[hour] ?? 0) * (tariff[hour] ?? 0);
      }, 0) / 1e6,
  );
  const solution = solutionOf(instance, { flowWh, bill });
  return assessCommunity(instance, solution, { pooled: true, optimum: billOf(instance, total) });
}

function solutionOf(
  { homes }: CommunityInstance,
  { flowWh, bill }: { readonly flowWh: readonly (readonly number[])[]; readonly bill: readonly number[] },
): CommunitySolution {
  const by = <T>(what: (at: number) => T): Record<string, T> =>
    Object.fromEntries(homes.map(({ name }, at) => [name, what(at)]));
  const kilo = (series: readonly number[]): number[] => series.map((wh) => wh / 1_000);
  return {
    chargeKwh: by((at) => kilo(flowWh[at] ?? [])),
    tradesKwh: by((at) => {
      const home = homes[at];
      return home === undefined ? [] : kilo(drawnBy(home, flowWh[at] ?? []));
    }),
    bill: by((at) => bill[at] ?? 0),
  };
}

function linesOf(instance: CommunityInstance): Readonly<Record<string, Kpis>> {
  const { noBattery, noBatteryPooled, alonePooled } = communityLines(instance);
  return {
    noBattery: { bill: noBattery },
    noBatteryPooled: { bill: noBatteryPooled },
    alonePooled: { bill: alonePooled },
  };
}
