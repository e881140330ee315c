import { micros, type Duration, type Micros } from '../clock.ts';
import { HaggleError } from '../errors.ts';
import type { JsonValue } from '../message/canonical.ts';
import type { PlayedProtocol } from '../directory/card.ts';
import { LIMITS } from '../limits.ts';
import type { AnyProtocol } from '../protocol/conversation-types.ts';
import type { Agent, AgentBuilder, HandlerResult } from './agent.ts';
import type { Context } from './context.ts';
import type { DialogueEnd } from './dialogue.ts';
import type { ReceivedHandle } from './conversation.ts';
import type { DialogueRecord, Inbound, PlayedRole } from './dialogue-book.ts';

type Plain<Params, State> = (ctx: Context<Params, State>) => HandlerResult;
type OnTimer<Params, State> = (ctx: Context<Params, State>, data: JsonValue) => HandlerResult;
type OnMessage<Params, State> = (ctx: Context<Params, State>, message: ReceivedHandle) => HandlerResult;
type OnEnd<Params, State> = (ctx: Context<Params, State>, end: DialogueEnd) => HandlerResult;

/** The parameters of `agent.play` without the protocol's types. */
type PlayWords<Params, State> = readonly [
  protocol: AnyProtocol,
  role: string,
  handlers: Readonly<Record<string, OnMessage<Params, State>>>,
  options?: { readonly ended?: OnEnd<Params, State> },
];

/** What an agent's setup declared, besides its roles. */
export interface Behaviour<Params, State> {
  readonly starts: readonly Plain<Params, State>[];
  readonly stops: readonly Plain<Params, State>[];
  readonly intervals: readonly { readonly interval: Micros; readonly handler: Plain<Params, State> }[];
  readonly timers: ReadonlyMap<string, OnTimer<Params, State>>;
  /** The protocols that it plays, with their roles, sorted: what its card says. */
  readonly protocols: readonly PlayedProtocol[];
}

/** Where the declared roles go. */
export interface RoleSink<Params, State> {
  play(role: PlayedRole): void;
  handle(handler: OnMessage<Params, State>, message: Inbound, record: DialogueRecord): void;
  ended(handler: OnEnd<Params, State>, end: DialogueEnd): void;
}

/**
 * Runs an agent's setup once and collects what it declares.
 *
 * @throws HaggleError `bad-agent` for a timer declared twice, an interval of 0, a role that the protocol lacks, more
 * protocols than `LIMITS.agentProtocols`, or a handler that is missing (a compile error in TypeScript, checked again for plain JavaScript).
 */
export function collectBehaviour<Params, State>(
  agent: Agent<Params, State>,
  sink: RoleSink<Params, State>,
): Behaviour<Params, State> {
  const starts: Plain<Params, State>[] = [];
  const stops: Plain<Params, State>[] = [];
  const intervals: { interval: Micros; handler: Plain<Params, State> }[] = [];
  const timers = new Map<string, OnTimer<Params, State>>();
  const roles = new Map<string, string[]>();
  const fail: (what: string) => never = (what) => {
    throw new HaggleError('bad-agent', `agent "${agent.name}": ${what}`);
  };
  const builder = {
    start: (handler: Plain<Params, State>) => starts.push(handler),
    stop: (handler: Plain<Params, State>) => stops.push(handler),
    every: (interval: Duration, handler: Plain<Params, State>) => {
      if (micros(interval) === 0) fail('an interval must be more than 0');
      intervals.push({ interval: micros(interval), handler });
    },
    timer: (tag: string, handler: OnTimer<Params, State>) => {
      if (timers.has(tag)) fail(`timer "${tag}" is declared twice`);
      timers.set(tag, handler);
      return { tag };
    },
    play: (...[protocol, role, handlers, options]: PlayWords<Params, State>) => {
      const side = protocol.roles.indexOf(role);
      if (side !== 0 && side !== 1) fail(`${protocol.name} has no role "${role}"`);
      roles.set(protocol.id, [...(roles.get(protocol.id) ?? []), role]);
      if (roles.size > LIMITS.agentProtocols) fail(`it plays more than ${LIMITS.agentProtocols} protocols`);
      const { types, sayer } = protocol.table;
      const onEnd = options?.ended;
      sink.play({
        protocol,
        side,
        handlers: types.map((type, index) => {
          if (sayer[index] === side) return undefined; // only ever said, never heard
          const handler = handlers[type];
          if (typeof handler !== 'function') fail(`role "${role}" of ${protocol.name} needs a handler for "${type}"`);
          return (message, record) => sink.handle(handler, message, record);
        }),
        ended: onEnd === undefined ? undefined : (end) => sink.ended(onEnd, end),
      });
    },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the erased machinery meets the author's types here
  agent.setup(builder as unknown as AgentBuilder<Params, State>);
  const protocols = [...roles]
    .map(([id, played]) => ({ id, roles: played.toSorted() }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return { starts, stops, intervals, timers, protocols };
}
