import test from 'ava';
import * as fc from 'fast-check';
import {
  createTree,
  isElected,
  onEcho,
  onWave,
  passLead,
  startWave,
  summarise,
  takeLead,
  type Summary,
  type Tree,
  type TreeMessage,
} from '../../../agents/energy/spanning-tree.ts';
import { connectedGraphs, type Graph } from './graphs.ts';

const RUNS = { seed: 20, numRuns: 200 };

const ownSummary = (node: number): Summary => ({
  height: 0,
  magnitude: node % 3 === 0 ? null : node,
  constraints: node + 1,
  quadratic: node === 2,
  turnover: 2 ** node,
});

interface Grown {
  readonly trees: readonly Tree[];
  /** Nodes that ended as leaders, in order. */
  readonly leaders: readonly number[];
  readonly messages: number;
}

/** Grows a tree: each draw of `picks` chooses the link that delivers its oldest message next. */
function grow({ neighbours }: Graph, picks: Iterator<number>): Grown {
  const trees = neighbours.map((list, node) => createTree(node, list.length));
  const links = new Map<string, { readonly from: number; readonly to: number; readonly queue: TreeMessage[] }>();
  const leaders: number[] = [];
  let messages = 0;
  const tell = (from: number, said: readonly TreeMessage[]): void => {
    for (const message of said) {
      const to = neighbours[from]?.[message.to] ?? -1;
      const key = `${from}>${to}`;
      const link = links.get(key) ?? { from, to, queue: [] };
      links.set(key, link);
      link.queue.push(message);
    }
  };
  const lead = (node: number, tree: Tree): void => {
    const onward = passLead(tree, ownSummary(node));
    if (onward === null) leaders.push(node);
    else tell(node, [onward]);
  };
  for (const [node, tree] of trees.entries()) {
    tell(node, startWave(tree));
    if (isElected(tree)) lead(node, tree);
  }
  for (;;) {
    const busy = [...links.values()].filter(({ queue }) => queue.length > 0);
    const link = busy[(picks.next().value ?? 0) % Math.max(1, busy.length)];
    const message = link?.queue.shift();
    if (link === undefined || message === undefined) return { trees, leaders, messages };
    messages += 1;
    const node = link.to;
    const tree = trees[node];
    const from = neighbours[node]?.indexOf(link.from) ?? -1;
    if (tree === undefined) continue;
    if (message.type === 'lead') {
      takeLead(tree, from, message.body);
      lead(node, tree);
      continue;
    }
    const own = ownSummary(node);
    if (message.type === 'wave') tell(node, onWave(tree, { from, root: message.body.root }, own));
    else tell(node, onEcho(tree, { from, echo: message.body }, own));
    if (isElected(tree)) lead(node, tree);
  }
}

/** Distances from a node over the edges of the grown tree; -1 where it does not reach. */
function distances({ neighbours }: Graph, trees: readonly Tree[], start: number): number[] {
  const found = neighbours.map(() => -1);
  found[start] = 0;
  const open = [start];
  for (let node = open.shift(); node !== undefined; node = open.shift()) {
    const tree = trees[node];
    if (tree === undefined) continue;
    for (const k of [...tree.children, ...(tree.parent < 0 ? [] : [tree.parent])]) {
      const other = neighbours[node]?.[k] ?? -1;
      if (found[other] !== -1) continue;
      found[other] = (found[node] ?? 0) + 1;
      open.push(other);
    }
  }
  return found;
}

const grown = fc.record({ graph: connectedGraphs(14), seeds: fc.infiniteStream(fc.nat(1 << 20)) });

test('in every order of delivery exactly one node ends as the leader, and it alone has no parent', (t) => {
  fc.assert(
    fc.property(grown, ({ graph, seeds }) => {
      const { trees, leaders } = grow(graph, seeds);
      t.is(leaders.length, 1);
      t.deepEqual(
        trees.flatMap((tree, node) => (tree.parent < 0 ? [node] : [])),
        leaders,
      );
    }),
    RUNS,
  );
});

test('the tree spans the graph, and parent and child name each other', (t) => {
  fc.assert(
    fc.property(grown, ({ graph, seeds }) => {
      const { trees, leaders } = grow(graph, seeds);
      t.false(distances(graph, trees, leaders[0] ?? 0).includes(-1));
      t.is(
        trees.reduce((sum, tree) => sum + tree.children.length, 0),
        trees.length - 1,
      );
      for (const [node, tree] of trees.entries()) {
        t.deepEqual(tree.children, [...new Set(tree.children)]);
        for (const k of tree.children) {
          const child = graph.neighbours[node]?.[k] ?? -1;
          const parent = trees[child]?.parent ?? -1;
          t.is(graph.neighbours[child]?.[parent], node);
        }
      }
    }),
    RUNS,
  );
});

test('the leader stands in the middle: the height is half the diameter of the tree, rounded up', (t) => {
  fc.assert(
    fc.property(grown, ({ graph, seeds }) => {
      const { trees, leaders } = grow(graph, seeds);
      const diameter = Math.max(...trees.flatMap((_, node) => distances(graph, trees, node)));
      const height = Math.max(...distances(graph, trees, leaders[0] ?? 0));
      t.is(height, Math.ceil(diameter / 2));
    }),
    RUNS,
  );
});

test('the summary of the leader adds up every node once', (t) => {
  fc.assert(
    fc.property(grown, ({ graph, seeds }) => {
      const { trees, leaders } = grow(graph, seeds);
      const leader = leaders[0] ?? 0;
      const tree = trees[leader] ?? createTree(0, 0);
      const nodes = graph.neighbours.length;
      const magnitudes = [...graph.neighbours.keys()].filter((node) => node % 3 !== 0);
      t.deepEqual(summarise(tree, ownSummary(leader)), {
        height: Math.max(...distances(graph, trees, leader)),
        magnitude: magnitudes.length === 0 ? null : Math.max(...magnitudes),
        constraints: (nodes * (nodes + 1)) / 2,
        quadratic: nodes > 2,
        turnover: 2 ** nodes - 1,
      });
    }),
    RUNS,
  );
});

test('a chain of 9 ends with its lead at the fifth node, and a single node leads itself', (t) => {
  const chain: Graph = {
    neighbours: Array.from({ length: 9 }, (_, node) => [node - 1, node + 1].filter((k) => k >= 0 && k < 9)),
  };
  t.deepEqual(grow(chain, [][Symbol.iterator]()).leaders, [4]);
  const alone = grow({ neighbours: [[]] }, [][Symbol.iterator]());
  t.deepEqual([alone.leaders, alone.messages], [[0], 0]);
});
