/** What {@link SubjectIndex.match} finds: entries outside queue groups, and the members of each group. */
export interface SubjectMatches<E> {
  readonly plain: readonly E[];
  readonly groups: readonly (readonly E[])[];
}

/** An entry of a {@link SubjectIndex}. */
export interface IndexedPattern {
  /** A checked subject pattern (`*` one token, `>` one or more at the end). */
  readonly pattern: string;
  readonly queue: string | undefined;
  /** Whose it is: simultaneous matches are taken by owner, so that who came first decides nothing. */
  readonly ownerName: string;
}

interface Node<E> {
  readonly children: Map<string, Node<E>>;
  readonly entries: Set<E>;
}

/** Remembered subjects; past this the memory starts anew, so that one-off subjects cannot fill the heap. */
const CACHED_SUBJECTS = 65_536;

/**
 * Subscriptions by subject, matched by NATS rules: a trie by token, with the matches of a subject remembered until a
 * subscription changes. Matches come in the order of subscribing, so that what is delivered does not hang on the trie.
 */
export class SubjectIndex<E extends IndexedPattern> {
  readonly #root: Node<E> = emptyNode();
  readonly #order = new Map<E, number>();
  readonly #cache = new Map<string, SubjectMatches<E>>();
  #added = 0;

  get size(): number {
    return this.#order.size;
  }

  add(entry: E): void {
    let node = this.#root;
    for (const token of entry.pattern.split('.')) {
      let child = node.children.get(token);
      if (child === undefined) {
        child = emptyNode();
        node.children.set(token, child);
      }
      node = child;
    }
    node.entries.add(entry);
    this.#order.set(entry, this.#added++);
    this.#cache.clear();
  }

  /** True where the entry was present. */
  remove(entry: E): boolean {
    if (!this.#order.delete(entry)) return false;
    this.#cache.clear();
    const path: Node<E>[] = [this.#root];
    const tokens = entry.pattern.split('.');
    for (const token of tokens) {
      const child = path.at(-1)?.children.get(token);
      if (child !== undefined) path.push(child);
    }
    path.at(-1)?.entries.delete(entry);
    for (let depth = tokens.length; depth > 0; depth--) {
      const node = path[depth];
      if (node === undefined || node.entries.size > 0 || node.children.size > 0) break;
      path[depth - 1]?.children.delete(tokens[depth - 1] ?? '');
    }
    return true;
  }

  /** The remembered matches of a subject, if it was asked for since the last change; such a subject is well-formed. */
  remembered(subject: string): SubjectMatches<E> | undefined {
    return this.#cache.get(subject);
  }

  /** Entries whose pattern matches a literal subject. */
  match(subject: string): SubjectMatches<E> {
    const known = this.#cache.get(subject);
    if (known !== undefined) return known;
    const found = collect(this.#root, subject.split('.'), 0);
    found.sort((a, b) => byOwner(a, b) || (this.#order.get(a) ?? 0) - (this.#order.get(b) ?? 0));
    const matches = split(found);
    if (this.#cache.size >= CACHED_SUBJECTS) this.#cache.clear();
    this.#cache.set(subject, matches);
    return matches;
  }
}

/** Whether a subject falls under a pattern. */
export function subjectMatches(pattern: string, subject: string): boolean {
  const tokens = subject.split('.');
  const wanted = pattern.split('.');
  if (wanted.at(-1) === '>') return tokens.length >= wanted.length && agree(wanted.slice(0, -1), tokens);
  return tokens.length === wanted.length && agree(wanted, tokens);
}

function agree(wanted: readonly string[], tokens: readonly string[]): boolean {
  return wanted.every((token, index) => token === '*' || token === tokens[index]);
}

/** By owner's name; the entries of one owner keep their order. */
function byOwner(a: IndexedPattern, b: IndexedPattern): number {
  return a.ownerName < b.ownerName ? -1 : a.ownerName > b.ownerName ? 1 : 0;
}

function emptyNode<E>(): Node<E> {
  return { children: new Map(), entries: new Set() };
}

// Recursion is bounded by the tokens of a subject, whose length LIMITS.subjectChars bounds.
function collect<E>(node: Node<E>, tokens: readonly string[], depth: number): E[] {
  const token = tokens[depth];
  if (token === undefined) return [...node.entries];
  const found = [...(node.children.get('>')?.entries ?? [])];
  for (const child of [node.children.get('*'), node.children.get(token)]) {
    if (child !== undefined) found.push(...collect(child, tokens, depth + 1));
  }
  return found;
}

function split<E extends IndexedPattern>(entries: readonly E[]): SubjectMatches<E> {
  const plain: E[] = [];
  const groups = new Map<string, E[]>();
  for (const entry of entries) {
    if (entry.queue === undefined) {
      plain.push(entry);
    } else {
      const members = groups.get(entry.queue);
      if (members === undefined) groups.set(entry.queue, [entry]);
      else members.push(entry);
    }
  }
  return { plain, groups: [...groups.values()] };
}
