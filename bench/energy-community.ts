/**
 * Communities of homes: `node dist/bench/energy-community.js [--hours 8760] [--policy FILE]`, with HAGGLE_DATA set for the CityLearn homes.
 *
 * With foresight in a world, with messages and money; without foresight, by the scripted plan and the trained policy, in the model
 * without messages, whose bills are those of a world to a few cents a year. Capture: (alone − bill) / (alone − optimum), alone and optimum with perfect
 * foresight; storage capture: (netted without batteries − bill) / (the same − optimum).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parsePolicyFile, policyOf } from '../agent-core/policy/policy-file.ts';
import type { Policy } from '../agent-core/policy/policy.ts';
import { createRandomRoot } from '../agent-core/random.ts';
import { rollingPlan } from '../agents/energy/community/value-policy.ts';
import { parseCityLearn } from '../scenarios/energy/community/city-learn.ts';
import type { CommunityInstance } from '../scenarios/energy/community/community.ts';
import { homeCommunities } from '../scenarios/energy/community/community-scenario.ts';
import { playCommunity } from '../scenarios/energy/community/fast-model.ts';
import { generateCommunity } from '../scenarios/energy/community/generator.ts';
import { communityLines } from '../scenarios/energy/community/references.ts';
import { wholeCommunity } from '../scenarios/energy/community/options.ts';
import { learnedPolicies } from '../scenarios/learned-policies.ts';
import { simulate } from '../scenarios/simulate.ts';

const { values } = parseArgs({
  options: { hours: { type: 'string', default: '8760' }, policy: { type: 'string', default: 'learned' } },
});

function learned(): Policy {
  if (values.policy !== 'learned') return policyOf(parsePolicyFile(readFileSync(values.policy, 'utf8'), values.policy));
  const [source] = learnedPolicies('energy');
  return policyOf(parsePolicyFile(source?.text ?? '', source?.file ?? 'energy.home.json'));
}

function cityLearn(): readonly CommunityInstance[] {
  const folder = join(process.env['HAGGLE_DATA'] ?? 'data', 'citylearn-2022');
  const names = readdirSync(folder).filter((name) => /\.(csv|json)$/.test(name));
  const whole = parseCityLearn(new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')])), folder);
  const problem = wholeCommunity(whole);
  const part = (settings: Readonly<Record<string, string>>): CommunityInstance =>
    homeCommunities.configure(problem, new Map(Object.entries(settings)), createRandomRoot(1).stream('none')).instance;
  return [part({ hours: '672' }), part({ hours: values.hours })];
}

/** Neighbourhoods in the middle of four seasons; from the generator, but seeds that no training draws. */
function generated(): readonly CommunityInstance[] {
  return ['1', '4', '7', '10'].map((month, k) => {
    const parameters = new Map(Object.entries({ homes: '8', days: '28', batteries: '100', month }));
    return {
      ...generateCommunity(parameters, createRandomRoot(`bench ${k}`).stream('community')),
      name: `generated, month ${month}`,
    };
  });
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
const percent = (share: number): string => (100 * share).toFixed(1);

async function row(instance: CommunityInstance): Promise<void> {
  const problem = wholeCommunity(instance);
  const { result } = await simulate(homeCommunities, problem, { seed: 1, sign: 'off' });
  const lines = communityLines(instance);
  const { noBatteryPooled: bare, alone } = lines;
  const optimum = result.optimum?.['bill'] ?? Number.NaN;
  const told = (bill: number): readonly string[] => [
    bill.toFixed(2),
    percent((alone - bill) / (alone - optimum)),
    percent((bare - bill) / (bare - optimum)),
  ];
  const without = [rollingPlan(), learned()].flatMap((policy) => {
    const played = playCommunity(instance, policy);
    const worse = played.bill.filter((bill, home) => bill > (played.alone[home] ?? 0) + 1e-6).length;
    return [...told(sum(played.bill)), String(worse)];
  });
  const cells = [
    `${instance.name}, ${instance.homes.length} homes, ${instance.hours} h`,
    bare.toFixed(2),
    alone.toFixed(2),
    optimum.toFixed(2),
    ...told(result.agents['bill'] ?? Number.NaN),
    String(result.agents['homesWorseThanAlone']),
    result.messages.toLocaleString('en-US'),
    result.cpuSeconds.toFixed(1),
    ...without,
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

const bill = (what: string): readonly string[] => [
  `${what} $`,
  'capture %',
  'storage capture %',
  'homes worse than alone',
];
const head = [
  'community',
  'no battery, netted $',
  'alone $',
  'optimum $',
  ...bill('foresight'),
  'messages',
  'CPU s',
  ...bill('scripted'),
  ...bill('learned'),
];
console.log(
  `\nNode ${process.version}, signing off\n\n| ${head.join(' | ')} |\n|${head.map((_, k) => (k === 0 ? '---' : '--:')).join('|')}|`,
);
for (const instance of [...cityLearn(), ...generated()]) await row(instance);
