import { randomBytes } from 'node:crypto';
import { connectNats, type NatsLink, type NatsOptions } from '../../agent-core/adapters/nats.ts';
import { brokerAddress, isLoopback } from '../../agent-core/adapters/nats-address.ts';
import { subjects } from '../../agent-core/bus/subjects.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import { nkeyOf } from '../../agent-core/identity/nkey.ts';
import { LIMITS } from '../../agent-core/limits.ts';
import { isForbidden } from '../live/is-forbidden.ts';
import { versionFindings } from './broker-version.ts';
import { reporter, type Finding } from './finding.ts';

const { ok, note, warning, error } = reporter('broker');

/** A message of the largest payload has headers too: signature, proof, trace. */
const HEADER_BYTES = 4_096;
const ROUND_TRIPS = 5;

/** What a client can see of a broker, and what it can do there that it should not. Nothing is left behind. */
export async function brokerFindings(options: NatsOptions): Promise<readonly Finding[]> {
  let link: NatsLink;
  try {
    link = await connectNats({ ...options, name: 'haggle doctor', drainWithin: '1 s' });
  } catch (cause) {
    if (!(cause instanceof HaggleError)) throw cause;
    return [error(cause.message, TODO.get(cause.code) ?? 'correct the address')];
  }
  try {
    return [
      await greeting(link),
      ...versionFindings(link.brokerVersion),
      ...settingFindings(link, options),
      ...(await reachFindings(link)),
    ];
  } finally {
    await link.bus.drain();
  }
}

const TODO: ReadonlyMap<string, string> = new Map([
  ['broker-unreachable', 'start one with `haggle broker start`, or say where it is with --nats'],
  ['broker-refused', 'log in with --key (and --jwt); `haggle nats-config` tells a broker whom to trust'],
]);

async function greeting(link: NatsLink): Promise<Finding> {
  const times: number[] = [];
  for (let trip = 0; trip < ROUND_TRIPS; trip++) {
    const start = performance.now();
    await link.bus.flush();
    times.push(performance.now() - start);
  }
  const best = Math.min(...times);
  const cluster = link.connection.info?.cluster;
  const where = cluster === undefined ? '' : `, in the cluster ${JSON.stringify(cluster)}`;
  return ok(`connected to ${link.connection.getServer()}${where}, round trip ${best.toFixed(2)} ms`);
}

function settingFindings(link: NatsLink, options: NatsOptions): readonly Finding[] {
  const { info } = link.connection;
  const addresses = (typeof options.servers === 'string' ? [options.servers] : options.servers).map(brokerAddress);
  const here = addresses.every(({ host }) => isLoopback(host));
  const findings: Finding[] = [];
  if (info?.auth_required !== true) {
    const what = 'nobody has to log in';
    const todo = '`haggle nats-config` writes a configuration in which each agent may be itself only';
    findings.push(here ? warning(`${what} (here only this machine reaches it)`, todo) : error(what, todo));
  }
  if (!here && info?.tls_required !== true) {
    findings.push(
      error('what is said to it can be read on the way', 'give the broker a tls block and say tls:// to it'),
    );
  }
  const takes = info?.max_payload ?? 0;
  if (takes < LIMITS.payloadBytes + HEADER_BYTES) {
    const todo = `set max_payload: ${(2 * LIMITS.payloadBytes) / 1_024}KB`;
    findings.push(warning(`it takes messages of ${takes} bytes, Haggle may send ${LIMITS.payloadBytes}`, todo));
  }
  findings.push(
    link.jetstream
      ? ok('JetStream is there')
      : note('no JetStream: no mailbox for agents that are away', 'switch it on if agents are to get mail'),
  );
  return findings;
}

/** Tries what no agent needs. The subjects belong to keys that nobody has, so that nothing reaches anyone. */
async function reachFindings(link: NatsLink): Promise<readonly Finding[]> {
  const [me, other] = [nkeyOf(randomBytes(32)), nkeyOf(randomBytes(32))];
  const realm = 'haggle-doctor';
  const findings: Finding[] = [];
  if (!(await isForbidden(link, () => link.bus.subscribe('>', () => undefined).unsubscribe()))) {
    findings.push(error('we may listen to everything (>)', 'let users subscribe to their own inbox only'));
  }
  if (
    !(await isForbidden(link, () => link.bus.subscribe(subjects.inboxOf(realm, other), () => undefined).unsubscribe()))
  ) {
    findings.push(error("we may listen to another's inbox", 'let users subscribe to their own inbox only'));
  }
  if (!(await isForbidden(link, () => link.bus.publish(subjects.inbox(realm, other, me), '')))) {
    findings.push(error("we may publish in another's name", 'let users publish under their own key only'));
  }
  if (findings.length === 0) return [ok('it refuses a forged sender, a foreign inbox and ">"')];
  // Where nobody logs in nobody can be told apart: said once above, and no surprise here.
  if (link.connection.info?.auth_required !== true) {
    return [note('so everybody may read and say everything; signatures still prove who said what')];
  }
  return findings;
}
