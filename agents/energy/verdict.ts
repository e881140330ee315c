/**
 * What the root decides for its whole grid: when it is over, and how far and where to the next step goes. One fixed set of
 * constants, free of any scale: violations are in p.u., prices and costs relative to those of the grid.
 */
import { agreedStep, type Standing, type StepLimits } from './bus-problem.ts';
import { disagreementOf, GAP_TOLERANCE, PRIMAL_TOLERANCE_PU } from './stopping-rule.ts';

/**
 * The turnover counts as at least this share of what it could be: where nearly nothing runs, or all that runs is free, it
 * is no scale.
 */
const TURNOVER_SHARE = 1e-4;
/** The barrier stays above this share of what the gap tolerance needs: below it the algebra loses its digits for nothing. */
const BARRIER_FLOOR = 0.1;
/** A Newton error above this (p.u. and scaled prices) asks for another sweep. */
const NEWTON_TOLERANCE = 1e-8;
/** Further sweeps in one round at most. */
const REFINEMENTS = 3;
/** Rounds before the grid is held to have no agreement. Feasible grids need 7 to 30. */
const ROUNDS_MAX = 80;
/** Rounds without halving the worst violation before it is held to be hopeless. Feasible grids halve it every few. */
const STALLED_ROUNDS_MAX = 25;
/** Centering: bounds of sigma, the share of the complementarity that the next round aims at (Mehrotra 1992's idea). */
const SIGMA = { min: 0.03, max: 0.8 } as const;

/** What the root knows of the course of its grid. */
export interface Course {
  readonly rounds: number;
  readonly refinements: number;
  readonly quadratic: boolean;
  readonly standing: Standing;
  readonly broken: boolean;
  readonly limits: StepLimits;
  readonly newtonError: number;
  /** Of the whole grid. */
  readonly constraints: number;
  readonly leastTurnover: number;
  turnover: number;
  /** Worst violation when it was last halved, in p.u., and rounds since then. */
  halvedPrimal: number;
  stalledRounds: number;
}

/** The common steps and the barrier of the next round, or another sweep first. */
export interface Steps {
  readonly refine: boolean;
  readonly primalStep: number;
  readonly dualStep: number;
  readonly barrier: number;
}

/** The turnover that the gap is measured by at least, given what could be turned over: any will do where nothing costs anything. */
export function leastTurnover(potential: number): number {
  return potential > 0 ? TURNOVER_SHARE * potential : 1;
}

/** Whether the grid has agreed, at the start of a round. */
export function decide(course: Course): 'go-on' | 'agreed' | 'failed' {
  const { primal, dual, gap, turnover } = course.standing;
  course.turnover = Math.max(turnover, course.leastTurnover);
  if (primal <= course.halvedPrimal / 2) {
    course.halvedPrimal = primal;
    course.stalledRounds = 0;
  } else course.stalledRounds += 1;
  if (course.broken || !Number.isFinite(primal + dual + gap)) return 'failed';
  if (disagreementOf(course.standing, course.turnover) <= 1) return 'agreed';
  const stalled = primal > PRIMAL_TOLERANCE_PU && course.stalledRounds >= STALLED_ROUNDS_MAX;
  return stalled || course.rounds >= ROUNDS_MAX ? 'failed' : 'go-on';
}

/** The steps that all take. */
export function judge({ limits, quadratic, constraints, turnover, newtonError, refinements }: Course): Steps {
  let primalStep = agreedStep(limits.primalStep);
  let dualStep = agreedStep(limits.dualStep);
  // With quadratic costs the outputs stand in the optimality conditions, so both sides move alike.
  if (quadratic) primalStep = dualStep = Math.min(primalStep, dualStep);
  const [c0, cP, cD, cPD] = limits.gap;
  const gap = c0 + primalStep * cP + dualStep * cD + primalStep * dualStep * cPD;
  const rest = 1 - Math.min(primalStep, dualStep);
  const sigma = Math.min(SIGMA.max, Math.max(SIGMA.min, rest * rest));
  const count = Math.max(1, constraints);
  const floor = (BARRIER_FLOOR * GAP_TOLERANCE * turnover) / count;
  const refine = newtonError > NEWTON_TOLERANCE && refinements < REFINEMENTS;
  return { refine, primalStep, dualStep, barrier: Math.max((sigma * gap) / count, floor) };
}
