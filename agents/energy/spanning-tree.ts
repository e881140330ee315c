/**
 * A spanning tree grown by neighbours: the echo algorithm with extinction (Chang 1982; Tel, "Introduction to Distributed
 * Algorithms", section 7.3), then moved so that its root is in the middle. Every node starts a wave with its own number;
 * waves of higher numbers die out; the node whose wave comes back from everywhere has the smallest number and is the root.
 *
 * Pure: functions take a tree, change it, and say what to tell whom. Neighbours are named by position.
 */

/** What a subtree tells its parent about itself. */
export interface Summary {
  readonly height: number;
  readonly magnitude: number | null;
  readonly constraints: number;
  readonly quadratic: boolean;
  readonly turnover: number;
}

/** A message to a neighbour. */
export type TreeMessage =
  | { readonly to: number; readonly type: 'wave'; readonly body: { readonly root: number } }
  | { readonly to: number; readonly type: 'echo'; readonly body: Summary & { readonly root: number } }
  | { readonly to: number; readonly type: 'lead'; readonly body: Summary };

/** A node's view of the tree. */
export interface Tree {
  readonly node: number;
  readonly neighbours: number;
  /** Smallest node number heard of. */
  root: number;
  /** Position of the parent; -1 at a root. */
  parent: number;
  children: number[];
  /** Neighbours that the present wave has not come back from. */
  pending: number;
  /** What the children of the present wave have echoed, by neighbour. */
  echoes: Record<number, Summary>;
}

/** A tree of one node. */
export function createTree(node: number, neighbours: number): Tree {
  return { node, neighbours, root: node, parent: -1, children: [], pending: neighbours, echoes: {} };
}

/** Starts the node's own wave. */
export function startWave(tree: Tree): TreeMessage[] {
  return spread(tree, -1);
}

/** A neighbour's wave came. `own` is what this node adds to the summary of its subtree. */
export function onWave(
  tree: Tree,
  { from, root }: { readonly from: number; readonly root: number },
  own: Summary,
): TreeMessage[] {
  if (root > tree.root) return [];
  if (root === tree.root) {
    tree.pending -= 1;
    return complete(tree, own);
  }
  tree.root = root;
  tree.parent = from;
  tree.children = [];
  tree.echoes = {};
  tree.pending = tree.neighbours - 1;
  return [...spread(tree, from), ...complete(tree, own)];
}

/** A neighbour's echo came: it is a child, unless its wave has died out meanwhile. */
export function onEcho(
  tree: Tree,
  { from, echo }: { readonly from: number; readonly echo: Summary & { readonly root: number } },
  own: Summary,
): TreeMessage[] {
  if (echo.root !== tree.root) return [];
  tree.children = [...tree.children, from].toSorted((a, b) => a - b);
  tree.echoes[from] = echo;
  tree.pending -= 1;
  return complete(tree, own);
}

/** True where this node's wave came back from everywhere: it is the root of the whole tree. */
export function isElected(tree: Tree): boolean {
  return tree.root === tree.node && tree.pending === 0;
}

/**
 * What the root does once it leads the whole tree: passes the lead on to a child that is nearer to the middle, or keeps
 * it. `above` is the summary of the part that the lead came from.
 */
export function passLead(tree: Tree, own: Summary): TreeMessage | null {
  const heights = tree.children.map((child) => ({ child, height: (tree.echoes[child]?.height ?? 0) + 1 }));
  const [tallest, second] = heights.toSorted((a, b) => b.height - a.height || a.child - b.child);
  if (tallest === undefined || tallest.height <= (second?.height ?? 0) + 1) return null;
  tree.children = tree.children.filter((child) => child !== tallest.child);
  tree.parent = tallest.child;
  return { to: tallest.child, type: 'lead', body: summarise(tree, own) };
}

/** Takes the lead over from the parent, which becomes a child. */
export function takeLead(tree: Tree, from: number, summary: Summary): void {
  tree.parent = -1;
  tree.children = [...tree.children, from].toSorted((a, b) => a - b);
  tree.echoes[from] = summary;
}

/** The summary of a node with its present children. */
export function summarise(tree: Tree, own: Summary): Summary {
  let total = own;
  for (const child of tree.children) {
    const part = tree.echoes[child];
    if (part === undefined) continue;
    total = {
      height: Math.max(total.height, part.height + 1),
      magnitude: larger(total.magnitude, part.magnitude),
      constraints: total.constraints + part.constraints,
      quadratic: total.quadratic || part.quadratic,
      turnover: total.turnover + part.turnover,
    };
  }
  return total;
}

function spread(tree: Tree, except: number): TreeMessage[] {
  const messages: TreeMessage[] = [];
  for (let to = 0; to < tree.neighbours; to++) {
    if (to !== except) messages.push({ to, type: 'wave', body: { root: tree.root } });
  }
  return messages;
}

function complete(tree: Tree, own: Summary): TreeMessage[] {
  if (tree.pending > 0 || tree.parent < 0) return [];
  return [{ to: tree.parent, type: 'echo', body: { root: tree.root, ...summarise(tree, own) } }];
}

function larger(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}
