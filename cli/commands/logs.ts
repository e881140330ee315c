import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { HaggleError } from '../../agent-core/errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { runFolderOf } from '../up/haggle-file.ts';
import { lastLines, LogFollower, type LoggedLine } from '../up/log-reader.ts';
import { logView, painter } from '../up/log-view.ts';
import { readRecord, runPaths } from '../up/run-folder.ts';

/** Flags of `haggle logs`. */
export interface LogsFlags {
  readonly file: string;
  readonly follow: boolean;
  readonly lines: string;
  /** As they were written, one JSON object a line. */
  readonly raw: boolean;
}

const LINES_MAX = 100_000;
const LOOK_MILLIS = 150;

/** `haggle logs [name]`: what agents of a `haggle up` have logged, also after it has ended. */
export async function logsCommand(name: string | undefined, flags: LogsFlags): Promise<ExitCode> {
  const folder = runFolderOf(flags.file);
  const count = Number(flags.lines);
  if (!Number.isInteger(count) || count < 0 || count > LINES_MAX) {
    throw new HaggleError('bad-flag', `--lines takes a whole number from 0 to ${LINES_MAX}, got "${flags.lines}"`);
  }
  const known = agentsWithLogs(folder);
  const names =
    name === undefined ? known : known.filter((each) => each === name || each.replace(/-\d+$/, '') === name);
  if (names.length === 0) {
    const there = known.length === 0 ? `no agent has run in ${folder}` : `there is: ${known.join(', ')}`;
    throw new HaggleError('no-input', `no log${name === undefined ? '' : ` of "${name}"`}: ${there}`);
  }
  const view = logView(names, painter(process.stdout));
  const show = (line: LoggedLine): void =>
    void process.stdout.write(`${flags.raw ? line.text : view.line(line.name, line.text)}\n`);
  const followers = flags.follow ? names.map((each) => new LogFollower(folder, each)) : [];
  lastLines(folder, names, count).forEach(show);
  if (!flags.follow) return EXIT.ok;
  // Until ^C, or until nothing is left that could log.
  while (readRecord(folder) !== null) {
    followers.flatMap((follower) => follower.next()).forEach(show);
    await new Promise((resolve) => {
      setTimeout(resolve, LOOK_MILLIS);
    });
  }
  followers.flatMap((follower) => follower.next()).forEach(show);
  return EXIT.ok;
}

function agentsWithLogs(folder: string): readonly string[] {
  const agents = join(folder, 'agents');
  if (!existsSync(agents)) return [];
  return readdirSync(agents)
    .filter((name) => existsSync(runPaths.log(folder, name)))
    .toSorted();
}
