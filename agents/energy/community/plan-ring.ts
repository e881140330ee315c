import { z } from 'zod';
import { defineProtocol } from '../../../agent-core/protocol/protocol.ts';
import { SERIES_TEXT_MAX } from './series-text.ts';

/** A total of all planned net loads by hour, whole Wh. */
const total = z.string().min(1).max(SERIES_TEXT_MAX);

/** How a total is rounded off: by how many Wh, and the how-manieth time it goes round so. */
const pass = z.object({
  smoothingWh: z.int().nonnegative().max(1_000_000_000),
  round: z.int().nonnegative().max(1_000),
  total,
});

/**
 * Homes plan their batteries together, in a ring: what goes round is the total of what all plan to draw, and nothing else. In the first
 * round each adds what it would draw alone, onto a random series of who started it, so that no part can be told from the sum. Then each in
 * turn takes its own part out, plans what is best for all given the rest, puts that in, and passes the new total on.
 */
export const PlanRing = defineProtocol({
  name: 'plan-ring',
  version: '1.0.0',
  roles: ['before', 'after'],
  messages: {
    /** The masked sum so far. */
    sum: { from: 'before', as: 'inform', body: z.object({ total }) },
    plan: { from: 'before', as: 'inform', body: pass },
    /** It is over: prices follow from this total, rounded off by so much. */
    settled: { from: 'before', as: 'inform', body: pass },
  },
  dialogue: {
    initial: 'start',
    states: { start: { on: { sum: 'over', plan: 'over', settled: 'over' } }, over: { type: 'final' } },
  },
});
