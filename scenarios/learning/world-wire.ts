import type { MessagePort } from 'node:worker_threads';
import type { JsonValue } from '../../agent-core/message/canonical.ts';
import type { AskedTurn, EndedTurn } from './episode.ts';

/** What the thread of a world is told. */
export type ToWorld =
  | { readonly type: 'start'; readonly seed: number }
  | { readonly type: 'action'; readonly action: readonly number[] }
  /** The decision that was asked for will never come: the episode is to end. */
  | { readonly type: 'abandon' };

/** What the thread of a world says. */
export type FromWorld =
  /** Its module is loaded. */
  | { readonly type: 'ready' }
  | { readonly type: 'asked'; readonly turn: AskedTurn }
  | { readonly type: 'ended'; readonly turn: EndedTurn }
  /** The episode is over, or was abandoned and has come to rest. */
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly code: string | null; readonly message: string; readonly stack: string };

/** What a thread of a world begins with. */
export interface WorldThread {
  /** Tells our threads from others. */
  readonly haggle: 'world env';
  /** URL of the module that exports `runEpisode`. */
  readonly module: string;
  readonly options: JsonValue;
  readonly control: Int32Array;
  readonly port: MessagePort;
}

/** Words of the shared memory by which two threads wake each other. Messages themselves go through the port. */
export const CONTROL = {
  /** Messages that the world has said. */
  said: 0,
  /** Messages that it was told. */
  told: 1,
  /** 1 once its thread is at its end. */
  gone: 2,
  words: 3,
} as const;
