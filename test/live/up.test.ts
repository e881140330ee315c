import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { EXIT } from '../../cli/exit.ts';
import { haggleIn, scratch } from '../cli/haggle.ts';
import { broker, eventually, live } from './broker.ts';
import { AGENTS, haggleAt } from './haggle-terminal.ts';
import type { Terminal } from './terminal.ts';

interface ChildShown {
  readonly name: string;
  readonly did: string;
  readonly state: string;
  readonly restarts: number;
  readonly process: { readonly pid: number } | null;
  readonly status: { readonly sent: number; readonly notReady: readonly string[] } | null;
}

/** A folder with a `haggle.yaml`; `AGENTS` in it is the module of the tests. */
function folderWith(t: ExecutionContext, yaml: string): (name: string) => string {
  const path = scratch(t);
  writeFileSync(path('haggle.yaml'), yaml.replaceAll('AGENTS', AGENTS));
  return path;
}

async function shownBy(folder: string): Promise<readonly ChildShown[]> {
  const { out } = await haggleIn(folder, 'ps', '--json');
  return (JSON.parse(out) as { readonly agents: readonly ChildShown[] }).agents;
}

function up(t: ExecutionContext, folder: string): Terminal {
  return haggleAt(t, folder, { args: ['up'] });
}

const MARKET = `
realm: market
broker: { port: 0 }
keys: auto
agents:
  shipper: { file: AGENTS, export: shipper, params: { carriers: ['@carrier'], tonnes: 4 } }
  carrier: { file: AGENTS, export: carrier, params: { perTonne: 9 }, replicas: 2 }
`;

live(
  'agents of a file find each other through a broker with logins; ps and logs show them, ^C drains all',
  async (t) => {
    const path = folderWith(t, MARKET);
    const running = up(t, path('.'));
    await running.until(/shipper +haul outcome=done/);
    t.regex(running.shown, /^3 agents in realm market on nats:\/\/127\.0\.0\.1:\d+ \(nats-server \S+\); \^C ends them/);
    // Whoever is told of others starts after them, wherever it stands in the file.
    t.true(running.shown.indexOf('carrier-2 ready') < running.shown.indexOf('shipper   ready'), running.shown);
    t.is(statSync(path('.haggle/keys/carrier-1.key')).mode & 0o777, 0o600);
    t.is(statSync(path('.haggle')).mode & 0o777, 0o700);

    await eventually('the shipper has ended', async () => (await shownBy(path('.')))[0]?.state === 'stopped');
    const ps = await haggleIn(path('.'), 'ps');
    t.is(ps.code, EXIT.ok, ps.out);
    t.regex(
      ps.out,
      /^realm market on nats:[^\n]+\nNAME +ADDRESS +STATE +UPTIME +DIALOGUES +SENT +RECEIVED +READY +RESTARTS\n/,
    );
    t.regex(ps.out, /^carrier-1 +did:key:z6Mk\w{4}…\w{4} +running +\d+s +0 +\d +\d +yes +0$/m);
    t.regex(ps.out, /^shipper +\S+ +stopped +- +- +- +- +- +0$/m);

    const logs = await haggleIn(path('.'), 'logs', 'shipper', '-n', '2', '--raw');
    t.deepEqual(
      logs.out
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { event: string }).event),
      ['haul', 'over'],
    );
    const all = await haggleIn(path('.'), 'logs', 'carrier');
    t.regex(all.out, /^\S+ carrier-1 ready did=did:key:/m);
    t.notRegex(all.out, /shipper/);

    const again = await haggleIn(path('.'), 'up');
    t.is(again.code, EXIT.cannotWrite);
    t.regex(again.err, /^haggle: haggle up runs here already, as process \d+\n$/);

    t.is(await running.end('SIGINT'), EXIT.ok, running.shown);
    // Directory and mailbox were there before the agents, who may not make them.
    t.notRegex(running.shown, /fault|no-jetstream/);
    t.regex(running.shown, /draining 2 agents \(at most 20s\)/);
    t.regex(running.shown, /all agents have ended\n$/);
    const after = await haggleIn(path('.'), 'ps');
    t.is(after.code, EXIT.noInput);
    t.regex(after.err, /^haggle: nothing runs here: [^\n]+\n$/);
    t.regex((await haggleIn(path('.'), 'logs', '-n', '1')).out, /over end=stopped/);
  },
);

live('an agent that is killed is started again, the others do not notice', async (t) => {
  const path = folderWith(
    t,
    'broker: { port: 0 }\nkeys: auto\nagents:\n  carrier: { file: AGENTS, export: carrier, params: { perTonne: 9 }, replicas: 2 }\n',
  );
  const running = up(t, path('.'));
  await running.until('all 2 agents are ready');
  const before = await shownBy(path('.'));
  process.kill(before[0]?.process?.pid ?? 0, 'SIGKILL');
  await running.until(/carrier-1 ended by SIGKILL, restarted \(1\)/);
  await eventually('it is back', async () => (await shownBy(path('.')))[0]?.status?.notReady.length === 0);
  const after = await shownBy(path('.'));
  t.deepEqual(
    after.map(({ restarts }) => restarts),
    [1, 0],
  );
  t.is(after[1]?.process?.pid, before[1]?.process?.pid);
  t.is(after[0]?.did, before[0]?.did);
  t.is(await running.end('SIGTERM'), EXIT.ok, running.shown);
});

live('an agent that fails again and again is given up and said, the others go on', async (t) => {
  const path = folderWith(
    t,
    'broker: { port: 0 }\nkeys: auto\nagents:\n  dier: { file: AGENTS, export: dier }\n  idler: { file: AGENTS, export: idler }\n',
  );
  const running = up(t, path('.'));
  await running.until(/dier .*given up: ended with code 70, 5 restarts in 10 s/);
  const ps = await haggleIn(path('.'), 'ps');
  t.is(ps.code, EXIT.negative);
  t.regex(ps.out, /^dier +\S+ +given-up +- +- +- +- +no +5$/m);
  t.regex(ps.out, /^idler +\S+ +running /m);
  t.is(await running.end('SIGTERM'), EXIT.negative, running.shown);
});

live('a second signal ends all agents at once', async (t) => {
  const path = folderWith(
    t,
    `
broker: { port: 0, accounts: false }
keys: auto
drain: 10min
agents:
  carrier: { file: AGENTS, export: carrier, params: { perTonne: 9, delivery: 1 h } }
  shipper: { file: AGENTS, export: shipper, params: { carriers: ['@carrier'], tonnes: 4 } }
`,
  );
  const running = up(t, path('.'));
  await running.until('under-way');
  const agents = await shownBy(path('.'));
  running.signal('SIGINT');
  await running.until('draining 2 agents');
  running.signal('SIGINT');
  t.is(await running.ended, 128 + 2);
  await eventually('they are gone', () =>
    agents.every(({ process: running_ }) => !existsSync(`/proc/${running_?.pid ?? 0}/stat`)),
  );
});

live('agents end in good order where haggle up is killed', async (t) => {
  const { url } = await broker(t);
  const path = folderWith(t, `nats: ${url}\nkeys: auto\nagents: { idler: { file: AGENTS, export: idler } }\n`);
  const running = up(t, path('.'));
  await running.until('the agent is ready');
  running.signal('SIGKILL');
  await running.ended;
  const log = path('.haggle/agents/idler/journal');
  await eventually('the agent has ended', () => existsSync(log) && !existsSync(`${log}/lock`), 20);
  t.is((await haggleIn(path('.'), 'ps')).code, EXIT.noInput);
});

live('a broker that dies is started again, and the agents come back to it', async (t) => {
  const path = folderWith(t, 'broker: { port: 0 }\nkeys: auto\nagents: { idler: { file: AGENTS, export: idler } }\n');
  const running = up(t, path('.'));
  await running.until('the agent is ready');
  const record = JSON.parse(readFileSync(path('.haggle/up.json'), 'utf8')) as { broker: { pid: number } };
  process.kill(record.broker.pid, 'SIGKILL');
  await running.until('the broker ended, restarted');
  await eventually(
    'the agent is ready again',
    async () => (await shownBy(path('.')))[0]?.status?.notReady.length === 0,
  );
  t.is(await running.end('SIGTERM'), EXIT.ok, running.shown);
});

live('send speaks by hand: a named end is 0, everything else 1', async (t) => {
  const path = folderWith(
    t,
    'broker: { port: 0 }\nkeys: auto\nagents: { carrier: { file: AGENTS, export: carrier, params: { perTonne: 9 } } }\n',
  );
  const running = up(t, path('.'));
  await running.until('the agent is ready');
  const call = (tonnes: number, ...more: readonly string[]): Terminal =>
    haggleAt(t, path('.'), {
      args: [
        'send',
        'carrier',
        '--from',
        AGENTS,
        '--type',
        'cfp',
        '--body',
        `{"task":{"tonnes":${tonnes}},"bidsBy":"+10s"}`,
        ...more,
      ],
    });

  const typed = call(4);
  t.is(await typed.until('propose'), '← propose {"price":"36"}');
  await typed.until('your turn: accept-proposal, reject-proposal, cancel');
  typed.type('mumble\n');
  await typed.until('not said: haul has no message "mumble"');
  typed.type('accept-proposal {"escrow":\n');
  await typed.until('not said: the body of "accept-proposal" is no JSON');
  typed.type('accept-proposal {"escrow":null}\n');
  t.is(await typed.ended, EXIT.ok, typed.shown);
  t.deepEqual(typed.lines.slice(-3), ['→ accept-proposal {"escrow":null}', '← inform {"delivered":true}', 'fulfilled']);

  const full = call(41);
  t.is(await full.ended, EXIT.ok, full.shown);
  t.deepEqual(full.lines.slice(-2), ['← refuse {"reason":"full"}', 'refused']);

  const silent = call(4, '--within', '3s');
  t.is(await silent.ended, EXIT.negative, silent.shown);
  t.is(silent.lines.at(-1), 'expired: deadline-passed');

  const nobody = 'did:key:z6MkqkvU4fDR9KkZHacVgTqDKwWkcAXJY2TfKsYnpm7G4KYr';
  const lost = haggleAt(t, path('.'), {
    args: ['send', nobody, '--protocol', 'request/1.0.0', '--type', 'request', '--body', '{"item":"x","units":1}'],
  });
  t.is(await lost.ended, EXIT.negative, lost.shown);
  t.is(lost.lines.at(-1), 'failed: no-such-agent');
  t.is(await running.end('SIGTERM'), EXIT.ok, running.shown);
});

const sendMisuse: readonly (readonly [string, readonly string[], RegExp])[] = [
  [
    'an unknown name',
    ['bob', '--protocol', 'request', '--type', 'request'],
    /"bob" is neither an address .* no haggle up runs here/,
  ],
  ['no protocol', ['DID', '--type', 'cfp'], /say which protocol/],
  ['an unknown protocol', ['DID', '--protocol', 'mail', '--type', 'cfp'], /there is no protocol "mail"/],
  [
    'another version',
    ['DID', '--protocol', 'request/9', '--type', 'request'],
    /request is there in version 1\.0\.0, not 9/,
  ],
  [
    'a message that opens nothing',
    ['DID', '--from', AGENTS, '--type', 'propose'],
    /haul is opened by cfp, not by "propose"/,
  ],
  [
    'a body that does not fit',
    ['DID', '--from', AGENTS, '--type', 'cfp', '--body', '{"task":{"tonnes":0},"bidsBy":"+1s"}'],
    /the body of "cfp" does not fit at task\.tonnes: /,
  ],
  ['a body that is no JSON', ['DID', '--from', AGENTS, '--type', 'cfp', '--body', '{'], /the body of "cfp" is no JSON/],
];
for (const [what, args, message] of sendMisuse) {
  test(`send refuses ${what}`, async (t) => {
    const did = 'did:key:z6MkqkvU4fDR9KkZHacVgTqDKwWkcAXJY2TfKsYnpm7G4KYr';
    const { code, err } = await haggleIn(scratch(t)('.'), 'send', ...args.map((arg) => (arg === 'DID' ? did : arg)));
    t.is(code, EXIT.usage, err);
    t.regex(err, message);
  });
}

const upMisuse: readonly (readonly [string, string, RegExp])[] = [
  [
    'a module that is not there',
    'nats: a\nkeys: auto\nagents: { a: { file: none.js } }',
    /haggle\.yaml:3:16: cannot read .*none\.js: no such file$/m,
  ],
  [
    'a choice that is not clear',
    'nats: a\nkeys: auto\nagents: { a: { file: AGENTS } }',
    /:3:\d+: .* more than one agent.*: choose with export:/,
  ],
  [
    'a key that is not there',
    'nats: a\nagents: { a: { file: AGENTS, export: idler } }',
    /:2:11: there is no key .*\.haggle\/keys\/a\.key; name one with key: or write keys: auto/,
  ],
  [
    'a wrong parameter',
    'nats: a\nkeys: auto\nagents:\n  a:\n    file: AGENTS\n    export: carrier\n    params:\n      perTonne: x',
    /:8:7: .*perTonne: .*bigint.*, got "x"$/m,
  ],
  [
    'an unknown parameter',
    'nats: a\nkeys: auto\nagents: { a: { file: AGENTS, export: idler, params: { b: 1 } } }',
    /:3:\d+: .* has no parameter "b"; it takes none$/m,
  ],
  [
    'an agent that is not there',
    "nats: a\nkeys: auto\nagents: { a: { file: AGENTS, export: shipper, params: { tonnes: 1, carriers: ['@b'] } } }",
    /:3:\d+: there is no agent "b" in this file$/m,
  ],
];
for (const [what, yaml, message] of upMisuse) {
  test(`up refuses ${what}, with its place, before anything starts`, async (t) => {
    const path = folderWith(t, yaml);
    const { code, out, err } = await haggleIn(path('.'), 'up');
    t.is(code, EXIT.badConfig, err);
    t.is(out, '');
    t.regex(err, message);
  });
}

test('up says that its file is not there; logs that nothing has run', async (t) => {
  const path = scratch(t);
  mkdirSync(path('empty'));
  t.is((await haggleIn(path('empty'), 'up')).code, EXIT.noInput);
  const logs = await haggleIn(path('empty'), 'logs');
  t.is(logs.code, EXIT.noInput);
  t.regex(logs.err, /no log: no agent has run in /);
  t.is((await haggleIn(path('empty'), 'logs', '-n', 'all')).code, EXIT.usage);
});

live('logs -f goes on until nothing runs any more, across the lines that are there', async (t) => {
  const path = folderWith(
    t,
    'broker: { port: 0 }\nkeys: auto\nagents: { carrier: { file: AGENTS, export: carrier, params: { perTonne: 9 } } }\n',
  );
  const running = up(t, path('.'));
  await running.until('the agent is ready');
  const following = haggleAt(t, path('.'), { args: ['logs', '-f', '-n', '1'] });
  await following.until('ready did=');
  const send = ['send', 'carrier', '--from', AGENTS, '--type', 'cfp', '--body', '{"task":{"tonnes":4},"bidsBy":"+9s"}'];
  const sending = haggleAt(t, path('.'), { args: send });
  await sending.until('propose');
  sending.type('accept-proposal {"escrow":null}\n');
  await following.until('under-way');
  t.is(await sending.ended, EXIT.ok);
  t.is(await running.end('SIGTERM'), EXIT.ok, running.shown);
  t.is(await following.ended, EXIT.ok, following.shown);
  t.is(following.lines.filter((line) => line.includes('under-way')).length, 1);
  t.regex(following.lines.at(-1) ?? '', /over end=stopped/);
});

live('a port that is taken is told with its place in the file', async (t) => {
  const { port } = await broker(t);
  const path = folderWith(
    t,
    `broker: { port: ${port} }\nkeys: auto\nagents: { idler: { file: AGENTS, export: idler } }\n`,
  );
  const { code, err } = await haggleIn(path('.'), 'up');
  t.is(code, EXIT.badConfig, err);
  t.regex(
    err,
    new RegExp(
      `^haggle: haggle\\.yaml:1:1: port ${port} is taken: choose another with broker: \\{ port: ... \\}, 0 takes any\\n$`,
    ),
  );
  t.false(existsSync(path('.haggle/up.json')));
});
