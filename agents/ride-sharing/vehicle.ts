import { defineAgent } from '../../agent-core/agent/agent.ts';
import { contracting } from './contracting.ts';
import { driving } from './driving.ts';
import { exchanging } from './exchanging.ts';
import { repositioning, type Repositioning } from './repositioning.ts';
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
    const moves: { idle: Repositioning['idle'] } = { idle: () => undefined };
    const drives = driving(agent, (ctx) => moves.idle(ctx));
    moves.idle = repositioning(agent, drives).idle;
    const trades = exchanging(agent, drives);
    contracting(agent, { driving: drives, contracted: trades.contracted, refused: trades.refused });
  },
});
