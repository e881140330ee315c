import { EventEmitter } from 'node:events';
import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { existingPassphrase, newPassphrase, type Terminal } from '../../cli/passphrase.ts';
import { scratch } from './haggle.ts';

/** A terminal at which somebody types these lines as soon as they are asked for; it keeps what it shows. */
function terminalOf(...lines: readonly string[]): { readonly terminal: Terminal; readonly shown: () => string } {
  const keys = new EventEmitter();
  const left = [...lines];
  let raw = false;
  let shown = '';
  const input = {
    isTTY: true,
    setRawMode(mode: boolean) {
      raw = mode;
      return input;
    },
    on(event: string, listener: (data: Buffer) => void) {
      keys.on(event, listener);
      return input;
    },
    off(event: string, listener: (data: Buffer) => void) {
      keys.off(event, listener);
      return input;
    },
    resume() {
      const line = left.shift() ?? '';
      // A terminal that is not raw would show what is typed.
      if (!raw) shown += line;
      queueMicrotask(() => keys.emit('data', Buffer.from(line)));
      return input;
    },
    pause: () => input,
  };
  const terminal = {
    input: input as unknown as Terminal['input'],
    output: { write: (text: string) => (shown += text) },
  };
  return { terminal, shown: () => shown };
}

const nobody: Terminal = { ...terminalOf().terminal, input: { ...terminalOf().terminal.input, isTTY: false } };
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

test('a passphrase that is typed is not shown', async (t) => {
  const { terminal, shown } = terminalOf('correct horse\r');
  t.is(text(await existingPassphrase('a.key', { env: {}, terminal })), 'correct horse');
  t.is(shown(), 'Passphrase of a.key: \n');
});

test('backspace takes back a whole character, and control keys count for nothing', async (t) => {
  const { terminal } = terminalOf('corr€\u007fect\u0001 horsx\be\n');
  t.is(text(await existingPassphrase('a.key', { env: {}, terminal })), 'correct horse');
});

test('^C and ^D end the question', async (t) => {
  for (const key of ['\u0003', '\u0004']) {
    const { terminal } = terminalOf(`abc${key}`);
    await t.throwsAsync(existingPassphrase('a.key', { env: {}, terminal }), { code: 'bad-passphrase' });
  }
});

test('a new passphrase is asked for twice; two that differ, or a short one, are refused', async (t) => {
  const { terminal, shown } = terminalOf('correct horse\r', 'correct horse\r');
  t.is(text(await newPassphrase('a.key', { env: {}, terminal })), 'correct horse');
  t.is(shown(), 'New passphrase for a.key: \nThe same again: \n');
  const differ = terminalOf('correct horse\r', 'correct house\r');
  await t.throwsAsync(newPassphrase('a.key', { env: {}, ...differ }), { code: 'bad-passphrase', message: /differ/ });
  const short = terminalOf('1234567\r');
  await t.throwsAsync(newPassphrase('a.key', { env: {}, ...short }), {
    code: 'bad-passphrase',
    message: /8 are needed/,
  });
});

test('without a terminal and a file, the message names the ways', async (t) => {
  const sources = { env: {}, terminal: nobody };
  const expected = { code: 'passphrase-needed', message: /--passphrase-file.*HAGGLE_KEY_PASSPHRASE_FILE/ };
  await t.throwsAsync(existingPassphrase('a.key', sources), expected);
  await t.throwsAsync(newPassphrase('a.key', sources), expected);
});

test('the flag goes before the environment, and that before the terminal', async (t) => {
  const at = scratch(t);
  writeFileSync(at('flag'), 'from the flag\n', { mode: 0o600 });
  writeFileSync(at('env'), 'from the environment\r\n', { mode: 0o600 });
  const env = { HAGGLE_KEY_PASSPHRASE_FILE: at('env') };
  const { terminal } = terminalOf('from the terminal\r');
  t.is(text(await existingPassphrase('k', { file: at('flag'), env, terminal })), 'from the flag');
  t.is(text(await existingPassphrase('k', { env, terminal })), 'from the environment');
  t.is(text(await existingPassphrase('k', { env: {}, terminal })), 'from the terminal');
});

test('a passphrase file is held to the rules of a key file', async (t) => {
  const at = scratch(t);
  const read = (file: string): Promise<Uint8Array> => existingPassphrase('k', { file, env: {}, terminal: nobody });
  writeFileSync(at('open'), 'correct horse\n');
  chmodSync(at('open'), 0o644);
  await t.throwsAsync(read(at('open')), { code: 'key-permissions' });
  symlinkSync(at('open'), at('link'));
  await t.throwsAsync(read(at('link')), { code: 'key-symlink' });
  await t.throwsAsync(read(at('none')), { code: 'no-input' });
  writeFileSync(at('empty'), '\n', { mode: 0o600 });
  await t.throwsAsync(read(at('empty')), { code: 'bad-passphrase' });
  writeFileSync(at('latin'), Buffer.from([0xe9, 0xe9]), { mode: 0o600 });
  await t.throwsAsync(read(at('latin')), { code: 'bad-passphrase' });
  writeFileSync(at('long'), 'x'.repeat(1_025), { mode: 0o600 });
  await t.throwsAsync(read(at('long')), { code: 'bad-passphrase' });
});

test('the same characters are the same passphrase, however they are composed', async (t) => {
  const composed = await existingPassphrase('k', { env: {}, ...terminalOf('caf\u00e9 caf\u00e9\r') });
  const decomposed = await existingPassphrase('k', { env: {}, ...terminalOf('cafe\u0301 cafe\u0301\r') });
  t.deepEqual(composed, decomposed);
});
