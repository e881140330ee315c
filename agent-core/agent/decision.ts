import type { Policy } from '../policy/policy.ts';
import type { Mask } from '../policy/space.ts';
import type { Micros } from '../clock.ts';

/** Subject under which traces keep decisions, as if an agent had told itself, unsigned. No message has it. */
export const DECISION_SUBJECT = 'decision';

/** A policy is asked. */
export interface Asked {
  /** Name of the agent. */
  readonly agent: string;
  readonly at: Micros;
  readonly policy: Policy;
  /** Within its bounds. */
  readonly observation: readonly number[];
  readonly mask?: Mask;
}

/** Answers in the place of policies: a learner that tries something. What it does is held to the policy's bounds. */
export type Decider = (asked: Asked) => readonly number[];

/** A decision as a world records it. */
export interface DecisionRecord {
  /** Hash of the policy that was asked. */
  readonly policy: string;
  /** Hash of what it observed; see `observationHash`. */
  readonly observation: string;
  readonly action: readonly number[];
}
