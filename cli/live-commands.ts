import { Option, type Command } from 'commander';
import type { Flags } from './run-settings.ts';

/** Adds the commands that run agents live, and speak with them. Each is loaded when it runs. */
export function addLiveCommands(program: Command): void {
  addAgentRun(program);
  addUp(program);
  addPs(program);
  addLogs(program);
  addSend(program);
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function addAgentRun(program: Command): void {
  program
    .command('agent')
    .description('Run agents')
    .command('run')
    .argument('<file>', 'a module that exports an agent made by defineAgent (.ts, .js, .mjs)')
    .description('Run one agent as a process: its log on standard output, one JSON object a line')
    .option('--key <file>', "the agent's key file (HAGGLE_KEY)")
    .option('--passphrase-file <file>', 'where the passphrase of a protected key file stands')
    .option('--nats <url>', 'addresses of the broker, separated by commas (HAGGLE_NATS; nats://127.0.0.1:4222)')
    .addOption(new Option('--jwt <file>', 'what the broker needs beside the key (HAGGLE_JWT)'))
    .option('--creds <file>', 'the same as --jwt, from a NATS credentials file')
    .option('--tls-ca <file>', "who signed the broker's certificate (HAGGLE_TLS_CA)")
    .option('--tls-cert <file>', 'our certificate, for a broker that asks for one (HAGGLE_TLS_CERT)')
    .option('--tls-key <file>', 'the key of that certificate (HAGGLE_TLS_KEY)')
    .option('--realm <name>', 'the market it belongs to (HAGGLE_REALM; main)')
    .option('--name <name>', "its name in logs (HAGGLE_NAME; the agent's own)")
    .option('--data <dir>', 'folder of its journal, or none (HAGGLE_DATA_DIR; .haggle/run/NAME/journal)')
    .option('--param <name=value>', 'a parameter, as JSON or text; repeatable', collect, [])
    .option('--params <file>', 'parameters, as YAML or JSON')
    .option('--export <name>', 'which agent, where the module exports several')
    .option('--health <address>', 'serve /livez /readyz /metrics /status on PORT or HOST:PORT (HAGGLE_HEALTH)')
    .option('--log-level <level>', 'debug, info, warn or error (HAGGLE_LOG_LEVEL; info)')
    .option('--sign <mode>', 'each or batch (HAGGLE_SIGN; each)')
    .option('--drain <duration>', 'how long open dialogues may go on after a signal (HAGGLE_DRAIN; 20s)')
    .option(
      '--on-diverged <what>',
      'where its journal cannot be gone on with: refuse or abandon (HAGGLE_ON_DIVERGED; refuse)',
    )
    .option('--config <file>', 'settings as YAML or JSON (HAGGLE_CONFIG)')
    .action(async (file: string, flags: Readonly<Record<string, string | readonly string[] | undefined>>) => {
      const { agentRunCommand } = await import('./commands/agent-run.ts');
      const { params, ...others } = withDashes(flags);
      const { creds, ...settings } = others;
      process.exitCode = await agentRunCommand(file, {
        settings: { ...settings, jwt: settings['jwt'] ?? creds },
        params: listOf(flags['param']),
        paramsFile: params,
      });
    });
}

function addUp(program: Command): void {
  program
    .command('up')
    .argument('[file]', 'what to run', 'haggle.yaml')
    .description('Run a set of agents, and a broker if wanted, on this machine')
    .action(async (file: string) => {
      const { upCommand } = await import('./commands/up.ts');
      process.exitCode = await upCommand(file);
    });
}

function addPs(program: Command): void {
  program
    .command('ps')
    .description('Show the agents that haggle up runs, as they are now')
    .option('--file <file>', 'the file that is up', 'haggle.yaml')
    .option('--json', 'print one JSON document')
    .action(async (flags: { readonly file: string; readonly json?: true }) => {
      const { psCommand } = await import('./commands/ps.ts');
      process.exitCode = await psCommand(flags.file, { json: flags.json === true });
    });
}

function addLogs(program: Command): void {
  program
    .command('logs')
    .argument('[name]', 'an agent; all its replicas, where it has some')
    .description('Show what the agents of haggle up have logged')
    .option('-f, --follow', 'go on until ^C')
    .option('-n, --lines <count>', 'how many of the last lines', '50')
    .option('--raw', 'as they were written, one JSON object a line')
    .option('--file <file>', 'the file that is up', 'haggle.yaml')
    .action(async (name: string | undefined, flags: Readonly<Record<string, string | true | undefined>>) => {
      const { logsCommand } = await import('./commands/logs.ts');
      process.exitCode = await logsCommand(name, {
        file: String(flags['file']),
        follow: flags['follow'] === true,
        lines: String(flags['lines']),
        raw: flags['raw'] === true,
      });
    });
}

function addSend(program: Command): void {
  program
    .command('send')
    .argument('<agent>', 'its address, its NKEY, or its name in what is up')
    .description('Say something to a running agent by hand, and answer it: a line "type {json}" on standard input each')
    .option('--protocol <name[/version]>', 'a protocol of the library, or which one of --from')
    .option('--from <file>', 'a module that exports the protocol')
    .requiredOption('--type <type>', 'the message that opens the dialogue')
    .option('--body <json>', 'its body as on the wire; a time may read +10s', '{}')
    .option('--within <duration>', 'life of the dialogue', '30s')
    .option('--key <file>', 'whose words they are; a new key, or the console of what is up, if left out')
    .option('--passphrase-file <file>', 'where the passphrase of a protected key file stands')
    .option('--jwt <file>', 'what the broker needs beside the key')
    .option('--nats <url>', 'addresses of the broker (HAGGLE_NATS; that of what is up)')
    .option('--realm <name>', 'the realm (HAGGLE_REALM; that of what is up)')
    .option('--file <file>', 'the file that is up', 'haggle.yaml')
    .action(async (agent: string, flags: Readonly<Record<string, string | undefined>>) => {
      const { sendCommand } = await import('./commands/send.ts');
      const { protocol, from, type = '', body = '', within = '', key, passphraseFile, jwt, nats, realm } = flags;
      const file = flags['file'] ?? '';
      const words = { protocol, from, type, body, within, file };
      process.exitCode = await sendCommand(agent, { ...words, key, passphraseFile, jwt, nats, realm });
    });
}

/** The flags that hold a text, named as they are written. */
function withDashes(flags: Readonly<Record<string, unknown>>): Flags {
  const texts = Object.entries(flags).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(
    texts.map(([name, value]) => [name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`), value]),
  );
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return typeof value === 'string' ? [value] : (value ?? []);
}
