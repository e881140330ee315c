/** The outside world: each dependency behind one file. */
export { nodeBackend } from './node-crypto.ts';

// The broker: a link to one, and servers of our own.
export { connectNats } from './nats.ts';
export type { LinkCounters, LinkStatus, NatsLink, NatsOptions } from './nats.ts';
export { natsLink } from './nats-link.ts';
export type { LinkSettings, NatsLinkOptions } from './nats-link.ts';
export type { LinkConnection, LinkFault } from './nats-connection.ts';
export { findNatsServer } from './nats-server/find.ts';
export type { NatsProgram, NatsSearch } from './nats-server/find.ts';
export { installNatsServer } from './nats-server/install.ts';
export type { InstalledNats, InstallMethod, InstallOptions } from './nats-server/install.ts';
export { startNatsServer } from './nats-server/run.ts';
export type { NatsServer, NatsServerOptions } from './nats-server/run.ts';
export { startNatsCluster } from './nats-server/cluster.ts';
export type { NatsCluster, NatsClusterOptions } from './nats-server/cluster.ts';
export { prepareRealm } from './realm-streams.ts';
export type { RealmStreams } from './realm-streams.ts';

// Keys, logins and what a broker must know of them.
export { authenticatorOf } from './keys/authenticator.ts';
export type { LoginOptions } from './keys/authenticator.ts';
export { createKeyFile, readKeyFacts, readKeyFile } from './keys/key-file.ts';
export type { CreateKeyOptions, OpenKey, PublicKeyFacts, ReadKeyOptions } from './keys/key-file.ts';
export { rotateKeyFile } from './keys/rotate.ts';
export type { RotateOptions, Rotation } from './keys/rotate.ts';
export { issueUser, readRealm, revokeUser, writeRealm } from './keys/realm-folder.ts';
export type { IssueUserInput, RealmRecord, RevokeUserInput, WriteRealmOptions } from './keys/realm-folder.ts';

// Agents that run live.
export { startLiveAgent } from './live/start-live-agent.ts';
export type { LiveAgent, LiveEnd, LiveLink, LiveOptions } from './live/live-agent.ts';
export type { AppendFile, Files } from './live/files.ts';
export { systemTiming } from './live/timing.ts';
export type { Timing } from './live/timing.ts';
export { liveDirectory } from './directory/live-directory.ts';
export type { DirectoryFaultCode, LiveDirectory, LiveDirectoryOptions } from './directory/live-directory.ts';
export { serveAgent } from './directory/agent-service.ts';
export type { ServiceFacts } from './directory/agent-service.ts';
export { liveMail } from './mail/live-mail.ts';
export type { LiveMail, LiveMailOptions, MailFaultCode } from './mail/live-mail.ts';
export { createMetrics } from './live/metrics.ts';
export type { Gauge, Metrics } from './live/metrics.ts';
export { silentMeter } from './live/meter.ts';
export type { CounterName, HistogramName, Meter } from './live/meter.ts';
export { startHealthServer } from './live/health-server.ts';
export type { HealthAddress, HealthReport, HealthServer } from './live/health-server.ts';
export { createJsonLog } from './live/json-log.ts';
export type { JsonLog, JsonLogOptions, LogLevel } from './live/json-log.ts';
export { readPolicyFile, writePolicyFile } from './policy-files.ts';
export { serveEnv } from './gym-bridge.ts';
export type { ServeEnvOptions } from './gym-bridge.ts';
export { train } from './training/train.ts';
export type { Begun, TrainedPolicy, TrainingResult, TrainOptions } from './training/train.ts';
export { evolve } from './training/evolve.ts';
export type { EvolvedWeights, EvolveOptions, EvolveResult } from './training/evolve.ts';
export type { RunOptions } from './training/run.ts';
export type { CurvePoint } from './training/run-state.ts';
export type { Algorithm, DqnTraining, EvolutionTraining, PpoTraining } from './training/options.ts';
export type { TrainingModule } from './training/stage.ts';
export type { TensorflowBackend } from './tensorflow/backend.ts';
