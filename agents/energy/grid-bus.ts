import { z } from 'zod';
import { defineAgent } from '../../agent-core/agent/agent.ts';
import type { Duration } from '../../agent-core/clock.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';
import type { Standing } from '../../agent-core/protocol/neighbourhood.ts';
import { PriceCoordination } from '../../agent-core/protocol/price-coordination.ts';
import { createCoordination, hear } from './coordination.ts';
import type { Coordination } from './coordination-state.ts';

/** Life of the dialogues: far longer than any negotiation takes. */
const DIALOGUE_LIFE: Duration = '1 h';

const generator = z.object({
  row: z.number().int(),
  minPu: z.number(),
  maxPu: z.number(),
  c2: z.number().nonnegative(),
  c1: z.number(),
});

const line = z.object({
  row: z.number().int(),
  /** Position of the other end in `neighbours`. */
  neighbour: z.number().int().nonnegative(),
  outward: z.boolean(),
  susceptancePu: z.number(),
  lowPu: z.number(),
  highPu: z.number(),
});

/** What a bus knows: itself, its generators, its lines, and who is at their other ends. Nothing else of the grid. */
const params = z.object({
  node: z.number().int().nonnegative(),
  loadPu: z.number(),
  generators: z.array(generator),
  lines: z.array(line),
  neighbours: z.array(
    z.object({ node: z.number().int().nonnegative(), did: z.custom<Did>((value) => typeof value === 'string') }),
  ),
});

/** Parameters of {@link gridBus}. */
export type GridBusParams = z.output<typeof params>;

/** State of {@link gridBus}. */
export interface GridBusState {
  readonly coordination: Coordination;
  /** Ids of the dialogues with the neighbours, by position. */
  readonly dialogues: (string | null)[];
}

/**
 * A bus of a power grid. It negotiates angle and price with the buses at the other ends of its lines until supply, demand
 * and flows agree everywhere, and says nothing of its costs but how it would respond to prices.
 */
export const gridBus = defineAgent({
  name: 'grid-bus',
  params,
  state: (own): GridBusState => ({
    coordination: createCoordination({
      node: own.node,
      loadPu: own.loadPu,
      offers: own.generators,
      lines: own.lines,
      neighbours: own.neighbours.map(({ node }) => node),
    }),
    dialogues: own.neighbours.map(() => null),
  }),
  setup: (agent) =>
    PriceCoordination.member(agent, {
      place: ({ params: { node, neighbours }, state: { dialogues } }) => ({ node, neighbours, dialogues }),
      within: () => DIALOGUE_LIFE,
      greeting: ({ params: { node, lines } }) => ({ node, links: lines.length }),
      hear: ({ state }, heard) => hear(state.coordination, heard),
      standing: ({ state }) => standingOf(state.coordination),
      lost: ({ state }) => {
        state.coordination.phase = 'failed';
      },
      mayClose: ({ state }, neighbour) => mayClose(state.coordination, neighbour),
    }),
});

function standingOf({ phase }: Coordination): Standing {
  return phase === 'agreed' || phase === 'failed' ? phase : 'going-on';
}

/**
 * Whether a neighbour may have closed rightly although this bus has not heard of an agreement yet: the root has everybody's
 * response by then, and the news is on its way from the parent.
 */
function mayClose({ phase, round, tree }: Coordination, neighbour: number): boolean {
  return phase === 'rounds' && round.step === 'settle' && neighbour !== tree.parent;
}
