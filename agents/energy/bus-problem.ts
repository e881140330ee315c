/**
 * What one bus of a grid optimises, as the primal-dual interior-point method sees it (Boyd and Vandenberghe, "Convex
 * Optimization", section 11.7; slack form). The bus knows its own generators, load and lines, and of each neighbour the
 * angle and the price. Both ends of a line keep its flow and multipliers, computed alike from the same numbers, so they
 * never need to be sent.
 *
 * Units: power in p.u., angles in rad, prices in units of 10^magnitude $/h per p.u. Plain data throughout.
 */

/** Barrier parameter that every constraint starts with. */
const FIRST_BARRIER = 1;
/** Limits closer than this (p.u.) fix a generator. */
export const FIXED_PU = 1e-9;
/** A line interval narrower than this (p.u.) is widened to it, so that it has an interior. */
const LINE_INTERVAL_PU = 1e-6;
/** Share of the way to the boundary that a step may go. */
const BOUNDARY_SHARE = 0.995;
/** What a side without any limit reports: more than enough for the whole step after {@link BOUNDARY_SHARE}. */
const UNLIMITED_STEP = 2;

/** A generator as its owner describes it, in p.u. and $/h. */
export interface GeneratorOffer {
  readonly row: number;
  readonly minPu: number;
  readonly maxPu: number;
  /** $/h per p.u.² */
  readonly c2: number;
  /** $/h per p.u. */
  readonly c1: number;
}

/** A line as one of its ends describes it. */
export interface LineEnd {
  readonly row: number;
  /** Position of the other end among the neighbours. */
  readonly neighbour: number;
  /** True where this bus is the line's first end: flows count from there. */
  readonly outward: boolean;
  readonly susceptancePu: number;
  readonly lowPu: number;
  readonly highPu: number;
}

/** A generator under negotiation. */
interface GeneratorState {
  readonly fixed: boolean;
  readonly quadratic: number;
  readonly linear: number;
  outputPu: number;
  /** Distances to the limits and their multipliers. */
  toMin: number;
  toMax: number;
  minPrice: number;
  maxPrice: number;
  optimality: number;
  curvature: number;
  pull: number;
  step: { output: number; minPrice: number; maxPrice: number };
}

/** A line under negotiation; low and high are its flow limits. */
interface LineState {
  readonly end: LineEnd;
  readonly low: number;
  readonly high: number;
  toLow: number;
  toHigh: number;
  lowPrice: number;
  highPrice: number;
  lowError: number;
  highError: number;
  stiffness: number;
  step: { toLow: number; toHigh: number; lowPrice: number; highPrice: number };
}

/** Angle and price of a bus, or their changes. */
export interface AnglePrice {
  angle: number;
  price: number;
}

/** The problem of one bus and where it stands. */
export interface BusProblem {
  readonly loadPu: number;
  readonly generators: GeneratorState[];
  readonly lines: LineState[];
  readonly own: AnglePrice;
  readonly neighbours: AnglePrice[];
  /** Changes in this round: own, and of each neighbour. */
  ownChange: AnglePrice;
  neighbourChanges: AnglePrice[];
  balance: number;
  angleOptimality: number;
  /** Right-hand side of the Newton system. */
  angleResidual: number;
  priceResidual: number;
  /** How much more the bus would supply for a higher price. */
  supplySlope: number;
}

/** Where a part of the grid stands: what the decentralised stopping rule adds up. */
export interface Standing {
  /** Largest violation of a balance or limit, p.u. */
  readonly primal: number;
  /** Largest violation of optimality, in scaled prices. */
  readonly dual: number;
  readonly gap: number;
  readonly turnover: number;
}

/** Inequalities that the bus counts: two per free generator, two per line that begins here. */
export function constraintsOf(offers: readonly GeneratorOffer[], lines: readonly LineEnd[]): number {
  const free = offers.filter((offer) => offer.maxPu - offer.minPu >= FIXED_PU).length;
  return 2 * (free + lines.filter((line) => line.outward).length);
}

/** Sets the problem up in the middle of all limits, at price and angle 0. `scale` divides all costs. */
export function createBusProblem(parts: {
  readonly loadPu: number;
  readonly offers: readonly GeneratorOffer[];
  readonly lines: readonly LineEnd[];
  readonly neighbours: number;
  readonly scale: number;
}): BusProblem {
  const zeros = (): AnglePrice[] => Array.from({ length: parts.neighbours }, () => ({ angle: 0, price: 0 }));
  return {
    loadPu: parts.loadPu,
    generators: parts.offers.map((offer) => createGenerator(offer, parts.scale)),
    lines: parts.lines.map(createLine),
    own: { angle: 0, price: 0 },
    neighbours: zeros(),
    ownChange: { angle: 0, price: 0 },
    neighbourChanges: zeros(),
    balance: 0,
    angleOptimality: 0,
    angleResidual: 0,
    priceResidual: 0,
    supplySlope: 0,
  };
}

/** What the generators could turn over at most, in $/h: the scale of costs where nothing runs or what runs is free. */
export function potentialOf(offers: readonly GeneratorOffer[]): number {
  return offers.reduce((sum, { c1, c2, minPu, maxPu }) => {
    return sum + Math.max(Math.abs(c1 * minPu + c2 * minPu * minPu), Math.abs(c1 * maxPu + c2 * maxPu * maxPu));
  }, 0);
}

/** Cost of the present outputs, in scaled prices, each generator's taken positive. */
export function turnoverOf(problem: Pick<BusProblem, 'generators'>): number {
  let sum = 0;
  for (const { linear, quadratic, outputPu } of problem.generators) {
    sum += Math.abs(linear * outputPu + 0.5 * quadratic * outputPu * outputPu);
  }
  return sum;
}

/** Measures balance, limits and optimality at the present angles, prices and outputs. */
export function measure(problem: BusProblem): Standing {
  let primal = 0;
  let dual = 0;
  let gap = 0;
  let susceptance = 0;
  problem.balance = -problem.loadPu;
  problem.angleOptimality = 0;
  for (const line of problem.lines) {
    const b = line.end.susceptancePu;
    const [first, second] = ends(line, problem.own, problem.neighbours);
    const flow = b * (first.angle - second.angle);
    const worth = b * (first.price - second.price - line.lowPrice + line.highPrice);
    const sign = line.end.outward ? 1 : -1;
    problem.balance -= sign * flow;
    problem.angleOptimality += sign * worth;
    susceptance += Math.abs(b);
    line.lowError = flow - line.low - line.toLow;
    line.highError = line.high - flow - line.toHigh;
    primal = Math.max(primal, Math.abs(line.lowError), Math.abs(line.highError));
    if (line.end.outward) gap += line.lowPrice * line.toLow + line.highPrice * line.toHigh;
  }
  for (const g of problem.generators) {
    problem.balance += g.outputPu;
    if (g.fixed) continue;
    g.optimality = g.quadratic * g.outputPu + g.linear - problem.own.price - g.minPrice + g.maxPrice;
    dual = Math.max(dual, Math.abs(g.optimality));
    gap += g.minPrice * g.toMin + g.maxPrice * g.toMax;
  }
  primal = Math.max(primal, Math.abs(problem.balance));
  dual = Math.max(dual, Math.abs(problem.angleOptimality) / (susceptance || 1));
  return { primal, dual, gap, turnover: turnoverOf(problem) };
}

/** Linearises around the present point for the barrier parameter: the bus's part of the Newton system. */
export function linearise(problem: BusProblem, barrier: number): void {
  problem.angleResidual = -problem.angleOptimality;
  problem.priceResidual = problem.balance;
  problem.supplySlope = 0;
  for (const line of problem.lines) {
    const { toLow, toHigh, lowPrice, highPrice } = line;
    line.stiffness = lowPrice / toLow + highPrice / toHigh;
    const push =
      -(barrier / toLow - lowPrice) +
      (lowPrice / toLow) * line.lowError +
      (barrier / toHigh - highPrice) -
      (highPrice / toHigh) * line.highError;
    problem.angleResidual -= (line.end.outward ? 1 : -1) * line.end.susceptancePu * push;
  }
  for (const g of problem.generators) {
    if (g.fixed) continue;
    g.curvature = g.quadratic + g.minPrice / g.toMin + g.maxPrice / g.toMax;
    g.pull = g.optimality - (barrier / g.toMin - g.minPrice) + (barrier / g.toMax - g.maxPrice);
    problem.supplySlope += 1 / g.curvature;
    problem.priceResidual -= g.pull / g.curvature;
  }
}

/** What the Newton system still lacks at this bus, given the changes: (angle row, price row). `pin` holds the root's angle. */
export function newtonError(problem: BusProblem, pin: number): readonly [number, number] {
  const { ownChange } = problem;
  let angleRow = problem.angleResidual - pin * ownChange.angle;
  let priceRow = problem.priceResidual + problem.supplySlope * ownChange.price;
  for (const line of problem.lines) {
    const b = line.end.susceptancePu;
    const [first, second] = ends(line, ownChange, problem.neighbourChanges);
    const flow = b * (first.angle - second.angle);
    const worth = b * (first.price - second.price + line.stiffness * flow);
    const sign = line.end.outward ? 1 : -1;
    angleRow -= sign * worth;
    priceRow -= sign * flow;
  }
  return [angleRow, priceRow];
}

/** Size of a Newton error, with the angle row put in prices. */
export function errorSize(problem: BusProblem, [angleRow, priceRow]: readonly [number, number]): number {
  const susceptance = problem.lines.reduce((sum, line) => sum + Math.abs(line.end.susceptancePu), 0) || 1;
  return Math.max(Math.abs(priceRow), Math.abs(angleRow) / susceptance);
}

/** The longest steps that the bus allows, and its gap as a function of the steps: c0 + p·cP + d·cD + p·d·cPD. */
export interface StepLimits {
  readonly primalStep: number;
  readonly dualStep: number;
  readonly gap: readonly [number, number, number, number];
}

/** Turns the changes of angles and prices into those of outputs, slacks and multipliers. */
export function prepareSteps(problem: BusProblem, barrier: number): StepLimits {
  const primal: [number, number][] = [];
  const dual: [number, number][] = [];
  const pairs: [slack: number, slackStep: number, price: number, priceStep: number][] = [];
  for (const line of problem.lines) {
    const [first, second] = ends(line, problem.ownChange, problem.neighbourChanges);
    const flow = line.end.susceptancePu * (first.angle - second.angle);
    const toLow = flow + line.lowError;
    const toHigh = -flow + line.highError;
    const lowPrice = barrier / line.toLow - line.lowPrice - (line.lowPrice / line.toLow) * toLow;
    const highPrice = barrier / line.toHigh - line.highPrice - (line.highPrice / line.toHigh) * toHigh;
    line.step = { toLow, toHigh, lowPrice, highPrice };
    primal.push([line.toLow, toLow], [line.toHigh, toHigh]);
    dual.push([line.lowPrice, lowPrice], [line.highPrice, highPrice]);
    if (line.end.outward)
      pairs.push([line.toLow, toLow, line.lowPrice, lowPrice], [line.toHigh, toHigh, line.highPrice, highPrice]);
  }
  for (const g of problem.generators) {
    if (g.fixed) continue;
    const output = (problem.ownChange.price - g.pull) / g.curvature;
    const minPrice = barrier / g.toMin - g.minPrice - (g.minPrice / g.toMin) * output;
    const maxPrice = barrier / g.toMax - g.maxPrice + (g.maxPrice / g.toMax) * output;
    g.step = { output, minPrice, maxPrice };
    primal.push([g.toMin, output], [g.toMax, -output]);
    dual.push([g.minPrice, minPrice], [g.maxPrice, maxPrice]);
    pairs.push([g.toMin, output, g.minPrice, minPrice], [g.toMax, -output, g.maxPrice, maxPrice]);
  }
  const gap: [number, number, number, number] = [0, 0, 0, 0];
  for (const [slack, slackStep, price, priceStep] of pairs) {
    gap[0] += price * slack;
    gap[1] += price * slackStep;
    gap[2] += priceStep * slack;
    gap[3] += priceStep * slackStep;
  }
  return { primalStep: longest(primal), dualStep: longest(dual), gap };
}

/** Takes the agreed steps. */
export function takeSteps(problem: BusProblem, primalStep: number, dualStep: number): void {
  const move = (at: AnglePrice, change: AnglePrice): void => {
    at.angle += primalStep * change.angle;
    at.price += dualStep * change.price;
  };
  move(problem.own, problem.ownChange);
  for (const [k, at] of problem.neighbours.entries()) move(at, problem.neighbourChanges[k] ?? { angle: 0, price: 0 });
  for (const line of problem.lines) {
    line.toLow += primalStep * line.step.toLow;
    line.toHigh += primalStep * line.step.toHigh;
    line.lowPrice += dualStep * line.step.lowPrice;
    line.highPrice += dualStep * line.step.highPrice;
  }
  for (const g of problem.generators) {
    if (g.fixed) continue;
    g.outputPu += primalStep * g.step.output;
    g.toMin += primalStep * g.step.output;
    g.toMax -= primalStep * g.step.output;
    g.minPrice += dualStep * g.step.minPrice;
    g.maxPrice += dualStep * g.step.maxPrice;
  }
}

/** The common step from the longest one that all sides allow: a share of it, at most the whole Newton step. */
export function agreedStep(longestAllowed: number): number {
  return Math.min(1, BOUNDARY_SHARE * longestAllowed);
}

function createGenerator(offer: GeneratorOffer, scale: number): GeneratorState {
  const outputPu = (offer.minPu + offer.maxPu) / 2;
  const fixed = offer.maxPu - offer.minPu < FIXED_PU;
  const toMin = outputPu - offer.minPu;
  const toMax = offer.maxPu - outputPu;
  return {
    fixed,
    quadratic: (2 * offer.c2) / scale,
    linear: offer.c1 / scale,
    outputPu,
    toMin,
    toMax,
    minPrice: fixed ? 0 : FIRST_BARRIER / toMin,
    maxPrice: fixed ? 0 : FIRST_BARRIER / toMax,
    optimality: 0,
    curvature: 0,
    pull: 0,
    step: { output: 0, minPrice: 0, maxPrice: 0 },
  };
}

function createLine(end: LineEnd): LineState {
  const narrow = end.highPu - end.lowPu < LINE_INTERVAL_PU;
  const middle = (end.lowPu + end.highPu) / 2;
  const low = narrow ? middle - LINE_INTERVAL_PU / 2 : end.lowPu;
  const high = narrow ? middle + LINE_INTERVAL_PU / 2 : end.highPu;
  const toLow = Math.max(-low, 0.1 * (high - low));
  const toHigh = Math.max(high, 0.1 * (high - low));
  return {
    end,
    low,
    high,
    toLow,
    toHigh,
    lowPrice: FIRST_BARRIER / toLow,
    highPrice: FIRST_BARRIER / toHigh,
    lowError: 0,
    highError: 0,
    stiffness: 0,
    step: { toLow: 0, toHigh: 0, lowPrice: 0, highPrice: 0 },
  };
}

/** First and second end of a line, whichever of them this bus is: both ends compute with the same operands. */
function ends(line: LineState, own: AnglePrice, neighbours: readonly AnglePrice[]): readonly [AnglePrice, AnglePrice] {
  const other = neighbours[line.end.neighbour] ?? own;
  return line.end.outward ? [own, other] : [other, own];
}

function longest(pairs: readonly (readonly [number, number])[]): number {
  let step = UNLIMITED_STEP;
  for (const [value, change] of pairs) if (change < 0) step = Math.min(step, -value / change);
  return step;
}
