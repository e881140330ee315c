import { NUMBERS_PER_MESSAGE } from '../../agent-core/protocol/price-coordination.ts';
import { errorSize, linearise, measure, newtonError, prepareSteps, takeSteps, type Standing } from './bus-problem.ts';
import type { Bodies, Coordination, Heard, RoundState, Say, Step } from './coordination-state.ts';
import {
  backward,
  eliminate,
  forward,
  valuesFor,
  type AssembledLink,
  type Assembly,
  type BorderNode,
  type Response,
} from './front.ts';
import { orderOf } from './magnitude.ts';
import { disagreementOf, DUAL_TOLERANCE } from './stopping-rule.ts';
import { decide, judge } from './verdict.ts';

/** Regularisation of the diagonals: far below any susceptance, it keeps late pivots away from 0; refinement takes its error out. */
const REGULARISATION = 1e-9;
/** Holds the angle of the root, which nothing else does. */
const PIN = 1;

type BodyOf<T extends Heard['type']> = Bodies[T];

/** Before the first round. */
export function createRound(): RoundState {
  return {
    step: 'respond',
    sweep: 0,
    rounds: 0,
    refinements: 0,
    barrier: 0,
    quadratic: false,
    parts: {},
    responses: {},
    front: null,
    standing: { primal: 0, dual: 0, gap: 0, turnover: 0 },
    broken: false,
    limits: { primalStep: 0, dualStep: 0, gap: [0, 0, 0, 0] },
    newtonError: 0,
    constraints: 0,
    turnover: 0,
    leastTurnover: 1,
    halvedPrimal: Number.MAX_VALUE,
    stalledRounds: 0,
  };
}

/** Does the next thing of the present round if its messages are there. @returns whether anything was done */
export function hearInRound(bus: Coordination, said: Say[]): boolean {
  return STEPS[bus.round.step](bus, said);
}

const STEPS: Readonly<Record<Step, (bus: Coordination, said: Say[]) => boolean>> = {
  respond,
  settle: hearSettle,
  exchange: hearExchange,
  tally: hearTally,
  verdict: hearVerdict,
};

/** Once every child has responded: adds its own part and passes the sum up; the root turns around. */
function respond(bus: Coordination, said: Say[]): boolean {
  const { round, tree, problem } = bus;
  const refines = round.refinements > 0;
  if (!tree.children.every((child) => gatherResponse(bus, child, refines))) return false;
  const children = tree.children.map((child) => round.responses[child] ?? NO_RESPONSE);
  let response: readonly number[] = [];
  if (!refines) {
    const own = measure(problem);
    round.standing = combine([
      { ...own, turnover: orderOf(own.turnover) },
      ...tree.children.map((child) => standingOf(round, child)),
    ]);
    linearise(problem, round.barrier);
    const eliminated = eliminate(assemblyOf(bus, children));
    round.front = eliminated.front;
    response = eliminated.response;
  }
  round.broken ||= tree.children.some((child) => round.parts[child]?.some((part) => part.broken) === true);
  round.parts = {};
  if (round.front === null) return fail(bus);
  const own = refines ? newtonError(problem, pinOf(bus)) : ([problem.angleResidual, problem.priceResidual] as const);
  const residual = forward(round.front, own, children);
  if (tree.parent < 0) turnAround(bus, said);
  else {
    said.push(...respondMessages(bus, { refines, response, residual }));
    round.step = 'settle';
  }
  return true;
}

const NO_RESPONSE: Response = { border: [], response: [], residual: [] };

/** Takes what has come of a child's response. True once it is whole. */
function gatherResponse(bus: Coordination, child: number, refines: boolean): boolean {
  const { round } = bus;
  const parts = (round.parts[child] ??= []);
  while (parts.length === 0 || parts.length < (parts[0]?.parts ?? 1)) {
    const body = take(bus, child, 'respond');
    if (body === null) return false;
    if (body.part !== parts.length || body.refines !== refines) return fail(bus);
    parts.push(body);
  }
  const numbers = parts.flatMap((part) => part.numbers);
  const border = refines
    ? (round.responses[child]?.border ?? [])
    : (parts[0]?.border ?? []).map(([node, links, counted]) => ({ node, links, counted }));
  const width = 2 * border.length;
  const triangle = refines ? 0 : (width * (width + 1)) / 2;
  if (numbers.length !== triangle + width) return fail(bus);
  round.responses[child] = { border, response: numbers.slice(0, triangle), residual: numbers.slice(triangle) };
  return true;
}

function standingOf(round: RoundState, child: number): Standing {
  return round.parts[child]?.[0] ?? NO_STANDING;
}

function combine(standings: readonly Standing[]): Standing {
  let total = NO_STANDING;
  for (const { primal, dual, gap, turnover } of standings) {
    total = {
      primal: Math.max(total.primal, primal),
      dual: Math.max(total.dual, dual),
      gap: total.gap + gap,
      turnover: total.turnover + turnover,
    };
  }
  return total;
}

/** What this bus puts into the Newton system: itself, and each line that it assembles for both ends. */
function assemblyOf({ knowledge, links, problem, tree }: Coordination, children: readonly Response[]): Assembly {
  const self: BorderNode = { node: knowledge.node, links: knowledge.lines.length, counted: 0 };
  const assembled: AssembledLink[] = [];
  for (const { end, stiffness } of problem.lines) {
    const node = knowledge.neighbours[end.neighbour] ?? -1;
    const other: BorderNode = { node, links: links[end.neighbour] ?? 0, counted: 0 };
    if (!assembles({ knowledge, links, tree }, end.neighbour)) continue;
    const [from, to] = end.outward ? [self, other] : [other, self];
    assembled.push({ from, to, susceptance: end.susceptancePu, stiffness });
  }
  return {
    self,
    stateDiagonal: REGULARISATION + (tree.parent < 0 ? PIN : 0),
    priceDiagonal: -problem.supplySlope - REGULARISATION,
    links: assembled,
    children,
  };
}

/** Which end assembles a line: the child on an edge of the tree, else the end with more lines, else the higher number. */
function assembles(
  { knowledge, links, tree }: Pick<Coordination, 'knowledge' | 'links' | 'tree'>,
  neighbour: number,
): boolean {
  if (neighbour === tree.parent) return true;
  if (tree.children.includes(neighbour)) return false;
  const ours = knowledge.lines.length;
  const theirs = links[neighbour] ?? 0;
  return ours === theirs ? knowledge.node > (knowledge.neighbours[neighbour] ?? -1) : ours > theirs;
}

const NO_STANDING: Standing = { primal: 0, dual: 0, gap: 0, turnover: 0 };

/**
 * A violation of optimality as it is told: 0 within tolerance, else rounded up to a power of ten. The stopping rule needs no
 * more, and in the first round, at price 0, the violation of a generator is its marginal cost.
 */
function coarse(dual: number): number {
  return dual <= DUAL_TOLERANCE ? 0 : orderOf(dual);
}

function pinOf({ tree }: Coordination): number {
  return tree.parent < 0 ? PIN : 0;
}

function respondMessages(
  { round, tree }: Coordination,
  { refines, response, residual }: { refines: boolean; response: readonly number[]; residual: readonly number[] },
): Say[] {
  const sendable = [...response, ...residual].map((value) => finite(round, value));
  const { primal, dual, gap, turnover } = round.standing;
  const standing = {
    primal: finite(round, primal),
    dual: coarse(finite(round, dual)),
    gap: finite(round, gap),
    turnover: finite(round, turnover),
  };
  const front = round.front;
  const border = refines || front === null ? [] : front.border.flatMap((x) => front.nodes[x] ?? []);
  const parts = Math.max(1, Math.ceil(sendable.length / NUMBERS_PER_MESSAGE));
  return Array.from({ length: parts }, (_, part) => ({
    to: tree.parent,
    type: 'respond',
    body: {
      round: round.sweep,
      part,
      parts,
      refines,
      border:
        part > 0 ? [] : border.map(({ node, links, counted }): [number, number, number] => [node, links, counted]),
      numbers: sendable.slice(part * NUMBERS_PER_MESSAGE, (part + 1) * NUMBERS_PER_MESSAGE),
      ...standing,
      broken: round.broken,
    },
  }));
}

/**
 * A number as it may be said. One out of range is said as 0, and the next response owns up to it: the root then ends the
 * coordination. So grids end that nobody can balance.
 */
function finite(round: RoundState, value: number): number {
  if (Number.isFinite(value)) return value;
  round.broken = true;
  return 0;
}

/** The root has everybody's response: it decides whether the grid has agreed, and settles. */
function turnAround(bus: Coordination, said: Say[]): void {
  const decision = bus.round.refinements > 0 ? 'go-on' : decide(bus.round);
  settle(bus, { decision, changes: [] }, said);
}

function hearSettle(bus: Coordination, said: Say[]): boolean {
  const body = take(bus, bus.tree.parent, 'settle');
  if (body === null) return false;
  settle(bus, body, said);
  return true;
}

/** Passes down what is settled, and tells all neighbours the own change. */
function settle(
  bus: Coordination,
  { decision, changes }: Pick<BodyOf<'settle'>, 'decision' | 'changes'>,
  said: Say[],
): void {
  const { round, tree, problem, knowledge } = bus;
  const solution =
    decision === 'go-on' && round.front !== null
      ? backward(round.front, changes).map((value) => finite(round, value))
      : [];
  for (const child of tree.children) {
    const response = round.responses[child];
    const values =
      round.front === null || response === undefined || decision !== 'go-on'
        ? []
        : valuesFor(round.front, solution, response);
    said.push({ to: child, type: 'settle', body: { round: round.sweep, decision, changes: [...values] } });
  }
  if (decision !== 'go-on') {
    // Whoever says that all agree is held to what this bus and its subtree know.
    const credible = decision === 'failed' || disagreementOf({ ...round.standing, gap: 0 }, 1) <= 1;
    bus.phase = credible ? decision : 'failed';
    return;
  }
  const [angle, price] = solution;
  const before = round.refinements > 0 ? problem.ownChange : { angle: 0, price: 0 };
  problem.ownChange = { angle: before.angle + (angle ?? 0), price: before.price + (price ?? 0) };
  for (const to of knowledge.neighbours.keys()) {
    const { angle: state, price: worth } = problem.ownChange;
    said.push({ to, type: 'exchange', body: { round: round.sweep, state, price: worth } });
  }
  round.step = 'exchange';
}

/** Once all neighbours have told their changes: knows how far it could go. */
function hearExchange(bus: Coordination): boolean {
  const { queues, round, problem } = bus;
  if (queues.some((queue) => queue.length === 0)) return false;
  for (const from of queues.keys()) {
    const body = take(bus, from, 'exchange');
    if (body === null) return fail(bus);
    problem.neighbourChanges[from] = { angle: body.state, price: body.price };
  }
  round.newtonError = errorSize(problem, newtonError(problem, pinOf(bus)));
  round.limits = prepareSteps(problem, round.barrier);
  round.step = 'tally';
  return true;
}

/** Once all children have tallied: passes the sum up; the root gives its verdict. */
function hearTally(bus: Coordination, said: Say[]): boolean {
  const { queues, round, tree } = bus;
  if (tree.children.some((child) => queues[child]?.length === 0)) return false;
  for (const child of tree.children) {
    const body = take(bus, child, 'tally');
    if (body === null) return fail(bus);
    const { primalStep, dualStep, gap } = round.limits;
    round.limits = {
      primalStep: Math.min(primalStep, body.primalStep),
      dualStep: Math.min(dualStep, body.dualStep),
      gap: [gap[0] + body.gap[0], gap[1] + body.gap[1], gap[2] + body.gap[2], gap[3] + body.gap[3]],
    };
    round.newtonError = Math.max(round.newtonError, body.error);
  }
  if (tree.parent < 0) {
    obey(bus, verdictOf(round), said);
    return true;
  }
  const { primalStep, dualStep, gap } = round.limits;
  const say = (value: number): number => finite(round, value);
  said.push({
    to: tree.parent,
    type: 'tally',
    body: {
      round: round.sweep,
      primalStep: say(primalStep),
      dualStep: say(dualStep),
      gap: [say(gap[0]), say(gap[1]), say(gap[2]), say(gap[3])],
      error: say(round.newtonError),
    },
  });
  round.step = 'verdict';
  return true;
}

/** The root's verdict, fit to be said. */
function verdictOf(round: RoundState): BodyOf<'verdict'> {
  const { refine, primalStep, dualStep, barrier } = judge(round);
  const say = (value: number): number => finite(round, value);
  return {
    round: round.sweep,
    refine,
    primalStep: say(primalStep),
    dualStep: say(dualStep),
    barrier: say(barrier),
  };
}

function hearVerdict(bus: Coordination, said: Say[]): boolean {
  const body = take(bus, bus.tree.parent, 'verdict');
  if (body === null) return false;
  obey(bus, body, said);
  return true;
}

/** Passes the verdict down and follows it. */
function obey(bus: Coordination, verdict: BodyOf<'verdict'>, said: Say[]): void {
  const { round, tree, problem } = bus;
  for (const to of tree.children) said.push({ to, type: 'verdict', body: verdict });
  round.sweep += 1;
  round.step = 'respond';
  if (verdict.refine) {
    round.refinements += 1;
    return;
  }
  takeSteps(problem, verdict.primalStep, verdict.dualStep);
  round.rounds += 1;
  round.refinements = 0;
  round.barrier = verdict.barrier;
}

/** The next message of a neighbour, if it has come. One out of turn ends the coordination. */
function take<T extends Heard['type']>(bus: Coordination, from: number, type: T): BodyOf<T> | null {
  const head = bus.queues[from]?.[0];
  if (head === undefined) return null;
  if (!isOfType(head, type) || ('round' in head.body && head.body.round !== bus.round.sweep)) {
    fail(bus);
    return null;
  }
  bus.queues[from]?.shift();
  return head.body;
}

function isOfType<T extends Heard['type']>(heard: Heard, type: T): heard is Heard & { readonly body: Bodies[T] } {
  return heard.type === type;
}

function fail(bus: Coordination): false {
  bus.phase = 'failed';
  return false;
}
