import type { ExecutionContext } from 'ava';
import { z } from 'zod';
import { defineAgent, type Agent } from '../../../agent-core/agent/agent.ts';
import type { Program } from '../../../agent-core/agent/program.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import type { Attended, BidderOutcome } from '../../../agent-core/protocol/auction.ts';
import type { PlacedAgent } from '../../../simulator/placed-agent.ts';
import type { WorldOptions } from '../../../simulator/world-options.ts';
import { world, type World } from '../../../simulator/world.ts';

/** What the tests sell. */
export const Lot = z.object({ name: z.string() });

export const VASE: z.output<typeof Lot> = { name: 'vase' };

/** What a bidder of the tests keeps. */
export interface Notes {
  readonly outcomes: BidderOutcome[];
  readonly attended: Attended<z.output<typeof Lot>>[];
  /** Of raw bidders: how their dialogues ended. */
  readonly ends: string[];
}

export const emptyNotes = (): Notes => ({ outcomes: [], attended: [], ends: [] });

/** Writes every outcome down. */
export const note = (
  ctx: { readonly state: Notes },
  outcome: BidderOutcome,
  attended: Attended<z.output<typeof Lot>>,
): void => {
  ctx.state.outcomes.push(outcome);
  ctx.state.attended.push(attended);
};

/** What an auctioneer of the tests keeps. */
export interface Hammer<Result> {
  readonly results: Result[];
  readonly errors: string[];
}

/** An agent that holds one auction when it starts. */
export function auctioneer<Input, Result>(
  program: Program<Input, Result>,
  input: NoInfer<Input>,
): Agent<void, Hammer<Result>> {
  return defineAgent({
    name: 'auctioneer',
    state: (): Hammer<Result> => ({ results: [], errors: [] }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        try {
          ctx.state.results.push(await ctx.run(program, input));
        } catch (error) {
          ctx.state.errors.push(error instanceof Error && 'code' in error ? String(error.code) : String(error));
        }
      }),
  })();
}

/** An auction that was held to its end. */
export interface Held<Result> {
  readonly place: World;
  readonly bidders: readonly PlacedAgent<Notes>[];
  readonly hammer: PlacedAgent<Hammer<Result>>;
  readonly result: Result | undefined;
  /** The outcome of each bidder; raw bidders give the end of their dialogue instead. */
  readonly outcomes: readonly (BidderOutcome | string | undefined)[];
}

/** How the world of an auction differs from the usual. */
export interface HoldOptions extends Partial<WorldOptions> {
  /** What every bidder starts with. */
  readonly funds?: bigint | Readonly<Record<string, bigint>>;
  /** Runs after all are placed and before the run to the end. */
  readonly during?: (placed: {
    readonly place: World;
    readonly bidders: readonly PlacedAgent<Notes>[];
    readonly hammer: PlacedAgent<unknown>;
  }) => Promise<void>;
}

/** Order of texts, for lists that have none. */
export const byText = (a: string | boolean, b: string | boolean): number => (String(a) < String(b) ? -1 : 1);

/** Places bidders and auctioneer, and runs until nothing is pending. */
export async function hold<Result>(
  bidders: readonly Agent<unknown, Notes>[],
  auctioneerFor: (to: readonly Did[], place: World) => Agent<void, Hammer<Result>>,
  options: HoldOptions = {},
): Promise<Held<Result>> {
  const { during, funds, ...rest } = options;
  const place = world({ seed: 1, ...rest });
  const placed = bidders.map((bidder) => place.spawn(bidder, funds === undefined ? {} : { funds }));
  const hammer = place.spawn(
    auctioneerFor(
      placed.map(({ did }) => did),
      place,
    ),
  );
  await during?.({ place, bidders: placed, hammer });
  await place.run();
  return {
    place,
    bidders: placed,
    hammer,
    result: hammer.state.results[0],
    outcomes: placed.map(({ state }) => state.outcomes[0] ?? state.ends[0]),
  };
}

/** Nothing is left behind on any side. */
export function clean(t: ExecutionContext, { agents }: World): void {
  for (const { counters, name } of agents) {
    if (counters.dialoguesOpen !== 0) t.fail(`${name} has ${counters.dialoguesOpen} open dialogues`);
    if (counters.timersPending !== 0) t.fail(`${name} has ${counters.timersPending} pending timers`);
  }
}
