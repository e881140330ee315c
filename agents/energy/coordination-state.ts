import type { BodyOf } from '../../agent-core/protocol/conversation-types.ts';
import type { NeighbourHeard, NeighbourSay } from '../../agent-core/protocol/neighbourhood.ts';
import type { PriceCoordination } from '../../agent-core/protocol/price-coordination.ts';
import type { BusProblem, GeneratorOffer, LineEnd } from './bus-problem.ts';
import type { Front, Response } from './front.ts';
import type { Summary, Tree } from './spanning-tree.ts';
import type { Course } from './verdict.ts';

/** Bodies of the protocol's messages by type. */
export type Bodies = { readonly [T in keyof typeof PriceCoordination.messages]: BodyOf<typeof PriceCoordination, T> };

/** A message heard, by the position of the neighbour that said it. */
export type Heard = NeighbourHeard<typeof PriceCoordination>;

/** A message to say, to the neighbour at a position. */
export type Say = NeighbourSay<typeof PriceCoordination>;

/** What a bus knows when it starts. */
export interface BusKnowledge {
  readonly node: number;
  readonly loadPu: number;
  readonly offers: readonly GeneratorOffer[];
  readonly lines: readonly LineEnd[];
  /** Node numbers of the neighbours. */
  readonly neighbours: readonly number[];
}

/** Where a bus is in the coordination. */
export type Phase = 'greeting' | 'electing' | 'rounds' | 'agreed' | 'failed';

/** One bus in the coordination of prices. Plain data; {@link hear} is the only thing that changes it. */
export interface Coordination {
  readonly knowledge: BusKnowledge;
  /** Number of lines of each neighbour; -1 until it was greeted. */
  readonly links: number[];
  /** Messages that wait for their turn, by neighbour. */
  readonly queues: Heard[][];
  readonly tree: Tree;
  readonly summary: Summary;
  phase: Phase;
  problem: BusProblem;
  round: RoundState;
  /** Power of ten that prices are scaled by. */
  magnitude: number;
}

/** Where a bus is within a round. */
export type Step = 'respond' | 'settle' | 'exchange' | 'tally' | 'verdict';

/** What a bus keeps of the present round. Standing and limits are those of its subtree; at the root, of the grid. */
export interface RoundState extends Mutable<Course> {
  step: Step;
  /** Sweeps so far, refinements included: every message names it. */
  sweep: number;
  barrier: number;
  /** Parts of the children's messages that have come, by neighbour. */
  parts: Record<number, Bodies['respond'][]>;
  /** The children's responses, by neighbour: kept for the way down. */
  responses: Record<number, Response>;
  front: Front | null;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
