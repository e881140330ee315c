import { HaggleError } from '../../agent-core/errors.ts';
import { parseFleetPy } from './fleetpy.ts';
import type { RideInstance } from './instance.ts';
import { parseManhattan } from './manhattan.ts';
import { folderFormat, type RideFiles } from './ride-folder.ts';

/**
 * Reads a folder that holds a ride-sharing problem, whichever of the known kinds it is.
 *
 * @throws HaggleError `bad-ride-folder` naming the folder where it is of no known kind; `missing-ride-file`, `bad-ride-file`
 */
export function parseRideFolder(files: RideFiles, folder: string): RideInstance {
  const format = folderFormat(files.keys());
  if (format === 'fleetpy') return parseFleetPy(files);
  if (format === 'manhattan') return parseManhattan(files);
  const message = `${folder} holds neither a FleetPy example (matrix.csv) nor a graph with requests (*.xy, *.reqs)`;
  throw new HaggleError('bad-ride-folder', message, { fields: { folder } });
}
