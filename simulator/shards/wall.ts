/** Time on the wall, for whoever waits for other processes. Virtual time knows nothing of it. */
export interface Wall {
  /** Calls back after some milliseconds, unless what it returns is called before. */
  after(millis: number, call: () => void): () => void;
}

/** Wall times of a split run, in milliseconds. */
export const WALL_MILLIS = {
  /** A worker says that it is there so often until it is heard. */
  hello: 250,
  /** The coordinator waits for all workers to join, and a worker for its first word. */
  join: 60_000,
  /** The coordinator asks so often whether those it waits for are still there. */
  ping: 1_000,
  /** A worker waits for a message that was sent to it. */
  missing: 10_000,
  /** Neither side hears anything of the other. */
  silence: 60_000,
} as const;

/** Wall times that may be set. */
export type WallMillis = { readonly [K in keyof typeof WALL_MILLIS]?: number };
