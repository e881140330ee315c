/** Ready-made agents, one role a file. */
export { gridBus } from './energy/grid-bus.ts';
export type { GridBusParams, GridBusState } from './energy/grid-bus.ts';
