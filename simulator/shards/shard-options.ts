/** Which part of a world this is. Every part is made by the same code and runs the agents that are its own. */
export interface ShardOptions {
  /** From 0; null for the part that runs no agent and hears at the end what became of all. */
  readonly worker: number | null;
  readonly workers: number;
  /** Keep what was delivered here until it is taken. */
  readonly trace?: boolean;
}
