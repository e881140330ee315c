import test from 'ava';
import * as fc from 'fast-check';
import {
  backward,
  eliminate,
  forward,
  valuesFor,
  type AssembledLink,
  type BorderNode,
  type Front,
  type Response,
} from '../../../agents/energy/front.ts';
import { connectedGraphs, type Graph } from './graphs.ts';

const RUNS = { seed: 21, numRuns: 150 };

interface Node {
  readonly state: number;
  readonly price: number;
}

interface Edge {
  readonly a: number;
  readonly b: number;
  readonly susceptance: number;
  readonly stiffness: number;
}

/** A symmetric indefinite system over (θ, λ) of every node, of the shape that a round has. */
interface System {
  readonly graph: Graph;
  readonly diagonals: readonly Node[];
  readonly edges: readonly Edge[];
  readonly residuals: readonly (readonly [number, number])[];
}

const size = fc.integer({ min: 1, max: 400 }).map((n) => n / 40);
const signed = fc.integer({ min: -400, max: 400 }).map((n) => n / 40);

const systems: fc.Arbitrary<System> = connectedGraphs(10).chain((graph) => {
  const pairs = graph.neighbours.flatMap((list, a) => list.filter((b) => b > a).map((b) => [a, b] as const));
  return fc.record({
    graph: fc.constant(graph),
    diagonals: fc.tuple(...graph.neighbours.map(() => fc.record({ state: size, price: size.map((n) => -n) }))),
    edges: fc.tuple(
      ...pairs.map(([a, b]) => fc.record({ a: fc.constant(a), b: fc.constant(b), susceptance: size, stiffness: size })),
    ),
    residuals: fc.tuple(...graph.neighbours.map(() => fc.tuple(signed, signed))),
  });
});

/** The whole matrix at once. */
function dense({ graph, diagonals, edges }: System): number[][] {
  const width = 2 * graph.neighbours.length;
  const matrix = Array.from({ length: width }, () => Array.from({ length: width }, () => 0));
  const add = (row: number, column: number, value: number): void => {
    const line = matrix[row];
    if (line !== undefined) line[column] = (line[column] ?? 0) + value;
  };
  for (const [node, { state, price }] of diagonals.entries()) {
    add(2 * node, 2 * node, state);
    add(2 * node + 1, 2 * node + 1, price);
  }
  for (const { a, b, susceptance, stiffness } of edges) {
    for (const [row, other] of [
      [a, b],
      [b, a],
    ] as const) {
      add(2 * row, 2 * row, susceptance ** 2 * stiffness);
      add(2 * row, 2 * other, -(susceptance ** 2) * stiffness);
      add(2 * row, 2 * row + 1, susceptance);
      add(2 * row, 2 * other + 1, -susceptance);
      add(2 * row + 1, 2 * row, susceptance);
      add(2 * row + 1, 2 * other, -susceptance);
    }
  }
  return matrix;
}

/** Gaussian elimination with partial pivoting. */
function solve(system: System, residuals: readonly (readonly [number, number])[]): number[] {
  const matrix = dense(system).map((line, row) => [...line, residuals[row >> 1]?.[row & 1] ?? 0]);
  const width = matrix.length;
  for (let k = 0; k < width; k++) {
    const best = matrix.slice(k).reduce((top, line) => (Math.abs(line[k] ?? 0) > Math.abs(top[k] ?? 0) ? line : top));
    matrix.splice(matrix.indexOf(best), 1);
    matrix.splice(k, 0, best);
    for (const line of matrix.slice(k + 1)) {
      const factor = (line[k] ?? 0) / (best[k] ?? 1);
      for (let c = k; c <= width; c++) line[c] = (line[c] ?? 0) - factor * (best[c] ?? 0);
    }
  }
  const solution = matrix.map(() => 0);
  for (let k = width - 1; k >= 0; k--) {
    const line = matrix[k] ?? [];
    let rest = line[width] ?? 0;
    for (let c = k + 1; c < width; c++) rest -= (line[c] ?? 0) * (solution[c] ?? 0);
    solution[k] = rest / (line[k] ?? 1);
  }
  return solution;
}

/** Parents in a breadth-first tree from node 0. */
function breadthFirst({ neighbours }: Graph): readonly number[] {
  const parents = neighbours.map(() => -2);
  parents[0] = -1;
  const open = [0];
  for (let node = open.shift(); node !== undefined; node = open.shift()) {
    for (const other of neighbours[node] ?? []) {
      if (parents[other] !== -2) continue;
      parents[other] = node;
      open.push(other);
    }
  }
  return parents;
}

interface Part {
  readonly node: number;
  readonly front: Front;
  readonly children: readonly Part[];
  readonly response: Response;
}

/** Eliminates a subtree. On an edge of the tree the child assembles, elsewhere the higher number. */
function eliminateTree(system: System, parents: readonly number[], node: number): Part {
  const { graph, diagonals, edges } = system;
  const border = (of: number): BorderNode => ({ node: of, links: graph.neighbours[of]?.length ?? 0, counted: 0 });
  const children = [...parents.keys()]
    .filter((child) => parents[child] === node)
    .map((child) => eliminateTree(system, parents, child));
  const assembles = (other: number): boolean =>
    parents[node] === other || (parents[other] !== node && node > other && parents[node] !== other);
  const links: AssembledLink[] = edges
    .filter(({ a, b }) => (a === node && assembles(b)) || (b === node && assembles(a)))
    .map(({ a, b, susceptance, stiffness }) => ({ from: border(a), to: border(b), susceptance, stiffness }));
  const { front, response } = eliminate({
    self: border(node),
    stateDiagonal: diagonals[node]?.state ?? 0,
    priceDiagonal: diagonals[node]?.price ?? 0,
    links,
    children: children.map((child) => child.response),
  });
  const nodes = front.border.flatMap((x) => front.nodes[x] ?? []);
  return { node, front, children, response: { border: nodes, response, residual: [] } };
}

/** Takes a right-hand side up and the solution down. */
function solveByTree(part: Part, residuals: readonly (readonly [number, number])[], count: number): number[] {
  const up = (at: Part): Response => {
    const residual = forward(at.front, residuals[at.node] ?? [0, 0], at.children.map(up));
    return { ...at.response, residual };
  };
  const solution = Array.from({ length: 2 * count }, () => Number.NaN);
  const down = (at: Part, border: readonly number[]): void => {
    const values = backward(at.front, border);
    solution[2 * at.node] = values[0] ?? Number.NaN;
    solution[2 * at.node + 1] = values[1] ?? Number.NaN;
    for (const child of at.children) down(child, valuesFor(at.front, values, child.response));
  };
  up(part);
  down(part, []);
  return solution;
}

function furthest(a: readonly number[], b: readonly number[]): number {
  const scale = Math.max(1, ...b.map(Math.abs));
  return Math.max(...a.map((value, k) => Math.abs(value - (b[k] ?? 0)) / scale));
}

test('elimination over a tree solves the same system as a dense solver', (t) => {
  fc.assert(
    fc.property(systems, (system) => {
      const part = eliminateTree(system, breadthFirst(system.graph), 0);
      const ours = solveByTree(part, system.residuals, system.graph.neighbours.length);
      t.true(furthest(ours, solve(system, system.residuals)) < 1e-8);
    }),
    RUNS,
  );
});

test('a front takes one right-hand side after another, as refinement needs', (t) => {
  fc.assert(
    fc.property(systems, fc.infiniteStream(signed), (system, more) => {
      const count = system.graph.neighbours.length;
      const part = eliminateTree(system, breadthFirst(system.graph), 0);
      for (let sweep = 0; sweep < 3; sweep++) {
        const residuals = system.residuals.map(() => [more.next().value, more.next().value] as const);
        t.true(furthest(solveByTree(part, residuals, count), solve(system, residuals)) < 1e-8);
      }
    }),
    RUNS,
  );
});

test('every node is eliminated once, by the first front in which it is complete; nothing is left at the root', (t) => {
  fc.assert(
    fc.property(systems, (system) => {
      const root = eliminateTree(system, breadthFirst(system.graph), 0);
      const eliminated: number[] = [];
      const visit = (part: Part): void => {
        const { nodes, pivots, border } = part.front;
        t.is(pivots.length + border.length, nodes.length);
        for (const { position } of pivots) eliminated.push(nodes[position]?.node ?? -1);
        for (const { counted, links } of part.response.border) t.true(counted <= links);
        const width = 2 * border.length;
        t.is(part.response.response.length, (width * (width + 1)) / 2);
        for (const child of part.children) visit(child);
      };
      visit(root);
      t.deepEqual(root.front.border, []);
      t.deepEqual(
        eliminated.toSorted((a, b) => a - b),
        [...system.graph.neighbours.keys()],
      );
    }),
    RUNS,
  );
});

test('a front is plain data: it works the same after JSON', (t) => {
  fc.assert(
    fc.property(systems, (system) => {
      const part = eliminateTree(system, breadthFirst(system.graph), 0);
      const count = system.graph.neighbours.length;
      const thawed: Part = JSON.parse(JSON.stringify(part));
      t.deepEqual(solveByTree(thawed, system.residuals, count), solveByTree(part, system.residuals, count));
    }),
    { ...RUNS, numRuns: 30 },
  );
});
