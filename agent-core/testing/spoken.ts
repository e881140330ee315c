import type { Micros } from '../clock.ts';
import type { JsonValue } from '../message/canonical.ts';
import type { Envelope } from '../message/envelope.ts';
import type { RecordedMessage } from '../message/open.ts';
import { HaggleError } from '../errors.ts';
import type { AnyProtocol, BodyOf, TypeOf } from '../protocol/conversation-types.ts';

/** A message as it went over the bus: who said it to whom, by name. What `transcript` reads. */
export interface SpokenRecord {
  readonly time: Micros;
  readonly from: string;
  readonly to: string;
  /** The canonical text of its envelope. */
  readonly payload: string;
  /** Left out where all records are messages. */
  readonly subject?: string;
}

/** What the agent under test said, as it is on the wire. */
export interface Said {
  readonly time: Micros;
  /** Name of the peer; the address of whoever is no peer of the bench. */
  readonly to: string;
  /** Name of the protocol. */
  readonly protocol: string;
  readonly dialogue: string;
  readonly type: string;
  readonly body: JsonValue;
}

/** What the agent under test said, of one type of a protocol, with the body that a program reads. */
export interface SaidAs<P extends AnyProtocol, T extends TypeOf<P>> {
  readonly time: Micros;
  readonly to: string;
  readonly dialogue: string;
  readonly type: T;
  readonly body: BodyOf<P, T>;
}

/** A message of the agent under test with the name of its receiver. */
export interface Utterance {
  readonly time: Micros;
  readonly to: string;
  readonly envelope: Envelope;
  /** As it left, evidence and all. */
  readonly recorded: RecordedMessage;
}

/** Reads utterances back: all as they are on the wire, or those of one type with their bodies decoded. */
export interface SaidReader {
  (): readonly Said[];
  <P extends AnyProtocol, T extends TypeOf<P>>(protocol: P, type: T): readonly SaidAs<P, T>[];
}

/** A reader of what `utterances` gives at the time of each call. */
export function saidReader(utterances: () => readonly Utterance[]): SaidReader {
  const read = (protocol?: AnyProtocol, type?: string): readonly (Said | SaidAs<AnyProtocol, string>)[] => {
    if (protocol === undefined || type === undefined) return utterances().map(wireForm);
    return utterances()
      .filter(({ envelope }) => envelope.protocol === protocol.id && envelope.type === type)
      .map(({ time, to, envelope }) => {
        return { time, to, dialogue: envelope.dialogue, type, body: decodedBody(protocol, envelope) };
      });
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the erased machinery meets the author's types here
  return read as SaidReader;
}

function wireForm({ time, to, envelope }: Utterance): Said {
  const { protocol, dialogue, type, body } = envelope;
  return { time, to, protocol: protocol.slice(0, protocol.indexOf('/')), dialogue, type, body };
}

/** The body that a program reads. @throws HaggleError `invalid-body`, which no agent of this library brings about. */
export function decodedBody(protocol: AnyProtocol, { type, body }: Envelope): unknown {
  const result = protocol.bodies.get(type)?.decode(body);
  if (result?.success === true) return result.data;
  throw new HaggleError('invalid-body', `reading "${type}" of ${protocol.name}: its body does not satisfy the schema`, {
    cause: result?.error,
  });
}
