/** Ready-made agents, one role a file. */
export { gridBus } from './energy/grid-bus.ts';
export type { GridBusParams, GridBusState } from './energy/grid-bus.ts';
export { assignmentPerson } from './assignment/person.ts';
export type { AssignmentPersonParams } from './assignment/person.ts';
export { objectSeller } from './assignment/object-seller.ts';
export { auctionClerk } from './assignment/auction-clerk.ts';
