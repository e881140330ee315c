#!/usr/bin/env node
import { Command, CommanderError, Option } from 'commander';
import { addBrokerCommands } from './broker-commands.ts';
import { endChildren } from './children.ts';
import { EXIT, reportError } from './exit.ts';
import { discardDrafts } from './files.ts';
import { addKeyCommands } from './key-commands.ts';
import { addLiveCommands } from './live-commands.ts';
import { endOnSignals } from './signals.ts';
import { VERSION } from './version.ts';

// Commands are loaded when they run, so that --help costs no more than commander.
const program = new Command('haggle')
  .description('Signed, autonomous economic agents that negotiate, and the simulator that proves them')
  .version(VERSION)
  .showHelpAfterError('(haggle --help lists the commands)')
  .exitOverride();

program
  .command('simulate')
  .argument('<scenario>', 'energy, ride-sharing or supply-chain')
  .description("Run a scenario's agents until they agree, beside a simple rule and the central optimum")
  .option(
    '--instance <path>',
    'a benchmark file or folder (energy: MATPOWER; ride-sharing: DARP, PDPTW, FleetPy; supply-chain: topologies, stockpyl)',
  )
  .option(
    '--generate <k=v,...>',
    'a generated instance (energy: buses=N; ride-sharing: requests=N,vehicles=M,…; supply-chain: firms=N,… or game=classic)',
    joined,
  )
  .option(
    '--set <k=v,...>',
    'other rules (ride-sharing: mode=static|online; supply-chain: network=…,demand=…,negotiate=yes|no; …)',
    joined,
  )
  .option(
    '--policy <scripted|learned|files>',
    'what agents decide by: own rules, shipped policies, or policy files',
    'scripted',
  )
  .option('--seed <n>', 'seed of everything that is chance', '1')
  .addOption(new Option('--sign <mode>', 'signing mode').choices(['each', 'batch', 'off']).default('batch'))
  .option('--json', 'print the result as one JSON document')
  .option('--solution <file>', 'write what the agents agreed, as JSON')
  .option('--report <file>', 'write a self-contained HTML report')
  .option('--trace <file>', 'record every message with its signature')
  .addOption(
    new Option('--bus <kind>', 'run in this process or over a broker').choices(['memory', 'nats']).default('memory'),
  )
  .option('--workers <n>', 'processes that share the agents (with --bus nats; 1)')
  .option('--nats <url>', 'a broker that runs already (with --bus nats; else one is started)')
  .option('--run <name>', 'name of the run, for workers started by hand (with --bus nats)')
  .option('--await-workers', 'wait for workers started by hand (with --bus nats)')
  .action(async (scenario: string, flags: Record<string, string | true | undefined>) => {
    const { simulateCommand } = await import('./commands/simulate.ts');
    process.exitCode = await simulateCommand(scenario, flags);
  });

program
  .command('train')
  .argument('<scenario>', 'energy, ride-sharing or supply-chain')
  .requiredOption('--role <name>', 'where the policy is to decide')
  .description('Train a policy for a role of a scenario, and write it to a file')
  .option('--instance <path>', 'what to learn in: a benchmark file or folder, as for simulate')
  .option('--generate <k=v,...>', 'what to learn in: generated instances, another for every episode', joined)
  .option('--set <k=v,...>', 'other rules, as for simulate', joined)
  .option('--seed <n>', 'seed of everything that is chance', '1')
  .option('--budget <n>', 'how long to learn: generations, or thousands of decisions (each role has a usual length)')
  .option('--workers <n>', 'threads that play; changes nothing but the time')
  .option('--out <file>', 'the policy file (<scenario>.<role>.json)')
  .option('--resume', 'go on from the checkpoint beside the policy file')
  .option('--report <file>', 'write the learning curve as a self-contained HTML page')
  .action(async (scenario: string, flags: Record<string, string | true | undefined>) => {
    const { trainCommand } = await import('./commands/train.ts');
    process.exitCode = await trainCommand(scenario, flags);
  });

program
  .command('env')
  .argument('<scenario>', 'energy, ride-sharing or supply-chain')
  .requiredOption('--role <name>', 'whose decisions the learner takes')
  .description('Serve a role as an environment over standard input and output, for learners in other languages')
  .option('--instance <path>', 'a benchmark file or folder, as for simulate')
  .option('--generate <k=v,...>', 'generated instances, another for every episode', joined)
  .option('--set <k=v,...>', 'other rules, as for simulate', joined)
  .option('--policy <scripted|learned|files>', 'what agents decide by in other roles', 'scripted')
  .option('--reward <kind>', "what is learned for: the scenario's objective, or the agent's own balance", 'objective')
  .option('--world', 'with agents and messages even where there is a model without')
  .action(async (scenario: string, flags: Record<string, string | true | undefined>) => {
    const { envCommand } = await import('./commands/env.ts');
    process.exitCode = await envCommand(scenario, flags);
  });

program
  .command('evaluate')
  .argument('<scenario>', 'energy, ride-sharing or supply-chain')
  .description('Run policies on the same seeds, and say how they differ and how sure that is')
  .option(
    '--policies <list>',
    'what to compare, the first with all others: scripted, learned, policy files ("+" joins files of several roles)',
    'scripted,learned',
  )
  .option('--seeds <list>', 'seeds of the runs, such as 1-10,20', '1-10')
  .option('--kpi <names>', 'indicators to compare beside the objective')
  .option('--instance <path>', 'a benchmark file or folder, as for simulate')
  .option('--generate <k=v,...>', 'generated instances, another for every seed', joined)
  .option('--set <k=v,...>', 'other rules, as for simulate', joined)
  .addOption(new Option('--sign <mode>', 'signing mode').choices(['each', 'batch', 'off']).default('off'))
  .option('--json', 'print the evaluation as one JSON document')
  .action(async (scenario: string, flags: Record<string, string | true | undefined>) => {
    const { evaluateCommand } = await import('./commands/evaluate.ts');
    process.exitCode = await evaluateCommand(scenario, flags);
  });

program
  .command('worker')
  .description('Run a part of a simulation that another process coordinates')
  .requiredOption('--nats <url>', 'the broker of the run')
  .requiredOption('--run <name>', 'name of the run')
  .option('--token <name>', 'name of this worker in the run')
  .action(async (flags: Record<string, string | true | undefined>) => {
    const { workerCommand } = await import('./commands/worker.ts');
    process.exitCode = await workerCommand(flags);
  });

program
  .command('verify')
  .argument('<trace>', 'a file written by simulate --trace')
  .description('Check every signature and the fingerprint of a recorded run')
  .option('--allow-unsigned', 'accept a trace of a run with --sign off')
  .option('--json', 'print the verdict as one JSON document')
  .action(async (trace: string, flags: Record<string, string | true | undefined>) => {
    const { verifyCommand } = await import('./commands/verify.ts');
    process.exitCode = verifyCommand(trace, flags);
  });

program
  .command('protocols')
  .argument('[name]', 'a protocol of the list')
  .description('List the protocols of the library, or describe one')
  .option('--markdown', 'as a page of documentation; without a name, all of them')
  .option('--mermaid', 'its states as a Mermaid diagram')
  .option('--json-schema', 'its bodies as JSON Schemas')
  .action(async (name: string | undefined, flags: Record<string, string | true | undefined>) => {
    const { protocolsCommand } = await import('./commands/protocols.ts');
    process.exitCode = protocolsCommand(name, flags);
  });

program
  .command('new')
  .description('Start something of your own')
  .command('agent')
  .argument('<name>', 'lower-case words joined by "-"; also the name of the folder')
  .description('Make a folder with a typed protocol, an agent that speaks it, and a test that passes')
  .option('--haggle <spec>', 'where npm finds Haggle: a path, a git address or a version (this package if left out)')
  .action(async (name: string, flags: Record<string, string | true | undefined>) => {
    const { newAgentCommand } = await import('./commands/new.ts');
    process.exitCode = newAgentCommand(name, flags);
  });

addKeyCommands(program);
addLiveCommands(program);
addBrokerCommands(program);

// Who reads our output may stop reading (`haggle … | head -1`); that is no fault of ours and worth no message.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    discardDrafts();
    endChildren();
    if (stream === process.stdout) process.stderr.write(`haggle: cannot write the result: ${error.message}\n`);
    process.exit(EXIT.cannotWrite);
  });
}

/** A flag given twice says both: nothing of what was asked for is dropped. */
function joined(value: string, before: string | undefined): string {
  return before === undefined ? value : `${before},${value}`;
}

endOnSignals();

try {
  await program.parseAsync();
} catch (error) {
  // Commander has printed its own message by now.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  else process.exitCode = reportError(error);
}
