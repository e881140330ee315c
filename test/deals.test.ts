import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import * as agents from '../agents/index.ts';
import * as core from '../agent-core/index.ts';
import * as testing from '../agent-core/testing/index.ts';
import {
  defineAgent,
  ORDER_ENDS,
  ORDER_REFUSALS,
  SEALED_BID_FAULTS,
  type Agent,
  type Context,
} from '../agent-core/index.ts';
import { world } from '../simulator/index.ts';
import { blocksOf } from './docs-blocks.ts';
import { sectionsOf, tableNames } from './docs-tables.ts';
import { ENDS } from './fixtures/deal-ends.ts';
import { ASSIGNMENT, DEALS, placeAssignment, placeMarkets, thermometer, TRADES } from './fixtures/deals.ts';
import type { Deal, Ended } from './fixtures/deals.ts';
import { ledgerPage } from './fixtures/ledger-page.ts';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(fileURLToPath(new URL(path, ROOT)), 'utf8');
const PAGE = read('docs/deals.md');
const SNIPPET_LINES_MAX = 12;

interface Led {
  end: Ended | null;
}

/** An agent that leads when it starts, and keeps how it ended. */
function leader(lead: (ctx: Context<void, Led>) => Promise<Ended>): Agent<unknown, Led> {
  return defineAgent({
    name: 'leader',
    state: (): Led => ({ end: null }),
    setup: (agent) =>
      agent.start(async (ctx) => {
        ctx.state.end = await lead(ctx);
      }),
  })();
}

/** How each deal of the page ends where nothing goes wrong. */
const GOOD: Readonly<Record<string, string>> = {
  errand: 'done',
  stock: 'done',
  prices: 'ended',
  offer: 'accepted',
  haul: 'done',
  build: 'done',
  english: 'sold',
  dutch: 'sold',
  sealed: 'sold',
  lease: 'agreed',
  treaty: 'agreed',
  'continuous-double-auction': 'done',
  'call-market': 'cleared',
  'market-ticker': 'ended',
};

async function play({ lead, takePart }: Deal): Promise<string | undefined> {
  const w = world({ seed: 7, strict: true });
  const peer = defineAgent({ name: 'peer', setup: takePart });
  const peers = [1, 2].map(() => w.spawn(peer(), { funds: 10_000n }).did);
  const led = w.spawn(
    leader((ctx) => lead(ctx, peers)),
    { funds: 10_000n },
  );
  await w.run({ until: '40 d' });
  return led.state.end?.type;
}

for (const deal of DEALS) {
  const { name } = deal.protocol;
  test(`the snippets of ${name} come to a deal`, async (t) => t.is(await play(deal), GOOD[name]));
}

for (const [name, trade] of Object.entries(TRADES)) {
  test(`the snippet of ${name} is served by the ready exchange`, async (t) => {
    const w = world({ seed: 7, strict: true });
    const markets = placeMarkets(w);
    const led = w.spawn(
      leader((ctx) => trade(ctx, markets)),
      { funds: 10_000n },
    );
    await w.run({ until: '3 h' });
    t.is(led.state.end?.type, GOOD[name]);
  });
}

test('the snippet of the assignment auction assigns', async (t) => {
  const w = world({ seed: 7, strict: true });
  const placed = placeAssignment(w);
  await w.run({ until: '1 h' });
  t.deepEqual(
    placed.map(({ state }) => state.result?.type),
    ['assigned', 'assigned', 'assigned'],
  );
});

test('the snippet of average consensus agrees', async (t) => {
  const w = world({ seed: 7, strict: true });
  const [one, two] = [w.didOf('one'), w.didOf('two')];
  const first = w.spawn(thermometer({ degrees: 10, node: 1, neighbours: [{ node: 2, did: two }] }), { name: 'one' });
  const second = w.spawn(thermometer({ degrees: 20, node: 2, neighbours: [{ node: 1, did: one }] }), { name: 'two' });
  await w.run();
  for (const { state } of [first, second]) t.like(state.result, { type: 'agreed', estimate: 15 });
});

const sections = sectionsOf(PAGE);

for (const [section, ends] of Object.entries(ENDS)) {
  test(`docs/deals.md names every end of: ${section}`, (t) => {
    const text = sections.get(section) ?? '';
    t.not(text, '', 'there is no such section');
    for (const end of ends) t.true(text.includes(`\`${end}\``), `${end} is missing`);
  });
}

test('docs/deals.md names the final states of what is played by hand, faults and codes of refusal', (t) => {
  for (const { protocol } of [...DEALS, { protocol: ASSIGNMENT }]) {
    for (const [state, { type }] of Object.entries(protocol.dialogue.states)) {
      if (type === 'final') t.true(PAGE.includes(`\`${state}\``), `${protocol.name}: ${state}`);
    }
  }
  for (const code of Object.keys({ ...ORDER_ENDS, ...ORDER_REFUSALS, ...SEALED_BID_FAULTS })) {
    t.true(PAGE.includes(`\`${code}\``), code);
  }
});

/** Code without what a formatter adds. */
const bare = (code: string): string => code.replaceAll(/\s+/g, '').replaceAll(/,(?=[)\]}])/g, '');

test('every snippet of docs/deals.md is compiled and run, and none is long', (t) => {
  const source = bare(read('test/fixtures/deals.ts'));
  const blocks = blocksOf(PAGE).filter(({ language }) => language === 'ts');
  t.true(blocks.length >= 2 * DEALS.length);
  for (const { text, line, marks } of blocks) {
    t.true(source.includes(bare(text)), `docs/deals.md:${line} is not in test/fixtures/deals.ts`);
    const lines = text.trimEnd().split('\n').length;
    if (!marks.has('shared')) t.true(lines <= SNIPPET_LINES_MAX, `docs/deals.md:${line} has ${lines} lines`);
  }
});

test('the snippets of docs/ledger.md are compiled, and pay', async (t) => {
  const source = bare(read('test/fixtures/ledger-page.ts'));
  for (const { text, line } of blocksOf(read('docs/ledger.md')))
    t.true(source.includes(bare(text)), `docs/ledger.md:${line}`);
  const w = await ledgerPage();
  t.is(w.ledger.balance(w.didOf('carrier')).available, 900_000n);
});

test('every name in the tables of docs/negotiating.md is exported', (t) => {
  const exported = new Set([core, agents, testing].flatMap((module) => Object.keys(module)));
  const names = tableNames(read('docs/negotiating.md'));
  t.true(names.length >= 20);
  t.deepEqual(
    names.filter((name) => !exported.has(name)),
    [],
  );
});

test('names in tables are read without their arguments, and only where they are identifiers', (t) => {
  const page = ['`Prose` is', '| `one({ two })` | `three` and `four.five` |', '| `not-one` | `three` |'].join('\n');
  t.deepEqual(tableNames(page), ['one', 'three', 'four']);
  t.deepEqual([...sectionsOf('# A\n\n## B\nb\n## C\nc\n').keys()], ['B', 'C']);
});
