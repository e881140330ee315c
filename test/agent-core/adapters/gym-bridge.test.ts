import { execFile, spawnSync } from 'node:child_process';
import { PassThrough, Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { serveEnv } from '../../../agent-core/adapters/gym-bridge.ts';
import { BRIDGE_LINE_CHARS } from '../../../agent-core/learning/bridge.ts';
import { errands } from '../learning/errands.ts';

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL('../../../../docs/python/run_episodes.py', import.meta.url));
const SERVER = fileURLToPath(new URL('./serve-errands.js', import.meta.url));
const HELLO = '{"id":1,"op":"hello","version":1}\n';

/** Collects what is written. */
function collector(highWaterMark = 16_384): { readonly output: Writable; readonly codes: () => readonly string[] } {
  const chunks: string[] = [];
  const output = new Writable({
    highWaterMark,
    write: (chunk, _, done) => {
      chunks.push(String(chunk));
      setImmediate(done);
    },
  });
  const codes = (): readonly string[] =>
    chunks
      .join('')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const told: { readonly error?: { readonly code: string } } = JSON.parse(line);
        return told.error?.code ?? 'ok';
      });
  return { output, codes };
}

async function serve(chunks: readonly (string | Buffer)[], highWaterMark?: number): Promise<readonly string[]> {
  const { output, codes } = collector(highWaterMark);
  await serveEnv({ env: errands(), input: Readable.from(chunks), output });
  output.end();
  await finished(output);
  return codes();
}

test('requests may arrive in any pieces, in the middle of a character too', async (t) => {
  const bytes = Buffer.from(`${HELLO}{"op":"é"}\n\n{"id":"ü","op":"reset","seed":1}\r\n`);
  for (const size of [1, 2, 7, 1000]) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, k) =>
      bytes.subarray(k * size, (k + 1) * size),
    );
    t.deepEqual(await serve(pieces), ['ok', 'no-such-op', 'ok'], `pieces of ${size} bytes`);
  }
});

test('a line without end is not kept, but answered once, and the next one is read', async (t) => {
  const flood = 'x'.repeat(BRIDGE_LINE_CHARS / 4);
  t.deepEqual(await serve([HELLO, flood, flood, flood, flood, flood, flood, `\n${HELLO}`]), [
    'ok',
    'line-too-long',
    'ok',
  ]);
});

test('a last request without line end is answered too', async (t) => {
  t.deepEqual(await serve([HELLO, '{"op":"reset","seed":1}']), ['ok', 'ok']);
  t.deepEqual(await serve([HELLO, 'x'.repeat(BRIDGE_LINE_CHARS + 1)]), ['ok', 'line-too-long']);
});

test('waits for a reader that is slow', async (t) => {
  const resets = Array.from({ length: 50 }, (_, seed) => `{"op":"reset","seed":${seed}}\n`);
  t.deepEqual(
    await serve([HELLO, ...resets], 1),
    Array.from({ length: 51 }, () => 'ok'),
  );
});

test('the environment is closed by a request, by the end of the requests, and where nobody reads', async (t) => {
  let closed = 0;
  const env = { ...errands(), close: () => void closed++ };
  const endless = new PassThrough();
  endless.write(`${HELLO}{"op":"close"}\n{"op":"reset","seed":1}\n`);
  const { output, codes } = collector();
  await serveEnv({ env, input: endless, output });
  output.end();
  await finished(output);
  t.deepEqual([closed, ...codes()], [1, 'ok', 'ok']);

  await serveEnv({ env, input: Readable.from([HELLO]), output: collector().output });
  t.is(closed, 2);

  const broken = new Writable({ write: (_, __, done) => done(new Error('EPIPE')) });
  const asking = new PassThrough();
  asking.write(HELLO);
  await serveEnv({ env, input: asking, output: broken });
  t.is(closed, 3);
});

test('requests that break off are an error, and close the environment', async (t) => {
  let closed = 0;
  const env = { ...errands(), close: () => void closed++ };
  const input = new PassThrough();
  const serving = serveEnv({ env, input, output: collector().output });
  input.destroy(new Error('the cable'));
  await t.throwsAsync(serving, { message: 'the cable' });
  t.is(closed, 1);
});

const python = spawnSync('python3', ['--version']).status === 0 ? 'python3' : null;
const withPython = python === null ? test.skip : test;

withPython('the Python client plays the documented episodes', async (t) => {
  const args = ['-B', SCRIPT, '--episodes', '2', process.execPath, SERVER];
  const [one, two] = await Promise.all([run('python3', args), run('python3', args)]);
  t.deepEqual(one, two);
  const [head, first, second, refused] = one.stdout.split('\n');
  t.is(head, 'errands: 3 agents');
  for (const line of [first, second])
    t.regex(line ?? '', /^episode \d: \d+ steps, \d+ decisions, reward -?\d+\.\d{6}$/);
  t.not(first?.slice(10), second?.slice(10));
  t.is(refused, 'refused: bad-action');
});

withPython('the Python client says so where the environment cannot be started or dies', async (t) => {
  const failed = await t.throwsAsync(run('python3', ['-B', SCRIPT, process.execPath, '-e', '0']));
  t.regex(failed.message, /env-gone: the environment's process ended with 0/);
});

withPython('one agent of several plays in the manner of Gymnasium, the others by a rule', async (t) => {
  const program = [
    'import sys',
    `sys.path.insert(0, ${JSON.stringify(fileURLToPath(new URL('.', `file://${SCRIPT}`)))})`,
    'from haggle_env import HaggleEnv, BridgeError',
    'command = sys.argv[1:]',
    'env = HaggleEnv(command, agent="runner-1", others=lambda agent, seen, info: 0 if agent == "runner-0" else [0.5])',
    'seen, info = env.reset(seed=4)',
    'over, steps, waited = False, 0, 0.0',
    'while not over:',
    '    seen, reward, terminated, truncated, info = env.step(1)',
    '    over, steps, waited = terminated or truncated, steps + 1, waited + info["elapsed"]',
    'print(steps, waited, len(env.action_masks()))',
    'env.close()',
    'try:',
    '    HaggleEnv(command)',
    'except BridgeError as error:',
    '    print(error.code)',
  ].join('\n');
  const { stdout } = await run('python3', ['-B', '-c', program, process.execPath, SERVER]);
  t.regex(stdout, /^\d+ \d+(\.0)? 3\nwhich-agent\n$/);
});

/** Runs a program that has imported the client; what it printed. */
async function byPython(lines: readonly string[], ...args: readonly string[]): Promise<string> {
  const folder = fileURLToPath(new URL('.', `file://${SCRIPT}`));
  const head = ['import json, math, sys', `sys.path.insert(0, ${JSON.stringify(folder)})`];
  const from = 'from haggle_env import Bridge, BridgeError, Box, Discrete, HaggleEnv, HaggleParallelEnv';
  return (await run('python3', ['-B', '-c', [...head, from, ...lines].join('\n'), ...args])).stdout;
}

/** A function `says(call)`: the code of what is refused, or the name of an error that should be none. */
const SAYS = [
  'def says(call):',
  '    try:',
  '        call()',
  '        return "nothing"',
  '    except BridgeError as error:',
  '        return error.code',
  '    except Exception as error:',
  '        return type(error).__name__',
];

withPython('the Python client names what it cannot send: what is not finite, no number, of nobody', async (t) => {
  const program = [
    ...SAYS,
    'env = HaggleParallelEnv(sys.argv[1:])',
    'env.reset(seed=4)',
    'sound = {"runner-0": 0, "runner-1": 0, "runner-2": [0.5]}',
    'for wrong in [',
    '    {"runner-2": [math.nan]}, {"runner-2": [math.inf]}, {"runner-2": "much"}, {"runner-2": None}, {"runner-2": 1},',
    '    {"runner-2": []}, {"runner-0": math.nan}, {"runner-0": math.inf}, {"runner-0": "x"}, {"runner-0": 9}, {"cat": 0},',
    ']:',
    '    print(says(lambda: env.step({**sound, **wrong})))',
    'print(says(lambda: env.reset(seed=math.nan)), says(lambda: env.reset(seed="one")))',
    'print(says(lambda: env._served.bridge.request("reset", seed=math.nan)), says(lambda: env._served.bridge.request("reset", seed=env)))',
    'print(says(lambda: env.step(sound)))',
    'env.close()',
    'print(says(lambda: env.step(sound)), says(lambda: env.reset()))',
    'print(Discrete(2).contains(math.nan), Discrete(2).contains("x"), Box([0], [1]).contains([math.nan]), Box([0], [1]).contains(None))',
    'print(says(lambda: Discrete(2).sample([0, 0])))',
    'print(says(lambda: HaggleParallelEnv([])), says(lambda: HaggleParallelEnv(["/absent/program"])))',
  ];
  t.deepEqual((await byPython(program, process.execPath, SERVER)).trimEnd().split('\n'), [
    ...Array.from({ length: 11 }, () => 'bad-action'),
    'bad-request bad-request',
    'bad-request bad-request',
    'nothing',
    'closed closed',
    'False False False False',
    'bad-mask',
    'no-env no-env',
  ]);
});

withPython('the Python client names what is wrong with an answer, and that nobody answers any more', async (t) => {
  const hello = { id: null, ok: { protocol: 'haggle-env', version: 1, env: 'e', agents: ['a'] } };
  const observation = { kind: 'box', features: [{ name: 'x', min: 0, max: 1 }] };
  const own = { observation, action: { kind: 'discrete', choices: ['l', 'r'] } };
  const spaces = { ok: { spaces: { a: own } } };
  const turn = { observation: [0], reward: 0, elapsed: 0, terminated: false, truncated: false, info: {} };
  const reset = (wrong: Readonly<Record<string, unknown>>): unknown[] => [
    hello,
    spaces,
    { ok: { turns: { a: { ...turn, ...wrong } } } },
  ];
  const bad: readonly (readonly unknown[])[] = [
    [7],
    [null],
    ['text'],
    [{}],
    [{ ok: 3 }],
    [{ error: {} }],
    [{ error: 'no' }],
    [{ ok: { protocol: 'haggle-env' } }],
    [{ ok: { ...hello.ok, agents: 'a' } }],
    [hello, { ok: {} }],
    [hello, { ok: { spaces: {} } }],
    [hello, { ok: { spaces: { a: { observation } } } }],
    [hello, { ok: { spaces: { a: { ...own, action: { kind: 'box', features: [7] } } } } }],
    [hello, { ok: { spaces: { a: { ...own, observation: { kind: 'box', features: [{ name: 'x', min: 'low' }] } } } } }],
    [hello, spaces, { ok: {} }],
    [hello, spaces, { ok: { turns: [] } }],
    [hello, spaces, { ok: { turns: { b: turn } } }],
    [hello, spaces, { ok: { turns: { a: 1 } } }],
    reset({ observation: [] }),
    reset({ observation: ['0'] }),
    reset({ mask: [1] }),
    reset({ reward: undefined }),
    reset({ reward: true }),
    reset({ terminated: 0 }),
    reset({ info: null }),
  ];
  const server =
    'const lines = JSON.parse(process.argv[1]); process.stdin.on("data", () => console.log(JSON.stringify(lines.shift())))';
  const program = [
    ...SAYS,
    'node, server, sets = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])',
    'def play(lines):',
    '    with HaggleParallelEnv([node, "-e", server, json.dumps(lines)]) as env:',
    '        env.reset(seed=1)',
    'for lines in sets:',
    '    print(says(lambda: play(lines)))',
    // Silent after the greeting.
    'quiet = "console.log(JSON.stringify(" + json.dumps(json.loads(sys.argv[4])) + ")); process.exitCode = 3"',
    'print(says(lambda: HaggleParallelEnv([node, "-e", quiet])))',
  ];
  const told = await byPython(
    program,
    process.execPath,
    server,
    JSON.stringify([...bad, reset({})]),
    JSON.stringify(hello),
  );
  t.deepEqual(told.trimEnd().split('\n'), [...bad.map(() => 'bad-answer'), 'nothing', 'env-gone']);
});
