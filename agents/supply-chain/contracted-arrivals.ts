import { horizonOf, type FirmContext } from './firm-state.ts';

/** Units that arrive at a firm by period, from the first to the last in which it trades: under way, and contracted. */
export function arrivalsOf({ params, state }: Pick<FirmContext, 'params' | 'state'>): readonly number[] {
  return Array.from({ length: horizonOf({ params, state }) }, (_, t) =>
    params.suppliers.reduce((sum, { leadTime }, lane) => {
      const shipped = t - leadTime;
      const contracted = shipped >= state.period ? (state.planned[lane]?.[shipped] ?? 0) : 0;
      return sum + (state.underWay[lane]?.[t] ?? 0) + contracted;
    }, 0),
  );
}
