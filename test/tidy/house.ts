/** Where things may go: the directions between folders and the one place of each dependency, as data. */

/** Parts of the house from the most to the least specific; the first whose prefix starts a path is its part. */
export const PARTS = [
  'agent-core/adapters',
  'agent-core/testing',
  'agent-core',
  'agents',
  'simulator',
  'scenarios',
  'cli',
  'bench',
  'examples',
  'test',
] as const;

/** One part of the house. */
export type Part = (typeof PARTS)[number];

const PRODUCT: readonly Part[] = ['agent-core', 'agents', 'simulator', 'scenarios', 'agent-core/adapters'];

/** What each part may import beside itself. */
export const MAY_IMPORT: Readonly<Record<Part, readonly Part[]>> = {
  'agent-core': [],
  'agent-core/adapters': ['agent-core'],
  'agent-core/testing': ['agent-core'],
  agents: ['agent-core'],
  simulator: ['agent-core'],
  scenarios: ['agent-core', 'agents', 'simulator'],
  cli: PRODUCT,
  bench: [...PRODUCT, 'cli', 'agent-core/testing'],
  examples: [...PRODUCT, 'agent-core/testing'],
  test: PARTS,
};

/** Parts in which `node:` modules may be named. */
export const NODE_PARTS: readonly Part[] = ['agent-core/adapters', 'scenarios', 'cli', 'bench', 'examples', 'test'];

/** Parts that may import any declared package: they compare with others and reach behind the ports. */
export const FREE_PARTS: readonly Part[] = ['bench', 'test'];

/** The folders in which a package may be imported; a package that is not listed may be imported nowhere else. */
export const PACKAGE_PLACES: ReadonlyMap<string, readonly string[]> = new Map([
  ['@nats-io/jwt', ['agent-core/adapters/']],
  ['@noble/hashes', ['agent-core/identity/', 'agent-core/message/', 'agent-core/policy/', 'agent-core/protocol/']],
  ['@tensorflow/tfjs', ['agent-core/adapters/']],
  ['@tensorflow/tfjs-backend-wasm', ['agent-core/adapters/']],
  ['@tensorflow/tfjs-node', ['agent-core/adapters/']],
  ['commander', ['cli/']],
  ['highs', ['scenarios/']],
  ['nats', ['agent-core/adapters/']],
  ['tsx', ['cli/']],
  ['tweetnacl', ['agent-core/identity/']],
  ['xstate', ['agent-core/agent/', 'agent-core/protocol/']],
  ['yaml', ['cli/', 'scenarios/']],
  ['zod', ['agent-core/', 'agents/', 'scenarios/', 'cli/', 'examples/']],
]);

/** File and folder names that say nothing about what is inside. */
export const EMPTY_NAMES: ReadonlySet<string> = new Set([
  'utils',
  'util',
  'common',
  'helpers',
  'helper',
  'types',
  'misc',
]);

/** The part of a source file, or null for a file at the root. */
export function partOf(path: string): Part | null {
  return PARTS.find((part) => path.startsWith(`${part}/`)) ?? null;
}
