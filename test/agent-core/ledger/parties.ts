import { nodeBackend } from '../../../agent-core/adapters/node-crypto.ts';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import type { Signer } from '../../../agent-core/identity/signer.ts';
import { auditLedger } from '../../../agent-core/ledger/audit.ts';
import { createLedger, type Ledger, type LedgerOptions } from '../../../agent-core/ledger/ledger.ts';
import {
  balanceOf,
  ISSUER,
  type Operation,
  type Outcome,
  type Owner,
  type Reserve,
  type Transfer,
} from '../../../agent-core/ledger/operation.ts';

const signer = (n: number): Signer => nodeBackend.signer(new Uint8Array(32).fill(n));

export const alice: Signer = signer(1);
export const bob: Signer = signer(2);
export const carol: Signer = signer(3);

/** A ledger in which alice has 100 tokens and 5 steel, at time 1,000. */
export function funded(options: LedgerOptions = {}): Ledger {
  const ledger = createLedger(options);
  ledger.apply(
    {
      from: ISSUER,
      operations: [
        { type: 'issue', id: 'a-token', to: alice.did, asset: 'token', amount: 100n },
        { type: 'issue', id: 'a-steel', to: alice.did, asset: 'steel', amount: 5n },
      ],
    },
    1_000,
  );
  return ledger;
}

export function pay(changes: Partial<Transfer> = {}): Transfer {
  return { type: 'transfer', id: 'pay', to: bob.did, asset: 'token', amount: 10n, ...changes };
}

export function hold(changes: Partial<Reserve> = {}): Reserve {
  return {
    type: 'reserve',
    id: 'hold',
    to: bob.did,
    asset: 'token',
    amount: 40n,
    expires: 2_000,
    release: 'payer',
    reference: 'd-1',
    ...changes,
  };
}

/** `applied`, or code and index of the refusal. */
export function say(outcome: Outcome): string {
  return outcome.type === 'applied' ? 'applied' : `${outcome.code} ${outcome.index}`;
}

/** Applies a chain now, in the ledger's own time. */
export function submit(ledger: Ledger, from: Owner, ...operations: readonly Operation[]): string {
  return say(ledger.apply({ from, operations }, ledger.now));
}

/** Available, reserved, incoming. */
export function held(ledger: Ledger, owner: Did, asset = 'token'): readonly bigint[] {
  const { available, reserved, incoming } = balanceOf(ledger.account(owner, asset));
  return [available, reserved, incoming];
}

export function faults(ledger: Ledger): readonly string[] {
  return auditLedger(ledger).faults;
}
