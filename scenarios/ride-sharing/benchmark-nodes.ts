import type { RideRequest } from './instance.ts';
import { badRideFile, type NumberLine } from './number-lines.ts';

/** A line of a benchmark file that describes one node. */
export interface BenchmarkNode {
  readonly line: number;
  readonly id: number;
  readonly x: number;
  readonly y: number;
  readonly service: number;
  /** Above 0 where somebody boards, below 0 where somebody alights, 0 at the depot. */
  readonly load: number;
  readonly earliest: number;
  readonly latest: number;
}

/** How long before its tightened pickup window a request becomes known in online mode, in units of time. */
export const NOTICE_TIME = 60;

/** Checks what any node of any benchmark keeps. @throws HaggleError `bad-ride-file` */
export function checkNode(file: string, node: BenchmarkNode, expectedId: number): BenchmarkNode {
  const { line, id, service, load, earliest, latest } = node;
  if (id !== expectedId) throw badRideFile(file, line, `expected node ${expectedId} here, got node ${id}`);
  if (service < 0) throw badRideFile(file, line, `service at node ${id} must take at least 0, got ${service}`);
  if (!Number.isSafeInteger(load)) {
    throw badRideFile(file, line, `the load of node ${id} must be a whole number, got ${load}`);
  }
  if (earliest < 0 || latest < earliest) {
    throw badRideFile(
      file,
      line,
      `the window of node ${id} must begin at 0 or later and not end before, got ${earliest} to ${latest}`,
    );
  }
  return node;
}

/** The depot of a file: nobody boards there. @throws HaggleError `bad-ride-file` */
export function checkDepot(file: string, depot: BenchmarkNode): BenchmarkNode {
  if (depot.load === 0) return depot;
  throw badRideFile(file, depot.line, `the load of the depot must be 0, got ${depot.load}`);
}

/** What two nodes ask for, before its windows are tightened. @throws HaggleError `bad-ride-file` */
export function requestOf(
  file: string,
  { pickup, dropoff }: { readonly pickup: BenchmarkNode; readonly dropoff: BenchmarkNode },
  { capacity, maxRide }: { readonly capacity: number; readonly maxRide: number },
): RideRequest {
  const { id, line, load } = pickup;
  if (load < 1 || load > capacity) {
    throw badRideFile(file, line, `the load of pickup ${id} must be 1 to the capacity of ${capacity}, got ${load}`);
  }
  if (dropoff.load !== -load) {
    throw badRideFile(file, dropoff.line, `the load of drop-off ${dropoff.id} must be ${-load}, got ${dropoff.load}`);
  }
  return {
    id,
    load,
    maxRide,
    pickup: { place: id, service: pickup.service, earliest: pickup.earliest, latest: pickup.latest },
    dropoff: { place: dropoff.id, service: dropoff.service, earliest: dropoff.earliest, latest: dropoff.latest },
    nodes: [id, dropoff.id],
    requestTime: 0,
  };
}

/** A request that becomes known {@link NOTICE_TIME} before its pickup can begin, but not before the day does. */
export function announced(request: RideRequest): RideRequest {
  return { ...request, requestTime: Math.max(0, request.pickup.earliest - NOTICE_TIME) };
}

/** Checks that a line has as many numbers as its kind. @throws HaggleError `bad-ride-file` */
export function checkWidth(file: string, { line, values }: NumberLine, width: number): void {
  if (values.length !== width) throw badRideFile(file, line, `expected ${width} numbers, got ${values.length}`);
}

/** Checks a whole number of the header. @throws HaggleError `bad-ride-file` */
export function wholeNumber(
  file: string,
  line: number,
  { name, value, max }: { readonly name: string; readonly value: number | undefined; readonly max: number },
): number {
  if (value !== undefined && Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw badRideFile(file, line, `${name} must be a whole number from 1 to ${max}, got ${value}`);
}
