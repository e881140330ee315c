import test from 'ava';
import * as fc from 'fast-check';
import { createMachine, initialTransition, transition } from 'xstate';
import { HaggleError } from '../../../agent-core/errors.ts';
import { compileDialogue, nextState, type DialogueSpec } from '../../../agent-core/protocol/dialogue-table.ts';
import { Haul, Metering } from '../../fixtures/metering.ts';

const messages = { ask: { from: 'a' }, tell: { from: 'b' }, bye: { from: 'a' } };

function spec(over: Partial<DialogueSpec>): DialogueSpec {
  return {
    protocol: 'probe',
    roles: ['a', 'b'],
    messages,
    initial: 'idle',
    states: { idle: { on: { ask: 'asked' } }, asked: { on: { tell: 'done', bye: 'done' } }, done: { type: 'final' } },
    ...over,
  };
}

const faults: readonly [string, Partial<DialogueSpec>, RegExp][] = [
  ['an unknown initial state', { initial: 'nowhere' }, /initial state "nowhere"/],
  ['a reaction to an unknown message', { states: { idle: { on: { shout: 'idle' } } } }, /"shout", which is not one/],
  ['a transition to an unknown state', { states: { idle: { on: { ask: 'gone' } } } }, /unknown state "gone"/],
  [
    'a state that cannot be reached',
    { states: { idle: { on: { ask: 'done' } }, island: { on: { ask: 'done' } }, done: { type: 'final' } } },
    /"island" can never be reached/,
  ],
  [
    'a final state with transitions',
    { states: { idle: { on: { ask: 'done' } }, done: { type: 'final', on: { tell: 'idle' } } } },
    /final state "done" has transitions/,
  ],
  [
    'a dialogue that cannot end from one of its states',
    { states: { idle: { on: { ask: 'done', bye: 'trap' } }, trap: { on: { tell: 'trap' } }, done: { type: 'final' } } },
    /no final state can be reached from state "trap"/,
  ],
  ['an initial state that is final', { states: { idle: { type: 'final' } } }, /initial state is final/],
  [
    'an opening that either role may say',
    { states: { idle: { on: { ask: 'done', tell: 'done' } }, done: { type: 'final' } } },
    /opening messages must all be said by the same role/,
  ],
];

for (const [what, over, message] of faults) {
  test(`refuses ${what}`, (t) => {
    const error = t.throws(() => compileDialogue(spec(over)), { instanceOf: HaggleError, message });
    t.is(error?.code, 'bad-protocol');
  });
}

for (const protocol of [Metering, Haul]) {
  test(`the table of ${protocol.name} walks as XState does, whatever is said`, (t) => {
    const machine = createMachine({ ...protocol.dialogue, id: protocol.name });
    const { table } = protocol;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...table.types), { maxLength: 12 }), (said) => {
        let [snapshot] = initialTransition(machine);
        let state = 0;
        for (const type of said) {
          const before = snapshot.value;
          [snapshot] = transition(machine, snapshot, { type });
          const next = nextState(table, state, table.typeIndex.get(type) ?? -1);
          // XState stays where it is on an event it does not know; the table says -1.
          t.is(next < 0, snapshot.value === before);
          state = next < 0 ? state : next;
          t.is<unknown, unknown>(table.states[state], snapshot.value);
          t.is(table.final[state], snapshot.status === 'done');
        }
      }),
    );
  });
}
