import test from 'ava';
import { assert, integer, property, string, oneof, constant, jsonValue } from 'fast-check';
import { bridge, BRIDGE_LINE_CHARS } from '../../../agent-core/learning/bridge.ts';
import type { DecisionEnv, Turn } from '../../../agent-core/learning/decision-env.ts';
import { errands } from './errands.ts';

interface Told {
  readonly id: unknown;
  readonly ok?: {
    readonly over?: boolean;
    readonly turns?: unknown;
    readonly spaces?: Readonly<Record<string, { readonly action: unknown }>>;
  };
  readonly error?: { readonly code: string; readonly message: string };
}

interface Client {
  readonly ask: (request: unknown) => Told;
  readonly text: (line: string) => Told;
  readonly closed: () => boolean;
}

/** Asks and reads, as a client does. */
function client(env: DecisionEnv): Client {
  const served = bridge(env);
  const text = (line: string): Told => {
    const answer = served.answer(line);
    if (answer.includes('\n')) throw new RangeError('an answer must be one line');
    return JSON.parse(answer);
  };
  return { ask: (request) => text(JSON.stringify(request)), text, closed: () => served.closed };
}

const HELLO = { op: 'hello', version: 1 };

test('says protocol, version, environment and agents', (t) => {
  t.deepEqual(client(errands()).ask({ id: 1, ...HELLO }), {
    id: 1,
    ok: { protocol: 'haggle-env', version: 1, env: 'errands', agents: ['runner-0', 'runner-1', 'runner-2'] },
  });
});

test('says spaces, of all agents or of some', (t) => {
  const { ask } = client(errands());
  ask(HELLO);
  const { ok } = ask({ op: 'spaces' });
  t.deepEqual(Object.keys(ok?.spaces ?? {}), ['runner-0', 'runner-1', 'runner-2']);
  t.deepEqual(ok?.spaces?.['runner-0']?.action, { kind: 'discrete', choices: ['rest', 'carry', 'hurry'] });
  t.deepEqual(ask({ op: 'spaces', agents: ['runner-2'] }).ok, {
    spaces: {
      'runner-2': {
        observation: {
          kind: 'box',
          features: [
            { name: 'time', min: 0, max: 1000 },
            { name: 'load', min: 0, max: 10 },
          ],
        },
        action: { kind: 'box', features: [{ name: 'effort', min: -1, max: 1 }] },
      },
    },
  });
  t.is(ask({ op: 'spaces', agents: ['nobody'] }).error?.code, 'no-such-agent');
});

test('an episode over the bridge is the episode without it', (t) => {
  const [env, { ask }] = [errands(), client(errands())];
  ask(HELLO);
  let turns = env.reset(3);
  let told = ask({ op: 'reset', seed: 3 });
  for (let step = 0; step < 100; step++) {
    const expected = [...turns].map(([agent, { mask, ...turn }]) => [
      agent,
      { ...turn, ...(mask === undefined ? {} : { mask: mask.map(Number) }) },
    ]);
    t.deepEqual(told.ok?.turns, Object.fromEntries(expected));
    const due = [...turns].filter(([, turn]) => !turn.terminated && !turn.truncated).map(([agent]) => agent);
    if (told.ok?.over === true) {
      t.is(due.length, 0);
      return;
    }
    const actions = Object.fromEntries(due.map((agent) => [agent, [1]]));
    turns = env.step(new Map(Object.entries(actions)));
    told = ask({ op: 'step', actions });
  }
  t.fail('the episode did not end');
});

test('agents are named in the order of their turns, whatever their names look like', (t) => {
  const turn: Turn = { observation: [], reward: 0, elapsed: 0, terminated: false, truncated: false, info: {} };
  const served = bridge({
    ...errands(),
    reset: () => new Map(['b', '2', '__proto__', '1'].map((name) => [name, turn])),
  });
  served.answer(JSON.stringify(HELLO));
  const names = [...served.answer('{"op":"reset","seed":1}').matchAll(/"([^"]+)":\{"observation"/g)];
  t.deepEqual(
    names.map(([, name]) => name),
    ['b', '2', '__proto__', '1'],
  );
});

const REFUSED: readonly (readonly [what: string, line: string, code: string])[] = [
  ['no JSON', '{', 'bad-json'],
  ['NaN', '{"op":"reset","seed":NaN}', 'bad-json'],
  ['a list', '[]', 'bad-request'],
  ['null', 'null', 'bad-request'],
  ['an id that is neither number nor text', '{"id":{},"op":"hello","version":1}', 'bad-request'],
  ['an id that is too long', `{"id":"${'x'.repeat(65)}","op":"hello","version":1}`, 'bad-request'],
  ['another version', '{"op":"hello","version":2}', 'bad-version'],
  ['no version', '{"op":"hello"}', 'bad-version'],
  ['an op that there is not', '{"op":"constructor"}', 'no-such-op'],
  ['no op', '{}', 'no-such-op'],
  ['no seed', '{"op":"reset"}', 'bad-request'],
  ['half a seed', '{"op":"reset","seed":0.5}', 'bad-request'],
  ['a seed that a double does not hold', '{"op":"reset","seed":9007199254740993}', 'bad-request'],
  ['no actions', '{"op":"step"}', 'bad-request'],
  ['actions by place', '{"op":"step","actions":[[1]]}', 'bad-request'],
  ['an action that is no list', '{"op":"step","actions":{"runner-0":1}}', 'bad-request'],
  ['an action of texts', '{"op":"step","actions":{"runner-0":["1"]}}', 'bad-request'],
  ['an action of null', '{"op":"step","actions":{"runner-0":[null]}}', 'bad-request'],
  [
    'an action beyond its space',
    '{"op":"step","actions":{"runner-0":[9],"runner-1":[0],"runner-2":[0]}}',
    'bad-action',
  ],
  ['an action too few', '{"op":"step","actions":{}}', 'bad-action'],
  ['an agent that there is not', '{"op":"step","actions":{"__proto__":[0]}}', 'bad-action'],
  ['agents that are no list', '{"op":"spaces","agents":"runner-0"}', 'bad-request'],
  ['a request that is too long', ' '.repeat(BRIDGE_LINE_CHARS + 1), 'line-too-long'],
];

for (const [what, line, code] of REFUSED) {
  test(`answers ${what} with ${code} and goes on`, (t) => {
    const { ask, text } = client(errands());
    ask(HELLO);
    const before = ask({ op: 'reset', seed: 3 });
    t.is(text(line).error?.code, code);
    const actions = { 'runner-0': [0], 'runner-1': [0], 'runner-2': [0] };
    t.is(typeof ask({ id: 'next', op: 'step', actions }).ok?.over, 'boolean');
    t.deepEqual(ask({ op: 'reset', seed: 3 }), before);
  });
}

test('the answer bears the id of the request, also where it refuses', (t) => {
  const { ask } = client(errands());
  t.is(ask({ id: 7, op: 'reset', seed: 1 }).id, 7);
  t.is(ask({ id: 'seven', ...HELLO }).id, 'seven');
  t.is(ask(HELLO).id, null);
});

test('nothing goes before hello, and no step before a reset', (t) => {
  const { ask } = client(errands());
  for (const op of ['spaces', 'reset', 'step', 'close']) t.is(ask({ op, seed: 1 }).error?.code, 'no-hello');
  ask(HELLO);
  t.is(ask({ op: 'step', actions: {} }).error?.code, 'not-reset');
});

test('numbers that JSON cannot say are an error and not null', (t) => {
  for (const wrong of [{ reward: NaN }, { elapsed: Infinity }, { observation: [NaN, 0] }, { info: { x: -Infinity } }]) {
    const env = errands();
    const broken = {
      ...env,
      reset: (seed: number) => new Map([...env.reset(seed)].map(([agent, turn]) => [agent, { ...turn, ...wrong }])),
    };
    const { ask } = client(broken);
    ask(HELLO);
    t.is(ask({ op: 'reset', seed: 1 }).error?.code, 'bad-turn');
  }
});

test('an episode in which nobody is asked is refused by name and seed, and none begins', (t) => {
  const { ask } = client({ ...errands(), name: 'errands/none', reset: () => new Map() });
  ask(HELLO);
  const { error } = ask({ op: 'reset', seed: 5 });
  t.is(error?.code, 'nobody-to-act');
  t.regex(error?.message ?? '', /nobody is asked to act in the episode of seed 5 of errands\/none/);
  t.is(ask({ op: 'step', actions: {} }).error?.code, 'not-reset');
});

test('an environment that fails is an answer', (t) => {
  const { ask } = client({
    ...errands(),
    reset: () => {
      throw new RangeError('no errands today');
    },
  });
  ask(HELLO);
  t.deepEqual(ask({ id: 4, op: 'reset', seed: 1 }), {
    id: 4,
    error: { code: 'env-failed', message: 'no errands today' },
  });
  t.is(ask({ op: 'step', actions: {} }).error?.code, 'not-reset');
});

test('closes the environment once, and says so from then on', (t) => {
  let closed = 0;
  const { ask, closed: isClosed } = client({ ...errands(), close: () => void closed++ });
  ask(HELLO);
  t.false(isClosed());
  t.deepEqual(ask({ id: 1, op: 'close' }), { id: 1, ok: {} });
  t.true(isClosed());
  t.is(ask({ op: 'reset', seed: 1 }).error?.code, 'closed');
  t.is(closed, 1);
});

test('whatever is said is answered by one line of JSON', (t) => {
  const said = oneof(
    string(),
    jsonValue().map((value) => JSON.stringify(value)),
    jsonValue().map((actions) => JSON.stringify({ op: 'step', actions })),
    integer().map((seed) => JSON.stringify({ op: 'reset', seed })),
    constant('{"op":"hello","version":1}'),
  );
  const { text } = client(errands());
  assert(
    property(said, (line) => {
      const { ok, error } = text(line);
      return (ok === undefined) !== (error === undefined);
    }),
    { seed: 11, numRuns: 400 },
  );
  t.pass();
});
