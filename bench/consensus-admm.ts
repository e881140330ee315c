/**
 * The peer that the agents' algorithm was chosen against: consensus ADMM on the DC optimal power flow, as in proximal
 * message passing (Kraning, Chu, Lavaei and Boyd 2013), simulated centrally. Buses and lines are the two blocks, each solved
 * in closed form; every end of a line holds a copy of (angle, flow). With the usual aids: over-relaxation and residual
 * balancing (Boyd et al. 2011, sections 3.4.1 and 3.4.3) and safeguarded Anderson acceleration of the fixed-point map
 * (Zhang, O'Donoghue and Boyd 2020; Walker and Ni 2011 for the least squares).
 *
 * It is written as Douglas-Rachford splitting, to which ADMM is equal: v is the point, x what the buses make of it, z what
 * the lines make of 2x − v, and v moves by relaxation · (z − x). A round is one such step: each bus tells each neighbour once.
 */
import { perUnit, type Grid, type PerUnitBranch, type PerUnitGenerator } from '../scenarios/energy/grid.ts';
import type { Optimum } from '../scenarios/energy/optimum.ts';
import { scoreDispatch } from '../scenarios/energy/score.ts';
import { createAcceleration, type Acceleration } from './anderson.ts';

const RELAXATION = 1.6;
const BALANCE_EVERY_ROUNDS = 20;
/** Balancing goes on this long: later changes of the penalty spoil more than they mend. */
const BALANCE_UNTIL_ROUND = 1_000;
const BALANCE_THRESHOLD = 1.5;
const BALANCE_FACTOR_MAX = 5;
const CHECK_EVERY_ROUNDS = 10;
/** The oracle's idea of good enough: a gap of 0.1 % and no violation above 1e-4 p.u. */
const ORACLE = { gap: 1e-3, violation: 1e-4 } as const;

/** How far consensus ADMM came. */
export interface AdmmOutcome {
  /** Rounds until the oracle was content; null where the cap came first. */
  readonly rounds: number | null;
  readonly messages: number;
  readonly gap: number;
  readonly violation: number;
  readonly cpuSeconds: number;
}

/** The grid as the two blocks see it. Ends: 2·line is its first end, 2·line + 1 its second. */
interface Network {
  readonly loadPu: readonly number[];
  readonly lines: readonly PerUnitBranch[];
  readonly generators: readonly PerUnitGenerator[];
  /** Positions in `generators`, by bus. */
  readonly unitsOf: readonly (readonly number[])[];
  readonly endsOf: readonly (readonly number[])[];
  /** Weights of angle and of flow at each end, in the layout of a point. */
  readonly weights: Float64Array;
}

/** Everything that a step writes. A point holds the angles of all ends, then their flows. */
interface Iterate {
  readonly v: Float64Array;
  readonly x: Float64Array;
  readonly z: Float64Array;
  readonly next: Float64Array;
  readonly outputs: Float64Array;
  readonly angles: Float64Array;
  penalty: number;
  rounds: number;
}

/**
 * Runs until an oracle that knows the optimum is content, which no agent could know: a stop in favour of ADMM. `accelerate`
 * is false for plain ADMM.
 */
export function consensusAdmm(
  grid: Grid,
  optimum: Optimum,
  { roundsMax, accelerate }: { readonly roundsMax: number; readonly accelerate: boolean },
): AdmmOutcome {
  const before = process.cpuUsage();
  const network = networkOf(grid);
  const at = startOf(network);
  const acceleration = accelerate ? createAcceleration(network.weights) : null;
  let content = false;
  let state = quality(grid, { network, at, optimum });
  let checked = 0;
  while (!content && at.rounds < roundsMax) {
    step(network, at);
    advance(network, at, acceleration);
    if (at.rounds % BALANCE_EVERY_ROUNDS < 2 && at.rounds < BALANCE_UNTIL_ROUND && balance(network, at)) {
      acceleration?.forget();
    }
    if (at.rounds < checked + CHECK_EVERY_ROUNDS) continue;
    checked = at.rounds;
    state = quality(grid, { network, at, optimum });
    content = state.gap < ORACLE.gap && state.violation < ORACLE.violation;
  }
  const { user, system } = process.cpuUsage(before);
  return {
    rounds: content ? at.rounds : null,
    messages: at.rounds * 2 * network.lines.length,
    ...state,
    cpuSeconds: (user + system) / 1e6,
  };
}

function networkOf(grid: Grid): Network {
  const { loadPu, generators, branches } = perUnit(grid);
  const lines = branches.filter(({ susceptancePu }) => susceptancePu !== 0);
  const endsOf: number[][] = grid.buses.map(() => []);
  const unitsOf: number[][] = grid.buses.map(() => []);
  const weights = new Float64Array(4 * lines.length);
  for (const [k, { fromRow, toRow, susceptancePu }] of lines.entries()) {
    endsOf[fromRow]?.push(2 * k);
    endsOf[toRow]?.push(2 * k + 1);
    // Lines differ by four decades: the root of the susceptance is between scaling by angles and by flows.
    const flowWeight = 1 / Math.sqrt(Math.abs(susceptancePu));
    for (const end of [2 * k, 2 * k + 1]) {
      weights[end] = susceptancePu * susceptancePu * flowWeight;
      weights[2 * lines.length + end] = flowWeight;
    }
  }
  for (const [k, { busRow }] of generators.entries()) unitsOf[busRow]?.push(k);
  return { loadPu, lines, generators, unitsOf, endsOf, weights };
}

function startOf({ weights, generators, loadPu }: Network): Iterate {
  const zeros = (): Float64Array => new Float64Array(weights.length);
  const price = generators.reduce(
    (sum, unit) => sum + Math.abs(unit.linear) + unit.quadratic * Math.abs(unit.maxPu),
    0,
  );
  const load = loadPu.reduce((sum, value) => sum + Math.abs(value), 0);
  return {
    v: zeros(),
    x: zeros(),
    z: zeros(),
    next: zeros(),
    outputs: new Float64Array(generators.length),
    angles: new Float64Array(loadPu.length),
    penalty: Math.max(1e-12, price / generators.length) / Math.max(1e-9, load / loadPu.length),
    rounds: 0,
  };
}

/** One round: from `v` to `next`. */
function step(network: Network, at: Iterate): void {
  at.rounds += 1;
  for (let bus = 0; bus < network.loadPu.length; bus++) solveBus(network, at, bus);
  for (let line = 0; line < network.lines.length; line++) solveLine(network, at, line);
  for (let i = 0; i < at.v.length; i++) at.next[i] = of(at.v, i) + RELAXATION * (of(at.z, i) - of(at.x, i));
}

/** Takes the step, or a better one that Anderson's extrapolation finds; trying costs a round. */
function advance(network: Network, at: Iterate, acceleration: Acceleration | null): void {
  const candidate = acceleration?.propose(at.v, at.next) ?? null;
  if (candidate === null) {
    at.v.set(at.next);
    return;
  }
  const plain = at.next.slice();
  const residual = distance(network.weights, at.v, plain);
  at.v.set(candidate);
  step(network, at);
  at.v.set(distance(network.weights, at.v, at.next) <= residual ? at.next : plain);
}

/** Bus block: one angle for all its ends, outputs and one price so that it balances nearest to the proposed flows. */
function solveBus({ loadPu, endsOf, unitsOf, generators, weights }: Network, at: Iterate, bus: number): void {
  const flows = at.v.length / 2;
  const ends = endsOf[bus] ?? [];
  let weighted = 0;
  let weight = 0;
  let outflow = 0;
  let slope = 0;
  for (const end of ends) {
    weighted += of(weights, end) * of(at.v, end);
    weight += of(weights, end);
    outflow += signOf(end) * of(at.v, flows + end);
    slope += 1 / (at.penalty * of(weights, flows + end));
  }
  const angle = weight > 0 ? weighted / weight : 0;
  at.angles[bus] = angle;
  const units = (unitsOf[bus] ?? []).flatMap((k) => generators[k] ?? []);
  const { price, outputs } = settleBus(units, { wanted: (loadPu[bus] ?? 0) + outflow, slope });
  for (const [k, unit] of (unitsOf[bus] ?? []).entries()) at.outputs[unit] = outputs[k] ?? 0;
  for (const end of ends) {
    at.x[end] = angle;
    const share = (signOf(end) * price) / (at.penalty * of(weights, flows + end));
    at.x[flows + end] = of(at.v, flows + end) - share;
  }
}

/** Line block: the flow and the angles at both ends that obey physics and limits, nearest to 2x − v. */
function solveLine({ lines }: Network, at: Iterate, k: number): void {
  const line = lines[k];
  if (line === undefined) return;
  const { susceptancePu: b, lowPu, highPu } = line;
  const flows = at.v.length / 2;
  const reflected = (i: number): number => 2 * of(at.x, i) - of(at.v, i);
  const [first, second] = [2 * k, 2 * k + 1];
  const [a, c] = [reflected(first), reflected(second)];
  const proposed = (reflected(flows + first) + reflected(flows + second)) / 2;
  const flow = Math.min(highPu, Math.max(lowPu, b * (((a - c) / 2 + (2 * proposed) / b) / 2.5)));
  at.z[first] = (a + c + flow / b) / 2;
  at.z[second] = (a + c - flow / b) / 2;
  at.z[flows + first] = flow;
  at.z[flows + second] = flow;
}

/** Price at which `slope`·price plus what the units supply at it is `wanted`: both grow with the price, in pieces. */
function settleBus(
  units: readonly PerUnitGenerator[],
  { wanted, slope }: { readonly wanted: number; readonly slope: number },
): { readonly price: number; readonly outputs: readonly number[] } {
  const kinks = units
    .flatMap(({ linear, quadratic, minPu, maxPu }) => [linear + 2 * quadratic * minPu, linear + 2 * quadratic * maxPu])
    .toSorted((a, b) => a - b);
  const total = (price: number, atKink: 'low' | 'high'): number =>
    units.reduce((sum, unit) => sum + supplyAt(unit, price, atKink), slope * price);
  let from = -Infinity;
  for (const kink of kinks) {
    const low = total(kink, 'low');
    if (wanted < low) break;
    const high = total(kink, 'high');
    if (wanted <= high) {
      const share = high > low ? (wanted - low) / (high - low) : 0;
      const outputs = units.map((unit) => {
        const least = supplyAt(unit, kink, 'low');
        return least + share * (supplyAt(unit, kink, 'high') - least);
      });
      return { price: kink, outputs };
    }
    from = kink;
  }
  let constant = 0;
  let rise = slope;
  for (const { linear, quadratic, minPu, maxPu } of units) {
    if (linear + 2 * quadratic * maxPu <= from) constant += maxPu;
    else if (linear + 2 * quadratic * minPu > from) constant += minPu;
    else {
      rise += 1 / (2 * quadratic);
      constant -= linear / (2 * quadratic);
    }
  }
  const price = rise > 0 ? (wanted - constant) / rise : 0;
  return { price, outputs: units.map((unit) => supplyAt(unit, price, 'low')) };
}

/** What a unit runs at for a price; at its very marginal cost the least or the most. */
function supplyAt(
  { linear, quadratic, minPu, maxPu }: PerUnitGenerator,
  price: number,
  atKink: 'low' | 'high',
): number {
  if (quadratic > 0) return Math.min(maxPu, Math.max(minPu, (price - linear) / (2 * quadratic)));
  return price > linear || (atKink === 'high' && price === linear) ? maxPu : minPu;
}

/** Changes the penalty where one residual is much larger than the other. @returns whether it did */
function balance(network: Network, at: Iterate): boolean {
  const { weights } = network;
  const before = at.z.slice();
  step(network, at);
  const dual = norm(weights, (i) => of(at.v, i) - of(at.x, i));
  const primal = distance(weights, at.z, at.x) / norm(weights, (i) => of(at.x, i));
  const ratio = Math.sqrt(primal / Math.max(1e-300, distance(weights, at.z, before) / dual));
  if (!(ratio > BALANCE_THRESHOLD || ratio < 1 / BALANCE_THRESHOLD)) {
    at.v.set(at.next);
    return false;
  }
  const factor = Math.min(BALANCE_FACTOR_MAX, Math.max(1 / BALANCE_FACTOR_MAX, ratio));
  for (let i = 0; i < at.v.length; i++) at.v[i] = of(at.x, i) + (of(at.v, i) - of(at.x, i)) / factor;
  at.penalty *= factor;
  return true;
}

function quality(
  grid: Grid,
  { network, at, optimum }: { readonly network: Network; readonly at: Iterate; readonly optimum: Optimum },
): Pick<AdmmOutcome, 'gap' | 'violation'> {
  const pgMw = grid.generators.map(() => 0);
  for (const [k, { row }] of network.generators.entries()) pgMw[row] = of(at.outputs, k) * grid.baseMva;
  const score = scoreDispatch(grid, { pgMw, thetaRad: [...at.angles] });
  return {
    gap: Math.abs(score.costPerHour / optimum.costPerHour - 1),
    violation: Math.max(score.worstBalanceMismatchPu, score.worstOverloadPu),
  };
}

function distance(weights: Float64Array, a: Float64Array, b: Float64Array): number {
  return norm(weights, (i) => of(a, i) - of(b, i));
}

function norm(weights: Float64Array, valueAt: (index: number) => number): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += of(weights, i) * valueAt(i) ** 2;
  return Math.sqrt(sum);
}

/** Flows count outwards from the first end. */
function signOf(end: number): number {
  return end % 2 === 0 ? 1 : -1;
}

function of(values: Float64Array, index: number): number {
  return values[index] as number;
}
