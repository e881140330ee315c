import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import * as fc from 'fast-check';
import { assignmentTerms, type AssignmentMode } from '../../../agent-core/protocol/assignment-terms.ts';
import { auctionAssignment, populateAuction } from '../../../scenarios/assignment/auction.ts';
import { certify } from '../../../scenarios/assignment/certificate.ts';
import { parseAssignment, type AssignmentProblem } from '../../../scenarios/assignment/or-library.ts';
import { world } from '../../../simulator/world.ts';

const MODES: readonly AssignmentMode[] = ['synchronous', 'asynchronous'];
const LATENCY = ['1 ms', '50 ms'] as const;

const FOLDER = join(process.env['HAGGLE_DATA'] ?? 'data', 'orlib-assign');
const present = existsSync(join(FOLDER, 'assign100.txt'));
const run = present ? test : test.skip;
/** For what takes much memory. */
const runAlone = present ? test.serial : test.serial.skip;

function orLibrary(name: string): AssignmentProblem {
  return parseAssignment(readFileSync(join(FOLDER, `${name}.txt`), 'utf8'), `${name}.txt`);
}

/** Least cost, by trying every assignment. */
function bruteForce({ costs }: AssignmentProblem): number {
  const from = (person: number, taken: readonly number[]): number => {
    const row = costs[person];
    if (row === undefined) return 0;
    return row.reduce((least, cost, object) => {
      if (taken.includes(object)) return least;
      return Math.min(least, cost + from(person + 1, [...taken, object]));
    }, Infinity);
  };
  return from(0, []);
}

const problems = fc
  .record({ size: fc.integer({ min: 1, max: 6 }), most: fc.constantFrom(0, 1, 3, 20, 1_000_000) })
  .chain(({ size, most }) =>
    fc.record({
      size: fc.constant(size),
      costs: fc.array(fc.array(fc.integer({ min: -most, max: most }), { minLength: size, maxLength: size }), {
        minLength: size,
        maxLength: size,
      }),
    }),
  );

for (const mode of MODES) {
  test(`${mode}: finds the least cost of any small problem, and its prices prove it`, async (t) => {
    await fc.assert(
      fc.asyncProperty(problems, fc.integer({ min: 0, max: 1_000 }), async (problem, seed) => {
        const { certificate } = await auctionAssignment(problem, { mode, seed, sign: 'off', latency: LATENCY });
        t.true(certificate.isAssignment);
        t.is(certificate.cost, bruteForce(problem));
        t.is(certificate.bound, certificate.cost);
      }),
      { seed: 8, numRuns: 60 },
    );
  });

  for (const seed of [1, 2, 3]) {
    run(`${mode}: assign100 costs 305 with seed ${seed} (orlib-assign)`, async (t) => {
      const { certificate } = await auctionAssignment(orLibrary('assign100'), {
        mode,
        seed,
        sign: 'off',
        latency: LATENCY,
      });
      t.deepEqual(certificate, { cost: 305, bound: 305, isAssignment: true, optimal: true });
    });
  }

  runAlone(`${mode}: assign500 costs 991 (orlib-assign)`, async (t) => {
    const { certificate } = await auctionAssignment(orLibrary('assign500'), {
      mode,
      seed: 1,
      sign: 'off',
      latency: LATENCY,
    });
    t.deepEqual(certificate, { cost: 991, bound: 991, isAssignment: true, optimal: true });
  });
}

/** A problem with many ties. */
const TIES: AssignmentProblem = {
  size: 12,
  costs: Array.from({ length: 12 }, (_, i) => Array.from({ length: 12 }, (__, j) => (i * 7 + j * j * 5) % 9)),
};

test('synchronous: the rounds are the same whatever the latencies', async (t) => {
  const play = (latency: '1 ms' | typeof LATENCY) =>
    auctionAssignment(TIES, { mode: 'synchronous', seed: 4, sign: 'off', latency });
  const [even, odd] = [await play('1 ms'), await play(LATENCY)];
  t.deepEqual(
    [odd.objects, odd.prices, odd.bids, odd.rejected, odd.rounds],
    [even.objects, even.prices, even.bids, even.rejected, even.rounds],
  );
  t.not(odd.fingerprint, even.fingerprint);
});

test('signing changes nothing', async (t) => {
  const play = (sign: 'off' | 'batch') => auctionAssignment(TIES, { mode: 'asynchronous', seed: 4, sign });
  t.deepEqual(await play('batch'), await play('off'));
});

test('with one phase at the finest epsilon it finds the same cost', async (t) => {
  const outcome = await auctionAssignment(TIES, { mode: 'asynchronous', seed: 4, startDivisor: 1e9, factor: 2 });
  t.is(outcome.phases, 1);
  t.true(outcome.certificate.optimal);
});

test('a certificate does not hold for a worse assignment, for none, or with other prices', async (t) => {
  const { objects, prices, certificate } = await auctionAssignment(TIES, { mode: 'asynchronous', seed: 4 });
  const scale = TIES.size + 1;
  t.true(certificate.optimal);
  t.false(certify(TIES, { objects: objects.toReversed(), prices, scale }).optimal);
  t.false(certify(TIES, { objects: objects.map(() => 0), prices, scale }).optimal);
  t.false(certify(TIES, { objects: objects.slice(1), prices, scale }).isAssignment);
  t.false(certify(TIES, { objects, prices: prices.map((_, k) => k * 1_000), scale }).optimal);
});

test('nobody but a person says what it would pay, and the clerk hears no price', async (t) => {
  const place = world({ seed: 4, strict: true, record: true });
  const { clerk } = populateAuction(
    place,
    TIES,
    assignmentTerms({ mode: 'synchronous', size: TIES.size, costSpread: 8 }),
  );
  await place.run();
  const toClerk = place.trace.filter(({ to }) => to === clerk.name);
  t.true(toClerk.length > 0);
  for (const { payload } of toClerk) t.notRegex(payload, /price/);
});
