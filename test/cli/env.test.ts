import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import test, { type ExecutionContext } from 'ava';
import { z } from 'zod';
import { EXIT } from '../../cli/exit.ts';
import { haggle, MAIN, scratch } from './haggle.ts';

const SMALL = 'homes=2,days=10,batteries=100';
const Turns = z.object({
  over: z.boolean(),
  turns: z.record(
    z.string(),
    z.object({
      observation: z.array(z.number()),
      reward: z.number(),
      elapsed: z.number(),
      terminated: z.boolean(),
      truncated: z.boolean(),
    }),
  ),
});
type Turns = z.output<typeof Turns>;
const Answer = z.object({
  ok: z.unknown().optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});

/** A process that serves an environment: one answer to each request. */
interface Served {
  ask(request: Readonly<Record<string, unknown>>): Promise<z.output<typeof Answer>>;
  turns(request: Readonly<Record<string, unknown>>): Promise<Turns>;
  /** Ends its input; its exit code. */
  end(): Promise<number | null>;
}

function served(t: ExecutionContext, ...args: readonly string[]): Served {
  const child = spawn(process.execPath, [MAIN, 'env', ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  t.teardown(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exit = once(child, 'exit');
  const ask = async (request: Readonly<Record<string, unknown>>): Promise<z.output<typeof Answer>> => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value } = await lines.next();
    return Answer.parse(JSON.parse(String(value)));
  };
  return {
    ask,
    turns: async (request) => Turns.parse((await ask(request)).ok),
    end: async () => {
      child.stdin.end();
      const [code]: unknown[] = await exit;
      return typeof code === 'number' ? code : null;
    },
  };
}

const HELLO = { op: 'hello', version: 1 };

test('serves homes without a world: all decide each hour, and nothing but answers is on standard output', async (t) => {
  const env = served(t, 'energy', '--role', 'home', '--generate', SMALL);
  t.deepEqual((await env.ask(HELLO)).ok, {
    protocol: 'haggle-env',
    version: 1,
    env: 'energy/home',
    agents: ['home-1', 'home-2'],
  });
  const first = await env.turns({ op: 'reset', seed: 3 });
  t.deepEqual(Object.keys(first.turns), ['home-1', 'home-2']);
  t.is((await env.ask({ op: 'step', actions: { 'home-1': [2], 'home-2': [0] } })).error?.code, 'bad-action');
  const actions = { 'home-1': [0], 'home-2': [0] };
  let [last, steps] = [first, 0];
  for (; !last.over; steps++) last = await env.turns({ op: 'step', actions });
  t.is(steps, 240);
  t.true(Object.values(last.turns).every(({ truncated, elapsed }) => truncated && elapsed === 1));
  t.deepEqual(await env.turns({ op: 'reset', seed: 3 }), first, 'a seed is an episode');
  t.is(await env.end(), EXIT.ok);
});

test('serves the same homes in a world, one decision at a time, for the same bill', async (t) => {
  const env = served(
    t,
    'energy',
    '--role',
    'home',
    '--world',
    '--reward',
    'balance',
    '--generate',
    'homes=2,days=2,batteries=100',
  );
  const { agents: named } = z.object({ agents: z.array(z.string()) }).parse((await env.ask(HELLO)).ok);
  t.true(named.includes('market'), 'hello names whoever is in the world');
  let told = await env.turns({ op: 'reset', seed: 1 });
  let asked = 0;
  const paid = new Map<string, number>();
  for (;;) {
    for (const [agent, { reward }] of Object.entries(told.turns)) paid.set(agent, (paid.get(agent) ?? 0) - reward);
    if (told.over) break;
    const due = Object.entries(told.turns).filter(([, { terminated }]) => !terminated);
    t.is(due.length, 1);
    asked++;
    told = await env.turns({ op: 'step', actions: Object.fromEntries(due.map(([agent]) => [agent, [0]])) });
  }
  t.is(asked, 2 * 48);
  t.deepEqual([...paid.keys()].toSorted(), ['home-1', 'home-2'], 'who plays the role has turns');
  t.is((await env.ask({ op: 'close' })).error, undefined);
  t.is(await env.end(), EXIT.ok);

  const flags = ['--generate', 'homes=2,days=2,batteries=100', '--set', 'plan=policy', '--seed', '1', '--json'];
  const { agents } = z
    .object({ agents: z.record(z.string(), z.number()) })
    .parse(JSON.parse((await haggle('simulate', 'energy', ...flags)).out));
  const bill = [...paid.values()].reduce((sum, tokens) => sum + tokens, 0);
  t.true(Math.abs(bill - (agents['bill'] ?? Number.NaN)) < 1e-3, `${bill} beside ${agents['bill']}`);
});

test('the objective of a world comes at the end, to everybody who was asked: minus the bill of all', async (t) => {
  const street = ['--generate', 'homes=2,days=2,batteries=100'];
  const env = served(t, 'energy', '--role', 'home', '--world', ...street);
  t.is((await env.ask(HELLO)).error, undefined);
  const rewards = new Map<string, number[]>();
  let told = await env.turns({ op: 'reset', seed: 1 });
  for (;;) {
    for (const [agent, { reward }] of Object.entries(told.turns)) {
      rewards.set(agent, [...(rewards.get(agent) ?? []), reward]);
    }
    if (told.over) break;
    const due = Object.entries(told.turns).filter(([, { terminated }]) => !terminated);
    told = await env.turns({ op: 'step', actions: Object.fromEntries(due.map(([agent]) => [agent, [0]])) });
  }
  t.is(await env.end(), EXIT.ok);
  const simulated = await haggle('simulate', 'energy', ...street, '--set', 'plan=policy', '--seed', '1', '--json');
  const { agents } = z.object({ agents: z.record(z.string(), z.number()) }).parse(JSON.parse(simulated.out));
  t.is(rewards.size, 2);
  for (const list of rewards.values()) {
    t.true(list.slice(0, -1).every((reward) => reward === 0));
    t.true(Math.abs((list.at(-1) ?? 0) + (agents['bill'] ?? Number.NaN)) < 1e-9, `${list.at(-1)} of ${agents['bill']}`);
  }
});

test('a balance is asked of a world, also where there is a model without', async (t) => {
  const env = served(t, 'energy', '--role', 'home', '--generate', SMALL, '--reward', 'balance');
  const { agents } = z.object({ agents: z.array(z.string()) }).parse((await env.ask(HELLO)).ok);
  t.true(agents.includes('market'), agents.join(', '));
  t.is(await env.end(), 0);
});

test('an episode in which nobody would be asked is refused, in a world and without one', async (t) => {
  for (const args of [
    ['ride-sharing', '--role', 'reposition', '--generate', 'requests=3,vehicles=2'],
    ['supply-chain', '--role', 'order', '--generate', 'firms=5,tiers=2,products=1,periods=5', '--set', 'negotiate=no'],
    ['energy', '--role', 'home', '--generate', 'homes=2,days=10,batteries=0'],
  ] as const) {
    const env = served(t, ...args);
    await env.ask(HELLO);
    const { error } = await env.ask({ op: 'reset', seed: 1 });
    t.is(error?.code, 'nobody-to-act');
    t.true(error?.message.includes(`of ${args[0]}/${args[2]}: `), error?.message);
    t.is(await env.end(), EXIT.ok);
  }
});

test('says what is wrong with its flags, and serves nothing', async (t) => {
  const path = scratch(t);
  writeFileSync(path('words.json'), 'words');
  for (const [args, code, words] of [
    [['energy'], EXIT.usage, /required option '--role <name>'/],
    [['weather', '--role', 'home'], EXIT.usage, /there is no scenario "weather"/],
    [['supply-chain', '--role', 'cat'], EXIT.usage, /supply-chain has no role "cat"; it has: order, /],
    [
      ['supply-chain', '--role', 'order', '--reward', 'fame'],
      EXIT.usage,
      /--reward must be objective or balance, got "fame"/,
    ],
    [['energy', '--role', 'home', '--reward', 'fame'], EXIT.usage, /--reward must be objective or balance, got "fame"/],
    [
      ['energy', '--role', 'home', '--generate', 'homes=2,days=2'],
      EXIT.usage,
      /its source has 48 hours, an episode 240/,
    ],
    [['energy', '--role', 'home', '--policy', path('absent.json')], EXIT.noInput, /absent\.json/],
    [
      ['energy', '--role', 'home', '--generate', SMALL, '--set', 'plan=foresight'],
      EXIT.usage,
      /plan must not be foresight where homes have a policy/,
    ],
    [
      ['energy', '--role', 'home', '--generate', SMALL, '--set', 'plan=foresight', '--world'],
      EXIT.usage,
      /plan must not be foresight where homes have a policy/,
    ],
    [
      ['energy', '--role', 'home', '--generate', SMALL, '--policy', path('words.json')],
      EXIT.badData,
      /words\.json: not-json/,
    ],
  ] as const) {
    const failed = await haggle('env', ...args);
    t.is(failed.code, code, `${args.join(' ')}: ${failed.err}`);
    t.regex(failed.err, words);
    t.is(failed.out, '');
  }
});
