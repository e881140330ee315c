import { performance } from 'node:perf_hooks';
import { watchEventLoop, type LoopWatch } from '../../agent-core/adapters/live/event-loop.ts';
import { startHealthServer, type HealthReport } from '../../agent-core/adapters/live/health-server.ts';
import { createJsonLog, type JsonLog } from '../../agent-core/adapters/live/json-log.ts';
import type { LiveAgent } from '../../agent-core/adapters/live/live-agent.ts';
import { createMetrics, type Gauge, type Metrics } from '../../agent-core/adapters/live/metrics.ts';
import { serviceManager } from '../../agent-core/adapters/live/service-manager.ts';
import { startLiveAgent } from '../../agent-core/adapters/live/start-live-agent.ts';
import { authenticatorOf } from '../../agent-core/adapters/keys/authenticator.ts';
import { connectNats, type NatsLink } from '../../agent-core/adapters/nats.ts';
import type { Agent } from '../../agent-core/agent/agent.ts';
import { inboxPrefixOf } from '../../agent-core/bus/permissions.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import type { BoxKey } from '../../agent-core/identity/box-key.ts';
import type { Signer } from '../../agent-core/identity/signer.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import type { RunSettings } from '../run-settings.ts';
import { drainOnSignals } from '../signals.ts';
import { VERSION } from '../version.ts';
import { refuseForeignRealm } from './is-forbidden.ts';
import { openRealm, type RealmAccess } from './realm-access.ts';

/** What an agent process runs, once everything about it was read and checked. */
export interface AgentProcess {
  readonly agent: Agent;
  readonly name: string;
  readonly signer: Signer;
  /** Opens mail that was sealed for the agent. */
  readonly box: BoxKey;
  readonly jwt: string | undefined;
  /** Folder of the journal, or null for none. */
  readonly dataDir: string | null;
  readonly settings: RunSettings;
}

/** Set by `haggle up`, which shows the log itself, and whose end closes our standard input. */
const SUPERVISED = process.env['HAGGLE_PARENT'] === 'stdin';

/** Taken before any agent is there: inside its handlers the clocks of the process are out of bounds, for the log as well. */
const wallMillis = Date.now.bind(Date);

const NO_JETSTREAM = 'agents are found through their peers only; there is no mail';

/** An event loop that is later than this serves nobody: the process should be replaced. */
const LAG_SECONDS_MAX = 5;

/**
 * Runs one agent until it is over: stopped by itself or drained after a signal. Its log goes to standard output, one JSON
 * object a line; one line for people to standard error.
 *
 * @throws HaggleError `broker-unreachable`, `broker-refused`, `cannot-listen`, as `startLiveAgent`
 */
export async function runAgentProcess(task: AgentProcess): Promise<ExitCode> {
  const { name, settings, signer, jwt } = task;
  const log = createJsonLog({
    level: settings.logLevel,
    agent: name,
    write: (line) => void process.stdout.write(line),
    now: wallMillis,
  });
  crashOnStrays(log);
  const metrics = createMetrics();
  const loop = watchEventLoop();
  const manager = serviceManager(process.env, (why) => log.warn({ event: 'service-manager-not-told', why }));
  const state: { agent: LiveAgent | null } = { agent: null };
  const report = healthReport({ task, metrics, loop, live: () => state.agent });
  // Before the broker: who asks meanwhile hears that the agent is not ready, instead of nothing.
  const health = settings.health === null ? null : await startHealthServer(report, settings.health);
  try {
    const link = await connectNats({
      servers: settings.servers,
      name,
      authenticator: authenticatorOf(signer, jwt === undefined ? {} : { jwt }),
      inboxPrefix: inboxPrefixOf('agent', signer.nkey),
      ...(settings.tls === undefined ? {} : { tls: settings.tls }),
      log,
    });
    const realm = openRealm({ link, signer, box: task.box, realm: settings.realm, log });
    const agent = await startAgent(task, { link, realm, log, metrics });
    state.agent = agent;
    drainOnSignals((signal) => {
      log.info({ event: 'draining', signal });
      manager.stopping();
      void agent.drain(settings.drain);
    });
    endWithParent();
    const at = health === null ? '' : `, health ${health.url}`;
    if (!SUPERVISED)
      process.stderr.write(
        `${name}: ${signer.did} in realm ${settings.realm} on ${settings.servers.join(', ')}${at}\n`,
      );
    log.info({
      event: 'ready',
      did: signer.did,
      realm: settings.realm,
      ...(health === null ? {} : { health: health.url }),
    });
    if (!link.jetstream) log.info({ event: 'no-jetstream', means: NO_JETSTREAM });
    manager.ready(`${signer.did} in realm ${settings.realm}`);
    manager.watch(() => report.notLive().length === 0);
    return await ending(agent, { link, realm, log });
  } finally {
    if (SUPERVISED) process.stdin.destroy();
    await manager.close();
    loop.stop();
    await health?.close();
  }
}

interface Surroundings {
  readonly link: NatsLink;
  readonly realm: RealmAccess;
  readonly log: JsonLog;
  readonly metrics: Metrics;
}

async function startAgent(
  { agent, name, signer, dataDir, settings }: AgentProcess,
  { link, realm, log, metrics }: Surroundings,
): Promise<LiveAgent> {
  try {
    const { sign, onDiverged } = settings;
    const { directory, mail } = realm;
    await refuseForeignRealm(link, signer, settings.realm);
    const whose = { signer, realm: settings.realm, name, dataDir, onDiverged };
    return await startLiveAgent(agent, {
      ...whose,
      link,
      directory,
      ...(mail === undefined ? {} : { mail }),
      sign,
      log,
      meter: metrics,
    });
  } catch (error) {
    await realm.close();
    await link.bus.drain();
    throw error;
  }
}

/** Waits for the end, and for everything said to leave. */
async function ending(
  agent: LiveAgent,
  { link, realm, log }: Pick<Surroundings, 'link' | 'realm' | 'log'>,
): Promise<ExitCode> {
  const end = await agent.ended;
  await realm.close();
  await link.bus.drain();
  if (end.type === 'failed') {
    log.error({ event: 'failed', error: describe(end.error) });
    throw end.error;
  }
  return EXIT.ok;
}

interface Reported {
  readonly task: AgentProcess;
  readonly metrics: Metrics;
  readonly loop: LoopWatch;
  readonly live: () => LiveAgent | null;
}

function healthReport({ task, metrics, loop, live }: Reported): HealthReport {
  const { name, signer, settings } = task;
  const notReady = (): readonly string[] => live()?.notReady ?? ['starting'];
  return {
    notLive: () => (loop.lagSeconds() < LAG_SECONDS_MAX ? [] : ['event-loop']),
    notReady,
    metrics: () => metrics.text(gaugesOf(live(), loop.lagSeconds())),
    status: () => ({
      name,
      did: signer.did,
      realm: settings.realm,
      state: live()?.lifecycle ?? 'starting',
      notReady: notReady(),
      uptimeSeconds: Math.round(performance.now() / 1_000),
      dialoguesOpen: live()?.counters.dialoguesOpen ?? 0,
      sent: metrics.total('messaging_client_sent_messages_total'),
      received: metrics.total('messaging_client_consumed_messages_total'),
    }),
  };
}

function gaugesOf(agent: LiveAgent | null, lagSeconds: number): readonly Gauge[] {
  const { inbox, outbox, outboxOldestSeconds } = agent?.queues ?? { inbox: 0, outbox: 0, outboxOldestSeconds: 0 };
  const { user, system } = process.cpuUsage();
  const plain = (name: string, help: string, value: number): Gauge => ({ name, help, value });
  return [
    plain('haggle_ready', '1 where the agent is ready for work.', agent?.notReady.length === 0 ? 1 : 0),
    plain('haggle_dialogues_open', 'Dialogues that are open now.', agent?.counters.dialoguesOpen ?? 0),
    plain('haggle_timers_pending', 'Timers that are set.', agent?.counters.timersPending ?? 0),
    plain('haggle_inbox_messages', 'Messages that arrived and were not handled yet.', inbox),
    plain('haggle_outbox_messages', 'Messages said and not handed to the broker yet.', outbox),
    plain('haggle_outbox_oldest_age_seconds', 'Age of the oldest of them.', outboxOldestSeconds),
    plain('haggle_eventloop_lag_seconds', 'How late the event loop is.', lagSeconds),
    plain('process_resident_memory_bytes', 'Resident memory.', process.memoryUsage.rss()),
    plain('process_start_time_seconds', 'Start of the process since 1970.', performance.timeOrigin / 1_000),
    { ...plain('process_cpu_seconds_total', 'CPU time.', (user + system) / 1_000_000), type: 'counter' },
    {
      ...plain('haggle_build_info', 'What runs; always 1.', 1),
      labels: { version: VERSION, node: process.versions.node },
    },
  ];
}

/** What nobody caught is a defect, of the agent or ours: the process ends and whoever supervises it starts another. */
function crashOnStrays(log: JsonLog): void {
  const crash =
    (event: string) =>
    (error: unknown): void => {
      log.error({ event, error: describe(error), stack: error instanceof Error ? error.stack : undefined });
      process.stderr.write(`haggle: ${event}: ${describe(error)}\n`);
      process.exit(EXIT.internal);
    };
  process.on('uncaughtException', crash('uncaught-exception'));
  process.on('unhandledRejection', crash('unhandled-rejection'));
}

/** Under `haggle up` the process drains when its parent is gone: nobody would be left to end it. */
function endWithParent(): void {
  if (!SUPERVISED) return;
  process.stdin.on('end', () => process.kill(process.pid, 'SIGTERM')).resume();
}

function describe(error: unknown): string {
  if (error instanceof HaggleError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
