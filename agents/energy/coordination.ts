import { constraintsOf, createBusProblem, potentialOf, type BusProblem } from './bus-problem.ts';
import { magnitudeOf, orderOf, powerOfTen } from './magnitude.ts';
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
  type TreeMessage,
} from './spanning-tree.ts';
import type { Bodies, BusKnowledge, Coordination, Heard, Phase, Say } from './coordination-state.ts';
import { createRound, hearInRound } from './round.ts';
import { leastTurnover } from './verdict.ts';

/** Messages of one neighbour that may wait for their turn: a response in all its parts and what goes with it, twice over. */
const QUEUE_MAX = 512;

/** Bounds of what a subtree may claim: far above any grid, so low that no sum of them leaves what a message can say. */
const CLAIMS_MAX = { count: 2 ** 40, turnover: 1e300 } as const;

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
      turnover: orderOf(potentialOf(offers)),
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
  if (coordination.phase === 'agreed' || coordination.phase === 'failed') return said;
  if (heard !== null) {
    const queue = coordination.queues[heard.from] ?? [];
    queue.push(heard);
    if (queue.length > QUEUE_MAX) return fail(coordination);
  }
  for (;;) {
    const before = said.length;
    const moved = PHASES[coordination.phase](coordination, said);
    if (!moved && said.length === before) return said;
  }
}

/** What a bus does with the messages that have come, by its phase; true where it did anything. */
const PHASES: Readonly<Record<Phase, (coordination: Coordination, said: Say[]) => boolean>> = {
  greeting: greet,
  electing: elect,
  rounds: hearInRound,
  agreed: () => false,
  failed: () => false,
};

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
        said.push(...onWave(tree, { from, root: head.body.root }, summary).map(asSay));
        break;
      case 'echo':
        if (from === tree.parent || tree.children.includes(from) || !isCredible(head.body)) {
          fail(coordination);
          return false;
        }
        said.push(...onEcho(tree, { from, echo: head.body }, summary).map(asSay));
        break;
      case 'lead':
        if (from !== tree.parent || !isCredible(head.body)) {
          fail(coordination);
          return false;
        }
        takeLead(tree, from, head.body);
        queue.shift();
        lead(coordination, said);
        return true;
      case 'begin':
        if (from !== tree.parent) {
          fail(coordination);
          return false;
        }
        queue.shift();
        begin(coordination, head.body, said);
        return true;
      case 'hello':
      case 'welcome':
        fail(coordination);
        return false;
      case 'respond':
      case 'settle':
      case 'exchange':
      case 'tally':
      case 'verdict':
        // The neighbour is in its first round already; its message waits for ours.
        continue;
    }
    queue.shift();
    if (tree.pending < 0) {
      fail(coordination);
      return false;
    }
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

/** A summary whose sums stay what a message can say. */
function isCredible({ height, constraints, turnover }: Summary): boolean {
  const counts = height <= CLAIMS_MAX.count && constraints <= CLAIMS_MAX.count;
  return counts && turnover >= 0 && turnover <= CLAIMS_MAX.turnover;
}

/** A neighbour does not keep to the protocol: there is no agreement to be had. @returns nothing to say */
function fail(coordination: Coordination): readonly Say[] {
  coordination.phase = 'failed';
  return [];
}

function asSay(message: TreeMessage): Say {
  return message;
}
