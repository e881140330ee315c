import { assert } from '../../../agent-core/errors.ts';
import type { Battery } from './battery.ts';

/** Takes one piece of a convex cost curve: its slope in micro-tokens a Wh, and how long it is. */
export type Piece = (slope: number, lengthWh: number) => void;

/** What a battery is planned for. */
export interface StorageProblem {
  readonly battery: Battery;
  readonly hours: number;
  /** In store at the start; nothing if left out. */
  readonly storedWh?: number;
  /** What a Wh that is left at the end is worth; nothing if left out. */
  readonly endValue?: number;
  /** Hands over the cost of the flow at the wires in an hour, from `-powerW` to `powerW`, as pieces of rising slope. */
  readonly cost: (hour: number, piece: Piece) => void;
}

/** A plan that costs least. */
export interface StoragePlan {
  /** By hour, at the wires: above zero where the battery is charged. */
  readonly flowWh: Float64Array;
  /** By hour, what one more Wh in store at its end would save, in micro-tokens. */
  readonly value: Float64Array;
}

/**
 * The plan of a battery that costs least over all hours, exactly: dynamic programming backwards in time, with the cost to go as a
 * convex piecewise-linear function of what is stored (infimal convolution: Rockafellar, Convex Analysis, 1970, section 16). Of several
 * such plans it is the one that stores least. Time and memory grow with hours times pieces.
 */
export function planStorage(problem: StorageProblem): StoragePlan {
  const { hours } = problem;
  const plan = { flowWh: new Float64Array(hours), value: new Float64Array(hours) };
  if (problem.battery.powerW <= 0) return plan;
  const curves = storedCurves(problem);
  const later = costToGo(problem, curves);
  forward(problem, { curves, later, plan });
  return plan;
}

/** Curves of many hours, one after the other: pieces `first[h]` to `first[h + 1]` belong to hour h. */
interface Curves {
  readonly first: readonly number[];
  readonly slopes: readonly number[];
  readonly lengths: readonly number[];
}

/** Shorter pieces are dropped, Wh. */
const SHORT_WH = 1e-9;
/** Slopes that differ by less are one, micro-tokens a Wh. */
const SLOPE_STEP = 1e-9;

/** Plain arrays: a plan of a day is made in less time than typed ones take to be allocated. */
class CurveList implements Curves {
  readonly first = [0];
  readonly slopes: number[] = [];
  readonly lengths: number[] = [];

  add(slope: number, length: number): void {
    if (length <= SHORT_WH) return;
    const last = this.slopes.length - 1;
    const joins = last >= (this.first.at(-1) ?? 0) && Math.abs((this.slopes[last] ?? 0) - slope) < SLOPE_STEP;
    if (joins) {
      this.lengths[last] = (this.lengths[last] ?? 0) + length;
      return;
    }
    this.slopes.push(slope);
    this.lengths.push(length);
  }

  close(): void {
    this.first.push(this.slopes.length);
  }
}

/** The hours' costs as functions of the change of what is stored. */
function storedCurves({ battery, hours, cost }: StorageProblem): Curves {
  const { powerW, efficiency } = battery;
  const list = new CurveList();
  let at = 0;
  const piece: Piece = (slope, length) => {
    const below = Math.min(length, Math.max(0, -at));
    // Given energy was stored as more, taken energy is stored as less.
    list.add(slope * efficiency, below / efficiency);
    list.add(slope / efficiency, (length - below) * efficiency);
    at += length;
  };
  for (let hour = 0; hour < hours; hour++) {
    at = -powerW;
    cost(hour, piece);
    assert(Math.abs(at - powerW) < 1e-6 * (1 + powerW), 'a cost curve spans the power of the battery');
    list.close();
  }
  return list;
}

/** By hours left (0 to all of them), the least cost to go as a function of what is stored, from empty to full. */
function costToGo({ battery, hours, endValue = 0 }: StorageProblem, curves: Curves): Curves {
  const { capacityWh, powerW, efficiency } = battery;
  const list = new CurveList();
  list.add(-endValue, capacityWh);
  list.close();
  for (let left = 1; left <= hours; left++) {
    const { first, slopes, lengths } = list;
    const hour = hours - left;
    let next = first[left - 1] ?? 0;
    const end = first[left] ?? 0;
    let own = (curves.first[hour + 1] ?? 0) - 1;
    const ownEnd = curves.first[hour] ?? 0;
    // The merged curve starts where all is taken in that can be: what lies below empty is cut off, and what lies above full.
    let below = powerW * efficiency;
    let room = capacityWh;
    while (room > SHORT_WH && (next < end || own >= ownEnd)) {
      const later = next < end ? (slopes[next] ?? 0) : Infinity;
      const now = own >= ownEnd ? -(curves.slopes[own] ?? 0) : Infinity;
      const length = later <= now ? (lengths[next++] ?? 0) : (curves.lengths[own--] ?? 0);
      const cut = Math.min(below, length);
      below -= cut;
      const kept = Math.min(room, length - cut);
      list.add(Math.min(later, now), kept);
      room -= kept;
    }
    list.close();
  }
  return list;
}

interface Forward {
  readonly curves: Curves;
  readonly later: Curves;
  readonly plan: StoragePlan;
}

/** Walks along one curve. */
interface Walk {
  at: number;
  readonly end: number;
  /** Of the piece that it stands on. */
  left: number;
}

function startOf({ first, lengths }: Curves, curve: number): Walk {
  const at = first[curve] ?? 0;
  return { at, end: first[curve + 1] ?? 0, left: lengths[at] ?? 0 };
}

function advance({ lengths }: Curves, walk: Walk, distance: number): void {
  let rest = distance;
  while (rest > SHORT_WH && walk.at < walk.end) {
    const step = Math.min(rest, walk.left);
    rest -= step;
    walk.left -= step;
    if (walk.left > SHORT_WH) continue;
    walk.at++;
    walk.left = lengths[walk.at] ?? 0;
  }
}

/** From hour to hour, the change that costs least now and later. */
function forward({ battery, hours, storedWh = 0 }: StorageProblem, { curves, later, plan }: Forward): void {
  const { capacityWh, powerW, efficiency } = battery;
  let stored = storedWh;
  for (let hour = 0; hour < hours; hour++) {
    const own = startOf(curves, hour);
    const after = startOf(later, hours - hour - 1);
    const given = Math.min(powerW / efficiency, stored);
    advance(curves, own, powerW / efficiency - given);
    advance(later, after, stored - given);
    let change = -given;
    while (own.at < own.end && after.at < after.end) {
      if ((curves.slopes[own.at] ?? 0) + (later.slopes[after.at] ?? 0) >= -SLOPE_STEP) break;
      const step = Math.min(own.left, after.left);
      change += step;
      advance(curves, own, step);
      advance(later, after, step);
    }
    if (Math.abs(change) < SHORT_WH) change = 0;
    stored = Math.min(capacityWh, Math.max(0, stored + change));
    plan.flowWh[hour] = change > 0 ? change / efficiency : change * efficiency;
    plan.value[hour] = -(later.slopes[Math.min(after.at, after.end - 1)] ?? 0);
  }
}
