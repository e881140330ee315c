import { defineAgent, type Agent } from '../../agent-core/agent/agent.ts';
import type { Dialogue, DialogueEnd } from '../../agent-core/agent/dialogue.ts';
import type { Micros } from '../../agent-core/clock.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';
import type { AnyProtocol } from '../../agent-core/protocol/conversation-types.ts';
import { maySay, nextState } from '../../agent-core/protocol/dialogue-table.ts';
import { spokenBody } from './spoken-body.ts';

/** One dialogue that a person holds by hand. */
export interface HandDialogue {
  readonly protocol: AnyProtocol;
  readonly to: Did;
  /** The opening message. */
  readonly type: string;
  readonly body: unknown;
  readonly within: Micros;
  /** The lines that the person has written and nobody has read yet; null once no more will come. */
  readonly read: () => readonly string[] | null;
  readonly events: HandEvents;
}

/** What the person is told. */
export interface HandEvents {
  readonly said: (type: string, body: unknown) => void;
  readonly heard: (type: string, body: unknown) => void;
  /** It is their turn: the messages that they may say now. */
  readonly turn: (types: readonly string[]) => void;
  /** What they wrote cannot be said. */
  readonly refused: (why: string) => void;
  readonly ended: (end: DialogueEnd) => void;
}

/** How often the person's lines are looked at: nobody types faster. */
const LOOK = '50 ms';

/** The role that may say this message first. @throws HaggleError `bad-flag` */
export function openerOf(protocol: AnyProtocol, type: string): string {
  const { table, roles } = protocol;
  const openings = table.types.filter((_, index) => nextState(table, 0, index) >= 0);
  const index = table.typeIndex.get(type);
  if (index === undefined || !openings.includes(type)) {
    throw new HaggleError('bad-flag', `${protocol.name} is opened by ${openings.join(' or ')}, not by "${type}"`);
  }
  return roles[maySay(table, 0, index) ? 0 : 1];
}

/** An agent of one dialogue, which says what a person writes. It stops when that dialogue is over. */
export function handAgent(held: HandDialogue): Agent<void> {
  const { protocol, to, type, body, within, events } = held;
  const role = openerOf(protocol, type);
  const side = protocol.roles[0] === role ? 0 : 1;
  return defineAgent({
    name: 'console',
    state: () => ({ dialogue: null as Dialogue<AnyProtocol, string> | null }),
    setup(agent) {
      /** What was written before its turn. */
      const waiting: string[] = [];
      const turn = (state: string): void => {
        const types = onlyMine(protocol, side, state);
        if (types.length > 0) events.turn(types);
      };
      agent.start((ctx) => {
        events.said(type, body);
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the protocol is known only now; spokenBody has checked the body
        ctx.state.dialogue = ctx.open(protocol, role, to, type as never, body, { within });
        turn(ctx.state.dialogue.state);
      });
      agent.every(LOOK, (ctx) => {
        const { dialogue } = ctx.state;
        const lines = held.read();
        waiting.push(...(lines ?? []));
        for (;;) {
          const [line] = waiting;
          if (
            line === undefined ||
            dialogue?.open !== true ||
            isTooEarly(line, { protocol, side, state: dialogue.state })
          )
            break;
          waiting.shift();
          speak(line, { protocol, dialogue, now: ctx.now(), events });
        }
        if (dialogue?.open !== true || lines !== null || waiting.length > 0) return;
        if (onlyMine(protocol, side, dialogue.state).length > 0) dialogue.fail('nobody is left to answer');
      });
      const hear = (
        _: unknown,
        m: { type: string; body: unknown; dialogue: { state: string; open: boolean } },
      ): void => {
        events.heard(m.type, m.body);
        if (m.dialogue.open) turn(m.dialogue.state);
      };
      const types = protocol.table.types.filter((_, index) => protocol.table.sayer[index] !== side);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every type that the role hears is there
      agent.play(protocol, role, Object.fromEntries(types.map((each) => [each, hear])) as never, {
        ended: (ctx, end) => {
          events.ended(end);
          ctx.stop();
        },
      });
    },
  })();
}

/** What a side may say in a state where the other may say nothing; none where the other could go on. */
function onlyMine({ table }: AnyProtocol, side: 0 | 1, state: string): readonly string[] {
  const from = table.states.indexOf(state);
  const possible = table.types.filter((_, index) => nextState(table, from, index) >= 0);
  const sayable = (by: 0 | 1): readonly string[] =>
    possible.filter((type) => maySay(table, by, table.typeIndex.get(type) ?? -1));
  return sayable(side === 0 ? 1 : 0).length > 0 ? [] : sayable(side);
}

interface Speaking {
  readonly protocol: AnyProtocol;
  readonly dialogue: Dialogue<AnyProtocol, string>;
  readonly now: Micros;
  readonly events: HandEvents;
}

interface Turn {
  readonly protocol: AnyProtocol;
  readonly side: 0 | 1;
  readonly state: string;
}

/** Whether a line is a message that may be said after the other side has spoken, but not now: it waits, as one from a pipe must. */
function isTooEarly(line: string, { protocol, side, state }: Turn): boolean {
  const { table } = protocol;
  const type = table.typeIndex.get(line.trim().split(/\s/)[0] ?? '') ?? -1;
  if (type < 0 || !maySay(table, side, type)) return false;
  return nextState(table, table.states.indexOf(state), type) < 0 && onlyMine(protocol, side, state).length === 0;
}

/** Says a line: a message, a space, its body. */
function speak(line: string, { protocol, dialogue, now, events }: Speaking): void {
  const text = line.trim();
  if (text === '') return;
  const space = text.search(/\s/);
  const type = space < 0 ? text : text.slice(0, space);
  try {
    const body = spokenBody(protocol, { type, text: space < 0 ? '' : text.slice(space).trim(), now });
    // Before it is said: its last word ends the dialogue, which is told too.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked here and by the dialogue itself
    dialogue.send(type as never, body);
    events.said(type, body);
  } catch (error) {
    if (!(error instanceof HaggleError)) throw error;
    events.refused(error.message);
  }
}
