/** Serves the environment of the tests on standard input and output: `node serve-errands.js [RUNNERS [open]]`, `open` for no masks. */
import { serveEnv } from '../../../agent-core/adapters/gym-bridge.ts';
import { errands } from '../learning/errands.ts';

await serveEnv({
  env: errands({ runners: Number(process.argv[2] ?? 3), masks: process.argv[3] !== 'open' }),
  input: process.stdin,
  output: process.stdout,
});
