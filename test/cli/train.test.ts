import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import test from 'ava';
import { z } from 'zod';
import { readPolicyFile } from '../../agent-core/adapters/policy-files.ts';
import { decodeCheckpoint, writeCheckpoint } from '../../agent-core/adapters/training/checkpoint.ts';
import { EXIT } from '../../cli/exit.ts';
import { haggle, MAIN, scratch, type Exit } from './haggle.ts';

const home = ['train', 'energy', '--role', 'home'] as const;
/** One home, ten days: an episode has 240 decisions, a generation of 18 candidates in 6 episodes 25,920. */
const SMALL = ['--generate', 'homes=1,days=10,batteries=100'] as const;

/** `haggle` as a process that is under way. */
interface Started {
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Once it has said these words on standard error, or has ended. */
  readonly said: (words: RegExp) => Promise<void>;
  readonly exit: Promise<Exit>;
}

function started(...args: readonly string[]): Started {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, NODE_OPTIONS: '' } });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const exit = new Promise<Exit>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, out, err }));
  });
  const said = async (words: RegExp): Promise<void> => {
    while (!words.test(err) && child.exitCode === null) await Promise.race([once(child.stderr, 'data'), exit]);
  };
  return { kill: (signal) => void child.kill(signal), said, exit };
}

/** The words of a command line, as a shell reads it. */
function wordsOf(command: string): readonly string[] {
  const text = execFileSync('bash', ['-c', `printf '%s\\n' ${command}`], { encoding: 'utf8' });
  return text.trimEnd().split('\n');
}

/** Runs `haggle` and interrupts it, as ^C does, as soon as it says something on standard error. */
async function interrupted(words: RegExp, ...args: readonly string[]): Promise<Exit> {
  const { kill, said, exit } = started(...args);
  await said(words);
  kill('SIGINT');
  return await exit;
}

test('writes a policy file that says how it came to be, and homes decide by it', async (t) => {
  const path = scratch(t);
  const file = path('home.json');
  const { code, out, err } = await haggle(...home, ...SMALL, '--budget', '1', '--seed', '7', '--out', file);
  t.is(code, EXIT.ok, err);
  t.true(out.startsWith(`${file}: evolution, `), out);
  t.regex(err, /^update 0: score \S+\nupdate 1: score \S+\n$/);
  t.false(existsSync(`${file}.checkpoint`), 'a training that is over leaves no checkpoint');

  const { role, origin } = readPolicyFile(file);
  t.is(role, 'energy/home');
  t.deepEqual(origin.seeds, [7]);
  t.is(origin.command, `haggle train energy --role home ${SMALL.join(' ')} --seed 7 --budget 1`);

  const street = ['simulate', 'energy', '--generate', 'homes=2,days=2,batteries=100', '--json'];
  const Result = z.object({ mode: z.object({ policy: z.string() }), variant: z.string(), fingerprint: z.string() });
  const by = async (...flags: readonly string[]): Promise<z.output<typeof Result>> =>
    Result.parse(JSON.parse((await haggle(...street, ...flags)).out));
  const [trained, scripted] = [await by('--policy', file), await by('--set', 'plan=policy')];
  t.is(trained.mode.policy, 'file');
  t.is(trained.variant, 'community, policy');
  t.is(scripted.mode.policy, 'scripted');
  t.not(trained.fingerprint, scripted.fingerprint, 'what decides is part of the fingerprint');
});

test('an interrupted training keeps a checkpoint, and resumed it writes what an uninterrupted one of two workers does', async (t) => {
  const path = scratch(t);
  const long = [...home, ...SMALL, '--budget', '60', '--out'];
  const [whole, parted] = [path('whole.json'), path("a parted one's.json")];
  t.is((await haggle(...long, whole, '--workers', '2')).code, EXIT.ok);

  const stopped = await interrupted(/update 0: /, ...long, parted);
  t.is(stopped.code, EXIT.ok, stopped.err);
  t.regex(stopped.err, /^ends after the update that is on, and writes a checkpoint; a second \^C ends it at once$/m);
  t.true(existsSync(`${parted}.checkpoint`));
  t.is(readPolicyFile(parted).role, 'energy/home', 'what was reached so far is written');
  const other = await haggle(...long, parted, '--seed', '2', '--resume');
  t.is(other.code, EXIT.badData);
  t.regex(other.err, /^haggle: .*checkpoint of the same settings.*delete the checkpoint, or name another --out/m);

  const honest = readFileSync(`${parted}.checkpoint`);
  const { facts, arrays } = decodeCheckpoint(honest, 'test');
  writeCheckpoint(`${parted}.checkpoint`, { facts, arrays: { ...arrays, 'method.generation': Float64Array.of(-1) } });
  const forged = await haggle(...long, parted, '--resume');
  t.is(forged.code, EXIT.badData);
  t.regex(forged.err, /^haggle: .+checkpoint: generation\[0\] must be whole, from 0, is -1\n$/m);
  writeFileSync(`${parted}.checkpoint`, honest);

  const [, command = ''] = /^not over; this goes on with it: haggle (.*)$/m.exec(stopped.err) ?? [];
  t.deepEqual(wordsOf(command), [...home, ...SMALL, '--seed', '1', '--budget', '60', '--out', parted, '--resume']);
  const resumed = await haggle(...wordsOf(command));
  t.is(resumed.code, EXIT.ok, resumed.err);
  t.notRegex(resumed.err, /update 0: /, 'it does not begin anew');
  t.is(readFileSync(parted, 'utf8'), readFileSync(whole, 'utf8'));
  t.false(existsSync(`${parted}.checkpoint`));
});

test('a checkpoint that is none is bad data', async (t) => {
  const path = scratch(t);
  writeFileSync(path('home.json.checkpoint'), 'words');
  const { code, err } = await haggle(...home, ...SMALL, '--budget', '1', '--resume', '--out', path('home.json'));
  t.is(code, EXIT.badData);
  t.regex(err, /is no checkpoint, or was changed or cut off\n$/);
  t.false(existsSync(path('home.json')));
});

test('tells what is wrong with its flags, and trains nothing', async (t) => {
  const path = scratch(t);
  const out = ['--out', path('policy.json')];
  for (const [args, code, words] of [
    [['energy'], EXIT.usage, /required option '--role <name>'/],
    [['weather', '--role', 'home'], EXIT.usage, /there is no scenario "weather"/],
    [['energy', '--role', 'cat'], EXIT.usage, /no training is known for energy\/cat; there is supply-chain\/order, /],
    [[...home.slice(1), '--budget', '0'], EXIT.usage, /--budget must be a whole number from 1, got "0"/],
    [[...home.slice(1), '--budget', 'much'], EXIT.usage, /--budget must be a whole number from 1, got "much"/],
    [[...home.slice(1), '--workers', '65'], EXIT.usage, /training takes 0 to 64 workers, got 65/],
    [[...home.slice(1), '--seed', '-1'], EXIT.usage, /--seed must be a whole number from 0/],
    [[...home.slice(1), '--generate', 'homes=2,days=2'], EXIT.usage, /its source has 48 hours, an episode 240/],
    [[...home.slice(1), '--generate', 'buses=3'], EXIT.usage, /its source is a grid, not a community/],
    [[...home.slice(1), '--instance', path('absent')], EXIT.noInput, /absent/],
    [[...home.slice(1), '--out', path('absent/policy.json')], EXIT.cannotWrite, /absent/],
  ] as const) {
    const failed = await haggle('train', ...args, ...(args.some((arg) => arg === '--out') ? [] : out));
    t.is(failed.code, code, `${args.join(' ')}: ${failed.err}`);
    t.regex(failed.err, words);
    t.is(failed.out, '');
  }
  t.false(existsSync(path('policy.json')));
});

test('refuses outputs that it could not write or should not replace, before it trains', async (t) => {
  const path = scratch(t);
  mkdirSync(path('folder'));
  mkdirSync(path('kept.json.checkpoint'));
  // As a device would be.
  execFileSync('mkfifo', [path('pipe'), path('piped.json.lock'), path('drained.json.checkpoint')]);
  writeFileSync(path('instance.m'), 'words');
  for (const [args, code, words] of [
    [['--out', path('folder')], EXIT.cannotWrite, /folder: it is no regular file/],
    [['--out', path('pipe')], EXIT.cannotWrite, /pipe: it is no regular file/],
    [['--out', path('kept.json')], EXIT.cannotWrite, /kept\.json\.checkpoint: it is no regular file/],
    [['--out', path('absent/home.json')], EXIT.cannotWrite, /absent\/home\.json: no such file or folder/],
    [['--out', path('home.json'), '--report', path('folder')], EXIT.cannotWrite, /folder: it is a folder/],
    [['--out', path('home.json'), '--report', path('absent/page')], EXIT.cannotWrite, /absent\/page: no such file/],
    [
      ['--out', path('home.json'), '--report', path('home.json.checkpoint')],
      EXIT.usage,
      /--report .* is the same file as the checkpoint/,
    ],
    [['--out', path('home.json'), '--report', path('home.json.lock')], EXIT.usage, /same file as the lock/],
    [['--out', path('kept.json'), '--resume'], EXIT.cannotWrite, /kept\.json\.checkpoint: it is no regular file/],
    [['--out', path('drained.json'), '--resume'], EXIT.cannotWrite, /drained\.json\.checkpoint: it is no regular/],
    [['--out', path('piped.json')], EXIT.cannotWrite, /piped\.json\.lock: it is no regular file/],
    [['--out', path('instance.m'), '--instance', path('instance.m')], EXIT.usage, /is the same file as the input/],
  ] as const) {
    const failed = await haggle(...home, '--budget', '1', ...args);
    t.is(failed.code, code, `${args.join(' ')}: ${failed.err}`);
    t.regex(failed.err, words);
    t.notRegex(failed.err, /update 0/);
  }
  t.true(statSync(path('pipe')).isFIFO(), 'what is no file stays what it is');
  t.false(existsSync(path('home.json')));
});

test('follows a link to the file that it writes', async (t) => {
  const path = scratch(t);
  writeFileSync(path('real.json'), 'words');
  symlinkSync(path('real.json'), path('link.json'));
  const { code, err } = await haggle(...home, ...SMALL, '--budget', '1', '--out', path('link.json'));
  t.is(code, EXIT.ok, err);
  t.true(lstatSync(path('link.json')).isSymbolicLink());
  t.is(readPolicyFile(path('real.json')).role, 'energy/home');
});

test('a second training of one policy file is refused while the first goes on, and changes nothing', async (t) => {
  const path = scratch(t);
  const file = path('home.json');
  const long = [...home, ...SMALL, '--budget', '1000', '--out', file];
  const first = started(...long);
  await first.said(/update 0: /);
  const second = await haggle(...long, '--seed', '2');
  t.is(second.code, EXIT.cannotWrite);
  t.regex(second.err, /^haggle: cannot train \S+home\.json: process \d+ trains it; .*--out\n$/);
  first.kill('SIGINT');
  t.is((await first.exit).code, EXIT.ok);
  t.deepEqual(readPolicyFile(file).origin.seeds, [1]);
  t.deepEqual(readdirSync(path('')).toSorted(), ['home.json', 'home.json.checkpoint'], 'the lock is given back');
});

test('the lock of a training that was killed is taken over, and that is said', async (t) => {
  const path = scratch(t);
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  writeFileSync(path('home.json.lock'), `${pid} 123\n`);
  const { code, err } = await haggle(...home, ...SMALL, '--budget', '1', '--out', path('home.json'));
  t.is(code, EXIT.ok, err);
  t.regex(err, new RegExp(`^took over \\S+home\\.json\\.lock: process ${pid} is gone\n`));
  t.deepEqual(readdirSync(path('')), ['home.json']);
});

test('neither begins anew what was to go on, nor throws away the checkpoint of a training that is not over', async (t) => {
  const path = scratch(t);
  const brief = [...home, ...SMALL, '--budget', '1', '--out', path('home.json')];
  const absent = await haggle(...brief, '--resume');
  t.is(absent.code, EXIT.noInput);
  t.regex(absent.err, /^haggle: cannot go on: there is no checkpoint \S+home\.json\.checkpoint \(.*--resume.*\)\n$/);
  t.deepEqual(readdirSync(path('')), []);

  writeFileSync(path('home.json.checkpoint'), 'words');
  const there = await haggle(...brief);
  t.is(there.code, EXIT.cannotWrite);
  t.regex(
    there.err,
    /^haggle: cannot begin: \S+home\.json\.checkpoint is .* not over \(--resume .* delete it.*--out.*\)\n$/,
  );
  t.is(readFileSync(path('home.json.checkpoint'), 'utf8'), 'words');

  rmSync(path('home.json.checkpoint'));
  t.is((await haggle(...brief)).code, EXIT.ok);
  const first = readFileSync(path('home.json'), 'utf8');
  t.is((await haggle(...brief)).code, EXIT.ok, 'a training that is over can be repeated');
  t.is(readFileSync(path('home.json'), 'utf8'), first);
});

for (const [which, flags] of [
  ['that plays in its own thread', []],
  ['that has a worker', ['--workers', '1']],
] as const) {
  test(`a second ^C ends a training ${which} at once, and the lock is given back`, async (t) => {
    const path = scratch(t);
    // Four homes: an update takes seconds.
    const street = ['--generate', 'homes=4,days=10,batteries=100'];
    const { kill, said, exit } = started(...home, ...street, ...flags, '--out', path('home.json'));
    await said(/update 0: /);
    kill('SIGINT');
    await said(/a second \^C/);
    kill('SIGINT');
    const { code, out, err } = await exit;
    t.is(code, 130, 'as a shell tells of a process that SIGINT ended');
    t.is(out, '', err);
    t.regex(err, /^ended without a checkpoint\n/m);
    t.deepEqual(readdirSync(path('')), []);
  });
}
