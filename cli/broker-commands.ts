import { Option, type Command } from 'commander';

type Flags = Readonly<Record<string, string | true | undefined>>;

/** Adds the commands around a broker: get one, start one, and look whether all is well. Each is loaded when it runs. */
export function addBrokerCommands(program: Command): void {
  addBroker(program.command('broker').description('Get a NATS server, and start it on this machine'));
  program
    .command('doctor')
    .description('Look at what agents will need (broker, key, disk, clock), and say what to do')
    .option('--nats <url>', 'addresses of the broker, separated by commas (HAGGLE_NATS; nats://127.0.0.1:4222)')
    .option('--key <file>', "an agent's key file: check it, and log in with it")
    .option('--passphrase-file <file>', 'where the passphrase of a protected key stands')
    .option('--jwt <file>', 'what the broker needs beside the key (a token or credentials file)')
    .option('--data <dir>', 'folder of a journal')
    .option('--broker-config <file>', 'look for unsafe settings in a configuration of nats-server')
    .option('--json', 'print the findings as one JSON document')
    .action(async (flags: Flags) => {
      const { doctorCommand } = await import('./commands/doctor.ts');
      process.exitCode = await doctorCommand(flags);
    });
}

function addBroker(broker: Command): void {
  broker
    .command('start')
    .description('Run a NATS server until ^C, for agents on this machine only')
    .option('--port <n>', 'where it listens; 4222, or what the configuration says')
    .option('--jetstream', 'with JetStream: mailbox and registry')
    .option('--store <dir>', 'folder of JetStream, which it switches on (a temporary one if left out)')
    .option('--config <file>', 'a configuration of nats-server')
    .action(async (flags: Flags) => {
      const { brokerStartCommand } = await import('./commands/broker.ts');
      process.exitCode = await brokerStartCommand(flags);
    });
  broker
    .command('install')
    .description('Install a NATS server for this user, with what the machine has; no root')
    .addOption(new Option('--method <way>', 'only this way').choices(['go', 'archive', 'brew', 'apt']))
    .option('--json', 'print the result as one JSON document')
    .action(async (flags: Flags) => {
      const { brokerInstallCommand } = await import('./commands/broker.ts');
      process.exitCode = await brokerInstallCommand(flags);
    });
  broker
    .command('path')
    .description('Print which NATS server would be used')
    .option('--json', 'with version and source, as one JSON document')
    .action(async (flags: Flags) => {
      const { brokerPathCommand } = await import('./commands/broker.ts');
      process.exitCode = await brokerPathCommand(flags);
    });
}
