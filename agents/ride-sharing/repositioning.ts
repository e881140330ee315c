import type { AgentBuilder } from '../../agent-core/agent/agent.ts';
import type { Driving } from './driving.ts';
import { timeOf, tourOf, type VehicleContext, type VehicleParams, type VehicleState } from './vehicle-state.ts';

/** Sends idle vehicles where their policy says. */
export interface Idleness {
  /** To be called with every new plan. */
  changed(ctx: VehicleContext): void;
  /** Hands over what drives the vehicle. */
  sends(driving: Driving): void;
}

/** A vehicle that had nothing to do for this long may go elsewhere: 60 s. */
const IDLE_MICROS = 60_000_000;
/** Calls are remembered for an hour, and so many of them. */
const MEMORY_SECONDS = 3_600;
const CALLS_MAX = 64;

/** Declares the timer of repositioning: it runs once after each stop that leaves a vehicle with nothing to do. */
export function createIdleness(agent: AgentBuilder<VehicleParams, VehicleState>): Idleness {
  let drives: Driving | null = null;
  const consider = agent.timer('consider', (ctx, made: number) => {
    if (ctx.state.driven.length !== made || ctx.state.visits.length > 0) return;
    const place = bestPlace(ctx);
    if (place !== null) drives?.goTo(ctx, place);
  });
  return {
    sends(driving) {
      drives = driving;
    },
    changed(ctx) {
      const { state, params } = ctx;
      const made = state.driven.length;
      if (params.policies.reposition === null || state.visits.length > 0 || state.idleAfter === made) return;
      state.idleAfter = made;
      ctx.schedule(consider, IDLE_MICROS, made);
    },
  };
}

/** Remembers where a rider called from. */
export function hear({ state }: VehicleContext, call: { readonly place: number; readonly at: number }): void {
  state.calls.push(call);
  if (state.calls.length > CALLS_MAX) state.calls.shift();
}

function bestPlace(ctx: VehicleContext): number | null {
  const { params, state } = ctx;
  const { reposition } = params.policies;
  if (reposition === null) return null;
  const secondsPerTime = params.clock.microsPerTime / 1_000_000;
  const now = timeOf(ctx);
  const { from } = tourOf(ctx);
  const recent = state.calls.filter(({ at }) => (now - at) * secondsPerTime <= MEMORY_SECONDS);
  let best: number | null = null;
  let most = 0;
  for (const place of new Set(recent.map((call) => call.place))) {
    if (place === from) continue;
    const here = recent.filter((call) => call.place === place);
    const age = (now - (here.at(-1)?.at ?? now)) * secondsPerTime;
    const way = params.map.time(from, place) * secondsPerTime;
    const [score = 0] = ctx.decide(reposition, [here.length, age, way, recent.length]);
    if (score > most) [most, best] = [score, place];
  }
  return best;
}
