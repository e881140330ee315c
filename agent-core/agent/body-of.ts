import { HaggleError } from '../errors.ts';
import type { JsonValue } from '../message/canonical.ts';
import type { BodyResult } from '../protocol/body-codec.ts';
import type { AnyProtocol } from '../protocol/conversation-types.ts';

function encoded(protocol: AnyProtocol, type: string, body: unknown): BodyResult | undefined {
  try {
    return protocol.bodies.get(type)?.encode(body);
  } catch (cause) {
    // Zod throws where a schema has no way back from the value to the wire, as a transform has none.
    throw new HaggleError('invalid-body', `saying "${type}" of ${protocol.name}: its schema cannot be encoded`, {
      cause,
    });
  }
}

/** The wire form of the body of a message. @throws HaggleError `invalid-body` */
export function encodeBody(protocol: AnyProtocol, type: string, body: unknown): JsonValue {
  const result = encoded(protocol, type, body);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- defineProtocol refuses a body without a JSON form
  if (result?.success === true) return result.data as JsonValue;
  const issue = result?.error.issues[0];
  throw new HaggleError(
    'invalid-body',
    `saying "${type}" of ${protocol.name}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`,
    { cause: result?.error },
  );
}
