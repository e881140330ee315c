/**
 * The linear algebra of one node in a multifrontal elimination over a tree: a node adds up what it knows and what its
 * children say, eliminates every unknown that is complete, and passes the rest up. Two unknowns per node, its state θ and
 * its price λ, are eliminated together as a 2×2 pivot, because the system is indefinite.
 *
 * Everything is plain data, so that an agent's state can be stored and moved.
 */

/** A node whose unknowns a subtree shares with the rest. Complete once its own part and each of its links is counted. */
export interface BorderNode {
  readonly node: number;
  readonly links: number;
  counted: number;
}

/** What a subtree says upwards: its response at its border. */
export interface Response {
  readonly border: readonly BorderNode[];
  /** Upper triangle, row by row, over (θ, λ) of the border nodes in order. */
  readonly response: readonly number[];
  readonly residual: readonly number[];
}

/** One eliminated node. */
interface Pivot {
  readonly position: number;
  readonly tt: number;
  readonly tl: number;
  readonly ll: number;
  readonly rows: readonly number[];
  readonly factorT: readonly number[];
  readonly factorL: readonly number[];
}

/** What a node keeps from the way up for the way down. */
export interface Front {
  readonly nodes: readonly BorderNode[];
  readonly pivots: readonly Pivot[];
  /** Positions in `nodes` that went up to the parent. */
  readonly border: readonly number[];
  /** Right-hand side after elimination. */
  residual: number[];
}

/** A link that this node assembles. `stiffness` couples the states, `susceptance` states with prices. */
export interface AssembledLink {
  readonly from: BorderNode;
  readonly to: BorderNode;
  readonly susceptance: number;
  readonly stiffness: number;
}

/** What a node puts in besides its children's responses. */
export interface Assembly {
  readonly self: BorderNode;
  /** Diagonal entry of the node's own state. */
  readonly stateDiagonal: number;
  /** Diagonal entry of its own price: minus how much it would supply for a higher price. */
  readonly priceDiagonal: number;
  readonly links: readonly AssembledLink[];
  readonly children: readonly Response[];
}

/** Adds up, eliminates what is complete. @returns the front and the response matrix of the border. */
export function eliminate(assembly: Assembly): { readonly front: Front; readonly response: readonly number[] } {
  const nodes = collectNodes(assembly);
  const matrix = assemble(assembly, nodes);
  const { pivots, border } = reduce(nodes, matrix);
  return { front: { nodes, pivots, border, residual: [] }, response: upperTriangle(matrix, nodes.length, border) };
}

/** Takes a right-hand side up through a front. @returns the residual of the border. */
export function forward(
  front: Front,
  own: readonly [number, number],
  children: readonly Response[],
): readonly number[] {
  const residual = Array.from({ length: 2 * front.nodes.length }, () => 0);
  residual[0] = own[0];
  residual[1] = own[1];
  const position = new Map(front.nodes.map(({ node }, index) => [node, index]));
  for (const child of children) {
    for (const [k, { node }] of child.border.entries()) {
      const at = 2 * (position.get(node) ?? 0);
      residual[at] = read(residual, at) + read(child.residual, 2 * k);
      residual[at + 1] = read(residual, at + 1) + read(child.residual, 2 * k + 1);
    }
  }
  for (const { position: x, rows, factorT, factorL } of front.pivots) {
    for (const [q, row] of rows.entries()) {
      const change = read(factorT, q) * read(residual, 2 * x) + read(factorL, q) * read(residual, 2 * x + 1);
      residual[row] = read(residual, row) - change;
    }
  }
  front.residual = residual;
  return front.border.flatMap((x) => [read(residual, 2 * x), read(residual, 2 * x + 1)]);
}

/** Takes the solution at the border down through a front. @returns (θ, λ) of every node of the front, in its order. */
export function backward(front: Front, border: readonly number[]): readonly number[] {
  const solution = Array.from({ length: 2 * front.nodes.length }, () => 0);
  for (const [k, x] of front.border.entries()) {
    solution[2 * x] = read(border, 2 * k);
    solution[2 * x + 1] = read(border, 2 * k + 1);
  }
  for (const pivot of front.pivots.toReversed()) {
    const { position: x, tt, tl, ll, rows, factorT, factorL } = pivot;
    const determinant = tt * ll - tl * tl;
    const t = read(front.residual, 2 * x);
    const l = read(front.residual, 2 * x + 1);
    let state = (ll * t - tl * l) / determinant;
    let price = (tt * l - tl * t) / determinant;
    for (const [q, row] of rows.entries()) {
      state -= read(factorT, q) * read(solution, row);
      price -= read(factorL, q) * read(solution, row);
    }
    solution[2 * x] = state;
    solution[2 * x + 1] = price;
  }
  return solution;
}

/** Picks the values of a child's border out of a front's solution. */
export function valuesFor(front: Front, solution: readonly number[], child: Response): readonly number[] {
  const position = new Map(front.nodes.map(({ node }, index) => [node, index]));
  return child.border.flatMap(({ node }) => {
    const at = 2 * (position.get(node) ?? 0);
    return [read(solution, at), read(solution, at + 1)];
  });
}

function collectNodes({ self, links, children }: Assembly): BorderNode[] {
  const nodes: BorderNode[] = [];
  const byNode = new Map<number, BorderNode>();
  const count = ({ node, links: of }: BorderNode, times: number): void => {
    let known = byNode.get(node);
    if (known === undefined) {
      known = { node, links: of, counted: 0 };
      byNode.set(node, known);
      nodes.push(known);
    }
    known.counted += times;
  };
  count(self, 1);
  for (const { from, to } of links) {
    count(from, 1);
    count(to, 1);
  }
  for (const child of children) for (const node of child.border) count(node, node.counted);
  return nodes;
}

function assemble(
  { stateDiagonal, priceDiagonal, links, children }: Assembly,
  nodes: readonly BorderNode[],
): Float64Array {
  const width = 2 * nodes.length;
  const matrix = new Float64Array(width * width);
  const position = new Map(nodes.map(({ node }, index) => [node, 2 * index]));
  const at = (node: number): number => position.get(node) ?? 0;
  const add = (row: number, column: number, value: number): void => {
    matrix[row * width + column] = read(matrix, row * width + column) + value;
  };
  add(0, 0, stateDiagonal);
  add(1, 1, priceDiagonal);
  for (const { from, to, susceptance: b, stiffness } of links) {
    const weight = b * b * stiffness;
    for (const [row, other] of [
      [at(from.node), at(to.node)],
      [at(to.node), at(from.node)],
    ] as const) {
      add(row, row, weight);
      add(row, other, -weight);
      add(row, row + 1, b);
      add(row, other + 1, -b);
      add(row + 1, row, b);
      add(row + 1, other, -b);
    }
  }
  for (const { border, response } of children) {
    const rows = border.flatMap(({ node }) => [at(node), at(node) + 1]);
    let next = 0;
    for (const [x, row] of rows.entries()) {
      for (const column of rows.slice(x)) {
        const value = read(response, next++);
        add(row, column, value);
        if (row !== column) add(column, row, value);
      }
    }
  }
  return matrix;
}

/** Eliminates complete nodes, the best conditioned pivot first. */
function reduce(nodes: readonly BorderNode[], matrix: Float64Array): { pivots: Pivot[]; border: number[] } {
  const width = 2 * nodes.length;
  const left = new Set(nodes.keys());
  const pivots: Pivot[] = [];
  for (;;) {
    const x = bestPivot(nodes, left, matrix);
    if (x < 0) return { pivots, border: [...left] };
    left.delete(x);
    const t = 2 * x * width;
    const l = t + width;
    const tt = read(matrix, t + 2 * x);
    const tl = read(matrix, t + 2 * x + 1);
    const ll = read(matrix, l + 2 * x + 1);
    const determinant = tt * ll - tl * tl;
    const rows = [...left].flatMap((y) => [2 * y, 2 * y + 1]);
    const factorT: number[] = [];
    const factorL: number[] = [];
    for (const row of rows) {
      const yt = read(matrix, row * width + 2 * x);
      const yl = read(matrix, row * width + 2 * x + 1);
      const ft = (ll * yt - tl * yl) / determinant;
      const fl = (tt * yl - tl * yt) / determinant;
      factorT.push(ft);
      factorL.push(fl);
      for (const column of rows) {
        const change = ft * read(matrix, t + column) + fl * read(matrix, l + column);
        matrix[row * width + column] = read(matrix, row * width + column) - change;
      }
    }
    pivots.push({ position: x, tt, tl, ll, rows, factorT, factorL });
  }
}

function bestPivot(nodes: readonly BorderNode[], left: ReadonlySet<number>, matrix: Float64Array): number {
  const width = 2 * nodes.length;
  let best = -1;
  let quality = -1;
  for (const x of left) {
    const node = nodes[x];
    if (node === undefined || node.counted < node.links + 1) continue;
    const t = 2 * x * width + 2 * x;
    const tt = read(matrix, t);
    const tl = read(matrix, t + 1);
    const ll = read(matrix, t + width + 1);
    const size = Math.max(tt * tt, tl * tl, ll * ll, Number.MIN_VALUE);
    const here = Math.abs(tt * ll - tl * tl) / size;
    if (here > quality) {
      quality = here;
      best = x;
    }
  }
  return best;
}

function upperTriangle(matrix: Float64Array, nodes: number, border: readonly number[]): number[] {
  const width = 2 * nodes;
  const rows = border.flatMap((x) => [2 * x, 2 * x + 1]);
  return rows.flatMap((row, k) => rows.slice(k).map((column) => read(matrix, row * width + column)));
}

function read(values: ArrayLike<number>, index: number): number {
  return values[index] ?? 0;
}
