import { z } from 'zod';
import type { AgentBuilder } from '../agent/agent.ts';
import { playNeighbour, type NeighbourMember } from './neighbourhood.ts';
import { defineProtocol } from './protocol.ts';

const count = z.number().int().nonnegative();
const numbers = z.array(z.number());

/** Numbers that one message of the protocol carries at most: at 25 characters each they stay below `LIMITS.payloadBytes`. */
export const NUMBERS_PER_MESSAGE = 2_200;

/** Border nodes of a subtree at most. */
const BORDER_NODES = 512;

/** Messages that one response takes at most: enough for any border of {@link BORDER_NODES} nodes. */
const PARTS = 256;

/** What a subtree contributes to the common scaling, before prices are discussed. */
const summary = {
  /** Longest way down to a leaf, in hops. */
  height: count,
  /** Largest power of ten that bounds a marginal cost, as exponent; null where nobody has a choice. */
  magnitude: z.number().int().nullable(),
  /** Inequality constraints. */
  constraints: count,
  quadratic: z.boolean(),
  /** Sum of the largest costs that there could be, for the relative tolerance. */
  turnover: z.number(),
};

const PROTOCOL = defineProtocol({
  name: 'price-coordination',
  version: '1.0.0',
  roles: ['initiator', 'participant'],
  messages: {
    /** Opens the dialogue: my node number and how many links I have. */
    hello: { from: 'initiator', as: 'inform', body: z.object({ node: count, links: count }) },
    welcome: { from: 'participant', as: 'inform', body: z.object({ node: count, links: count }) },
    /** Proposes to belong to the tree of `root`. */
    wave: { from: 'either', as: 'propose', body: z.object({ root: count }) },
    /** Says to its parent that its whole subtree belongs to the tree of `root`. */
    echo: { from: 'either', as: 'agree', body: z.object({ root: count, ...summary }) },
    /** Hands the root to a child, towards the middle of the tree. */
    lead: { from: 'either', as: 'request', body: z.object(summary) },
    /** Starts the rounds, down the tree. `barrier` is the first barrier parameter. */
    begin: {
      from: 'either',
      as: 'inform',
      body: z.object({ magnitude: z.number().int().nullable(), quadratic: z.boolean(), barrier: z.number() }),
    },
    /**
     * Up the tree: how the subtree responds at its border. `border` lists [node, links, links accounted for] of each border
     * node. `numbers` is the upper triangle of the symmetric response in (state, price) of the border nodes, then its
     * right-hand side; the right-hand side alone where it `refines`. What does not fit one message comes in parts, the
     * border with the first.
     */
    respond: {
      from: 'either',
      as: 'propose',
      body: z.object({
        round: count,
        part: count,
        parts: count.min(1).max(PARTS),
        refines: z.boolean(),
        border: z.array(z.tuple([count, count, count])).max(BORDER_NODES),
        numbers: numbers.max(NUMBERS_PER_MESSAGE),
        /** Of the subtree: largest violation of a constraint and of optimality, complementarity gap, turnover. */
        primal: z.number(),
        dual: z.number(),
        gap: z.number(),
        turnover: z.number(),
        /** Somebody's numbers went out of range: there is no agreement to be had. */
        broken: z.boolean(),
      }),
    },
    /** Down the tree: changes of (state, price) of the border nodes, or the end. */
    settle: {
      from: 'either',
      as: 'inform',
      body: z.object({
        round: count,
        decision: z.enum(['go-on', 'agreed', 'failed']),
        changes: numbers.max(NUMBERS_PER_MESSAGE),
      }),
    },
    /** To every neighbour: my changes of state and price in this round. */
    exchange: { from: 'either', as: 'inform', body: z.object({ round: count, state: z.number(), price: z.number() }) },
    /** Up the tree: the longest steps that keep the subtree feasible, what the gap becomes, and the error of the solution. */
    tally: {
      from: 'either',
      as: 'propose',
      body: z.object({
        round: count,
        primalStep: z.number(),
        dualStep: z.number(),
        gap: z.tuple([z.number(), z.number(), z.number(), z.number()]),
        error: z.number(),
      }),
    },
    /** Down the tree: the steps that all take and the next barrier parameter, or to refine the solution first. */
    verdict: {
      from: 'either',
      as: 'inform',
      body: z.object({
        round: count,
        refine: z.boolean(),
        primalStep: z.number(),
        dualStep: z.number(),
        barrier: z.number(),
      }),
    },
    close: { from: 'initiator', as: 'confirm', body: z.object({}) },
  },
  dialogue: {
    initial: 'idle',
    states: {
      idle: { on: { hello: 'greeted' } },
      greeted: { on: { welcome: 'met' } },
      met: {
        on: {
          wave: 'met',
          echo: 'met',
          lead: 'met',
          begin: 'met',
          respond: 'met',
          settle: 'met',
          exchange: 'met',
          tally: 'met',
          verdict: 'met',
          close: 'closed',
        },
      },
      closed: { type: 'final' },
    },
  },
});

/**
 * Price coordination between neighbours of a network: who agree on one price and one state per node, so that what flows
 * between them is worth its price, without anyone saying what it costs them.
 *
 * Neighbours first grow a spanning tree (echo algorithm with extinction). Then, in rounds: up the tree each node says how
 * its side would *respond*, to first order, to changes of the states and prices at its border; down the tree comes what is
 * *settled*; all neighbours *exchange* their changes; a *tally* up and a *verdict* down agree on the step and on the end.
 *
 * This is a primal-dual interior-point method whose Newton system is solved by message passing (Pakazad, Hansson, Andersen
 * and Nielsen, "Distributed primal-dual interior-point methods for solving tree-structured coupled convex problems using
 * message-passing", 2017); the two sweeps have the shape of DPOP's UTIL and VALUE phases (Petcu and Faltings 2005).
 *
 * The value is the protocol; `member`, called in `setup`, takes both roles with all neighbours.
 */
export const PriceCoordination = Object.freeze({
  ...PROTOCOL,
  /** Takes both roles in an agent's setup and meets the neighbours; what is said is up to the member. */
  member: <Params, State>(
    agent: AgentBuilder<Params, State>,
    member: NeighbourMember<typeof PROTOCOL, Params, State>,
  ): void => playNeighbour(agent, PROTOCOL, member),
});
