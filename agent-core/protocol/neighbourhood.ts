import type { AgentBuilder } from '../agent/agent.ts';
import type { Context, TimerId } from '../agent/context.ts';
import type { DialogueEnd } from '../agent/dialogue.ts';
import type { Duration } from '../clock.ts';
import type { Did } from '../identity/did-key.ts';
import type { AnyProtocol, BodyOf, TypeOf } from './conversation-types.ts';
import type { MessageSpec, MessageSpecs } from './protocol.ts';

/**
 * A protocol between the neighbours of a graph, each pair in one dialogue: `hello` and `welcome` with the same body, then what
 * either may say at any time, until the initiator says `close`.
 */
export interface NeighbourProtocol extends AnyProtocol {
  readonly roles: readonly ['initiator' | 'participant', 'initiator' | 'participant'];
  readonly messages: MessageSpecs & Readonly<Record<'hello' | 'welcome' | 'close', MessageSpec>>;
}

/** Message types that either neighbour may say. */
export type EitherType<P extends NeighbourProtocol> = {
  [T in TypeOf<P>]: P['messages'][T]['from'] extends 'either' ? T : never;
}[TypeOf<P>];

/** A message heard, by the position of the neighbour that said it. */
export type NeighbourHeard<P extends NeighbourProtocol> = {
  readonly [T in EitherType<P> | ('hello' & TypeOf<P>) | ('welcome' & TypeOf<P>)]: {
    readonly from: number;
    readonly type: T;
    readonly body: BodyOf<P, T>;
  };
}[EitherType<P> | ('hello' & TypeOf<P>) | ('welcome' & TypeOf<P>)];

/** A message to say, to the neighbour at a position. */
export type NeighbourSay<P extends NeighbourProtocol> = {
  readonly [T in EitherType<P>]: { readonly to: number; readonly type: T; readonly body: BodyOf<P, T> };
}[EitherType<P>];

/** Where a member stands in the graph: plain data of its agent. Numbers are unique; of two neighbours the lower one opens. */
export interface Place {
  readonly node: number;
  readonly neighbours: readonly { readonly node: number; readonly did: Did }[];
  /** Ids of the dialogues with the neighbours, by position; null until they have met. */
  readonly dialogues: (string | null)[];
}

/** Whether a member still talks, and how it ended. */
export type Standing = 'going-on' | 'agreed' | 'failed';

/** What a member does. Its state is its agent's; all of it is plain data. */
export interface NeighbourMember<P extends NeighbourProtocol, Params, State> {
  place(ctx: Context<Params, State>): Place;
  /** Life of the dialogues, from the start of the agent on. */
  within(ctx: Context<Params, State>): Duration;
  /** What it says of itself in `hello` and `welcome`. */
  greeting(ctx: Context<Params, State>): BodyOf<P, 'hello' & TypeOf<P>>;
  /** Hears a message, or nothing at the start. @returns what to say, in order */
  hear(ctx: Context<Params, State>, heard: NeighbourHeard<P> | null): readonly NeighbourSay<P>[];
  standing(ctx: Context<Params, State>): Standing;
  /**
   * A neighbour is gone before its time, or never came: from now on the standing is `failed`. `code` is that of the dialogue's
   * end, `deadline-passed` where there was none.
   */
  lost(ctx: Context<Params, State>, from: number, code: string): void;
  /** Whether a neighbour may rightly have closed while this member has not agreed yet. */
  mayClose(ctx: Context<Params, State>, from: number): boolean;
  /** Called once, when it has agreed or failed. */
  ended?(ctx: Context<Params, State>, standing: Exclude<Standing, 'going-on'>): void;
}

/** Takes both roles of a protocol between neighbours. Who fails ends all its dialogues, and so failure spreads at once. */
export function playNeighbour<P extends NeighbourProtocol, Params, State>(
  agent: AgentBuilder<Params, State>,
  protocol: P,
  member: NeighbourMember<P, Params, State>,
): void {
  type Ctx = Context<Params, State>;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the runtime has held each body against the schema of its type
  const hearing = member as unknown as ErasedHearing<Ctx>;
  const act = (ctx: Ctx, heard: Told | null): void => {
    const before = member.standing(ctx);
    if (before === 'going-on') {
      for (const { to, type, body } of hearing.hear(ctx, heard)) dialogueWith(ctx, to)?.send(type, body);
    }
    // Who greets a member that has failed already learns it as well.
    conclude(ctx, before);
  };
  const waiting = waitToBeGreeted(agent, protocol.name, (ctx: Ctx) =>
    lose(ctx, member.place(ctx).dialogues.indexOf(null), 'deadline-passed'),
  );
  const dialogueWith = (ctx: Ctx, to: number): Spoken | undefined =>
    dialogueAt(ctx, { protocol, to, ...member.place(ctx) });
  const conclude = (ctx: Ctx, before: Standing): void => {
    const standing = member.standing(ctx);
    if (standing === 'going-on') return;
    waiting.stop(ctx);
    const { node, neighbours } = member.place(ctx);
    for (const [k, neighbour] of neighbours.entries()) {
      if (standing === 'failed') dialogueWith(ctx, k)?.fail('no agreement');
      else if (neighbour.node > node) dialogueWith(ctx, k)?.send('close', {});
    }
    if (before === 'going-on') member.ended?.(ctx, standing);
  };
  const forward = (ctx: Ctx, { from, type, body }: Spoke): void =>
    act(ctx, { from: positionOf(member.place(ctx), from), type, body });
  const ended = (ctx: Ctx, end: DialogueEnd): void => {
    const place = member.place(ctx);
    const from = positionOf(place, end.peer);
    // What a stranger opened, and we refused, is not the neighbourhood's.
    if (place.dialogues[from] !== end.dialogue || member.standing(ctx) !== 'going-on') return;
    if (end.outcome === 'done' && member.mayClose(ctx, from)) return;
    lose(ctx, from, end.code);
  };
  const lose = (ctx: Ctx, from: number, code: string): void => {
    if (from < 0 || member.standing(ctx) !== 'going-on') return;
    member.lost(ctx, from, code);
    conclude(ctx, 'going-on');
  };
  const both = Object.fromEntries(
    Object.entries(protocol.messages).flatMap(([type, { from }]) => (from === 'either' ? [[type, forward]] : [])),
  );
  const meet = (ctx: Ctx, m: Met): void => {
    const place = member.place(ctx);
    const k = positionOf(place, m.from);
    const neighbour = place.neighbours[k];
    if (neighbour === undefined || neighbour.node > place.node) return m.fail('no line joins us');
    if (place.dialogues[k] !== null) return m.fail('we have met already');
    place.dialogues[k] = m.dialogue.id;
    m.reply('welcome', member.greeting(ctx));
    forward(ctx, m);
  };
  agent.start((ctx) => {
    const within = member.within(ctx);
    greetHigher(ctx, member.place(ctx), { protocol, greeting: member.greeting(ctx), within });
    if (member.place(ctx).dialogues.includes(null)) waiting.start(ctx, within);
    act(ctx, null);
  });
  const builder = erasedBuilder(agent);
  builder.play(protocol, 'initiator', { ...both, welcome: forward }, { ended });
  builder.play(protocol, 'participant', { ...both, hello: meet, close: () => undefined }, { ended });
}

/** Whoever waits to be greeted has no dialogue yet whose deadline would end the waiting. */
function waitToBeGreeted<Params, State>(
  agent: AgentBuilder<Params, State>,
  protocol: string,
  over: (ctx: Context<Params, State>) => void,
): {
  readonly start: (ctx: Context<Params, State>, within: Duration) => void;
  readonly stop: (ctx: Context<Params, State>) => void;
} {
  const timer = agent.timer<null>(`${protocol}/unmet`, over);
  let set: TimerId | null = null;
  return {
    start: (ctx, within) => {
      set = ctx.schedule(timer, within, null);
    },
    stop: (ctx) => {
      if (set !== null) ctx.cancel(set);
      set = null;
    },
  };
}

function dialogueAt<Params, State>(
  ctx: Context<Params, State>,
  { protocol, to, node, neighbours, dialogues }: Place & { readonly protocol: AnyProtocol; readonly to: number },
): Spoken | undefined {
  const neighbour = neighbours[to];
  const id = dialogues[to];
  if (neighbour === undefined || id === null || id === undefined) return undefined;
  const role = neighbour.node > node ? 'initiator' : 'participant';
  return erased(ctx).dialogue(protocol, role, { peer: neighbour.did, id });
}

function positionOf({ neighbours }: Place, did: Did): number {
  return neighbours.findIndex((neighbour) => neighbour.did === did);
}

interface Greeting {
  readonly protocol: AnyProtocol;
  readonly greeting: unknown;
  readonly within: Duration;
}

/** Opens the dialogues with all neighbours of a higher number. */
function greetHigher<Params, State>(
  ctx: Context<Params, State>,
  { node, neighbours, dialogues }: Place,
  { protocol, greeting, within }: Greeting,
): void {
  for (const [k, { node: other, did }] of neighbours.entries()) {
    if (other < node) continue;
    dialogues[k] = erased(ctx).open(protocol, 'initiator', did, 'hello', greeting, { within }).id;
  }
}

/** What is heard and said, without the protocol's types. */
interface Told {
  readonly from: number;
  readonly type: string;
  readonly body: unknown;
}

interface ErasedHearing<Ctx> {
  hear(ctx: Ctx, heard: Told | null): readonly { readonly to: number; readonly type: string; readonly body: unknown }[];
}

/** A message without the protocol's types. */
interface Spoke {
  readonly from: Did;
  readonly type: string;
  readonly body: unknown;
}

interface Met extends Spoke {
  readonly dialogue: { readonly id: string };
  reply(type: string, body: unknown): void;
  fail(reason: string): void;
}

interface Spoken {
  readonly id: string;
  send(type: string, body: unknown): unknown;
  fail(reason: string): void;
}

/** A context without the protocol's types: what is said was checked against them at {@link NeighbourMember}. */
interface ErasedContext {
  open(...words: readonly [AnyProtocol, string, Did, string, unknown, { readonly within: Duration }]): Spoken;
  dialogue(protocol: AnyProtocol, role: string, name: { readonly peer: Did; readonly id: string }): Spoken | undefined;
}

function erased<Params, State>(ctx: Context<Params, State>): ErasedContext {
  return ctx;
}

/** A builder without the protocol's types: the handlers are made from the protocol's own list of messages. */
interface ErasedBuilder<Ctx> {
  play(
    ...words: readonly [AnyProtocol, string, Readonly<Record<string, (ctx: Ctx, message: Met) => void>>, Endings<Ctx>]
  ): void;
}

interface Endings<Ctx> {
  readonly ended: (ctx: Ctx, end: DialogueEnd) => void;
}

function erasedBuilder<Params, State>(agent: AgentBuilder<Params, State>): ErasedBuilder<Context<Params, State>> {
  return agent;
}
