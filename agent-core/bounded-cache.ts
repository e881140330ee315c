/** A map that forgets: for values that can be computed again, so that a flood of keys costs time and never memory. */
export interface BoundedCache<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  /** Entries held now, at most the capacity. */
  size(): number;
}

/**
 * A cache of at most `capacity` entries. Two generations of half the capacity each: when the young one is full, the old
 * one is dropped whole, which is cheaper than keeping an order of use and forgets nothing that was used recently.
 */
export function boundedCache<V>(capacity: number): BoundedCache<V> {
  const half = Math.max(1, Math.floor(capacity / 2));
  let young = new Map<string, V>();
  let old = new Map<string, V>();

  function set(key: string, value: V): void {
    if (young.size >= half && !young.has(key)) {
      old = young;
      young = new Map();
    }
    old.delete(key);
    young.set(key, value);
  }

  return {
    get(key) {
      const recent = young.get(key);
      if (recent !== undefined) return recent;
      const earlier = old.get(key);
      if (earlier !== undefined) set(key, earlier);
      return earlier;
    },
    set,
    size: () => young.size + old.size,
  };
}
