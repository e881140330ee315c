import type { Battery } from '../../../agents/energy/community/battery.ts';
import { solveProgram } from '../linear-program.ts';
import type { Program, ProgramEntry } from '../program.ts';
import { bareNet, summed, type CommunityInstance } from './community.ts';
import { bestFlow } from './references.ts';

/** Batteries that do alike, as one: the same share of each one's capacity is used at any time. */
interface Pack {
  readonly battery: Battery;
  /** Homes by place, and the part of the pack that each has. */
  readonly parts: readonly { readonly home: number; readonly share: number }[];
}

/** Pack-hours up to which a program with several packs is solved. */
const PACK_HOURS_MAX = 20_000;

/**
 * By home and hour, flows of the batteries by which all together pay least, with perfect foresight; null where that is too large.
 *
 * Batteries with one efficiency and as many hours from empty to full are one large battery: what it does can be split by capacity, and
 * whatever they do, it can do. One such pack is planned exactly by `planStorage`; several are a linear program ({@link packProgram}).
 */
export async function pooledOptimum(instance: CommunityInstance): Promise<readonly (readonly number[])[] | null> {
  const packs = packsOf(instance);
  const net = summed(instance.homes.map(bareNet), instance.hours);
  const flows = await packFlows(instance, { packs, net });
  return flows === null ? null : splitFlows(instance, { packs, flows });
}

/** The same by the linear program, whatever the packs: for comparison. */
export async function programOptimum(instance: CommunityInstance): Promise<readonly (readonly number[])[]> {
  const packs = packsOf(instance);
  const net = summed(instance.homes.map(bareNet), instance.hours);
  return splitFlows(instance, { packs, flows: await solved(instance, { packs, net }) });
}

interface Pooled {
  readonly packs: readonly Pack[];
  readonly net: readonly number[];
}

async function packFlows(
  instance: CommunityInstance,
  { packs, net }: Pooled,
): Promise<readonly ArrayLike<number>[] | null> {
  const [only, another] = packs;
  if (only === undefined) return [];
  if (another === undefined) return [bestFlow(instance, net, only.battery)];
  return packs.length * instance.hours > PACK_HOURS_MAX ? null : solved(instance, { packs, net });
}

function packsOf({ homes }: CommunityInstance): readonly Pack[] {
  const packs = new Map<string, { battery: Battery; parts: { home: number; capacityWh: number }[] }>();
  for (const [home, { battery }] of homes.entries()) {
    const { capacityWh, powerW, efficiency } = battery;
    if (capacityWh <= 0 || powerW <= 0) continue;
    const key = `${efficiency} ${(capacityWh / powerW).toPrecision(12)}`;
    const pack = packs.get(key) ?? { battery: { capacityWh: 0, powerW: 0, efficiency }, parts: [] };
    pack.battery = {
      capacityWh: pack.battery.capacityWh + capacityWh,
      powerW: pack.battery.powerW + powerW,
      efficiency,
    };
    pack.parts.push({ home, capacityWh });
    packs.set(key, pack);
  }
  return [...packs.values()].map(({ battery, parts }) => ({
    battery,
    parts: parts.map(({ home, capacityWh }) => ({ home, share: capacityWh / battery.capacityWh })),
  }));
}

function splitFlows(
  { homes, hours }: CommunityInstance,
  { packs, flows }: { readonly packs: readonly Pack[]; readonly flows: readonly ArrayLike<number>[] },
): readonly (readonly number[])[] {
  const split = homes.map(() => Array.from({ length: hours }, () => 0));
  for (const [at, { parts }] of packs.entries()) {
    for (const { home, share } of parts) {
      split[home] = Array.from({ length: hours }, (_, hour) => share * (flows[at]?.[hour] ?? 0));
    }
  }
  return split;
}

async function solved(instance: CommunityInstance, pooled: Pooled): Promise<readonly ArrayLike<number>[]> {
  const { hours } = instance;
  const { values } = await solveProgram(packProgram(instance, pooled), { first: 'interior-point' });
  return pooled.packs.map((_, pack) => {
    const start = hours + 3 * hours * pack;
    const flowKwh = (hour: number): number => (values[start + hour] ?? 0) - (values[start + hours + hour] ?? 0);
    return Array.from({ length: hours }, (__, hour) => 1_000 * flowKwh(hour));
  });
}

/**
 * Columns: what is drawn by hour; then for each pack by hour what it takes, gives and has in store, all in kWh. Rows: drawn is at least the
 * net load; then for each pack by hour what it has in store follows from the hour before. To take and give at once only loses energy, so
 * that no best plan needs to.
 */
function packProgram({ tariff, hours }: CommunityInstance, { packs, net }: Pooled): Program {
  const each = <T>(make: (hour: number) => T): T[] => Array.from({ length: hours }, (_, hour) => make(hour));
  const fill = (value: number): number[] => each(() => value);
  const columnOf = (pack: number, part: number, hour: number): number => hours * (1 + 3 * pack + part) + hour;
  const balance = each((hour): ProgramEntry[] => [
    { column: hour, coefficient: 1 },
    ...packs.flatMap((_, pack) => [
      { column: columnOf(pack, 0, hour), coefficient: -1 },
      { column: columnOf(pack, 1, hour), coefficient: 1 },
    ]),
  ]);
  const stores = packs.flatMap(({ battery: { efficiency } }, pack) =>
    each((hour): ProgramEntry[] => [
      { column: columnOf(pack, 2, hour), coefficient: 1 },
      { column: columnOf(pack, 0, hour), coefficient: -efficiency },
      { column: columnOf(pack, 1, hour), coefficient: 1 / efficiency },
      ...(hour === 0 ? [] : [{ column: columnOf(pack, 2, hour - 1), coefficient: -1 }]),
    ]),
  );
  const kilo = (wh: number): number => wh / 1_000;
  const bounds = packs.flatMap(({ battery: { powerW, capacityWh } }) =>
    [powerW, powerW, capacityWh].flatMap((most) => fill(kilo(most))),
  );
  return {
    sense: 'minimise',
    columns: {
      lower: [...fill(0), ...bounds.map(() => 0)],
      upper: [...fill(Infinity), ...bounds],
      cost: [...tariff.map((price) => price / 1_000), ...bounds.map(() => 0)],
    },
    rows: {
      lower: [...net.map(kilo), ...stores.map(() => 0)],
      upper: [...fill(Infinity), ...stores.map(() => 0)],
      entries: [...balance, ...stores],
    },
  };
}
