import { createVerifiedRoots } from '../../message/evidence.ts';
import { createOpener, type Opener, type OpenerOptions } from '../../message/open.ts';

/** The checks of one life, with a memory of signatures of its own. */
export function lifeOpener(options: Omit<OpenerOptions, 'verifiedRoots'>): Opener {
  return createOpener({ ...options, verifiedRoots: createVerifiedRoots() });
}
