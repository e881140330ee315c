import { defineAgent } from '../../agent-core/agent/agent.ts';

/** Stands for all who are paid for storage, transport, operation and what is not served: it only has an account. */
export const costCollector = defineAgent({ name: 'cost-collector', setup() {} });
