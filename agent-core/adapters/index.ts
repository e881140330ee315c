/** The outside world: each dependency behind one file. */
export { nodeBackend } from './node-crypto.ts';
export { connectNats } from './nats.ts';
export type { LinkStatus, NatsLink, NatsOptions } from './nats.ts';

export { findNatsServer } from './nats-server/find.ts';
export type { NatsProgram, NatsSearch } from './nats-server/find.ts';
export { startNatsServer } from './nats-server/run.ts';
export type { NatsServer, NatsServerOptions } from './nats-server/run.ts';
export { startNatsCluster } from './nats-server/cluster.ts';
export type { NatsCluster, NatsClusterOptions } from './nats-server/cluster.ts';

export { authenticatorOf } from './keys/authenticator.ts';
export type { LoginOptions } from './keys/authenticator.ts';
export { createKeyFile, readKeyFacts, readKeyFile } from './keys/key-file.ts';
export type { CreateKeyOptions, OpenKey, PublicKeyFacts, ReadKeyOptions } from './keys/key-file.ts';

export { startLiveAgent } from './live/start-live-agent.ts';
export type { LiveAgent, LiveEnd, LiveLink, LiveOptions } from './live/live-agent.ts';
export { silentMeter } from './live/meter.ts';
export type { CounterName, HistogramName, Meter } from './live/meter.ts';
