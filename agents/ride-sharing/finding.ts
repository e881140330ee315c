import type { Dialogue, DialogueEnd } from '../../agent-core/agent/dialogue.ts';
import { defineProgram, type Following, type Heard, type Program, type Run } from '../../agent-core/agent/program.ts';
import type { Did } from '../../agent-core/identity/did-key.ts';
import type { Trip } from './trip.ts';
import { BOARD_LIMITS, ZoneBoard } from './zone-board.ts';
import type { Boards } from './zones.ts';

/** Whom somebody looks for. */
export interface Search {
  readonly boards: Boards;
  readonly place: number;
  /** In units of the map; null for whatever time. */
  readonly at: number | null;
  /** How many are enough. */
  readonly most: number;
}

/** A board that has not answered by then is passed over: 1 s. */
const ANSWER_WITHIN_MICROS = 1_000_000;
/** Once so many boards were asked, whoever was found is enough. */
const BOARDS_USUAL_MAX = 36;

/** The place and time at which a vehicle is looked for. Where the pickup has no latest time, any time will do. */
export function meetingOf({ pickup }: Trip): Pick<Search, 'place' | 'at'> {
  return { place: pickup.place, at: pickup.latest === Infinity ? null : pickup.earliest };
}

type SearchRun = Run<typeof ZoneBoard, 'visitor', readonly Did[]>;

/** Asks the boards of the cells around a place who is near, ring after ring until enough are found. Ends with the nearest first. */
export const findNear: Program<Search, readonly Did[]> = defineProgram(
  ZoneBoard,
  'visitor',
  (run: SearchRun, search: Search) => {
    const finder = new Finder(run, search);
    finder.askNext();
    return finder;
  },
);

class Finder implements Following<typeof ZoneBoard, 'visitor'> {
  readonly #run: SearchRun;
  readonly #search: Search;
  readonly #awaited = new Set<string>();
  readonly #reach = new Map<Did, number>();
  #ring = 0;
  #asked = 0;

  constructor(run: SearchRun, search: Search) {
    this.#run = run;
    this.#search = search;
  }

  askNext(): void {
    const { boards, place, at, most } = this.#search;
    const { zones, addresses, company } = boards;
    const enough = this.#asked < BOARDS_USUAL_MAX ? most : 1;
    const cells = this.#reach.size >= enough ? [] : zones.around(place, this.#ring);
    if (cells.length === 0) return this.#finish();
    this.#ring++;
    this.#asked += cells.length;
    const by = this.#run.now() + ANSWER_WITHIN_MICROS;
    const body = { place, at, company, most: Math.min(most, BOARD_LIMITS.answer) };
    for (const cell of cells) {
      const board = addresses[cell];
      const dialogue: Dialogue<typeof ZoneBoard, 'visitor'> | undefined =
        board === undefined ? undefined : this.#run.open(board, 'ask', { body, by });
      if (dialogue !== undefined) this.#awaited.add(dialogue.key);
    }
  }

  heard(message: Heard<typeof ZoneBoard, 'visitor'>): void {
    if (message.type !== 'near') return;
    for (const { vehicle, reach } of message.body.vehicles) {
      this.#reach.set(vehicle, Math.min(reach, this.#reach.get(vehicle) ?? Infinity));
    }
  }

  ended({ key }: DialogueEnd): void {
    if (this.#awaited.delete(key) && this.#awaited.size === 0) this.askNext();
  }

  #finish(): void {
    const found = [...this.#reach].toSorted(([a, near], [b, far]) => near - far || (a < b ? -1 : 1));
    this.#run.finish(found.slice(0, this.#search.most).map(([vehicle]) => vehicle));
  }
}
