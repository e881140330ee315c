import type { RideInstance } from '../../../scenarios/ride-sharing/instance.ts';
import { el, type Markup } from '../markup.ts';
import { counted, decimal, fixed } from '../numbers.ts';
import { folded, table, type TableText } from '../table.ts';
import type { RideDay, TripDay, VehicleDay } from './day.ts';
import { shownVehicles } from './fleet.ts';
import { vehicleName, type Units } from './words.ts';

/** Rows of the table of requests; more make the page slow and large. */
const TRIPS_MAX = 1000;
const VEHICLES_MAX = 1000;

/** Every vehicle in numbers. A fleet that is drawn stands open, a larger one is folded away. */
export function vehicleSection(instance: RideInstance, day: RideDay, units: Units): Markup {
  const text = vehicleTable(instance, day, units);
  const left = day.fleet.length - Math.min(VEHICLES_MAX, day.fleet.length);
  const few = shownVehicles(day).length === day.driven.length && day.fleet.length <= 60;
  return el(
    'section',
    { class: 'card wide' },
    el('h2', {}, 'Vehicles'),
    el(
      'p',
      { class: 'caption' },
      `Load factor: seats in use over seats offered, along the way. Empty: way with nobody on board. Seen: trips whose data reached the vehicle from others, and bids of others that it read.${left > 0 ? ` The first ${decimal(VEHICLES_MAX, 0)} are listed.` : ''}`,
    ),
    few ? table(text) : folded(counted(day.fleet.length, 'vehicle'), text),
  );
}

function vehicleTable({ vehicles }: RideInstance, day: RideDay, units: Units): TableText {
  const operators = vehicles.some(({ operator }) => operator > 0);
  const unit = (words: string, of: string): string => (of === '' ? words : `${words}, ${of}`);
  return {
    caption: 'Vehicles with their trips, ways and what they saw',
    head: [
      'Vehicle',
      ...(operators ? ['Operator'] : []),
      'Trips',
      unit('Distance', units.distanceUnit),
      'Empty',
      'Load factor',
      'Most on board',
      'Out',
      unit('Waiting', units.timeUnit),
      'Trips seen',
      'Bids read',
    ],
    rows: day.fleet.slice(0, VEHICLES_MAX).map((vehicle) => vehicleRow(vehicle, operators, units)),
  };
}

function vehicleRow(vehicle: VehicleDay, operators: boolean, units: Units): readonly string[] {
  const { given, stops, trips, distance, emptyDistance, loadFactor, most, left, ended, waiting, seen } = vehicle;
  const rode = stops.length > 0;
  const percent = (share: number): string => `${decimal(share * 100, 0)} %`;
  return [
    vehicleName(vehicle.vehicle),
    ...(operators ? [decimal(given.operator + 1, 0)] : []),
    decimal(trips, 0),
    rode ? units.distance(distance) : '–',
    rode && distance > 0 ? percent(emptyDistance / distance) : '–',
    rode ? percent(loadFactor) : '–',
    rode ? `${decimal(most, 0)} of ${decimal(given.capacity, 0)}` : '–',
    rode ? `${units.clock(left)}–${units.clock(ended)}` : 'never left',
    rode ? fixed(waiting, 1) : '–',
    seen === null ? '–' : decimal(seen.trips, 0),
    seen === null ? '–' : decimal(seen.bids, 0),
  ];
}

/** Every request in numbers, folded away. */
export function tripSection({ trips }: RideDay, units: Units): Markup {
  const shown = trips.slice(0, TRIPS_MAX);
  const unit = (words: string): string => (units.timeUnit === '' ? words : `${words}, ${units.timeUnit}`);
  const part = shown.length < trips.length ? ` (the first ${decimal(TRIPS_MAX, 0)})` : '';
  return el(
    'section',
    { class: 'card wide' },
    el('h2', {}, 'All requests'),
    folded(`${counted(trips.length, 'request')}${part}`, {
      caption: 'Requests in order of the file',
      head: [
        'Request',
        'Seats',
        'Asked for',
        'Vehicle',
        'Ready',
        'Picked up',
        unit('Wait'),
        'Dropped off',
        unit('Ride'),
        unit('Directly'),
      ],
      rows: shown.map((trip) => tripRow(trip, units)),
    }),
  );
}

function tripRow({ request, asks, readyAt, ridden }: TripDay, { clock }: Units): readonly string[] {
  const given = [String(request.id), decimal(request.load, 0), asks === 'departure' ? 'departure' : 'arrival'];
  if (ridden === null) return [...given, 'not served', clock(readyAt), '–', '–', '–', '–', '–'];
  return [
    ...given,
    vehicleName(ridden.vehicle),
    clock(readyAt),
    clock(ridden.pickedUp),
    fixed(ridden.wait, 1),
    clock(ridden.droppedOff),
    fixed(ridden.ride, 1),
    fixed(ridden.direct, 1),
  ];
}
