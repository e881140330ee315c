import type { CommunitySolution } from '../../../scenarios/energy/community/solution.ts';
import type { Simulation, SimulationResult } from '../../../scenarios/simulate.ts';
import { counted, errorSize, sentenceStart } from '../numbers.ts';
import type { Verdict } from '../page.ts';
import type { CommunityFacts, HomeFacts } from './facts.ts';
import { dollars, percent, savedWords } from './words.ts';

/** What a violation means, by its name. */
const LIMITS: Readonly<Record<string, (size: number) => string>> = {
  batteryEnergyKwh: (size) => `a battery is ${errorSize(size)} kWh below empty or above full`,
  batteryPowerKw: (size) => `a battery gives or takes ${errorSize(size)} kW more than it can`,
  balanceKwh: (size) => `what a home traded is ${errorSize(size)} kWh off what it used`,
  budgetTokens: (size) => `what homes paid and what the utility received differ by ${errorSize(size)} $`,
  unpaidTokens: (size) => `what homes paid is ${errorSize(size)} $ off what they owe`,
};

/** Tokens by which meters in whole Wh may change a bill. */
const BILL_ROUNDING = 1e-2;

/** Homes that pay more than they would alone. */
export function worseHomes({ homes }: CommunityFacts): readonly HomeFacts[] {
  return homes.filter(({ bill, alone }) => bill > alone + BILL_ROUNDING);
}

/** Judges what homes paid in plain words: all of them, and each, beside alone and the best plan for all. */
export function communityVerdict(facts: CommunityFacts, simulation: Simulation<CommunitySolution>): Verdict {
  const { homes } = facts;
  const { result } = simulation;
  const bill = sumOf(homes, (home) => home.bill);
  const alone = sumOf(homes, (home) => home.alone);
  const paid = `${sentenceStart(counted(homes.length, 'home'))} ${homes.length === 1 ? 'pays' : 'together pay'} ${dollars(bill)}`;
  if (!result.feasible) {
    return { good: false, headline: `${paid}, but a limit is broken: ${brokenWords(result)}.`, sentences: [] };
  }
  const worse = worseHomes(facts);
  const sentences = [captureWords(facts, simulation), bareWords(homes, bill), spreadWords(homes)];
  return {
    good: worse.length === 0,
    ...(worse.length > 0 && {
      stamp: `Agreed and feasible, but ${counted(worse.length, 'home')} ${worse.length === 1 ? 'pays' : 'pay'} more than alone`,
    }),
    headline: `${paid}, ${besideWords(bill, alone)}. ${worseWords(homes, worse)}`,
    sentences: sentences.filter((sentence) => sentence !== ''),
  };
}

function sumOf(homes: readonly HomeFacts[], of: (home: HomeFacts) => number): number {
  return homes.reduce((sum, home) => sum + of(home), 0);
}

function besideWords(bill: number, alone: number): string {
  if (dollars(bill) === dollars(alone)) return 'the same as alone';
  const share = alone > 0 ? ` (${percent(Math.abs(alone - bill) / alone)})` : '';
  return `${dollars(Math.abs(alone - bill))}${share} ${bill < alone ? 'less' : 'more'} than alone, ${dollars(alone)}`;
}

function worseWords(homes: readonly HomeFacts[], worse: readonly HomeFacts[]): string {
  const [first, ...others] = worse;
  if (first === undefined) return homes.length === 1 ? 'It pays no more than alone.' : 'Nobody pays more than alone.';
  const most = others.reduce(
    (worst, home) => (home.bill - home.alone > worst.bill - worst.alone ? home : worst),
    first,
  );
  return `${worse.length === 1 ? 'One of them pays' : `${worse.length} of them pay`} more than alone, ${most.name} by ${dollars(most.bill - most.alone)}.`;
}

function captureWords({ plan }: CommunityFacts, { agents, baseline, optimum }: Simulation<CommunitySolution>): string {
  const best = optimum?.kpis['bill'];
  const [alone, capture] = [baseline.kpis['bill'], agents.kpis['capture']];
  if (best === undefined || alone === undefined)
    return 'The best plan for all is not known: it is too large to work out.';
  const gap = alone - best;
  if (dollars(gap) === dollars(0) || capture === undefined) {
    return `One planner of all batteries who knows load and sun ahead could do no better than ${dollars(best)}, the same as each alone.`;
  }
  if (plan === 'foresight') {
    return `That is ${percent(capture)} of what there was to gain: the best plan for all costs ${dollars(best)}.`;
  }
  const ahead = `Whoever knows load and sun ahead pays ${dollars(alone)} each alone, and ${dollars(best)} by the best plan for all`;
  return capture >= 0
    ? `${ahead}; without foresight, the homes captured ${percent(capture)} of that gap.`
    : `${ahead}; the homes have no foresight.`;
}

function bareWords(homes: readonly HomeFacts[], bill: number): string {
  const bare = sumOf(homes, ({ noBattery }) => noBattery);
  const share = bare > 0 && bill < bare ? `, of which ${percent(1 - bill / bare)} is saved` : '';
  return `Without batteries and without neighbours it would be ${dollars(bare)}${share}.`;
}

function spreadWords(homes: readonly HomeFacts[]): string {
  const sorted = homes.toSorted((a, b) => b.alone - b.bill - (a.alone - a.bill));
  const [most, least] = [sorted[0], sorted.at(-1)];
  if (most === undefined || least === undefined || homes.length < 2) return '';
  return `${most.name} saves most beside alone, ${savedWords(most)}; ${least.name} least, ${savedWords(least)}.`;
}

function brokenWords({ violations }: SimulationResult): string {
  const broken = Object.entries(violations).filter(([, size]) => size > 0);
  if (broken.length === 0) return 'which one is not known';
  return broken.map(([name, size]) => LIMITS[name]?.(size) ?? `${name} ${errorSize(size)}`).join(', and ');
}
