import { HaggleError } from '../../agent-core/errors.ts';
import type { SigningMode } from '../../agent-core/message/seal.ts';
import { SCENARIOS, scenarioName, type ScenarioName } from '../../scenarios/registry.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { loadInstance, type InstanceSource } from '../../scenarios/instance-source.ts';
import { simulate, type Simulation, type SimulationOptions } from '../../scenarios/simulate.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { checkOutputs, isFolder, openLineFile, readFolder, readInput, type LineFile } from '../files.ts';
import { createProgressBar } from '../progress-bar.ts';
import { resultTable } from '../result-table.ts';
import { splitFlags, withWorkers, type SplitFlags } from '../split.ts';
import { openTraceFile, type TraceFile } from '../trace-file.ts';

type Flags = Readonly<Record<string, string | true | undefined>>;

/** `haggle simulate <scenario>`: runs the agents, prints the result and writes what was asked for. */
export async function simulateCommand(name: string, flags: Flags): Promise<ExitCode> {
  const seed = parseSeed(flags['seed']);
  const sign = parseSign(flags['sign']);
  return await RUNS[scenarioName(name)]({ seed, sign, flags, split: splitFlags(flags) });
}

/** Each scenario with its report. */
const RUNS: Readonly<Record<ScenarioName, (request: Request) => Promise<ExitCode>>> = {
  energy: (request) =>
    run(SCENARIOS.energy, request, async (grid, simulation) => {
      const { dispatchReport } = await import('../report/dispatch.ts');
      return dispatchReport(grid, simulation);
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
  readonly split: SplitFlags | null;
}

async function run<Instance, Solution>(
  scenario: Scenario<Instance, Solution>,
  request: Request,
  report: (instance: Instance, simulation: Simulation<Solution>) => Promise<string>,
): Promise<ExitCode> {
  const { seed, sign, flags, split } = request;
  checkOutputs(outputsOf(flags), typeof flags['instance'] === 'string' ? flags['instance'] : undefined);
  const source = instanceSource(flags);
  const instance = loadInstance(scenario, source, seed);
  // Opened before the agents run, so that nobody waits for a result that cannot be written.
  const trace = outputOf(flags, 'trace', (path) => openTraceFile(path, { scenario: scenario.name, seed, sign }));
  const solution = outputOf(flags, 'solution', openLineFile);
  const page = outputOf(flags, 'report', openLineFile);
  try {
    const bar = createProgressBar(process.stderr, scenario.label(instance));
    const recording = { seed, sign, trace, progress: bar.show, over: bar.clear };
    const simulation =
      split === null
        ? await simulateRecorded(scenario, instance, recording)
        : await withWorkers(split, source, (over) =>
            simulateRecorded(scenario, instance, { ...recording, split: over }),
          );
    const { result } = simulation;
    process.stdout.write(flags['json'] === true ? `${JSON.stringify(result, null, 2)}\n` : resultTable(result));
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
  readonly trace: TraceFile | null;
  readonly progress: Parameters<typeof simulate>[2]['onProgress'];
  readonly over: () => void;
  readonly split?: SimulationOptions['split'];
}

async function simulateRecorded<Instance, Solution>(
  scenario: Scenario<Instance, Solution>,
  instance: Instance,
  { seed, sign, trace, progress, over, split }: Recording,
): Promise<Simulation<Solution>> {
  try {
    const simulation = await simulate(scenario, instance, {
      seed,
      sign,
      ...(split === undefined ? {} : { split }),
      ...(progress === undefined ? {} : { onProgress: progress }),
      ...(trace === null ? {} : { record: trace.record }),
    });
    const { chains, result } = simulation;
    trace?.commit({ fingerprint: result.fingerprint, ...(chains === null ? {} : { chains }) });
    return simulation;
  } finally {
    over();
  }
}

function instanceSource({ instance, generate, set }: Flags): InstanceSource {
  if (instance !== undefined && generate !== undefined) {
    throw new HaggleError('bad-flag', '--instance and --generate exclude each other');
  }
  const settings = parsePairs('--set', set);
  if (typeof instance !== 'string') {
    return { type: 'generated', parameters: parsePairs('--generate', generate), settings };
  }
  if (isFolder(instance)) return { type: 'folder', folder: instance, files: readFolder(instance), settings };
  return { type: 'file', file: instance, text: readInput(instance), settings };
}

function parseSeed(text: string | true | undefined): number {
  const seed = Number(text);
  if (typeof text !== 'string' || !/^\d{1,16}$/.test(text) || !Number.isSafeInteger(seed)) {
    throw new HaggleError(
      'bad-flag',
      `--seed must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, got "${String(text)}"`,
    );
  }
  return seed;
}

function parseSign(text: string | true | undefined): SigningMode {
  if (text === 'each' || text === 'batch' || text === 'off') return text;
  throw new HaggleError('bad-flag', `--sign must be each, batch or off, got "${String(text)}"`);
}

function parsePairs(flag: string, text: string | true | undefined): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  if (typeof text !== 'string') return pairs;
  for (const part of text.split(',').filter((piece) => piece !== '')) {
    const at = part.indexOf('=');
    const key = part.slice(0, at);
    if (at <= 0) throw new HaggleError('bad-flag', `${flag} takes key=value pairs joined by commas, got "${part}"`);
    if (pairs.has(key)) throw new HaggleError('bad-flag', `${flag} names "${key}" twice`);
    pairs.set(key, part.slice(at + 1));
  }
  return pairs;
}
