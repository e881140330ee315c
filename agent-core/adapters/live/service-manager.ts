import { spawn } from 'node:child_process';

/** Tells the service manager that started this process how it is; without one, tells nobody. */
export interface ServiceManager {
  /** Work can begin. `status` is one line for people. */
  ready(status: string): void;
  /** The process is about to end. */
  stopping(): void;
  /** From now on says at half the interval that the manager expects that the process is alive, as long as `alive` says so. */
  watch(alive: () => boolean): void;
  /** Stops watching, and resolves once everything told has arrived. */
  close(): Promise<void>;
}

/** The variables by which systemd says what it expects (sd_notify(3), sd_watchdog_enabled(3)). */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The service manager behind `NOTIFY_SOCKET`, told through the program `systemd-notify`, because Node has no datagram sockets
 * of the kind that systemd listens on. Its unit needs `NotifyAccess=all`. Where the program is missing, `failed` hears why.
 */
export function serviceManager(env: Environment, failed: (why: string) => void): ServiceManager {
  if ((env['NOTIFY_SOCKET'] ?? '') === '') return SILENT;
  let last = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const tell = (...states: readonly string[]): void => {
    last = last.then(() => run(states, env)).catch((error: unknown) => failed(String(error)));
  };
  return {
    ready: (status) => tell('READY=1', `STATUS=${status}`, `MAINPID=${process.pid}`),
    stopping: () => tell('STOPPING=1'),
    watch(alive) {
      const micros = Number(env['WATCHDOG_USEC']);
      const other = env['WATCHDOG_PID'] !== undefined && env['WATCHDOG_PID'] !== String(process.pid);
      if (!(micros > 0) || other || timer !== undefined) return;
      timer = setInterval(() => {
        if (alive()) tell('WATCHDOG=1');
      }, micros / 2_000);
      timer.unref();
    },
    async close() {
      clearInterval(timer);
      await last;
    },
  };
}

const SILENT: ServiceManager = {
  ready: () => undefined,
  stopping: () => undefined,
  watch: () => undefined,
  close: () => Promise.resolve(),
};

/** One at a time, so that the manager hears them in order. */
function run(states: readonly string[], env: Environment): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('systemd-notify', states, { stdio: 'ignore', env: { ...env } });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- the caller makes one line of it
      else reject(`systemd-notify ended with code ${code}`);
    });
  });
}
