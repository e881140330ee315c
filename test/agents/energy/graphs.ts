import * as fc from 'fast-check';

/** A simple undirected graph: the neighbours of each node, ascending. */
export interface Graph {
  readonly neighbours: readonly (readonly number[])[];
}

/** Connected graphs of 1 to `most` nodes: a random tree and some more edges. */
export function connectedGraphs(most: number): fc.Arbitrary<Graph> {
  return fc
    .integer({ min: 1, max: most })
    .chain((nodes) =>
      fc.record({
        parents: fc.tuple(...Array.from({ length: nodes - 1 }, (_, k) => fc.nat(k))),
        more: fc.array(fc.tuple(fc.nat(nodes - 1), fc.nat(nodes - 1)), { maxLength: nodes }),
        names: fc.shuffledSubarray([...Array(nodes).keys()], { minLength: nodes }),
      }),
    )
    .map(({ parents, more, names }) => {
      const edges = [...parents.map((parent, k) => [k + 1, parent] as const), ...more].filter(([a, b]) => a !== b);
      const sets = names.map(() => new Set<number>());
      for (const [a, b] of edges) {
        sets[names[a] ?? 0]?.add(names[b] ?? 0);
        sets[names[b] ?? 0]?.add(names[a] ?? 0);
      }
      return { neighbours: sets.map((set) => [...set].toSorted((a, b) => a - b)) };
    });
}
