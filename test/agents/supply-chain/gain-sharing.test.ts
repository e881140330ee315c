import test from 'ava';
import * as fc from 'fast-check';
import { equalGains } from '../../../agents/market/equal-gains.ts';
import { bearable, GainSharing } from '../../../agents/supply-chain/gain-sharing.ts';
import { moved, stakesOf } from '../../fixtures/stakes.ts';
import { firmBench, FUNDS, ownWealth, wealthOf } from './firms.ts';

const TOKEN = 1_000_000n;

test('nobody pays more than it gained, nobody is paid more than it lost or lacks of an equal share, and the sum is zero', (t) => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: -1_000n, max: 1_000n }), { minLength: 1, maxLength: 8 }), (gains) => {
      const stakes = stakesOf(gains);
      const transfers = equalGains(bearable(stakes));
      const total = gains.reduce((sum, one) => sum + one, 0n);
      const after = stakes.map(({ party, gain }) => {
        const { paid, got } = moved(party, transfers);
        t.true(paid <= (gain > 0n ? gain : 0n));
        return gain - paid + got;
      });
      t.is(
        after.reduce((sum, one) => sum + one, 0n),
        total,
      );
      const share = total / BigInt(gains.length);
      const rest = BigInt(gains.length);
      for (const one of after) t.true(total >= 0n ? one >= share && one <= share + rest : one <= rest);
    }),
    { seed: 20_261_126, numRuns: 300 },
  );
});

/** A firm that has no customers and no stock: it has neither gained nor lost when the game is over. */
const idle = { stock: 0, customers: [] } as const;

/** A member of a sharing by Carol, at the moment when it has told its gain; it was given something by a friend before. */
async function member(gift: bigint, claimed: object) {
  const bench = firmBench({ ...idle, convenor: 'carol' });
  bench.fund('carol', FUNDS);
  await bench.pass('3 h');
  if (gift > 0n) bench.peer('carol').ledger.transfer({ to: bench.did, amount: gift });
  Object.assign(bench.state, claimed);
  await bench.pass('55 min');
  const dialogue = bench.peer('carol').heardOpening(GainSharing, 'convenor');
  const carol = bench.didOf('carol');
  return { bench, dialogue, carol, told: BigInt(dialogue.hear('gain').gain) };
}

test('a firm tells what its money has changed by, whatever its partners say they have paid', async (t) => {
  const { told } = await member(5n * TOKEN, { profit: 10n ** 15n });
  t.is(told, 5n * TOKEN);
});

test('a firm pays its share of what it gained', async (t) => {
  const { bench, dialogue, carol } = await member(5n * TOKEN, {});
  dialogue.send('share', { pays: [{ party: carol, amount: 2n * TOKEN }], receives: [] });
  await bench.settle();
  dialogue.hear('paid');
  t.is(ownWealth(bench), FUNDS + 3n * TOKEN);
  t.is(wealthOf(bench, 'carol'), FUNDS - 3n * TOKEN);
});

test('a convenor that pays itself gets no more than a firm gained: whoever would end poorer than alone pays nothing', async (t) => {
  const { bench, dialogue, carol } = await member(5n * TOKEN, {});
  const pays = Array.from({ length: 6 }, () => ({ party: carol, amount: TOKEN }));
  dialogue.send('share', { pays, receives: [] });
  await bench.settle();
  t.is(ownWealth(bench), FUNDS + 5n * TOKEN);
  t.regex(JSON.stringify(bench.log.at(-1)?.entry), /poorer than alone/);
});

test('a convenor that never answers, or declines, takes nothing, and the firm comes to its end', async (t) => {
  const silent = await member(5n * TOKEN, {});
  await silent.bench.pass('20 min');
  t.true(silent.bench.state.isOver);
  const declining = await member(5n * TOKEN, {});
  declining.dialogue.send('decline', { reason: 'no' });
  await declining.bench.settle();
  t.true(declining.bench.state.isOver);
  t.is(ownWealth(declining.bench), FUNDS + 5n * TOKEN);
});

/** A convenor with two members, when the game is over. */
async function convenor() {
  const bench = firmBench({ ...idle, convenor: 'firm', members: ['ann', 'bob'] });
  await bench.pass('3 h');
  bench.fund('ann', 8n * TOKEN);
  bench.peer('ann').ledger.transfer({ to: bench.did, amount: 6n * TOKEN });
  await bench.pass('56 min');
  return bench;
}

const tell = (bench: Awaited<ReturnType<typeof convenor>>, name: string, gain: bigint) =>
  bench.peer(name).open(GainSharing, 'member', 'gain', { gain: gain.toString() }, { within: '10 min' });

test('all who told end with the same gain, and who never tells is left out', async (t) => {
  const bench = await convenor();
  const ann = tell(bench, 'ann', 0n);
  await bench.pass('3 min');
  t.deepEqual(ann.hear('share'), { pays: [], receives: [{ party: bench.did, amount: 3n * TOKEN }] });
  t.is(ownWealth(bench), FUNDS + 3n * TOKEN);
  t.is(tell(bench, 'bob', 0n).hear('decline').reason, 'not a member, or too late');
});

test('a stranger, a member that tells twice and one that tells too early are declined', async (t) => {
  const bench = await convenor();
  tell(bench, 'ann', 0n);
  for (const name of ['mallory', 'ann'])
    t.is(tell(bench, name, -TOKEN).hear('decline').reason, 'not a member, or too late');
  const early = firmBench({ ...idle, convenor: 'firm', members: ['ann'] });
  await early.pass('1 h');
  t.is(tell(early, 'ann', 0n).hear('decline').reason, 'not a member, or too late');
});

test('a member that lies about a loss gets at most what the others gained, and nobody ends poorer than alone', async (t) => {
  const bench = await convenor();
  const liar = tell(bench, 'ann', -(10n ** 27n));
  const honest = tell(bench, 'bob', 0n);
  await bench.pass('3 min');
  t.is(ownWealth(bench), FUNDS);
  t.deepEqual(liar.hear('share').receives, [{ party: bench.did, amount: 6n * TOKEN }]);
  t.deepEqual(honest.hear('share'), { pays: [], receives: [] });
});
