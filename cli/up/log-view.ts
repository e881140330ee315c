import { styleText } from 'node:util';

/** Text in colour, or as it is where nobody sees colours. */
export type Paint = (format: Format, text: string) => string;
type Format = 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan' | 'dim' | 'bold';

/** Colours where the stream is a terminal that shows them and NO_COLOR is not set. */
export function painter(stream: NodeJS.WriteStream): Paint {
  const colours = stream.isTTY && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';
  return (format, text) => (colours ? styleText(format, text) : text);
}

const NAMES = ['cyan', 'magenta', 'blue', 'green', 'yellow'] as const;

/** How lines of several agents are shown beside each other. */
export interface LogView {
  /** A line of an agent's log as people read it: time, agent, what happened, its fields. */
  line(name: string, text: string): string;
  /** A line that is no log of an agent's: what we say ourselves, or what a program wrote that is no JSON. */
  plain(name: string, text: string): string;
}

/** A view for these agents; names are as wide as the longest. */
export function logView(names: readonly string[], paint: Paint): LogView {
  const width = Math.max(0, ...names.map((name) => name.length));
  const label = (name: string): string => {
    const colour = NAMES[Math.max(names.indexOf(name), 0) % NAMES.length] ?? 'cyan';
    return paint(colour, name.padEnd(width));
  };
  const plain = (name: string, text: string): string =>
    `${paint('dim', ' '.repeat(TIME_CHARS))} ${label(name)} ${printable(text)}`;
  return {
    plain,
    line(name, text) {
      const entry = entryOf(text);
      if (entry === null) return plain(name, text);
      const { ts, level, msg, event, trace_id: trace, ...others } = entry;
      const fields = Object.entries(others).filter(([key]) => !UNSHOWN.has(key));
      const what = shown(event ?? msg ?? '');
      const said = event === undefined || msg === undefined ? {} : { msg };
      const rest = [...Object.entries(said), ...fields].map(([key, value]) => paint('dim', `${key}=`) + shown(value));
      const time = paint('dim', clockTime(ts).padEnd(TIME_CHARS));
      const words = level === 'error' ? paint('red', what) : level === 'warn' ? paint('yellow', what) : what;
      const follow = typeof trace === 'string' ? [paint('dim', `trace ${trace.slice(0, 8)}`)] : [];
      return [time, label(name), words, ...rest, ...follow].filter((part) => part !== '').join(' ');
    },
  };
}

/** What stands in every line of one agent, or says what the trace says better. */
const UNSHOWN: ReadonlySet<string> = new Set(['agent', 'dialogue']);

const TIME_CHARS = 12;
const VALUE_CHARS = 120;

/** The time of day of a line, local, to the millisecond. */
function clockTime(ts: unknown): string {
  const date = new Date(typeof ts === 'string' ? ts : Number.NaN);
  if (Number.isNaN(date.getTime())) return '';
  const two = (value: number): string => String(value).padStart(2, '0');
  const millis = String(date.getMilliseconds()).padStart(3, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${millis}`;
}

function entryOf(text: string): Readonly<Record<string, unknown>> | null {
  if (!text.startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    // A program may write anything to its output.
    return null;
  }
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? shortDid(value) : (JSON.stringify(value) ?? '');
  const short = text.length > VALUE_CHARS ? `${text.slice(0, VALUE_CHARS)}…` : text;
  return printable(short);
}

/** What would move the cursor, or pretend to be another line, is shown as what it is. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}

const DID = 'did:key:';

/** An address as people tell it from others: its first and last characters. */
export function shortDid(text: string): string {
  return text.startsWith(DID) && text.length > 40 ? `${text.slice(0, DID.length + 8)}…${text.slice(-4)}` : text;
}
