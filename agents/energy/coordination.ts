import type { BodyOf } from '../../agent-core/protocol/conversation-types.ts';
import { PriceCoordination } from '../../agent-core/protocol/price-coordination.ts';
import {
  constraintsOf,
  createBusProblem,
  magnitudeOf,
  potentialOf,
  powerOfTen,
  type BusProblem,
  type GeneratorOffer,
  type LineEnd,
} from './bus-problem.ts';
import {
  createTree,
  isElected,
  onEcho,
  onWave,
  passLead,
  startWave,
  summarise,
  takeLead,
  type Summary,
  type Tree,
  type TreeMessage,
} from './spanning-tree.ts';
import { createRound, hearInRound, type RoundState } from './round.ts';
import { leastTurnover } from './verdict.ts';

/** Bodies of the protocol's messages by type. */
export type Bodies = { readonly [T in keyof typeof PriceCoordination.messages]: BodyOf<typeof PriceCoordination, T> };

/** Message types that either end of a line may say. */
export type EitherType = Exclude<keyof Bodies, 'hello' | 'welcome' | 'close'>;

/** A message heard, by the position of the neighbour that said it. */
export type Heard = {
  readonly [T in Exclude<keyof Bodies, 'close'>]: { readonly from: number; readonly type: T; readonly body: Bodies[T] };
}[Exclude<keyof Bodies, 'close'>];

/** A message to say, to the neighbour at a position. */
export type Say = {
  readonly [T in EitherType]: { readonly to: number; readonly type: T; readonly body: Bodies[T] };
}[EitherType];

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

/** A bus that has met nobody yet. */
export function createCoordination(knowledge: BusKnowledge): Coordination {
  const { node, neighbours, offers, lines } = knowledge;
  return {
    knowledge,
    links: neighbours.map(() => -1),
    queues: neighbours.map(() => []),
    tree: createTree(node, neighbours.length),
    summary: {
      height: 0,
      magnitude: magnitudeOf(offers),
      constraints: constraintsOf(offers, lines),
      quadratic: offers.some(({ c2 }) => c2 > 0),
      turnover: potentialOf(offers),
    },
    phase: 'greeting',
    problem: problemAt(knowledge, 1),
    round: createRound(),
    magnitude: 0,
  };
}

/**
 * Hears a message (or nothing, at the start) and does all that can be done now. Messages of one neighbour are taken in
 * their order; one that comes early waits.
 *
 * @returns what to say to whom, in order
 */
export function hear(coordination: Coordination, heard: Heard | null): readonly Say[] {
  const said: Say[] = [];
  if (heard !== null) coordination.queues[heard.from]?.push(heard);
  for (;;) {
    const before = said.length;
    const moved = advance(coordination, said);
    if (!moved && said.length === before) return said;
  }
}

function advance(coordination: Coordination, said: Say[]): boolean {
  switch (coordination.phase) {
    case 'greeting':
      return greet(coordination, said);
    case 'electing':
      return elect(coordination, said);
    case 'rounds':
      return hearInRound(coordination, said);
    case 'agreed':
    case 'failed':
      return false;
  }
}

function greet(coordination: Coordination, said: Say[]): boolean {
  let moved = false;
  for (const [from, queue] of coordination.queues.entries()) {
    const head = queue[0];
    if (head?.type !== 'hello' && head?.type !== 'welcome') continue;
    if (coordination.links[from] !== -1) continue;
    coordination.links[from] = head.body.links;
    queue.shift();
    moved = true;
  }
  if (coordination.links.includes(-1)) return moved;
  coordination.phase = 'electing';
  said.push(...startWave(coordination.tree).map(asSay));
  if (isElected(coordination.tree)) lead(coordination, said);
  return true;
}

function elect(coordination: Coordination, said: Say[]): boolean {
  const { tree, summary } = coordination;
  for (const [from, queue] of coordination.queues.entries()) {
    const head = queue[0];
    if (head === undefined) continue;
    switch (head.type) {
      case 'wave':
        said.push(...onWave(tree, from, head.body.root, summary).map(asSay));
        break;
      case 'echo':
        said.push(...onEcho(tree, from, head.body, summary).map(asSay));
        break;
      case 'lead':
        takeLead(tree, from, head.body);
        queue.shift();
        lead(coordination, said);
        return true;
      case 'begin':
        queue.shift();
        begin(coordination, head.body, said);
        return true;
      default:
        // The neighbour is in its first round already; its message waits for ours.
        continue;
    }
    queue.shift();
    if (isElected(tree)) lead(coordination, said);
    return true;
  }
  return false;
}

/** This bus is the root: it passes the lead towards the middle, or starts the rounds. */
function lead(coordination: Coordination, said: Say[]): void {
  const onward = passLead(coordination.tree, coordination.summary);
  if (onward !== null) {
    said.push(asSay(onward));
    return;
  }
  const total = summarise(coordination.tree, coordination.summary);
  coordination.round.constraints = total.constraints;
  coordination.round.leastTurnover = leastTurnover(total.turnover / powerOfTen(total.magnitude ?? 0));
  begin(coordination, { magnitude: total.magnitude, quadratic: total.quadratic, barrier: 0.5 }, said);
}

function begin(coordination: Coordination, body: Bodies['begin'], said: Say[]): void {
  for (const to of coordination.tree.children) said.push({ to, type: 'begin', body });
  coordination.magnitude = body.magnitude ?? 0;
  coordination.problem = problemAt(coordination.knowledge, powerOfTen(coordination.magnitude));
  coordination.phase = 'rounds';
  coordination.round.barrier = body.barrier;
  coordination.round.quadratic = body.quadratic;
}

function problemAt({ loadPu, offers, lines, neighbours }: BusKnowledge, scale: number): BusProblem {
  return createBusProblem({ loadPu, offers, lines, neighbours: neighbours.length, scale });
}

function asSay(message: TreeMessage): Say {
  return message;
}
