import { HaggleError } from '../../agent-core/errors.ts';
import type { SigningMode } from '../../agent-core/message/seal.ts';
import { askedPolicies } from '../../scenarios/asked-policies.ts';
import { SCENARIOS, scenarioName, type ScenarioName } from '../../scenarios/registry.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { loadInstance } from '../../scenarios/instance-source.ts';
import { simulate, type PolicyChoice, type Simulation, type SimulationOptions } from '../../scenarios/simulate.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { checkOutputs, openLineFile, type LineFile } from '../files.ts';
import {
  chosenPolicies,
  instanceSource,
  parseSeed,
  parseSign,
  type ChosenPolicies,
  type CommandFlags as Flags,
} from '../instance-flags.ts';
import { createProgressBar } from '../progress-bar.ts';
import { resultTable } from '../result-table.ts';
import { splitFlags, withWorkers, type SplitFlags } from '../split.ts';
import { openTraceFile, type TraceFile } from '../trace-file.ts';

/** `haggle simulate <scenario>`: runs the agents, prints the result and writes what was asked for. */
export async function simulateCommand(name: string, flags: Flags): Promise<ExitCode> {
  const seed = parseSeed(flags['seed']);
  const sign = parseSign(flags['sign']);
  const scenario = scenarioName(name);
  const policies = chosenPolicies(scenario, flags['policy']);
  return await RUNS[scenario]({ seed, sign, flags, policies, split: splitFlags(flags) });
}

/** Each scenario with its report. */
const RUNS: Readonly<Record<ScenarioName, (request: Request) => Promise<ExitCode>>> = {
  energy: (request) =>
    run(SCENARIOS.energy, request, async (one, simulation) => {
      const { energyReport } = await import('../report/energy.ts');
      return energyReport(one, simulation);
    }),
  'ride-sharing': (request) =>
    run(SCENARIOS['ride-sharing'], request, async ({ instance }, simulation) => {
      const { ridesReport } = await import('../report/rides.ts');
      return ridesReport(instance, simulation);
    }),
  'supply-chain': (request) =>
    run(SCENARIOS['supply-chain'], request, async (one, simulation) => {
      const { supplyChainReport } = await import('../report/supply-chain.ts');
      return supplyChainReport(one, simulation);
    }),
};

interface Request {
  readonly seed: number;
  readonly sign: SigningMode;
  readonly flags: Flags;
  readonly policies: ChosenPolicies;
  readonly split: SplitFlags | null;
}

async function run<Instance, Solution>(
  scenario: Scenario<Instance, Solution>,
  request: Request,
  report: (instance: Instance, simulation: Simulation<Solution>) => Promise<string>,
): Promise<ExitCode> {
  const { seed, sign, flags, policies, split } = request;
  checkOutputs(outputsOf(flags), typeof flags['instance'] === 'string' ? flags['instance'] : undefined);
  const source = instanceSource(flags, policies.sources);
  const instance = loadInstance(scenario, source, seed);
  // Opened before the agents run, so that nobody waits for a result that cannot be written.
  const trace = outputOf(flags, 'trace', (path) => openTraceFile(path, { scenario: scenario.name, seed, sign }));
  const solution = outputOf(flags, 'solution', openLineFile);
  const page = outputOf(flags, 'report', openLineFile);
  try {
    const bar = createProgressBar(process.stderr, scenario.label(instance));
    const { choice: policy } = policies;
    const recording = { seed, sign, policy, trace, progress: bar.show, over: bar.clear };
    const simulation =
      split === null
        ? await simulateRecorded(scenario, instance, recording)
        : await withWorkers(split, source, (over) =>
            simulateRecorded(scenario, instance, { ...recording, split: over }),
          );
    const { result, chains } = simulation;
    const { variant, fingerprint } = result;
    const played = { where: 'in this run', variant, decisions: new Map(Object.entries(result.decisions)) };
    const asked = askedPolicies(scenario, policies.sources, played);
    trace?.commit({ fingerprint, ...(chains === null ? {} : { chains }) });
    process.stdout.write(flags['json'] === true ? `${JSON.stringify(result, null, 2)}\n` : resultTable(result, asked));
    complete(solution, () => JSON.stringify(simulation.agents.solution));
    if (page !== null) {
      const html = await report(instance, simulation);
      complete(page, () => html);
    }
    return result.feasible ? EXIT.ok : EXIT.negative;
  } catch (error) {
    for (const output of [trace, solution, page]) output?.discard();
    throw error;
  }
}

function complete(output: LineFile | null, text: () => string): void {
  output?.write(text());
  output?.commit();
}

function outputOf<Output>(flags: Flags, flag: string, open: (path: string) => Output): Output | null {
  const path = flags[flag];
  return typeof path === 'string' ? open(path) : null;
}

function outputsOf(flags: Flags): ReadonlyMap<string, string> {
  const outputs = new Map<string, string>();
  for (const flag of ['solution', 'report', 'trace']) {
    const path = flags[flag];
    if (path === '') throw new HaggleError('bad-flag', `--${flag} needs the name of a file`);
    if (typeof path === 'string') outputs.set(`--${flag}`, path);
  }
  return outputs;
}

interface Recording {
  readonly seed: number;
  readonly sign: SigningMode;
  readonly policy: PolicyChoice;
  readonly trace: TraceFile | null;
  readonly progress: Parameters<typeof simulate>[2]['onProgress'];
  readonly over: () => void;
  readonly split?: SimulationOptions['split'];
}

async function simulateRecorded<Instance, Solution>(
  scenario: Scenario<Instance, Solution>,
  instance: Instance,
  { seed, sign, policy, trace, progress, over, split }: Recording,
): Promise<Simulation<Solution>> {
  try {
    return await simulate(scenario, instance, {
      seed,
      sign,
      policy,
      ...(split === undefined ? {} : { split }),
      ...(progress === undefined ? {} : { onProgress: progress }),
      ...(trace === null ? {} : { record: trace.record }),
    });
  } finally {
    over();
  }
}
