import { randomBytes } from 'node:crypto';
import {
  AckPolicy,
  DeliverPolicy,
  headers as makeHeaders,
  nanos,
  NatsError,
  type JetStreamClient,
  type JsMsg,
  type NatsConnection,
} from 'nats';
import type { BusMessage } from '../../bus/bus.ts';
import { streamsOf } from '../../bus/permissions.ts';
import { subjects } from '../../bus/subjects.ts';
import { micros, type Duration } from '../../clock.ts';
import type { BoxKey } from '../../identity/box-key.ts';
import { publicKeyOf, type Did } from '../../identity/did-key.ts';
import { decodeBase64Url, encodeBase64Url } from '../../identity/encoding.ts';
import { nkeyOf } from '../../identity/nkey.ts';
import type { SignatureBackend, Signer } from '../../identity/signer.ts';
import { HaggleError } from '../../errors.ts';
import { silentLog, type Log } from '../../log.ts';
import { MAIL_HEADER, type Letter, type LetterRefusal } from '../../message/mail.ts';
import { openLetter, sealLetter, type SealedLetterRefusal } from '../../message/sealed-letter.ts';
import { busMessage } from '../nats-connection.ts';
import type { NatsLink } from '../nats.ts';
import { nodeBackend } from '../node-crypto.ts';
import { ANSWER_MILLIS, makeMailStream } from '../realm-streams.ts';

/** Options of {@link liveMail}. */
export interface LiveMailOptions {
  readonly link: Pick<NatsLink, 'connection'>;
  readonly signer: Signer;
  readonly realm: string;
  /** Opens what was sealed for the agent; without it sealed mail is left alone and counted. */
  readonly box?: BoxKey;
  /** The X25519 key of an agent, from its record: `liveDirectory(…).boxOf`. Without it nothing can be sealed. */
  readonly boxOf?: (agent: Did) => Promise<string | null>;
  readonly log?: Log;
  readonly backend?: SignatureBackend;
  /** What was not taken so long after it was handed in comes again; a minute if left out. */
  readonly takeWithin?: Duration;
  /** Copies of the stream where it is made here; 1 if left out. One that is there stays as it is. */
  readonly replicas?: number;
}

/** Why mail was left alone, or not fetched. */
export type MailFaultCode =
  | SealedLetterRefusal
  /** Neither text nor header of a letter. */
  | 'malformed-mail'
  /** It is sealed, and we have no key to open it. */
  | 'no-box-key'
  /** There is no mailbox, or we may not read it. */
  | 'mailbox-unavailable'
  /** The broker did not say whether it has kept a letter. */
  | 'letter-unconfirmed';

/** Mailboxes over a broker, as one agent has them. */
export interface LiveMail {
  /**
   * Puts a letter in the mailbox of its receiver. Null once the broker says that it is kept, which is no promise, or does not say;
   * else why it is not.
   */
  post(letter: Letter): Promise<LetterRefusal | null>;
  /**
   * Hands in the mail that waits, and what comes from now on. Whoever takes it says so by `taken` once it cannot be lost any more; what
   * was not taken in time, or before the process ended, comes again. Returns what ends it.
   */
  collect(take: (message: BusMessage, taken: () => void) => void): () => Promise<void>;
  /** What went wrong so far, by code. */
  readonly faults: ReadonlyMap<MailFaultCode, number>;
}

const POST_ATTEMPTS = 3;
/** A mailbox that cannot be had is tried again so often. */
const RETRY_MILLIS = 5_000;
/** Mail on its way into the agent, not yet taken. */
const UNTAKEN_LETTERS = 64;

/**
 * Mailboxes in one stream of JetStream, kept 7 days, of each sender the newest 64 letters in each mailbox. One consumer an agent, under
 * its NKEY, knows what it has taken.
 */
export function liveMail(options: LiveMailOptions): LiveMail {
  return new StreamMail(options);
}

class StreamMail implements LiveMail {
  readonly faults = new Map<MailFaultCode, number>();
  readonly #options: LiveMailOptions;
  readonly #connection: NatsConnection;
  readonly #backend: SignatureBackend;
  readonly #log: Log;
  readonly #stream: string;

  constructor(options: LiveMailOptions) {
    this.#options = options;
    this.#connection = options.link.connection;
    this.#backend = options.backend ?? nodeBackend;
    this.#log = options.log ?? silentLog;
    this.#stream = streamsOf(options.realm).mailStream;
  }

  async post(letter: Letter): Promise<LetterRefusal | null> {
    const { realm, signer } = this.#options;
    const subject = subjects.mail(realm, nkeyOf(publicKeyOf(letter.to)), signer.nkey);
    const sealed = letter.way === 'sealed' ? await this.#seal(letter, subject) : letter;
    if (typeof sealed === 'string') return sealed;
    const headers = makeHeaders();
    for (const [name, value] of Object.entries({ ...sealed.headers, [MAIL_HEADER]: letter.way }))
      headers.set(name, value);
    // The same letter said twice is kept once; its name tells nothing that its text does not.
    const msgID = encodeBase64Url(this.#backend.sha256(sealed.payload));
    const js = this.#connection.jetstream({ timeout: ANSWER_MILLIS });
    for (let attempt = 1; attempt <= POST_ATTEMPTS; attempt++) {
      try {
        await js.publish(subject, sealed.payload, { headers, msgID });
        return null;
      } catch (error) {
        // Nobody answered at all, or nobody who keeps mail: somebody else may listen there.
        const made = attempt === 1 ? await this.#makeStream() : 'refused';
        if (made === 'no-jetstream' || (made === 'refused' && isCode(error, '503'))) return 'no-mailbox';
        if (attempt === POST_ATTEMPTS) this.#fault('letter-unconfirmed', error);
      }
    }
    return null;
  }

  collect(take: (message: BusMessage, taken: () => void) => void): () => Promise<void> {
    const state = { ended: false };
    let end: () => Promise<unknown> = async () => await Promise.resolve();
    const round = async (): Promise<void> => {
      while (!state.ended) {
        try {
          const { messages, closed } = await this.#consume(take);
          end = async () => await messages.close();
          if (state.ended) await messages.close();
          await closed;
        } catch (error) {
          if (!state.ended) this.#fault('mailbox-unavailable', error);
        }
        if (!state.ended) await wait(RETRY_MILLIS);
      }
    };
    void round();
    return async () => {
      state.ended = true;
      await end();
    };
  }

  async #consume(take: (message: BusMessage, taken: () => void) => void): Promise<{
    readonly messages: { close(): Promise<unknown> };
    readonly closed: Promise<unknown>;
  }> {
    const js = this.#connection.jetstream({ timeout: ANSWER_MILLIS });
    await this.#openMailbox(js);
    const consumer = await js.consumers.get(this.#stream, this.#options.signer.nkey);
    const messages = await consumer.consume({
      max_messages: UNTAKEN_LETTERS,
      abort_on_missing_resource: true,
      callback: (message) => this.#hear(message, take),
    });
    return { messages, closed: messages.closed() };
  }

  /** The consumer first: who may read mail need not be let to see or make the stream. */
  async #openMailbox(js: JetStreamClient): Promise<void> {
    const { realm, signer } = this.#options;
    const jsm = await js.jetstreamManager(false);
    const add = async (): Promise<unknown> =>
      await jsm.consumers.add(this.#stream, {
        durable_name: signer.nkey,
        name: signer.nkey,
        filter_subject: subjects.mailOf(realm, signer.nkey),
        ack_policy: AckPolicy.Explicit,
        deliver_policy: DeliverPolicy.All,
        ack_wait: nanos(micros(this.#options.takeWithin ?? '1 min') / 1_000),
        max_ack_pending: UNTAKEN_LETTERS,
      });
    try {
      await add();
    } catch (error) {
      if (!(error instanceof NatsError) || error.api_error?.code !== 404) throw error;
      if ((await this.#makeStream()) !== 'made') throw error;
      await add();
    }
  }

  /** `made` too where it was there already; `refused` where we may not. */
  async #makeStream(): Promise<'made' | 'refused' | 'no-jetstream'> {
    const { realm, replicas = 1 } = this.#options;
    try {
      await makeMailStream(this.#connection, { realm, replicas });
      return 'made';
    } catch (error) {
      this.#fault('mailbox-unavailable', error);
      return isCode(error, '503') ? 'no-jetstream' : 'refused';
    }
  }

  async #seal(letter: Letter, subject: string): Promise<Pick<Letter, 'payload' | 'headers'> | LetterRefusal> {
    const key = (await this.#options.boxOf?.(letter.to)) ?? null;
    const to = key === null ? null : decodeBase64Url(key);
    if (to === null) return 'no-box-key';
    try {
      const entropy = randomBytes(32);
      return { payload: sealLetter(letter, { to, subject, entropy, sha256: this.#backend.sha256 }), headers: {} };
    } catch (error) {
      if (error instanceof HaggleError && error.code === 'letter-too-large') return error.code;
      throw error;
    }
  }

  #hear(raw: JsMsg, take: (message: BusMessage, taken: () => void) => void): void {
    const message = this.#read(raw);
    if (typeof message !== 'string') return take(message, () => raw.ack());
    this.#fault(message);
    // It will read no better a second time.
    raw.term();
  }

  #read(raw: JsMsg): BusMessage | MailFaultCode {
    const read = busMessage({ ...fieldsOf(raw), reply: undefined });
    if (read === null) return 'malformed-mail';
    const way = read.headers[MAIL_HEADER];
    if (way === 'plain') return read;
    if (way !== 'sealed') return 'malformed-mail';
    const { box } = this.#options;
    if (box === undefined) return 'no-box-key';
    const opened = openLetter(read.payload, { box, subject: read.subject, sha256: this.#backend.sha256 });
    if (typeof opened === 'string') return opened;
    return { ...read, payload: opened.payload, headers: { ...opened.headers, [MAIL_HEADER]: way } };
  }

  #fault(code: MailFaultCode, error?: unknown): void {
    const count = (this.faults.get(code) ?? 0) + 1;
    this.faults.set(code, count);
    // A sender can cause some of these as often as it likes: the 1st, 2nd, 4th, 8th … is enough for the log.
    if ((count & (count - 1)) !== 0) return;
    this.#log.warn({ event: 'mail-fault', code, count, reason: error instanceof Error ? error.message : '' });
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof NatsError && error.code === code;
}

function fieldsOf({ subject, data, headers }: JsMsg): Pick<JsMsg, 'subject' | 'data' | 'headers'> {
  return { subject, data, headers };
}

/** Waits without keeping the process alive. */
async function wait(millis: number): Promise<void> {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, millis).unref();
  });
}
