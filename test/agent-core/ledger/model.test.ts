import test from 'ava';
import * as fc from 'fast-check';
import { createLedger, type Chain, type Ledger } from '../../../agent-core/ledger/ledger.ts';
import { balanceOf, type Account } from '../../../agent-core/ledger/operation.ts';
import { restoreLedger, snapshotLedger } from '../../../agent-core/ledger/snapshot.ts';
import { canonicalize } from '../../../agent-core/message/canonical.ts';
import { createRandomRoot } from '../../../agent-core/random.ts';
import { ASSETS, drawChain, drawing, OWNERS } from './draws.ts';
import { applyToModel, emptyModel, locked, place, purse, type Model } from './model.ts';
import { faults, say } from './parties.ts';

const IDS = Array.from({ length: 24 }, (_, k) => `id-${k}`);

/** One chain at a time, drawn from a seed of its own, so that a failing run shrinks to the chains that matter. */
const histories = fc.array(fc.record({ seed: fc.nat(), pause: fc.constantFrom(0, 0, 0, 1, 7, 60) }), { maxLength: 60 });
type History = readonly { readonly seed: number; readonly pause: number }[];

interface Step {
  readonly chain: Chain;
  readonly now: number;
}

function steps(history: History, start = 1): readonly Step[] {
  let now = start;
  const before = drawing(IDS);
  return history.map(({ seed, pause }) => {
    now += pause;
    return { now, chain: drawChain(createRandomRoot(seed).stream('chain'), now, before) };
  });
}

function run(ledger: Ledger, history: readonly Step[]): readonly string[] {
  return history.map(({ chain, now }) => say(ledger.apply(chain, now)));
}

function differences(ledger: Ledger, model: Model): readonly string[] {
  return OWNERS.flatMap((owner) =>
    ASSETS.flatMap((asset) => {
      const { available, reserved, incoming } = balanceOf(ledger.account(owner, asset));
      const mine = [available, reserved, incoming].join(' ');
      const account = place(owner, asset);
      const theirs = [purse(model, account), locked(model, account, 'payer'), locked(model, account, 'to')];
      return mine === theirs.join(' ') ? [] : [`${asset} of ${owner}: ${mine}, not ${theirs.join(' ')}`];
    }),
  );
}

test('every answer and every balance is that of the naive model, and no invariant ever breaks', (t) => {
  fc.assert(
    fc.property(histories, (history) => {
      const ledger = createLedger();
      const model = emptyModel();
      for (const { chain, now } of steps(history)) {
        const [answer, expected] = [say(ledger.apply(chain, now)), applyToModel(model, chain, now)];
        if (answer !== expected) throw new TypeError(`${answer}, not ${expected}`);
        const wrong = [...differences(ledger, model), ...faults(ledger)];
        if (wrong.length > 0) throw new TypeError(wrong.join('\n'));
      }
    }),
    { numRuns: 400 },
  );
  t.pass();
});

test('the whole history handed in again, in any order, changes nothing', (t) => {
  fc.assert(
    fc.property(histories, fc.nat(), (history, seed) => {
      const ledger = createLedger();
      const all = steps(history);
      run(ledger, all);
      ledger.advance(ledger.now + 1_000);
      const before = accountsOf(ledger);
      for (const { chain } of createRandomRoot(seed).stream('again').shuffle(all)) ledger.apply(chain, ledger.now);
      return accountsOf(ledger) === before && faults(ledger).length === 0;
    }),
    { numRuns: 200 },
  );
  t.pass();
});

/** Every total that is not zero, in one order. */
function accountsOf(ledger: Ledger): string {
  return ledger
    .books()
    .flatMap(({ owner, accounts }) => [...accounts].map(([asset, account]) => `${owner} ${asset} ${totals(account)}`))
    .filter((line) => !line.endsWith(' 0 0 0 0'))
    .toSorted()
    .join('\n');
}

function totals({ creditsPending, creditsPosted, debitsPending, debitsPosted }: Account): string {
  return [creditsPending, creditsPosted, debitsPending, debitsPosted].join(' ');
}

test('a restored snapshot has the same snapshot and the same future', (t) => {
  fc.assert(
    fc.property(histories, histories, (past, future) => {
      const ledger = createLedger();
      run(ledger, steps(past));
      const text = canonicalize(snapshotLedger(ledger));
      const restored = restoreLedger(JSON.parse(text));
      if (canonicalize(snapshotLedger(restored)) !== text || restored.operations !== ledger.operations) return false;
      const next = steps(future, ledger.now);
      const same = canonicalize(run(ledger, next)) === canonicalize(run(restored, next));
      return same && canonicalize(snapshotLedger(restored)) === canonicalize(snapshotLedger(ledger));
    }),
    { numRuns: 200 },
  );
  t.pass();
});

test('a refused chain leaves nothing but the answer to the id that was refused', (t) => {
  fc.assert(
    fc.property(histories, (history) => {
      const ledger = createLedger();
      for (const { chain, now } of steps(history)) {
        ledger.advance(now);
        const before = [ledger.operations, accountsOf(ledger)] as const;
        const outcome = ledger.apply(chain, now);
        if (outcome.type === 'applied') continue;
        if (ledger.operations - before[0] > 1 || accountsOf(ledger) !== before[1]) return false;
      }
      return true;
    }),
    { numRuns: 200 },
  );
  t.pass();
});

const MET_OFTEN = [
  'applied',
  'id-taken',
  'zero-amount',
  'amount-too-large',
  'same-account',
  'unknown-reservation',
  'not-allowed',
  'bad-expiry',
  'insufficient-funds',
  'reservation-expired',
  'already-resolved',
  'exceeds-reservation',
  'evidence-required',
];

test('a campaign of 100,000 operations by several parties, with repetitions and expiry, keeps to the model', (t) => {
  const OPERATIONS = 100_000;
  const random = createRandomRoot('campaign').stream('chains');
  const ledger = createLedger();
  let model = emptyModel();
  let now = 0;
  let done = 0;
  const answers = new Map<string, number>();
  for (let block = 0; done < OPERATIONS; block++) {
    // The model copies itself for every chain, so it starts anew with each block; so do the ids, as a ledger never forgets one.
    const before = drawing(Array.from({ length: 80 }, (_, k) => `b${block}-${k}`));
    model = { ...emptyModel(), now, purses: new Map(model.purses) };
    for (let k = 0; k < 100; k++) {
      now += random.uniform() < 0.3 ? random.integer(1, 20) : 0;
      const chain = drawChain(random, now, before);
      const answer = say(ledger.apply(chain, now));
      const expected = applyToModel(model, chain, now);
      if (answer !== expected) t.fail(`block ${block} chain ${k}: ${answer}, not ${expected}`);
      const [code = ''] = answer.split(' ');
      answers.set(code, (answers.get(code) ?? 0) + 1);
      done += chain.operations.length;
    }
    now += 100;
    ledger.advance(now);
    applyToModel(model, { from: 'issuer', operations: [] }, now);
    if (block % 50 === 0) t.deepEqual([...differences(ledger, model), ...faults(ledger)], []);
  }
  t.deepEqual([...differences(ledger, model), ...faults(ledger)], []);
  t.log([...answers].map(([code, count]) => `${code} ${count}`).join(', '));
  for (const code of MET_OFTEN) {
    t.true((answers.get(code) ?? 0) > 100, code);
  }
});
