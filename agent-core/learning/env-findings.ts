/** What {@link checkEnv} can find. */
export type EnvFault =
  | 'bad-name'
  | 'bad-agents'
  | 'bad-space'
  | 'changing-space'
  | 'space-of-nobody'
  | 'reset-throws'
  | 'step-throws'
  | 'bad-turn'
  | 'observation-length'
  | 'observation-not-finite'
  | 'observation-out-of-bounds'
  | 'bad-mask'
  | 'bad-reward'
  | 'bad-elapsed'
  | 'first-turn-not-zero'
  | 'bad-info'
  | 'unknown-agent'
  | 'ended-agent-came-back'
  | 'nobody-to-act'
  | 'accepts-bad-action'
  | 'accepts-missing-action'
  | 'accepts-extra-action'
  | 'accepts-action-after-end'
  | 'refusal-changes-episode'
  | 'turn-changed-later'
  | 'not-deterministic'
  | 'reset-leaks'
  | 'bad-make';

/** One kind of fault of an environment. */
export interface EnvFinding {
  readonly code: EnvFault;
  /** The first time. */
  readonly message: string;
  /** Where it was first found; step 0 is the reset. Null for what was found without an episode. */
  readonly at: EnvPlace | null;
  readonly times: number;
}

/** A place in an episode. */
export interface EnvPlace {
  readonly seed: number;
  readonly step: number;
}

/** Collects findings, one a kind. */
export interface EnvFindings {
  add(code: EnvFault, message: string, at: EnvPlace | null): void;
  has(code: EnvFault): boolean;
  /** In the order in which they were found. */
  list(): readonly EnvFinding[];
}

/** Collects what is wrong with an environment. */
export function envFindings(): EnvFindings {
  const found = new Map<EnvFault, EnvFinding>();
  return {
    add: (code, message, at) => {
      const before = found.get(code);
      found.set(code, before === undefined ? { code, message, at, times: 1 } : { ...before, times: before.times + 1 });
    },
    has: (code) => found.has(code),
    list: () => [...found.values()],
  };
}

/** What an error says, whoever threw it. */
export function saying(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
