import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { z } from 'zod';
import { EXIT } from '../../cli/exit.ts';
import { checkRides } from '../fixtures/ride-checker.ts';
import { haggle, scratch } from './haggle.ts';

const rides = ['simulate', 'ride-sharing'] as const;
const kpis = z.record(z.string(), z.number());
const Result = z.object({
  scenario: z.literal('ride-sharing'),
  variant: z.string(),
  objective: z.strictObject({ name: z.literal('distance'), unit: z.string(), sense: z.literal('min') }),
  agents: kpis,
  baseline: kpis,
  optimum: kpis.nullable(),
  references: z.strictObject({ ownTaxi: kpis }),
  gap: z.number().nullable(),
  feasible: z.boolean(),
  fingerprint: z.string(),
  messages: z.number(),
  rounds: z.number(),
});

async function result(...args: readonly string[]): Promise<z.output<typeof Result>> {
  const { out } = await haggle(...rides, '--json', ...args);
  return Result.parse(JSON.parse(out));
}

/** A dial-a-ride problem of our own: two vehicles, four riders, so that the optimum is proven. */
const SMALL = `2 4 240 3 60
0 0 0 0 0 0 240
1 5 5 1 1 20 60
2 6 4 1 1 25 65
3 -5 -5 1 1 20 60
4 -6 -4 1 1 25 65
5 9 9 1 -1 0 240
6 9 8 1 -1 0 240
7 -9 -9 1 -1 0 240
8 -9 -8 1 -1 0 240
`;

test('vehicles that trade drive no more than without, and never less than the proven optimum', async (t) => {
  const path = scratch(t);
  writeFileSync(path('small.txt'), SMALL);
  const found = await result('--instance', path('small.txt'), '--set', 'rounds=200');
  const of = (block: Readonly<Record<string, number>> | null): number => block?.['distance'] ?? Number.NaN;
  t.true(found.feasible);
  t.is(found.variant, 'dial-a-ride, static');
  t.is(found.agents['unserved'], 0);
  t.true(of(found.agents) <= of(found.baseline) + 1e-9);
  t.true(of(found.agents) >= of(found.optimum) - 1e-9);
  t.true(Math.abs(found.gap ?? 1) < 1e-9, 'four riders are no problem');
  t.true(of(found.references.ownTaxi) > of(found.agents));
});

test('--solution names the stops in the numbering of the file, and a checker that knows only the file finds them right', async (t) => {
  const path = scratch(t);
  writeFileSync(path('small.txt'), SMALL);
  const args = ['--instance', path('small.txt'), '--set', 'rounds=50', '--solution', path('routes.json')];
  t.is((await haggle(...rides, ...args)).code, EXIT.ok);
  const { routes } = z
    .object({ routes: z.array(z.array(z.number())) })
    .parse(JSON.parse(readFileSync(path('routes.json'), 'utf8')));
  t.deepEqual(
    routes.flat().toSorted((a, b) => a - b),
    [1, 2, 3, 4, 5, 6, 7, 8],
  );
  t.deepEqual(checkRides(SMALL, { routes }).faults, []);
});

test('runs with no data, and the same seed gives the same run in all signing modes', async (t) => {
  const args = ['--generate', 'requests=8,vehicles=2', '--set', 'rounds=40', '--seed', '5'];
  const signed = await result(...args);
  const unsigned = await result(...args, '--sign', 'off');
  t.is(signed.fingerprint, unsigned.fingerprint);
  t.is(signed.agents['served'], 8);
  t.true(signed.rounds > 0);
});

test('without renegotiation the agents are the trivial contract net', async (t) => {
  const found = await result('--generate', 'requests=10,vehicles=3', '--set', 'renegotiate=no');
  t.is(found.rounds, 0);
  t.is(found.agents['distance']?.toFixed(9), found.baseline['distance']?.toFixed(9));
});

test('online, the baseline drives as it hears of riders, as the agents do without trade', async (t) => {
  const settings = ['--set', 'mode=online', '--set', 'renegotiate=no'];
  const found = await result('--generate', 'requests=10,vehicles=3', ...settings);
  t.deepEqual(found.agents, found.baseline);
});

test('--report draws the day in one file', async (t) => {
  const path = scratch(t);
  const args = ['--generate', 'requests=8,vehicles=2', '--set', 'rounds=40', '--report', path('day.html')];
  t.is((await haggle(...rides, ...args)).code, EXIT.ok);
  const page = readFileSync(path('day.html'), 'utf8');
  t.regex(page, /Ride-sharing/);
  t.notRegex(page, /src="http|href="http/);
});

test('names the setting, the value and what is allowed where it is told nonsense', async (t) => {
  for (const [set, words] of [
    ['mode=later', 'mode must be static or online, got "later"'],
    ['renegotiate=perhaps', 'renegotiate must be yes or no, got "perhaps"'],
    ['rounds=0', 'rounds must be a whole number from 1 to 100000, got "0"'],
    ['patience=1e9', 'patience must be a whole number from 1 to 1000, got "1e9"'],
  ] as const) {
    const { code, err } = await haggle(...rides, '--set', set);
    t.is(code, EXIT.usage);
    t.is(err, `haggle: ${words}\n`);
  }
  t.regex((await haggle(...rides, '--set', 'speed=9')).err, /there is no setting "speed"; there is: mode, /);
  t.regex((await haggle('simulate', 'energy', '--set', 'mode=online')).err, /a grid knows no settings, got "mode"/);
});

test('settings hold that were given one by one, and one that was given twice is refused', async (t) => {
  const args = ['--generate', 'requests=4', '--generate', 'vehicles=2', '--set', 'renegotiate=no'];
  const found = await result(...args, '--set', 'mode=online');
  t.is(found.variant, 'city, online');
  t.is(found.rounds, 0);
  const { code, err } = await haggle(...rides, '--set', 'rounds=5', '--set', 'rounds=6');
  t.is(code, EXIT.usage);
  t.is(err, 'haggle: --set names "rounds" twice\n');
});

test('says of a file that is no problem of rides what it should be', async (t) => {
  const path = scratch(t);
  writeFileSync(path('words.txt'), 'these are words\n');
  const { code, err } = await haggle(...rides, '--instance', path('words.txt'));
  t.is(code, EXIT.badData);
  t.regex(err, /is neither a dial-a-ride problem/);
});

test('names the constraints that are broken, and no others', async (t) => {
  const path = scratch(t);
  // One unit of time for a whole day: nobody can be served. So many that no solver is asked.
  const stops = Array.from({ length: 80 }, (_, k) => `${k + 1} 5 ${k} 1 ${k < 40 ? 1 : -1} 0 240`);
  writeFileSync(path('short.txt'), ['2 40 1 3 60', '0 0 0 0 0 0 240', ...stops, ''].join('\n'));
  const { code, out } = await haggle(...rides, '--instance', path('short.txt'), '--set', 'rounds=5');
  t.is(code, EXIT.negative);
  t.regex(out, /feasible +NO: servedOnceTrips 4\.0e\+1\n/);
});

test('a folder or a line that is no problem of rides is bad data, not a defect', async (t) => {
  const path = scratch(t);
  mkdirSync(path('nothing'));
  writeFileSync(path('broken.txt'), SMALL.replace('9 8 1 -1', '9 8 1 one'));
  for (const instance of ['nothing', 'broken.txt']) {
    t.is((await haggle(...rides, '--instance', path(instance))).code, EXIT.badData, instance);
  }
});

test('the trace of a run with money verifies, and not with another account of what was paid', async (t) => {
  const path = scratch(t);
  const args = ['--generate', 'requests=3,vehicles=2', '--set', 'rounds=5', '--trace', path('run.jsonl')];
  t.is((await haggle(...rides, ...args)).code, EXIT.ok);
  t.is((await haggle('verify', path('run.jsonl'))).code, EXIT.ok);
  const edited = readFileSync(path('run.jsonl'), 'utf8').replace(/"chains":"\w+"/, '"chains":"00"');
  writeFileSync(path('edited.jsonl'), edited);
  const { code, out } = await haggle('verify', path('edited.jsonl'));
  t.is(code, EXIT.negative);
  t.regex(out, /the fingerprint of the deliveries is \w{16}, the last line says/);
});
