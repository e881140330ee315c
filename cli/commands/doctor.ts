import { execFile } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { authenticatorOf } from '../../agent-core/adapters/keys/authenticator.ts';
import { findNatsServer } from '../../agent-core/adapters/nats-server/find.ts';
import { brokerFindings } from '../doctor/broker-checks.ts';
import { configFindings } from '../doctor/broker-config.ts';
import { reporter, type Finding, type Severity } from '../doctor/finding.ts';
import { clockFindings, dataFindings, keyFindings, nodeFindings } from '../doctor/machine-checks.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { tokenIn } from '../broker-token.ts';
import { readInput } from '../files.ts';
import { openKeyFile } from '../key.ts';

type Flags = Readonly<Record<string, string | true | undefined>>;

/** Where a broker listens if nobody says. */
const DEFAULT_BROKER = 'nats://127.0.0.1:4222';

/** `haggle doctor`: looks at all that an agent will need, and says what to do. Exit code 1 where something is an error. */
export async function doctorCommand(flags: Flags): Promise<ExitCode> {
  const findings = [
    ...nodeFindings(),
    ...(await clockFindings()),
    ...(await serverFindings()),
    ...(text(flags, 'data') === undefined ? [] : dataFindings(text(flags, 'data') ?? '')),
    ...(text(flags, 'key') === undefined ? [] : keyFindings(text(flags, 'key') ?? '')),
    ...(text(flags, 'brokerConfig') === undefined ? [] : await fileFindings(text(flags, 'brokerConfig') ?? '')),
    ...(await linkFindings(flags)),
  ];
  const bad = findings.some(({ severity }) => severity === 'error');
  const printed = flags['json'] === true ? `${JSON.stringify({ ok: !bad, findings }, null, 2)}\n` : page(findings);
  process.stdout.write(printed);
  return bad ? EXIT.negative : EXIT.ok;
}

function text(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}

/** The nats-server that this machine would start. */
async function serverFindings(): Promise<readonly Finding[]> {
  const { ok, note } = reporter('machine');
  const program = await findNatsServer();
  if (program === null) return [note('no nats-server on this machine', '`haggle broker install` gets one')];
  return [ok(`nats-server ${program.version} at ${program.path} (${program.source})`)];
}

async function fileFindings(path: string): Promise<readonly Finding[]> {
  const findings = configFindings(readInput(path), (name) => readInput(resolve(dirname(path), name)));
  const verdict = await serverVerdict(path);
  return verdict === null ? findings : [verdict, ...findings];
}

/** What the server itself thinks of a configuration; null where there is no server to ask, or where it takes it. */
async function serverVerdict(path: string): Promise<Finding | null> {
  const program = await findNatsServer();
  if (program === null) return null;
  const said = await new Promise<string | null>((settle) => {
    execFile(program.path, ['-t', '-c', path], { timeout: 10_000 }, (failure, _, stderr) =>
      settle(failure === null ? null : (stderr.trim().split('\n').at(-1) ?? '')),
    );
  });
  if (said === null) return null;
  return reporter('config').error(`nats-server ${program.version} does not take it: ${said}`, 'correct it');
}

async function linkFindings(flags: Flags): Promise<readonly Finding[]> {
  const servers = (text(flags, 'nats') ?? process.env['HAGGLE_NATS'] ?? DEFAULT_BROKER).split(',');
  const [key, jwt] = [text(flags, 'key'), text(flags, 'jwt')];
  if (key === undefined || keyFindings(key).some(({ severity }) => severity === 'error')) {
    return await brokerFindings({ servers });
  }
  const opened = await openKeyFile(key, { passphraseFile: text(flags, 'passphraseFile') });
  try {
    const login = authenticatorOf(opened.signer, jwt === undefined ? {} : { jwt: tokenIn(jwt) });
    return await brokerFindings({ servers, authenticator: login, inboxPrefix: `_INBOX.${opened.signer.nkey}` });
  } finally {
    opened.dispose();
  }
}

const MARK: Readonly<Record<Severity, string>> = { ok: '✓', note: '·', warning: '!', error: '✘' };
const COLOUR: Readonly<Record<Severity, string>> = { ok: '32', note: '2', warning: '33', error: '31' };

/** The findings for a terminal: grouped, aligned, what to do below what is wrong. */
function page(findings: readonly Finding[]): string {
  const colour = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
  const paint = (code: string, said: string): string => (colour ? `\u001b[${code}m${said}\u001b[0m` : said);
  const lines: string[] = [];
  for (const area of new Set(findings.map((finding) => finding.area))) {
    for (const [index, { severity, what, todo }] of findings.filter((finding) => finding.area === area).entries()) {
      const head = (index === 0 ? area : '').padEnd(8);
      lines.push(`${paint('2', head)} ${paint(COLOUR[severity], MARK[severity])} ${what}`);
      if (todo !== null) lines.push(`${' '.repeat(8)}   ${paint('2', `→ ${todo}`)}`);
    }
  }
  return `${lines.join('\n')}\n\n${summary(findings)}\n`;
}

function summary(findings: readonly Finding[]): string {
  const count = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  const [errors, warnings] = [count('error'), count('warning')];
  const of = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;
  if (errors > 0) return `${of(errors, 'error')}, ${of(warnings, 'warning')}: not ready`;
  return warnings > 0 ? `ready, with ${of(warnings, 'warning')}` : 'ready';
}
