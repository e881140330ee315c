import { defineAgent } from '../../agent-core/agent/agent.ts';
import { announcing } from './announcing.ts';
import { contracting } from './contracting.ts';
import { driving } from './driving.ts';
import { exchanging } from './exchanging.ts';
import { createIdleness } from './repositioning.ts';
import { initialState, vehicleParams } from './vehicle-state.ts';

/**
 * A vehicle with a private route and private costs. It bids for riders' trips, drives its day, and trades trips with its
 * colleagues where everybody gains.
 */
export const vehicle = defineAgent({
  name: 'vehicle',
  params: vehicleParams,
  state: initialState,
  setup(agent) {
    const announces = announcing(agent);
    const idle = createIdleness(agent);
    const drives = driving(agent, (ctx) => {
      announces.changed(ctx);
      idle.changed(ctx);
    });
    idle.sends(drives);
    const trades = exchanging(agent, drives);
    contracting(agent, { driving: drives, trades });
  },
});
