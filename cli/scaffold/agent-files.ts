/** What a new agent's project is made from. */
export interface AgentProject {
  /** Lower-case words joined by "-". */
  readonly name: string;
  /** Where npm finds Haggle: a version, a path or a git address. */
  readonly haggle: string;
  /** Versions of what stands beside it. */
  readonly versions: { readonly zod: string; readonly typescript: string; readonly nodeTypes: string };
}

/** The files of a new agent's project by path: a small protocol, an agent that speaks it, a test that passes. */
export function agentFiles(project: AgentProject): ReadonlyMap<string, string> {
  const { name } = project;
  const variable = camelCase(name);
  return new Map([
    ['package.json', manifest(project)],
    ['tsconfig.json', TSCONFIG],
    // Keys and journals of agents that are tried out here belong to nobody else.
    ['.gitignore', 'node_modules/\ndist/\n.haggle/\n*.key\n'],
    ['README.md', readme(project)],
    [`src/${name}.ts`, agentSource(name, variable)],
    [`src/${name}.test.ts`, testSource(name, variable)],
  ]);
}

/** `price-watcher` as `priceWatcher`. A name that TypeScript keeps for itself gets `Agent` at its end. */
export function camelCase(name: string): string {
  const [first = '', ...rest] = name.split('-');
  const joined = first + rest.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');
  return RESERVED.has(joined) ? `${joined}Agent` : joined;
}

/** Words that cannot name a constant of a strict module, or that its files use already. */
const RESERVED: ReadonlySet<string> = new Set(
  (
    'await break case catch class const continue debugger default delete do else enum eval export extends false finally for ' +
    'function if implements import in instanceof interface let new null package private protected public return static super ' +
    'switch this throw true try typeof undefined var void while with yield arguments async ' +
    'undefined amount assert bench deal defineAgent defineProtocol test testAgent z'
  ).split(' '),
);

function manifest({ name, haggle, versions }: AgentProject): string {
  return json({
    name,
    version: '0.1.0',
    private: true,
    type: 'module',
    engines: { node: '>=20.19' },
    scripts: { build: 'tsc', test: 'tsc && cd dist && node --test' },
    dependencies: { haggle, zod: versions.zod },
    devDependencies: { '@types/node': versions.nodeTypes, typescript: versions.typescript },
  });
}

/** JSON as formatters write it, with a list of one on one line. */
function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2).replaceAll(/\[\s+("[^"]*")\s+\]/g, '[$1]')}\n`;
}

const TSCONFIG = json({
  compilerOptions: {
    target: 'ES2023',
    lib: ['ES2023'],
    types: ['node'],
    module: 'NodeNext',
    rootDir: 'src',
    outDir: 'dist',
    noEmitOnError: true,
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noImplicitReturns: true,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
    skipLibCheck: true,
  },
  include: ['src'],
});

function readme({ name, haggle }: AgentProject): string {
  return `# ${name}

An agent for Haggle: it sells from a stock at a fixed price to whoever asks.

\`\`\`sh
npm install
npm test
\`\`\`

- \`src/${name}.ts\` is the protocol and the agent; change both.
- \`src/${name}.test.ts\` puts the agent under test with peers that the test plays.

Haggle is not in a package registry yet. \`package.json\` takes it from \`${haggle}\`; to take it from elsewhere, run
\`npm install <path or git address>\`. A folder that it comes from must have been built (\`npm install\` inside it does that).
`;
}

function agentSource(name: string, variable: string): string {
  return `import { amount, defineAgent, defineProtocol } from 'haggle';
import { z } from 'zod';

/** A buyer asks what so many units cost. The seller names a price, or declines; the buyer accepts, or lets it pass. */
export const Purchase = defineProtocol({
  name: 'purchase',
  version: '1.0.0',
  roles: ['buyer', 'seller'],
  messages: {
    ask: { from: 'buyer', as: 'cfp', body: z.object({ units: z.number().int().positive() }) },
    offer: { from: 'seller', as: 'propose', body: z.object({ price: amount() }) },
    decline: { from: 'seller', as: 'refuse', body: z.object({ left: z.number().int() }) },
    accept: { from: 'buyer', as: 'accept-proposal', body: z.object({}) },
  },
  dialogue: {
    initial: 'idle',
    states: {
      idle: { on: { ask: 'asked' } },
      asked: { on: { offer: 'offered', decline: 'declined' } },
      offered: { on: { accept: 'sold' } },
      declined: { type: 'final' },
      sold: { type: 'final' },
    },
  },
});

/** Sells from a stock at a fixed price. What is on offer stays reserved until the dialogue ends. */
export const ${variable} = defineAgent({
  name: '${name}',
  params: z.object({ unitPrice: z.bigint().positive(), stock: z.number().int().nonnegative() }),
  state: (params) => ({ stock: params.stock, sold: 0, reserved: {} as Record<string, number> }),
  setup(agent) {
    agent.play(
      Purchase,
      'seller',
      {
        ask: (ctx, m) => {
          const { units } = m.body;
          if (units > ctx.state.stock) return m.reply('decline', { left: ctx.state.stock });
          ctx.state.stock -= units;
          ctx.state.reserved[m.dialogue.id] = units;
          return m.reply('offer', { price: ctx.params.unitPrice * BigInt(units) });
        },
        accept: (ctx, m) => {
          ctx.state.sold += ctx.state.reserved[m.dialogue.id] ?? 0;
        },
      },
      {
        ended: (ctx, end) => {
          if (end.state !== 'sold') ctx.state.stock += ctx.state.reserved[end.dialogue] ?? 0;
          delete ctx.state.reserved[end.dialogue];
        },
      },
    );
  },
});
`;
}

function testSource(name: string, variable: string): string {
  return `import assert from 'node:assert/strict';
import test from 'node:test';
import { testAgent } from 'haggle/testing';
import { ${variable}, Purchase } from './${name}.ts';

const TOKEN = 1_000_000n; // amounts are in micro-tokens

test('sells at its price to a buyer who accepts', () => {
  const bench = testAgent(${variable}({ unitPrice: 2n * TOKEN, stock: 10 }));
  const deal = bench.peer('ann').open(Purchase, 'buyer', 'ask', { units: 3 }, { within: '1 min' });
  assert.equal(deal.hear('offer').price, 6n * TOKEN);
  deal.send('accept', {});
  assert.deepEqual(bench.state, { stock: 7, sold: 3, reserved: {} });
});

test('declines more than it has', () => {
  const bench = testAgent(${variable}({ unitPrice: TOKEN, stock: 10 }));
  const deal = bench.peer('ann').open(Purchase, 'buyer', 'ask', { units: 11 }, { within: '1 min' });
  assert.equal(deal.hear('decline').left, 10);
});

test('puts back what a buyer let pass', async () => {
  const bench = testAgent(${variable}({ unitPrice: TOKEN, stock: 10 }));
  bench.peer('ann').open(Purchase, 'buyer', 'ask', { units: 10 }, { within: '1 min' });
  assert.equal(bench.state.stock, 0);
  await bench.pass('1 min');
  assert.deepEqual(bench.state, { stock: 10, sold: 0, reserved: {} });
});
`;
}
