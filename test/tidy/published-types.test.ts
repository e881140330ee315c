import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { z } from 'zod';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const packageFile = z.object({ exports: z.record(z.string(), z.union([z.string(), z.object({ types: z.string() })])) });

test('the types of every entry hold for a user whose compiler skips no library', (t) => {
  const { exports } = packageFile.parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
  const files = Object.values(exports).flatMap((one) => (typeof one === 'string' ? [] : [join(ROOT, one.types)]));
  t.true(files.length >= 6);
  const folder = mkdtempSync(join(tmpdir(), 'published-types-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2023',
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules', '@types')],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  t.notThrows(() => execFileSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8', stdio: 'pipe' }));
});
