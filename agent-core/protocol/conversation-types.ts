import type { z } from 'zod';
import type { BodyCodec } from './body-codec.ts';
import type { DialogueTable } from './dialogue-table.ts';
import type { DialogueStates, MessageSpecs } from './protocol.ts';

/**
 * Any protocol, where the details do not matter. Structural on purpose: `Protocol` is invariant in its states, so no
 * instance of it has all protocols as values.
 */
export interface AnyProtocol {
  readonly name: string;
  readonly version: string;
  readonly roles: readonly [string, string];
  readonly messages: MessageSpecs;
  readonly dialogue: { readonly initial: string; readonly states: DialogueStates };
  readonly digest: string;
  readonly id: string;
  readonly table: DialogueTable;
  readonly bodies: ReadonlyMap<string, BodyCodec>;
}

/** The roles of a protocol. */
export type RoleOf<P extends AnyProtocol> = P['roles'][number];

/** The message types of a protocol. */
export type TypeOf<P extends AnyProtocol> = keyof P['messages'] & string;

/** The types that a role may say. */
export type Says<P extends AnyProtocol, Role extends string> = {
  [T in TypeOf<P>]: P['messages'][T]['from'] extends Role | 'either' ? T : never;
}[TypeOf<P>];

/** The types that a role hears: those that the other role says. */
export type Hears<P extends AnyProtocol, Role extends string> = {
  [T in TypeOf<P>]: P['messages'][T]['from'] extends Role ? never : T;
}[TypeOf<P>];

/** The body of a type as its sender writes it and its receiver reads it. */
export type BodyOf<P extends AnyProtocol, T extends TypeOf<P>> = z.output<P['messages'][T]['body']>;

type StateOf<P extends AnyProtocol> = keyof P['dialogue']['states'] & string;

type On<P extends AnyProtocol, S extends string> = P['dialogue']['states'][S] extends { readonly on: infer O }
  ? O
  : unknown;

/** The states that a dialogue can be in right after `T` was said. */
export type StatesAfter<P extends AnyProtocol, T extends string> = {
  [S in StateOf<P>]: On<P, S> extends { readonly [K in T]: infer Target } ? Target : never;
}[StateOf<P>];

/** What `Role` may say right after `T` was said. */
export type RepliesTo<P extends AnyProtocol, Role extends string, T extends string> =
  StatesAfter<P, T> extends infer S ? (S extends string ? keyof On<P, S> & Says<P, Role> : never) : never;

/** What `Role` may open a dialogue with. */
export type Openings<P extends AnyProtocol, Role extends string> = keyof On<P, P['dialogue']['initial']> &
  Says<P, Role>;

/** What `Role` may hear right after `T` was said. */
export type AnswersTo<P extends AnyProtocol, Role extends string, T extends string> =
  StatesAfter<P, T> extends infer S ? (S extends string ? keyof On<P, S> & Hears<P, Role> : never) : never;
