import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Exit } from './haggle.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const require = createRequire(import.meta.url);

/** The folder of an installed package. */
function folderOf(name: string): string {
  return dirname(require.resolve(`${name}/package.json`));
}

/** Does what `npm install` would: puts this package and the installed ones that a project of its own needs within reach. */
export function linkPackages(project: string): void {
  const modules = join(project, 'node_modules');
  mkdirSync(join(modules, '@types'), { recursive: true });
  mkdirSync(join(modules, '.bin'));
  symlinkSync(ROOT, join(modules, 'haggle'));
  for (const name of ['zod', 'typescript', '@types/node']) symlinkSync(folderOf(name), join(modules, name));
  symlinkSync(join(folderOf('typescript'), 'bin', 'tsc'), join(modules, '.bin', 'tsc'));
}

/**
 * Runs a command line in a project, with its programs on the path, as npm runs a script. Nothing of the runner around is
 * handed on: a `node --test` inside another would report to that one.
 */
export function runIn(project: string, line: string): Promise<Exit> {
  const path = `${join(project, 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}`;
  const env = { PATH: path, HOME: process.env['HOME'] ?? '' };
  return new Promise((resolve) => {
    execFile('/bin/sh', ['-ec', line], { cwd: project, env, maxBuffer: 1 << 24 }, (error, out, err) => {
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, out, err });
    });
  });
}
