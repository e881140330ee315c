import { z } from 'zod';
import { defineAgent } from '../../agent-core/agent/agent.ts';
import type { Context } from '../../agent-core/agent/context.ts';
import type { DialogueEnd } from '../../agent-core/agent/dialogue.ts';
import type { Duration } from '../../agent-core/clock.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';
import { PriceCoordination } from '../../agent-core/protocol/price-coordination.ts';
import { createCoordination, hear } from './coordination.ts';
import type { Coordination, Heard } from './coordination-state.ts';

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

type BusContext = Context<GridBusParams, GridBusState>;
type Role = 'initiator' | 'participant';

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
  setup(agent) {
    agent.start((ctx) => {
      const { node, neighbours, lines } = ctx.params;
      for (const [k, neighbour] of neighbours.entries()) {
        if (neighbour.node < node) continue;
        const dialogue = ctx.open(
          PriceCoordination,
          'initiator',
          neighbour.did,
          'hello',
          { node, links: lines.length },
          { within: DIALOGUE_LIFE },
        );
        ctx.state.dialogues[k] = dialogue.id;
      }
      act(ctx, null);
    });
    const forward = (
      ctx: BusContext,
      message: { readonly from: Did; readonly type: Heard['type']; readonly body: unknown },
    ): void =>
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the runtime has held the body against the schema of its type
      act(ctx, { from: positionOf(ctx, message.from), type: message.type, body: message.body } as Heard);
    const both = {
      wave: forward,
      echo: forward,
      lead: forward,
      begin: forward,
      respond: forward,
      settle: forward,
      exchange: forward,
      tally: forward,
      verdict: forward,
    };
    const ended = (ctx: BusContext, end: DialogueEnd): void => {
      const { coordination, dialogues } = ctx.state;
      const k = positionOf(ctx, end.peer);
      // What a stranger opened, and we refused, is not the coordination's.
      if (dialogues[k] !== end.dialogue) return;
      if (coordination.phase === 'agreed' || coordination.phase === 'failed') return;
      if (end.outcome === 'done' && mayClose(coordination, k)) return;
      coordination.phase = 'failed';
      giveUp(ctx);
    };
    agent.play(PriceCoordination, 'initiator', { ...both, welcome: forward }, { ended });
    agent.play(
      PriceCoordination,
      'participant',
      {
        ...both,
        hello: (ctx, m) => {
          const k = positionOf(ctx, m.from);
          const neighbour = ctx.params.neighbours[k];
          if (neighbour === undefined || neighbour.node > ctx.params.node) return m.fail('no line joins us');
          if (ctx.state.dialogues[k] !== null) return m.fail('we have met already');
          ctx.state.dialogues[k] = m.dialogue.id;
          m.reply('welcome', { node: ctx.params.node, links: ctx.params.lines.length });
          return forward(ctx, m);
        },
        close: () => undefined,
      },
      { ended },
    );
  },
});

/**
 * Whether a neighbour may have closed rightly although this bus has not heard of an agreement yet: the root has everybody's
 * response by then, and the news is on its way from the parent.
 */
function mayClose({ phase, round, tree }: Coordination, neighbour: number): boolean {
  return phase === 'rounds' && round.step === 'settle' && neighbour !== tree.parent;
}

function positionOf(ctx: BusContext, did: Did): number {
  return ctx.params.neighbours.findIndex((neighbour) => neighbour.did === did);
}

/** Lets the coordination hear a message, and says what it wants said. */
function act(ctx: BusContext, heard: Heard | null): void {
  const { coordination, dialogues } = ctx.state;
  const { node, neighbours } = ctx.params;
  for (const { to, type, body } of hear(coordination, heard)) {
    const neighbour = neighbours[to];
    const id = dialogues[to];
    if (neighbour === undefined || id === null || id === undefined) continue;
    const role: Role = neighbour.node > node ? 'initiator' : 'participant';
    ctx.dialogue(PriceCoordination, role, { peer: neighbour.did, id })?.send(type, body);
  }
  if (coordination.phase === 'failed') giveUp(ctx);
  if (coordination.phase !== 'agreed') return;
  for (const [k, neighbour] of neighbours.entries()) {
    const id = dialogues[k];
    if (neighbour.node < node || id === null || id === undefined) continue;
    ctx.dialogue(PriceCoordination, 'initiator', { peer: neighbour.did, id })?.send('close', {});
  }
}

/** Ends the dialogues with all neighbours, so that they learn that there is no agreement and tell theirs. */
function giveUp(ctx: BusContext): void {
  const { node, neighbours } = ctx.params;
  for (const [k, neighbour] of neighbours.entries()) {
    const id = ctx.state.dialogues[k];
    if (id === null || id === undefined) continue;
    const role: Role = neighbour.node > node ? 'initiator' : 'participant';
    ctx.dialogue(PriceCoordination, role, { peer: neighbour.did, id })?.fail('no agreement');
  }
}
