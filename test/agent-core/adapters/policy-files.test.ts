import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { readPolicyFile, writePolicyFile } from '../../../agent-core/adapters/policy-files.ts';
import { formatPolicyFile, type PolicyFile } from '../../../agent-core/policy/policy-file.ts';
import { box } from '../../../agent-core/policy/space.ts';
import { denseNetwork, plainDraw } from '../../fixtures/networks.ts';

const folder = mkdtempSync(join(tmpdir(), 'haggle-policy-'));
test.after.always(() => rmSync(folder, { recursive: true }));

const policy: PolicyFile = {
  name: 'home-1',
  role: 'energy/home',
  observes: [{ name: 'load', min: 0, max: 1 }],
  acts: box([{ name: 'charge', min: -1, max: 1 }]),
  normaliser: { means: [0], deviations: [1], clip: 10 },
  network: denseNetwork([1, 3, 1], { hidden: 'tanh', last: 'tanh', draw: plainDraw(1) }),
  origin: { algorithm: 'none', command: 'none', seeds: [1], backend: 'none', haggle: '0.1.0', score: 'none' },
};

test('writes a policy file that reads as what was written, and replaces one that is there', (t) => {
  const path = join(folder, 'home.policy.json');
  writePolicyFile(path, { ...policy, name: 'first' });
  writePolicyFile(path, policy);
  t.deepEqual(readPolicyFile(path), policy);
  t.is(readFileSync(path, 'utf8'), formatPolicyFile(policy));
  t.false(readdirSync(folder).some((name) => name.endsWith('.part')));
});

test('leaves what was there where the new policy cannot be written', (t) => {
  const path = join(folder, 'kept.policy.json');
  writePolicyFile(path, policy);
  t.throws(() => writePolicyFile(path, { ...policy, role: '' }), { code: 'bad-policy-file' });
  t.deepEqual(readPolicyFile(path), policy);
});

test('says which place cannot be written to, and leaves no draft', (t) => {
  const path = join(folder, 'taken');
  mkdirSync(path);
  t.throws(() => writePolicyFile(path, policy), { code: 'cannot-write', message: /cannot write .*taken/ });
  t.throws(() => writePolicyFile(join(folder, 'missing', 'x'), policy), {
    code: 'cannot-write',
    message: /no such file or folder/,
  });
  t.throws(() => writePolicyFile(join(folder, 'home.policy.json', 'x'), policy), { code: 'cannot-write' });
  t.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.part')),
    [],
  );
});

test('refuses what is missing, no regular file, too large or not UTF-8', (t) => {
  t.throws(() => readPolicyFile(join(folder, 'nowhere')), { code: 'no-input', message: /no such file or folder/ });
  t.throws(() => readPolicyFile(folder), { code: 'bad-policy-file', message: /not a regular file/ });
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  t.throws(() => readPolicyFile(pipe), { code: 'bad-policy-file', message: /not a regular file/ });
  const large = join(folder, 'large');
  writeFileSync(large, '');
  truncateSync(large, 5_000_000_000);
  t.throws(() => readPolicyFile(large), {
    code: 'bad-policy-file',
    message: /5000000000 bytes, the limit is 16777217/,
  });
  const latin = join(folder, 'latin');
  writeFileSync(latin, Buffer.from(formatPolicyFile({ ...policy, name: 'é' }), 'latin1'));
  t.throws(() => readPolicyFile(latin), { code: 'bad-policy-file', message: /not UTF-8/ });
});
