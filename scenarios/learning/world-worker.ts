import { isMainThread, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { HaggleError } from '../../agent-core/errors.ts';
import type { Asker, RunEpisode } from './episode.ts';
import { CONTROL, type FromWorld, type ToWorld, type WorldThread } from './world-wire.ts';

/** The program of the thread in which `worldEnv` runs its world: this module, when a thread begins with it. */
export const WORLD_WORKER = new URL(import.meta.url);

const thread: unknown = workerData;
if (!isMainThread && isWorldThread(thread)) serve(thread);

function isWorldThread(data: unknown): data is WorldThread {
  return typeof data === 'object' && data !== null && 'haggle' in data && data.haggle === 'world env';
}

function serve({ module, options, control, port }: WorldThread): void {
  const say = (message: FromWorld): void => {
    port.postMessage(message);
    Atomics.add(control, CONTROL.said, 1);
    Atomics.notify(control, CONTROL.said);
  };
  // The other thread may be blocked, and hears of nothing that is not said here.
  process.on('uncaughtExceptionMonitor', (error) => say(failure(error)));
  process.on('exit', () => {
    Atomics.store(control, CONTROL.gone, 1);
    Atomics.notify(control, CONTROL.said);
  });
  const play = async (runEpisode: RunEpisode, seed: number): Promise<void> => {
    const asker = blockingAsker({ control, port, say });
    try {
      await runEpisode(options, seed, asker);
      say({ type: 'done' });
    } catch (error) {
      say(asker.abandoned() ? { type: 'done' } : failure(error));
    }
  };
  const begin = async (): Promise<void> => {
    try {
      const runEpisode = await load(module);
      port.on('message', (message: ToWorld) => {
        if (message.type === 'start') void play(runEpisode, message.seed);
      });
      say({ type: 'ready' });
    } catch (error) {
      say(failure(error));
    }
  };
  void begin();
}

async function load(module: string): Promise<RunEpisode> {
  const loaded: unknown = await import(module);
  if (isEpisodeModule(loaded)) return loaded.runEpisode;
  throw new HaggleError('no-run-episode', `the module ${module} must export a function runEpisode`);
}

function isEpisodeModule(value: unknown): value is { readonly runEpisode: RunEpisode } {
  return typeof value === 'object' && value !== null && 'runEpisode' in value && typeof value.runEpisode === 'function';
}

interface Wire {
  readonly control: Int32Array;
  readonly port: MessagePort;
  readonly say: (message: FromWorld) => void;
}

/** Puts each decision to the other thread, and sleeps until it is answered. */
function blockingAsker({ control, port, say }: Wire): Asker & { abandoned(): boolean } {
  let abandoned = false;
  const next = (): ToWorld => {
    for (;;) {
      const told = Atomics.load(control, CONTROL.told);
      const received: { readonly message: ToWorld } | undefined = receiveMessageOnPort(port);
      if (received !== undefined) return received.message;
      Atomics.wait(control, CONTROL.told, told);
    }
  };
  const goOn = (): void => {
    if (abandoned) throw new HaggleError('episode-abandoned', 'asking in an episode that was abandoned');
  };
  return {
    abandoned: () => abandoned,
    decide: (turn) => {
      goOn();
      say({ type: 'asked', turn });
      const answer = next();
      if (answer.type === 'action') return answer.action;
      abandoned = true;
      goOn();
      return [];
    },
    end: (turn) => {
      goOn();
      say({ type: 'ended', turn });
    },
  };
}

function failure(error: unknown): FromWorld {
  const code = error instanceof HaggleError ? error.code : null;
  if (!(error instanceof Error)) return { type: 'failed', code, message: String(error), stack: '' };
  return { type: 'failed', code, message: error.message, stack: error.stack ?? '' };
}
