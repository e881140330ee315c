/** The worker thread of a pool: plays on a stage of its own, one job at a time. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { openStage, type Job, type StageNews, type TrainingModule, type Yield } from './stage.ts';

/** What a worker is sent. */
export type ToWorker =
  | { readonly type: 'news'; readonly news: StageNews }
  | { readonly type: 'job'; readonly job: Job }
  | { readonly type: 'close' };

/** What a worker answers: a job's yield, what it failed with, or once that it is ready. */
export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'done'; readonly yield: Yield }
  | { readonly type: 'failed'; readonly failure: Failure };

/** An error as it travels between threads. */
export interface Failure {
  readonly code: string | null;
  readonly message: string;
  readonly stack: string;
}

/** What marks a thread as one of a pool, and not one that came to load this file by another way. */
export interface WorkerSetup {
  readonly haggle: 'training';
  readonly module: TrainingModule;
}

/** Where a worker's program is. */
export const WORKER_URL = new URL(import.meta.url);

/** An error as data. */
export function failureOf(cause: unknown): Failure {
  if (!(cause instanceof Error)) return { code: null, message: String(cause), stack: '' };
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : null;
  return { code, message: cause.message, stack: cause.stack ?? '' };
}

function isSetup(data: unknown): data is WorkerSetup {
  return typeof data === 'object' && data !== null && 'haggle' in data && data.haggle === 'training';
}

async function serve(port: MessagePort, { module }: WorkerSetup): Promise<void> {
  const answer = (message: FromWorker): void => port.postMessage(message);
  try {
    const stage = await openStage(module);
    const work = async (job: Job): Promise<void> => {
      try {
        answer({ type: 'done', yield: await stage.do(job) });
      } catch (cause) {
        answer({ type: 'failed', failure: failureOf(cause) });
      }
    };
    port.on('message', (message: ToWorker) => {
      try {
        if (message.type === 'job') void work(message.job);
        else if (message.type === 'news') stage.hear(message.news);
        else {
          port.close();
          stage.close();
        }
      } catch (cause) {
        answer({ type: 'failed', failure: failureOf(cause) });
      }
    });
    answer({ type: 'ready' });
  } catch (cause) {
    answer({ type: 'failed', failure: failureOf(cause) });
  }
}

if (parentPort !== null && isSetup(workerData)) await serve(parentPort, workerData);
