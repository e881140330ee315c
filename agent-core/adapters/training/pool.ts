import { Worker } from 'node:worker_threads';
import { HaggleError } from '../../errors.ts';
import { breath } from './breath.ts';
import { openStage, type Job, type Stage, type StageNews, type TrainingModule, type Yield } from './stage.ts';
import { failureOf, WORKER_URL, type Failure, type FromWorker, type ToWorker, type WorkerSetup } from './worker.ts';

/** Stages that share the work. Which of them does a job never shows in its result. */
export interface Pool {
  /** Jobs that could start now. */
  readonly free: number;
  /** Told to all, before any job that is given afterwards. */
  tell(news: StageNews): void;
  /**
   * Does a job, once a stage is free.
   *
   * @throws HaggleError `training-failed` with the seed where the job throws, `training-worker-died` where its worker does
   */
  run(job: Job): Promise<Yield>;
  close(): Promise<void>;
}

/** Most worker threads of a pool. */
export const WORKERS_MAX = 64;
const CLOSE_WITHIN_MILLIS = 2_000;
/** How long this thread may play before it hears of interrupts; no result depends on it. */
const DEAF_MILLIS = 50;

/**
 * Opens a pool of worker threads, or of this thread alone for 0.
 *
 * @throws HaggleError `bad-training` for a number of workers outside 0 to 64, `bad-training-module`
 */
export async function openPool(module: TrainingModule, workers: number): Promise<Pool> {
  if (!Number.isInteger(workers) || workers < 0 || workers > WORKERS_MAX) {
    throw new HaggleError('bad-training', `training takes 0 to ${WORKERS_MAX} workers, got ${workers}`);
  }
  return workers === 0 ? hereOn(await openStage(module)) : await threads(module, workers);
}

function hereOn(stage: Stage): Pool {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let closed = false;
  let heardAtMillis = performance.now();
  return {
    get free() {
      return waiting === 0 ? 1 : 0;
    },
    tell: (news) => stage.hear(news),
    run: async (job) => {
      waiting++;
      const before = last;
      const mine = (async () => {
        await before;
        try {
          if (performance.now() - heardAtMillis > DEAF_MILLIS) {
            await breath();
            heardAtMillis = performance.now();
          }
          // Once one has failed nobody waits for those behind it.
          if (closed) throw new HaggleError('pool-closed', 'the training is over');
          return await stage.do(job);
        } catch (cause) {
          throw jobFailed(job, failureOf(cause));
        } finally {
          waiting--;
        }
      })();
      last = mine.catch(() => undefined);
      return await mine;
    },
    close: () => {
      closed = true;
      stage.close();
      return Promise.resolve();
    },
  };
}

interface Order {
  readonly job: Job;
  resolve(done: Yield): void;
  reject(failure: HaggleError): void;
}

interface Hand {
  readonly thread: Worker;
  order: Order | null;
}

async function threads(module: TrainingModule, workers: number): Promise<Pool> {
  const queue: Order[] = [];
  const hands: Hand[] = [];
  let closing = false;
  let broken: HaggleError | null = null;
  const give = (): void => {
    for (const hand of hands) {
      if (hand.order !== null) continue;
      const order = queue.shift();
      if (order === undefined) return;
      hand.order = order;
      send(hand.thread, { type: 'job', job: order.job });
    }
  };
  const lose = (hand: Hand, cause: unknown): void => {
    if (closing || broken !== null) return;
    broken = died(hand.order?.job, cause);
    for (const order of [...hands.flatMap((one) => one.order ?? []), ...queue.splice(0)]) order.reject(broken);
  };
  try {
    for (let k = 0; k < workers; k++) hands.push({ thread: startThread(module), order: null });
    await Promise.all(hands.map(({ thread }) => ready(thread)));
  } catch (cause) {
    await Promise.all(hands.map(({ thread }) => thread.terminate()));
    throw cause;
  }
  for (const hand of hands) {
    hand.thread.on('message', (message: FromWorker) => {
      finish(hand, message);
      give();
    });
    hand.thread.on('error', (cause) => lose(hand, cause));
    hand.thread.on('exit', (code) => lose(hand, `it exited with code ${code}`));
  }
  return {
    get free() {
      return hands.filter(({ order }) => order === null).length - queue.length;
    },
    tell: (news) => {
      for (const { thread } of hands) send(thread, { type: 'news', news });
    },
    run: (job) =>
      new Promise((resolve, reject) => {
        if (broken !== null) {
          reject(broken);
          return;
        }
        queue.push({ job, resolve, reject });
        give();
      }),
    close: async () => {
      closing = true;
      // One that has died has no exit to wait for.
      if (broken === null) await Promise.all(hands.map(({ thread }) => dismiss(thread)));
      else await Promise.all(hands.map(({ thread }) => thread.terminate()));
    },
  };
}

function startThread(module: TrainingModule): Worker {
  const setup: WorkerSetup = { haggle: 'training', module };
  return new Worker(WORKER_URL, { workerData: setup });
}

function ready(thread: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    thread.once('message', (message: FromWorker) => {
      if (message.type !== 'failed') {
        resolve();
        return;
      }
      const { code, message: problem, stack } = message.failure;
      reject(new HaggleError(code ?? 'bad-training-module', problem, { cause: stack }));
    });
    thread.once('error', (cause) => reject(died(undefined, cause)));
    thread.once('exit', (code) => reject(died(undefined, `it exited with code ${code}`)));
  });
}

/** Lets a worker end by itself, so that its environment can let go of what it holds; not for long where an episode is still on. */
async function dismiss(thread: Worker): Promise<void> {
  const gone = new Promise((resolve) => thread.once('exit', resolve));
  send(thread, { type: 'close' });
  const patience = setTimeout(() => void thread.terminate(), CLOSE_WITHIN_MILLIS);
  await gone;
  clearTimeout(patience);
}

function send(thread: Worker, message: ToWorker): void {
  thread.postMessage(message, []);
}

function finish(hand: Hand, message: FromWorker): void {
  const { order } = hand;
  hand.order = null;
  if (order === null) return;
  if (message.type === 'done') order.resolve(message.yield);
  if (message.type === 'failed') order.reject(jobFailed(order.job, message.failure));
}

function jobFailed(job: Job, { code, message, stack }: Failure): HaggleError {
  return new HaggleError('training-failed', `${told(job)} failed: ${message}`, {
    fields: { seed: seedOf(job), reason: code },
    cause: stack,
  });
}

function died(job: Job | undefined, cause: unknown): HaggleError {
  const when = job === undefined ? 'while it had nothing to do' : `during ${told(job)}`;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new HaggleError('training-worker-died', `a training worker died ${when}: ${why}`, {
    fields: { seed: job === undefined ? null : seedOf(job) },
    cause,
  });
}

function told(job: Job): string {
  return job.type === 'describe' ? 'the description of the environment' : `the ${job.type} of seed ${job.seed}`;
}

function seedOf(job: Job): number | null {
  return job.type === 'describe' ? null : job.seed;
}
