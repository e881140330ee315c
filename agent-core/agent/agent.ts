import type { z } from 'zod';
import type { Duration } from '../clock.ts';
import { HaggleError } from '../errors.ts';
import { checkTags } from '../directory/card.ts';
import type { JsonValue } from '../message/canonical.ts';
import type { AnyProtocol, Hears, RoleOf, TypeOf } from '../protocol/conversation-types.ts';
import type { Context, TimerTag } from './context.ts';
import type { DialogueEnd, Received, Sent } from './dialogue.ts';

/** What a handler may return: nothing, what it said last, or a promise that waits on `ctx` only. */
export type HandlerResult = void | Sent | Promise<void | Sent>;

/** Handlers for everything that a role can hear: one missing does not compile. */
export type Handlers<P extends AnyProtocol, Role extends RoleOf<P>, Params, State> = {
  readonly [T in Hears<P, Role>]: (
    ctx: Context<Params, State>,
    message: Received<P, Role, T & TypeOf<P>>,
  ) => HandlerResult;
};

/** Options of {@link AgentBuilder.play}. */
export interface PlayOptions<Params, State> {
  /** Called once at the end of every dialogue in this role, however it ends; after the handler of the last message. */
  readonly ended?: (ctx: Context<Params, State>, end: DialogueEnd) => HandlerResult;
}

/** Collects what an agent does, once, before it starts. */
export interface AgentBuilder<Params, State> {
  /** Runs once when the agent starts. */
  start(handler: (ctx: Context<Params, State>) => HandlerResult): void;
  /** Runs once when the agent is asked to stop, before its dialogues end. Must be synchronous. */
  stop(handler: (ctx: Context<Params, State>) => undefined): void;
  /** Runs at a fixed interval, first one interval after the start. A run that is still waiting delays the next. */
  every(interval: Duration, handler: (ctx: Context<Params, State>) => HandlerResult): void;
  /** Declares a timer; `ctx.schedule` sets it. */
  timer<Data extends JsonValue>(
    tag: string,
    handler: (ctx: Context<Params, State>, data: Data) => HandlerResult,
  ): TimerTag<Data>;
  /** Takes a role of a protocol. */
  play<P extends AnyProtocol, Role extends RoleOf<P>>(
    protocol: P,
    role: Role,
    handlers: Handlers<NoInfer<P>, NoInfer<Role>, Params, State>,
    options?: PlayOptions<Params, State>,
  ): void;
}

/** An agent as its author writes it. */
export interface AgentSpec<Schema extends z.ZodType, State> {
  readonly name: string;
  /** Schema of the parameters; leave it out for an agent that takes none. */
  readonly params?: Schema;
  /** What others may look for it by, besides the roles that it plays: at most 16 words such as `region:north`. */
  readonly tags?: readonly string[] | ((params: z.output<Schema>) => readonly string[]);
  /** The state that an agent starts with. Plain data. */
  readonly state?: (params: z.output<Schema>) => State;
  setup(agent: AgentBuilder<z.output<Schema>, State>): void;
}

/** An agent ready to be placed: in a simulation, over NATS, as a process. A value, not a running thing. */
export interface Agent<Params = unknown, State = unknown> {
  readonly name: string;
  readonly params: Params;
  /** Sorted, none twice. */
  readonly tags: readonly string[];
  initialState(): State;
  setup(builder: AgentBuilder<Params, State>): void;
}

/** Makes agents of one kind from parameters. @throws HaggleError `bad-params` */
export interface AgentFactory<Input, Params, State> {
  (params: Input): Agent<Params, State>;
  /** By this, programs that load a module tell a kind of agent from other functions. */
  readonly agentName: string;
  /** Undefined for agents that take no parameters. */
  readonly paramsSchema: z.ZodType | undefined;
}

const NAME = /^[a-z][a-z0-9-]{0,63}$/;

/**
 * Defines a kind of agent. The result makes agents from parameters, checked against the schema.
 *
 * @throws HaggleError `bad-agent` for a bad name; the factory throws `bad-params` naming the path at fault, and `bad-tags`.
 */
export function defineAgent<Schema extends z.ZodType = z.ZodType<void, void>, State = undefined>(
  spec: AgentSpec<Schema, State>,
): AgentFactory<z.input<Schema>, z.output<Schema>, State> {
  if (!NAME.test(spec.name)) {
    throw new HaggleError(
      'bad-agent',
      `agent name must be lower-case words joined by "-", got ${JSON.stringify(spec.name)}`,
    );
  }
  const factory = (input: z.input<Schema>): Agent<z.output<Schema>, State> => {
    const params = checkParams(spec, input);
    return Object.freeze({
      name: spec.name,
      params,
      tags: checkTags(typeof spec.tags === 'function' ? spec.tags(params) : (spec.tags ?? []), `agent "${spec.name}"`),
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- without `state` the type parameter State is undefined
      initialState: (): State => spec.state?.(params) as State,
      setup: (builder: AgentBuilder<z.output<Schema>, State>): void => spec.setup(builder),
    });
  };
  return Object.freeze(Object.assign(factory, { agentName: spec.name, paramsSchema: spec.params }));
}

function checkParams<Schema extends z.ZodType, State>(
  spec: AgentSpec<Schema, State>,
  input: unknown,
): z.output<Schema> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- without `params` the schema's type is that of void
  if (spec.params === undefined) return undefined as z.output<Schema>;
  const result = spec.params.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new HaggleError(
    'bad-params',
    `parameters of agent "${spec.name}": ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`,
    { cause: result.error },
  );
}
