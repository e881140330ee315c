import test from 'ava';
import { z } from 'zod';
import { mermaidLabel, stateDiagram } from '../../../agent-core/protocol/diagram.ts';
import type { AnyProtocol } from '../../../agent-core/protocol/conversation-types.ts';
import { defineProtocol } from '../../../agent-core/protocol/protocol.ts';
import { CATALOGUE } from '../../../cli/protocol-catalogue.ts';
import { Haul, Metering } from '../../fixtures/metering.ts';

test('a protocol is drawn with its states, labelled transitions and ends', (t) => {
  t.is(
    stateDiagram(Haul),
    [
      'stateDiagram-v2',
      '  state "idle" as s0',
      '  state "called" as s1',
      '  state "proposed" as s2',
      '  state "awarded" as s3',
      '  state "done" as s4',
      '  [*] --> s0',
      '  s0 --> s1: cfp (initiator)',
      '  s1 --> s2: propose (participant)',
      '  s1 --> s4: refuse (participant)',
      '  s2 --> s3: accept-proposal (initiator)',
      '  s2 --> s4: reject-proposal (initiator)',
      '  s3 --> s4: inform (participant)',
      '  s4 --> [*]',
      '',
    ].join('\n'),
  );
});

test('messages between the same two states share one arrow', (t) => {
  t.true(stateDiagram(Metering).includes('  s1 --> s2: report (meter)<br/>decline (meter)\n'));
});

/** State, type and next state of every transition, read back from a diagram. */
function drawn(text: string): readonly string[] {
  return [...text.matchAll(/^ {2}s(\d+) --> s(\d+): (.*)$/gm)]
    .flatMap(([, from, to, labels]) => (labels ?? '').split('<br/>').map((label) => `${from} ${label} ${to}`))
    .toSorted();
}

function transitions({ table, messages }: AnyProtocol): readonly string[] {
  const width = table.types.length;
  return [...table.next]
    .map((to, cell) => {
      const type = table.types[cell % width] ?? '';
      return { to, text: `${Math.floor(cell / width)} ${type} (${messages[type]?.from ?? ''}) ${to}` };
    })
    .filter(({ to }) => to >= 0)
    .map(({ text }) => text)
    .toSorted();
}

for (const { protocol } of CATALOGUE) {
  test(`the diagram of ${protocol.name} has exactly the transitions that the runtime allows`, (t) => {
    t.deepEqual(drawn(stateDiagram(protocol)), transitions(protocol));
  });
}

test('names of states cannot break out of their labels', (t) => {
  const wild = 'say "hi"; --> [*]\n%% <b>';
  const hostile = defineProtocol({
    name: 'hostile',
    version: '1.0.0',
    roles: ['a:b', 'c'],
    messages: { go: { from: 'a:b', as: 'inform', body: z.object({}) } },
    dialogue: { initial: 'idle', states: { idle: { on: { go: wild } }, [wild]: { type: 'final' } } },
  } as const);
  const lines = stateDiagram(hostile).split('\n');
  t.is(lines.length, 7);
  t.is(lines[2], '  state "say #34;hi#34;#59; --#62; [#42;]#10;#37;#37; #60;b#62;" as s1');
  t.is(lines[4], '  s0 --> s1: go (a#58;b)');
  t.is(mermaidLabel('Zürich, 東京 (2/3)'), 'Zürich, 東京 (2/3)');
});
