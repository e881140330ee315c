import type { Did } from '../../agent-core/identity/did-key.ts';
import { findNear, meetingOf } from './finding.ts';
import { tripsOf } from './route.ts';
import type { VehicleContext } from './vehicle-state.ts';

/**
 * Whom a vehicle invites to a session: colleagues drawn by lot, or those whom the boards know to be nearest to the trip that it is
 * about; to one of its own trips, drawn by lot, where it is about none.
 */
export function whomToInvite(
  ctx: VehicleContext,
  { most, about }: { readonly most: number; readonly about: number | null },
): readonly Did[] | Promise<readonly Did[]> {
  const { state, params } = ctx;
  const random = ctx.stream('chair');
  const { boards } = params;
  if (boards === null) return random.shuffle(params.colleagues).slice(0, most);
  const own = tripsOf({ visits: state.visits, cost: 0 });
  const trip = about === null ? (own.length === 0 ? undefined : random.pick(own)) : state.known.get(about)?.trip;
  const meeting = trip === undefined ? { place: state.open.from, at: null } : meetingOf(trip);
  return ctx.run(findNear, { boards, most, ...meeting });
}

/** Whether a vehicle sits down with another: in a fleet in which nobody can know everybody, with whoever asks. */
export function isInvited({ params }: VehicleContext, chair: Did): boolean {
  return params.boards !== null || params.colleagues.includes(chair);
}
