import { readFileSync, realpathSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { HaggleError } from '../../agent-core/errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { writeFolder } from '../files.ts';
import { agentFiles } from '../scaffold/agent-files.ts';

/** A name of an agent that is also one of a package and a file: no longer than a file system and npm take. */
const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const NAME_CHARS = 64;

/** Names of the project's own dependencies, and one under which Node takes the agent itself for a test. */
const TAKEN: ReadonlySet<string> = new Set(['haggle', 'zod', 'typescript', 'test']);

/** `haggle new agent <name>`: a folder of that name with an agent, a test that passes and nothing else. */
export function newAgentCommand(name: string, flags: Readonly<Record<string, string | true | undefined>>): ExitCode {
  if (TAKEN.has(name)) {
    throw new HaggleError(
      'bad-flag',
      `an agent cannot be called "${name}": its project needs that name for something else`,
    );
  }
  if (!NAME.test(name) || name.length > NAME_CHARS) {
    const rule = `lower-case words joined by "-", at most ${NAME_CHARS} characters`;
    throw new HaggleError('bad-flag', `the name of an agent must be ${rule}, got ${JSON.stringify(name)}`);
  }
  const spec = flags['haggle'];
  if (spec !== undefined && (spec === true || !/^[^\s"'`\\]+$/.test(spec))) {
    throw new HaggleError('bad-flag', '--haggle needs a version, a path or a git address without spaces or quotes');
  }
  const own = ownPackage();
  const haggle = spec ?? `file:${pathTo(own.folder, join(realpathSync('.'), name))}`;
  writeFolder(resolve(name), agentFiles({ name, haggle, versions: own.versions }));
  process.stdout.write(`${name}/ is made. Next:\n\n  cd ${name}\n  npm install\n  npm test\n`);
  return EXIT.ok;
}

const MANIFEST = z.object({
  dependencies: z.object({ zod: z.string() }),
  devDependencies: z.object({ typescript: z.string(), '@types/node': z.string() }),
});

/** The package that this program is part of, and the versions that it was built with. */
function ownPackage(): { readonly folder: string; readonly versions: Parameters<typeof agentFiles>[0]['versions'] } {
  const folder = fileURLToPath(new URL('../../../', import.meta.url));
  const { dependencies, devDependencies } = MANIFEST.parse(
    JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')),
  );
  const { typescript, '@types/node': nodeTypes } = devDependencies;
  return { folder, versions: { zod: dependencies.zod, typescript, nodeTypes } };
}

/** A path as a manifest writes it: relative where there is a way, with forward slashes. */
function pathTo(target: string, from: string): string {
  const path = relative(from, target);
  return (isAbsolute(path) ? target : path).split(sep).join('/');
}
