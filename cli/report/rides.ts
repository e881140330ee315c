import type { RideInstance } from '../../scenarios/ride-sharing/instance.ts';
import { el, trusted, type Markup } from './markup.ts';
import { FINGERPRINT_NOTE, heading, pageText } from './page.ts';
import { cityFigure } from './rides/city-map.ts';
import type { CityDrawing } from './rides/city.ts';
import { comparisonSection, outcomesOf, type Outcome, type ReferencedSimulation } from './rides/compared.ts';
import { rideDay } from './rides/day.ts';
import { fleetFigure } from './rides/fleet-course.ts';
import { gainFigure, type GainFacts } from './rides/gains.ts';
import { groundOf } from './rides/ground.ts';
import { REPLAY_SOURCE } from './rides/replay-script.ts';
import { replayFigure } from './rides/replay.ts';
import { RIDES_STYLE } from './rides/style.ts';
import { tripSection, vehicleSection } from './rides/tables.ts';
import { timelineFigure } from './rides/timeline.ts';
import { rideVerdict } from './rides/verdict.ts';
import { waitFigure } from './rides/waits.ts';
import { waysOf } from './rides/ways.ts';
import { unitsOf } from './rides/words.ts';
import { REPORT_STYLE } from './style.ts';
import { effortList } from './table.ts';

/**
 * The report of negotiated rides as one self-contained HTML page: no network, and one script, which replays the day. Every text
 * that comes from the instance is escaped. Of large fleets it draws a part and says which, so that the page stays below 3 MB.
 */
export function ridesReport(instance: RideInstance, simulation: ReferencedSimulation): string {
  const { result } = simulation;
  const { solution } = simulation.agents;
  const day = rideDay(instance, solution);
  const units = unitsOf(instance);
  const outcomes = outcomesOf(instance, simulation);
  const city: CityDrawing = { instance, day, units, ground: groundOf(instance), ways: waysOf(instance.map) };
  const title = `Ride-sharing: ${result.instance}`;
  return pageText(
    { title, style: trusted(REPORT_STYLE.markup + RIDES_STYLE.markup), scriptSource: REPLAY_SOURCE },
    heading(title, result, rideVerdict({ instance, result, day, outcomes, units })),
    comparisonSection(outcomes, units),
    cityFigure(city),
    replayFigure(city),
    fleetFigure(day, units),
    timelineFigure(day, units),
    gainFigure({ trades: solution.trades, day, costs: instance.costs, best: bestCost(instance, outcomes) }),
    waitFigure(day, units),
    vehicleSection(instance, day, units),
    effort(instance, simulation),
    tripSection(day, units),
    footnotes(instance),
  );
}

/** Only where cost is distance can a published distance stand beside it. */
function bestCost({ costs }: RideInstance, outcomes: readonly Outcome[]): GainFacts['best'] {
  const best = outcomes.find(({ role }) => role === 'optimum' || role === 'published');
  const distance = best?.kpis?.['distance'];
  const plain = costs.perDistance === 1 && costs.perRiderTime === 0 && costs.perVehicle === 0;
  return best === undefined || distance === undefined || !plain
    ? null
    : { words: best.title.toLowerCase(), cost: distance };
}

function effort({ requests, vehicles }: RideInstance, { result }: ReferencedSimulation): Markup {
  return el(
    'section',
    { class: 'card wide' },
    el('h2', {}, 'What it took, and what each agent saw'),
    effortList(result, {
      agents: requests.length + vehicles.length,
      agentWords: 'one for every rider and every vehicle',
      roundWords: 'of renegotiation',
    }),
    el(
      'ul',
      { class: 'knowledge' },
      el(
        'li',
        {},
        'A rider knows its own trip, and the bids that vehicles make it: how much more they would drive, and when they would come.',
      ),
      el(
        'li',
        {},
        'A vehicle knows its own route, and the trips that riders or other vehicles offer it. Nobody sees another’s route; the table of vehicles counts what reached each.',
      ),
      el(
        'li',
        {},
        'The map is common knowledge. The optimum and the other references here were worked out apart, for comparison only.',
      ),
    ),
  );
}

function footnotes({ units, published, map }: RideInstance): Markup {
  const named = (unit: string): string => (unit === '' ? 'units of the instance' : unit);
  const source = published === null ? '' : ` Published value: ${published.source}.`;
  const streets =
    map.streets.length === 0
      ? ''
      : ' Ways are drawn over the shortest streets; the map gives times and lengths of ways, not their corners.';
  return el(
    'footer',
    {},
    el('p', {}, `Units: ${named(units.time)} for time, ${named(units.distance)} for distance.${source}${streets}`),
    el('p', {}, FINGERPRINT_NOTE),
  );
}
