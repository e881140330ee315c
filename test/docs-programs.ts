import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { MAIN } from './cli/haggle.ts';
import { writeProgram } from './fixtures/write-program.ts';

const LINKER = new URL('./cli/linked-project.js', import.meta.url).href;

/**
 * Programs that stand in the reader's way to a registry: `npm install` links what is installed here, `npx` takes what is
 * linked. Everything else is the real thing; `links` are programs of this machine, by the name that the page calls them.
 */
export function programs(folder: string, links: ReadonlyMap<string, string> = new Map()): string {
  const link = `import { linkPackages } from '${LINKER}'; linkPackages(process.cwd());`;
  const scripts = {
    npx: `program=$1; shift\nif [ "$program" = haggle ]; then exec "${process.execPath}" "${MAIN}" "$@"; fi\nexec "node_modules/.bin/$program" "$@"`,
    npm: `if [ "$1" = install ]; then exec "${process.execPath}" --input-type=module -e "${link}"; fi\nPATH=\${PATH#*:} exec npm "$@"`,
  };
  mkdirSync(folder);
  for (const [name, text] of Object.entries(scripts)) {
    writeProgram(join(folder, name), text);
  }
  for (const [name, target] of links) symlinkSync(target, join(folder, name));
  return folder;
}
