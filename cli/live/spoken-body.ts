import { HaggleError } from '../../agent-core/errors.ts';
import type { AnyProtocol } from '../../agent-core/protocol/conversation-types.ts';
import { spanOf } from '../flag-values.ts';
import { pathText, type ConfigPath } from '../yaml-file.ts';

/** A body as a person writes it: JSON as on the wire, where a time may read `+10s`: so long from `now`. */
export interface WrittenBody {
  readonly type: string;
  readonly text: string;
  /** Microseconds since 1970. */
  readonly now: number;
}

/**
 * The body of a message from what a person wrote.
 *
 * @throws HaggleError `bad-body` naming what is wrong and where
 */
export function spokenBody(protocol: AnyProtocol, { type, text, now }: WrittenBody): unknown {
  const codec = protocol.bodies.get(type);
  if (codec === undefined) {
    const known = Object.keys(protocol.messages).join(', ');
    throw new HaggleError('bad-body', `${protocol.name} has no message "${type}"; there is: ${known}`);
  }
  const wire = parsed(text === '' ? '{}' : text, type);
  const first = codec.decode(wire);
  if (first.success) return first.data;
  const second = codec.decode(withTimes(wire, first.error.issues, now));
  if (second.success) return second.data;
  const [issue] = second.error.issues;
  const path = issue?.path ?? [];
  const where = path.length === 0 ? '' : ` at ${pathText(path)}`;
  throw new HaggleError('bad-body', `the body of "${type}" does not fit${where}: ${issue?.message ?? 'invalid'}`);
}

/** A body as it is shown. */
export function bodyText(body: unknown): string {
  return JSON.stringify(body, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)) ?? '';
}

function parsed(text: string, type: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HaggleError(
      'bad-body',
      `the body of "${type}" is no JSON: ${cause instanceof Error ? cause.message : ''}`,
    );
  }
}

function withTimes(wire: unknown, issues: readonly { readonly path: ConfigPath }[], now: number): unknown {
  let changed: unknown = wire;
  for (const { path } of issues) changed = changedAt(changed, path, (value) => timeOf(value, now));
  return changed;
}

function changedAt(value: unknown, [step, ...rest]: ConfigPath, change: (value: unknown) => unknown): unknown {
  if (step === undefined) return change(value);
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => (index === step ? changedAt(item, rest, change) : item));
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [
    key,
    key === step ? changedAt(inner, rest, change) : inner,
  ]);
  return Object.fromEntries(entries);
}

function timeOf(value: unknown, now: number): unknown {
  if (typeof value !== 'string' || !value.startsWith('+')) return value;
  return now + spanOf(value.slice(1), 'a time');
}
