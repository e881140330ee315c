import type { Micros } from '../clock.ts';
import { HaggleError } from '../errors.ts';
import { publicKeyOf, type Did } from '../identity/did-key.ts';
import { nkeyOf } from '../identity/nkey.ts';
import { LIMITS } from '../limits.ts';
import type { AnyProtocol } from '../protocol/conversation-types.ts';
import type { PendingLetter } from '../message/mail.ts';
import type { RecordedMessage } from '../message/open.ts';
import type { DialogueEnd, DialogueOutcome } from './dialogue.ts';

/** A checked message as the untyped machinery below the authors' types passes it on. */
export interface Inbound {
  readonly type: string;
  readonly body: unknown;
  readonly from: Did;
  readonly sent: Micros;
  /** As it came, signature and all. */
  readonly recorded: RecordedMessage;
}

/** A role that an agent takes, with its handlers by message type index. */
export interface PlayedRole {
  readonly protocol: AnyProtocol;
  /** 0 for the protocol's first role, 1 for the second. */
  readonly side: 0 | 1;
  readonly handlers: readonly (((message: Inbound, record: DialogueRecord) => void) | undefined)[];
  readonly ended: ((end: DialogueEnd) => void) | undefined;
}

/** Everything remembered about one other agent. */
export interface Peer {
  readonly did: Did;
  readonly nkey: string;
  /** Subject of its inbox for messages of ours. */
  readonly subject: string;
  /** Sequence number of the next message to it. */
  seq: number;
  readonly dialogues: Map<string, DialogueRecord>;
}

/** One side of a dialogue, as the runtime keeps it. */
export interface DialogueRecord {
  readonly id: string;
  /** Peer and id: ids alone are the peers' choice, and two may choose the same. */
  readonly key: string;
  readonly peer: Peer;
  readonly played: PlayedRole;
  readonly deadline: Micros;
  state: number;
  /** False until its opening message was said or heard. */
  begun: boolean;
  /** Handle of the wake-up at the deadline. */
  wake: number;
  /** What its newest message carries to correlate logs, where tracing is on. */
  trace: string | undefined;
  /** Id of the newest message received: what our next one answers. */
  answering: string | null;
  /** Its opening, where that may wait in a mailbox and was neither answered nor mailed; null for all others. */
  letter: PendingLetter | null;
  /** The `ask` that waits for the next message or the end. */
  waiting: ((message: Inbound | DialogueEnd) => void) | null;
  outcome: DialogueOutcome | null;
}

/** The open dialogues of one agent and the peers it knows. Both are bounded. */
export interface DialogueBook {
  /** Dialogues that are open now. */
  readonly open: number;
  peer(did: Did): Peer;
  find(from: Did, dialogue: string): DialogueRecord | undefined;
  /** @throws HaggleError `too-many-dialogues` */
  add(record: DialogueRecord): void;
  remove(record: DialogueRecord): void;
  /** Every open dialogue, peers in the order they were met. */
  all(): DialogueRecord[];
}

/** Options of {@link createDialogueBook}. */
export interface BookOptions {
  /** Number of the first message to each peer; 1 if left out. */
  readonly firstSeq?: number | undefined;
  /** Peers known at most; `LIMITS.knownPeers` if left out. */
  readonly knownPeers?: number;
}

/**
 * Starts an empty book. `subjectOf` names the inbox of a peer, by its NKEY. A peer without an open dialogue may be forgotten; should it come back, its numbers go on above all that was ever forgotten.
 */
export function createDialogueBook(
  subjectOf: (nkey: string) => string,
  { firstSeq = 1, knownPeers = LIMITS.knownPeers }: BookOptions = {},
): DialogueBook {
  const peers = new Map<Did, Peer>();
  let nextSeq = firstSeq;
  let open = 0;
  const forgetIdle = (): void => {
    for (const [did, { seq, dialogues }] of peers) {
      if (dialogues.size > 0) continue;
      peers.delete(did);
      nextSeq = Math.max(nextSeq, seq);
    }
  };
  return {
    get open() {
      return open;
    },
    peer(did) {
      let peer = peers.get(did);
      if (peer === undefined) {
        if (peers.size >= knownPeers) forgetIdle();
        const nkey = nkeyOf(publicKeyOf(did));
        peer = { did, nkey, subject: subjectOf(nkey), seq: nextSeq, dialogues: new Map() };
        peers.set(did, peer);
      }
      return peer;
    },
    find: (from, dialogue) => peers.get(from)?.dialogues.get(dialogue),
    add(record) {
      if (open >= LIMITS.openDialogues) {
        throw new HaggleError(
          'too-many-dialogues',
          `opening a dialogue: ${open} are open, the limit is ${LIMITS.openDialogues}`,
        );
      }
      record.peer.dialogues.set(record.id, record);
      open += 1;
    },
    remove(record) {
      if (record.peer.dialogues.delete(record.id)) open -= 1;
    },
    all: () => [...peers.values()].flatMap((peer) => [...peer.dialogues.values()]),
  };
}
