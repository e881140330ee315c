import { z } from 'zod';
import { denseShapes } from '../../agent-core/learning/flat-network.ts';
import type { DenseShape } from '../../agent-core/policy/network.ts';
import type { Role } from '../scenario.ts';

/** A policy net without its weights, as JSON: widths of hidden layers, and how observations are scaled. */
export const netSchema = z.strictObject({
  hidden: z.array(z.int().positive()),
  activation: z.enum(['relu', 'tanh']),
  normaliser: z.strictObject({
    means: z.array(z.number()),
    deviations: z.array(z.number()),
    clip: z.number(),
  }),
});

/** What {@link netSchema} reads. */
export type Net = z.output<typeof netSchema>;

/** The layers of a role's net. */
export function netShapes({ observes, acts }: Pick<Role, 'observes' | 'acts'>, net: Net): readonly DenseShape[] {
  const outputs = acts.kind === 'box' ? acts.features.length : acts.choices.length;
  return denseShapes({ inputs: observes.length, hidden: net.hidden, outputs, activation: net.activation });
}
