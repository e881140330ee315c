import test from 'ava';
import { DEPLOY, needs, run } from './files.ts';

const asked = process.env['HAGGLE_TEST_IMAGE'] === '1';
const full = asked
  ? needs('buildah')
  : (title: string): void => test.skip(`${title} (HAGGLE_TEST_IMAGE=1 runs it)`, () => undefined);

full('the image builds and does what try-image.sh claims', async (t) => {
  t.timeout(900_000);
  const { code, out, err } = await run('sh', [`${DEPLOY}/try-image.sh`]);
  t.log(out);
  t.is(code, 0, err);
  t.true(out.trimEnd().endsWith('the image is good'));
});

const shell = needs('sh');

shell('the script that tries the image is one that a plain shell reads', async (t) => {
  const { code, err } = await run('sh', ['-n', `${DEPLOY}/try-image.sh`]);
  t.is(code, 0, err);
});
