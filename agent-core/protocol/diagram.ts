import type { AnyProtocol } from './conversation-types.ts';

/**
 * The dialogue of a protocol as a Mermaid state diagram (`stateDiagram-v2`), which GitHub draws. A transition is labelled
 * `type (role)`; those between the same two states share one arrow. `failure` and `not-understood`, which end any
 * dialogue, are left out.
 */
export function stateDiagram(protocol: AnyProtocol): string {
  const { states, final } = protocol.table;
  return [
    'stateDiagram-v2',
    ...states.map((name, state) => `  state "${mermaidLabel(name)}" as s${state}`),
    '  [*] --> s0',
    ...[...arrows(protocol)].map(([ends, labels]) => `  ${ends}: ${labels.join('<br/>')}`),
    ...states.flatMap((_, state) => (final[state] === true ? [`  s${state} --> [*]`] : [])),
    '',
  ].join('\n');
}

/** Labels by arrow, in the order of states and of their transitions. */
function arrows(protocol: AnyProtocol): ReadonlyMap<string, string[]> {
  const { states } = protocol.table;
  const index = new Map(states.map((name, state) => [name, state]));
  const labels = new Map<string, string[]>();
  for (const [state, name] of states.entries()) {
    for (const [type, target] of Object.entries(protocol.dialogue.states[name]?.on ?? {})) {
      const ends = `s${state} --> s${index.get(target) ?? 0}`;
      const label = `${type} (${mermaidLabel(protocol.messages[type]?.from ?? '')})`;
      labels.set(ends, [...(labels.get(ends) ?? []), label]);
    }
  }
  return labels;
}

/** Text that Mermaid shows as it is: what means something to it, and line breaks, are written as entities. */
export function mermaidLabel(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N} _.,()[\]{}'…/-]/gu, (character) => `#${character.codePointAt(0) ?? 0};`);
}
