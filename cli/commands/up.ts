import { HaggleError } from '../../agent-core/errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { drainOnSignals } from '../signals.ts';
import { Fleet } from '../up/fleet.ts';
import { readHaggleFile, runFolderOf } from '../up/haggle-file.ts';
import { logView, painter } from '../up/log-view.ts';
import { prepareAgents } from '../up/prepare.ts';
import { makeRunFolder, readRecord, removeRecord } from '../up/run-folder.ts';

/** `haggle up [haggle.yaml]`: runs a set of agents, and a broker if the file wants one, until they are over. */
export async function upCommand(path: string): Promise<ExitCode> {
  const file = readHaggleFile(path);
  const folder = runFolderOf(path);
  const running = readRecord(folder);
  if (running !== null) {
    throw new HaggleError('already-up', `haggle up runs here already, as process ${running.process.pid}`);
  }
  const names = file.agents.map(({ name }) => name);
  makeRunFolder(folder, names);
  const agents = await prepareAgents(file, folder);
  const paint = painter(process.stdout);
  const write = (line: string): void => void process.stdout.write(`${line}\n`);
  const fleet = new Fleet({ file, folder, agents, view: logView(names, paint), write: (line) => write(line) });
  try {
    await fleet.start();
    drainOnSignals(
      () => fleet.drain(),
      () => fleet.kill(),
    );
    const well = await fleet.over();
    write(well ? 'all agents have ended' : 'all agents have ended, not all of them as they should');
    return well ? EXIT.ok : EXIT.negative;
  } finally {
    fleet.kill();
    removeRecord(folder);
  }
}
