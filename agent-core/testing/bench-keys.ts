import { HaggleError } from '../errors.ts';
import type { Did } from '../identity/did-key.ts';
import { portableBackend } from '../identity/portable.ts';
import type { SignatureBackend, Signer } from '../identity/signer.ts';
import { createRandomRoot, type RandomRoot } from '../random.ts';

const PEER_NAME = /^[a-z][a-z0-9-]{0,39}$/;

/** Signers by name, the same as those of a world with this seed. */
export interface Keys {
  readonly backend: SignatureBackend;
  readonly random: RandomRoot;
  of(name: string): Signer;
  /** @throws HaggleError `bad-peer` */
  peer(name: string): Signer;
  /** Name of a peer by its address; the address itself of whoever is none. */
  nameOf(did: Did): string;
}

/** What keys follow from. */
export interface KeyOptions {
  readonly seed?: number | string;
  readonly backend?: SignatureBackend;
}

/** The keys of one bench. */
export function createKeys({ seed = 1, backend = portableBackend }: KeyOptions): Keys {
  const random = createRandomRoot(seed);
  const known = new Map<string, Signer>();
  const names = new Map<Did, string>();
  const of = (name: string): Signer => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const stream = random.stream('identity', name);
    const signer = backend.signer(Uint8Array.from({ length: 32 }, () => stream.uint32() & 0xff));
    known.set(name, signer);
    return signer;
  };
  const peer = (name: string): Signer => {
    if (!PEER_NAME.test(name)) {
      const got = JSON.stringify(name);
      throw new HaggleError('bad-peer', `a peer's name must be lower-case words joined by "-", got ${got}`);
    }
    const signer = of(name);
    names.set(signer.did, name);
    return signer;
  };
  return { backend, random, of, peer, nameOf: (did) => names.get(did) ?? did };
}
