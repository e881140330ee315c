import { readFileSync } from 'node:fs';
import test from 'ava';
import { compileKernel, KERNEL_MODULE_FILE, kernelModuleText } from '../../../fixtures/kernel-module.ts';

test('the module is what its source compiles to', async (t) => {
  const text = kernelModuleText(await compileKernel());
  t.is(readFileSync(KERNEL_MODULE_FILE, 'utf8'), text, 'npm run build:kernel writes it anew');
});
