import { EXIT, type ExitCode } from '../exit.ts';
import { runFolderOf } from '../up/haggle-file.ts';
import { painter, shortDid, type Paint } from '../up/log-view.ts';
import { needRecord, type ChildRecord } from '../up/run-folder.ts';
import { statusOf, type AgentStatus } from '../up/status.ts';

/** `haggle ps [haggle.yaml]`: the agents of a `haggle up`. Exit code 1 where one that runs, or was given up, is not ready. */
export async function psCommand(path: string, { json }: { readonly json: boolean }): Promise<ExitCode> {
  const record = needRecord(runFolderOf(path));
  const agents = await Promise.all(record.agents.map(async (agent) => ({ agent, status: await statusOf(agent) })));
  const code = agents.every(({ agent, status }) => agent.state === 'stopped' || status?.notReady.length === 0)
    ? EXIT.ok
    : EXIT.negative;
  if (json) {
    const list = agents.map(({ agent, status }) => ({ ...agent, status }));
    process.stdout.write(`${JSON.stringify({ ...record, agents: list }, null, 2)}\n`);
    return code;
  }
  const paint = painter(process.stdout);
  const { nats, broker, realm } = record;
  const program = broker === null ? '' : `, nats-server ${broker.version}`;
  process.stdout.write(`${paint('dim', `realm ${realm} on ${nats}${program}`)}\n`);
  process.stdout.write(table([HEAD, ...agents.map(({ agent, status }) => rowOf(agent, status))], paint));
  return code;
}

const HEAD = ['NAME', 'ADDRESS', 'STATE', 'UPTIME', 'DIALOGUES', 'SENT', 'RECEIVED', 'READY', 'RESTARTS'];
const RIGHT: ReadonlySet<number> = new Set([3, 4, 5, 6, 8]);

function rowOf(agent: ChildRecord, status: AgentStatus | null): readonly string[] {
  const { name, did, state, restarts } = agent;
  const silent = state === 'stopped' ? '-' : agent.process === null ? 'no' : 'no answer';
  return [
    name,
    shortDid(did),
    state,
    status === null ? '-' : spanText(status.uptimeSeconds),
    String(status?.dialoguesOpen ?? '-'),
    String(status?.sent ?? '-'),
    String(status?.received ?? '-'),
    status === null ? silent : status.notReady.length === 0 ? 'yes' : `no: ${status.notReady.join(', ')}`,
    String(restarts),
  ];
}

/** A span as people say it: its two greatest units. */
export function spanText(seconds: number): string {
  const units = [
    ['d', 86_400],
    ['h', 3_600],
    ['m', 60],
    ['s', 1],
  ] as const;
  const first = units.findIndex(([, size]) => seconds >= size);
  if (first < 0) return '0s';
  let rest = Math.floor(seconds);
  return units
    .slice(first, first + 2)
    .map(([unit, size]) => {
      const amount = Math.floor(rest / size);
      rest -= amount * size;
      return `${amount}${unit}`;
    })
    .filter((part, index) => index === 0 || !part.startsWith('0'))
    .join(' ');
}

/** Columns as wide as their widest cell, numbers to the right. */
function table(rows: readonly (readonly string[])[], paint: Paint): string {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const lines = rows.map((row, index) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      const padded = RIGHT.has(column) ? cell.padStart(width) : cell.padEnd(width);
      return index === 0 ? paint('bold', padded) : coloured(padded, paint);
    });
    return cells.join('  ').trimEnd();
  });
  return `${lines.join('\n')}\n`;
}

function coloured(cell: string, paint: Paint): string {
  const word = cell.trim();
  if (word === 'running' || word === 'yes') return paint('green', cell);
  if (word === 'given-up' || word.startsWith('no')) return paint('red', cell);
  return word === 'restarting' || word === 'starting' ? paint('yellow', cell) : cell;
}
