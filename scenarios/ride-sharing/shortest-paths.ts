/** A directed edge between two vertices that are numbered from 0. */
export interface GraphEdge {
  readonly from: number;
  readonly to: number;
  /** At least 0. */
  readonly length: number;
}

/** Lengths of shortest paths; Infinity where there is none. */
export interface ShortestPaths {
  readonly vertices: number;
  length(from: number, to: number): number;
}

/** Edges by vertex: those of vertex v are at `first[v]` to `first[v + 1] - 1`. */
interface Adjacency {
  readonly first: Int32Array;
  readonly to: Int32Array;
  readonly length: Float64Array;
}

/**
 * Shortest paths of a directed graph. Dijkstra's algorithm (1959) runs when the first path from a vertex is asked for; its row, of
 * 8 bytes a vertex, is kept.
 */
export function shortestPaths(vertices: number, edges: readonly GraphEdge[]): ShortestPaths {
  const adjacency = adjacencyOf(vertices, edges);
  const rows: (Float64Array | undefined)[] = Array.from({ length: vertices });
  return {
    vertices,
    length: (from, to) => (rows[from] ??= rowFrom(adjacency, from))[to] ?? Infinity,
  };
}

function adjacencyOf(vertices: number, edges: readonly GraphEdge[]): Adjacency {
  const first = new Int32Array(vertices + 1);
  for (const { from } of edges) first[from + 1] = (first[from + 1] ?? 0) + 1;
  for (let vertex = 0; vertex < vertices; vertex++) first[vertex + 1] = (first[vertex + 1] ?? 0) + (first[vertex] ?? 0);
  const next = first.slice();
  const to = new Int32Array(edges.length);
  const length = new Float64Array(edges.length);
  for (const edge of edges) {
    const at = next[edge.from] ?? 0;
    next[edge.from] = at + 1;
    to[at] = edge.to;
    length[at] = edge.length;
  }
  return { first, to, length };
}

function rowFrom({ first, to, length }: Adjacency, source: number): Float64Array {
  const row = new Float64Array(first.length - 1).fill(Infinity);
  row[source] = 0;
  const heap = new Heap();
  heap.push(source, 0);
  for (let vertex = heap.pop(row); vertex >= 0; vertex = heap.pop(row)) {
    const here = row[vertex] ?? 0;
    for (let edge = first[vertex] ?? 0; edge < (first[vertex + 1] ?? 0); edge++) {
      const target = to[edge] ?? 0;
      const there = here + (length[edge] ?? 0);
      if (there >= (row[target] ?? 0)) continue;
      row[target] = there;
      heap.push(target, there);
    }
  }
  return row;
}

/** A binary heap of vertices by length. A vertex that got nearer is in it again; the older entry is passed over. */
export class Heap {
  readonly #vertices: number[] = [];
  readonly #keys: number[] = [];

  push(vertex: number, key: number): void {
    let at = this.#keys.length;
    this.#keys.push(key);
    this.#vertices.push(vertex);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if ((this.#keys[above] ?? 0) <= key) break;
      this.#move(above, at);
      at = above;
    }
    this.#put(at, vertex, key);
  }

  /** The nearest vertex, or -1 where none is left. */
  pop(row: Float64Array): number {
    for (;;) {
      const [vertex, key] = [this.#vertices[0], this.#keys[0]];
      if (vertex === undefined || key === undefined) return -1;
      this.#removeFirst();
      if (key <= (row[vertex] ?? 0)) return vertex;
    }
  }

  #removeFirst(): void {
    const key = this.#keys.pop();
    const vertex = this.#vertices.pop();
    const size = this.#keys.length;
    if (key === undefined || vertex === undefined || size === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= size) break;
      if (below + 1 < size && (this.#keys[below + 1] ?? 0) < (this.#keys[below] ?? 0)) below++;
      if ((this.#keys[below] ?? 0) >= key) break;
      this.#move(below, at);
      at = below;
    }
    this.#put(at, vertex, key);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#vertices[from] ?? 0, this.#keys[from] ?? 0);
  }

  #put(at: number, vertex: number, key: number): void {
    this.#vertices[at] = vertex;
    this.#keys[at] = key;
  }
}
