/** Conformance suites for whoever implements a port. */
export { busCases } from './bus-conformance.ts';
export type { BusCase, BusHarness } from './bus-conformance.ts';
