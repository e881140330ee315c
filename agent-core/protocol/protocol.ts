import { z } from 'zod';
import { HaggleError } from '../errors.ts';
import { bodyCodec, type BodyCodec } from './body-codec.ts';
import type { Performative } from './performative.ts';
import { compileDialogue, type DialogueTable } from './dialogue-table.ts';
import { digestOf } from './digest.ts';

/** Stands in `from` for a message that both roles may say. */
export type Either = 'either';

/** One message type of a protocol: who may say it, its performative, and the schema of its body. */
export interface MessageSpec<Role extends string = string> {
  readonly from: Role | Either;
  readonly as: Performative;
  readonly body: z.ZodType;
}

/** One state of a dialogue: message type → next state. A state of type `final` ends the dialogue. */
export interface DialogueState {
  readonly on?: Readonly<Record<string, string>>;
  readonly type?: 'final';
}

/** The messages of a protocol by type name. */
export type MessageSpecs<Role extends string = string> = Readonly<Record<string, MessageSpec<Role>>>;
/** The states of a dialogue by name; together with the initial state this is a flat XState v5 machine config. */
export type DialogueStates = Readonly<Record<string, DialogueState>>;

/** A protocol as a value: the one source of its types, its run-time checks, its digest and its diagram. */
export interface Protocol<
  Role extends string = string,
  Messages extends MessageSpecs = MessageSpecs,
  States extends DialogueStates = DialogueStates,
  Initial extends string = string,
> {
  readonly name: string;
  readonly version: string;
  readonly roles: readonly [Role, Role];
  readonly messages: Messages;
  readonly dialogue: { readonly initial: Initial; readonly states: States };
  /** SHA-256, base64url, of name, version, roles, message schemas and dialogue: what both sides must agree on. */
  readonly digest: string;
  /** `name/version/digest`, as envelopes carry it. */
  readonly id: string;
  /** The dialogue compiled to a table, for the run-time check of every message. */
  readonly table: DialogueTable;
  /** How the body of each message type goes to and from the wire, by type name. */
  readonly bodies: ReadonlyMap<string, BodyCodec>;
}

/** What {@link defineProtocol} takes. */
export interface ProtocolSpec<
  Role extends string,
  Messages extends MessageSpecs<Role>,
  States extends DialogueStates,
  Initial extends string,
> {
  readonly name: string;
  readonly version: string;
  readonly roles: readonly [Role, Role];
  readonly messages: Messages;
  readonly dialogue: {
    readonly initial: Initial & NoInfer<keyof States & string>;
    readonly states: States & CheckedStates<NoInfer<keyof Messages & string>, NoInfer<keyof States & string>>;
  };
}

type CheckedStates<Type extends string, State extends string> = Readonly<
  Record<string, { readonly on?: Readonly<{ [T in Type]?: State }>; readonly type?: 'final' }>
>;

/** Message types that the runtime speaks in every protocol; authors cannot define them. */
export const RESERVED_TYPES = ['not-understood', 'failure', 'receipt'] as const;

const NAME = /^[a-z][a-z0-9-]{0,63}$/;
const VERSION = /^\d{1,5}\.\d{1,5}\.\d{1,5}$/;

/**
 * Defines a two-party protocol.
 *
 * From the one value follow the TypeScript types (a wrong body, an illegal reply or a missing handler does not compile),
 * the same checks at run time (`not-understood` with a code), the digest, and the XState config of its diagram.
 * Bodies are Zod schemas whose wire side is JSON: use codecs for anything else (see `amount`).
 *
 * @throws HaggleError `bad-protocol` naming the part at fault.
 */
export function defineProtocol<
  const Role extends string,
  const Messages extends MessageSpecs<Role>,
  const States extends DialogueStates,
  const Initial extends string,
>(spec: ProtocolSpec<Role, Messages, States, Initial>): Protocol<Role, Messages, States, Initial> {
  checkNames(spec);
  const table = compileDialogue({
    protocol: spec.name,
    roles: spec.roles,
    messages: spec.messages,
    initial: spec.dialogue.initial,
    states: spec.dialogue.states,
  });
  const digest = digestOf({
    name: spec.name,
    version: spec.version,
    roles: spec.roles,
    messages: messageSchemas(spec.name, spec.messages),
    dialogue: { initial: spec.dialogue.initial, states: spec.dialogue.states },
  });
  return Object.freeze({
    name: spec.name,
    version: spec.version,
    roles: spec.roles,
    messages: spec.messages,
    dialogue: spec.dialogue,
    digest,
    id: `${spec.name}/${spec.version}/${digest}`,
    table,
    bodies: new Map(Object.entries<MessageSpec>(spec.messages).map(([type, { body }]) => [type, bodyCodec(body)])),
  });
}

function checkNames(spec: { name: string; version: string; messages: MessageSpecs; roles: readonly string[] }): void {
  const bad = (what: string): never => {
    throw new HaggleError('bad-protocol', `protocol ${JSON.stringify(spec.name)}: ${what}`);
  };
  if (!NAME.test(spec.name)) bad('name must be lower-case words joined by "-", at most 64 characters');
  if (!VERSION.test(spec.version)) bad(`version must read like 1.0.0, got "${spec.version}"`);
  if (spec.roles[0] === spec.roles[1]) bad(`its two roles must differ, both are "${spec.roles[0]}"`);
  if (spec.roles.includes('either')) bad('no role may be called "either"');
  for (const [type, message] of Object.entries(spec.messages)) {
    if (!NAME.test(type)) bad(`message type "${type}" must be lower-case words joined by "-"`);
    if ((RESERVED_TYPES as readonly string[]).includes(type))
      bad(`message type "${type}" is spoken by the runtime itself`);
    if (message.from !== 'either' && !spec.roles.includes(message.from))
      bad(`message "${type}" is from "${message.from}", which is not one of its roles`);
  }
}

function messageSchemas(protocol: string, messages: MessageSpecs): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [type, message] of Object.entries(messages)) {
    try {
      out[type] = { from: message.from, as: message.as, body: z.toJSONSchema(message.body, { io: 'input' }) };
    } catch (cause) {
      throw new HaggleError(
        'bad-protocol',
        `protocol "${protocol}": the body of "${type}" has no JSON form on the wire; use a codec such as amount()`,
        { cause },
      );
    }
  }
  return out;
}
