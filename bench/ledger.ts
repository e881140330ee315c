/**
 * Rates of the ledger on one core, by CPU time: `node dist/bench/ledger.js`.
 *
 * `apply` is the pure state machine. `sealed` is the whole way of a chain: encoded, signed (or not), scanned, verified, decoded,
 * applied. Every operation has an id of its own, every chain is checked to be applied, and every run ends with an audit.
 */
import { nodeBackend } from '../agent-core/adapters/node-crypto.ts';
import { assert } from '../agent-core/errors.ts';
import { auditLedger } from '../agent-core/ledger/audit.ts';
import { createLedger, type Chain, type Ledger } from '../agent-core/ledger/ledger.ts';
import { ISSUER, TOKEN, type Operation } from '../agent-core/ledger/operation.ts';
import { restoreLedger, snapshotLedger } from '../agent-core/ledger/snapshot.ts';
import { isOpenChain, openChain, sealChain } from '../agent-core/ledger/sealed-chain.ts';

const REALM = 'bench';
const TRIALS = 3;
const OWNERS = 100;
const EXPIRES = 1_000_000;
const HOUR = 3_600_000_000;

const signers = Array.from({ length: OWNERS }, (_, k) => nodeBackend.signer(new Uint8Array(32).fill(k + 1)));

type AgentChain = Chain & { readonly from: (typeof signers)[number]['did'] };

/** One operation by an owner for the next; `id` is unique. */
type Make = (to: AgentChain['from'], id: string) => readonly Operation[];

const transfer: Make = (to, id) => [{ type: 'transfer', id, to, asset: TOKEN, amount: 3n }];

const reserveAndPost: Make = (to, id) => [
  { type: 'reserve', id, to, asset: TOKEN, amount: 5n, expires: HOUR, release: 'payer', reference: id },
  { type: 'post', id: `${id}/post`, reservation: id, amount: 3n },
];

/** Chains of `each` operations (pairs count as one), round the owners. */
function chains(make: Make, count: number, each: number): readonly AgentChain[] {
  return Array.from({ length: count / each }, (_chain, n) => {
    const [from, to] = [signers[n % OWNERS], signers[(n * 7 + 1) % OWNERS]];
    assert(from !== undefined && to !== undefined, 'there are as many signers as owners');
    const payee = to === from ? signers[(n + 2) % OWNERS] : to;
    assert(payee !== undefined, 'there are as many signers as owners');
    const operations = Array.from({ length: each }, (_operation, k) => make(payee.did, `n${n}-${k}`)).flat();
    return { from: from.did, operations };
  });
}

function rich(): Ledger {
  const ledger = createLedger();
  for (const { did } of signers) {
    const issue: Operation = { type: 'issue', id: did, to: did, asset: TOKEN, amount: 10n ** 15n };
    assert(ledger.apply({ from: ISSUER, operations: [issue] }, 0).type === 'applied', 'the bench funds its owners');
  }
  return ledger;
}

/** Best transfers per CPU-second over several trials, each on a ledger of its own. */
function rate(count: number, run: (ledger: Ledger) => void): number {
  let best = 0;
  for (let trial = 0; trial < TRIALS; trial++) {
    const ledger = rich();
    const before = process.cpuUsage();
    run(ledger);
    const { user, system } = process.cpuUsage(before);
    best = Math.max(best, (count * 1e6) / (user + system));
    assert(auditLedger(ledger).faults.length === 0, 'the ledger is sound');
  }
  return best;
}

function applied(ledger: Ledger, chain: Chain, now: number): void {
  assert(ledger.apply(chain, now).type === 'applied', 'the bench asks for nothing that is refused');
}

function applyOnly(make: Make, count: number, each: number): number {
  const all = chains(make, count, each);
  return rate(count, (ledger) => {
    for (const [n, chain] of all.entries()) applied(ledger, chain, Math.min(n, EXPIRES));
  });
}

function wholeWay({ make, count, each, signed }: Way): number {
  const all = chains(make, count, each);
  const bySigner = new Map(signers.map((signer) => [signer.did, signer]));
  return rate(count, (ledger) => {
    for (const [n, chain] of all.entries()) {
      const sealed = sealChain(REALM, chain, signed ? (bySigner.get(chain.from) ?? null) : null);
      const opened = openChain(sealed, { realm: REALM, backend: nodeBackend, requireSignature: signed });
      assert(isOpenChain(opened), 'the bench opens what it seals');
      applied(ledger, opened, n);
    }
  });
}

interface Way {
  readonly make: Make;
  readonly count: number;
  readonly each: number;
  readonly signed: boolean;
}

function print(name: string, perSecond: number): void {
  console.log(`| ${name.padEnd(48)} | ${Math.round(perSecond).toLocaleString('en').padStart(12)} |`);
}

console.log(`Node ${process.version}; per CPU-second, best of ${TRIALS}; ${OWNERS} owners\n`);
console.log(`| ${'chains'.padEnd(48)} | ${'per second'.padStart(12)} |`);
console.log(`| ${'-'.repeat(48)} | ${'-'.repeat(12)} |`);
for (const [name, make] of [
  ['transfer', transfer],
  ['reserve + post', reserveAndPost],
] as const) {
  for (const each of [1, 64]) {
    print(`${name}, apply, chains of ${each}`, applyOnly(make, 64_000, each));
    print(`${name}, sealed, unsigned, chains of ${each}`, wholeWay({ make, count: 64_000, each, signed: false }));
    const count = each === 1 ? 2_000 : 64_000;
    print(`${name}, sealed, signed, chains of ${each}`, wholeWay({ make, count, each, signed: true }));
  }
}

const ledger = rich();
for (const [n, chain] of chains(reserveAndPost, 64_000, 1).entries()) applied(ledger, chain, n);
let snapshot = snapshotLedger(ledger);
const { operations } = ledger;
print(
  'operations in a snapshot',
  rate(operations, () => {
    snapshot = snapshotLedger(ledger);
  }),
);
print(
  'operations restored and audited',
  rate(operations, () => {
    assert(restoreLedger(snapshot).operations === operations, 'the bench restores all it took');
  }),
);
