import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { diskFiles } from '../../../../agent-core/adapters/live/disk-files.ts';
import { HaggleError } from '../../../../agent-core/errors.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function folder(t: ExecutionContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'haggle-files-'));
  t.teardown(async () => await rm(path, { recursive: true, force: true }));
  return join(path, 'agent');
}

test('a file grows, is cut off and grows again; only its owner reads it', async (t) => {
  const path = await folder(t);
  const files = diskFiles(path);
  const release = await files.lock();
  const file = await files.create('a.log');
  await file.append(bytes('one two '));
  await file.append(bytes('three'));
  await file.sync();
  await file.close();
  const again = await files.reopen('a.log', 8);
  await again.append(bytes('four'));
  await again.sync();
  await again.close();
  t.is(Buffer.from(await files.read('a.log')).toString(), 'one two four');
  t.is((await stat(join(path, 'a.log'))).mode & 0o777, 0o600);
  t.is((await stat(path)).mode & 0o777, 0o700);
  await files.rename('a.log', 'b.log');
  t.deepEqual((await files.list()).toSorted(), ['b.log', 'lock']);
  await files.remove('b.log');
  await release();
  t.deepEqual(await files.list(), []);
});

test('a file is made once', async (t) => {
  const files = diskFiles(await folder(t));
  await files.lock();
  await (await files.create('a.log')).close();
  await t.throwsAsync(files.create('a.log'), { instanceOf: HaggleError, code: 'cannot-write' });
});

test('a folder that a running process has is refused; that of one that is gone is taken over', async (t) => {
  const path = await folder(t);
  const files = diskFiles(path);
  const release = await files.lock();
  await t.throwsAsync(diskFiles(path).lock(), { instanceOf: HaggleError, code: 'agent-running' });
  await release();
  const gone = spawn(process.execPath, ['-e', '']);
  await once(gone, 'exit');
  await writeFile(join(path, 'lock'), `${gone.pid ?? 0} 123\n`);
  const taken = await files.lock();
  t.is(Number.parseInt(await readFile(join(path, 'lock'), 'utf8'), 10), process.pid);
  await taken();
});

test('the number of a process that came again is not taken for the process', async (t) => {
  const path = await folder(t);
  const files = diskFiles(path);
  await (
    await files.lock()
  )();
  await writeFile(join(path, 'lock'), `${process.pid} 1\n`);
  await t.notThrowsAsync(files.lock());
});

test('a lock that says nothing is taken over', async (t) => {
  const path = await folder(t);
  const files = diskFiles(path);
  await (
    await files.lock()
  )();
  await writeFile(join(path, 'lock'), '');
  await t.notThrowsAsync(files.lock());
});

test('where nothing can be written or read, the error says so', async (t) => {
  const path = await folder(t);
  await diskFiles(path).lock();
  await writeFile(join(path, 'file'), '');
  await t.throwsAsync(diskFiles(join(path, 'file', 'below')).lock(), { instanceOf: HaggleError, code: 'cannot-write' });
  await t.throwsAsync(diskFiles(path).read('absent'), { instanceOf: HaggleError, code: 'cannot-read' });
  await t.throwsAsync(diskFiles(path).reopen('absent', 0), { instanceOf: HaggleError, code: 'cannot-write' });
});
