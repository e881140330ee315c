import type { Micros } from '../agent-core/clock.ts';
import { assert, HaggleError } from '../agent-core/errors.ts';
import type { JsonValue } from '../agent-core/message/canonical.ts';

/** Something that all of a world are to know: who listens to what, who can do what. Plain data, so that it travels. */
export interface Notice {
  readonly kind: string;
  /** Whose it is: an endpoint of the network. */
  readonly author: string;
  /** How many notices the author had posted before. */
  readonly number: number;
  /** When it takes effect: one least latency after it was posted; at once where the world did not run. */
  readonly due: Micros;
  readonly body: JsonValue;
}

/** What a kind of notice does where it takes effect. */
export type NoticeEffect = (author: string, body: JsonValue) => void;

/**
 * Notices of a world. What is posted while the world runs takes effect one least latency later, for its author too; what is
 * posted while it does not, at once. No news is faster than a message: that is what lets parts of a world run apart.
 *
 * Nothing is scheduled. Whoever reads what notices change calls {@link Notices.settle} before, so that a notice moves no
 * counter and no place in the order of events.
 */
export interface Notices {
  /** Says what a kind of notice does; once a kind. */
  on(kind: string, effect: NoticeEffect): void;
  post(author: string, kind: string, body: JsonValue): void;
  /** Takes in a notice that was posted elsewhere. */
  accept(notice: Notice): void;
  /** Applies what is due by now. */
  settle(): void;
  /** Time of the first notice that has not taken effect. */
  readonly nextDue: Micros;
}

/** Options of {@link createNotices}. */
export interface NoticeOptions {
  readonly now: () => Micros;
  /** True while the world runs. */
  readonly live: () => boolean;
  readonly delay: Micros;
  /** Sees each notice that is posted here. */
  readonly onPost?: ((notice: Notice) => void) | undefined;
}

/** A board without notices. */
export function createNotices(options: NoticeOptions): Notices {
  return new Board(options);
}

class Board implements Notices {
  readonly #options: NoticeOptions;
  readonly #effects = new Map<string, NoticeEffect>();
  readonly #posted = new Map<string, number>();
  /** Not yet due, in the order in which they take effect. */
  readonly #pending: Notice[] = [];
  nextDue: Micros = Infinity;

  constructor(options: NoticeOptions) {
    this.#options = options;
  }

  on(kind: string, effect: NoticeEffect): void {
    assert(!this.#effects.has(kind), `a kind of notice has one effect, "${kind}" has one already`);
    this.#effects.set(kind, effect);
  }

  post(author: string, kind: string, body: JsonValue): void {
    const { live, now, delay, onPost } = this.#options;
    const number = this.#posted.get(author) ?? 0;
    this.#posted.set(author, number + 1);
    const notice = { kind, author, number, due: live() ? now() + delay : now(), body };
    if (live()) this.accept(notice);
    else this.#apply(kind, author, body);
    onPost?.(notice);
  }

  accept(notice: Notice): void {
    if (!this.#effects.has(notice.kind)) {
      throw new HaggleError('bad-notice', `there is no kind of notice ${JSON.stringify(notice.kind)} in this world`);
    }
    const pending = this.#pending;
    let at = pending.length;
    while (at > 0 && isBefore(notice, pending[at - 1])) at--;
    pending.splice(at, 0, notice);
    this.nextDue = pending[0]?.due ?? Infinity;
  }

  settle(): void {
    const now = this.#options.now();
    while (this.nextDue <= now) {
      const notice = this.#pending.shift();
      assert(notice !== undefined, 'a notice is pending where one is due');
      this.nextDue = this.#pending[0]?.due ?? Infinity;
      this.#apply(notice.kind, notice.author, notice.body);
    }
  }

  #apply(kind: string, author: string, body: JsonValue): void {
    const effect = this.#effects.get(kind);
    assert(effect !== undefined, `no effect for notices of kind "${kind}"`);
    effect(author, body);
  }
}

/** By time, author and the author's own counter: the same wherever a notice was posted and whenever it came in. */
function isBefore(a: Notice, b: Notice | undefined): boolean {
  if (b === undefined) return false;
  if (a.due !== b.due) return a.due < b.due;
  if (a.author !== b.author) return a.author < b.author;
  return a.number < b.number;
}
