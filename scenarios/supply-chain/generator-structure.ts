import type { RandomStream } from '../../agent-core/random.ts';
import { factoryLevels, thingsByLevel, type SupplyParameters } from './generator-parameters.ts';
import type { SupplyKind } from './network.ts';

/** A thing that is made or sold somewhere, and what goes into a unit of it. */
export interface Thing {
  readonly name: string;
  readonly parts: readonly { readonly thing: number; readonly units: number }[];
}

/** Firms that do the same: all of one tier with one thing. */
export interface Trade {
  readonly kind: SupplyKind;
  /** 0 for retailers, growing towards raw sources. */
  readonly level: number;
  readonly thing: number;
  /** Ids of its firms. */
  readonly firms: readonly number[];
}

/** Who is there, before anybody is linked to anybody. */
export interface Structure {
  readonly things: readonly Thing[];
  readonly trades: readonly Trade[];
}

/** How many firms a kind has beside the others. */
const WEIGHTS: Readonly<Record<SupplyKind, number>> = { retailer: 4, distributor: 2, factory: 2, raw: 1 };

/** Things, their bills of material, and the firms that make, store and sell them; ids go from retailers (0) to raw sources. */
export function drawStructure(wanted: SupplyParameters, random: RandomStream): Structure {
  const { things, firstOf } = drawThings(wanted, random);
  const stores = wanted.tiers - factoryLevels(wanted.tiers);
  const plan: { kind: SupplyKind; level: number; thing: number; count: number }[] = [];
  for (let level = 0; level < stores; level++) {
    const kind = level === 0 ? 'retailer' : 'distributor';
    for (let thing = 0; thing < wanted.products; thing++) plan.push({ kind, level, thing, count: 1 });
  }
  const levels = firstOf.length - 1;
  for (const [index, first] of firstOf.entries()) {
    const kind = index === levels ? 'raw' : 'factory';
    const end = firstOf[index + 1] ?? things.length;
    for (let thing = first; thing < end; thing++) plan.push({ kind, level: stores + index, thing, count: 1 });
  }
  for (let left = wanted.firms - plan.length; left > 0; left--) {
    // The trade that has least, for its kind, gets one firm more.
    const next = plan.toSorted((a, b) => a.count / WEIGHTS[a.kind] - b.count / WEIGHTS[b.kind])[0];
    if (next !== undefined) next.count++;
  }
  let id = 0;
  const trades = plan.map(({ kind, level, thing, count }) => ({
    kind,
    level,
    thing,
    firms: Array.from({ length: count }, () => id++),
  }));
  return { things, trades };
}

/** Share of bills with a third part, and of parts of which two go into a unit. */
const THIRD_PART = 0.4;
const TWO_UNITS = 0.2;

function drawThings(
  wanted: SupplyParameters,
  random: RandomStream,
): { readonly things: readonly Thing[]; readonly firstOf: readonly number[] } {
  const counts = thingsByLevel(wanted);
  const firstOf: number[] = [];
  for (let level = 0, sum = 0; level < counts.length; level++) {
    firstOf.push(sum);
    sum += counts[level] ?? 0;
  }
  const things = counts.flatMap((count, level) =>
    Array.from({ length: count }, (_, number): Thing => {
      const last = level === counts.length - 1;
      const name = `${last ? 'material' : level === 0 ? 'product' : `part${level}.`}${number + 1}`;
      if (last) return { name, parts: [] };
      const above = counts[level + 1] ?? 1;
      // Thing n is made of n and n + 1 of the level above, so that each of those is of use somewhere.
      const used = new Set([number % above, (number + 1) % above]);
      if (random.uniform() < THIRD_PART) used.add(random.integer(0, above - 1));
      const first = firstOf[level + 1] ?? 0;
      const parts = [...used].map((part) => ({ thing: first + part, units: random.uniform() < TWO_UNITS ? 2 : 1 }));
      return { name, parts };
    }),
  );
  return { things, firstOf };
}
