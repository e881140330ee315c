import { HaggleError } from '../../agent-core/errors.ts';

/** Texts of the files of a folder by their names, which may have folders of their own: `network/nodes.csv`. */
export type RideFiles = ReadonlyMap<string, string>;

/** A file of a folder. */
export interface FolderFile {
  readonly file: string;
  readonly text: string;
}

/** Kinds of folders that hold a ride-sharing problem. */
export type FolderFormat = 'fleetpy' | 'manhattan';

/** Which format the files of a folder have, by their names; null where it is none. It never throws. */
export function folderFormat(names: Iterable<string>): FolderFormat | null {
  const all = [...names];
  if (all.some((name) => /(^|\/)matrix\.csv$/.test(name))) return 'fleetpy';
  return all.some((name) => name.endsWith('.xy')) && all.some((name) => name.endsWith('.reqs')) ? 'manhattan' : null;
}

/** The first file, by name, that fits a pattern; undefined where there is none. */
export function findFile(files: RideFiles, pattern: RegExp): FolderFile | undefined {
  const file = [...files.keys()].filter((name) => pattern.test(name)).toSorted()[0];
  return file === undefined ? undefined : { file, text: files.get(file) ?? '' };
}

/** As {@link findFile}. `what`: the name to look for, as people write it. @throws HaggleError `missing-ride-file` */
export function needFile(files: RideFiles, pattern: RegExp, what: string): FolderFile {
  const found = findFile(files, pattern);
  if (found !== undefined) return found;
  throw new HaggleError(
    'missing-ride-file',
    `the folder of the instance needs a file ${what}, it has ${files.size} others`,
    {
      fields: { what },
    },
  );
}
