import { HaggleError } from '../errors.ts';

/**
 * A dialogue compiled to a table: state and message type in, next state out.
 *
 * Flat machines need no interpreter: one array read decides whether a message is legal. The tests hold this table equal to
 * XState on the same config.
 */
export interface DialogueTable {
  /** State names; index 0 is the initial state. */
  readonly states: readonly string[];
  /** Message type names. */
  readonly types: readonly string[];
  /** Who says the type: 0 the first role, 1 the second, 2 either. */
  readonly sayer: readonly (0 | 1 | 2)[];
  /** Per state: does it end the dialogue? */
  readonly final: readonly boolean[];
  /** Index of a type, for messages that arrive by name. */
  readonly typeIndex: ReadonlyMap<string, number>;
  /** Next state by `state * types.length + type`, or -1 where the type is illegal in the state. */
  readonly next: Int16Array;
}

/** The parts of a protocol that make its dialogue. */
export interface DialogueSpec {
  readonly protocol: string;
  readonly roles: readonly [string, string];
  readonly messages: Readonly<Record<string, { readonly from: string }>>;
  readonly initial: string;
  readonly states: Readonly<
    Record<string, { readonly on?: Readonly<Record<string, string>>; readonly type?: 'final' }>
  >;
}

/**
 * Compiles a dialogue and checks that it can be played.
 *
 * @throws HaggleError `bad-protocol` for an unknown state or type, a state that cannot be reached, a dead end that is not
 * final, a final state with transitions, a dialogue that can never end, or an opening that both roles may say.
 */
export function compileDialogue(spec: DialogueSpec): DialogueTable {
  const fail = (what: string): never => {
    throw new HaggleError('bad-protocol', `protocol "${spec.protocol}": ${what}`);
  };
  if (!Object.hasOwn(spec.states, spec.initial)) fail(`initial state "${spec.initial}" is not among its states`);
  const states = [spec.initial, ...Object.keys(spec.states).filter((name) => name !== spec.initial)];
  const types = Object.keys(spec.messages);
  const stateIndex = new Map(states.map((name, index) => [name, index]));
  const typeIndex = new Map(types.map((name, index) => [name, index]));
  const next = new Int16Array(states.length * types.length).fill(-1);
  for (const [from, name] of states.entries()) {
    for (const [type, target] of Object.entries(spec.states[name]?.on ?? {})) {
      const t = typeIndex.get(type) ?? fail(`state "${name}" reacts to "${type}", which is not one of its messages`);
      const to = stateIndex.get(target) ?? fail(`"${type}" in state "${name}" leads to unknown state "${target}"`);
      next[from * types.length + t] = to;
    }
  }
  const table: DialogueTable = {
    states,
    types,
    sayer: types.map((type) => sayerOf(spec, type)),
    final: states.map((name) => spec.states[name]?.type === 'final'),
    typeIndex,
    next,
  };
  checkPlayable(table, fail);
  return table;
}

function sayerOf({ messages, roles }: DialogueSpec, type: string): 0 | 1 | 2 {
  const from = messages[type]?.from;
  if (from === 'either') return 2;
  return from === roles[0] ? 0 : 1;
}

/** Whether the role on `side` may say `type` at all. */
export function maySay(table: DialogueTable, side: 0 | 1, type: number): boolean {
  return table.sayer[type] === side || table.sayer[type] === 2;
}

/** The next state, or -1 where `type` is illegal in `state`. */
export function nextState(table: DialogueTable, state: number, type: number): number {
  return table.next[state * table.types.length + type] ?? -1;
}

function successors(table: DialogueTable, state: number): number[] {
  const width = table.types.length;
  return [...table.next.subarray(state * width, (state + 1) * width)].filter((target) => target >= 0);
}

function checkPlayable(table: DialogueTable, fail: (what: string) => never): void {
  const reached = new Set([0]);
  for (const state of reached) for (const target of successors(table, state)) reached.add(target);
  const ending = new Set<number>();
  for (let changed = true; changed;) {
    changed = false;
    for (const state of reached) {
      const ends = table.final[state] === true || successors(table, state).some((target) => ending.has(target));
      if (ends && !ending.has(state)) changed = ending.add(state).has(state);
    }
  }
  for (const [state, name] of table.states.entries()) {
    const out = successors(table, state);
    if (!reached.has(state)) fail(`state "${name}" can never be reached`);
    if (table.final[state] === true && out.length > 0) fail(`final state "${name}" has transitions`);
    if (!ending.has(state)) fail(`no final state can be reached from state "${name}"`);
  }
  const openers = new Set(openingTypes(table).map((type) => table.sayer[type]));
  if (table.final[0] === true) fail('its initial state is final');
  if (openers.size !== 1 || openers.has(2)) fail('its opening messages must all be said by the same role');
}

/** Indices of the message types that may open a dialogue. */
export function openingTypes(table: DialogueTable): number[] {
  return table.types.map((_, type) => type).filter((type) => nextState(table, 0, type) >= 0);
}
