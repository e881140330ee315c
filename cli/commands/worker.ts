import { randomBytes } from 'node:crypto';
import { HaggleError } from '../../agent-core/errors.ts';
import { workOn } from '../../scenarios/split-run.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { meetAt, PATIENT_JOIN_MILLIS, runName } from '../split.ts';

type Flags = Readonly<Record<string, string | true | undefined>>;

/** `haggle worker`: runs a part of a simulation, as its coordinator says, until the run is over. */
export async function workerCommand(flags: Flags): Promise<ExitCode> {
  const { nats, run, token } = flags;
  if (typeof nats !== 'string') throw new HaggleError('bad-flag', '--nats needs the address of a broker');
  if (typeof run !== 'string') throw new HaggleError('bad-flag', '--run needs the name of a run');
  // Who started us has ended, however: nobody needs us any more.
  process.once('disconnect', () => process.exit(EXIT.ok));
  const { meeting, link } = await meetAt(nats, runName(run));
  const before = process.cpuUsage();
  try {
    await workOn({
      ...meeting,
      millis: { join: PATIENT_JOIN_MILLIS },
      token: typeof token === 'string' ? runName(token) : randomBytes(6).toString('hex'),
      cpuSeconds: () => {
        const { user, system } = process.cpuUsage(before);
        return (user + system) / 1e6;
      },
    });
    return EXIT.ok;
  } finally {
    await link.bus.drain();
    if (process.connected) process.disconnect();
  }
}
