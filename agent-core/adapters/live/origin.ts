import type { Agent } from '../../agent/agent.ts';
import { collectBehaviour } from '../../agent/behaviour.ts';
import { LIMITS } from '../../limits.ts';
import type { Log } from '../../log.ts';
import type { Sealed } from '../../message/seal.ts';
import type { Origin } from './beginning.ts';
import { diskFiles } from './disk-files.ts';
import { forgetfulOrigin } from './forgetful-origin.ts';
import { openJournal } from './journal.ts';
import { digestOf } from './journal-record.ts';
import type { LiveOptions } from './live-agent.ts';
import type { Meter } from './meter.ts';
import type { Outgoing } from './outgoing.ts';
import type { Timing } from './timing.ts';

/** What {@link originOf} needs. */
export interface OriginParts extends Pick<
  LiveOptions,
  'compactBytes' | 'dataDir' | 'files' | 'signer' | 'realm' | 'name'
> {
  readonly timing: Timing;
  readonly log: Log;
  readonly meter: Meter;
  readonly outgoing: Outgoing;
  readonly seal: (payloads: readonly string[]) => readonly Sealed[];
  /** Called with what wants to hear which flushes have reached the broker. */
  readonly onConfirmed: (confirmed: (flush: number) => void) => void;
}

/** The lives of an agent: from its journal where it keeps one. @throws as `openJournal` */
export async function originOf<Params, State>(agent: Agent<Params, State>, parts: OriginParts): Promise<Origin> {
  const { dataDir, files, signer, realm, name, timing } = parts;
  const firstSeq = (bound: number): number => firstSeqAt(timing, bound);
  if (dataDir === null) return forgetfulOrigin({ ...parts, firstSeq });
  return await openJournal({
    ...parts,
    files: files ?? diskFiles(dataDir),
    owner: { agent: agent.name, name, did: signer.did, realm, digest: digestOfAgent(agent) },
    firstSeq,
    compactBytes: parts.compactBytes ?? LIMITS.journalCompactBytes,
    onRecorder: (recorder) => parts.onConfirmed((flush) => recorder.sent(flush)),
  });
}

/**
 * The number of a life's first message to each peer: the microseconds since 1970. A life uses one number a message, and none
 * says a million messages a second; so where the clock is right no number comes twice, even if nothing of earlier lives is known.
 */
function firstSeqAt(timing: Timing, bound: number): number {
  return Math.max(bound, timing.wall());
}

/** Of what an agent was made from, as far as it can be said: its parameters and the protocols that it plays. Not of its code. */
function digestOfAgent<Params, State>(agent: Agent<Params, State>): string {
  const protocols: string[] = [];
  collectBehaviour(agent, {
    play: ({ protocol, side }) => void protocols.push(`${protocol.id} ${side}`),
    handle: () => undefined,
    ended: () => undefined,
  });
  return digestOf([agent.params, protocols.toSorted()]);
}
