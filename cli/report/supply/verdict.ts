import type { SimulationResult } from '../../../scenarios/simulate.ts';
import { counted, decimal, errorSize, sentenceStart } from '../numbers.ts';
import type { Verdict } from '../page.ts';
import type { SupplyRuns } from './runs.ts';
import { namesOf, percent, tokens, units } from './words.ts';

/** What a violation means, by its name: how far, and of what. */
const LIMITS: Readonly<Record<string, (size: number) => string>> = {
  negativeUnits: (size) => `an order is ${errorSize(size)} units below zero`,
  profitTokens: (size) => `the orders earn ${errorSize(size)} tokens more or less than is claimed`,
  unbookedTokens: (size) => `the orders earn ${errorSize(size)} tokens more or less than the books of all firms say`,
  unequalMicros: (size) => `a firm’s profit differs by ${decimal(size, 0)} micro-tokens from what it received and paid`,
  settledMicros: (size) => `settlements make or lose ${decimal(size, 0)} micro-tokens`,
  badPayments: (size) => `${counted(size, 'payment')} ${size < 2 ? 'is' : 'are'} no amount of money`,
};

/** Less than this is rounding of what firms keep beside their books, in tokens. */
const POORER_TOKENS = 1e-5;

/** Judges what was earned in plain words: beside the optimum and the local rules, for all and for each. */
export function supplyVerdict(runs: SupplyRuns, result: SimulationResult, negotiate: boolean): Verdict {
  const { agents, instance } = runs;
  const profit = agents.kpis['profit'] ?? agents.solution.profit;
  const firms = instance.network.nodes.filter(({ kind }) => kind !== 'raw').length;
  const earned = `${sentenceStart(counted(firms, 'firm'))} earned ${tokens(profit)} ${negotiate ? 'with contracts' : 'by their rules, without contracts'}`;
  if (!result.feasible) {
    return { good: false, headline: `${earned}, but they break a rule: ${brokenWords(result)}.`, sentences: [] };
  }
  return {
    good: true,
    headline: `${earned}${bestWords(runs, profit)}${negotiate ? rulesWords(runs, profit) : ''}.`,
    sentences: [firmWords(runs), serviceWords(runs), refusedWords(runs)].filter((sentence) => sentence !== ''),
  };
}

function brokenWords({ violations }: SimulationResult): string {
  const broken = Object.entries(violations).filter(([, size]) => size > 0);
  if (broken.length === 0) return 'which one is not known';
  return broken.map(([name, size]) => LIMITS[name]?.(size) ?? `${name} ${errorSize(size)}`).join(', and ');
}

function bestWords({ optimum }: SupplyRuns, profit: number): string {
  const best = optimum?.kpis['profit'];
  if (best === undefined) return '';
  const known = `what a planner who knows all demand beforehand could earn (${tokens(best)})`;
  return best > 0
    ? `, ${percent(profit / best)} of ${known}`
    : `, where ${tokens(best)} are ${known.replace(/ \(.*/, '')}`;
}

function rulesWords({ rules, optimum }: SupplyRuns, profit: number): string {
  const plain = rules.kpis['profit'] ?? rules.solution.profit;
  const best = optimum?.kpis['profit'] ?? 0;
  const part = best > 0 && plain > 0 ? `, ${percent(plain / best)} of it` : '';
  if (plain < 0 && profit >= plain) return `; with local rules they lose ${tokens(-plain)}`;
  return `; ${profit >= plain ? 'with local rules they earn' : 'local rules would earn more,'} ${tokens(plain)}${part}`;
}

/** Whether anybody would have been better off without contracts. */
function firmWords({ agents, instance }: SupplyRuns): string {
  const nameOf = namesOf(instance);
  const gains = Object.entries(agents.solution.firms).flatMap(([id, { profit, alone }]) =>
    alone === null ? [] : [{ id, gain: profit - alone }],
  );
  const [first] = gains;
  if (first === undefined) return '';
  const least = gains.reduce((worst, one) => (one.gain < worst.gain ? one : worst), first);
  const most = gains.reduce((best, one) => (one.gain > best.gain ? one : best), first);
  const poorer = gains.filter(({ gain }) => gain < -POORER_TOKENS).length;
  if (poorer > 0) {
    return `${sentenceStart(decimal(poorer, 0))} of ${counted(gains.length, 'firm')} ${poorer === 1 ? 'is' : 'are'} poorer than with the local rule, ${nameOf(least.id)} by ${tokens(-least.gain)}.`;
  }
  const even = tokens(least.gain) === tokens(most.gain);
  const range = even
    ? `${tokens(most.gain)}${gains.length > 1 ? ' each' : ''}`
    : `${tokens(Math.max(0, least.gain))} at least and ${tokens(most.gain)} at most`;
  return least.gain > POORER_TOKENS
    ? `Every firm is richer than with its local rule, by ${range}.`
    : `No firm is poorer than with its local rule; the gain is ${range}.`;
}

function serviceWords({ agents, rules }: SupplyRuns): string {
  const [ours, theirs] = [agents.kpis['inTimeShare'], rules.kpis['inTimeShare']];
  if (ours === undefined || theirs === undefined) return '';
  return `${percent(ours)} of demand was served at once (local rules: ${percent(theirs)}).`;
}

function refusedWords({ agents, instance }: SupplyRuns): string {
  const struck = instance.disruptions.filter(({ kind }) => kind !== 'demand').length;
  const refused = agents.kpis['unfilledUnits'] ?? 0;
  const orders =
    refused > 1e-6
      ? `${sentenceStart(units(refused))} were ordered that could not be shipped`
      : 'Whatever was ordered was shipped';
  const books =
    Object.keys(agents.solution.firms).length > 0
      ? '; what every firm earned is what it received less what it paid, to the micro-token'
      : '';
  return `${orders}${struck > 0 ? `, with ${counted(struck, 'plant or lane', 'plants or lanes')} struck` : ''}${books}.`;
}
