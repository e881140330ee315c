/** The outside world: each dependency behind one file. */
export { nodeBackend } from './node-crypto.ts';
