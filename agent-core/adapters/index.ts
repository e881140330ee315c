/** The outside world: each dependency behind one file. */
export { nodeBackend } from './node-crypto.ts';
export { connectNats } from './nats.ts';
export type { LinkStatus, NatsLink, NatsOptions } from './nats.ts';
export type { LiveAgent, LiveEnd, LiveOptions } from './live/live-agent.ts';
export { silentMeter } from './live/meter.ts';
export type { CounterName, HistogramName, Meter } from './live/meter.ts';
