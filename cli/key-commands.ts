import { Option, type Command } from 'commander';

type Flags = Readonly<Record<string, string | true | undefined>>;

/** Adds the commands for keys and for what a broker is to trust. Each is loaded when it runs. */
export function addKeyCommands(program: Command): void {
  addKeys(program.command('keys').description("Make, show and exchange an agent's key"));
  addNatsConfig(
    program
      .command('nats-config')
      .description('What a NATS broker needs, so that it refuses whoever pretends to be another'),
  );
}

function addKeys(keys: Command): void {
  keys
    .command('new')
    .argument('<file>', 'the file to make; it must not exist')
    .description('Make a key: a file that only you can read')
    .option('--protect', 'encrypt it with a passphrase')
    .option('--passphrase-file <file>', 'where the passphrase stands (also switches --protect on)')
    .option('--json', 'print the result as one JSON document')
    .action(async (file: string, flags: Flags) => {
      const { newKeyCommand } = await import('./commands/keys.ts');
      process.exitCode = await newKeyCommand(file, flags);
    });
  keys
    .command('show')
    .argument('<file>', 'a key file')
    .description('Print what everybody may know of a key')
    .option('--passphrase-file <file>', 'where the passphrase of a protected key stands')
    .option('--json', 'print the result as one JSON document')
    .action(async (file: string, flags: Flags) => {
      const { showKeyCommand } = await import('./commands/keys.ts');
      process.exitCode = await showKeyCommand(file, flags);
    });
  keys
    .command('rotate')
    .argument('<file>', "the agent's key file")
    .description('Exchange a key for a new one, with a statement signed by both; the old file is kept')
    .option('--since <time>', 'from when the new key holds, such as 2027-01-31T12:00:00Z; now if left out')
    .option('--passphrase-file <file>', 'where the passphrase of a protected key stands')
    .option('--json', 'print the result as one JSON document')
    .action(async (file: string, flags: Flags) => {
      const { rotateKeyCommand } = await import('./commands/keys.ts');
      process.exitCode = await rotateKeyCommand(file, flags);
    });
}

function addNatsConfig(natsConfig: Command): void {
  natsConfig
    .option('--realm <name>', 'the market whose broker this is')
    .option('--out <dir>', 'the folder to make')
    .option('--host <address>', 'where the broker listens', '127.0.0.1')
    .option('--port <n>', 'its port', '4222')
    .option('--jetstream <dir>', "folder of the broker's JetStream: directory and mailbox need it")
    .option('--protect', 'encrypt all keys with a passphrase')
    .option('--passphrase-file <file>', 'where the passphrase stands (also switches --protect on)')
    .option('--json', 'print the result as one JSON document')
    .action(async (flags: Flags) => {
      const { natsConfigCommand } = await import('./commands/nats-config.ts');
      process.exitCode = await natsConfigCommand(flags);
    });
  natsConfig
    .command('user')
    .description("Issue the token with which an agent's key may log in; the agent's seed is not needed")
    .requiredOption('--dir <dir>', 'the folder that nats-config made')
    .requiredOption('--agent <key>', 'its NKEY, its did, or its key file')
    .addOption(roleOption())
    .option('--name <name>', "shown in the broker's list of connections; the NKEY if left out")
    .option('--expires <duration>', 'how long it counts, such as 30d; for ever if left out')
    .option('--token <file>', 'write it to a new file instead of standard output')
    .action(async (_: unknown, command: Command) => {
      const { issueUserCommand } = await import('./commands/nats-config.ts');
      process.exitCode = await issueUserCommand(command.optsWithGlobals());
    });
  natsConfig
    .command('streams')
    .description("Make what the realm keeps in JetStream: the directory's bucket and the mailboxes' stream")
    .requiredOption('--dir <dir>', 'the folder that nats-config made')
    .option('--nats <url>', 'addresses of the broker, separated by commas (HAGGLE_NATS; nats://127.0.0.1:4222)')
    .option('--replicas <n>', 'copies in a cluster: 1, 3 or 5', '1')
    .action(async (_: unknown, command: Command) => {
      const { streamsCommand } = await import('./commands/nats-config.ts');
      process.exitCode = await streamsCommand(command.optsWithGlobals());
    });
  natsConfig
    .command('revoke')
    .description('Make all tokens that a key has now worthless')
    .requiredOption('--dir <dir>', 'the folder that nats-config made')
    .requiredOption('--agent <key>', 'its NKEY, its did, or its key file')
    .action(async (_: unknown, command: Command) => {
      const { revokeUserCommand } = await import('./commands/nats-config.ts');
      process.exitCode = await revokeUserCommand(command.optsWithGlobals());
    });
}

function roleOption(): Option {
  return new Option('--role <role>', 'what it may do')
    .choices(['agent', 'tool', 'observer', 'worker'])
    .default('agent');
}
