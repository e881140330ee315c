import type { Micros } from '../clock.ts';
import { HaggleError } from '../errors.ts';
import { DECISION_SUBJECT } from '../agent/decision.ts';
import { checkEnvelope, type Envelope } from '../message/envelope.ts';
import { isRefusal } from '../message/refusals.ts';
import type { AnyProtocol } from '../protocol/conversation-types.ts';
import { mermaidLabel } from '../protocol/diagram.ts';
import { bodyText, type AgentNames } from './body-text.ts';
import type { SpokenRecord } from './spoken.ts';

/** Options of {@link transcript} and {@link sequenceDiagram}. */
export interface TranscriptOptions {
  /**
   * The protocols that are spoken. Of those that are listed the performative is shown, and money as a decimal of whole
   * tokens; of others the body as it is on the wire.
   */
  readonly protocols?: readonly AnyProtocol[];
}

/** One message as both forms tell it. */
interface Line {
  readonly time: Micros;
  readonly from: string;
  readonly to: string;
  /** `d1`, `d2` … in the order in which dialogues began. */
  readonly dialogue: string;
  readonly protocol: string;
  readonly type: string;
  /** The performative, where it is known and not what the type is called anyway. */
  readonly act: string;
  readonly body: string;
}

/**
 * A conversation as text, one line a message: time, who to whom, dialogue, what was said. Ids, keys, sequence numbers and
 * signatures are left out, so that the text changes only where the conversation does: made for golden files. The address of
 * an agent that says or hears something in it stands in bodies as `@name`. Decisions, which nobody hears, are left out. Reads the `trace` of a world or the `messages` of a
 * bench.
 *
 * @throws HaggleError `bad-record` for a payload that is no envelope.
 */
export function transcript(records: Iterable<SpokenRecord>, options: TranscriptOptions = {}): string {
  const lines = linesOf(records, options);
  const exact = lines.some(({ time }) => time % 1_000 !== 0);
  const rows = lines.map((line) => [
    `${(line.time / 1_000_000).toFixed(exact ? 6 : 3)} s`,
    `${line.from} → ${line.to}`,
    line.dialogue,
    `${line.protocol}/${line.type}${line.act === '' ? '' : ` (${line.act})`}`,
    line.body,
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `${aligned(row, widths)}\n`).join('');
}

function aligned([time = '', ...rest]: readonly string[], [timeWidth = 0, ...widths]: readonly number[]): string {
  return [time.padStart(timeWidth), ...rest.map((text, column) => text.padEnd(widths[column] ?? 0))]
    .join('  ')
    .trimEnd();
}

/** Characters of a body that a diagram shows. */
const DIAGRAM_BODY_CHARS = 60;

/**
 * A conversation as a Mermaid sequence diagram, with long bodies cut.
 *
 * @throws HaggleError `bad-record` for a payload that is no envelope.
 */
export function sequenceDiagram(records: Iterable<SpokenRecord>, options: TranscriptOptions = {}): string {
  const lines = linesOf(records, options);
  const names = [...new Set(lines.flatMap(({ from, to }) => [from, to]))];
  const ids = new Map(names.map((name, index) => [name, `p${index + 1}`]));
  return [
    'sequenceDiagram',
    ...names.map((name) => `  participant ${ids.get(name) ?? ''} as ${mermaidLabel(name)}`),
    ...lines.map(({ from, to, dialogue, type, body }) => {
      const short = body.length > DIAGRAM_BODY_CHARS ? `${body.slice(0, DIAGRAM_BODY_CHARS)}…` : body;
      return `  ${ids.get(from) ?? ''}->>${ids.get(to) ?? ''}: ${mermaidLabel(`${dialogue} ${type} ${short}`)}`;
    }),
    '',
  ].join('\n');
}

function linesOf(records: Iterable<SpokenRecord>, { protocols = [] }: TranscriptOptions): readonly Line[] {
  const known = new Map(protocols.map((protocol) => [protocol.id, protocol]));
  const dialogues = new Map<string, string>();
  const said = [...records].filter(({ subject }) => subject !== DECISION_SUBJECT);
  const spoken = said.map((record, index) => ({ ...record, envelope: parsed(record.payload, index) }));
  const names = namesIn(spoken);
  return spoken.map(({ time, from, to, envelope }) => {
    const protocol = known.get(envelope.protocol);
    // Ids are the opener's to choose, so that only the pair makes them unique.
    const key = [...[envelope.from, envelope.to].toSorted(), envelope.dialogue].join(' ');
    const dialogue = dialogues.get(key) ?? `d${dialogues.size + 1}`;
    dialogues.set(key, dialogue);
    const act = protocol?.messages[envelope.type]?.as ?? '';
    return {
      time,
      from,
      to,
      dialogue,
      protocol: envelope.protocol.slice(0, envelope.protocol.indexOf('/')),
      type: envelope.type,
      act: act === envelope.type ? '' : act,
      body: bodyText(decoded(protocol, envelope), names),
    };
  });
}

/** The names of all who speak or are spoken to; whoever has none goes by its address. */
function namesIn(spoken: readonly (SpokenRecord & { readonly envelope: Envelope })[]): AgentNames {
  const pairs = spoken.flatMap(({ from, to, envelope }): [string, string][] => [
    [envelope.from, from],
    [envelope.to, to],
  ]);
  return new Map(pairs.filter(([address, name]) => address !== name));
}

function parsed(payload: string, index: number): Envelope {
  const envelope = checkEnvelope(json(payload));
  if (!isRefusal(envelope)) return envelope;
  throw new HaggleError('bad-record', `message ${index + 1} of the conversation is no envelope: ${envelope.detail}`);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON is no envelope: the caller says so.
    return null;
  }
}

/** The body that a program reads; as it is on the wire where the protocol is not known or refuses it. */
function decoded(protocol: AnyProtocol | undefined, { type, body }: Envelope): unknown {
  const result = protocol?.bodies.get(type)?.decode(body);
  return result?.success === true ? result.data : body;
}
