import { execFile } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type Implementation } from 'ava';
import { parse, parseAllDocuments } from 'yaml';

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** The folder of the files that an operator takes. */
export const DEPLOY = join(ROOT, 'docs/deploy');

export function deployText(name: string): string {
  return readFileSync(join(DEPLOY, name), 'utf8');
}

/** The one document in a file, merge keys (`<<`) resolved as compose does. */
export function deployYaml(name: string): unknown {
  return parse(deployText(name), { merge: true });
}

/** Every document of a stream, as Kubernetes reads it. */
export function yamlStream(text: string): readonly unknown[] {
  return parseAllDocuments(text).map((document) => {
    const [fault] = document.errors;
    if (fault !== undefined) throw fault;
    return document.toJS() as unknown;
  });
}

/** How a program ended. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export function run(
  program: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(program, args, { maxBuffer: 1 << 26, ...options }, (error, out, err) => {
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, out, err });
    });
  });
}

/** A test that needs a program of this machine; without it, it is skipped by name. */
export function needs(program: string): (title: string, implementation: Implementation<[]>) => void {
  if (isHere(program)) return (title, implementation) => test(title, implementation);
  return (title, implementation) => test.skip(`${title} (needs ${program})`, implementation);
}

function isHere(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Seconds of a duration as the tools here write it: `40s`, `2m`, `30` (seconds). */
export function secondsOf(duration: string | number): number {
  const match = /^(\d+)\s*(s|sec|m|min)?$/.exec(String(duration).trim());
  if (match === null) throw new Error(`not a duration: ${duration}`);
  return Number(match[1]) * (match[2]?.startsWith('m') === true ? 60 : 1);
}

/** Names in one order, for comparison. */
export function sorted(names: Iterable<string | undefined>): readonly string[] {
  return [...names].map(String).toSorted((a, b) => (a < b ? -1 : 1));
}
