import { z } from 'zod';
import { HaggleError } from '../../agent-core/errors.ts';
import { FORBIDDEN_KEYS } from '../../agent-core/message/canonical.ts';
import { ISSUES_MAX, outcomeSpace, type OutcomeSpace } from '../../agent-core/negotiation/outcome-space.ts';
import { additivePreferences, type Preferences } from '../../agent-core/negotiation/preferences.ts';

/** A two-party domain of the Automated Negotiating Agents Competition (Baarslag et al., "Evaluating practical negotiating agents: Results and analysis of the 2011 international competition", 2013). */
export interface AnacDomain {
  readonly name: string;
  readonly space: OutcomeSpace;
  /** The two parties' preferences. */
  readonly parties: readonly [Preferences, Preferences];
  /** What the file says about the exact solution, as utilities of both parties. */
  readonly published: {
    readonly pareto: readonly UtilityPair[];
    readonly nash: UtilityPair;
    readonly kalaiSmorodinsky: UtilityPair;
    readonly welfare: UtilityPair;
  };
}

/** Utilities of the first and of the second party. */
export type UtilityPair = readonly [number, number];

/** Longest text that is read. The largest known domain has 5,000 characters. */
export const ANAC_CHARS_MAX = 1_048_576;

const pair = z.tuple([z.number(), z.number()]).readonly();
const table = z.record(z.string().min(1).max(200), z.number());
const profile = z.record(z.string().min(1).max(200), table);
const file = z.strictObject({
  name: z.string().min(1).max(200),
  utilities: z.tuple([profile, profile]),
  reserved: pair,
  discount: z.tuple([z.number().gt(0).max(1), z.number().gt(0).max(1)]),
  pareto: z.array(pair).min(1).max(100_000),
  nash: pair,
  kalai: pair,
  welfare: pair,
});

/**
 * The domain in a JSON text: `utilities` holds, for each party, a table of values for each issue (weights multiplied in), both with
 * the same issues and values; then `reserved`, `discount` and the exact `pareto`, `nash`, `kalai` and `welfare` points.
 *
 * @throws HaggleError `bad-anac-domain`, message `file: path: problem`, fields `file`, `path`.
 */
export function parseAnacDomain(text: string, options: { readonly file?: string } = {}): AnacDomain {
  const source = options.file ?? 'domain.json';
  if (text.length > ANAC_CHARS_MAX) {
    throw bad(source, '', `text has ${text.length} characters, at most ${ANAC_CHARS_MAX} are read`);
  }
  const read = file.safeParse(jsonOf(text, source));
  if (!read.success) {
    const issue = read.error.issues[0];
    throw bad(source, pathText(issue?.path ?? []), issue?.message ?? 'does not fit');
  }
  const { name, utilities, reserved, discount, pareto, nash, kalai, welfare } = read.data;
  const [first, second] = utilities;
  checkSameIssues(source, first, second);
  const space = spaceOf(source, first);
  const party = (index: 0 | 1): Preferences =>
    additivePreferences({
      space,
      values: utilities[index],
      reservation: reserved[index],
      discount: discount[index],
    });
  return { name, space, parties: [party(0), party(1)], published: { pareto, nash, kalaiSmorodinsky: kalai, welfare } };
}

type Profile = z.infer<typeof profile>;

function jsonOf(text: string, source: string): unknown {
  try {
    // Zod would drop a member "__proto__" in silence, and an issue with it.
    return JSON.parse(text, (key, value: unknown) => {
      if (FORBIDDEN_KEYS.includes(key)) throw bad(source, key, 'no member may have this name');
      return value;
    });
  } catch (cause) {
    if (cause instanceof HaggleError) throw cause;
    // The engine's message holds the position.
    throw bad(source, '', `is not JSON: ${cause instanceof Error ? cause.message.slice(0, 200) : ''}`);
  }
}

function checkSameIssues(source: string, first: Profile, second: Profile): void {
  const extra = keysOf(second).find((name) => !Object.hasOwn(first, name));
  if (extra !== undefined) throw bad(source, pathText(['utilities', 1, extra]), 'the first party has no such issue');
  for (const [name, values] of Object.entries(first)) {
    const others = Object.hasOwn(second, name) ? second[name] : undefined;
    const path = ['utilities', 1, name];
    if (others === undefined) throw bad(source, pathText(path), 'the second party lacks this issue');
    const odd = keysOf(others).find((value) => !Object.hasOwn(values, value));
    if (odd !== undefined) throw bad(source, pathText([...path, odd]), 'the first party has no such value');
    const lacking = keysOf(values).find((value) => !Object.hasOwn(others, value));
    if (lacking !== undefined) throw bad(source, pathText([...path, lacking]), 'the second party lacks this value');
  }
}

function keysOf(record: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.keys(record);
}

function spaceOf(source: string, first: Profile): OutcomeSpace {
  const issues = Object.entries(first);
  const empty = issues.find(([, values]) => keysOf(values).length === 0);
  if (empty !== undefined) throw bad(source, pathText(['utilities', 0, empty[0]]), 'an issue needs a value');
  if (issues.length === 0 || issues.length > ISSUES_MAX) {
    throw bad(source, 'utilities.0', `1 to ${ISSUES_MAX} issues are read, got ${issues.length}`);
  }
  try {
    return outcomeSpace({
      issues: issues.map(([name, values]) => ({ type: 'categorical', name, values: Object.keys(values) })),
    });
  } catch (cause) {
    if (!(cause instanceof HaggleError)) throw cause;
    throw bad(source, 'utilities.0', cause.message);
  }
}

function pathText(path: readonly PropertyKey[]): string {
  return path.map((part) => String(part).slice(0, 80)).join('.');
}

function bad(source: string, path: string, problem: string): HaggleError {
  const where = path === '' ? source : `${source}: ${path}`;
  return new HaggleError('bad-anac-domain', `${where}: ${problem}`, { fields: { file: source, path } });
}
