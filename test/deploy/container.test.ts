import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import test from 'ava';
import { run } from './files.ts';

/** Makes what follows the first process of a namespace, as it is in a container. */
const FIRST = ['--map-root-user', '--pid', '--fork'];
const contained = spawnSync('unshare', [...FIRST, 'true']).status === 0 ? test : test.skip;

contained('a command that is the first process of a container ends on SIGTERM (needs unshare)', async (t) => {
  const signals = new URL('../../cli/signals.js', import.meta.url).href;
  const script = `import { endOnSignals } from '${signals}';
    endOnSignals();
    setTimeout(() => process.exit(process.pid === 1 ? 1 : 2), 5000);
    process.kill(process.pid, 'SIGTERM');`;
  const { code, err } = await run('unshare', [...FIRST, process.execPath, '--input-type=module', '-e', script]);
  t.is(code, 128 + constants.signals.SIGTERM, err);
});
