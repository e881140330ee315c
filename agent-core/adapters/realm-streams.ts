import {
  DiscardPolicy,
  nanos,
  NatsError,
  RetentionPolicy,
  type KV,
  type NatsConnection,
  type StreamConfig,
} from 'nats';
import { streamsOf } from '../bus/permissions.ts';
import { subjects } from '../bus/subjects.ts';
import { LIMITS } from '../limits.ts';

/** What a realm keeps in JetStream, and how safely. */
export interface RealmStreams {
  readonly realm: string;
  /** Copies that a cluster keeps of what is made now; what is there already stays as it is. */
  readonly replicas: number;
}

/** The limit on one answer of JetStream, in milliseconds: a broker that does not let us says nothing at all. */
export const ANSWER_MILLIS = 3_000;

/** Bytes of a record on average, at most. */
const RECORD_BYTES = 8_192;
/** All mailboxes of a realm. */
const MAIL_BYTES = 256 * 1_024 * 1_024;

/** The bucket of agent records; made where it is not there and we may. Rejects with an error of the client library. */
export async function openAgentBucket(connection: NatsConnection, streams: RealmStreams): Promise<KV> {
  const { streams: api } = await connection.jetstreamManager({ timeout: ANSWER_MILLIS, checkAPI: false });
  const { agents, agentStream } = streamsOf(streams.realm);
  try {
    await api.info(agentStream);
  } catch (error) {
    if (!(error instanceof NatsError) || error.api_error?.code !== 404) throw error;
    await api.add(agentStreamConfig(streams));
  }
  return await connection.jetstream({ timeout: ANSWER_MILLIS }).views.kv(agents);
}

/**
 * A bucket as the client libraries know it, but for one thing: whoever may write one key could otherwise throw away all, with the
 * header `Nats-Rollup: all` of a message under its own key.
 */
function agentStreamConfig({ realm, replicas }: RealmStreams): Partial<StreamConfig> & { readonly name: string } {
  const { agents, agentStream } = streamsOf(realm);
  return {
    name: agentStream,
    subjects: [`$KV.${agents}.>`],
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    allow_direct: true,
    allow_rollup_hdrs: false,
    max_msgs_per_subject: 1,
    // Longer than any record holds: mail can be sealed for agents that are away.
    max_age: nanos(LIMITS.mailLifeMicros / 1_000),
    max_msg_size: LIMITS.recordBytes,
    max_bytes: LIMITS.directoryAgents * RECORD_BYTES,
    num_replicas: replicas,
  };
}

/** Makes the stream of the mailboxes, unless it is there as it should be. Rejects with an error of the client library. */
export async function makeMailStream(connection: NatsConnection, { realm, replicas }: RealmStreams): Promise<void> {
  const jsm = await connection.jetstreamManager({ timeout: ANSWER_MILLIS, checkAPI: false });
  await jsm.streams.add({
    name: streamsOf(realm).mailStream,
    subjects: [subjects.mail(realm, '*', '*')],
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_age: nanos(LIMITS.mailLifeMicros / 1_000),
    max_msgs_per_subject: LIMITS.lettersFromSender,
    max_msg_size: LIMITS.payloadBytes * 2,
    max_bytes: MAIL_BYTES,
    num_replicas: replicas,
  });
}

/**
 * Makes what a realm keeps in JetStream: once, by a tool, where agents may not make it themselves. Rejects with an error of the client
 * library where it may not, or where there is no JetStream.
 */
export async function prepareRealm(connection: NatsConnection, streams: RealmStreams): Promise<void> {
  await openAgentBucket(connection, streams);
  await forbidRollup(connection, streams);
  await makeMailStream(connection, streams);
}

/** For a bucket that the client library has made: it always allows what {@link agentStreamConfig} does not. */
async function forbidRollup(connection: NatsConnection, { realm }: RealmStreams): Promise<void> {
  const { streams: api } = await connection.jetstreamManager({ timeout: ANSWER_MILLIS, checkAPI: false });
  const { agentStream } = streamsOf(realm);
  const { config } = await api.info(agentStream);
  if (config.allow_rollup_hdrs) await api.update(agentStream, { allow_rollup_hdrs: false });
}
